//! # Watching a network overfit
//!
//! A network that overfits goes on getting better at its training images, and no longer at others. While it happens,
//! nothing looks wrong: the training cost falls and falls. One has to look at both sets of images, and to know what to
//! look for. In this exercise you write three diagnostics that read the history of a run.
//!
//! A history is what the trainer keeps, one [`Epoch`] for each epoch. Epoch k, counted from 0, is `history[k]`. These
//! fields matter here:
//!
//! ```text
//! train_accuracy       fraction of training images that are classified correctly, after the epoch (of the first ones,
//!                      as many as there are validation images)
//! validation_accuracy  the same for validation images
//! train_cost           mean cost of the training images, each before the step that its mini-batch takes
//! validation_cost      mean cost of the validation images
//! ```
//!
//! There are such fields for the test images, too. Leave them alone: what you decide by the test images they can no
//! longer test.

use network3::train::Epoch;

/// The gap between training and validation: epoch by epoch, training accuracy minus validation accuracy.
pub fn gap(history: &[Epoch]) -> Vec<f64> {
    todo!()
}

/// The epoch in which overfitting sets in, if it does.
///
/// Let m be the epoch with the lowest validation cost of the whole history, the last one if there are several.
/// Overfitting sets in at m + 1, provided that the training cost went on falling: that it is lower in the last epoch
/// than in epoch m. If it is not, both costs rise together, and something other than overfitting is wrong.
///
/// `None` if there is no epoch after m, or no epoch at all.
pub fn onset(history: &[Epoch]) -> Option<usize> {
    todo!()
}

/// A diagnostic of your own: one number that says how badly the network overfits at the end of this history, which has
/// at least one epoch.
///
/// You are free in how you do it. It must be a finite number, larger for a network that overfits more, and it must tell
/// a network that overfits from one that is merely bad.
pub fn overfitting(history: &[Epoch]) -> f64 {
    todo!()
}
