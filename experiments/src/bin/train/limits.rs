//! Numbers on the command line that nobody can have meant, or that do harm.

use crate::{Args, cores, warn};
use network3::{Error, Result};

/// So many epochs of the smallest network take weeks, and their history is larger than any checkpoint should be.
const EPOCHS: usize = 1_000_000;
/// Every run has files of its own, and all of them are looked at before the first begins.
const RUNS: usize = 10_000;

/// Looks at what no part of the library could object to.
///
/// # Errors
/// When a number is absurd: names the option and the most that it takes.
pub fn check(args: &Args) -> Result<()> {
    let runs = args.runs.map(|runs| runs.get());
    let options = [
        ("--epochs", args.epochs, EPOCHS),
        ("--stop-after", args.stop_after, EPOCHS),
        ("--halve-after", args.halve_after, EPOCHS),
        ("--runs", runs, RUNS),
    ];
    for (option, number, most) in options {
        if let Some(number) = number.filter(|&number| number > most) {
            return Err(Error::input(format!("{option} {number} is too much: it takes at most {most}")));
        }
    }
    let last = args.seed.checked_add(runs.unwrap_or(1) as u64 - 1);
    last.ok_or_else(|| {
        Error::input(format!("--seed {} leaves no seeds for the runs after it: take a smaller one", args.seed))
    })?;
    if args.threads() > cores() {
        let (threads, cores) = (args.threads(), cores());
        warn(format_args!(
            "{threads} threads on {cores} cores wait for one another, and train far more slowly: without --threads it is one for each"
        ));
    }
    Ok(())
}
