//! The record of the ladder: how fast one network trains, computed in one way after another.

use network3::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How fast one network trains, computed in one way after another: what `cargo run --release --example ladder` leaves behind.
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

impl Ladder {
    /// Reads the record of a ladder.
    ///
    /// # Errors
    /// When the file is not there, or is no such record: it has no rung, or a rate that is not a positive number. The
    /// message names the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let ladder: Ladder = super::read(path)?;
        let mut rates = ladder.rungs.iter().flat_map(|rung| [rung.least, rung.median, rung.most]);
        if ladder.rungs.is_empty() || !rates.all(|rate| rate.is_finite() && rate > 0.0) {
            return Err(Error::input(format!("{}: it has no rungs, or a rate that is not above 0", path.display())));
        }
        Ok(ladder)
    }

    /// Writes the record as JSON.
    ///
    /// # Errors
    /// As [`Record::write`](super::Record::write).
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        super::write(self, path.as_ref())
    }
}
