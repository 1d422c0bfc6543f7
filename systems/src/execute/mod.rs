//! Learning to execute: an LSTM reads a program as characters and writes what it computes (Zaremba and Sutskever 2014).
//!
//! Nobody tells the net what a digit is. [`program`] writes little programs and knows their answers, [`net`] reads and
//! writes, `learn.rs` decides which programs come when.

mod learn;
pub mod net;
pub mod program;

use crate::kit::{Common, Findings, Progress, Setting, check_shares, side_by_side};
use experiments::say;
use learn::{BATCH, Course, Curriculum, TESTS, UNITS};
use net::{Net, text};
use network3::{Error, Result};
use program::{Family, interpret};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};
use std::sync::Mutex;
use std::{thread, time::Duration};

/// Learning to execute: a net that reads programs and writes their results
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    common: Common,
    /// Type programs, and see what the net makes of them; it learns first, unless it has
    #[arg(long, conflicts_with = "replace")]
    live: bool,
}

/// What the run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Execute {
    units: usize,
    parameters: usize,
    batch: usize,
    /// Held-out programs in each test.
    tests: usize,
    /// Sums of three digits, once for each curriculum.
    sums: Vec<Run>,
    /// The curriculum whose net executes the most sums.
    best: Curriculum,
    two_lines: Vec<Run>,
    /// Programs that no net has learned from, and what the nets wrote.
    examples: Vec<Example>,
}

/// A net's learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    family: Family,
    curriculum: Curriculum,
    /// Mini-batches learned from, and the programs in them.
    steps: u64,
    programs: usize,
    /// The share of held-out programs of the last level that are executed without a wrong character.
    exact: f64,
    /// Steps between checks.
    every: u64,
    /// That share at each check, on other programs.
    curve: Vec<f64>,
    /// Mean cost of a character in nats, since the check before.
    costs: Vec<f64>,
}

/// A program and two answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Example {
    program: String,
    answer: String,
    written: String,
}

impl Findings for Execute {
    fn check(&self) -> Result<()> {
        let runs = self.sums.iter().chain(&self.two_lines);
        check_shares(runs.flat_map(|run| run.curve.iter().chain([&run.exact])).copied())?;
        let wrong =
            self.examples.iter().find(|e| interpret(&e.program).is_ok_and(|value| value.to_string() != e.answer));
        wrong.map_or(Ok(()), |e| Err(Error::input(format!("{} is not the answer to {:?}", e.answer, e.program))))
    }
}

/// Runs the system.
///
/// # Errors
/// When a file cannot be written, or a net leaves the finite numbers.
pub fn run(options: &Options) -> Result<()> {
    let mut common = options.common.clone();
    common.resume |= options.live;
    let setting = Setting::start(&common, "execute")?;
    let (sums, two_lines) = if setting.quick { (1_500, 0) } else { (6_000, 20_000) };
    let mut courses = vec![];
    let curricula: &[Curriculum] = match (setting.quick, options.live) {
        (true, _) => &[Curriculum::None],
        (false, true) => &[Curriculum::Combined], // its net masters sums of one and two digits, too
        (false, false) => &[Curriculum::None, Curriculum::Naive, Curriculum::Mixed, Curriculum::Combined],
    };
    if two_lines > 0 {
        // It takes longest, so it begins first
        courses.push(Course { family: Family::TwoLines, curriculum: Curriculum::None, steps: two_lines });
    }
    courses.extend(curricula.iter().map(|&curriculum| Course { family: Family::Sums, curriculum, steps: sums }));
    let mut learned = learn_all(&setting, &courses)?;
    if options.live {
        return live(&mut learned);
    }

    let mut examples = vec![];
    let mut random = setting.rng(5);
    for (net, run) in learned.iter_mut().filter(|(_, run)| run.curriculum == Curriculum::None) {
        let digits = run.family.digits();
        let programs: Vec<String> = (0..8).map(|_| run.family.draw_from(true, digits, &mut random)).collect();
        for (program, written) in programs.iter().zip(net.answer(&programs)?) {
            let answer = interpret(program)?.to_string();
            examples.push(Example { program: program.clone(), answer, written: text(&written) });
        }
    }
    let parameters = learned[0].0.tape.parameters_mut().map(|(w, _)| w.len()).sum();
    let runs = learned.into_iter().map(|(_, run)| run);
    let (sums, two_lines): (Vec<Run>, Vec<Run>) = runs.partition(|run| run.family == Family::Sums);
    let best = sums.iter().max_by(|a, b| a.exact.total_cmp(&b.exact)).map_or(Curriculum::None, |run| run.curriculum);
    let findings = Execute { units: UNITS, parameters, batch: BATCH, tests: TESTS, sums, best, two_lines, examples };
    setting.finish(findings)?;
    Ok(())
}

/// All courses, side by side.
fn learn_all(setting: &Setting, courses: &[Course]) -> Result<Vec<(Net<f32>, Run)>> {
    let name = |course: &Course| format!("{:?}-{:?}", course.family, course.curriculum).to_lowercase();
    let keepers = courses.iter().map(|course| setting.keeper(&name(course), course)).collect::<Result<Vec<_>>>()?;
    let steps = courses.iter().map(|course| course.steps).sum();
    let (progress, seed) = (Mutex::new((Progress::new("steps", 0, steps), vec![0; courses.len()])), setting.seed);
    side_by_side(&setting.threads(), courses.len(), |k| {
        let course = &courses[k];
        let (net, run) = course.learn(seed, &keepers[k], |step, share, cost| {
            let Ok(mut progress) = progress.lock() else { return };
            let (bar, done) = &mut *progress;
            done[k] = step;
            bar.at(done.iter().sum());
            let name = name(course);
            bar.say(format_args!("{name}, step {step}: {:.1} % exact, {cost:.3} nats a character", 100.0 * share));
        })?;
        if let Ok(mut progress) = progress.lock() {
            let percent = 100.0 * run.exact;
            progress.0.say(format_args!("{}: {percent:.1} % of {TESTS} held-out programs exact", name(course)));
        }
        Ok((net, run))
    })
}

/// Reads programs from the terminal, and writes what the net writes, as it writes it.
fn live(nets: &mut [(Net<f32>, Run)]) -> Result<()> {
    say!(
        "Type a sum of two numbers of three digits (347+185){}. An empty line ends it.",
        if nets.len() > 1 {
            ", or a program of two lines, with ; between them and numbers of two digits (a=12+40;a-17)"
        } else {
            ""
        }
    );
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|e| Error::io("reading what was typed", e))?;
        let program = line.trim().replace(' ', "").replace(';', "\n");
        if program.is_empty() {
            return Ok(());
        }
        let family = if program.contains('\n') { Family::TwoLines } else { Family::Sums };
        let Some((net, _)) = nets.iter_mut().find(|(_, run)| run.family == family) else {
            say!("no net has learned programs of two lines; that takes the whole run");
            continue;
        };
        match (interpret(&program), net.answer(&[program])) {
            (Ok(answer), Ok(written)) => show(&written[0], &answer.to_string())?,
            (Err(e), _) | (_, Err(e)) => say!("{e}"),
        }
    }
    Ok(())
}

/// Writes the answer as the net did: character by character, each with how sure it was.
fn show(written: &[net::Written], answer: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let io = |e| Error::io("writing to the terminal", e);
    write!(out, "  ").map_err(io)?;
    for net::Written { character, probability } in written {
        // As long between characters as somebody takes who types fast: one sees them come
        thread::sleep(Duration::from_millis(60));
        write!(out, "{character} ({:.0} %)  ", 100.0 * probability).and_then(|()| out.flush()).map_err(io)?;
    }
    let verdict = if text(written) == answer { "right".into() } else { format!("it is {answer}") };
    writeln!(out, "{verdict}").map_err(io)
}
