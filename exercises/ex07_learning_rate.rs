//! # The learning rate, epoch by epoch
//!
//! A large learning rate gets a network quickly into the neighbourhood of a minimum, and keeps it from arriving there.
//! So one would like to begin with a large one and let it fall. In this exercise the learning rate becomes a function:
//! of the epoch, or of what has happened so far.
//!
//! Epochs are counted from 0, and η\[e\] is the learning rate of epoch e. A *schedule* is asked before each epoch. It
//! is told the validation accuracies of the epochs so far, the first one first, and answers with η for the next epoch,
//! or with `None` when training is over.
//!
//! An epoch is an *improvement* when its accuracy is greater than that of every epoch before it; to equal the best is
//! none.

/// The learning rate of `epoch` when it falls by the same factor from each epoch to the next: from `from` in epoch 0 to
/// `to` in the last of `epochs`, which is epoch `epochs` − 1. In later epochs it stays at `to`.
///
/// There are at least two epochs, and both rates are positive. With `from` = `to` the learning rate is constant.
pub fn exponential(from: f64, to: f64, epochs: usize, epoch: usize) -> f64 {
    todo!()
}

/// The learning rate of the next epoch, after epochs with these accuracies: `from` at first, and half of what it was
/// each time that `patience` epochs in a row have brought no improvement. After a halving, the next `patience` epochs
/// are counted from the beginning, but the best accuracy so far remains what has to be beaten.
///
/// `None`, training is over, as soon as the learning rate has come down to 1/128 of `from`: no epoch is trained with
/// that. Nobody asks again after a `None`. `patience` is at least 1.
pub fn halving(from: f64, patience: usize, accuracies: &[f64]) -> Option<f64> {
    todo!()
}

/// Trains: asks `schedule` before each epoch, calls `epoch(η)`, which trains one epoch and returns its validation
/// accuracy, and ends when the schedule says `None` or there have been `at_most` epochs. Returns all the accuracies,
/// the first epoch first.
pub fn train(schedule: &dyn Fn(&[f64]) -> Option<f64>, epoch: &mut dyn FnMut(f64) -> f64, at_most: usize) -> Vec<f64> {
    todo!()
}
