//! Training: what can be trained, and how.
//!
//! [`Trainer`] drives anything that is a [`Learner`](crate::Learner): stochastic gradient descent, with a [`Schedule`]
//! for the learning rate and a rule for [`Stopping`], both functions of the history; a [`Checkpoint`] after every
//! epoch, if one wants.

#[cfg(feature = "files")]
mod checkpoint;
mod evaluate;
mod history;
mod schedule;
mod sgd;
mod stopping;

#[cfg(feature = "files")]
pub use checkpoint::{Checkpoint, differences};
pub use evaluate::{Evaluation, evaluate};
pub use history::{Best, Epoch, check_history};
pub use schedule::Schedule;
pub use sgd::{HyperParameters, MiniBatch, Trainer};
pub use stopping::Stopping;
