//! MNIST, or any four files like it: found, read and split.

use super::folder::{Located, file, locate};
use super::{DIGITS, Dataset, Label, MNIST_SHA256, Splits, gz, idx};
use crate::{Error, Result, Shape};
use std::env;
use std::path::{Path, PathBuf};

/// What the four files are called, without `.gz`: images and labels to train with, images and labels to test with.
pub const FILES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// Where MNIST is looked for when `MNIST_DIR` is not set, and where `train --fetch` puts it.
pub const FOLDER: &str = "data/mnist";

/// The folder that holds MNIST: `MNIST_DIR` if that is set and not empty, else [`FOLDER`]. `None` when it is not there,
/// or not whole.
///
/// # Errors
/// When `MNIST_DIR` is set and a file is missing from it.
pub fn find() -> Result<Option<PathBuf>> {
    find_in(asked_for(), Path::new(FOLDER))
}

/// Where MNIST belongs, whether it is there or not: `MNIST_DIR` if that is set and not empty, else [`FOLDER`].
pub fn folder() -> PathBuf {
    asked_for().unwrap_or_else(|| FOLDER.into())
}

/// One of the [`FILES`] in a folder, as [`load_dir`] would read it: compressed or not, and under any spelling of its
/// name.
pub fn file_in(folder: &Path, name: &str) -> Option<PathBuf> {
    file(folder, name)
}

fn asked_for() -> Option<PathBuf> {
    env::var_os("MNIST_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

fn find_in(asked_for: Option<PathBuf>, usual: &Path) -> Result<Option<PathBuf>> {
    match asked_for {
        Some(folder) => match locate(&folder) {
            Ok(_) => Ok(Some(folder)),
            Err(e) => Err(e.context("MNIST_DIR")),
        },
        None => Ok(locate(usual).is_ok().then(|| usual.into())),
    }
}

/// Reads any folder with four such files, of any size: the last sixth of the training images becomes the validation
/// set. MNIST, so, has 50,000 images to train with, 10,000 to validate and 10,000 to test.
///
/// The name is "MNIST" if that is what is there, by its checksum [`MNIST_SHA256`], else the folder's.
///
/// The classes are the ten digits, or as many as the largest label asks for: letters have more.
///
/// Each file may be compressed (`.gz`) or not, and `train-images.idx3-ubyte` is as good a name as
/// `train-images-idx3-ubyte`. The names of EMNIST do as well (`emnist-letters-train-images-idx3-ubyte`; its pictures,
/// which lie on their side, are put upright), and so do the folders of torchvision (`MNIST/raw`).
///
/// # Errors
/// When a file is missing or damaged, when images and labels are not equally many, or when training and test images
/// differ in size. The message names the files.
pub fn load_dir(folder: &Path) -> Result<Splits> {
    let Located { paths: [train_images, train_labels, test_images, test_labels], on_their_side } = locate(folder)?;
    let (mut training, mut test) = (read(&train_images, &train_labels)?, read(&test_images, &test_labels)?);
    if on_their_side {
        (training.0, test.0) = (training.0.transposed(), test.0.transposed());
    }
    let classes = training.1.iter().chain(&test.1).map(|&label| usize::from(label) + 1).fold(DIGITS, usize::max);
    let data_set = |(images, labels): (idx::Images, Vec<u8>)| {
        let labels = labels.into_iter().map(Label::from).collect();
        Dataset::new(Shape::image(1, images.height, images.width), classes, images.pixels, labels)
    };
    let (mut training, test) = (data_set(training)?, data_set(test)?);
    let held_out = training.len().div_ceil(6);
    let validation = training.split_off(training.len() - held_out).map_err(|e| e.context(train_images.display()))?;
    if training.shape() != test.shape() {
        let expected = format!("images of {}, as in {}", training.shape(), train_images.display());
        return Err(Error::shape(test_images.display(), expected, test.shape()));
    }
    let splits = Splits { name: folder.display().to_string(), training, validation, test };
    let name = if splits.sha256() == MNIST_SHA256 { "MNIST".into() } else { splits.name };
    Ok(Splits { name, ..splits })
}

/// Images, and a label for each.
fn read(images: &Path, labels: &Path) -> Result<(idx::Images, Vec<u8>)> {
    let read = || {
        let (from, most) = gz::open(images)?;
        idx::Images::read(from, most)
    };
    let read_labels = || {
        let (from, most) = gz::open(labels)?;
        idx::read_labels(from, most)
    };
    let pixels = read().map_err(|e| e.context(images.display()))?;
    let classes = read_labels().map_err(|e| e.context(labels.display()))?;
    let count = pixels.pixels.len() / (pixels.height * pixels.width);
    if count != classes.len() {
        let expected = format!("{count} labels, one for each image in {}", images.display());
        return Err(Error::shape(labels.display(), expected, classes.len()));
    }
    Ok((pixels, classes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Setting an environment variable in a test would be seen by all others, hence `find_in`.
    #[test]
    fn found_where_the_variable_points_and_nowhere_else() {
        let here = tempfile::tempdir().unwrap();
        let (full, empty) = (here.path().join("full"), here.path().join("empty"));
        std::fs::create_dir_all(&full).unwrap();
        for name in ["train-images.idx3-ubyte.gz", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte.gz"] {
            std::fs::write(full.join(name), "").unwrap();
        }
        assert!(find_in(None, &full).unwrap().is_none(), "three of four files are not MNIST");
        let message = find_in(Some(full.clone()), &empty).unwrap_err().to_string();
        assert!(message.starts_with("MNIST_DIR: no t10k-labels-idx1-ubyte (or"), "{message}");

        std::fs::write(full.join("t10k-labels.idx1-ubyte"), "").unwrap();
        assert_eq!(find_in(Some(full.clone()), &empty).unwrap(), Some(full.clone()));
        assert_eq!(find_in(None, &full).unwrap(), Some(full.clone()));
        assert_eq!(find_in(None, &empty).unwrap(), None);
        std::fs::create_dir(&empty).unwrap();
        let message = find_in(Some(empty), &full).unwrap_err().to_string();
        assert!(FILES.iter().all(|name| message.contains(name)), "{message}");
    }
}
