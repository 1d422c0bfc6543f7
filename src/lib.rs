//! Convolutional networks from scratch, to be read.

pub mod data;
mod error;
#[cfg(feature = "figures")]
pub mod figure;
mod habits;
mod real;
pub mod record;
mod shape;
mod spec;
pub mod train;

pub use error::{Error, Result};
pub use habits::{Habits, Initialisation, LastBatch, Masks, Order, Ties};
pub use real::Real;
pub use shape::Shape;
pub use spec::{Activation, Pair, Pooling, Spec};
