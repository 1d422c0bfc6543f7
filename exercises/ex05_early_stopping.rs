//! # Early stopping
//!
//! The chapter trains for sixty epochs because sixty is a round number. Early stopping lets the network decide: after
//! each epoch it classifies the validation images, and training ends when their accuracy has stopped getting better.
//!
//! The accuracies so far are a slice, the first epoch first: `accuracies[e]` is that of epoch e, counted from 0. An
//! epoch is an *improvement* when its accuracy is greater than that of every epoch before it. To equal the best is no
//! improvement, and the first epoch always is one.
//!
//! The accuracy jumps up and down from epoch to epoch, so a rule that stops at the first epoch without improvement
//! stops much too soon. It needs *patience*: so many epochs in a row, each without improvement, must have passed.

/// The epoch with the best accuracy, the last of equals; `None` when there has been no epoch yet. This is the epoch
/// whose network one keeps. Among equals it is the one that has been trained longest, as in `network3.py`.
pub fn best_epoch(accuracies: &[f64]) -> Option<usize> {
    todo!()
}

/// Is training over, after epochs with these accuracies? It is as soon as the last `patience` epochs have brought no
/// improvement; a patience of 0 counts as 1. It is asked after every epoch until it says yes, and not again: nothing
/// depends on what it would say later.
pub fn is_over(accuracies: &[f64], patience: usize) -> bool {
    todo!()
}

/// Trains: calls `epoch(0)`, `epoch(1)` and so on, each of which trains one epoch and returns its validation accuracy,
/// until training is over or there have been `at_most` epochs. Returns all the accuracies, the first epoch first.
pub fn train(epoch: &mut dyn FnMut(usize) -> f64, patience: usize, at_most: usize) -> Vec<f64> {
    todo!()
}
