//! Street View numbers: one convolutional network reads a whole number, of one to five digits, at once.
//!
//! After Goodfellow, Bulatov, Ibarz, Arnoud and Shet, *Multi-digit number recognition from Street View imagery using
//! deep convolutional neural networks* (2013). Nobody cuts the number into digits: heads on the same hidden layer say
//! how long it is and which digit stands at each place, and are trained together ([`reading`]). The numbers are made by
//! a rule ([`numbers`]).

pub mod findings;
pub mod measure;
pub mod numbers;
pub mod reading;

use crate::kit::{Common, Progress, Setting, round};
use clap::Args;
use experiments::{machine, say};
use findings::{Moment, StreetView};
use network3::{
    Activation::{Linear, Relu},
    Cost, Error, Learner, Network, Pass, Result, Shape, Spec, Step,
    ops::Padding,
    thousands,
};
use numbers::{Composer, HEIGHT, Number, WIDTH};
use reading::{OUTPUTS, joint_cost};
use serde::{Deserialize, Serialize};

/// The options of `systems street-view`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Train on N numbers, each made for once [default: 480000, with --quick 112000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub numbers: Option<u64>,
    /// What all systems take.
    #[command(flatten)]
    pub common: Common,
}

/// Numbers in a mini-batch.
const BATCH: usize = 32;
/// The learning rate in the beginning.
const ETA: f64 = 0.012;
/// The part of a run over which it falls to zero, in a straight line: the last three quarters.
const FALL: f64 = 0.75;
/// The momentum co-efficient.
const MOMENTUM: f64 = 0.9;
/// How often in a run validation numbers are read, and the run is kept.
const MOMENTS: u64 = 20;
/// Validation numbers that are read then.
const GLANCE: usize = 1000;
/// Numbers that thresholds are chosen on, and as many others that all is measured on.
const TESTED: usize = 10_000;

/// Where the random numbers of each purpose begin: far enough apart for a lifetime of training.
const TRAINING: u64 = 0;
const VALIDATION: u64 = 1 << 40;
const TEST: u64 = 2 << 40;

/// What training depends on, beside seed and data.
#[derive(Serialize)]
struct Plan {
    layers: Vec<Spec>,
    numbers: u64,
    batch: usize,
    eta: f64,
    fall: f64,
    momentum: f64,
}

/// What a checkpoint notes beside the parameters.
#[derive(Serialize, Deserialize, Default)]
struct Notes {
    moments: Vec<Moment>,
    seconds: f64,
}

/// The layers: three convolutional ones, one fully-connected, and one linear layer for all heads.
pub fn layers() -> Vec<Spec> {
    let conv =
        |filters, side: usize| Spec::conv_pool(filters, (side, side), (2, 2), Relu).padded(Padding::all(side / 2));
    vec![
        Spec::conv(16, (5, 5), Relu).every(2, 2).padded(Padding::all(2)),
        conv(32, 3),
        conv(64, 3),
        Spec::fully_connected(256, Relu),
        Spec::fully_connected(OUTPUTS, Linear),
    ]
}

/// The network. Its own cost is never asked for: [`joint_cost`] takes its place.
///
/// # Errors
/// When no threads can be started.
pub fn network(seed: u64, threads: usize) -> Result<Network<f32>> {
    let shape = Shape::image(1, HEIGHT, WIDTH);
    Ok(Network::for_cost(shape, &layers(), Cost::Quadratic)?.with_threads(threads)?.with_seed(seed))
}

/// Trains the network, reads what it has not seen, and writes down what came of it.
///
/// # Errors
/// When there are no digits, when training diverges, and when a file cannot be read or written.
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "street-view")?;
    let splits = setting.splits()?;
    let count = options.numbers.unwrap_or(if setting.quick { 112_000 } else { 480_000 });
    let mut network = network(setting.seed, setting.thread_count())?;
    let training = Composer::new(&splits.training, setting.seed, TRAINING)?;
    let validation = Composer::new(&splits.validation, setting.seed, VALIDATION)?;
    let test = Composer::new(&splits.test, setting.seed, TEST)?;
    say!("{network}");

    let notes = train(&setting, &mut network, count, &training, &validation)?;
    let chosen = measure::read_all(&mut network, &validation, TESTED);
    let tested = measure::read_all(&mut network, &test, TESTED);
    let rate = round(count as f64 / notes.seconds, 0);
    let (parameters, seconds) = (network.parameter_count(), round(notes.seconds, 0));
    let looks = measure::looks(&mut network, &test);
    let samples = measure::samples(&test, &tested);
    let result = measure::results(&chosen, &tested);
    let findings = StreetView {
        parameters,
        numbers: count,
        training_seconds: seconds,
        rate,
        moments: notes.moments,
        result,
        looks,
        samples,
    };
    say!("{findings}");
    setting.finish(findings)?;
    Ok(())
}

/// Trains on so many numbers, none of which is seen twice.
fn train(
    setting: &Setting,
    network: &mut Network<f32>,
    count: u64,
    training: &Composer,
    validation: &Composer,
) -> Result<Notes> {
    let steps = count.div_ceil(BATCH as u64);
    let plan = Plan { layers: layers(), numbers: count, batch: BATCH, eta: ETA, fall: FALL, momentum: MOMENTUM };
    let keeper = setting.keeper("", &plan)?;
    let (mut done, mut notes) = (0, Notes::default());
    if let Some(kept) = keeper.earlier()? {
        network.restore(&kept.tensors)?;
        (done, notes) = (kept.step, kept.notes);
    }
    let before = notes.seconds - machine::seconds();
    let mut progress = Progress::new("numbers", done * BATCH as u64, steps * BATCH as u64);
    while done < steps {
        let moment = (done * MOMENTS / steps + 1) * steps / MOMENTS;
        let costs = (done..moment.max(done + 1)).map(|step| {
            progress.at(step * BATCH as u64);
            learn(network, training, step, steps)
        });
        let costs: Vec<f64> = costs.collect::<Result<_>>()?;
        done += costs.len() as u64;
        let right = measure::read_all(network, validation, GLANCE).iter().filter(|read| read.is_right()).count();
        let cost = round(costs.iter().sum::<f64>() / costs.len() as f64, 3);
        let moment = Moment { numbers: done * BATCH as u64, cost, accuracy: right as f64 / GLANCE as f64 };
        progress.say(format_args!("after {} numbers: {moment}", thousands(moment.numbers as usize)));
        notes.moments.push(moment);
        notes.seconds = before + machine::seconds();
        keeper.keep(done, &network.state(), &notes)?;
    }
    Ok(notes)
}

/// One step, on a mini-batch made for it. Returns the mean cost.
fn learn(network: &mut Network<f32>, training: &Composer, step: u64, steps: u64) -> Result<f64> {
    let threads = network.threads();
    let left = (steps - step) as f64 / steps as f64;
    let rule = Step { eta: ETA * (left / FALL).min(1.0), decay: 0.0, momentum: MOMENTUM, iteration: step };
    let cost = threads.run(|| {
        let (mut x, mut numbers) = (vec![0.0; BATCH * HEIGHT * WIDTH], [Number::default(); BATCH]);
        training.write(&threads, step * BATCH as u64, &mut x, &mut numbers);
        let z = network.forward(&x, Pass::Train { iteration: step }).to_owned();
        let mut dz = vec![0.0; z.len()];
        let cost = joint_cost(z.as_slice().unwrap_or_default(), &numbers, &mut dz);
        if cost.is_finite() {
            network.backward(&x, &dz, Some(&rule));
        }
        cost
    });
    if cost.is_finite() { Ok(cost) } else { Err(Error::diverged(format!("after {step} steps the cost is {cost}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use network3::data::digits;

    #[test]
    fn one_mini_batch_is_learned_through_all_layers() {
        let splits = digits(100, 10, 10, 1).unwrap();
        let training = Composer::new(&splits.training, 1, TRAINING).unwrap();
        let mut network = network(1, 2).unwrap();
        let first = learn(&mut network, &training, 0, 1000).unwrap();
        for _ in 0..14 {
            learn(&mut network, &training, 0, 1000).unwrap();
        }
        let last = learn(&mut network, &training, 0, 1000).unwrap();
        assert!(last < 0.8 * first, "the joint cost went from {first} to {last}");
    }
}
