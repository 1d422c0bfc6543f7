//! # Margins, and the best five
//!
//! Two things that one has to get right before one can repeat the experiment of 2012 on photographs, and that are easy
//! to get wrong by one.
//!
//! The first layer of that network has kernels of 11×11 pixels and a stride of 4, and in the drawing of the paper
//! images of 224×224 come out as maps of 55×55. They do not: from 224 pixels there are 54. It takes a *margin* of zeros
//! around the image. The margin need not be the same on each side, and here it cannot be.
//!
//! And the network's answer counts as right if the true class is among the *five* that it finds most probable, since
//! many of those images show more than one thing. But which are the five, if some are equally probable? Of equals the
//! class with the smaller number comes first, as in exercise 06.
//!
//! Scores are probabilities, their logarithms, or whatever else is larger for a class that is more likely: any numbers,
//! −∞ and ∞ among them, but never NaN.

use ndarray::{Array1, Array2};

/// How many kernels of `kernel` pixels fit beside each other when each begins `stride` pixels after the last, into
/// `input` pixels with `margins` before and after them. `None` where there is no answer: when not even one fits, when
/// kernel or stride are zero, and when `input` and its margins are together more than a `usize` holds.
pub fn output_size(input: usize, kernel: usize, stride: usize, margins: (usize, usize)) -> Option<usize> {
    todo!()
}

/// The margins before and after `input` pixels with which there are `output` places for the kernel: the smallest there
/// are, both alike, or the one after larger by one pixel. `None` where there are none: when there are too many places
/// without any margin, when `output`, `kernel` or `stride` are zero, and when it would take more pixels than a `usize`
/// holds.
pub fn margins(input: usize, kernel: usize, stride: usize, output: usize) -> Option<(usize, usize)> {
    todo!()
}

/// How many classes come before `class`: 0 for the one with the largest score. Of equals the smaller number comes
/// first.
pub fn rank(scores: &Array1<f64>, class: usize) -> usize {
    todo!()
}

/// The fraction of the examples, the rows of `[examples, classes]`, whose label is among the first `k` classes. There
/// is at least one example, and a label for each.
pub fn top_accuracy(scores: &Array2<f64>, labels: &[usize], k: usize) -> f64 {
    todo!()
}
