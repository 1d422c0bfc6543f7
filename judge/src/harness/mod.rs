//! A test program that judges answers: one test for each function.
//!
//! What a reader writes may loop for ever, overflow the stack or end the program. So each function is judged in a
//! process of its own: this program again, which sees from its environment that it is to judge one function and report
//! to a file.

mod arguments;
mod child;
mod parent;
mod printed;
mod quote;
mod selection;
mod source;
mod summary;
mod system;

use crate::Exercise;
use arguments::Arguments;
pub use child::cause as cause_of_panic;
use clap::Parser;
use parent::{Outcome, Trial};
use std::{
    env, fs,
    io::{self, IsTerminal, Write},
    num::NonZero,
    process::ExitCode,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// What a function may take while it is judged.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Of the processors; more where the solution itself takes long.
    pub time: Duration,
    /// In bytes. Not every system tells how much is taken.
    pub memory: u64,
}

/// Judges answers. The checks of a wrong answer are tried on the solution, too:
/// where that fails, it is the check that is wrong.
pub fn judge(answers: Vec<Exercise>, solutions: Vec<Exercise>, limits: Limits) -> ExitCode {
    if let Some(job) = child::Job::of_this_process() {
        return child::work(job, answers, solutions, limits);
    }
    let arguments = Arguments::parse();
    let trials: Vec<Trial> = answers.iter().flat_map(Trial::of).collect();
    let known: Vec<_> = trials.iter().map(|trial| (trial.exercise, trial.function)).collect();
    let wanted = match arguments.select(&known) {
        Ok(wanted) => wanted,
        Err(e) => {
            eprintln!("error: {e}");
            return ExitCode::from(101);
        }
    };
    let trials = trials.into_iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(trial, _)| trial);
    let trials: Vec<Trial> = trials.filter(|trial| !arguments.ignored || trial.is_stub()).collect();
    match run(&answers, &trials, known.len(), &arguments, limits) {
        Ok(true) => ExitCode::SUCCESS,
        // Nobody listens, or something is wrong: as other test programs say it.
        Ok(false) | Err(_) => ExitCode::from(101),
    }
}

/// Is all well?
fn run(answers: &[Exercise], trials: &[Trial], all: usize, arguments: &Arguments, limits: Limits) -> io::Result<bool> {
    let start = Instant::now();
    let mut out = io::stdout();
    if arguments.list {
        return trials.iter().try_for_each(|trial| writeln!(out, "{}: test", trial.name())).map(|()| true);
    }
    writeln!(out, "\nrunning {} test{}", trials.len(), if trials.len() == 1 { "" } else { "s" })?;
    let outcomes: Vec<OnceLock<Outcome>> = trials.iter().map(|_| OnceLock::new()).collect();
    let threads = arguments.test_threads.or(thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let (next, style) = (AtomicUsize::new(0), Style::new(arguments));
    thread::scope(|scope| {
        for _ in 0..threads.min(trials.len()) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(trial) = trials.get(i) else { break };
                    let _ = outcomes[i].set(trial.judge(arguments.nocapture, limits));
                }
            });
        }
        // In the order of the exercises, whichever is ready first.
        let shown = trials.iter().zip(&outcomes).try_for_each(|(trial, outcome)| {
            if !style.terse {
                write!(out, "test {} ... ", trial.name())?;
                out.flush()?;
            }
            write!(out, "{}", style.outcome(outcome.wait()))?;
            out.flush()
        });
        if shown.is_err() {
            next.store(trials.len(), Ordering::Relaxed);
        }
        shown
    })?;
    let outcomes: Vec<(&Trial, &Outcome)> = trials.iter().zip(outcomes.iter().map(|outcome| outcome.wait())).collect();
    let failures: Vec<_> = outcomes.iter().filter_map(|(trial, outcome)| Some((trial, outcome.failure()?))).collect();
    if !failures.is_empty() {
        writeln!(out, "\nfailures:\n")?;
        for (trial, message) in &failures {
            writeln!(out, "---- {} ----\n{message}\n", trial.name())?;
        }
        writeln!(out, "\nfailures:")?;
        failures.iter().try_for_each(|(trial, _)| writeln!(out, "    {}", trial.name()))?;
    }
    let passed = outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Right)).count();
    let (failed, ok) = (failures.len(), failures.is_empty());
    writeln!(
        out,
        "\ntest result: {}. {passed} passed; {failed} failed; {} ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        if ok { style.paint(GREEN, "ok") } else { style.paint(RED, "FAILED") },
        outcomes.len() - passed - failed,
        all - outcomes.len(),
        start.elapsed().as_secs_f64()
    )?;
    if trials.is_empty() && !arguments.names().is_empty() {
        writeln!(out, "No function of an exercise is called {}.", arguments.names())?;
    }
    write!(out, "{}", summary::summary(answers, &outcomes))?;
    if let Some(path) = &arguments.outcomes {
        let line = |(trial, outcome): &(&Trial, &Outcome)| format!("{} {}\n", trial.name(), outcome.word());
        fs::write(path, outcomes.iter().map(line).collect::<String>())?;
    }
    // nextest knows what is not started from the list, and takes all else that ends well for right.
    let waits = outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::NotStarted(_)));
    Ok(ok && !(waits && env::var_os("NEXTEST").is_some()))
}

const RED: u8 = 31;
const GREEN: u8 = 32;
const YELLOW: u8 = 33;
const MAGENTA: u8 = 35;

/// How outcomes are shown.
struct Style {
    terse: bool,
    colours: bool,
}

impl Style {
    fn new(arguments: &Arguments) -> Self {
        let colours = match &*arguments.color {
            "always" => true,
            "never" => false,
            _ => io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none(),
        };
        Style { terse: arguments.terse(), colours }
    }

    fn paint(&self, colour: u8, text: &str) -> String {
        if self.colours { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.into() }
    }

    fn outcome(&self, outcome: &Outcome) -> String {
        let (colour, letter, word) = match outcome {
            Outcome::Right => (GREEN, ".", "ok".into()),
            Outcome::NotStarted(reason) => (YELLOW, "i", format!("ignored, {reason}")),
            Outcome::Wrong(_) => (RED, "F", "FAILED".into()),
            Outcome::Broken(_) => (MAGENTA, "B", "BROKEN CHECK".into()),
        };
        if self.terse { self.paint(colour, letter) } else { self.paint(colour, &word) + "\n" }
    }
}
