//! How long a run has taken, over all the times that it was stopped.

use experiments::machine;
use std::sync::Mutex;

/// Counts the seconds of a run, and those of the runs that it goes on from.
pub struct Clock {
    /// When it began, on [`machine::seconds`].
    began: f64,
    /// What it goes on from took so long.
    before: Mutex<f64>,
}

impl Clock {
    pub(super) fn start() -> Self {
        Clock { began: machine::seconds(), before: Mutex::new(0.0) }
    }

    /// A part of the run goes on from a checkpoint that was written after so many seconds. Parts that were kept one
    /// after the other have been at it together: the last of them counts.
    pub(super) fn goes_on_from(&self, seconds: f64) {
        let mut before = self.before.lock().unwrap_or_else(|e| e.into_inner());
        *before = before.max(seconds);
    }

    /// The seconds of all of it.
    pub(super) fn seconds(&self) -> f64 {
        machine::seconds() - self.began + *self.before.lock().unwrap_or_else(|e| e.into_inner())
    }
}
