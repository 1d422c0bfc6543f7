//! One function, judged in a process of its own.

use super::{
    Limits,
    child::{Ending, Job, Report},
    printed::Printed,
    quote,
    selection::full_name,
    source, system,
};
use crate::{Check, Exercise};
use std::{
    fs, io,
    path::Path,
    process::{Child, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A right answer may be so much slower than the solution, on a machine where that takes its time, too.
const SLOWER: u32 = 10;

/// A function to be judged.
pub struct Trial {
    /// `ex03_tanh`
    pub exercise: &'static str,
    pub function: &'static str,
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
    /// One word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Right => "right",
            Outcome::NotStarted(_) => "not-started",
            Outcome::Wrong(_) => "wrong",
            Outcome::Broken(_) => "broken",
        }
    }

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
        full_name(self.exercise, self.function)
    }

    /// Judges it.
    pub fn judge(&self, nocapture: bool, limits: Limits) -> Outcome {
        match self.outcome(nocapture, limits) {
            Ok(outcome) => outcome,
            Err(e) => Outcome::Broken(format!("{}could not be judged: {e}", self.ours())),
        }
    }

    fn outcome(&self, nocapture: bool, limits: Limits) -> io::Result<Outcome> {
        let mut answer = self.run(None, nocapture, limits.time)?;
        let mut solution = None;
        if matches!(answer.report.ending, Some(Ending::Late)) {
            let ours = self.run(Some(answer.report.check), false, 3 * limits.time)?;
            let allowed = SLOWER * ours.report.time;
            if ours.is_right() && allowed > limits.time {
                answer = self.run(None, nocapture, allowed)?;
            }
            solution = Some((answer.report.check, ours));
        }
        match &answer.report.ending {
            Some(Ending::Right) => return Ok(Outcome::Right),
            Some(Ending::Todo(at, function)) if function.is_empty() || function == self.short() => {
                return Ok(Outcome::NotStarted(format!("not started: {at}")));
            }
            Some(Ending::Todo(at, function)) => {
                return Ok(Outcome::NotStarted(format!("needs `{function}`, not started: {at}")));
            }
            _ => {}
        }
        let number = answer.report.check;
        let check = self.checks.get(number).copied().unwrap_or_default();
        let ours = match solution {
            Some((same, ours)) if same == number => ours,
            _ => self.run(Some(number), false, 3 * limits.time)?,
        };
        let message = answer.message(limits, Some(ours.report.time));
        if !ours.is_right() {
            let theirs = ours.message(limits, None);
            return Ok(Outcome::Broken(format!(
                "{}{check}, with your answer: {message}\n{check}, with our solution: {theirs}",
                self.ours()
            )));
        }
        let mut text = format!("{check}: {message}\nopen: {}\nhint: {}", self.place(), self.hint());
        if !answer.printed.is_empty() {
            text += "\nprinted:\n    ";
            text += &quote::quote(&answer.printed);
        }
        Ok(Outcome::Wrong(text))
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
        format!("cargo run --bin exercises -- hint {} {}", &self.exercise[2..4], self.short())
    }

    /// Is its body still the `todo!()` of the beginning? What it says when it is called may be something else.
    pub fn is_stub(&self) -> bool {
        let text = source::read(&format!("exercises/{}.rs", self.exercise));
        text.is_some_and(|text| source::is_stub(&text, self.short()))
    }

    /// The file to open, and the line where the function begins.
    pub fn place(&self) -> String {
        let file = format!("exercises/{}.rs", self.exercise);
        match source::read(&file).and_then(|text| source::line_of(&text, self.short())) {
            Some(line) => format!("{file}:{line}"),
            None => file,
        }
    }

    /// Has a process judge the answer, or one check the solution.
    fn run(&self, solution: Option<usize>, nocapture: bool, time: Duration) -> io::Result<Run> {
        let report = tempfile::NamedTempFile::new()?.into_temp_path();
        let (exercise, function) = (self.exercise.into(), self.function.into());
        let mut command = Job { report: report.to_path_buf(), exercise, function, time, solution }.command()?;
        command.stdin(Stdio::null());
        let (mut child, printed) = if nocapture {
            (command.spawn()?, None)
        } else {
            let (from, to) = io::pipe()?;
            let child = command.stdout(to.try_clone()?).stderr(to).spawn()?;
            (child, Some(Printed::of(from)))
        };
        // The command holds one end of the pipe, too; without this there would be no end to what comes out of the
        // other.
        drop(command);
        let (status, stopped) = wait(&mut child, &report, time)?;
        if printed.as_ref().is_some_and(|printed| !printed.has_ended()) {
            // What it has started still runs, and holds the pipe.
            system::kill_group(&mut child);
        }
        let mut report = Report::read(&String::from_utf8_lossy(&fs::read(&report)?));
        if stopped && report.ending.is_none() {
            report.ending = Some(Ending::Idle);
        }
        Ok(Run { report, time, status, printed: printed.map(Printed::text).unwrap_or_default() })
    }
}

/// Waits for the end of a process, and ends it when its watch has not been seen for as long as it may take. Returns
/// whether it had to be ended.
fn wait(child: &mut Child, report: &Path, time: Duration) -> io::Result<(ExitStatus, bool)> {
    let seen = || fs::metadata(report).and_then(|file| file.modified()).ok();
    let (mut last, mut since) = (seen(), Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, false));
        }
        thread::sleep(Duration::from_millis(5));
        let now = seen();
        if now != last {
            (last, since) = (now, Instant::now());
        } else if since.elapsed() > time {
            system::kill_group(child);
            return Ok((child.wait()?, true));
        }
    }
}

/// How a process went.
struct Run {
    report: Report,
    /// How much it might take.
    time: Duration,
    status: ExitStatus,
    printed: String,
}

impl Run {
    fn is_right(&self) -> bool {
        matches!(self.report.ending, Some(Ending::Right))
    }

    /// What is wrong. The solution's time is told with an answer that takes too long.
    fn message(&self, limits: Limits, solution: Option<Duration>) -> String {
        let seconds = self.time.as_secs_f64();
        match &self.report.ending {
            Some(Ending::Wrong(message)) => quote::verdict(message),
            // Quoted where it was caught.
            Some(Ending::Panic(message)) => message.clone(),
            Some(Ending::Late) => {
                let ours = solution.map(|time| format!(" (our solution takes {:.3})", time.as_secs_f64()));
                let ours = ours.unwrap_or_default();
                format!(
                    "it did not finish in {seconds} seconds{ours}, and was stopped\nlikely cause: a loop that never ends"
                )
            }
            Some(Ending::Idle) => format!(
                "it waited for {seconds} seconds without doing anything, and was stopped\n\
                 likely cause: it waits for what never comes: input, a lock, or a thread that has ended"
            ),
            Some(Ending::Memory) => {
                let megabytes = limits.memory / 1_000_000;
                format!(
                    "it took more than {megabytes} MB of memory, and was stopped\n\
                     likely cause: a list that grows in a loop without an end"
                )
            }
            _ if self.printed.contains("has overflowed its stack") => {
                "the stack overflowed\nlikely cause: a function that calls itself without an end".into()
            }
            _ if self.printed.contains("memory allocation of") => {
                "it asked for more memory than there is\nlikely cause: a length that went below zero and became huge"
                    .into()
            }
            _ => format!("it ended the program ({})", self.status),
        }
    }
}
