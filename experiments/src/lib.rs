//! The experiments of the chapter: as data, run by the program `train`, and recorded for the book.
//!
//! The library, [`network3`], trains any network on any images. This package knows which ones the chapter trains
//! ([`all`], [`find`]) and which go [beyond](beyond()) it, fetches the images ([`fetch`](mod@fetch)), and writes down
//! what came of it ([`record`]) and where it took place ([`machine`]); and what the programs have in common
//! ([`program`]). Pictures of a reader's own are read ([`image_file`]) and made into what a network knows
//! ([`as_mnist`]). To add an experiment, add it to [`all`]: `train --list` has it then, and so has the book.
//!
//! | folder | what is in it |
//! | --- | --- |
//! | `src/bin/train` | the program: `cargo run --bin train -- --help` |
//! | `examples/ladder`, `benches/ops` | how fast the library is, step by step and operation by operation |
//! | `examples/peer.rs` | the protocol of a benchmark that compares this library with others |

pub mod as_mnist;
mod beyond;
mod chapter;
pub mod fetch;
pub mod image_file;
pub mod jumble;
pub mod machine;
pub mod program;
pub mod record;

pub use beyond::beyond;
pub use chapter::{Experiment, LAMBDAS, all, find, sweep};
