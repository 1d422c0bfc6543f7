//! Labelled images: where they come from, and how they are handed out in mini-batches.
//!
//! Images stay bytes until a network asks for them; [`Batches`] says which of them make the next mini-batch. They come
//! from a formula ([`digits`]) or from IDX files ([`idx`], [`mnist`]), which may be compressed ([`gz`]) or something
//! else altogether ([`kind`](mod@kind)).

#[cfg(feature = "files")]
mod checksum;
mod digits;
mod distortion;
mod examples;
#[cfg(feature = "files")]
mod folder;
#[cfg(feature = "files")]
pub mod gz;
pub mod idx;
pub mod kind;
#[cfg(feature = "files")]
pub mod mnist;

#[cfg(feature = "files")]
pub use checksum::MNIST_SHA256;
pub use digits::{digit, digits};
pub use distortion::Distortion;
pub use examples::{Batches, Examples, TrainingSet};

use crate::{Error, Result, Shape};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::ops::Range;
#[cfg(any(feature = "opencl", feature = "files"))]
use std::sync::Arc;

/// The class of an image, counted from 0.
pub type Label = u16;

/// Labelled images of one shape, kept as bytes until they are needed.
///
/// A pixel byte `p` means the intensity p/256, as in the chapter's data: 0 is paper, 255/256 the blackest ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    shape: Shape,
    classes: usize,
    pixels: Vec<u8>,
    labels: Vec<Label>,
    /// Of this data set and its copies alone.
    #[cfg(any(feature = "opencl", feature = "files"))]
    identity: Arc<Identity>,
}

/// Which data set something is: a device knows by it what it has already, and a checksum, of which images it is. To be
/// compared by where it is in memory, not by what is in it.
#[cfg(any(feature = "opencl", feature = "files"))]
#[derive(Debug, Default)]
pub(crate) struct Identity {
    /// The checksum of the splits that train with this data set.
    #[cfg(feature = "files")]
    sum: checksum::Known,
}

/// Equal data sets are equal whichever they are.
#[cfg(any(feature = "opencl", feature = "files"))]
impl PartialEq for Identity {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[cfg(any(feature = "opencl", feature = "files"))]
impl Eq for Identity {}

/// The ten digits: the classes of the data sets that are read or drawn here, unless they have more.
pub const DIGITS: usize = 10;

impl Dataset {
    /// Images of that shape, one after the other, each row by row and all maps (colours) of a pixel side by side, with
    /// a label below `classes` each.
    ///
    /// # Errors
    /// When there are no images, when pixels and labels disagree about how many there are, when a label is no class, or
    /// when there are more than 65,536 classes.
    ///
    /// ```
    /// use network3::{Shape, data::Dataset};
    /// let images = Dataset::new(Shape::image(1, 2, 2), 10, vec![0; 8], vec![3, 1])?;
    /// assert_eq!((images.len(), images.classes()), (2, 10));
    /// # Ok::<(), network3::Error>(())
    /// ```
    pub fn new(shape: Shape, classes: usize, pixels: Vec<u8>, labels: Vec<Label>) -> Result<Self> {
        let units = match shape {
            Shape::Image { maps, height, width } => maps.checked_mul(height).and_then(|n| n.checked_mul(width)),
            Shape::Flat(n) => Some(n),
        };
        if labels.is_empty() || units == Some(0) {
            return Err(Error::input("a data set needs at least one image of at least one pixel"));
        }
        if units.and_then(|n| n.checked_mul(labels.len())) != Some(pixels.len()) {
            let expected = format!("{} images of {shape}", labels.len());
            return Err(Error::shape("data set", expected, format!("{} bytes", pixels.len())));
        }
        if classes > usize::from(Label::MAX) + 1 {
            return Err(Error::input(format!(
                "{classes} classes are too many: a label has 16 bits, so at most 65,536"
            )));
        }
        if let Some(i) = labels.iter().position(|&l| usize::from(l) >= classes) {
            return Err(Error::input(format!("label {} of image {i} is not one of the {classes} classes", labels[i])));
        }
        Ok(Dataset {
            shape,
            classes,
            pixels,
            labels,
            #[cfg(any(feature = "opencl", feature = "files"))]
            identity: Arc::default(),
        })
    }

    /// How many classes its labels are taken from.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many images.
    #[allow(clippy::len_without_is_empty)] // never empty: see `new`
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The shape of one image.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The pixels of image `i`, row by row.
    pub fn image(&self, i: usize) -> &[u8] {
        let n = self.shape.len();
        &self.pixels[i * n..][..n]
    }

    /// The pixels of all images, one after the other.
    #[cfg(feature = "opencl")]
    pub(crate) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Which data set it is.
    #[cfg(feature = "opencl")]
    pub(crate) fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// All labels, in order.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// A copy of some of the images.
    ///
    /// # Errors
    /// When the range is empty or leaves the data set.
    pub fn slice(&self, range: Range<usize>) -> Result<Self> {
        let n = self.shape.len();
        if range.start > range.end || range.end > self.len() {
            let got = format!("images {}..{}", range.start, range.end);
            return Err(Error::shape("data set", format!("images within 0..{}", self.len()), got));
        }
        let pixels = self.pixels[range.start * n..range.end * n].to_vec();
        Dataset::new(self.shape, self.classes, pixels, self.labels[range].to_vec())
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
        let pixels = self.pixels.split_off(at * self.shape.len());
        self.pixels.shrink_to_fit();
        #[cfg(any(feature = "opencl", feature = "files"))]
        {
            self.identity = Arc::default();
        }
        Dataset::new(self.shape, self.classes, pixels, labels)
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
