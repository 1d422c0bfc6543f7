//! The record of the ladder: how fast one network trains, computed in one way after another.

use super::{Check, ensure};
use network3::Result;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How fast one network trains, computed in one way after another: what `cargo run --release --example ladder` leaves
/// behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ladder {
    /// Name of the experiment whose network is trained.
    pub experiment: String,
    /// Images in a mini-batch.
    pub mini_batch_size: usize,
    /// Where the images come from: "MNIST", "built-in digits".
    pub data: String,
    /// The processor's own name for itself.
    pub processor: String,
    /// The vectors that the fast backend found on it: "AVX-512".
    pub vectors: String,
    /// The commit that ran, with `-dirty` where the tree had changes; `None` outside a repository.
    pub commit: Option<String>,
    /// For how long each rung was measured, over all windows.
    pub seconds: f64,
    /// How many windows each rung was measured in.
    pub windows: usize,
    /// From the lowest to the highest.
    pub rungs: Vec<Rate>,
}

/// Training images a second on one rung of the ladder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// What the rung is called on the command line.
    pub name: String,
    /// What is new on this rung.
    pub step: String,
    /// On how many threads it works.
    pub threads: usize,
    /// Of all windows.
    pub median: f64,
    /// Of the slowest window.
    pub least: f64,
    /// Of the fastest window.
    pub most: f64,
}

/// No machine trains so many images in a second, and there is nothing to draw beyond: 10¹².
const FASTEST: f64 = 1e12;

impl Check for Ladder {
    fn check(&self) -> Result<()> {
        let &Ladder { mini_batch_size, seconds, windows, .. } = self;
        ensure(!self.rungs.is_empty(), || "it has no rungs".into())?;
        ensure(mini_batch_size > 0 && windows > 0, || "it has measured nothing".into())?;
        ensure(seconds.is_finite() && seconds > 0.0, || format!("it has measured for {seconds:?} seconds"))?;
        for Rate { name, threads, least, median, most, .. } in &self.rungs {
            ensure(*threads > 0, || format!("rung {name} has no thread"))?;
            let rates = [*least, *median, *most];
            let possible = rates.iter().all(|&rate| rate > 1.0 / FASTEST && rate < FASTEST) && rates.is_sorted();
            ensure(possible, || format!("rung {name} has a rate that cannot be: {least:?}, {median:?}, {most:?}"))?;
        }
        Ok(())
    }
}

impl Ladder {
    /// Reads the record of a ladder.
    ///
    /// # Errors
    /// When the file is not there, or is no such record: it has no rung, or a rate that cannot be. The message names
    /// the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        super::read(path.as_ref())
    }

    /// Writes the record as JSON.
    ///
    /// # Errors
    /// As [`Record::write`](super::Record::write).
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        super::write(self, path.as_ref())
    }
}
