//! The processor: its vectors, its threads, and the loops and constants that fast kernels share.

pub mod rows;
#[allow(unsafe_code, reason = "vector instructions are called where the processor has been found to have them")]
pub mod simd;
pub mod threads;
pub(crate) mod tuning;
