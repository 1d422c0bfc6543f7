//! The process in which a function is judged.

use super::{Limits, quote, source, system};
use crate::{Check, Exercise};
use std::{
    backtrace::Backtrace,
    env,
    fs::File,
    io::{self, Write},
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    path::{Path, PathBuf},
    process::{self, Command, ExitCode},
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant, SystemTime},
};

/// The variable that names the file to report to.
const REPORT: &str = "JUDGE_REPORT";

/// What to judge.
pub struct Job {
    /// The file to report to.
    pub report: PathBuf,
    pub exercise: String,
    pub function: String,
    /// How much of the processors' time it may take.
    pub time: Duration,
    /// One check of the solution, or all checks of the answer.
    pub solution: Option<usize>,
}

impl Job {
    /// The command that has this program do it.
    pub fn command(&self) -> io::Result<Command> {
        let mut command = Command::new(env::current_exe()?);
        command.env(REPORT, &self.report).args([&self.exercise, &self.function]);
        command.arg(self.time.as_millis().to_string()).args(self.solution.map(|i| i.to_string()));
        system::in_a_group(&mut command);
        Ok(command)
    }

    /// What this process is to do, if it is such a process.
    pub fn of_this_process() -> Option<Job> {
        let report = env::var_os(REPORT)?.into();
        let mut words = env::args().skip(1);
        let (exercise, function) = (words.next()?, words.next()?);
        let time = Duration::from_millis(words.next()?.parse().ok()?);
        Some(Job { report, exercise, function, time, solution: words.next().and_then(|word| word.parse().ok()) })
    }
}

/// How it went: the check that was begun last, its end, if it came to one, and how long the processors worked on all of
/// it.
pub struct Report {
    pub check: usize,
    pub time: Duration,
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
    /// It waits for something that does not come.
    Idle,
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
            Ending::Idle => "idle\n".into(),
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
            "idle" => Ending::Idle,
            "memory" => Ending::Memory,
            _ => Ending::Todo(word.strip_prefix("todo ")?.into(), rest.into()),
        })
    }
}

impl Report {
    pub fn read(text: &str) -> Report {
        let (mut check, mut time, mut rest) = (0, 0, text);
        loop {
            let number = |name| rest.strip_prefix(name).and_then(|rest| rest.split_once('\n'));
            if let Some((number, after)) = number("check ") {
                (check, rest) = (number.parse().unwrap_or(0), after);
            } else if let Some((number, after)) = number("microseconds ") {
                (time, rest) = (number.parse().unwrap_or(0), after);
            } else {
                return Report { check, time: Duration::from_micros(time), ending: Ending::read(rest) };
            }
        }
    }
}

/// How often the watch looks up.
const LOOK: Duration = Duration::from_millis(50);

/// Does the job, and watches the processors' time and memory. When the parent has gone, nothing is left running.
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
        let start = system::processor_time();
        let all = checks.iter().try_for_each(|(i, check)| {
            say(&path, &format!("check {i}\n"));
            judge(check)
        });
        let time = system::processor_time().saturating_sub(start);
        say(&path, &format!("microseconds {}\n{}", time.as_micros(), all.err().unwrap_or(Ending::Right).write()));
        let _ = done.send(());
    });
    if judging.is_err() {
        return ExitCode::FAILURE;
    }
    let parent = system::parent();
    let mut watch = Watch { time: job.time, since: Instant::now(), at: system::processor_time() };
    while wait.recv_timeout(LOOK) == Err(mpsc::RecvTimeoutError::Timeout) {
        if system::parent() != parent {
            return ExitCode::FAILURE;
        }
        // The parent sees by this that the watch goes on.
        let _ = File::options().append(true).open(&job.report).and_then(|f| f.set_modified(SystemTime::now()));
        let ending = match system::memory() {
            Some(bytes) if bytes > limits.memory => Ending::Memory,
            _ => match watch.look(Instant::now(), system::processor_time()) {
                Some(ending) => ending,
                None => continue,
            },
        };
        // What was wrong first is worth more to know than what happens while its cause is sought.
        let first = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
        say(&job.report, &first.map_or(ending, Ending::Wrong).write());
        process::exit(1);
    }
    ExitCode::SUCCESS
}

/// Looks for an answer that takes too long. A busy machine lets it wait, which is not its fault: so the time counts
/// that the processors spend on it.
struct Watch {
    /// How much of it there is.
    time: Duration,
    /// The beginning of a stretch of time, and what the processors had done by then.
    since: Instant,
    at: Duration,
}

impl Watch {
    fn look(&mut self, now: Instant, processors: Duration) -> Option<Ending> {
        if processors > self.time {
            return Some(Ending::Late);
        }
        if now.duration_since(self.since) < self.time {
            return None;
        }
        // Hardly any work in all that time: it does not compute any more. To look takes less than a thousandth.
        let worked = processors.saturating_sub(self.at);
        (self.since, self.at) = (now, processors);
        (worked < self.time / 100).then_some(Ending::Idle)
    }
}

/// Adds to the report. Without it, the parent takes it that this process has died.
fn say(report: &Path, text: &str) {
    let _ = File::options().append(true).open(report).and_then(|mut file| file.write_all(text.as_bytes()));
}

/// An error is any ending but `Right`.
fn judge(check: &Check) -> Result<(), Ending> {
    let verdict = panic::catch_unwind(AssertUnwindSafe(|| {
        check.judge_and_tell(|wrong| *FIRST.lock().unwrap_or_else(PoisonError::into_inner) = Some(wrong.to_string()))
    }));
    let panic = PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (verdict, panic) {
        (Ok(verdict), _) => verdict.map_err(|wrong| Ending::Wrong(wrong.to_string())),
        (Err(_), None) => Err(Ending::Panic("it panicked".into())),
        (Err(_), Some(Panic { message, file, line, column })) => {
            let at = format!("{file}:{line}");
            // Anybody may say so; only `todo!` means it.
            if message.starts_with("not yet implemented")
                && let Some(text) = source::read(&file)
                && source::is_todo(&text, line, column)
            {
                return Err(Ending::Todo(at, source::function_at(&text, line).unwrap_or_default().into()));
            }
            let words = format!("it panicked at {at}: {}", quote::quote(&message));
            Err(Ending::Panic(match cause(&message) {
                Some(cause) => format!("{words}\nlikely cause: {cause}"),
                None => words,
            }))
        }
    }
}

/// The first verdict, while its cause is still sought.
static FIRST: Mutex<Option<String>> = Mutex::new(None);

struct Panic {
    message: String,
    file: String,
    line: usize,
    column: usize,
}

/// What leads to panics of the language and of `ndarray`.
pub fn cause(message: &str) -> Option<&'static str> {
    const CAUSES: [(&str, &str); 15] = [
        ("index out of bounds", "an index is one too far, or rows and columns have changed places"),
        ("ndarray: index", "an index is one too far, or rows and columns have changed places"),
        ("out of range for slice", "the slice goes on behind the end, or is taken from something empty"),
        ("Slice begin", "the slice begins behind the edge: was more subtracted than there was?"),
        ("past end of axis", "the slice goes on behind the edge: is the last place counted twice?"),
        ("slice index starts at", "the slice begins behind its own end: have the two changed places?"),
        ("attempt to divide by zero", "a count that may be zero stands below the line"),
        ("remainder with a divisor of zero", "a count that may be zero stands below the line"),
        ("with overflow", "a whole number went below zero or became too large: counts have no sign"),
        ("capacity overflow", "a count went below zero and became huge: counts have no sign"),
        ("could not broadcast", "two arrays of different shapes meet: which axis has which length?"),
        ("incompatible shapes", "two arrays of different shapes meet: which axis has which length?"),
        ("are not compatible for matrix multiplication", "the inner lengths differ: is one of them to be transposed?"),
        ("`None` value", "there is not always something to unwrap: what if it is empty?"),
        ("on an `Err` value", "not everything succeeds: an error is to be passed on, not unwrapped"),
    ];
    CAUSES.iter().find(|(words, _)| message.contains(words)).map(|(_, cause)| *cause)
}

/// The first panic of a check. Those that follow, in other threads say, come of it.
static PANIC: Mutex<Option<Panic>> = Mutex::new(None);

/// Remembers a panic. Where it began in some library, the line of the reader's file that led there is the one to tell.
fn remember(info: &PanicHookInfo, file: &str) {
    let payload = info.payload();
    let message = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    let place = info.location().map(|place| (place.file(), place.line() as usize, place.column() as usize));
    let (mut at, mut line, column) = place.unwrap_or(("?", 0, 0));
    let trace;
    if !at.ends_with(file) {
        trace = Backtrace::force_capture().to_string();
        if let Some((there, number)) = trace.lines().find_map(|frame| line_in(frame, file)) {
            (at, line) = (there, number);
        }
    }
    let panic = Panic { message: quote::cut(message.unwrap_or("(no message)")), file: at.into(), line, column };
    PANIC.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(panic);
}

/// A place in the reader's file, from a line of a backtrace: `   at ./exercises/ex03_tanh.rs:21:5`.
fn line_in<'a>(frame: &'a str, file: &str) -> Option<(&'a str, usize)> {
    let place = frame.trim_start().strip_prefix("at ")?;
    let end = place.find(file)? + file.len();
    let line = place[end..].strip_prefix(':')?.split(':').next()?.parse().ok()?;
    Some((place[..end].trim_start_matches("./"), line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_of_the_libraries_have_causes() {
        use ndarray::{Array1, Array2, s};
        use std::hint::black_box;
        let n = black_box(5);
        let all: [Box<dyn Fn() + panic::UnwindSafe>; 7] = [
            Box::new(move || _ = black_box([1, 2][black_box(n)])),
            Box::new(move || _ = black_box(vec![1, 2][n..].len())),
            Box::new(move || _ = black_box(vec![1; 9][n..n - 1].len())),
            Box::new(move || _ = black_box(Array1::<f64>::zeros(3)[n])),
            Box::new(move || _ = black_box(Array1::<f64>::zeros(3).slice(s![1..n]).len())),
            Box::new(move || _ = black_box(Array2::<f64>::zeros((3, n)) + Array2::<f64>::zeros((n, 3)))),
            Box::new(move || _ = black_box(Array2::<f64>::zeros((3, n)).dot(&Array2::<f64>::zeros((3, n))))),
        ];
        for (k, run) in all.into_iter().enumerate() {
            let thrown = panic::catch_unwind(run).unwrap_err();
            let literal = thrown.downcast_ref::<&str>().map(|text| text.to_string());
            let message = thrown.downcast_ref::<String>().cloned().or(literal).unwrap_or_default();
            assert!(cause(&message).is_some(), "case {k}: {message}");
        }
    }

    #[test]
    fn the_processors_time_counts_and_not_the_time_of_day() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut watch = Watch { time: 10 * second, since: start, at: Duration::ZERO };
        // A machine so busy that a twentieth of it is left.
        for k in 1..=150 {
            assert!(watch.look(start + k * second, k * second / 20).is_none(), "after {k} seconds");
        }
        assert!(matches!(watch.look(start + 201 * second, 201 * second / 20), Some(Ending::Late)));
    }

    #[test]
    fn whoever_only_waits_is_stopped() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut watch = Watch { time: 10 * second, since: start, at: Duration::ZERO };
        assert!(watch.look(start + 9 * second, second / 100).is_none());
        assert!(matches!(watch.look(start + 10 * second, second / 100), Some(Ending::Idle)));
    }
}
