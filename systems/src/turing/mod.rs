//! A neural Turing machine learns to copy, and to copy several times (Graves, Wayne and Danihelka 2014).
//!
//! [`machine`] is the machine, [`tasks`] what it is to learn, `learn.rs` how. What it has learned can be seen: where
//! its heads are from moment to moment.

mod learn;
pub mod machine;
pub mod tasks;

use crate::kit::{Common, Findings, Progress, Setting, check_shares, side_by_side};
use experiments::record::Picture;
use experiments::say;
use learn::{BATCH, Net};
use network3::{Error, Result};
use serde::{Deserialize, Serialize};
use std::sync::Mutex;
use tasks::{BITS, Form, Task};

/// Steps for copying several times, of which sequences are shorter and their algorithm is longer.
const REPEAT_STEPS: u64 = 20_000;

/// A neural Turing machine: copying learned, and where its heads are
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    common: Common,
}

/// What the run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turing {
    /// Bits of a vector.
    bits: usize,
    /// Rows of the memory, and numbers in each.
    rows: usize,
    columns: usize,
    /// Neurons of the controller.
    controller: usize,
    /// Weights and biases for copying.
    parameters: usize,
    /// Sequences in a mini-batch.
    batch: usize,
    /// Steps that each machine learned for that is to copy, and the one that is to copy several times.
    steps: u64,
    repeat_steps: u64,
    /// Sequences of 20 vectors in each test.
    tests: usize,
    /// A run for each seed.
    copy: Vec<Run>,
    repeat: Vec<Run>,
    /// How many of the machines that copy answer at least 99 per cent of the sequences of 20 vectors without a wrong
    /// bit.
    copied: usize,
    /// How many answer at least 80 per cent of those of 40.
    copied_40: usize,
    /// One sequence, copied by the first machine; and repeated.
    heads: Vec<Heads>,
}

/// One machine's learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    seed: u64,
    /// After so many steps it was at its best, and was tested as it was then.
    steps: u64,
    /// Steps between checks.
    every: u64,
    /// Cost of a training sequence in bits, the mean since the last check.
    bits: Vec<f64>,
    /// The share without a wrong bit, for each form that it was checked on.
    checks: Vec<Vec<f64>>,
    scores: Vec<Score>,
}

/// A test on sequences of one form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    #[serde(flatten)]
    form: Form,
    sequences: usize,
    /// The share that was answered without a wrong bit.
    perfect: f64,
    /// Wrong bits of a sequence, the mean.
    wrong_bits: f64,
}

/// A sequence as the machine went through it; every picture has a column for each moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Heads {
    name: String,
    moments: usize,
    /// A row for each input channel.
    inputs: Picture,
    /// A row for each output, empty while nothing is asked.
    outputs: Picture,
    /// A row for each row of the memory.
    write: Picture,
    read: Picture,
}

impl Findings for Turing {
    fn check(&self) -> Result<()> {
        let runs = || self.copy.iter().chain(&self.repeat);
        let shares = runs().flat_map(|run| run.checks.iter().flatten().chain(run.scores.iter().map(|s| &s.perfect)));
        check_shares(shares.copied())?;
        let late = |runs: &[Run], steps| runs.iter().any(|run| run.steps > steps);
        if late(&self.copy, self.steps) || late(&self.repeat, self.repeat_steps) {
            return Err(Error::input("a machine was at its best after more steps than it made"));
        }
        Ok(())
    }
}

/// Runs the system.
///
/// # Errors
/// When a file cannot be written, or a machine leaves the finite numbers.
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "turing")?;
    let (steps, tests) = if setting.quick { (800, 100) } else { (3_000, 500) };
    let steps = |task| if task == Task::Copy { steps } else { REPEAT_STEPS };
    let jobs: Vec<(Task, u64)> = if setting.quick {
        vec![(Task::Copy, setting.seed)]
    } else {
        (0..3).map(|k| (Task::Copy, setting.seed + k)).chain([(Task::Repeat, setting.seed)]).collect()
    };
    let copies = [20, 40].map(|length| Form { length, times: 1 });
    let repeats = [(5, 5), (5, 10), (10, 5)].map(|(length, times)| Form { length, times });
    let forms = |task| if task == Task::Copy { &copies[..] } else { &repeats[..] };

    let keepers = jobs
        .iter()
        .map(|&(task, seed)| setting.keeper(&format!("{task:?}-{seed}").to_lowercase(), &(steps(task), task)));
    let keepers = keepers.collect::<Result<Vec<_>>>()?;
    let all = jobs.iter().map(|&(task, _)| steps(task)).sum();
    let progress = Mutex::new((Progress::new("steps", 0, all), vec![0; jobs.len()]));
    let runs = side_by_side(&setting.threads(), jobs.len(), |k| {
        let (task, seed) = jobs[k];
        // Repeated sequences are long: only those of the training's own form are checked
        let checked = if task == Task::Copy { &copies[..] } else { &repeats[..1] };
        // A look takes as long as some steps: so the 3,000 steps of copy have 30, and the 20,000 of repeat copy 40
        let every = if task == Task::Copy { 100 } else { 500 };
        let (mut net, mut run) =
            learn::learn(jobs[k], (steps(task), every, checked), &keepers[k], |step, bits, shares| {
                let Ok(mut progress) = progress.lock() else { return };
                let (bar, done) = &mut *progress;
                done[k] = step;
                bar.at(done.iter().sum());
                bar.say(format_args!(
                    "{task:?}, seed {seed}, step {step}: {bits:.2} bits a sequence, perfect {shares:?}"
                ));
            })?;
        for form in forms(task) {
            let sequences = if task == Task::Copy { tests } else { tests / 5 };
            run.scores.push(net.test(*form, sequences, seed, 4));
        }
        Ok((net, run))
    })?;
    drop(progress);

    let (mut copy, mut repeat, mut heads) = (vec![], vec![], vec![]);
    let (size, parameters) = (Net::size(Task::Copy), Net::new(Task::Copy, setting.seed).parameters());
    for (&(task, seed), (mut net, run)) in jobs.iter().zip(runs) {
        for score in &run.scores {
            let Score { form: Form { length, times }, sequences, perfect, wrong_bits } = score;
            say!(
                "{task:?}, seed {seed}: {length} vectors × {times}: {:.1} % of {sequences} without a wrong bit, {wrong_bits} wrong bits on average",
                100.0 * perfect
            );
        }
        if seed == setting.seed {
            let form = if task == Task::Copy { Form { length: 20, times: 1 } } else { Form { length: 5, times: 5 } };
            heads.push(Heads::new(task, form, net.watch(form, seed)));
        }
        if task == Task::Copy { copy.push(run) } else { repeat.push(run) }
    }
    let so_good = |k: usize, share: f64| copy.iter().filter(|run: &&Run| run.scores[k].perfect >= share).count();
    setting.finish(Turing {
        bits: BITS,
        rows: size.rows,
        columns: size.columns,
        controller: size.controller,
        parameters,
        batch: BATCH,
        steps: steps(Task::Copy),
        repeat_steps: steps(Task::Repeat),
        tests,
        copied: so_good(0, 0.99),
        copied_40: so_good(1, 0.8),
        copy,
        repeat,
        heads,
    })?;
    Ok(())
}

impl Heads {
    /// From what [`Net::watch`] has seen.
    fn new(task: Task, form: Form, [inputs, answers, write, read]: [Vec<f32>; 4]) -> Self {
        let moments = inputs.len() / task.inputs();
        let mut outputs = vec![0.0; moments * task.outputs() - answers.len()];
        outputs.extend(answers);
        // The mark of repeat copy is a number of either sign: it is drawn as full
        let inputs = inputs.into_iter().enumerate();
        let inputs: Vec<f32> =
            inputs.map(|(k, x)| if k % task.inputs() == BITS && x != 0.0 { 1.0 } else { x }).collect();
        let name = format!("{task:?}, {} vectors × {}", form.length, form.times);
        let [inputs, outputs, write, read] = [inputs, outputs, write, read].map(|x| picture(&x, moments));
        Heads { name, moments, inputs, outputs, write, read }
    }
}

/// Numbers between 0 and 1, `[moments, rows]`, as a picture with a column for each moment.
fn picture(x: &[f32], moments: usize) -> Picture {
    let rows = x.len() / moments;
    let pixel = |k: usize| (255.0 * x[k % moments * rows + k / moments].clamp(0.0, 1.0)).round() as u8;
    Picture::new(moments, &(0..x.len()).map(pixel).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::Setting;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        common: Common,
    }

    #[test]
    fn a_machine_learns_and_goes_on_where_it_was_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let line = |resume: &[&str]| {
            let folder = folder.path().to_str().unwrap();
            let words = ["systems", "--threads", "1", "--folder", folder];
            Line::parse_from(words.iter().chain(resume)).common
        };
        let forms = [Form { length: 2, times: 1 }];
        let [checkpoint, saved] = ["turing-1-copy.safetensors", "saved"].map(|name| folder.path().join(name));
        let learn = |resume: &[&str]| {
            let setting = Setting::start(&line(resume), "turing").unwrap();
            let keeper = setting.keeper("copy", &()).unwrap();
            let (mut net, run) = learn::learn((Task::Copy, 1), (40, 10, &forms), &keeper, |step, _, _| {
                // What a run that is stopped here has left: the checkpoint of step 20
                if step == 30 && resume.is_empty() {
                    std::fs::copy(&checkpoint, &saved).unwrap();
                }
            })
            .unwrap();
            (run, net.test(forms[0], 20, 1, 5))
        };
        let straight = learn(&[]);
        std::fs::rename(&saved, &checkpoint).unwrap();
        let resumed = learn(&["--resume"]);
        assert_eq!(resumed, straight);
        let bits = &straight.0.bits;
        assert!(bits.len() == 4 && bits[3] < bits[0], "the cost should fall: {bits:?}");
    }
}
