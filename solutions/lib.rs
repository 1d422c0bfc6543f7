//! The exercises, solved. Each file here is what `exercises/` holds, with the bodies filled in.

pub mod ex03_tanh;
pub mod ex10_overfitting;
pub mod ex11_rescaling;
pub mod ex12_unstable_gradients;
pub mod ex14_dropout;
pub mod ex15_ensemble;
pub mod ex17_deep_big_simple;
