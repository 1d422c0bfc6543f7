//! The exercises, solved. Each file here is what `exercises/` holds, with the bodies filled in.

pub mod ex01_backpropagation;
pub mod ex02_no_fully_connected;
pub mod ex03_tanh;
pub mod ex04_translation;
pub mod ex05_early_stopping;
pub mod ex06_accuracy;
pub mod ex07_learning_rate;
pub mod ex08_distortion;
pub mod ex09_file_format;
pub mod ex10_overfitting;
pub mod ex11_rescaling;
pub mod ex12_unstable_gradients;
pub mod ex13_l2_pooling;
pub mod ex14_dropout;
pub mod ex15_ensemble;
pub mod ex16_stride;
pub mod ex17_deep_big_simple;
pub mod ex18_dead_units;
pub mod ex19_normalisation;
pub mod ex20_through_time;
pub mod ex21_lstm;
pub mod ex22_margins;
pub mod ex23_contrastive_divergence;
pub mod ex24_adversarial;
pub mod ex25_batch_normalisation;
