//! Learning rates that fall.

mod corners;
pub mod wrong;

use crate::plugged::small_network;
use crate::{Check, Exercise, Random, Verdict, Wrong, compare, enough, list, number, unless_endless};
use ndarray::Array1;
use network3::{
    Activation, LastBatch, Learner, Order, Spec, Step,
    data::{self, Batches, TrainingSet},
    train::evaluate,
};
use solutions::ex07_learning_rate as solution;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub exponential: fn(f64, f64, usize, usize) -> f64,
    pub halving: fn(f64, usize, &[f64]) -> Option<f64>,
    pub train: fn(&dyn Fn(&[f64]) -> Option<f64>, &mut dyn FnMut(f64) -> f64, usize) -> Vec<f64>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex07_learning_rate",
        read_on: "the library's schedules, three functions of the history: `network3::train::Schedule`",
        checks: vec![
            check("exponential", "values", exponential),
            check("exponential", "the same factor each time", same_factor),
            check("exponential", "after the last epoch", afterwards),
            check("exponential", "any rates", corners::any_rates),
            check("halving", "a plateau, down to 1/128", plateau),
            check("halving", "histories without ties", halving_without_ties),
            check("halving", "ties", halving_with_ties),
            check("halving", "any history", corners::any_history),
            check("train", "the rate of each epoch", rates),
            check("train", "when it ends", train_ends),
            check("train", "a real network", real_network),
            check("train", "any limit", corners::any_limit),
        ],
    }
    .otherwise(&[
        ("exponential", "is a quotient upside down, or is a step too many or too few counted? from · (to/from)^(epoch/(epochs − 1))"),
        ("halving", "are the count, the best and the rate brought up to date in this order, for each accuracy?"),
        ("train", "does the schedule get all accuracies so far, before each epoch, and `epoch` the rate that it says?"),
    ])
}

fn exponential(a: Answers) -> Verdict {
    for (from, to, epochs) in [(0.1, 0.001, 5), (1e-3, 1e-6, 60), (0.5, 0.4, 2), (0.03, 0.03, 4), (0.01, 0.1, 7)] {
        let all = |f: &dyn Fn(usize) -> f64| -> Array1<f64> { (0..epochs).map(f).collect() };
        let (last, factor) = ((epochs - 1) as f64, to / from);
        // Learning rates are small: to compare them, look at them in units of the largest.
        let largest = f64::max(from, to);
        let units = |f: &dyn Fn(usize) -> f64| all(f) / largest;
        let what = format!("η[e] / {largest} from {from} to {to} in {epochs} epochs");
        compare(
            &what,
            &units(&|e| solution::exponential(from, to, epochs, e)),
            &units(&|e| (a.exponential)(from, to, epochs, e)),
        )
        .suspect(
            &units(&|e| from + (to - from) * e as f64 / last),
            "this falls by the same amount each time, on a line; it should be the same factor",
        )
        .suspect(
            &units(&|e| from * f64::powf(factor, e as f64 / epochs as f64)),
            "there are `epochs` − 1 steps from the first epoch to the last: `to` is reached one epoch too late",
        )
        .suspect(
            &units(&|e| from * f64::powf(factor, (e + 1) as f64 / epochs as f64)),
            "one epoch ahead: epoch 0 is trained with `from`",
        )
        .suspect(
            &units(&|e| from * f64::powf(factor, (e + 1) as f64 / last)),
            "one epoch ahead: epoch 0 is trained with `from`",
        )
        .suspect(
            &units(&|e| from * f64::exp(-(e as f64))),
            "this falls by e each epoch: the factor follows from `from`, `to` and `epochs`",
        )
        .suspect(&units(&|e| from * f64::powf(factor, e as f64)), "each epoch goes the whole way from `from` to `to`")
        .verdict()?;
    }
    Ok(())
}

fn same_factor(a: Answers) -> Verdict {
    let eta: Vec<f64> = (0..9).map(|e| (a.exponential)(0.2, 0.0125, 9, e)).collect();
    let factors: Array1<f64> = eta.windows(2).map(|pair| pair[1] / pair[0]).collect();
    compare("η[e + 1] / η[e] from 0.2 to 0.0125 in 9 epochs", &Array1::from_elem(8, 0.5f64.sqrt()), &factors).verdict()
}

fn afterwards(a: Answers) -> Verdict {
    for epoch in [4, 5, 6, 60] {
        let what = format!("η[{epoch}] / 0.1 from 0.1 to 0.001 in 5 epochs");
        number(&what, 0.01, (a.exponential)(0.1, 0.001, 5, epoch) / 0.1)
            .suspect_number(f64::powf(0.01, epoch as f64 / 4.0), "it goes on falling; it should stay at `to`")
            .suspect_number(0.0, "zero: nothing would be learned any more; it should stay at `to`")
            .suspect_number(1.0, "back at `from`; it should stay at `to`")
            .verdict()?;
    }
    Ok(())
}

/// Ten made-up runs: accuracies in steps of a hundredth that rise, and then waver for long. With `ties`, many are
/// equal.
fn histories(ties: bool) -> Vec<Vec<f64>> {
    let mut random = Random::new(7);
    let run = |_| {
        let top = random.integer(3, 20);
        let accuracy = |epoch: usize| {
            let height = 90 + epoch.min(top) / 3 + random.integer(0, 3);
            let apart = if ties { 0.0 } else { ((epoch * 11) % 40) as f64 / 5000.0 };
            height as f64 / 100.0 + apart
        };
        (0..40).map(accuracy).collect()
    };
    (0..10).map(run).collect()
}

/// What is done otherwise in an answer that is almost right.
#[derive(Clone, Copy, Default)]
struct Mistake {
    /// So many epochs more than `patience`.
    late: usize,
    /// To equal the best is an improvement.
    equals: bool,
    /// The count goes on after a halving: every further epoch halves.
    no_restart: bool,
    /// The best is forgotten when the rate is halved.
    forgets: bool,
    /// Compared with the epoch before.
    previous: bool,
    /// η goes on at 1/128 for ever.
    endless: bool,
}

/// `halving` with a mistake in it.
fn mistaken(m: Mistake, from: f64, patience: usize, accuracies: &[f64]) -> Option<f64> {
    let (mut eta, mut best, mut since) = (from, f64::NEG_INFINITY, 0);
    for &accuracy in accuracies {
        let improved = accuracy > best || m.equals && accuracy == best;
        since = if improved { 0 } else { since + 1 };
        best = if m.previous { accuracy } else { best.max(accuracy) };
        if since == patience + m.late || m.no_restart && since > patience {
            eta = (eta / 2.0).max(from / 128.0);
            since = if m.no_restart { since } else { 0 };
            best = if m.forgets { f64::NEG_INFINITY } else { best };
        }
        if eta <= from / 128.0 && !m.endless {
            return None;
        }
    }
    Some(eta)
}

const MISTAKES: [(Mistake, &str); 6] = {
    let none = Mistake { late: 0, equals: false, no_restart: false, forgets: false, previous: false, endless: false };
    [
        (
            Mistake { late: 1, ..none },
            "one epoch too late: halve as soon as `patience` epochs have brought nothing, not after one more",
        ),
        (
            Mistake { equals: true, ..none },
            "an epoch that equals the best counts as an improvement here; it should not",
        ),
        (
            Mistake { no_restart: true, ..none },
            "after a halving every further epoch halves again: the count should begin anew",
        ),
        (
            Mistake { forgets: true, ..none },
            "the best accuracy is forgotten when the rate is halved: it is still what has to be beaten",
        ),
        (
            Mistake { previous: true, ..none },
            "compared with the epoch before: it should be compared with the best so far",
        ),
        (Mistake { endless: true, ..none }, "it stays at 1/128 for ever: `None` as soon as it has come down to that"),
    ]
};

/// Compares the rates of an answer with the right ones, from epoch to epoch until training is over.
fn halves(a: Answers, patience: usize, accuracies: &[f64]) -> Verdict {
    const FROM: f64 = 0.5;
    let right = |h: &[f64]| mistaken(Mistake::default(), FROM, patience, h);
    let asked = 1 + (0..accuracies.len()).take_while(|&n| right(&accuracies[..n]).is_some()).count();
    // In units of the first; 0 for `None`.
    let etas = |schedule: &dyn Fn(&[f64]) -> Option<f64>| -> Array1<f64> {
        (0..asked).map(|n| schedule(&accuracies[..n]).unwrap_or(0.0) / FROM).collect()
    };
    let (expected, got) = (etas(&right), etas(&|h| (a.halving)(FROM, patience, h)));
    let mut comparison = compare("η", &expected, &got);
    for (m, words) in MISTAKES {
        comparison = comparison.suspect(&etas(&|h| mistaken(m, FROM, patience, h)), words);
    }
    let first = expected.iter().zip(&got).position(|(e, g)| e != g).unwrap_or(0);
    let show = |eta: f64| if eta == 0.0 { "None".into() } else { format!("Some({eta} · from)") };
    comparison.verdict().map_err(|wrong| Wrong {
        what: format!(
            "patience {patience}, accuracies so far {}:\nexpected {}, got {}",
            list(&accuracies[..first]),
            show(expected[first]),
            show(got[first])
        ),
        ..wrong
    })
}

fn plateau(a: Answers) -> Verdict {
    halves(a, 1, &[0.5; 12])?;
    halves(a, 3, &[0.5; 30])
}

fn halving_without_ties(a: Answers) -> Verdict {
    histories(false).iter().enumerate().try_for_each(|(k, history)| halves(a, [3, 2, 5][k % 3], history))
}

fn halving_with_ties(a: Answers) -> Verdict {
    histories(true).iter().enumerate().try_for_each(|(k, history)| halves(a, [3, 2, 5][k % 3], history))
}

/// Lets an answer train on made-up accuracies, 0.5, 0.51, 0.52 …; returns the learning rates that it used. A loop
/// without end is ended here.
fn used(a: Answers, told: &str, schedule: &dyn Fn(&[f64]) -> Option<f64>, at_most: usize) -> Result<Vec<f64>, Wrong> {
    let mut etas = vec![];
    let mut epoch = |eta: f64| {
        etas.push(eta);
        if etas.len() > at_most.saturating_add(100).min(1000) {
            enough();
        }
        accuracy(etas.len() - 1)
    };
    let history = unless_endless(|| (a.train)(schedule, &mut epoch, at_most)).ok_or_else(|| {
        Wrong::new(format!("{told}: more than {} epochs, and still training", at_most.saturating_add(100).min(1000)))
            .because(
                "does the loop ask both questions before every epoch: what says the schedule, and how many were there?",
            )
    })?;
    let expected: Array1<f64> = (0..etas.len()).map(accuracy).collect();
    compare(&format!("{told}: accuracies returned"), &expected, &Array1::from(history)).verdict()?;
    Ok(etas)
}

/// Of made-up epochs.
fn accuracy(epoch: usize) -> f64 {
    0.5 + epoch as f64 / 100.0
}

fn rates(a: Answers) -> Verdict {
    let constant = used(a, "a constant rate, 4 epochs", &|_| Some(0.25), 4)?;
    compare("η of 4 epochs, constant", &Array1::from_elem(4, 0.25), &Array1::from(constant)).verdict()?;
    // A rate that shows which accuracies the schedule has been told.
    let eta = |h: &[f64]| h.iter().sum::<f64>() + 0.1;
    let expected = |lag: usize| -> Array1<f64> {
        (0..6).map(|e: usize| eta(&(0..e.saturating_sub(lag)).map(accuracy).collect::<Vec<_>>())).collect()
    };
    let got = used(a, "a rate that depends on the history, 6 epochs", &|h| Some(eta(h)), 6)?;
    let ahead: Array1<f64> = (1..=6).map(|e| eta(&(0..e).map(accuracy).collect::<Vec<_>>())).collect();
    compare("η of 6 epochs, from the accuracies before each", &expected(0), &Array1::from(got))
        .suspect(&expected(1), "one epoch late: the schedule must know the accuracy of the epoch that has just ended")
        .suspect(&ahead, "one epoch ahead: epoch 0 is trained with the rate that belongs to epoch 1")
        .suspect(&Array1::from_elem(6, 0.1), "the schedule is asked once; it should be asked before each epoch")
        .verdict()
}

fn train_ends(a: Answers) -> Verdict {
    for (after, at_most) in [(4, 9), (9, 4), (0, 3), (3, 0), (5, 5)] {
        let told = format!("a schedule that says None after {after} epochs, at most {at_most}");
        let schedule = |h: &[f64]| (h.len() < after).then_some(0.1);
        let got = used(a, &told, &schedule, at_most)?.len();
        let expected = after.min(at_most);
        number(&format!("{told}: epochs trained"), expected as f64, got as f64)
            .suspect_number(expected as f64 + 1.0, "one epoch too many: ask before the epoch, not after it")
            .suspect_number(at_most as f64, "`None` should end training")
            .verdict()?;
    }
    Ok(())
}

fn real_network(a: Answers) -> Verdict {
    let library = |e: network3::Error| Wrong::new(e.to_string());
    let splits = data::digits(200, 100, 1, 7).map_err(library)?;
    let layers = [Spec::fully_connected(20, Activation::Sigmoid), Spec::softmax(10)];
    let train = |train: &dyn Fn(&mut dyn FnMut(f64) -> f64) -> Vec<f64>| {
        let mut network = small_network(splits.training.shape(), &layers).map_err(library)?;
        let set = TrainingSet::plain(&splits.training);
        let mut batches = Batches::new(set, 10, Order::Shuffled, LastBatch::Used, 1).map_err(library)?;
        let mut epochs = 0;
        let mut epoch = |eta| {
            batches.start(epochs);
            epochs += 1;
            let step = Step { eta, decay: 0.0, momentum: 0.0, iteration: 0 };
            while let Some(batch) = batches.next_batch() {
                if network.train(&batch, &step).is_err() {
                    return 0.0; // it has diverged, and knows nothing
                }
            }
            evaluate(&mut network, &splits.validation, 100).map_or(0.0, |evaluation| evaluation.accuracy)
        };
        Ok(Array1::from(train(&mut epoch)))
    };
    let schedule = |h: &[f64]| solution::halving(2.0, 2, h);
    let expected = train(&|epoch| solution::train(&schedule, epoch, 60))?;
    let got = train(&|epoch| (a.train)(&schedule, epoch, 60))?;
    compare("validation accuracies of a network that learns to read digits, η halved from 2", &expected, &got).verdict()
}
