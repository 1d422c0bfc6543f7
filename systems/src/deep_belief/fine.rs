//! Gradient descent from what was learned without labels, and, for comparison, from random weights.

use super::{Plan, net::BeliefNet, rbm::Rbm};
use crate::kit::{Progress, Setting, round};
use experiments::say;
use network3::{
    Activation, Error, Network, Result, Spec,
    data::{DIGITS, Splits},
    train::{HyperParameters, Schedule, Trainer},
};
use serde::{Deserialize, Serialize};

/// Two runs that differ in where they begin, and in nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FineTuning {
    /// The learning rate of the first epoch, and of the last.
    pub eta: (f64, f64),
    /// Images in a mini-batch.
    pub mini_batch_size: usize,
    /// Test error after each epoch, begun with what was learned without labels.
    pub pretrained: Vec<f64>,
    /// The same, begun with random weights.
    pub random: Vec<f64>,
    /// Test error after the epoch that is best on the validation images.
    pub pretrained_error: f64,
    /// The same, begun with random weights.
    pub random_error: f64,
}

/// Images in a mini-batch.
const BATCH: usize = 10;
/// η in the first and in the last epoch.
const ETA: (f64, f64) = (0.1, 0.02);

/// Trains both for so many epochs.
///
/// # Errors
/// When a run diverges.
pub fn compare(setting: &Setting, splits: &Splits, net: &BeliefNet, plan: &Plan) -> Result<FineTuning> {
    let machines: Vec<&Rbm<f32>> = net.features.iter().chain(plan.fine_top.then_some(&net.top)).collect();
    let mut curves = vec![];
    for (name, learned) in [("learned weights", true), ("random weights", false)] {
        let mut network = network(splits, &machines)?.with_threads(setting.thread_count())?.with_seed(setting.seed);
        if learned {
            unroll(&machines, &mut network)?;
        }
        curves.push(train(setting, splits, network, plan.fine, name)?);
    }
    let [(pretrained, pretrained_error), (random, random_error)] =
        <[_; 2]>::try_from(curves).map_err(|_| Error::input("two runs make two curves"))?;
    Ok(FineTuning { eta: ETA, mini_batch_size: BATCH, pretrained, random, pretrained_error, random_error })
}

/// Sigmoid layers of the net's sizes, and softmax.
fn network(splits: &Splits, machines: &[&Rbm<f32>]) -> Result<Network<f32>> {
    let sizes = machines.iter().map(|rbm| rbm.hidden_units());
    let layers = sizes.map(|n| Spec::fully_connected(n, Activation::Sigmoid)).chain([Spec::softmax(DIGITS)]);
    Network::new(splits.training.shape(), &layers.collect::<Vec<_>>())
}

/// Makes a network's layers what the net's machines compute on the way up: p(h = 1 | v) is a layer of sigmoid neurons.
/// Of the top machine the weights of features count, and not those of labels; the softmax layer stays as it is, zero.
fn unroll(machines: &[&Rbm<f32>], network: &mut Network<f32>) -> Result<()> {
    for (rbm, layer) in machines.iter().zip(network.layers_mut()) {
        let Some(p) = layer.parameters_mut() else { continue };
        let features = rbm.data_units() * rbm.hidden_units();
        for (to, from) in [(&mut p.w, &rbm.w[..features]), (&mut p.b, &rbm.b[..])] {
            if to.len() != from.len() {
                return Err(Error::shape("unrolled net", to.len().to_string(), from.len()));
            }
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        }
    }
    Ok(())
}

fn train(
    setting: &Setting,
    splits: &Splits,
    mut network: Network<f32>,
    epochs: usize,
    name: &str,
) -> Result<(Vec<f64>, f64)> {
    let mut rule = HyperParameters::new(ETA.0).with_epochs(epochs).with_mini_batch_size(BATCH);
    rule.eta = Schedule::Geometric { from: ETA.0, to: ETA.1, epochs };
    let mut trainer = Trainer::new(splits, rule)?.with_seed(setting.seed)?;
    let batches = splits.training.len().div_ceil(BATCH) as u64;
    let mut progress = Progress::new(&format!("fine-tuning {name}"), 0, epochs as u64 * batches);
    while !trainer.is_over() {
        let epoch = trainer.epoch(&mut network, &mut |_| progress.step())?;
        let (number, error) = (epoch.epoch + 1, 100.0 * (1.0 - epoch.test_accuracy));
        progress.say(format_args!("{name}, epoch {number}: test error {error:.2} %"));
    }
    let curve = trainer.history().iter().map(|epoch| round(1.0 - epoch.test_accuracy, 4)).collect();
    let best = trainer.best().ok_or_else(|| Error::input("not one epoch was trained"))?;
    let error = round(1.0 - best.test_accuracy, 4);
    say!("{name}: test error {:.2} % after the epoch that is best on the validation images", 100.0 * error);
    Ok((curve, error))
}
