//! What goes wrong with learning rates that fall.

use super::{Answers, Mistake, exercise, mistaken};
use crate::{Exercise, WrongAnswer};
use solutions::ex07_learning_rate as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers =
    Answers { exponential: solution::exponential, halving: solution::halving, train: solution::train };

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "on-a-line",
            mistake: "The rate falls by the same amount each epoch instead of the same factor.",
            caught_by: ("exponential", "values"),
            exercise: exercise(Answers {
                exponential: |from, to, n, e| from + (to - from) * e.min(n - 1) as f64 / (n - 1) as f64,
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "steps-off-by-one",
            mistake: "As many steps as epochs: the last epoch does not get to `to`.",
            caught_by: ("exponential", "values"),
            exercise: exercise(Answers {
                exponential: |from, to, n, e| from * (to / from).powf(e.min(n) as f64 / n as f64),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "goes-on-falling",
            mistake: "After the last epoch the rate falls on.",
            caught_by: ("exponential", "after the last epoch"),
            exercise: exercise(Answers {
                exponential: |from, to, n, e| from * (to / from).powf(e as f64 / (n - 1) as f64),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "no-new-start",
            mistake: "After the first halving each further epoch without improvement halves again.",
            caught_by: ("halving", "a plateau, down to 1/128"),
            exercise: exercise(Answers { halving: no_restart, ..RIGHT }),
        },
        WrongAnswer {
            name: "never-ends",
            mistake: "The rate stays at 1/128 for ever.",
            caught_by: ("halving", "a plateau, down to 1/128"),
            exercise: exercise(Answers { halving: endless, ..RIGHT }),
        },
        WrongAnswer {
            name: "one-epoch-late",
            mistake: "The schedule is asked before the accuracy of the last epoch has been added to the history.",
            caught_by: ("train", "the rate of each epoch"),
            exercise: exercise(Answers { train: one_epoch_late, ..RIGHT }),
        },
    ]
}

fn no_restart(from: f64, patience: usize, accuracies: &[f64]) -> Option<f64> {
    mistaken(Mistake { no_restart: true, ..Mistake::default() }, from, patience, accuracies)
}

fn endless(from: f64, patience: usize, accuracies: &[f64]) -> Option<f64> {
    mistaken(Mistake { endless: true, ..Mistake::default() }, from, patience, accuracies)
}

fn one_epoch_late(
    schedule: &dyn Fn(&[f64]) -> Option<f64>,
    epoch: &mut dyn FnMut(f64) -> f64,
    at_most: usize,
) -> Vec<f64> {
    let mut accuracies: Vec<f64> = vec![];
    while accuracies.len() < at_most {
        let Some(eta) = schedule(&accuracies[..accuracies.len().saturating_sub(1)]) else { break };
        accuracies.push(epoch(eta));
    }
    accuracies
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    [
        Answers { exponential: |_, _, _, _| 0.0, halving: |_, _, _| None, train: |_, _, _| vec![] },
        Answers {
            exponential: |from, _, _, _| from,
            halving: |from, _, _| Some(from),
            train: |_, epoch, _| vec![epoch(0.1)],
        },
        Answers { exponential: |_, _, _, _| 0.1, halving: |_, _, _| Some(0.1), train: |_, _, _| vec![0.5; 3] },
    ]
    .map(exercise)
    .into()
}
