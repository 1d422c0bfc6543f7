//! Which images to train with, and where they come from.

use super::warn;
use crate::say;
use indicatif::{ProgressBar, ProgressStyle};
use network3::{
    Error, Result,
    data::{self, MNIST_SHA256, Splits, mnist},
    thousands,
};
use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
};

/// How many built-in digits there are to train, to validate and to test with. There could be any number; these are
/// drawn in about a second.
const DIGITS: (usize, usize, usize) = (20_000, 4_000, 4_000);

/// An image takes 784 bytes, so these take a gigabyte with those to validate and to test with.
const DRAWN: usize = 1_000_000;

/// The images that the command line asks for with `--data` and `--images`: MNIST if it says nothing and MNIST is there,
/// else the built-in digits; and the first so many of those to train with.
///
/// # Errors
/// When they are not there, cannot be read, are not what was asked for, or have more classes than there are digits.
pub fn load(data: Option<&str>, images: Option<usize>) -> Result<Splits> {
    if images == Some(0) {
        return Err(Error::input("--images 0 leaves nothing to train with: ask for at least one"));
    }
    let mut splits = match data {
        Some("digits") => digits(images)?,
        Some("mnist") => really_mnist(mnist::load_dir(&mnist::find()?.ok_or_else(no_mnist)?)?)?,
        Some(folder) if Path::new(folder).is_dir() => mnist::load_dir(Path::new(folder))?,
        Some(other) => {
            let message =
                format!("--data takes mnist, digits, or a folder with four IDX files, and {other} is no folder");
            return Err(Error::input(message));
        }
        None => match mnist::find()? {
            Some(folder) => mnist::load_dir(&folder)?,
            None => {
                say!("MNIST is not here, so these are digits that the program draws itself.");
                say!("To get MNIST, 11 MB: cargo run --bin train -- --fetch\n");
                digits(images)?
            }
        },
    };
    digits_only(&splits)?;
    if let Some(images) = images
        && images < splits.training.len()
    {
        splits.training.split_off(images)?;
    }
    if let Some(classes) = unseen(&splits) {
        warn(format_args!(
            "of class {classes} there are images to validate or to test with, and none to train with: the images may be sorted by \
             class (the last sixth validates), or too few"
        ));
    }
    Ok(splits)
}

/// # Errors
/// When these are other images.
fn really_mnist(splits: Splits) -> Result<Splits> {
    if splits.sha256() == MNIST_SHA256 {
        return Ok(splits);
    }
    let folder = &splits.name;
    Err(Error::input(format!(
        "the images in {folder} are not those of MNIST, by their SHA-256: to learn from them nonetheless, --data {folder}"
    )))
}

/// The classes that a network is asked about and has never seen, if there are any: "8, 9".
fn unseen(splits: &Splits) -> Option<String> {
    let seen: HashSet<_> = splits.training.labels().iter().collect();
    let asked: BTreeSet<_> = splits.validation.labels().iter().chain(splits.test.labels()).collect();
    let unseen: Vec<_> =
        asked.into_iter().filter(|label| !seen.contains(label)).map(|label| label.to_string()).collect();
    (!unseen.is_empty()).then(|| unseen.join(", "))
}

/// # Errors
/// When there are more classes than an experiment's network has outputs, as letters have.
fn digits_only(splits: &Splits) -> Result<()> {
    let classes = splits.training.classes();
    if classes <= data::DIGITS {
        return Ok(());
    }
    let labels = [&splits.training, &splits.validation, &splits.test].map(|set| set.labels()).concat();
    let beyond: BTreeSet<_> = labels.iter().filter(|&&label| usize::from(label) >= data::DIGITS).collect();
    let beyond: Vec<_> = beyond.into_iter().map(|label| label.to_string()).collect();
    Err(Error::input(format!(
        "{} has {classes} classes, letters perhaps: beyond the digits there are labels {}. The experiments are networks with an \
         output for each of ten digits; the library trains others, with `Spec::softmax({classes})` as their last layer",
        splits.name,
        beyond.join(", ")
    )))
}

/// As many as asked for, and a fifth as many to validate and to test with.
fn digits(images: Option<usize>) -> Result<Splits> {
    if let Some(images) = images.filter(|&images| images > DRAWN) {
        return Err(Error::input(format!("--images {images} is too much: at most {DRAWN} built-in digits are drawn")));
    }
    let (training, validation, test) = images.map_or(DIGITS, |n| (n, n.div_ceil(5), n.div_ceil(5)));
    data::digits(training, validation, test, 1)
}

/// Where the images come from, and how many they are.
pub fn describe(splits: &Splits) -> String {
    let [training, validation, test] =
        [&splits.training, &splits.validation, &splits.test].map(|images| thousands(images.len()));
    format!("{}: {training} images to train with, {validation} to validate, {test} to test", splits.name)
}

fn no_mnist() -> Error {
    let message = format!(
        "MNIST is not here: fetch it with --fetch, or put its four files into {} or a folder that MNIST_DIR names, or \
         use the built-in digits with --data digits",
        mnist::FOLDER
    );
    Error::input(message)
}

/// Fetches MNIST to where it will be found, with a progress bar on a terminal.
///
/// # Errors
/// As [`fetch`](crate::fetch::fetch()).
pub fn fetch() -> Result<()> {
    let folder = mnist::folder();
    if mnist::find().ok().flatten().is_none() {
        say!("fetching MNIST, 11 MB, into {}", folder.display());
    }
    let style = ProgressStyle::with_template("{msg:28} {bar:24} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left");
    let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut file = String::new();
    crate::fetch::fetch(&folder, &mut |progress| {
        if file != progress.file {
            file = progress.file.to_string();
            bar.set_message(file.clone());
            bar.reset_eta();
            if bar.is_hidden() {
                eprintln!("fetching {}", progress.url);
            }
        }
        bar.set_length(progress.total.unwrap_or(progress.received));
        bar.set_position(progress.received);
    })?;
    bar.finish_and_clear();
    Ok(())
}
