//! What a run leaves behind: `figures/records/*.json`.
//!
//! A record is all that the book knows of a run. Accuracies are fractions (0.9923, not 99.23), costs are in nats, and
//! the fields stand in the order of these structs.

use crate::{
    Error, Habits, Result, Shape, Spec,
    data::{Dataset, Splits},
    experiments::Experiment,
    train::{Best, Epoch, HyperParameters},
};
use serde::{Deserialize, Serialize};
use std::fmt;
#[cfg(feature = "files")]
use {
    crate::files,
    serde::de::DeserializeOwned,
    serde_json::{Map, Value},
    std::path::Path,
};

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
    #[cfg(feature = "files")]
    pub fn identity(&self, seed: u64) -> Result<Map<String, Value>> {
        let value = serde_json::to_value(self).map_err(|e| Error::input(format!("the configuration: {e}")))?;
        let settings = value.as_object().into_iter().flatten();
        let settings = settings.filter(|(name, _)| !["epochs", "stopping"].contains(&name.as_str()));
        let settings = settings.map(|(name, value)| (name.clone(), value.clone()));
        Ok(settings.chain([("seed".to_string(), seed.into())]).collect())
    }
}

/// What several runs of one experiment, from different seeds, came to together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub experiment: String,
    pub configuration: Configuration,
    pub runs: Vec<Outcome>,
    /// Over the runs.
    pub mean_test_accuracy: f64,
    /// The sample standard deviation over the runs, with n − 1 below the line; 0 for a single run.
    pub test_accuracy_deviation: f64,
    /// What the chapter reports: the run with the best validation accuracy, the last of equals.
    pub best: Outcome,
    /// What the networks of the best epochs come to when they decide together; `None` unless they were asked to.
    pub ensemble: Option<Vote>,
}

/// The best epoch of one run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub seed: u64,
    pub best: Best,
}

/// What an ensemble makes of the test images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// Test accuracy of the plurality vote: what the chapter does.
    pub vote_accuracy: f64,
    /// Test accuracy of the class with the largest mean probability.
    pub mean_accuracy: f64,
    /// The images that the vote gets wrong.
    pub misclassified: Vec<Misclassified>,
}

impl Summary {
    /// Sums up finished runs of one experiment.
    ///
    /// # Errors
    /// When there are none.
    pub fn of(records: &[Record]) -> Result<Self> {
        let runs: Vec<_> = records.iter().map(|record| Outcome { seed: record.seed, best: record.best }).collect();
        let by_validation =
            |a: &&Outcome, b: &&Outcome| a.best.validation_accuracy.total_cmp(&b.best.validation_accuracy);
        let (Some(first), Some(&best)) = (records.first(), runs.iter().max_by(by_validation)) else {
            return Err(Error::input("a summary needs at least one run"));
        };
        let accuracies = || runs.iter().map(|run| run.best.test_accuracy);
        let mean = accuracies().sum::<f64>() / runs.len() as f64;
        let squares: f64 = accuracies().map(|accuracy| (accuracy - mean).powi(2)).sum();
        Ok(Summary {
            experiment: first.experiment.clone(),
            configuration: first.configuration.clone(),
            mean_test_accuracy: mean,
            test_accuracy_deviation: (squares / (runs.len() - 1).max(1) as f64).sqrt(),
            best,
            runs,
            ensemble: None,
        })
    }
}

/// An image that the network got wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misclassified {
    /// Where it stands in the test set.
    pub image: usize,
    pub label: u8,
    pub predicted: u8,
    /// What it looks like, so that it can be drawn where the data set is not there. Only the first [`PICTURES`] have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

impl Misclassified {
    /// Compares the classes that a network gave to the first images of a data set with their labels.
    pub fn all(images: &Dataset, classes: &[u8]) -> Vec<Self> {
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

/// How many of the misclassified images a record keeps pictures of.
pub const PICTURES: usize = 48;

/// A small grey image as text: a hexadecimal digit for each pixel, from 0 (paper) to f (full ink), rows divided by `/`,
/// and without the paper at the end of each row.
///
/// ```
/// use network3::record::Picture;
/// let picture = Picture::new(3, &[0, 128, 0, 0, 0, 0, 255, 255, 7]);
/// assert_eq!(picture.to_string(), "08//ff");
/// assert_eq!(picture.rows().collect::<Vec<_>>(), [vec![0, 136], vec![], vec![255, 255]]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Picture(String);

impl Picture {
    /// From the bytes of an image, row by row.
    pub fn new(width: usize, pixels: &[u8]) -> Self {
        let digit = |&p: &u8| char::from_digit((u32::from(p) * 15 + 127) / 255, 16).unwrap_or('f');
        let row = |pixels: &[u8]| pixels.iter().map(digit).collect::<String>().trim_end_matches('0').to_owned();
        Picture(pixels.chunks(width).map(row).collect::<Vec<_>>().join("/"))
    }

    /// The bytes of the image, row by row, in sixteen greys; a row may be shorter than the image is wide.
    pub fn rows(&self) -> impl Iterator<Item = Vec<u8>> {
        self.0.split('/').map(|row| row.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8 * 17).collect())
    }
}

impl TryFrom<String> for Picture {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        match text.chars().find(|&c| c != '/' && !c.is_ascii_hexdigit()) {
            None => Ok(Picture(text)),
            Some(c) => Err(Error::input(format!("a picture is written with 0 to 9, a to f and /, not with {c:?}"))),
        }
    }
}

impl From<Picture> for String {
    fn from(picture: Picture) -> Self {
        picture.0
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How fast one network trains, computed in one way after another: what `examples/ladder` leaves behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ladder {
    pub experiment: String,
    pub mini_batch_size: usize,
    /// Where the images come from: "MNIST", "built-in digits".
    pub data: String,
    /// The processor's own name for itself.
    pub processor: String,
    /// The vectors that the fast voice found on it: "AVX-512".
    pub vectors: String,
    pub commit: Option<String>,
    /// For how long each rung was measured, over all windows.
    pub seconds: f64,
    /// How many windows each rung was measured in.
    pub windows: usize,
    /// From the lowest to the highest.
    pub rungs: Vec<Rate>,
    pub marks: Vec<Mark>,
}

/// Training images a second on one rung of the ladder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    pub name: String,
    /// What is new on this rung.
    pub step: String,
    pub threads: usize,
    /// Of all windows.
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

/// Training images a second of another program, on the same network and machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub name: String,
    pub rate: f64,
}

#[cfg(feature = "files")]
impl Ladder {
    /// Writes the ladder as JSON; errors as [`Record::write`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        write(self, path.as_ref())
    }
}

#[cfg(feature = "files")]
impl Record {
    /// Reads a record.
    ///
    /// # Errors
    /// When the file is not there, or is no record: the message names the file and what is wrong with it.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        read(path.as_ref())
    }

    /// Writes the record as JSON, whole or not at all.
    ///
    /// # Errors
    /// When the operating system refuses; the message names the file.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        write(self, path.as_ref())
    }
}

#[cfg(feature = "files")]
impl Summary {
    /// Reads a summary; errors as [`Record::read`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        read(path.as_ref())
    }

    /// Writes the summary as JSON; errors as [`Record::write`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        write(self, path.as_ref())
    }
}

#[cfg(feature = "files")]
fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = files::read(path)?;
    serde_json::from_slice(&bytes)
        .map_err(|e| Error::input(format!("{} is not a record of a run, or damaged: {e}", path.display())))
}

#[cfg(feature = "files")]
fn write(value: &impl Serialize, path: &Path) -> Result<()> {
    let json = serde_json::to_string_pretty(value).map_err(|e| Error::input(format!("{}: {e}", path.display())))?;
    files::write(path, (json + "\n").as_bytes())
}
