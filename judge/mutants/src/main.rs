//! Which small changes of the solutions does no check notice?
//!
//! `cargo run -p mutants` tries all of them; `--quick` tries some, chosen by their number. Those that are known to
//! change nothing are listed in `equivalent.txt`, each with a reason; any other that survives is an error, and so is
//! one in the list that is caught, or that there is no more.

mod build;
mod list;
mod run;

use clap::Parser;
use std::{
    num::NonZero,
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

/// Change the solutions in small ways, and list the changes that no check catches.
#[derive(Parser)]
struct Args {
    /// Try only exercises or functions whose names contain one of these: `ex03`, `ex03_tanh::tanh`
    names: Vec<String>,
    /// Try every tenth mutant, for half a minute at most
    #[arg(long)]
    quick: bool,
    /// How many are tried at the same time
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Say of each which check caught it
    #[arg(long)]
    verbose: bool,
    /// The folder with `judge` and `solutions`
    #[arg(long, value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../.."), hide_default_value = true)]
    root: PathBuf,
}

/// How long a quick run may try.
const QUICK: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("error: {e}");
            ExitCode::FAILURE
        }
    }
}

/// Is every mutant caught, or known to be equivalent?
fn run(args: &Args) -> Result<bool, String> {
    let start = Instant::now();
    let root = args.root.canonicalize().map_err(|e| format!("{}: {e}", args.root.display()))?;
    let built = build::build(&root)?;
    let compiled = built.mutants.len();
    eprintln!("{compiled} mutants compile, {} do not; built in {:.0?}", built.dropped, start.elapsed());
    let equivalent = list::Equivalent::read(&root.join("judge/mutants/equivalent.txt"))?;
    let wanted = |(number, mutant): &(usize, mutants::Mutant)| {
        let named = args.names.is_empty() || args.names.iter().any(|name| mutant.name.contains(name.as_str()));
        named && (!args.quick || number % 10 == 0)
    };
    let chosen: Vec<_> = built.mutants.into_iter().filter(wanted).collect();
    let jobs = args.jobs.or(thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let end = args.quick.then(|| Instant::now() + QUICK);
    let outcomes = run::run(&built.program, &chosen, jobs, end, args.verbose)?;
    let tried = outcomes.iter().filter(|outcome| outcome.is_some()).count();
    if tried < chosen.len() {
        println!("{} of {} have not been tried: the time is up", chosen.len() - tried, chosen.len());
    }
    let (chosen, outcomes): (Vec<_>, Vec<_>) =
        chosen.into_iter().zip(outcomes).filter_map(|(mutant, outcome)| Some((mutant, outcome?))).unzip();
    let survived: Vec<&str> = chosen
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| outcome.is_none())
        .map(|((_, mutant), _)| &*mutant.name)
        .collect();
    let unknown: Vec<&str> = survived.iter().copied().filter(|name| !equivalent.has(name)).collect();
    for ((_, mutant), outcome) in chosen.iter().zip(&outcomes) {
        if outcome.is_none() && !equivalent.has(&mutant.name) {
            println!("not caught: solutions/{}.rs:{}: {}", mutant.exercise, mutant.line, mutant.name);
        }
    }
    // What is in the list must be there, and must survive.
    let tried = |name: &str| chosen.iter().any(|(_, mutant)| mutant.name == name);
    let mut stale: Vec<&str> = equivalent.names().filter(|name| tried(name) && !survived.contains(name)).collect();
    if !args.quick && args.names.is_empty() {
        stale.extend(equivalent.names().filter(|name| !tried(name)));
    }
    for name in &stale {
        println!("listed as equivalent, but caught or not there: {name}");
    }
    let caught: Vec<&String> = outcomes.iter().flatten().collect();
    let told = caught.iter().filter(|check| !check.ends_with("(no likely cause)")).count();
    println!("{told} of {} that are caught get a likely cause, {} %", caught.len(), 100 * told / caught.len().max(1));
    println!(
        "{} mutants: {} caught, {} equivalent, {} not caught; {:.0?}",
        chosen.len(),
        chosen.len() - survived.len(),
        survived.len() - unknown.len(),
        unknown.len(),
        start.elapsed()
    );
    Ok(unknown.is_empty() && stale.is_empty())
}

/// Where the generated crate and its build are.
fn folder(root: &Path) -> PathBuf {
    root.join("target/mutants")
}
