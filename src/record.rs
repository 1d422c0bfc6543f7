//! What a run leaves behind: `figures/records/*.json`.
//!
//! A record is all that the book knows of a run. Accuracies are fractions (0.9923, not 99.23), costs are in nats, and
//! the fields stand in the order of these structs.

use crate::{
    Habits, Spec,
    train::{Best, Epoch},
};
use serde::{Deserialize, Serialize};

/// One run: what was asked for, on what, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Name of the experiment: `two-conv-relu`.
    pub experiment: String,
    pub configuration: Configuration,
    pub seed: u64,
    pub threads: usize,
    /// The processor's own name for itself.
    pub processor: String,
    /// The commit that ran, with `-dirty` where the tree had changes; `None` outside a repository.
    pub commit: Option<String>,
    pub epochs: Vec<Epoch>,
    pub best: Best,
    /// Images of the test set that the network of the best epoch gets wrong.
    pub misclassified: Vec<Misclassified>,
}

/// Everything that determines a run, beside the seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    pub layers: Vec<Spec>,
    /// Where the images come from: "MNIST", "built-in digits".
    pub data: String,
    /// Are the training images also moved by one pixel, up, down, left and right?
    pub expanded: bool,
    pub training_images: usize,
    pub validation_images: usize,
    pub test_images: usize,
    /// At most so many epochs.
    pub epochs: usize,
    pub mini_batch_size: usize,
    /// The learning rate as a function of the epoch, in words: "0.03", "0.1, halved when validation stalls …".
    pub eta: String,
    pub lambda: f64,
    pub momentum: f64,
    pub habits: Habits,
    /// When training stops, in words: "after 60 epochs".
    pub stopping: String,
}

/// An image that the network got wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misclassified {
    /// Where it stands in the test set.
    pub image: usize,
    pub label: u8,
    pub predicted: u8,
}
