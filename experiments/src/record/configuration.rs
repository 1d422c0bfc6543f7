//! What was asked for.

use super::{Check, ensure};
use crate::Experiment;
use network3::{
    Error, Habits, LastBatch, Result, Spec,
    data::{Distortion, Splits},
    train::{self, HyperParameters},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Everything that determines a run, beside the seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// The network, layer by layer.
    pub layers: Vec<Spec>,
    /// Where the images come from: "MNIST", "built-in digits".
    pub data: String,
    /// Which images they are: [`Splits::sha256`] of those that the run uses. Older records do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<String>,
    /// Are the training images also moved by one pixel, up, down, left and right?
    pub expanded: bool,
    /// Is each training image distorted, in every epoch in another way, and how strongly?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distortion: Option<Distortion>,
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
        let Experiment { layers, hyper_parameters, expanded, distortion, .. } = experiment.clone();
        let HyperParameters { mini_batch_size, eta, lambda, momentum, stopping } = hyper_parameters;
        Configuration {
            layers,
            data: splits.name.clone(),
            data_sha256: Some(splits.sha256()),
            expanded,
            distortion,
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

    /// What two runs must have in common for one to go on where the other stopped: the seed, and every setting but when
    /// to stop and what the images are called. Which images they are is a setting.
    ///
    /// # Errors
    /// When a number among them is not finite.
    pub fn identity(&self, seed: u64) -> Result<Map<String, Value>> {
        let mut settings = self.settings()?;
        settings.insert("seed".into(), seed.into());
        Ok(settings)
    }

    /// The settings in which a run that was recorded, `there`, is another than this one. Where the record does not say
    /// which images it had, their name counts.
    ///
    /// # Errors
    /// When a number among them is not finite.
    pub fn differences(&self, there: &Configuration) -> Result<Vec<String>> {
        let known = |sum: &Configuration| if there.data_sha256.is_some() { sum.data_sha256.clone() } else { None };
        let alike = |one: &Configuration| Configuration { data_sha256: known(one), ..one.clone() }.settings();
        Ok(train::differences(&alike(there)?, &alike(self)?))
    }

    fn settings(&self) -> Result<Map<String, Value>> {
        let value = serde_json::to_value(self).map_err(|e| Error::input(format!("the configuration: {e}")))?;
        let ignored = ["epochs", "stopping", if self.data_sha256.is_some() { "data" } else { "data_sha256" }];
        let settings = value.as_object().into_iter().flatten();
        let settings = settings.filter(|(name, _)| !ignored.contains(&name.as_str()));
        Ok(settings.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Is an accuracy over so many images one over all of them?
    pub(super) fn counts_all(&self, images: usize) -> bool {
        self.habits.last_batch == LastBatch::Used || images.is_multiple_of(self.mini_batch_size)
    }
}

/// No data set that can be read has more bytes (1 GiB), and so none more images.
const MOST_IMAGES: usize = 1 << 30;

impl Check for Configuration {
    fn check(&self) -> Result<()> {
        let sets = [("train", self.training_images), ("validate", self.validation_images), ("test", self.test_images)];
        for (purpose, images) in sets {
            let possible = (1..=MOST_IMAGES).contains(&images);
            ensure(possible, || format!("it says {images} images to {purpose} with"))?;
        }
        let &Configuration { epochs, mini_batch_size, lambda, momentum, .. } = self;
        ensure(!self.layers.is_empty(), || "its network has no layer".into())?;
        ensure(epochs > 0, || "it was to stop after 0 epochs".into())?;
        ensure((1..=MOST_IMAGES).contains(&mini_batch_size), || {
            format!("its mini-batches have {mini_batch_size} images")
        })?;
        ensure(lambda.is_finite() && lambda >= 0.0, || format!("λ is {lambda:?}"))?;
        ensure((0.0..1.0).contains(&momentum), || format!("the momentum is {momentum:?}"))?;
        self.distortion.map_or(Ok(()), |distortion| distortion.check())?;
        let is_sum = |sum: &String| sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit());
        ensure(self.data_sha256.as_ref().is_none_or(is_sum), || "data_sha256 is no SHA-256".into())
    }
}
