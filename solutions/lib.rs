//! The exercises, solved. Each file here is what `exercises/` holds, with the bodies filled in.

pub mod ex01_backpropagation;
pub mod ex02_no_fully_connected;
pub mod ex03_tanh;
pub mod ex13_l2_pooling;
pub mod ex16_stride;
