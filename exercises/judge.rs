//! `cargo test` comes by here: the functions in this folder are handed to their checks (`judge/`), one by one.

// A stub does not use its arguments and types yet.
#![allow(dead_code, unused_variables)]

mod ex01_backpropagation;
mod ex02_no_fully_connected;
mod ex03_tanh;
mod ex04_translation;
mod ex05_early_stopping;
mod ex06_accuracy;
mod ex07_learning_rate;
mod ex08_distortion;
mod ex09_file_format;
mod ex10_overfitting;
mod ex11_rescaling;
mod ex12_unstable_gradients;
mod ex13_l2_pooling;
mod ex14_dropout;
mod ex15_ensemble;
mod ex16_stride;
mod ex17_deep_big_simple;
mod ex18_dead_units;
mod ex19_normalisation;
mod ex20_through_time;
mod ex21_lstm;
mod ex22_margins;
mod ex23_contrastive_divergence;
mod ex24_adversarial;
mod ex25_batch_normalisation;

fn main() -> std::process::ExitCode {
    judge::main(reader::answers!())
}
