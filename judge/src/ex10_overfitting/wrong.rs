//! What goes wrong with diagnostics.

use super::{Answers, exercise};
use crate::WrongAnswer;
use solutions::ex10_overfitting as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers { gap: solution::gap, onset: solution::onset, overfitting: solution::overfitting };

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "test-images-looked-at",
            mistake: "The gap between training and test images, instead of validation images.",
            caught_by: ("gap", "epoch by epoch"),
            exercise: exercise(Answers {
                gap: |h| h.iter().map(|e| e.train_accuracy - e.test_accuracy).collect(),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "lowest-epoch-itself",
            mistake: "The onset is off by one: the best epoch, where nothing is wrong yet.",
            caught_by: ("onset", "one lowest point"),
            exercise: exercise(Answers { onset: |h| solution::onset(h).map(|k| k - 1), ..RIGHT }),
        },
        WrongAnswer {
            name: "first-rise",
            mistake: "The onset is where the validation cost rises for the first time, though that may be noise.",
            caught_by: ("onset", "ups and downs before"),
            exercise: exercise(Answers {
                onset: |h| (1..h.len()).find(|&k| h[k].validation_cost > h[k - 1].validation_cost),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "divergence-mistaken",
            mistake: "The training cost is not looked at: a learning rate that is too large counts as overfitting.",
            caught_by: ("onset", "both costs rise"),
            exercise: exercise(Answers {
                onset: |h| super::lowest(h).map(|m| m + 1).filter(|&k| k < h.len()),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "validation-error",
            mistake: "The diagnostic is the validation error: any bad network would overfit.",
            caught_by: ("overfitting", "a bad network"),
            exercise: exercise(Answers { overfitting: |h| 1.0 - h[h.len() - 1].validation_accuracy, ..RIGHT }),
        },
        WrongAnswer {
            name: "ratio-of-costs",
            mistake: "The diagnostic is a ratio, and its denominator, the training cost, can be zero.",
            caught_by: ("overfitting", "a training cost of zero"),
            exercise: exercise(Answers {
                overfitting: |h| h[h.len() - 1].validation_cost / h[h.len() - 1].train_cost,
                ..RIGHT
            }),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<crate::Exercise> {
    let answers = [
        Answers { gap: |h| vec![0.0; h.len()], onset: |_| None, overfitting: |_| 0.0 },
        Answers {
            gap: |h| h.iter().map(|e| e.train_accuracy).collect(),
            onset: |h| h.len().checked_sub(1),
            overfitting: |h| h[h.len() - 1].train_cost,
        },
        Answers { gap: |_| vec![], onset: |_| Some(1), overfitting: |h| h.len() as f64 },
    ];
    answers.map(exercise).into()
}
