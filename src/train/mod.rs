//! Training: what can be trained, and how.

mod history;
mod learner;

pub use crate::data::Batch;
pub use history::{Best, Epoch};
pub use learner::{LayerNorms, Learner, Step};
