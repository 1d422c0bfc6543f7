//! Convolutional networks from scratch, to be read: the library under the book *Deep Nets by Hand*.
//!
//! It plays the part that `network3.py` plays in Chapter 6 of Michael Nielsen's *Neural Networks and Deep Learning*:
//! small enough to be read whole, and with nothing under it that computes a gradient, a convolution or a step of
//! training. This page is the map.
//!
//! # Quick start
//!
//! ```
//! use network3::{Activation, Network, Spec, data, train::{HyperParameters, Trainer}};
//!
//! let splits = data::digits(1000, 200, 200, 1)?; // drawn here: 1000 to train with, 200 to validate, 200 to test
//! let layers = [Spec::conv_pool(8, (5, 5), (2, 2), Activation::Relu), Spec::softmax(10)];
//! let mut network = Network::new(splits.training.shape(), &layers)?;
//! println!("{network}"); // a table: layers, output shapes, parameters
//!
//! let mut trainer = Trainer::new(&splits, HyperParameters::new(0.1).with_epochs(3))?;
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
//! | [`Real`], [`Shape`], [`Error`] | the scalar type that everything is generic over, shapes with named dimensions, one error type |
//! | [`data`] | labelled images: built-in [`digits`](data::digits), [IDX files](data::idx), [MNIST](data::mnist) found and read, and told from others by a [checksum](data::Splits::sha256); and which [`Examples`](data::Examples) make a mini-batch |
//! | [`Learner`], [`Step`] | the seam between networks and training: what can be trained, and what a step is |
//! | [`ops`] | every operation, forward and backward, with its derivation: [`affine`](ops::affine), [`conv`](ops::conv), [`pool`](ops::pool), [`conv_pool`](ops::conv_pool), [`activation`](ops::activation), [`softmax`](ops::softmax), [`dropout`](ops::dropout), [`normalise`](ops::normalise), [`batch_norm`](ops::batch_norm), [`concat`](mod@ops::concat); and what a [`Backend`](ops::Backend) must provide |
//! | [`ops::Window`] | size, stride and padding of windows: where a margin is described (it is added in [`ops::conv::margin`]) |
//! | [`ops::Rule`] | gradient descent, momentum included: where a weight changes |
//! | [`ops::adaptive`] | RMSProp, Adam, clipping: rules that need the whole gradient first |
//! | [`cpu`] | the processor: [vectors](cpu::simd), [threads](cpu::threads), the [weighted sum of rows](cpu::rows), and all tuning constants (`tuning.rs`) |
//! | [`Spec`], [`Habits`] | a layer described, before it has any weights; the habits of `network3.py`, each an option |
//! | [`layer`] | an operation together with its parameters; layers in a [row](layer::Row), [branches](layer::Branches), a [side classifier](layer::SideClassifier) |
//! | [`Cost`] | costs, and the gradient that a backward pass starts from |
//! | [`Network`] | a row, a cost and a backend |
//! | [`gradcheck`] | every gradient compared with finite differences: why you may believe all of the above |
//! | [`train`] | stochastic gradient descent over anything that is a [`Learner`]; [schedules](train::Schedule), [stopping](train::Stopping), [checkpoints](train::Checkpoint) in which damage is noticed |
//! | [`ensemble`] | several networks that decide together |
//! | [`model_file`] | networks saved and loaded |
//! | [`sealed`] | tensors and a text in a file in which damage is noticed |
//! | [`files`], [`thousands`] | files that are whole or not there; numbers as one reads them |
//!
//! An operation is written twice. Its `reference.rs` is the definition, in loops, in `f32` or `f64`: read this one. Its
//! `fast.rs` (or its `forward.rs` and `backward.rs`) does the same on vectors and on several cores, and the tests
//! hold it to the first. [`Network::reference`] computes by the one, [`Network::new`] by the other.
//!
//! # The path of a training step
//!
//! [`Trainer::epoch`](train::Trainer::epoch) hands the [`Learner`] one mini-batch of [`Examples`](data::Examples) after
//! the other. [`Learner::train`] gathers their pixels, and [`Network::step`] sends them through its [`Row`](layer::Row)
//! of layers: each [`Layer`](layer::Layer) has the [`Backend`](ops::Backend) compute its operation, forward; then the
//! [`Cost`] says with which gradient to begin, and each layer, from the last to the first, has the backend compute the
//! gradients of its parameters. There a [`Parameter`](ops::Parameter) goes along that says what is to become of them,
//! and the kernel moves the weights while it has the gradient in registers. So from `Trainer` to the kernel it is five
//! calls: `Learner::train`, `Network::step`, `Row::backward`, `Layer::backward`, `Backend::conv_pool_backward`.
//!
//! # Same seed, same bits
//!
//! Whatever the number of threads: work is cut into pieces that do not depend on it (`cpu/tuning.rs`), every number is
//! computed by one thread ([`Threads`]), and sums of pieces are added up in one order (`ops/fast.rs`). AVX2 and AVX-512
//! give the same bits too; plain vectors, without fused multiply-add, round otherwise.
//!
//! # Around the library
//!
//! Packages of their own stand on the library. What flows out of it goes on: → record (`experiments`) → figure
//! (`figures`) → page (`book`).
//!
//! | folder | what is in it |
//! | --- | --- |
//! | `experiments` | the experiments of Nielsen's chapter as data (`src/chapter.rs`), and what goes beyond it (`src/beyond.rs`), the program `train` that runs them (`src/bin/train`), what a run leaves behind (`src/record`), MNIST fetched (`src/fetch.rs`) |
//! | `systems` | the systems that the chapter surveys, built on the library: a file or folder for each, and the program `systems` |
//! | `experiments/examples/ladder`, `experiments/benches` | how fast the library is, step by step and operation by operation |
//! | `figures` | what the book shows, with the records and models that it is drawn from, and in `src` the program that draws it, one file for each figure |
//! | `book/pages` | the book; `book/weave` puts code, figures and numbers into it when it is built |
//! | `exercises` | what the reader writes, one file for each problem; `solutions` holds the same, written |
//! | `judge` | the checks of the exercises, their hints, and the wrong answers that must be caught |
//!
//! # Features
//!
//! What needs an operating system stands behind a feature. All are on by default; without them there remains a library
//! that draws digits, trains on them and checks its gradients, with no file and no thread.
//!
//! | feature | what it brings |
//! | --- | --- |
//! | `threads` | work on several cores |
//! | `files` | IDX files read, models and checkpoints read and written |
//!
//! One is not, because it needs an OpenCL loader to link with:
//!
//! | feature | what it brings |
//! | --- | --- |
//! | `opencl` | the same networks on a graphics processor, in the module `opencl` |

mod book;
#[cfg(feature = "files")]
mod checksum;
pub mod cost;
pub mod cpu;
pub mod data;
pub mod ensemble;
mod error;
#[cfg(feature = "files")]
pub mod files;
pub mod gradcheck;
mod habits;
pub mod layer;
mod learner;
#[cfg(feature = "files")]
pub mod model_file;
mod network;
mod numbers;
#[cfg(feature = "opencl")]
pub mod opencl;
pub mod ops;
mod real;
#[cfg(feature = "files")]
pub mod sealed;
mod shape;
pub mod train;

pub use cost::Cost;
pub use cpu::threads::{Pieces, Threads, Work};
pub use data::Label;
pub use error::{Error, Result};
pub use habits::{Habits, Initialisation, LastBatch, Masks, Order};
pub use layer::Spec;
pub use learner::{LayerNorms, Learner, State, Step};
pub use network::Network;
pub use numbers::thousands;
pub use ops::dropout::Pass;
pub use ops::{Activation, Padding, Pair, Pooling, Ties};
pub use real::Real;
pub use shape::Shape;
