//! What a run leaves behind: `figures/records/*.json`.
//!
//! A record is all that the book knows of a run. Accuracies are fractions (0.9923, not 99.23), costs are in nats, and
//! the fields stand in the order of these structs.

use crate::{
    Error, Habits, Result, Spec,
    train::{Best, Epoch},
};
use serde::{Deserialize, Serialize};
use std::fmt;

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
