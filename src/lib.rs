//! Convolutional networks from scratch, to be read: the library under the book *Deep Nets by Hand*.
//!
//! It is what `network3.py` is to Chapter 6 of Michael Nielsen's *Neural Networks and Deep Learning*, in Rust: small enough
//! to be read whole, and with nothing under it that computes a gradient, a convolution or a step of training. This page is
//! the map.
//!
//! # First
//!
//! ```
//! use network3::{Activation, Habits, Network, Spec, data, train::{HyperParameters, Schedule, Stopping, Trainer}};
//!
//! let splits = data::digits(1000, 200, 200, 1)?; // drawn here: 1000 to train with, 200 to validate, 200 to test
//! let layers = [Spec::conv_pool(8, (5, 5), (2, 2), Activation::Relu), Spec::softmax(10)];
//! let mut network = Network::fast(splits.training.shape(), &layers, Habits::corrected(), 1, 1)?;
//! println!("{network}"); // a table: layers, output shapes, parameters
//!
//! let hyper_parameters = HyperParameters {
//!     mini_batch_size: 10,
//!     eta: Schedule::Constant(0.1),
//!     lambda: 0.0,
//!     momentum: 0.0,
//!     stopping: Stopping::Epochs(3),
//! };
//! let mut trainer = Trainer::new(&splits, false, hyper_parameters, Habits::corrected(), 1)?;
//! while !trainer.is_over() {
//!     trainer.epoch(&mut network, &mut |_| {})?;
//! }
//! assert!(trainer.best().unwrap().test_accuracy > 0.8); // guessing would be 0.1
//! # Ok::<(), network3::Error>(())
//! ```
//!
//! # What lives where
//!
//! Data flows one way, and that is the order to read in: data → network → train. The table follows it.
//!
//! | to read | what it is |
//! | --- | --- |
//! | [`Real`], [`Shape`], [`Error`] | the scalar that all is generic over, shapes with named dimensions, one error type |
//! | [`data`] | labelled images: built-in [`digits`](data::digits), [IDX files](data::idx), [MNIST](data::mnist) found and read, and [`Batches`](data::Batches) of them |
//! | [`ops`] | every operation, forward and backward, with its derivation: [`affine`](ops::affine), [`conv`](ops::conv), [`pool`](ops::pool), [`conv_pool`](ops::conv_pool), [`activation`](ops::activation), [`softmax`](ops::softmax), [`dropout`](ops::dropout) |
//! | [`Spec`], [`Habits`] | a layer described, before it has any weights; the habits of `network3.py`, each an option |
//! | [`layer`] | an operation together with its parameters |
//! | [`Network`] | layers in a row |
//! | [`gradcheck`] | every gradient against finite differences: why one may believe all of the above |
//! | [`train`] | stochastic gradient descent over anything that is a [`Learner`](train::Learner); [schedules](train::Schedule), [stopping](train::Stopping), [checkpoints](train::Checkpoint) |
//! | [`ensemble`] | several networks that decide together |
//! | [`model_file`] | networks saved and loaded |
//! | [`files`], [`thousands`] | files that are whole or not there; numbers as one reads them |
//!
//! An operation is written twice. Its `reference.rs` is the definition, in loops, in `f32` or `f64`: read this one. Its
//! `fast.rs` does the same on vectors ([`simd`]) and on several cores ([`Threads`]), and the tests hold it to the first.
//! [`Network::new`] speaks the one voice, [`Network::fast`] the other. Either way, the same seed gives the same bits, on any
//! number of threads.
//!
//! # Around the library
//!
//! Packages of their own stand on the library. What flows out of it goes on: → record (`experiments`) → figure (`figures`) → page (`book`).
//!
//! | folder | what is in it |
//! | --- | --- |
//! | `experiments` | the chapter's experiments as data (`src/chapter.rs`), the program `train` that runs them (`src/bin/train`), what a run leaves behind (`src/record`), MNIST fetched (`src/fetch.rs`) |
//! | `experiments/examples/ladder`, `experiments/benches` | how fast the library is, step by step and operation by operation |
//! | `figures` | what the book shows, with the records and models that it is drawn from, and in `src` the program that draws it, one file for each figure |
//! | `book/pages` | the book; `book/weave` puts code, figures and numbers into it when it is built |
//! | `exercises` | what the reader writes, one file for each problem; `solutions` holds the same, written |
//! | `judge` | the checks of the exercises, their hints, and the wrong answers that must be caught |
//!
//! # Features
//!
//! What needs an operating system stands behind a feature. All are on by default; without them there remains a library that
//! draws digits, trains on them and checks its gradients, with no file and no thread.
//!
//! | feature | what it brings |
//! | --- | --- |
//! | `threads` | work on several cores |
//! | `files` | IDX files read, models and checkpoints read and written |

mod book;
pub mod data;
pub mod ensemble;
mod error;
#[cfg(feature = "files")]
pub mod files;
pub mod gradcheck;
mod habits;
pub mod layer;
#[cfg(feature = "files")]
pub mod model_file;
mod network;
mod numbers;
pub mod ops;
mod real;
mod shape;
#[allow(unsafe_code, reason = "vector instructions are called where the processor has been found to have them")]
pub mod simd;
mod spec;
mod threads;
pub mod train;

pub use error::{Error, Result};
pub use habits::{Habits, Initialisation, LastBatch, Masks, Order, Ties};
pub use layer::Pass;
pub use network::Network;
pub use numbers::thousands;
pub use real::Real;
pub use shape::Shape;
pub use spec::{Activation, Pair, Pooling, Spec};
pub use threads::{Pieces, Threads, Work};
