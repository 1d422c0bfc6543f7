//! The learning rate, as a function of what has happened so far.

use super::{Epoch, history};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the learning rate η changes from epoch to epoch.
///
/// A schedule has no memory of its own: η for the next epoch follows from the epochs before it. So a run that was
/// stopped and resumed needs nothing but its history to go on as if nothing had happened.
///
/// ```
/// use network3::train::Schedule;
/// let falling = Schedule::Geometric { from: 0.1, to: 0.001, epochs: 3 };
/// assert_eq!(falling.eta(&[]), 0.1);
/// assert_eq!(falling.to_string(), "0.1, falling to 0.001 over 3 epochs");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The same η always: what the chapter does.
    Constant(f64),
    /// η falls by the same factor from each epoch to the next, and stays where it has come to.
    Geometric {
        /// η in the first epoch.
        from: f64,
        /// η in the last.
        to: f64,
        /// Which is the last.
        epochs: usize,
    },
    /// η is halved whenever the validation accuracy has not improved for a while, down to 1/128 of where it began.
    HalveOnStall {
        /// η in the first epoch.
        from: f64,
        /// So many epochs without improvement.
        patience: usize,
    },
}

/// Where halving ends, as a fraction of the first learning rate.
const FLOOR: f64 = 1.0 / 128.0;

impl Schedule {
    /// η for the epoch that follows `history`.
    pub fn eta(&self, history: &[Epoch]) -> f64 {
        match *self {
            Schedule::Constant(eta) => eta,
            Schedule::Geometric { from, to, epochs } => {
                let last = epochs.saturating_sub(1).max(1);
                if history.len() >= last && epochs > 1 {
                    return to; // exactly, whatever `powf` makes of it
                }
                from * (to / from).powf(history.len() as f64 / last as f64)
            }
            Schedule::HalveOnStall { from, patience } => {
                let (mut eta, mut since) = (from, 0);
                for improved in history::improvements(history) {
                    since = if improved { 0 } else { since + 1 };
                    if since == patience {
                        (eta, since) = ((eta / 2.0).max(from * FLOOR), 0);
                    }
                }
                eta
            }
        }
    }

    /// The learning rate of the first epoch.
    pub fn start(&self) -> f64 {
        self.eta(&[])
    }

    /// # Errors
    /// When a learning rate is not a positive number, or a number of epochs is 0.
    pub(super) fn check(&self) -> Result<()> {
        let (rates, epochs) = match *self {
            Schedule::Constant(eta) => ([eta, eta], 1),
            Schedule::Geometric { from, to, epochs } => ([from, to], epochs),
            Schedule::HalveOnStall { from, patience } => ([from, from], patience),
        };
        if let Some(eta) = rates.iter().find(|eta| !(eta.is_finite() && **eta > 0.0)) {
            return Err(Error::input(format!("the learning rate must be a positive number, not {eta}")));
        }
        // Weights have single precision, in which these are 0 or infinite.
        if let Some(eta) = rates.iter().find(|&&eta| !(eta as f32).is_normal()) {
            return Err(Error::input(format!("no weight can follow a learning rate of {eta:?}: take one nearer to 1")));
        }
        if epochs == 0 {
            return Err(Error::input(format!("the learning-rate schedule \"{self}\" needs at least one epoch")));
        }
        Ok(())
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Schedule::Constant(eta) => write!(f, "{eta}"),
            Schedule::Geometric { from, to, epochs } => write!(f, "{from}, falling to {to} over {epochs} epochs"),
            Schedule::HalveOnStall { from, patience } => {
                write!(f, "{from}, halved when validation stalls for {patience} epochs, down to {}", from * FLOOR)
            }
        }
    }
}
