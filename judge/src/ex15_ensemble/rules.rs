//! Ways to decide: right ones, and others that people come up with.

use ndarray::Array2;
use network3::ops::softmax::argmax;

/// A way to decide, for an ensemble that is not empty.
pub type Rule = fn(&Array2<f64>) -> usize;

/// What may have been done instead of a vote.
pub const FOR_VOTES: [(Rule, &str); 6] = [
    (largest_mean, "this is the class with the largest mean probability, whoever voted for it"),
    (
        |p| leaders(p)[0],
        "equally many votes, and this is simply the first of these classes: their mean probabilities should decide",
    ),
    (|p| leaders(p)[leaders(p).len() - 1], "this is the last of equals: the first is asked for"),
    (
        first_voter,
        "equally many votes, and this is the vote of the network that comes first: the order of the networks should \
            not matter",
    ),
    (
        most_certain,
        "this is the class with the largest single probability: one network that is sure of itself decides alone",
    ),
    (|p| argmax(p.row(0)), "this is what the first network says"),
];

/// What may have been done instead of a mean.
pub const FOR_MEANS: [(Rule, &str); 4] = [
    (last_of_equal_means, "this is the last of equals: the first is asked for"),
    (|p| argmax(p.row(0)), "this is what the first network says"),
    (|p| leaders(p)[0], "this is the class with most votes"),
    (
        most_certain,
        "this is the class with the largest single probability: one network that is sure of itself decides alone",
    ),
];

/// Votes for each class.
fn votes(p: &Array2<f64>) -> Vec<usize> {
    let mut votes = vec![0; p.ncols()];
    p.rows().into_iter().for_each(|row| votes[argmax(row)] += 1);
    votes
}

/// The classes that nobody has more votes than, in order.
pub fn leaders(p: &Array2<f64>) -> Vec<usize> {
    let votes = votes(p);
    let most = votes.iter().max().copied().unwrap_or_default();
    (0..votes.len()).filter(|&class| votes[class] == most).collect()
}

/// The class with the largest mean probability.
pub fn largest_mean(p: &Array2<f64>) -> usize {
    argmax(p.sum_axis(ndarray::Axis(0)).view())
}

fn last_of_equal_means(p: &Array2<f64>) -> usize {
    let mut sums = p.sum_axis(ndarray::Axis(0)).to_vec();
    sums.reverse();
    sums.len() - 1 - argmax(ndarray::aview1(&sums))
}

fn first_voter(p: &Array2<f64>) -> usize {
    let leaders = leaders(p);
    p.rows().into_iter().map(argmax).find(|class| leaders.contains(class)).unwrap_or_default()
}

fn most_certain(p: &Array2<f64>) -> usize {
    let largest = p.fold_axis(ndarray::Axis(0), 0.0, |a: &f64, &b| a.max(b));
    argmax(largest.view())
}
