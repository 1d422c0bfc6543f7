//! The record of one run.

use super::{PICTURES, Picture};
use crate::Experiment;
use network3::{
    Error, Habits, Label, Result, Shape, Spec,
    data::{Dataset, Splits},
    train::{Best, Epoch, HyperParameters},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::Path;

/// One run: what was asked for, on what, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Name of the experiment: `two-conv-relu`.
    pub experiment: String,
    /// What was asked for.
    pub configuration: Configuration,
    /// Of all random numbers.
    pub seed: u64,
    /// On how many threads it worked; the results do not depend on it.
    pub threads: usize,
    /// The processor's own name for itself.
    pub processor: String,
    /// The commit that ran, with `-dirty` where the tree had changes; `None` outside a repository.
    pub commit: Option<String>,
    /// Every epoch, in order.
    pub epochs: Vec<Epoch>,
    /// The epoch with the best validation accuracy: the result of the run.
    pub best: Best,
    /// Images of the test set that the network of the best epoch gets wrong.
    pub misclassified: Vec<Misclassified>,
}

/// Everything that determines a run, beside the seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// The network, layer by layer.
    pub layers: Vec<Spec>,
    /// Where the images come from: "MNIST", "built-in digits".
    pub data: String,
    /// Are the training images also moved by one pixel, up, down, left and right?
    pub expanded: bool,
    /// Images to train with, before they are moved.
    pub training_images: usize,
    /// Images that the best epoch is chosen by.
    pub validation_images: usize,
    /// Images that the result is measured on.
    pub test_images: usize,
    /// At most so many epochs.
    pub epochs: usize,
    /// Images in a mini-batch.
    pub mini_batch_size: usize,
    /// The learning rate as a function of the epoch, in words: "0.03", "0.1, halved when validation stalls …".
    pub eta: String,
    /// The regularisation parameter λ.
    pub lambda: f64,
    /// The momentum coefficient μ; 0 for plain gradient descent.
    pub momentum: f64,
    /// Which habits of `network3.py` were kept.
    pub habits: Habits,
    /// When training stops, in words: "after 60 epochs".
    pub stopping: String,
}

impl Configuration {
    /// The configuration of an experiment on these images.
    pub fn new(experiment: &Experiment, splits: &Splits, habits: Habits) -> Self {
        let Experiment { layers, hyper_parameters, expanded, .. } = experiment.clone();
        let HyperParameters { mini_batch_size, eta, lambda, momentum, stopping } = hyper_parameters;
        Configuration {
            layers,
            data: splits.name.clone(),
            expanded,
            training_images: splits.training.len(),
            validation_images: splits.validation.len(),
            test_images: splits.test.len(),
            epochs: stopping.at_most(),
            mini_batch_size,
            eta: eta.to_string(),
            lambda,
            momentum,
            habits,
            stopping: stopping.to_string(),
        }
    }

    /// What two runs must have in common for one to go on where the other stopped: every setting but when to stop,
    /// and the seed.
    ///
    /// # Errors
    /// When a number among them is not finite.
    pub fn identity(&self, seed: u64) -> Result<Map<String, Value>> {
        let value = serde_json::to_value(self).map_err(|e| Error::input(format!("the configuration: {e}")))?;
        let settings = value.as_object().into_iter().flatten();
        let settings = settings.filter(|(name, _)| !["epochs", "stopping"].contains(&name.as_str()));
        let settings = settings.map(|(name, value)| (name.clone(), value.clone()));
        Ok(settings.chain([("seed".to_string(), seed.into())]).collect())
    }
}

/// An image that the network got wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misclassified {
    /// Where it stands in the test set.
    pub image: usize,
    /// The digit that it is.
    pub label: Label,
    /// The digit that the network takes it for.
    pub predicted: Label,
    /// What it looks like, so that it can be drawn where the data set is not there. Only the first [`PICTURES`] have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

impl Misclassified {
    /// Compares the classes that a network gave to the first images of a data set with their labels.
    pub fn all(images: &Dataset, classes: &[Label]) -> Vec<Self> {
        let width = match images.shape() {
            Shape::Image { width, .. } | Shape::Flat(width) => width,
        };
        let wrong = images.labels().iter().zip(classes).enumerate().filter(|(_, (label, class))| label != class);
        let wrong = wrong.enumerate().map(|(nth, (image, (&label, &predicted)))| {
            let picture = (nth < PICTURES).then(|| Picture::new(width, images.image(image)));
            Misclassified { image, label, predicted, picture }
        });
        wrong.collect()
    }
}

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    /// When the file is not there, or is no record: the message names the file and what is wrong with it.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        super::read(path.as_ref())
    }

    /// Writes the record as JSON, whole or not at all.
    ///
    /// # Errors
    /// When the operating system refuses; the message names the file.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        super::write(self, path.as_ref())
    }
}
