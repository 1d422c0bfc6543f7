//! Diagnostics of overfitting.

mod corners;
mod runs;
pub mod wrong;

use crate::{Check, Exercise, Random, Verdict, Wrong, compare};
use ndarray::Array1;
use network3::train::Epoch;
use runs::{epoch, history, memorised, real, run};
use solutions::ex10_overfitting as solution;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub gap: fn(&[Epoch]) -> Vec<f64>,
    pub onset: fn(&[Epoch]) -> Option<usize>,
    pub overfitting: fn(&[Epoch]) -> f64,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex10_overfitting",
        read_on: "what helps against it: \"Dropout\", and exercise 14",
        checks: vec![
            check("gap", "epoch by epoch", epoch_by_epoch),
            check("gap", "short histories", corners::gaps),
            check("onset", "one lowest point", one_lowest_point),
            check("onset", "ups and downs before", ups_and_downs),
            check("onset", "equal costs", equal_costs),
            check("onset", "both costs rise", both_rise),
            check("onset", "any costs", corners::any_costs),
            check("overfitting", "more is more", more_is_more),
            check("overfitting", "a bad network", bad_network),
            check("overfitting", "a training cost of zero", training_cost_of_zero),
            check("overfitting", "at the end, of short histories, too", corners::at_the_end),
            check("overfitting", "two real networks", real_networks),
        ],
    }
    .otherwise(&[
        ("gap", "training minus validation, of the same epoch, both accuracies"),
        ("onset", "is it the epoch after the lowest validation cost, the last of equals, and is the end compared with that epoch?"),
        ("overfitting", "does it compare validation with training, at the end?"),
    ])
}

fn epoch_by_epoch(a: Answers) -> Verdict {
    let mut random = Random::new(10);
    for epochs in [1, 7, 12] {
        let history: Vec<Epoch> = (0..epochs)
            .map(|k| {
                let mut fraction = || 0.5 + 0.5 * random.number();
                let costs = [fraction(), fraction(), fraction()];
                epoch(k, [fraction(), fraction(), fraction()], costs)
            })
            .collect();
        let of = |f: fn(&Epoch) -> f64| history.iter().map(f).collect::<Array1<f64>>();
        compare("gap", &of(|e| e.train_accuracy - e.validation_accuracy), &Array1::from((a.gap)(&history)))
            .suspect(
                &of(|e| e.validation_accuracy - e.train_accuracy),
                "this is validation minus training: a network that overfits should have a positive gap",
            )
            .suspect(
                &of(|e| e.train_accuracy - e.test_accuracy),
                "this is the gap to the test images: they are not to be looked at before the end",
            )
            .suspect(
                &of(|e| e.validation_cost - e.train_cost),
                "this is the gap between the costs: the accuracies are asked for",
            )
            .verdict()?;
    }
    Ok(())
}

/// A rule for the onset, and words for those who follow it.
type Rule = (fn(&[Epoch]) -> Option<usize>, &'static str);

/// What other rules would say.
const OTHER_RULES: [Rule; 6] = [
    (lowest, THE_LOWEST),
    (|h| solution::onset(h).map(|k| k - 1), THE_LOWEST),
    (
        |h| lowest(h).map(|m| m + 1).filter(|&k| k < h.len()),
        "did the training cost go on falling after the lowest validation cost?",
    ),
    (
        |h| first_lowest(h).map(|m| m + 1),
        "of several epochs with the lowest validation cost, this goes by the first: what does not rise is not \
            overfitting yet",
    ),
    (|h| lowest(h).map(|m| m + 1), "is there such an epoch at all?"),
    (
        |h| (1..h.len()).find(|&k| h[k].validation_cost > h[k - 1].validation_cost),
        "this is the first epoch whose validation cost is higher than the one before: it may still fall below that",
    ),
];

const THE_LOWEST: &str = "this is the epoch with the lowest validation cost itself: it is the next one that is worse";

fn lowest(h: &[Epoch]) -> Option<usize> {
    (0..h.len()).rev().min_by(|&a, &b| h[a].validation_cost.total_cmp(&h[b].validation_cost))
}

fn first_lowest(h: &[Epoch]) -> Option<usize> {
    (0..h.len()).min_by(|&a, &b| h[a].validation_cost.total_cmp(&h[b].validation_cost))
}

/// The onset for these costs.
fn onset(a: Answers, train: &[f64], validation: &[f64], expected: Option<usize>) -> Verdict {
    let history = history(train, validation);
    let got = (a.onset)(&history);
    let what = format!(
        "onset: expected {expected:?}, got {got:?}\n  training costs   {train:.2?}\n  validation costs {validation:.2?}"
    );
    let wrong = Wrong::new(what).suspect(OTHER_RULES.iter().map(|(rule, words)| (*words, rule(&history) == got)));
    if got == expected { Ok(()) } else { wrong.verdict() }
}

/// 1, 0.9, 0.81 …
fn falling(epochs: usize) -> Vec<f64> {
    (0..epochs).map(|k| 0.9f64.powi(k as i32)).collect()
}

fn one_lowest_point(a: Answers) -> Verdict {
    let mut random = Random::new(11);
    for _ in 0..20 {
        let (epochs, m) = (random.integer(4, 12), random.integer(1, 9));
        let validation: Vec<f64> = (0..epochs).map(|k| 0.3 + 0.05 * k.abs_diff(m) as f64).collect();
        onset(a, &falling(epochs), &validation, (m + 1 < epochs).then_some(m + 1))?;
    }
    onset(a, &[], &[], None)
}

fn ups_and_downs(a: Answers) -> Verdict {
    let validation = [0.90, 0.70, 0.75, 0.60, 0.62, 0.50, 0.58, 0.55, 0.64];
    onset(a, &falling(9), &validation, Some(6))?;
    onset(a, &falling(4), &validation[..4], None)
}

fn equal_costs(a: Answers) -> Verdict {
    onset(a, &falling(6), &[0.9, 0.5, 0.6, 0.5, 0.5, 0.6], Some(5))?;
    onset(a, &falling(5), &[0.9, 0.5, 0.5, 0.5, 0.5], None)
}

fn both_rise(a: Answers) -> Verdict {
    onset(a, &[0.9, 0.4, 0.3, 0.5, 0.8], &[0.9, 0.5, 0.4, 0.6, 0.9], None)?;
    // They do not always rise for long.
    onset(a, &[0.9, 0.4, 0.3, 0.5, 0.2], &[0.9, 0.5, 0.4, 0.6, 0.9], Some(3))
}

/// More for the second history than for the first.
fn more(a: Answers, words: &str, [less, more]: [&[Epoch]; 2], cause: &str) -> Verdict {
    let [less, more] = [less, more].map(a.overfitting);
    let what = format!("overfitting: {words}: got {less:.6}, then {more:.6}");
    if !(less.is_finite() && more.is_finite()) {
        let cause = "not a finite number: was something divided by a cost of zero, or its logarithm taken?";
        return Err(Wrong::new(what).because(cause));
    }
    if more > less { Ok(()) } else { Err(Wrong::new(what).because(cause)) }
}

fn more_is_more(a: Answers) -> Verdict {
    let runs = [0.0, 0.3, 0.6, 0.9].map(|severity| run(severity, 0.98));
    for k in 1..runs.len() {
        let (less, worse) = ((a.overfitting)(&runs[k - 1]), (a.overfitting)(&runs[k]));
        let cause = if less == worse {
            "the same number for both, although training went equally well and validation did not: does it look at the \
             validation data?"
        } else {
            "it should be larger for the second: has it the wrong sign?"
        };
        more(
            a,
            "of two runs the second overfits more and should have the larger number",
            [&runs[k - 1], &runs[k]],
            cause,
        )?;
    }
    Ok(())
}

fn bad_network(a: Answers) -> Verdict {
    more(
        a,
        "a bad network that is equally bad at training and validation images, then a good one that overfits a little",
        [&run(0.0, 0.6), &run(0.3, 0.98)],
        "the first does not overfit at all, it has not learned: does the number compare validation with training?",
    )
}

fn training_cost_of_zero(a: Answers) -> Verdict {
    more(
        a,
        "a healthy run, then one that ends with a training cost of 0",
        [&run(0.0, 0.98), &memorised()],
        "the second knows its training images by heart, and makes mistakes with others",
    )
}

fn real_networks(a: Answers) -> Verdict {
    let [many, few] = [(2000, 20), (40, 2)].map(|(images, size)| real(images, size));
    more(
        a,
        "the same network trained with 2000 drawn digits, then with 40",
        [&many, &few],
        "the second classifies all of its 40 training digits correctly, and many others wrongly",
    )
}
