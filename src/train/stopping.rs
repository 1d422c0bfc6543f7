//! When to stop.

use super::{Epoch, history};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// When training ends: a question put to the history after every epoch.
///
/// ```
/// use network3::train::Stopping;
/// let rule = Stopping::NoImprovement { patience: 10, at_most: 60 };
/// assert!(!rule.is_over(&[]));
/// assert_eq!(rule.to_string(), "after 10 epochs without improvement, at most 60 epochs");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopping {
    /// After so many epochs: what the chapter does.
    Epochs(usize),
    /// As soon as the best validation accuracy is some epochs old (early stopping).
    NoImprovement {
        /// How many.
        patience: usize,
        /// After so many epochs training ends in any case.
        at_most: usize,
    },
}

impl Stopping {
    /// Is a run with this history finished?
    pub fn is_over(&self, history: &[Epoch]) -> bool {
        let stalled =
            |patience| history::improvements(history).rev().take_while(|improved| !improved).count() >= patience;
        match *self {
            Stopping::Epochs(n) => history.len() >= n,
            Stopping::NoImprovement { patience, at_most } => history.len() >= at_most || stalled(patience),
        }
    }

    /// The largest number of epochs that a run can have.
    pub fn at_most(&self) -> usize {
        match *self {
            Stopping::Epochs(n) => n,
            Stopping::NoImprovement { at_most, .. } => at_most,
        }
    }

    /// # Errors
    /// When it would stop before it starts.
    pub(super) fn check(&self) -> Result<()> {
        if self.at_most() == 0 {
            return Err(Error::input("zero epochs train nothing: ask for at least one"));
        }
        if matches!(self, Stopping::NoImprovement { patience: 0, .. }) {
            return Err(Error::input(
                "to stop after 0 epochs without improvement makes no sense: give it at least one",
            ));
        }
        Ok(())
    }
}

impl fmt::Display for Stopping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let epochs = |n| if n == 1 { "1 epoch".to_string() } else { format!("{n} epochs") };
        match *self {
            Stopping::Epochs(n) => write!(f, "after {}", epochs(n)),
            Stopping::NoImprovement { patience, at_most } => {
                write!(f, "after {} without improvement, at most {}", epochs(patience), epochs(at_most))
            }
        }
    }
}
