//! Recurrent nets: a plain one and long short-term memory, on the temporal order problem.
//!
//! Back-propagation through time is here twice: [`by_hand`], and by the [tape](crate::tape) under [`cell`]. They must
//! agree. Then both kinds of net learn [which of two symbols came first](task), and the run measures how much of the
//! gradient is left, the further it goes back.

pub mod by_hand;
pub mod cell;
mod learn;
pub mod task;
#[cfg(test)]
mod tests;

use crate::kit::{Common, Findings, Progress, Setting, check_shares, side_by_side};
use cell::{GateBiases, Kind, Layer};
use experiments::say;
use learn::{Net, Task};
use network3::{Error, Real, Result};
use serde::{Deserialize, Serialize};
use std::sync::Mutex;

/// Recurrent nets: what a plain one forgets, and long short-term memory keeps
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    common: Common,
}

/// What the run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recurrent {
    /// The shortest sequences.
    length: usize,
    /// The longest.
    longest: usize,
    /// How many sequences a net may learn from.
    budget: usize,
    /// How many it is tested on in the end, which it has not seen.
    tests: usize,
    /// One of the sequences.
    example: String,
    /// The largest difference between a gradient by hand and by the tape, in `f64`, relative to the largest gradient.
    agreement: f64,
    /// Units of the nets: plain and LSTM.
    units: Units,
    /// A run for each seed.
    lstm: Vec<Run>,
    plain: Vec<Run>,
    /// How much of the gradient is left, after so many steps back.
    gradients: Vec<Fading>,
}

/// How many units each kind has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Units {
    lstm: usize,
    plain: usize,
}

/// One net's learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Of its weights and its sequences.
    seed: u64,
    /// Sequences learned from, when it stopped.
    sequences: usize,
    /// The share that it classifies, of sequences that it has not seen.
    accuracy: f64,
    /// Between checks, this many sequences.
    every: usize,
    /// The accuracy on fresh sequences at each check.
    curve: Vec<f64>,
}

/// How a gradient fades on its way back: log₁₀ of ‖∂C/∂state‖, over what it is at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Fading {
    name: String,
    /// By distance from the end; what is smaller than 10⁻³⁰ counts as that.
    log10: Vec<f64>,
}

impl Findings for Recurrent {
    fn check(&self) -> Result<()> {
        let runs = || self.lstm.iter().chain(&self.plain);
        check_shares(runs().flat_map(|run| run.curve.iter().chain([&run.accuracy])).copied())?;
        if runs().any(|run| run.sequences > self.budget) {
            return Err(Error::input("a net has learned from more sequences than it may"));
        }
        if self.agreement.is_nan() || self.agreement > 1e-12 {
            return Err(Error::input(format!("by hand and by tape differ by {:e}", self.agreement)));
        }
        Ok(())
    }
}

/// Runs the system.
///
/// # Errors
/// When a file cannot be written, or a net leaves the finite numbers.
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "recurrent")?;
    let (length, budget, seeds) = if setting.quick { (30, 20_000, 1) } else { (100, 40_000, 3) };
    let task = Task { length, budget };
    let agreement = agreement(length, setting.seed);
    say!("by hand and by tape, gradients over {length} steps differ by {agreement:.0e} of the largest");

    let jobs: Vec<(Kind, u64)> =
        (0..seeds).flat_map(|k| [Kind::Lstm, Kind::Plain].map(|kind| (kind, setting.seed + k))).collect();
    let progress = Mutex::new((Progress::new("sequences", 0, (jobs.len() * budget) as u64), vec![0; jobs.len()]));
    let keeper = |&(kind, seed): &(Kind, u64)| {
        setting.keeper(&format!("{kind:?}-{seed}").to_lowercase(), &(length, budget, task.hyper(kind)))
    };
    let keepers = jobs.iter().map(keeper).collect::<Result<Vec<_>>>()?;
    let runs = side_by_side(&setting.threads(), jobs.len(), |k| {
        let (kind, seed) = jobs[k];
        let (net, run) = task.learn(kind, seed, &keepers[k], |sequences, accuracy| {
            let Ok(mut progress) = progress.lock() else { return };
            let (bar, done) = &mut *progress;
            done[k] = sequences;
            bar.at(done.iter().sum::<usize>() as u64);
            bar.say(format_args!("{kind:?}, seed {seed}: {:.1} % after {sequences} sequences", 100.0 * accuracy));
        })?;
        Ok((kind, net, run))
    })?;
    drop(progress);

    let (mut lstm, mut plain, mut gradients) = (vec![], vec![], vec![]);
    for (kind, mut net, run) in runs {
        say!(
            "{kind:?}, seed {}: {:.2} % of new sequences, having learned from {}",
            run.seed,
            100.0 * run.accuracy,
            run.sequences
        );
        if run.seed == setting.seed {
            let mut fresh = Net::new(kind, task.hyper(kind), run.seed);
            for (when, net) in [("untrained", &mut fresh), ("trained", &mut net)] {
                gradients.push(Fading { name: format!("{kind:?}, {when}"), log10: task.fading(net, run.seed) });
            }
        }
        if kind == Kind::Lstm { lstm.push(run) } else { plain.push(run) }
    }
    let hyper = |kind| task.hyper(kind).units;
    setting.finish(Recurrent {
        length,
        longest: length + length / 10,
        budget,
        tests: learn::TESTS,
        example: task::Batch::draw(length, 1, &mut setting.rng(0)).text(0),
        agreement: format!("{agreement:.1e}").parse().unwrap_or(agreement),
        units: Units { lstm: hyper(Kind::Lstm), plain: hyper(Kind::Plain) },
        lstm,
        plain,
        gradients,
    })?;
    Ok(())
}

/// The largest difference between gradients by hand and by the tape, over the largest gradient: for both kinds of net,
/// on a sequence of the task, in `f64`.
fn agreement(length: usize, seed: u64) -> f64 {
    let worst = [Kind::Plain, Kind::Lstm].map(|kind| {
        let batch = task::Batch::draw(length, 1, &mut crate::kit::rng(seed, 0));
        let (_, hand, tape) = learn::both_ways(kind, 5, &batch, seed);
        let largest = tape.iter().flatten().fold(0.0, |largest: f64, d| largest.max(d.abs()));
        let differences = hand.iter().flatten().zip(tape.iter().flatten()).map(|(a, b)| (a - b).abs());
        differences.fold(0.0, f64::max) / largest
    });
    worst[0].max(worst[1])
}

impl Layer {
    /// What the nets of this system begin with.
    fn biases() -> GateBiases {
        // A forget gate that is open by σ(5) = 0.993 keeps half of c for a hundred steps; an input gate open by σ(−2) =
        // 0.12 keeps out most of what happens meanwhile.
        GateBiases { input: -2.0, forget: 5.0 }
    }
}

/// The numbers of a value as `f64`.
fn doubles<R: Real>(x: &[R]) -> Vec<f64> {
    x.iter().map(|x| x.f64()).collect()
}
