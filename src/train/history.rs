//! What is known of every epoch.

use super::LayerNorms;
use serde::{Deserialize, Serialize};

/// One epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 0, as the chapter does.
    pub epoch: usize,
    pub eta: f64,
    /// Mean log-likelihood cost of the mini-batches, each before its own step, without regularisation.
    pub train_cost: f64,
    /// Of the first images of the training set, as many as there are validation images, after the epoch.
    pub train_accuracy: f64,
    pub validation_cost: f64,
    pub validation_accuracy: f64,
    pub test_cost: f64,
    pub test_accuracy: f64,
    pub images_per_second: f64,
    /// Weight and gradient norms, layer by layer.
    pub norms: Vec<LayerNorms>,
}

/// The epoch with the best validation accuracy, the last of equals; its test accuracy is the result of the run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    pub epoch: usize,
    pub validation_accuracy: f64,
    pub test_accuracy: f64,
}
