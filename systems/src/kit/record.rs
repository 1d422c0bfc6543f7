//! What a system leaves behind: `figures/records/NAME.json`.

use network3::{Error, Result, files};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::path::Path;

/// What a system found out: numbers that the book quotes and figures are drawn from.
pub trait Findings: Serialize + DeserializeOwned {
    /// Can a run have left this?
    ///
    /// # Errors
    /// When it cannot: says which number is impossible.
    fn check(&self) -> Result<()>;
}

/// A run of a system: where it took place, and what it found. In the file the findings stand beside the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record<T> {
    /// What the system is called: `adversarial`.
    pub system: String,
    /// Is it the smaller version?
    pub quick: bool,
    /// Of all random numbers.
    pub seed: u64,
    /// On how many threads it worked; the findings do not depend on it, but for times.
    pub threads: usize,
    /// The processor's own name for itself.
    pub processor: String,
    /// The commit that ran, with `-dirty` where the tree had changes; `None` outside a repository.
    pub commit: Option<String>,
    /// Where the images come from, if there are any: "MNIST", "built-in digits".
    pub data: Option<String>,
    /// Which images they are.
    pub data_sha256: Option<String>,
    /// How long all of it took, over all the times that it was stopped.
    pub seconds: f64,
    /// What came of it.
    #[serde(flatten)]
    pub findings: T,
}

impl<T: Findings> Record<T> {
    /// Reads a record.
    ///
    /// # Errors
    /// When the file is not there, is no record of this system, or holds a number that cannot be. The message names the
    /// file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let damaged = |e: &dyn std::fmt::Display| {
            Error::input(format!("{} is not a record of this system, or damaged: {e}", path.display()))
        };
        let record: Self = serde_json::from_slice(&files::read(path)?).map_err(|e| damaged(&e))?;
        record.findings.check().map_err(|e| damaged(&e))?;
        Ok(record)
    }

    /// Writes the record as JSON, whole or not at all.
    ///
    /// # Errors
    /// When a number among the findings cannot be, and when the operating system refuses.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        self.findings.check()?;
        let path = path.as_ref();
        let json = serde_json::to_string_pretty(self).map_err(|e| Error::input(format!("{}: {e}", path.display())))?;
        files::write(path, (json + "\n").as_bytes())
    }

    /// May this record be written there?
    ///
    /// # Errors
    /// When there is one of another system; and, unless it may be replaced, when a quick version would take the place
    /// of the other.
    pub(super) fn may_replace(&self, path: &Path, replace: bool) -> Result<()> {
        #[derive(Deserialize)]
        struct Head {
            system: Option<String>,
            experiment: Option<String>,
            #[serde(default)]
            quick: bool,
        }
        // What is not there, or no record, is no run's record.
        let Ok(bytes) = files::read(path) else { return Ok(()) };
        let Ok(there) = serde_json::from_slice::<Head>(&bytes) else { return Ok(()) };
        let refused = |what: &str| {
            let message = format!("{} is the record of {what}, and stays as it is", path.display());
            Err(Error::input(message).advice("--record FILE writes elsewhere, --replace in its place"))
        };
        match (there.system.or(there.experiment), there.quick) {
            _ if replace => Ok(()),
            (Some(other), _) if other != self.system => refused(&other),
            (Some(_), false) if self.quick => refused("the whole version, and this is the quick one"),
            _ => Ok(()),
        }
    }
}

/// Are these shares of a whole, each from 0 to 1?
///
/// # Errors
/// When one is not: names it.
pub fn check_shares(shares: impl IntoIterator<Item = f64>) -> Result<()> {
    let no_share = shares.into_iter().find(|share| !(0.0..=1.0).contains(share));
    no_share.map_or(Ok(()), |share| Err(Error::input(format!("{share} is no share of a whole"))))
}

/// A number with so many decimals, as it stands in a record.
pub fn round(x: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (x * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Flipped {
        flipped: usize,
    }

    impl Findings for Flipped {
        fn check(&self) -> Result<()> {
            if self.flipped <= 200 { Ok(()) } else { Err(Error::input("more than there are")) }
        }
    }

    fn record(system: &str, quick: bool, flipped: usize) -> Record<Flipped> {
        let (system, processor) = (system.to_string(), "a processor".to_string());
        let (commit, data, data_sha256, findings) = (None, None, None, Flipped { flipped });
        Record { system, quick, seed: 1, threads: 2, processor, commit, data, data_sha256, seconds: 1.5, findings }
    }

    #[test]
    fn comes_back_and_is_checked() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        record("a", false, 7).write(&file).unwrap();
        assert_eq!(Record::read(&file).unwrap(), record("a", false, 7));
        assert!(record("a", false, 201).write(&file).is_err());
        let text = std::fs::read_to_string(&file).unwrap().replace(": 7", ": 777");
        std::fs::write(&file, text).unwrap();
        let e = Record::<Flipped>::read(&file).unwrap_err().to_string();
        assert!(e.contains("a.json") && e.contains("more than there are"), "{e}");
    }

    #[test]
    fn nothing_is_replaced_by_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        record("a", false, 7).write(&file).unwrap();
        assert!(record("a", false, 8).may_replace(&file, false).is_ok());
        assert!(record("b", false, 8).may_replace(&file, false).is_err());
        assert!(record("a", true, 8).may_replace(&file, false).is_err());
        assert!(record("a", true, 8).may_replace(&file, true).is_ok());
        std::fs::write(&file, r#"{"experiment": "shallow"}"#).unwrap();
        let e = record("a", false, 8).may_replace(&file, false).unwrap_err().to_string();
        assert!(e.contains("the record of shallow"), "{e}");
    }

    #[test]
    fn a_share_is_from_0_to_1() {
        assert!(check_shares([0.0, 0.5, 1.0]).is_ok() && check_shares([]).is_ok());
        for wrong in [-1e-9, 1.0 + 1e-9, f64::NAN, f64::INFINITY] {
            assert!(check_shares([0.5, wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rounds() {
        assert_eq!((round(0.98765, 3), round(-1.25, 0), round(12.0, 2)), (0.988, -1.0, 12.0));
    }
}
