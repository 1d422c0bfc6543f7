//! The record of one run.

use super::{Check, Configuration, PICTURES, Picture, ensure};
use network3::{
    Label, Result, Shape,
    data::Dataset,
    train::{Best, Epoch, check_history},
};
use serde::{Deserialize, Serialize};
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

/// An image that the network got wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misclassified {
    /// Where it stands in the test set.
    pub image: usize,
    /// The digit that it is.
    pub label: Label,
    /// The digit that the network takes it for.
    pub predicted: Label,
    /// What it looks like, so that it can be drawn where the data set is not there. Only the first [`PICTURES`] have
    /// one.
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

/// The images that are wrong when this part of them is right, one after the other, each once.
///
/// # Errors
/// When these are others, or an image is wrong and right at once.
pub(super) fn check_misclassified(
    misclassified: &[Misclassified],
    accuracy: f64,
    configuration: &Configuration,
) -> Result<()> {
    let images = configuration.test_images;
    let in_order = misclassified.is_sorted_by(|a, b| a.image < b.image);
    ensure(in_order, || "the misclassified images are not in order".into())?;
    for &Misclassified { image, label, predicted, .. } in misclassified {
        ensure(image < images, || format!("image {image} of {images} is misclassified"))?;
        ensure(label != predicted, || format!("image {image} is misclassified, and taken for what it is"))?;
    }
    // Where the last mini-batch is left out, the accuracy is that of the others.
    if configuration.counts_all(images) {
        let expected = (1.0 - accuracy) * images as f64;
        let wrong = misclassified.len();
        ensure((expected - wrong as f64).abs() < 0.5, || {
            format!("{wrong} images are misclassified, not {expected:.0}")
        })?;
    }
    Ok(())
}

impl Check for Record {
    fn check(&self) -> Result<()> {
        let Record { configuration, epochs, best, misclassified, .. } = self;
        configuration.check()?;
        check_history(epochs)?;
        let (done, most) = (epochs.len(), configuration.epochs);
        ensure(done <= most, || format!("it has {done} epochs, and was to stop after {most}"))?;
        ensure(Best::of(epochs) == Some(*best), || format!("the best epoch is not epoch {}, as it says", best.epoch))?;
        check_misclassified(misclassified, best.test_accuracy, configuration)
    }
}

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    /// When the file is not there, is no record, or holds a number that no run can have: the message names the file and
    /// what is wrong with it.
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
