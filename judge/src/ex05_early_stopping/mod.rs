//! When to stop training.

mod corners;
pub mod wrong;

use crate::plugged::small_network;
use crate::{Check, Exercise, Random, Verdict, Wrong, compare, enough, list, number, unless_endless};
use ndarray::Array1;
use network3::{
    Activation, Spec, data,
    train::{HyperParameters, Trainer},
};
use solutions::ex05_early_stopping as solution;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub best_epoch: fn(&[f64]) -> Option<usize>,
    pub is_over: fn(&[f64], usize) -> bool,
    pub train: fn(&mut dyn FnMut(usize) -> f64, usize, usize) -> Vec<f64>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex05_early_stopping",
        read_on: "the library's rule, made of the same parts: \"Stopping\"",
        checks: vec![
            check("best_epoch", "histories without ties", best_of_distinct),
            check("best_epoch", "ties", best_of_ties),
            check("best_epoch", "no epoch yet", no_epoch_yet),
            check("best_epoch", "zeros and near equals", corners::best),
            check("is_over", "histories without ties", over_without_ties),
            check("is_over", "ties", over_with_ties),
            check("is_over", "any patience", corners::over),
            check("train", "stops by the rule", by_the_rule),
            check("train", "at most so many epochs", at_most),
            check("train", "a real network", real_network),
            check("train", "any limits", corners::train),
        ],
    }
    .otherwise(&[
        ("best_epoch", "is one compared with the largest so far, and does an equal one take its place?"),
        ("is_over", "is the count set back where it should be, and does it count epochs since the last one that was better than all before it?"),
        ("train", "are both questions asked before each epoch, and does each accuracy get into the list?"),
    ])
}

/// Ten made-up runs: accuracies in steps of a hundredth that rise and then waver. With `ties`, many are equal.
fn histories(ties: bool) -> Vec<Vec<f64>> {
    let mut random = Random::new(5);
    let run = |_| {
        let (length, top) = (random.integer(15, 25), random.integer(3, 12));
        let accuracy = |epoch: usize| {
            let height = 90 + epoch.min(top) / 2 + random.integer(0, 4);
            // A thousandth for each epoch, all different, makes equals unequal without a system.
            let apart = if ties { 0.0 } else { ((epoch * 7) % 26) as f64 / 3000.0 };
            (height as f64 / 100.0 + apart).min(1.0)
        };
        (0..length).map(accuracy).collect()
    };
    (0..10).map(run).collect()
}

/// Compares what an answer and the solution make of histories, in one number each.
fn judge(
    what: &str,
    histories: &[Vec<f64>],
    (right, answer): (&dyn Fn(&[f64]) -> f64, &dyn Fn(&[f64]) -> f64),
    suspects: &[(&dyn Fn(&[f64]) -> f64, &str)],
) -> Verdict {
    let all = |f: &dyn Fn(&[f64]) -> f64| -> Array1<f64> { histories.iter().map(|h| f(h)).collect() };
    let (expected, got) = (all(right), all(answer));
    let mut comparison = compare(what, &expected, &got);
    for (suspect, words) in suspects {
        comparison = comparison.suspect(&all(*suspect), words);
    }
    let first = expected.iter().zip(&got).position(|(e, g)| e != g).unwrap_or(0);
    comparison.verdict().map_err(|wrong| Wrong {
        what: format!(
            "accuracies {}:\n{what}: expected {}, got {}",
            list(&histories[first]),
            expected[first],
            got[first]
        ),
        ..wrong
    })
}

/// −1 for `None`.
fn epoch_number(epoch: Option<usize>) -> f64 {
    epoch.map_or(-1.0, |epoch| epoch as f64)
}

fn best_of(a: Answers, histories: &[Vec<f64>]) -> Verdict {
    let first = |h: &[f64]| h.iter().position(|a| h.iter().all(|b| a >= b)).map_or(-1.0, |e| e as f64);
    judge(
        "the best epoch",
        histories,
        (&|h| epoch_number(solution::best_epoch(h)), &|h| epoch_number((a.best_epoch)(h))),
        &[
            (&first, "the first of equals: it should be the last"),
            (&|h| epoch_number(solution::best_epoch(h)) + 1.0, "one too many: epochs are counted from 0"),
            (&|h| h.len() as f64 - 1.0, "this is the last epoch of all"),
            (&|_| -1.0, "`None` although there has been an epoch"),
        ],
    )
}

fn best_of_distinct(a: Answers) -> Verdict {
    best_of(a, &histories(false))
}

fn best_of_ties(a: Answers) -> Verdict {
    best_of(a, &histories(true))
}

fn no_epoch_yet(a: Answers) -> Verdict {
    number("the best of one epoch", 0.0, epoch_number((a.best_epoch)(&[0.1])))
        .suspect_number(-1.0, "`None` although there has been an epoch")
        .verdict()?;
    number("the best of two, the second one worse", 0.0, epoch_number((a.best_epoch)(&[0.2, 0.1]))).verdict()?;
    match (a.best_epoch)(&[]) {
        None => Ok(()),
        got => Err(Wrong::new(format!("the best of no epochs: expected None, got {got:?}"))),
    }
}

/// How many epochs are trained when `over` decides.
fn length(accuracies: &[f64], over: impl Fn(&[f64]) -> bool) -> f64 {
    let over = (0..accuracies.len()).find(|&n| over(&accuracies[..n]));
    over.unwrap_or(accuracies.len()) as f64
}

/// For each epoch: how many epochs ago was the last one that was better than all before it (or as good, with `ties`)?
fn since(accuracies: &[f64], ties: bool) -> usize {
    let improved = |e: &usize| {
        let before = accuracies[..*e].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        accuracies[*e] > before || ties && accuracies[*e] == before
    };
    (0..accuracies.len()).rev().find(improved).map_or(0, |e| accuracies.len() - 1 - e)
}

fn over(a: Answers, histories: &[Vec<f64>]) -> Verdict {
    for patience in [3, 1, 5] {
        let rises = |h: &[f64]| h.windows(2).rev().take_while(|pair| pair[1] <= pair[0]).count() >= patience;
        judge(
            &format!("epochs trained with a patience of {patience}"),
            histories,
            (&|h| length(h, |h| solution::is_over(h, patience)), &|h| length(h, |h| (a.is_over)(h, patience))),
            &[
                (
                    &|h| length(h, |h| since(h, false) > patience),
                    "one epoch too late: over as soon as `patience` epochs have brought nothing, not after one more",
                ),
                (
                    &|h| length(h, |h| !h.is_empty() && since(h, false) + 1 >= patience),
                    "one epoch too early: is the epoch of the improvement itself counted as one without?",
                ),
                (
                    &|h| length(h, |h| since(h, true) >= patience),
                    "an epoch that equals the best counts as an improvement here; it should not",
                ),
                (&|h| length(h, rises), "compared with the epoch before: it should be compared with the best so far"),
                (&|_| 0.0, "training is over before it has begun"),
                (&|h| h.len() as f64, "it never ends"),
            ],
        )?;
    }
    Ok(())
}

fn over_without_ties(a: Answers) -> Verdict {
    over(a, &histories(false))
}

fn over_with_ties(a: Answers) -> Verdict {
    over(a, &histories(true))
}

/// Lets an answer train on made-up accuracies, the last of which repeats for ever; a loop without end is ended here.
fn run(a: Answers, accuracies: &[f64], patience: usize, at_most: usize) -> Result<Vec<f64>, Wrong> {
    let mut calls = vec![];
    let mut epoch = |e: usize| {
        calls.push(e);
        if calls.len() > at_most.saturating_add(100).min(1000) {
            enough();
        }
        accuracies[calls.len().min(accuracies.len()) - 1]
    };
    let history = unless_endless(|| (a.train)(&mut epoch, patience, at_most));
    let told = format!("accuracies {}, patience {patience}, at most {at_most} epochs", list(accuracies));
    let history = history.ok_or_else(|| {
        Wrong::new(format!("{told}: more than {} epochs, and still training", at_most.saturating_add(100).min(1000)))
            .because("does the loop ask both questions before every epoch, is it over, and have there been `at_most`?")
    })?;
    if let Some((k, &e)) = calls.iter().enumerate().find(|(k, e)| k != *e) {
        return Err(Wrong::new(format!("{told}: call {k} of `epoch` had the argument {e}"))
            .because("epochs are counted from 0, without a gap"));
    }
    if history.len() != calls.len() {
        return Err(Wrong::new(format!(
            "{told}: {} epochs trained, {} accuracies returned",
            calls.len(),
            history.len()
        ))
        .because("the accuracy of each epoch that has been trained belongs in the result, that of the last one, too"));
    }
    Ok(history)
}

fn by_the_rule(a: Answers) -> Verdict {
    for (k, accuracies) in histories(true).iter().enumerate() {
        let patience = 1 + k % 4;
        let expected: Array1<f64> =
            solution::train(&mut |e| accuracies[e.min(accuracies.len() - 1)], patience, 60).into();
        let got: Array1<f64> = run(a, accuracies, patience, 60)?.into();
        let epochs = format!("epochs trained on {} with a patience of {patience}", list(accuracies));
        number(&epochs, expected.len() as f64, got.len() as f64)
            .suspect_number(60.0, "the stopping rule has no say: is `is_over` asked before every epoch?")
            .suspect_number(expected.len() as f64 + 1.0, "one more epoch after training was over")
            .verdict()?;
        compare("accuracies returned", &expected, &got).verdict()?;
    }
    Ok(())
}

fn at_most(a: Answers) -> Verdict {
    // Each of the first twenty epochs is better than the one before; without a limit, the rule ends it after 23.
    let rising: Vec<f64> = (1..=20).map(|e| f64::from(e) / 20.0).collect();
    for at_most in [7, 1, 0] {
        let what = format!("epochs trained, each better than the one before, when {at_most} are allowed");
        number(&what, at_most as f64, run(a, &rising, 3, at_most)?.len() as f64)
            .suspect_number(at_most as f64 + 1.0, "one epoch too many: ask before the epoch, not after it")
            .suspect_number(23.0, "`at_most` has no say: training went on until the rule ended it")
            .verdict()?;
    }
    Ok(())
}

fn real_network(a: Answers) -> Verdict {
    let library = |e: network3::Error| Wrong::new(e.to_string());
    let splits = data::digits(300, 100, 1, 5).map_err(library)?;
    let layers = [Spec::fully_connected(20, Activation::Sigmoid), Spec::softmax(10)];
    let train = |rule: &dyn Fn(&mut dyn FnMut(usize) -> f64) -> Vec<f64>| {
        let mut network = small_network(splits.training.shape(), &layers).map_err(library)?;
        let hyper_parameters = HyperParameters::new(0.5).with_epochs(30);
        let mut trainer = Trainer::new(&splits, hyper_parameters).map_err(library)?;
        // A network that has diverged knows nothing.
        let mut epoch = |_| trainer.epoch(&mut network, &mut |_| {}).map_or(0.0, |epoch| epoch.validation_accuracy);
        let epochs = rule(&mut epoch);
        Ok(epochs.into())
    };
    let expected: Array1<f64> = train(&|epoch| solution::train(epoch, 3, 30))?;
    let got: Array1<f64> = train(&|epoch| (a.train)(epoch, 3, 30))?;
    compare("validation accuracies of a network that learns to read digits, patience 3", &expected, &got).verdict()
}
