//! # An ensemble that votes
//!
//! Five networks were trained in the same way, from different first weights. Each makes about forty mistakes in 10,000,
//! but not the same ones. So ask all of them, and let them vote.
//!
//! What the networks say about one image is a matrix p of shape `[networks, classes]`: `p[[i, c]]` is the probability
//! that network i gives to class c. In this exercise you write two ways to decide, and work out how good an ensemble
//! could be at best.

use ndarray::Array2;

/// The class that wins the vote. Each network has one vote, for its most probable class (the first of equals).
///
/// Between classes with equally many votes the larger mean probability decides, the mean being taken over all networks.
/// If that is equal, too, the first of these classes wins.
///
/// # Errors
/// When there is no network, or no class.
pub fn vote(p: &Array2<f64>) -> Result<usize, String> {
    todo!()
}

/// The class with the largest mean probability; the first of equals.
///
/// # Errors
/// When there is no network, or no class.
pub fn largest_mean(p: &Array2<f64>) -> Result<usize, String> {
    todo!()
}

/// How often an ensemble is right in which more than half of the networks must be: the probability that, of so many
/// networks, more than half are right, when each is right with probability `accuracy` and their mistakes are
/// independent of each other.
///
/// There are a thousand networks at most.
pub fn majority_accuracy(networks: usize, accuracy: f64) -> f64 {
    todo!()
}
