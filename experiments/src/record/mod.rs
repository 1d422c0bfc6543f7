//! What a run leaves behind: `figures/records/*.json`.
//!
//! A record is all that the book knows of a run. Accuracies are fractions (0.9923, not 99.23), costs are in nats, and
//! the fields stand in the order of these structs.

mod configuration;
mod ladder;
mod picture;
mod run;
mod summary;

pub use configuration::Configuration;
pub use ladder::{Ladder, Rate};
pub use picture::{PICTURES, Picture};
pub use run::{Misclassified, Record};
pub use summary::{Outcome, Summary, Vote};

use network3::{Error, Result, files};
use serde::{Serialize, de::DeserializeOwned};
use std::path::Path;

/// Every kind of record is checked when it has been read: what passes can be drawn and summed up without surprises.
trait Check {
    /// Can a run have left this?
    ///
    /// # Errors
    /// When it cannot: says which number is impossible.
    fn check(&self) -> Result<()>;
}

fn read<T: DeserializeOwned + Check>(path: &Path) -> Result<T> {
    let damaged = |e: &dyn std::fmt::Display| {
        Error::input(format!("{} is not a record of a run, or damaged: {e}", path.display()))
    };
    let record: T = serde_json::from_slice(&files::read(path)?).map_err(|e| damaged(&e))?;
    record.check().map_err(|e| damaged(&e))?;
    Ok(record)
}

/// An error with this message, unless what it denies is so.
fn ensure(so: bool, otherwise: impl Fn() -> String) -> Result<()> {
    if so { Ok(()) } else { Err(Error::input(otherwise())) }
}

fn write(value: &impl Serialize, path: &Path) -> Result<()> {
    let json = serde_json::to_string_pretty(value).map_err(|e| Error::input(format!("{}: {e}", path.display())))?;
    files::write(path, (json + "\n").as_bytes())
}
