//! The process in which a function is judged.

use super::{Limits, source};
use crate::{Check, Exercise};
use std::{
    backtrace::Backtrace,
    env,
    fs::{self, File},
    io::{self, Write},
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    path::{Path, PathBuf},
    process::{self, Command, ExitCode},
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

/// The variable that names the file to report to.
const REPORT: &str = "JUDGE_REPORT";

/// What to judge.
pub struct Job {
    /// The file to report to.
    pub report: PathBuf,
    pub exercise: String,
    pub function: String,
    /// One check of the solution, or all checks of the answer.
    pub solution: Option<usize>,
}

impl Job {
    /// The command that has this program do it.
    pub fn command(&self) -> io::Result<Command> {
        let mut command = Command::new(env::current_exe()?);
        command.env(REPORT, &self.report).args([&self.exercise, &self.function]);
        command.args(self.solution.map(|i| i.to_string()));
        Ok(command)
    }

    /// What this process is to do, if it is such a process.
    pub fn of_this_process() -> Option<Job> {
        let report = env::var_os(REPORT)?.into();
        let mut words = env::args().skip(1);
        let (exercise, function) = (words.next()?, words.next()?);
        Some(Job { report, exercise, function, solution: words.next().and_then(|word| word.parse().ok()) })
    }
}

/// How it went: the check that was begun last, and its end, if it came to one.
pub struct Report {
    pub check: usize,
    pub ending: Option<Ending>,
}

/// How a check ended.
pub enum Ending {
    Right,
    /// It came to a `todo!()`: here, and in this function.
    Todo(String, String),
    Wrong(String),
    /// What it said.
    Panic(String),
    Late,
    Memory,
}

impl Ending {
    fn write(&self) -> String {
        match self {
            Ending::Right => "right\n".into(),
            Ending::Todo(at, function) => format!("todo {at}\n{function}"),
            Ending::Wrong(message) => format!("wrong\n{message}"),
            Ending::Panic(message) => format!("panic\n{message}"),
            Ending::Late => "late\n".into(),
            Ending::Memory => "memory\n".into(),
        }
    }

    fn read(text: &str) -> Option<Ending> {
        let (word, rest) = text.split_once('\n')?;
        Some(match word {
            "right" => Ending::Right,
            "wrong" => Ending::Wrong(rest.into()),
            "panic" => Ending::Panic(rest.into()),
            "late" => Ending::Late,
            "memory" => Ending::Memory,
            _ => Ending::Todo(word.strip_prefix("todo ")?.into(), rest.into()),
        })
    }
}

impl Report {
    pub fn read(text: &str) -> Report {
        let (mut check, mut rest) = (0, text);
        while let Some((number, after)) = rest.strip_prefix("check ").and_then(|rest| rest.split_once('\n')) {
            (check, rest) = (number.parse().unwrap_or(0), after);
        }
        Report { check, ending: Ending::read(rest) }
    }
}

/// Does the job, and keeps an eye on the clock and on memory: so nothing is left running when the parent is killed.
pub fn work(job: Job, answers: Vec<Exercise>, solutions: Vec<Exercise>, limits: Limits) -> ExitCode {
    let exercises = if job.solution.is_some() { solutions } else { answers };
    let checks: Vec<(usize, Check)> = exercises
        .into_iter()
        .filter(|exercise| exercise.name == job.exercise)
        .flat_map(|exercise| exercise.checks.into_iter().enumerate())
        .filter(|(i, check)| check.function == job.function && job.solution.is_none_or(|only| only == *i))
        .collect();
    if checks.is_empty() {
        return ExitCode::FAILURE;
    }
    let file = format!("{}.rs", job.exercise);
    panic::set_hook(Box::new(move |info| remember(info, &file)));
    let (done, wait) = mpsc::channel();
    let path = job.report.clone();
    let judging = thread::Builder::new().name(job.function).stack_size(8 << 20).spawn(move || {
        let all = checks.iter().try_for_each(|(i, check)| {
            say(&path, &format!("check {i}\n"));
            judge(check)
        });
        say(&path, &all.err().unwrap_or(Ending::Right).write());
        let _ = done.send(());
    });
    if judging.is_err() {
        return ExitCode::FAILURE;
    }
    let end = Instant::now() + limits.time;
    while wait.recv_timeout(Duration::from_millis(20)) == Err(mpsc::RecvTimeoutError::Timeout) {
        let ending = match memory() {
            _ if Instant::now() > end => Ending::Late,
            Some(bytes) if bytes > limits.memory => Ending::Memory,
            _ => continue,
        };
        say(&job.report, &ending.write());
        process::exit(1);
    }
    ExitCode::SUCCESS
}

/// Adds to the report. Without it, the parent takes it that this process has died.
fn say(report: &Path, text: &str) {
    let _ = File::options().append(true).open(report).and_then(|mut file| file.write_all(text.as_bytes()));
}

/// An error is any ending but `Right`.
fn judge(check: &Check) -> Result<(), Ending> {
    let verdict = panic::catch_unwind(AssertUnwindSafe(|| (check.run)()));
    let panic = PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (verdict, panic) {
        (Ok(verdict), _) => verdict.map_err(|wrong| Ending::Wrong(wrong.to_string())),
        (Err(_), None) => Err(Ending::Panic("it panicked".into())),
        (Err(_), Some(Panic { message, file, line })) => {
            let at = format!("{file}:{line}");
            if message == "not yet implemented" || message.starts_with("not yet implemented: ") {
                let text = source::read(&file).unwrap_or_default();
                Err(Ending::Todo(at, source::function_at(&text, line).unwrap_or_default().into()))
            } else {
                Err(Ending::Panic(format!("it panicked at {at}: {message}")))
            }
        }
    }
}

struct Panic {
    message: String,
    file: String,
    line: usize,
}

/// The first panic of a check. Those that follow, in other threads say, come of it.
static PANIC: Mutex<Option<Panic>> = Mutex::new(None);

/// Remembers a panic. Where it began in some library, the line of the reader's file that led there is the one to tell.
fn remember(info: &PanicHookInfo, file: &str) {
    let payload = info.payload();
    let message = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    let (mut at, mut line) = info.location().map_or(("?", 0), |location| (location.file(), location.line() as usize));
    let trace;
    if !at.ends_with(file) {
        trace = Backtrace::force_capture().to_string();
        if let Some((there, number)) = trace.lines().find_map(|frame| line_in(frame, file)) {
            (at, line) = (there, number);
        }
    }
    let panic = Panic { message: message.unwrap_or("(no message)").into(), file: at.into(), line };
    PANIC.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(panic);
}

/// A place in the reader's file, from a line of a backtrace: `   at ./exercises/ex03_tanh.rs:21:5`.
fn line_in<'a>(frame: &'a str, file: &str) -> Option<(&'a str, usize)> {
    let place = frame.trim_start().strip_prefix("at ")?;
    let end = place.find(file)? + file.len();
    let line = place[end..].strip_prefix(':')?.split(':').next()?.parse().ok()?;
    Some((place[..end].trim_start_matches("./"), line))
}

/// How much memory this process holds, where the system tells.
fn memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(1024 * kilobytes.trim().trim_end_matches(" kB").parse::<u64>().ok()?)
}
