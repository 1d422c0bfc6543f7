//! GoogLeNet: the network of Szegedy and others, *Going deeper with convolutions* (2014).
//!
//! [`network`] has it in full, and its beginning at a quarter of the width for digits. The full one is counted, sent
//! forward and trained for a step; the other is trained.

pub mod network;

use crate::kit::{Common, Findings, Progress, Setting, check_shares, round};
use crate::ksh::{
    self,
    full::{Full, main_path},
};
use clap::Args;
use experiments::say;
use network::{MODULES, Module, SIDE};
use network3::{
    Error, LastBatch, Learner, Network, Order, Result, Shape, Spec, Step,
    data::{Batches, Dataset, Splits, TrainingSet},
    layer, thousands,
    train::evaluate,
};
use serde::{Deserialize, Serialize};

/// GoogLeNet (2014): in full for its sizes and times, and its beginning at a quarter of the width on digits
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    common: Common,
}

/// What an inception module needs for one image, and what it would need without the 1×1 convolutions before its larger
/// windows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saving {
    /// What table 1 calls it.
    pub name: String,
    /// The shape of what it gives.
    pub output: String,
    /// Multiplications as it is, in units of 10⁶.
    pub with: f64,
    /// Multiplications without reductions, in units of 10⁶.
    pub without: f64,
}

/// An epoch of the network at a quarter of the width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// The mean cost of the mini-batches with their side classifiers', in nats.
    pub cost: f64,
    /// The accuracy on the validation images.
    pub validation: f64,
}

/// A network that was trained on digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// What an answer depends on.
    pub parameters: usize,
    /// Multiplications for an answer, in units of 10⁶.
    pub multiplications: f64,
    /// Each epoch.
    pub epochs: Vec<Epoch>,
    /// The accuracy on the test images after the last.
    pub test: f64,
}

/// What the record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The network of the paper.
    pub full: Full,
    /// What 1×1 convolutions save, module by module.
    pub savings: Vec<Saving>,
    /// The sum of the nine modules with them, in units of 10⁶ multiplications.
    pub with: f64,
    /// The sum without them.
    pub without: f64,
    /// `without` over `with`.
    pub times: f64,
    /// Parameters of the full network without reductions, side classifiers not counted.
    pub parameters_without: usize,
    /// How the network at a quarter of the width was trained.
    pub plan: Plan,
    /// The network at a quarter of the width.
    pub quarter: Trained,
}

impl Findings for Found {
    fn check(&self) -> Result<()> {
        let Trained { epochs, test, .. } = &self.quarter;
        check_shares(epochs.iter().map(|epoch| epoch.validation).chain([*test]))?;
        if epochs.is_empty() { Err(Error::input("nothing was trained")) } else { Ok(()) }
    }
}

/// How the network at a quarter of the width is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Training images.
    pub images: usize,
    /// Images that it is asked about, of those to validate and of those to test.
    pub asked: usize,
    /// How often each is seen.
    pub epochs: usize,
    /// Images in a mini-batch.
    pub batch: usize,
    /// The learning rate of the first step.
    pub eta: f64,
    /// The momentum co-efficient.
    pub momentum: f64,
    /// Weight decay.
    pub decay: f64,
}

impl Plan {
    fn new(quick: bool, images: usize) -> Self {
        let (most, asked, epochs) = if quick { (10_000, 1_000, 2) } else { (usize::MAX, 10_000, 3) };
        Plan { images: images.min(most), asked, epochs, batch: 32, eta: 0.02, momentum: 0.9, decay: 2e-4 }
    }

    /// The rate falls evenly to a hundredth.
    fn eta(&self, step: u64, steps: u64) -> f64 {
        self.eta * 0.01_f64.powf(step as f64 / steps as f64)
    }
}

/// Runs it.
///
/// # Errors
/// When images, checkpoints or records cannot be read or written, and when the network diverges.
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "googlenet")?;
    let splits = setting.splits()?;
    let images = if setting.quick { 1 } else { 8 };
    let input = Shape::image(3, SIDE, SIDE);
    let full =
        ksh::full::of(input, &network::full(), (setting.thread_count(), images, setting.seed), &mut setting.rng(0))?;
    say!("{} parameters without the side classifiers", thousands(full.main_parameters));
    ksh::tell(&full);

    let (savings, [with, without]) = savings()?;
    let times = round(without / with, 1);
    say!("1×1 convolutions save: {with:.0} million multiplications instead of {without:.0}, {times} times as many");
    let parameters_without = parameters(&network::full_without_reductions())?;

    let plan = Plan::new(setting.quick, splits.training.len());
    let training = splits.training.slice(0..plan.images)?;
    let quarter = trained(&setting, &plan, &training, splits)?;
    setting.finish(Found { full, savings, with, without, times, parameters_without, plan, quarter })?;
    Ok(())
}

/// Each module of the full network with and without reductions, and the sums, in units of 10⁶ multiplications.
fn savings() -> Result<(Vec<Saving>, [f64; 2])> {
    let (mut lines, mut sums) = (vec![], [0.0; 2]);
    for (Module { name, maps }, [from, side]) in MODULES.iter().zip(network::INPUTS) {
        let input = Shape::image(from, side, side);
        let count = |spec| Ok(layer::multiplications(input, &[spec])? as f64 / 1e6);
        let both: Result<[f64; 2]> =
            Ok([count(network::inception(*maps))?, count(network::without_reductions(*maps))?]);
        let both = both?;
        sums.iter_mut().zip(both).for_each(|(sum, n)| *sum += n);
        let [with, without] = both.map(|n| round(n, 1));
        let output = Shape::image(maps[0] + maps[2] + maps[4] + maps[5], side, side).to_string();
        lines.push(Saving { name: (*name).into(), output, with, without });
    }
    Ok((lines, sums.map(|sum| round(sum, 0))))
}

/// How many parameters the main path of a network of the paper's size has.
fn parameters(specs: &[Spec]) -> Result<usize> {
    Ok(Network::new(Shape::image(3, SIDE, SIDE), &main_path(specs))?.parameter_count())
}

/// Trains the network at a quarter of the width.
fn trained(setting: &Setting, plan: &Plan, training: &Dataset, splits: &Splits) -> Result<Trained> {
    let (input, specs, name) = (training.shape(), network::quarter(), "with side classifiers");
    let mut network = Network::new(input, &specs)?.with_threads(setting.thread_count())?.with_seed(setting.seed);
    let keeper = setting.keeper("with-side-classifiers", &(plan, &specs))?;
    let (mut done, mut epochs) = (0, vec![]);
    if let Some(kept) = keeper.earlier::<Vec<Epoch>>()? {
        network.restore(&kept.tensors)?;
        (done, epochs) = (kept.step, kept.notes);
    }
    let set = TrainingSet::plain(training);
    let mut batches = Batches::new(set, plan.batch, Order::Shuffled, LastBatch::Used, setting.seed)?;
    let steps = (batches.per_epoch() * plan.epochs) as u64;
    let mut progress = Progress::new(name, done, steps);
    for epoch in epochs.len()..plan.epochs {
        batches.start(epoch);
        let threads = network.threads();
        threads.run(|| -> Result<()> {
            while let Some(examples) = batches.next_batch() {
                let Plan { momentum, decay, .. } = *plan;
                network.train(&examples, &Step { eta: plan.eta(done, steps), decay, momentum, iteration: done })?;
                done += 1;
                progress.at(done);
            }
            Ok(())
        })?;
        let cost = round(network.mean_cost()?, 4);
        let validation = accuracy(&mut network, &splits.validation, plan.asked)?;
        progress.say(format_args!(
            "{name}, epoch {}: cost {cost:.3}, {:.2} % of the validation images right",
            epoch + 1,
            100.0 * validation
        ));
        epochs.push(Epoch { cost, validation });
        keeper.keep(done, &network.state(), &epochs)?;
    }
    let test = accuracy(&mut network, &splits.test, plan.asked)?;
    progress.say(format_args!("{name}: {:.2} % of the test images right", 100.0 * test));
    Ok(Trained {
        parameters: ksh::full::main_parameters(&network),
        multiplications: round(layer::multiplications(input, &main_path(&specs))? as f64 / 1e6, 2),
        epochs,
        test,
    })
}

fn accuracy(network: &mut Network<f32>, images: &Dataset, count: usize) -> Result<f64> {
    Ok(round(evaluate(network, images, count)?.accuracy, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six million parameters and those of the side classifiers: built once.
    #[test]
    fn it_is_the_paper_s_network() {
        let network = Network::new(Shape::image(3, SIDE, SIDE), &network::full()).unwrap();
        assert_eq!(ksh::full::main_parameters(&network), 6_998_552);
        let shapes: Vec<Shape> = network.layers().iter().map(|layer| layer.output_shape()).collect();
        // Not in the table: normalisation, the 1×1 convolution before the second, side classifiers, the average and
        // softmax.
        let listed = [0, 1, 4, 6, 7, 8, 9, 10, 12, 13, 14, 16, 17, 18, 19];
        for (k, (maps, side)) in listed.into_iter().zip(network::SHAPES) {
            assert_eq!(shapes[k], Shape::image(maps, side, side), "layer {}", k + 1);
        }
        assert_eq!(shapes[20], Shape::image(1024, 1, 1));
        let sides = network.specs().iter().filter_map(|spec| match spec {
            Spec::SideClassifier { weight, .. } => Some(*weight),
            _ => None,
        });
        assert_eq!(sides.collect::<Vec<_>>(), [0.3, 0.3]);
    }

    #[test]
    fn modules_are_counted_where_they_stand() {
        let (lines, [with, without]) = savings().unwrap();
        // 3a of the paper: 28 × 28 places, 192 maps.
        let count = 784 * (192 * (64 + 96 + 16 + 32) + 96 * 9 * 128 + 16 * 25 * 32);
        assert_eq!(lines[0].with, round(f64::from(count) / 1e6, 1));
        assert!(lines.iter().all(|line| line.with < line.without) && without > with);
        assert_eq!((lines[8].name.as_str(), lines[8].output.as_str()), ("5b", "1024×7×7"));
    }

    #[test]
    fn a_quarter_fits_digits() {
        let network = Network::new(Shape::image(1, 28, 28), &network::quarter()).unwrap();
        let shape = |k: usize| network.layers()[k].output_shape();
        assert_eq!((shape(6), shape(9)), (Shape::image(48, 7, 7), Shape::image(120, 7, 7)));
        assert_eq!((shape(12), shape(13)), (Shape::image(128, 4, 4), Shape::image(128, 1, 1)));
    }
}
