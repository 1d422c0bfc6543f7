//! Labelled images: where they come from, and how they are handed out in mini-batches.
//!
//! Images stay bytes until a network asks for them; [`Batches`] turns one mini-batch at a time into numbers. They come
//! from a formula ([`digits`]) or from IDX files ([`idx`], [`mnist`]).

mod batches;
mod digits;
pub mod idx;
#[cfg(feature = "files")]
pub mod mnist;

pub use batches::{Batch, Batches, TrainingSet};
pub use digits::{digit, digits};

use crate::{Error, Result, Shape};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::ops::Range;

/// Labelled grey images of one size, kept as bytes until they are needed.
///
/// A pixel byte `p` means the intensity p/256, as in the chapter's data: 0 is paper, 255/256 the blackest ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    height: usize,
    width: usize,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

/// The classes of every data set here: the ten digits.
pub const CLASSES: usize = 10;

impl Dataset {
    /// Images `height` × `width`, one after the other in row-major order, with a label (0 to 9) each.
    ///
    /// # Errors
    /// When there are no images, when pixels and labels disagree about how many there are, or when a label is not a digit.
    pub fn new(height: usize, width: usize, pixels: Vec<u8>, labels: Vec<u8>) -> Result<Self> {
        if labels.is_empty() || height == 0 || width == 0 {
            return Err(Error::input("a data set needs at least one image of at least one pixel"));
        }
        let expected = height.checked_mul(width).and_then(|n| n.checked_mul(labels.len()));
        if expected != Some(pixels.len()) {
            let expected = format!("{} images of {height}×{width}", labels.len());
            return Err(Error::shape("data set", expected, format!("{} bytes", pixels.len())));
        }
        if let Some(i) = labels.iter().position(|&l| usize::from(l) >= CLASSES) {
            return Err(Error::input(format!("label {} of image {i} is not a digit", labels[i])));
        }
        Ok(Dataset { height, width, pixels, labels })
    }

    /// How many images.
    #[allow(clippy::len_without_is_empty)] // never empty: see `new`
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The shape of one image: 1×height×width.
    pub fn shape(&self) -> Shape {
        Shape::image(1, self.height, self.width)
    }

    /// The pixels of image `i`, row by row.
    pub fn image(&self, i: usize) -> &[u8] {
        let n = self.height * self.width;
        &self.pixels[i * n..][..n]
    }

    /// All labels, in order.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// A copy of some of the images.
    ///
    /// # Errors
    /// When the range is empty or leaves the data set.
    pub fn slice(&self, range: Range<usize>) -> Result<Self> {
        let n = self.height * self.width;
        if range.start > range.end || range.end > self.len() {
            let got = format!("images {}..{}", range.start, range.end);
            return Err(Error::shape("data set", format!("images within 0..{}", self.len()), got));
        }
        let pixels = self.pixels[range.start * n..range.end * n].to_vec();
        Dataset::new(self.height, self.width, pixels, self.labels[range].to_vec())
    }

    /// Keeps the first `at` images and returns the others, without ever holding more than those twice.
    ///
    /// # Errors
    /// When either part would be empty.
    pub fn split_off(&mut self, at: usize) -> Result<Self> {
        if at == 0 || at >= self.len() {
            let message = format!("cannot split {} images into {at} and the rest: both need an image", self.len());
            return Err(Error::input(message));
        }
        let labels = self.labels.split_off(at);
        let pixels = self.pixels.split_off(at * self.height * self.width);
        self.pixels.shrink_to_fit();
        Ok(Dataset { pixels, labels, ..*self })
    }
}

/// Training, validation and test images of one origin.
#[derive(Clone, Debug)]
pub struct Splits {
    /// Where they come from, for people: "MNIST", "built-in digits".
    pub name: String,
    /// Images to train with.
    pub training: Dataset,
    /// Images to choose the best epoch by.
    pub validation: Dataset,
    /// Images to measure the result on.
    pub test: Dataset,
}

/// The random numbers of one thing among many (an image, an epoch): a stream of its own for every `number`, whatever
/// has been drawn for the others.
fn stream(seed: u64, number: u64) -> Xoshiro256PlusPlus {
    let base = Xoshiro256PlusPlus::seed_from_u64(seed).next_u64();
    Xoshiro256PlusPlus::seed_from_u64(base.wrapping_add(number))
}
