//! Convolutional networks from scratch, to be read.

pub mod data;
pub mod ensemble;
mod error;
pub mod experiments;
#[cfg(feature = "figures")]
pub mod figure;
#[cfg(feature = "files")]
mod files;
pub mod gradcheck;
mod habits;
pub mod layer;
#[cfg(feature = "files")]
pub mod machine;
#[cfg(feature = "files")]
pub mod model_file;
mod network;
pub mod ops;
mod real;
pub mod record;
mod shape;
pub mod simd;
mod spec;
mod threads;
pub mod train;

pub use error::{Error, Result};
pub use habits::{Habits, Initialisation, LastBatch, Masks, Order, Ties};
pub use layer::Pass;
pub use network::Network;
pub use real::Real;
pub use shape::Shape;
pub use spec::{Activation, Pair, Pooling, Spec};
pub use threads::{Pieces, Threads, Work};
