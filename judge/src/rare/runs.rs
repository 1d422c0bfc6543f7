//! Histories, accuracies and learning rates: exercises 05, 06, 07 and 10.

use super::rare;
use crate::{
    WrongAnswer, ex05_early_stopping as ex05, ex06_accuracy as ex06, ex07_learning_rate as ex07,
    ex10_overfitting as ex10,
};
use ndarray::{Array2, s};
use network3::train::Epoch;
use solutions::{
    ex05_early_stopping as stopping, ex06_accuracy as accuracy, ex07_learning_rate as rate, ex10_overfitting as over,
};

const STOPPING: ex05::Answers =
    ex05::Answers { best_epoch: stopping::best_epoch, is_over: stopping::is_over, train: stopping::train };
const ACCURACY: ex06::Answers = ex06::Answers { classes: accuracy::classes, accuracy: accuracy::accuracy };
const RATE: ex07::Answers =
    ex07::Answers { exponential: rate::exponential, halving: rate::halving, train: rate::train };
const OVER: ex10::Answers = ex10::Answers { gap: over::gap, onset: over::onset, overfitting: over::overfitting };

pub fn wrong() -> Vec<WrongAnswer> {
    let is_over = |is_over| ex05::exercise(ex05::Answers { is_over, ..STOPPING });
    let accuracy = |accuracy| ex06::exercise(ex06::Answers { accuracy, ..ACCURACY });
    let overfitting = |overfitting| ex10::exercise(ex10::Answers { overfitting, ..OVER });
    vec![
        rare(
            "no-patience-no-end",
            "A patience of 0 is taken for \"never\", though it counts as 1.",
            ("is_over", "any patience"),
            is_over(|h, patience| patience > 0 && stopping::is_over(h, patience)),
        ),
        rare(
            "nothing-is-no-start",
            "The best accuracy begins at 0, so that a first epoch with accuracy 0 is no improvement.",
            ("is_over", "any patience"),
            is_over(|h, patience| stopping::is_over(&[&[0.0], h].concat(), patience)),
        ),
        rare(
            "patience-overflows",
            "`patience` + 1 epochs are waited for: of the largest number that is 0.",
            ("is_over", "any patience"),
            is_over(|h, patience| match patience {
                // 0 epochs are waited for, and one has passed.
                usize::MAX => !h.is_empty(),
                _ => stopping::is_over(h, patience),
            }),
        ),
        rare(
            "more-labels",
            "Only too few labels are an error, and labels without an image are passed over.",
            ("accuracy", "words that say which"),
            accuracy(|network, x, labels, size| {
                accuracy::accuracy(network, x, &labels[..labels.len().min(x.nrows())], size)
            }),
        ),
        rare(
            "same-words",
            "Every error has the same words.",
            ("accuracy", "words that say which"),
            accuracy(|network, x, labels, size| {
                accuracy::accuracy(network, x, labels, size).map_err(|_| "wrong arguments".into())
            }),
        ),
        rare(
            "even-mini-batches",
            "Ten images in mini-batches of four become 4, 3 and 3, not 4, 4 and 2.",
            ("accuracy", "each mini-batch"),
            accuracy(even_mini_batches),
        ),
        rare(
            "halved-for-nothing",
            "The best accuracy begins at 0, so that a first epoch with accuracy 0 is no improvement.",
            ("halving", "any history"),
            ex07::exercise(ex07::Answers {
                halving: |from, patience, h| {
                    let first = h.iter().position(|&a| a > 0.0).unwrap_or(h.len());
                    let zeros = vec![-1.0; usize::from(first > 0)];
                    rate::halving(from, patience, &[&zeros, &vec![-1.0; first][..], &h[first..]].concat())
                },
                ..RATE
            }),
        ),
        rare(
            "clamped-rate",
            "A learning rate below 1e-10 is taken for zero, and raised to that.",
            ("exponential", "any rates"),
            ex07::exercise(ex07::Answers {
                exponential: |from, to, epochs, epoch| rate::exponential(from, to, epochs, epoch).max(1e-10),
                ..RATE
            }),
        ),
        rare(
            "equal-is-lower",
            "A training cost that is what it was counts as fallen.",
            ("onset", "any costs"),
            ex10::exercise(ex10::Answers { onset: equal_is_lower, ..OVER }),
        ),
        rare(
            "never-at-first",
            "The lowest validation cost is looked for from the second epoch on.",
            ("onset", "any costs"),
            ex10::exercise(ex10::Answers {
                onset: |h| if h.len() < 2 { over::onset(h) } else { Some(over::onset(&h[1..])? + 1) },
                ..OVER
            }),
        ),
        rare(
            "largest-gap",
            "The largest gap of all epochs, where that at the end is asked for.",
            ("overfitting", "at the end, of short histories, too"),
            overfitting(|h| h.iter().map(|e| e.validation_cost - e.train_cost).fold(f64::MIN, f64::max)),
        ),
        rare(
            "needs-two-epochs",
            "The growth for each epoch, divided by the number of steps: with one epoch that is 0/0.",
            ("overfitting", "at the end, of short histories, too"),
            overfitting(|h| {
                let gap = |e: &Epoch| e.validation_cost - e.train_cost;
                (gap(&h[h.len() - 1]) - gap(&h[0])) / (h.len() - 1) as f64
            }),
        ),
    ]
}

fn even_mini_batches(
    network: &mut dyn FnMut(&Array2<f64>) -> Array2<f64>,
    x: &Array2<f64>,
    labels: &[usize],
    size: usize,
) -> Result<f64, String> {
    let n = labels.len();
    if size == 0 || n == 0 || x.nrows() != n {
        return accuracy::accuracy(network, x, labels, size);
    }
    let batches = n.div_ceil(size);
    // The first `n % batches` of them have one image more.
    let begin = |k: usize| k * (n / batches) + k.min(n % batches);
    let mut right = 0.0;
    for k in 0..batches {
        let here = begin(k)..begin(k + 1);
        let images = x.slice(s![here.clone(), ..]).to_owned();
        right += here.len() as f64 * accuracy::accuracy(network, &images, &labels[here.clone()], here.len())?;
    }
    Ok((right / n as f64 * n as f64).round() / n as f64)
}

fn equal_is_lower(h: &[Epoch]) -> Option<usize> {
    let m = (0..h.len()).rev().min_by(|&a, &b| h[a].validation_cost.total_cmp(&h[b].validation_cost))?;
    (m + 1 < h.len() && h[h.len() - 1].train_cost <= h[m].train_cost).then_some(m + 1)
}
