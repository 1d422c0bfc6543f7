//! One function, judged in a process of its own.

use super::{
    Limits,
    child::{Ending, Job, Report},
    source,
};
use crate::{Check, Exercise};
use std::{
    fs,
    io::{self, Read},
    process::{ExitStatus, Stdio},
};

/// A function to be judged.
pub struct Trial {
    /// `ex03_tanh`
    pub exercise: &'static str,
    function: &'static str,
    /// The names of all checks of the exercise.
    checks: Vec<&'static str>,
}

/// What came of it.
pub enum Outcome {
    Right,
    /// With what is missing, and where.
    NotStarted(String),
    Wrong(String),
    /// The check fails the solution, too.
    Broken(String),
}

impl Outcome {
    /// The message of a failure.
    pub fn failure(&self) -> Option<&str> {
        match self {
            Outcome::Right | Outcome::NotStarted(_) => None,
            Outcome::Wrong(message) | Outcome::Broken(message) => Some(message),
        }
    }
}

impl Trial {
    /// The functions of an exercise, in its order.
    pub fn of(exercise: &Exercise) -> Vec<Trial> {
        let mut trials: Vec<Trial> = vec![];
        let checks: Vec<_> = exercise.checks.iter().map(|check| check.name).collect();
        for Check { function, .. } in &exercise.checks {
            if !trials.iter().any(|trial| trial.function == *function) {
                trials.push(Trial { exercise: exercise.name, function, checks: checks.clone() });
            }
        }
        trials
    }

    /// `ex03::tanh`
    pub fn name(&self) -> String {
        format!("{}::{}", &self.exercise[..4], self.function)
    }

    /// Judges it.
    pub fn judge(&self, nocapture: bool, limits: Limits) -> Outcome {
        let answer = match self.run(None, nocapture) {
            Ok(answer) => answer,
            Err(e) => return Outcome::Broken(format!("{}could not be judged: {e}", self.ours())),
        };
        match &answer.report.ending {
            Some(Ending::Right) => return Outcome::Right,
            Some(Ending::Todo(at, function)) if function.is_empty() || function == self.short() => {
                return Outcome::NotStarted(format!("not started: {at}"));
            }
            Some(Ending::Todo(at, function)) => {
                return Outcome::NotStarted(format!("needs `{function}`, not started: {at}"));
            }
            _ => {}
        }
        let check = self.checks.get(answer.report.check).copied().unwrap_or_default();
        let message = answer.message(limits);
        match self.run(Some(answer.report.check), true) {
            Ok(Run { report: Report { ending: Some(Ending::Right), .. }, .. }) => {}
            Ok(solution) => {
                let theirs = solution.message(limits);
                return Outcome::Broken(format!(
                    "{}{check}, with your answer: {message}\n{check}, with our solution: {theirs}",
                    self.ours()
                ));
            }
            Err(e) => return Outcome::Broken(format!("{}our solution could not be judged: {e}", self.ours())),
        }
        let mut text = format!("{check}: {message}\nopen: {}\nhint: {}", self.place(), self.hint());
        if !answer.printed.is_empty() {
            text += "\nprinted:\n";
            text += answer.printed.trim_end();
        }
        Outcome::Wrong(text)
    }

    /// The name of the function without its type.
    fn short(&self) -> &str {
        self.function.rsplit("::").next().unwrap_or_default()
    }

    fn ours(&self) -> String {
        format!(
            "This check of {} is broken: that is our mistake, not yours. Please report it, with these lines.\n",
            self.name()
        )
    }

    fn hint(&self) -> String {
        format!("cargo run --bin exercises -- hint {}", &self.exercise[2..4])
    }

    /// The file to open, and the line where the function begins.
    fn place(&self) -> String {
        let file = format!("exercises/{}.rs", self.exercise);
        match source::read(&file).and_then(|text| source::line_of(&text, self.short())) {
            Some(line) => format!("{file}:{line}"),
            None => file,
        }
    }

    /// Has a process judge the answer, or one check the solution.
    fn run(&self, solution: Option<usize>, nocapture: bool) -> io::Result<Run> {
        let report = tempfile::NamedTempFile::new()?.into_temp_path();
        let (exercise, function) = (self.exercise.into(), self.function.into());
        let mut command = Job { report: report.to_path_buf(), exercise, function, solution }.command()?;
        command.stdin(Stdio::null());
        let (status, printed) = if nocapture && solution.is_none() {
            (command.status()?, String::new())
        } else {
            let (from, to) = io::pipe()?;
            let mut child = command.stdout(to.try_clone()?).stderr(to).spawn()?;
            // The command holds one end of the pipe, too; without this there would be no end to what comes out of the other.
            drop(command);
            let printed = some_of(from)?;
            (child.wait()?, printed)
        };
        Ok(Run { report: Report::read(&fs::read_to_string(&report)?), status, printed })
    }
}

/// How a process went.
struct Run {
    report: Report,
    status: ExitStatus,
    printed: String,
}

impl Run {
    /// What is wrong.
    fn message(&self, limits: Limits) -> String {
        match &self.report.ending {
            Some(Ending::Wrong(message) | Ending::Panic(message)) => message.clone(),
            Some(Ending::Late) => {
                let seconds = limits.time.as_secs_f64();
                format!("it did not finish in {seconds} seconds, and was stopped\nlikely cause: a loop that never ends")
            }
            Some(Ending::Memory) => {
                format!("it took more than {} MB of memory, and was stopped", limits.memory / 1_000_000)
            }
            _ if self.printed.contains("has overflowed its stack") => {
                "the stack overflowed\nlikely cause: a function that calls itself without an end".into()
            }
            _ if self.printed.contains("memory allocation of") => "it asked for more memory than there is".into(),
            _ => format!("it ended the program ({})", self.status),
        }
    }
}

/// The beginning and the end of what comes, read to its end: nobody wants all that a loop prints in ten seconds.
fn some_of(mut from: impl Read) -> io::Result<String> {
    const SOME: usize = 2000;
    let (mut first, mut last, mut buffer) = (vec![], vec![], [0; 8192]);
    loop {
        let n = from.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        let room = (SOME - first.len()).min(n);
        first.extend_from_slice(&buffer[..room]);
        last.extend_from_slice(&buffer[room..n]);
        if last.len() > SOME {
            last.drain(..last.len() - SOME);
            first.truncate(SOME);
        }
    }
    let (first, last) = (String::from_utf8_lossy(&first), String::from_utf8_lossy(&last));
    Ok(if last.len() < SOME { format!("{first}{last}") } else { format!("{first}\n[…]\n{last}") })
}
