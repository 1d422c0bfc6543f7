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
    let mean = mean_probabilities(p)?;
    let mut votes = vec![0; p.ncols()];
    for row in p.rows() {
        votes[first_largest(row.len(), |a, b| row[a].total_cmp(&row[b]))] += 1;
    }
    Ok(first_largest(votes.len(), |a, b| votes[a].cmp(&votes[b]).then(mean[a].total_cmp(&mean[b]))))
}

/// The class with the largest mean probability; the first of equals.
///
/// # Errors
/// When there is no network, or no class.
pub fn largest_mean(p: &Array2<f64>) -> Result<usize, String> {
    let mean = mean_probabilities(p)?;
    Ok(first_largest(mean.len(), |a, b| mean[a].total_cmp(&mean[b])))
}

/// How often an ensemble is right in which more than half of the networks must be: the probability that, of so many
/// networks, more than half are right, when each is right with probability `accuracy` and their mistakes are
/// independent of each other.
///
/// There are a thousand networks at most.
pub fn majority_accuracy(networks: usize, accuracy: f64) -> f64 {
    // right[k]: the probability that k of the networks so far are right. No factorials, which soon become too large.
    let mut right = vec![1.0];
    for _ in 0..networks {
        let mut next = vec![0.0; right.len() + 1];
        for (k, probability) in right.iter().enumerate() {
            next[k] += probability * (1.0 - accuracy);
            next[k + 1] += probability * accuracy;
        }
        right = next;
    }
    right[networks / 2 + 1..].iter().sum()
}

/// The mean over the networks, class by class.
fn mean_probabilities(p: &Array2<f64>) -> Result<ndarray::Array1<f64>, String> {
    match p.mean_axis(ndarray::Axis(0)) {
        Some(mean) if !mean.is_empty() => Ok(mean),
        _ => Err(format!("{} networks and {} classes: nobody can vote", p.nrows(), p.ncols())),
    }
}

/// The largest of the numbers below n, in this order; the first of equals.
fn first_largest(n: usize, order: impl Fn(usize, usize) -> std::cmp::Ordering) -> usize {
    (1..n).fold(0, |best, c| if order(c, best).is_gt() { c } else { best })
}
