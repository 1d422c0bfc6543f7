//! What is known of every epoch.

use crate::LayerNorms;
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
