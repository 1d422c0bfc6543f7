//! Training: what can be trained, and how.

mod history;
mod learner;

pub use history::{Best, Epoch};
pub use learner::{Batch, LayerNorms, Learner, Step};
