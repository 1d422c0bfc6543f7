//! What goes wrong when training should stop.

use super::{Answers, exercise, since};
use crate::{Exercise, WrongAnswer};
use solutions::ex05_early_stopping as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers { best_epoch: solution::best_epoch, is_over: solution::is_over, train: solution::train };

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "first-of-equals",
            mistake: "Among epochs that are equally good, the first is kept instead of the last.",
            caught_by: ("best_epoch", "ties"),
            exercise: exercise(Answers { best_epoch: first_of_equals, ..RIGHT }),
        },
        WrongAnswer {
            name: "patience-off-by-one",
            mistake: "Training ends when more than `patience` epochs have brought nothing.",
            caught_by: ("is_over", "histories without ties"),
            exercise: exercise(Answers { is_over: |h, patience| since(h, false) > patience, ..RIGHT }),
        },
        WrongAnswer {
            name: "compared-with-previous",
            mistake: "Each epoch is compared with the one before it instead of the best so far.",
            caught_by: ("is_over", "histories without ties"),
            exercise: exercise(Answers { is_over: compare_with_previous, ..RIGHT }),
        },
        WrongAnswer {
            name: "equal-is-improvement",
            mistake: "An epoch that equals the best counts as an improvement.",
            caught_by: ("is_over", "ties"),
            exercise: exercise(Answers { is_over: |h, patience| since(h, true) >= patience, ..RIGHT }),
        },
        WrongAnswer {
            name: "asked-too-late",
            mistake: "The limit is looked at after the epoch instead of before it.",
            caught_by: ("train", "at most so many epochs"),
            exercise: exercise(Answers { train: ask_afterwards, ..RIGHT }),
        },
        WrongAnswer {
            name: "no-limit",
            mistake: "Only the stopping rule is asked; a network that goes on improving is trained for ever.",
            caught_by: ("train", "at most so many epochs"),
            exercise: exercise(Answers { train: without_limit, ..RIGHT }),
        },
    ]
}

fn first_of_equals(accuracies: &[f64]) -> Option<usize> {
    let best = accuracies.iter().enumerate().rev().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    Some(best.0)
}

fn compare_with_previous(accuracies: &[f64], patience: usize) -> bool {
    accuracies.windows(2).rev().take_while(|pair| pair[1] <= pair[0]).count() >= patience
}

fn ask_afterwards(epoch: &mut dyn FnMut(usize) -> f64, patience: usize, at_most: usize) -> Vec<f64> {
    let mut accuracies = vec![];
    while accuracies.len() <= at_most && !solution::is_over(&accuracies, patience) {
        accuracies.push(epoch(accuracies.len()));
    }
    accuracies
}

fn without_limit(epoch: &mut dyn FnMut(usize) -> f64, patience: usize, _: usize) -> Vec<f64> {
    let mut accuracies = vec![];
    while !solution::is_over(&accuracies, patience) {
        accuracies.push(epoch(accuracies.len()));
    }
    accuracies
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    [
        Answers { best_epoch: |_| None, is_over: |_, _| false, train: |_, _, _| vec![] },
        Answers { best_epoch: |_| Some(0), is_over: |_, _| true, train: |epoch, _, _| vec![epoch(0)] },
        Answers {
            best_epoch: |h| h.len().checked_sub(1),
            is_over: |h, patience| h.len() >= patience,
            train: |_, _, _| vec![0.5; 3],
        },
    ]
    .map(exercise)
    .into()
}
