//! What a run leaves behind: `figures/records/*.json`.
//!
//! A record is all that the book knows of a run. Accuracies are fractions (0.9923, not 99.23), costs are in nats, and
//! the fields stand in the order of these structs.

mod ladder;
mod picture;
mod run;
mod summary;

pub use ladder::{Ladder, Rate};
pub use picture::{PICTURES, Picture};
pub use run::{Configuration, Misclassified, Record};
pub use summary::{Outcome, Summary, Vote};

use network3::{Error, Result, files};
use serde::{Serialize, de::DeserializeOwned};
use std::path::Path;

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = files::read(path)?;
    serde_json::from_slice(&bytes)
        .map_err(|e| Error::input(format!("{} is not a record of a run, or damaged: {e}", path.display())))
}

fn write(value: &impl Serialize, path: &Path) -> Result<()> {
    let json = serde_json::to_string_pretty(value).map_err(|e| Error::input(format!("{}: {e}", path.display())))?;
    files::write(path, (json + "\n").as_bytes())
}
