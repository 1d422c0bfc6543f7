//! What is known of every epoch.

use crate::{Error, LayerNorms, Result};
use serde::{Deserialize, Serialize};

/// One epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 0, as the chapter does.
    pub epoch: usize,
    /// The learning rate η.
    pub eta: f64,
    /// Mean log-likelihood cost of the mini-batches, each before its own step, without regularisation.
    pub train_cost: f64,
    /// Of the first images of the training set, as many as there are validation images, after the epoch.
    pub train_accuracy: f64,
    /// Mean log-likelihood cost of the validation images, after the epoch.
    pub validation_cost: f64,
    /// Of the validation images, after the epoch.
    pub validation_accuracy: f64,
    /// Mean log-likelihood cost of the test images, after the epoch.
    pub test_cost: f64,
    /// Of the test images, after the epoch.
    pub test_accuracy: f64,
    /// Training images per second, evaluation left out; `None` where nobody gave the trainer a clock.
    pub images_per_second: Option<f64>,
    /// Weight and gradient norms, layer by layer, after the epoch; the gradient is that of the first images of the
    /// training set, one mini-batch of them.
    pub norms: Vec<LayerNorms>,
}

/// No example costs more, in nats: −ln of the smallest normal number, in double precision.
const DEAREST: f64 = 709.0;

impl Epoch {
    /// Was anything learned? A layer through which no gradient comes stands still, and so do those before it: with
    /// rectified linear units that are zero for every image (dead) this is for good.
    ///
    /// It names the first layer whose gradient is zero, if less than half of the training images are right: where
    /// nearly all are, a gradient of zero is success.
    ///
    /// ```
    /// # let epoch = r#"{"epoch": 0, "eta": 1.0, "train_cost": 2.3, "train_accuracy": 0.1, "validation_cost": 2.3,
    /// #   "validation_accuracy": 0.1, "test_cost": 2.3, "test_accuracy": 0.1, "images_per_second": null,
    /// #   "norms": [{"layer": "1 ConvPool", "weights": 7.5, "gradient": 0.0}]}"#;
    /// # let mut epoch: network3::train::Epoch = serde_json::from_str(epoch).unwrap();
    /// assert_eq!((epoch.train_accuracy, epoch.norms[0].gradient), (0.1, 0.0));
    /// assert_eq!(epoch.without_gradient(), Some("1 ConvPool"));
    /// ```
    pub fn without_gradient(&self) -> Option<&str> {
        let first = self.norms.iter().find(|norms| norms.gradient == 0.0)?;
        (self.train_accuracy < 0.5).then_some(&first.layer)
    }
}

/// Can a run have had these epochs?
///
/// # Errors
/// When there are none, or they are not numbered 0, 1, 2 …, or a number is impossible: an accuracy outside of 0 to 1, a
/// cost below 0 or above what any example costs, a norm that is not finite. The message names the epoch and the number.
pub fn check_history(history: &[Epoch]) -> Result<()> {
    let wrong =
        |epoch: usize, what: &str, number: f64| Err(Error::input(format!("epoch {epoch}: {what} is {number:?}")));
    if history.is_empty() {
        return Err(Error::input("there is no epoch"));
    }
    for (number, e) in history.iter().enumerate() {
        if e.epoch != number {
            return Err(Error::input(format!("epochs are missing, or not in order: {} stands for {number}", e.epoch)));
        }
        let accuracies =
            [("training", e.train_accuracy), ("validation", e.validation_accuracy), ("test", e.test_accuracy)];
        for (of, accuracy) in accuracies {
            if !(0.0..=1.0).contains(&accuracy) {
                return wrong(number, &format!("the {of} accuracy"), accuracy);
            }
        }
        for (of, cost) in [("training", e.train_cost), ("validation", e.validation_cost), ("test", e.test_cost)] {
            // A probability may be rounded to a little more than 1.
            if !(-1e-6..=DEAREST).contains(&cost) {
                return wrong(number, &format!("the {of} cost"), cost);
            }
        }
        if !(e.eta.is_finite() && e.eta > 0.0) {
            return wrong(number, "the learning rate", e.eta);
        }
        if let Some(rate) = e.images_per_second.filter(|rate| !(rate.is_finite() && *rate >= 0.0)) {
            return wrong(number, "the number of images a second", rate);
        }
        let mut norms = e.norms.iter().flat_map(|norms| [norms.weights, norms.gradient]);
        if let Some(norm) = norms.find(|norm| !(norm.is_finite() && *norm >= 0.0)) {
            return wrong(number, "a norm", norm);
        }
    }
    Ok(())
}

/// The epoch with the best validation accuracy, the last of equals; its test accuracy is the result of the run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Counted from 0.
    pub epoch: usize,
    /// The best there is.
    pub validation_accuracy: f64,
    /// Of the same epoch.
    pub test_accuracy: f64,
}

impl Best {
    /// The best epoch of a history; `None` before the first.
    pub fn of(history: &[Epoch]) -> Option<Self> {
        // `max_by` returns the last of equals.
        let best = history.iter().max_by(|a, b| a.validation_accuracy.total_cmp(&b.validation_accuracy))?;
        let Epoch { epoch, validation_accuracy, test_accuracy, .. } = *best;
        Some(Best { epoch, validation_accuracy, test_accuracy })
    }
}

/// For every epoch: was its validation accuracy better than all before it? To equal the best is no improvement here.
pub(super) fn improvements(history: &[Epoch]) -> impl DoubleEndedIterator<Item = bool> {
    let mut best = f64::NEG_INFINITY;
    let improved = history.iter().map(|epoch| {
        let improved = epoch.validation_accuracy > best;
        best = best.max(epoch.validation_accuracy);
        improved
    });
    improved.collect::<Vec<_>>().into_iter()
}
