//! Deep belief nets: a stack of restricted Boltzmann machines that reads digits, and writes them.
//!
//! After Hinton, Osindero and Teh, *A fast learning algorithm for deep belief nets* (2006), and, for the second half,
//! Hinton and Salakhutdinov, *Reducing the dimensionality of data with neural networks* (2006). First each layer learns
//! by itself, from the pixels up and without labels ([`rbm`]); the top layer learns features and labels together
//! ([`net`]). Then the net is run backwards: a label is held fixed, the top layer dreams, and what it dreams of is made
//! an image, which a convolutional network that knows nothing of all this has to read. And then the same weights are
//! the beginning of an ordinary network, which gradient descent makes better ([`fine`]).

pub mod fine;
pub mod net;
pub mod rbm;
#[cfg(test)]
mod tests;

use crate::kit::{self, Common, Findings, Keeper, Progress, Setting, check_shares, restore, rng, round};
use experiments::{record::Picture, say};
use fine::FineTuning;
use net::{BATCH, BeliefNet, Way};
use network3::{
    Error, Network, Pass, Result, State,
    data::{DIGITS, Splits},
    model_file,
    ops::softmax::argmax,
};
use rbm::{Pace, Rbm};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A deep belief net: greedy layers, digits written backwards, fine-tuning
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    common: Common,
    /// The network that reads what is written [default: one that has learned the same images]
    #[arg(long, value_name = "FILE")]
    judge: Option<PathBuf>,
}

/// How large the net is, and how long it learns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Hidden units of the machines without labels.
    pub features: Vec<usize>,
    /// Hidden units of the top one.
    pub top: usize,
    /// Epochs of each machine without labels.
    pub epochs: usize,
    /// Epochs of the top one with contrastive divergence.
    pub top_once: usize,
    /// And then with persistent chains.
    pub top_persistent: usize,
    /// Dreams of each class that are judged.
    pub dreams: usize,
    /// The steps of Gibbs sampling after which they are.
    pub steps: Vec<usize>,
    /// Epochs of gradient descent.
    pub fine: usize,
    /// Is the top machine a layer of the network that gradient descent makes better?
    pub fine_top: bool,
}

impl Plan {
    fn new(quick: bool) -> Self {
        let (features, steps) = (vec![500, 500], vec![100, 200, 500, 1000]);
        if quick {
            let (epochs, top_once, top_persistent) = (4, 2, 8);
            Plan { features, top: 1000, epochs, top_once, top_persistent, dreams: 20, steps, fine: 3, fine_top: false }
        } else {
            let (epochs, top_once, top_persistent) = (15, 3, 20);
            Plan { features, top: 2000, epochs, top_once, top_persistent, dreams: 50, steps, fine: 30, fine_top: true }
        }
    }

    /// All epochs before gradient descent.
    fn pretraining(&self) -> usize {
        self.features.len() * self.epochs + self.top_once + self.top_persistent
    }
}

/// How often dreams are read as they were meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// After so many steps of Gibbs sampling.
    pub steps: usize,
    /// The fraction, of all classes.
    pub all: f64,
    /// Class by class.
    pub by_class: Vec<f64>,
}

/// What a run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// How large and how long.
    pub plan: Plan,
    /// The mean squared error of reconstructions, epoch by epoch, of each machine without labels.
    pub reconstruction: Vec<Vec<f64>>,
    /// The fraction of test images that the net itself misreads, by free energy.
    pub free_energy_error: f64,
    /// The accuracy of the convolutional network that judges, on the test images.
    pub judge_accuracy: f64,
    /// How often it agrees.
    pub agreement: Vec<Agreement>,
    /// The mean of the fractions after 500 and after 1,000 steps.
    pub agreement_late: f64,
    /// Gradient descent from what was learned without labels, and from random weights.
    pub fine: FineTuning,
    /// Seconds that the machines took to learn.
    pub seconds_pretraining: f64,
    /// Dreams of each class.
    pub dreams: Vec<Vec<Picture>>,
    /// Weights of some hidden units of the first machine: 8 is 0, f and 1 are the largest of them, above and below.
    pub filters: Vec<Picture>,
}

impl Findings for Found {
    fn check(&self) -> Result<()> {
        let fractions = self.agreement.iter().flat_map(|a| a.by_class.iter().chain([&a.all]));
        let errors = self.fine.pretrained.iter().chain(&self.fine.random);
        check_shares(fractions.chain(errors).chain([&self.free_energy_error, &self.judge_accuracy]).copied())?;
        match self.dreams.len() {
            DIGITS => Ok(()),
            _ => Err(Error::input("there are not dreams of each class")),
        }
    }
}

/// Runs the system.
///
/// # Errors
/// When images or the judge cannot be read, and when a file cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "deep-belief")?;
    let splits = setting.splits()?;
    let judge = options.judge.as_deref().map_or_else(|| kit::network(&setting), |file| read_judge(file, splits))?;
    let mut judge = judge.with_threads(setting.thread_count())?;
    let plan = Plan::new(setting.quick);
    let began = setting.seconds();
    let (mut net, reconstruction) = pretrain(&setting, splits, &plan)?;
    let seconds_pretraining = round(setting.seconds() - began, 1);

    let read = net.read(&splits.test);
    let wrong = read.iter().zip(splits.test.labels()).filter(|(read, label)| **read != usize::from(**label)).count();
    let free_energy_error = round(wrong as f64 / splits.test.len() as f64, 4);
    say!("read by free energy: {:.2} % wrong", 100.0 * free_energy_error);

    let judge_accuracy = network3::train::evaluate(&mut judge, &splits.test, splits.test.len())?.accuracy;
    let (agreement, dreams) = write(&setting, &mut net, &mut judge, &plan);
    let late: Vec<f64> = agreement.iter().filter(|a| a.steps >= 500).map(|a| a.all).collect();
    let agreement_late = round(late.iter().sum::<f64>() / late.len() as f64, 4);
    let filters = filters(&net.features[0], 28);
    let fine = fine::compare(&setting, splits, &net, &plan)?;
    setting.finish(Found {
        plan,
        reconstruction,
        free_energy_error,
        judge_accuracy,
        agreement,
        agreement_late,
        fine,
        seconds_pretraining,
        dreams,
        filters,
    })?;
    Ok(())
}

fn read_judge(file: &Path, splits: &Splits) -> Result<Network<f32>> {
    let judge = model_file::load(file).map_err(|e| e.advice("--judge FILE names another network"))?;
    if judge.input().len() != splits.test.shape().len() || judge.output().len() != DIGITS {
        return Err(Error::shape("judge", format!("a network that reads {}", splits.test.shape()), judge.input()));
    }
    Ok(judge)
}

/// Layer by layer, from the pixels up. Returns the errors of reconstruction, too.
fn pretrain(setting: &Setting, splits: &Splits, plan: &Plan) -> Result<(BeliefNet, Vec<Vec<f64>>)> {
    let images = &splits.training;
    let mut net = BeliefNet::new(images.shape().len(), &plan.features, plan.top, setting.threads(), setting.seed);
    let mut chains = net.chains(&(0..BATCH).map(|k| k % DIGITS).collect::<Vec<_>>(), &mut setting.rng(1));
    let mut errors = vec![vec![]; plan.features.len()];
    let keeper = setting.keeper("", plan)?;
    let mut done = 0;
    if let Some(kept) = keeper.earlier()? {
        put_back(&mut net, &mut chains, &kept.tensors)?;
        (done, errors) = (kept.step as usize, kept.notes);
    }
    let per_epoch = (images.len() / BATCH) as u64;
    let mut progress =
        Progress::new("learning without labels", done as u64 * per_epoch, plan.pretraining() as u64 * per_epoch);
    for epoch in done..plan.pretraining() {
        // A stream for each epoch: so a run that goes on from a checkpoint draws what it would have drawn.
        let mut random = rng(setting.seed, 100 + epoch as u64);
        let (layer, within) = (epoch / plan.epochs, epoch % plan.epochs);
        if layer < plan.features.len() {
            // As Hinton's guide has it: little momentum until the weights have found their way
            let momentum = if within == 0 { 0.5 } else { 0.9 };
            let pace = Pace { eta: 0.05, momentum, decay: 2e-4 };
            let error = net.learn_features(layer, images, &pace, &mut random, &mut progress);
            progress.say(format_args!("layer {}, epoch {}: error of reconstruction {error:.4}", layer + 1, within + 1));
            errors[layer].push(round(error, 5));
        } else {
            let within = epoch - plan.features.len() * plan.epochs;
            if within < plan.top_once {
                let pace = Pace { eta: 0.05, momentum: 0.5, decay: 2e-4 };
                net.learn_top(images, Way::Once, &pace, &mut random, &mut progress);
            } else {
                // The rate falls to nothing, or the chains never come to rest
                let left = 1.0 - (within - plan.top_once) as f64 / plan.top_persistent as f64;
                let pace = Pace { eta: 0.03 * left, momentum: 0.0, decay: 0.0 };
                net.learn_top(images, Way::Persistent(&mut chains), &pace, &mut random, &mut progress);
            }
        }
        keep(&keeper, epoch as u64 + 1, &net, &chains, &errors)?;
    }
    Ok((net, errors))
}

/// All that learning changes, by name.
fn tensors<'a>(net: &'a BeliefNet) -> impl Iterator<Item = (String, &'a Vec<f32>)> {
    net.features.iter().chain([&net.top]).enumerate().flat_map(|(k, rbm): (usize, &'a Rbm<f32>)| {
        let [vw, va, vb] = &rbm.velocity;
        let all =
            [("w", &rbm.w), ("a", &rbm.a), ("b", &rbm.b), ("velocity.w", vw), ("velocity.a", va), ("velocity.b", vb)];
        all.map(|(name, x)| (format!("{k}.{name}"), x))
    })
}

fn keep(keeper: &Keeper, step: u64, net: &BeliefNet, chains: &Vec<f32>, errors: &[Vec<f64>]) -> Result<()> {
    let all = tensors(net).chain([("chains".to_string(), chains)]);
    let state: State = all.map(|(name, x)| (name, ndarray::Array1::from(x.clone()).into_dyn())).collect();
    keeper.keep(step, &state, &errors)
}

fn put_back(net: &mut BeliefNet, chains: &mut Vec<f32>, kept: &State) -> Result<()> {
    let take = |name: String, to: &mut Vec<f32>| {
        let mut tensor = ndarray::Array1::zeros(to.len()).into_dyn();
        restore(kept, &name, &mut tensor)?;
        *to = tensor.into_iter().collect();
        Result::Ok(())
    };
    for (k, rbm) in net.features.iter_mut().chain([&mut net.top]).enumerate() {
        let Rbm { w, a, b, velocity: [vw, va, vb], .. } = rbm;
        let all = [("w", w), ("a", a), ("b", b), ("velocity.w", vw), ("velocity.a", va), ("velocity.b", vb)];
        for (name, to) in all {
            take(format!("{k}.{name}"), to)?;
        }
        rbm.transpose();
    }
    take("chains".to_string(), chains)
}

/// Dreams of each class, judged; and some of them as pictures.
fn write(
    setting: &Setting,
    net: &mut BeliefNet,
    judge: &mut Network<f32>,
    plan: &Plan,
) -> (Vec<Agreement>, Vec<Vec<Picture>>) {
    /// Pictures of each class in a record.
    const PICTURES: usize = 6;
    let labels: Vec<usize> = (0..plan.dreams * DIGITS).map(|k| k % DIGITS).collect();
    let (mut agreement, mut pictures) = (vec![], vec![]);
    net.dream(&labels, &plan.steps, &mut setting.rng(2), |steps, images| {
        let mut right = [0; DIGITS];
        for (row, &label) in judge.forward(images, Pass::Evaluate).rows().into_iter().zip(&labels) {
            right[label] += usize::from(argmax(row) == label);
        }
        let fraction = |right: usize, of: usize| round(right as f64 / of as f64, 4);
        let all = fraction(right.iter().sum(), labels.len());
        say!("after {steps} steps, {:.1} % of dreams are read as they were meant", 100.0 * all);
        let by_class = right.map(|right| fraction(right, plan.dreams)).to_vec();
        agreement.push(Agreement { steps, all, by_class });
        let pixels = images.len() / labels.len();
        let of_class = |class: usize| {
            let images = images.chunks_exact(pixels).skip(class).step_by(DIGITS).take(PICTURES);
            images.map(|image| picture(image.iter().map(|p| p * 255.0), 28)).collect()
        };
        pictures = (0..DIGITS).map(of_class).collect();
    });
    (agreement, pictures)
}

/// The weights of some hidden units, each to a scale of its own.
fn filters(rbm: &Rbm<f32>, width: usize) -> Vec<Picture> {
    /// So many are kept.
    const FILTERS: usize = 24;
    let hidden = rbm.hidden_units();
    let of = |j: usize| {
        let w = || rbm.w.iter().skip(j).step_by(hidden);
        let largest = w().fold(f32::MIN_POSITIVE, |m, w| m.max(w.abs()));
        // In sixteen shades, 8 is the middle, and 1 is as far below it as f is above.
        picture(w().map(move |w| 136.0 + 119.0 * w / largest), width)
    };
    (0..FILTERS.min(hidden)).map(of).collect()
}

fn picture(levels: impl Iterator<Item = f32>, width: usize) -> Picture {
    Picture::new(width, &levels.map(|x| x.round() as u8).collect::<Vec<_>>())
}
