//! Networks that vote.

mod corners;
mod rules;
pub mod wrong;

use crate::plugged::small_network;
use crate::{Check, Exercise, Random, Verdict, Wrong, number};
use ndarray::{Array2, Axis, array, s};
use network3::{
    Activation, Error, Label, LastBatch, Learner, Spec, Step,
    data::{self, Batches},
    ensemble,
};
use solutions::ex15_ensemble as solution;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub vote: fn(&Array2<f64>) -> Result<usize, String>,
    pub largest_mean: fn(&Array2<f64>) -> Result<usize, String>,
    pub majority_accuracy: fn(usize, f64) -> f64,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex15_ensemble",
        read_on: "the images that the chapter's ensemble gets wrong: \"Using an ensemble of networks\"",
        checks: vec![
            check("vote", "one class has most votes", most_votes),
            check("vote", "equally many votes", equally_many_votes),
            check("vote", "the order of the networks", order_of_networks),
            check("vote", "ties between three and more", corners::votes),
            check("vote", "nobody", |a| nobody(a.vote)),
            check("vote", "real networks", real_networks),
            check("largest_mean", "made-up networks", made_up_means),
            check("largest_mean", "any number of networks", corners::means),
            check("largest_mean", "nobody", |a| nobody(a.largest_mean)),
            check("majority_accuracy", "all outcomes counted", all_outcomes),
            check("majority_accuracy", "many networks", many_networks),
            check("majority_accuracy", "certain and nearly so", corners::majorities),
        ],
    }
    .otherwise(&[
        ("vote", "is each network's vote counted once, and are classes compared by votes first, and by their mean only then?"),
        ("largest_mean", "is the mean taken over the networks, class by class, and does an equal one leave the first in its place?"),
        ("majority_accuracy", "are all numbers of right networks counted that are more than half, each with its probability?"),
    ])
}

/// A way to decide.
type Rule = fn(&Array2<f64>) -> Result<usize, String>;

/// The decision that is expected; else what was said, and which of the other rules says the same.
fn decides(rule: Rule, p: &Array2<f64>, expected: usize, others: &[(rules::Rule, &str)]) -> Verdict {
    let got = rule(p);
    let rows: Vec<String> = p
        .rows()
        .into_iter()
        .map(|row| format!("  [{}]", row.iter().map(|p| format!("{p:.4}")).collect::<Vec<_>>().join(", ")))
        .collect();
    let what = format!("expected class {expected}, got {got:?}, for the probabilities\n{}", rows.join("\n"));
    let wrong = Wrong::new(what).suspect(others.iter().map(|(rule, words)| (*words, got == Ok(rule(p)))));
    if got == Ok(expected) { Ok(()) } else { wrong.verdict() }
}

/// Probabilities of networks for classes: multiples of 1/64, so that sums are exact in any order.
fn opinions(random: &mut Random, networks: usize, classes: usize) -> Array2<f64> {
    let mut p = Array2::zeros((networks, classes));
    for mut row in p.rows_mut() {
        for _ in 0..64 {
            // The smaller of two: so that some classes are more popular than others.
            row[random.integer(0, classes).min(random.integer(0, classes))] += 1.0 / 64.0;
        }
    }
    p
}

fn most_votes(a: Answers) -> Verdict {
    let mut random = Random::new(15);
    // The many outvote the certain.
    let certain = array![[0.0, 0.53125, 0.46875], [0.0, 0.53125, 0.46875], [0.0, 0.0, 1.0]];
    decides(a.vote, &certain, 1, &rules::FOR_VOTES)?;
    for _ in 0..30 {
        let (networks, classes) = (random.integer(1, 8), random.integer(2, 6));
        let p = opinions(&mut random, networks, classes);
        if rules::leaders(&p).len() == 1 {
            decides(a.vote, &p, rules::leaders(&p)[0], &rules::FOR_VOTES)?;
        }
    }
    Ok(())
}

fn equally_many_votes(a: Answers) -> Verdict {
    // One vote each: the second network is more certain.
    decides(a.vote, &array![[0.0, 0.5625, 0.4375], [0.0, 0.125, 0.875]], 2, &rules::FOR_VOTES)?;
    // Class 3 has the largest mean and no vote.
    decides(a.vote, &array![[0.0, 0.40625, 0.1875, 0.40625], [0.0, 0.125, 0.4375, 0.4375]], 2, &rules::FOR_VOTES)?;
    // All equal.
    decides(a.vote, &array![[0.0, 0.25, 0.75], [0.0, 0.75, 0.25]], 1, &rules::FOR_VOTES)?;
    let mut random = Random::new(16);
    for _ in 0..200 {
        let p = opinions(&mut random, 4, 5);
        if let (true, Ok(winner)) = (rules::leaders(&p).len() > 1, solution::vote(&p)) {
            decides(a.vote, &p, winner, &rules::FOR_VOTES)?;
        }
    }
    Ok(())
}

fn order_of_networks(a: Answers) -> Verdict {
    let mut random = Random::new(17);
    for _ in 0..50 {
        let p = opinions(&mut random, 4, 5);
        let winner = solution::vote(&p).unwrap_or_default();
        for first in 1..4 {
            // The same networks, beginning with another one.
            let turned = ndarray::concatenate(Axis(0), &[p.slice(s![first.., ..]), p.slice(s![..first, ..])]);
            decides(a.vote, &turned.unwrap_or_default(), winner, &rules::FOR_VOTES)?;
        }
    }
    Ok(())
}

fn nobody(rule: Rule) -> Verdict {
    for shape in [(0, 10), (3, 0), (0, 0)] {
        if let Ok(class) = rule(&Array2::zeros(shape)) {
            let what = format!("{} networks and {} classes: expected an error, got class {class}", shape.0, shape.1);
            return Err(Wrong::new(what).because("without a vote there is no winner, and 0 would be one"));
        }
    }
    // But one is enough.
    decides(rule, &array![[0.25, 0.0, 0.75]], 2, &[])
}

fn real_networks(a: Answers) -> Verdict {
    let (opinions, votes) = trained().expect("nothing here depends on the reader");
    for (p, &expected) in opinions.iter().zip(&votes) {
        decides(a.vote, p, expected.into(), &rules::FOR_VOTES)?;
    }
    Ok(())
}

/// Five small networks of the library, barely trained: what each says of every image, and what their vote is.
fn trained() -> Result<(Vec<Array2<f64>>, Vec<Label>), Error> {
    let splits = data::digits(400, 200, 1, 15)?;
    let layers = [Spec::fully_connected(15, Activation::Sigmoid), Spec::softmax(10)];
    let mut networks = vec![];
    for seed in 1..=5 {
        let mut network = small_network(splits.training.shape(), &layers)?.with_seed(seed);
        let mut batches = Batches::sequential(&splits.training, 10, LastBatch::Used)?;
        for epoch in 0..3 {
            batches.start(epoch);
            while let Some(batch) = batches.next_batch() {
                network.train(&batch, &Step { eta: 0.3, decay: 0.0, momentum: 0.0, iteration: 0 })?;
            }
        }
        networks.push(network);
    }
    let images = splits.validation.len();
    let mut opinions = vec![Array2::zeros((networks.len(), 10)); images];
    let mut batches = Batches::sequential(&splits.validation, images, LastBatch::Used)?;
    if let Some(batch) = batches.next_batch() {
        for (i, network) in networks.iter_mut().enumerate() {
            let probabilities = network.probabilities(&batch)?;
            for (p, said) in opinions.iter_mut().zip(probabilities.rows()) {
                p.row_mut(i).assign(&said.mapv(f64::from));
            }
        }
    }
    Ok((opinions, ensemble::classify(&mut networks, &splits.validation)?.vote))
}

fn made_up_means(a: Answers) -> Verdict {
    // The certain one outweighs the many.
    let certain = array![[0.5, 0.25, 0.25], [0.0, 0.53125, 0.46875], [0.0, 0.53125, 0.46875], [0.0, 0.0, 1.0]];
    decides(a.largest_mean, &certain, 2, &rules::FOR_MEANS)?;
    decides(a.largest_mean, &array![[0.0, 0.25, 0.75], [0.0, 0.75, 0.25]], 1, &rules::FOR_MEANS)?;
    let mut random = Random::new(18);
    for _ in 0..50 {
        let (networks, classes) = (random.integer(1, 8), random.integer(2, 6));
        let p = opinions(&mut random, networks, classes);
        decides(a.largest_mean, &p, rules::largest_mean(&p), &rules::FOR_MEANS)?;
    }
    Ok(())
}

/// The probability that the number of networks that are right is one that counts.
fn probability(networks: usize, accuracy: f64, counts: impl Fn(usize) -> bool) -> f64 {
    let outcomes = (0..1u32 << networks).map(|right| right.count_ones() as usize).filter(|&right| counts(right));
    outcomes.map(|right| accuracy.powi(right as i32) * (1.0 - accuracy).powi((networks - right) as i32)).sum()
}

fn all_outcomes(a: Answers) -> Verdict {
    for (networks, p) in [(1, 0.7), (3, 0.6), (4, 0.75), (5, 0.9), (2, 0.8), (9, 0.55)] {
        let of = |counts: &dyn Fn(usize) -> bool| probability(networks, p, counts);
        let single = |right: usize| p.powi(right as i32) * (1.0 - p).powi((networks - right) as i32);
        let uncounted: f64 = (networks / 2 + 1..=networks).map(single).sum();
        let what = format!("{networks} networks that are right with probability {p}: majority_accuracy");
        number(&what, of(&|right| 2 * right > networks), (a.majority_accuracy)(networks, p))
            .suspect_number(of(&|right| 2 * right >= networks), "exactly half is not more than half")
            .suspect_number(
                of(&|right| right == networks / 2 + 1),
                "this counts the barest majority only: larger ones win, too",
            )
            .suspect_number(
                uncounted,
                "k networks that are right can be chosen in many ways: the binomial coefficients are missing",
            )
            .suspect_number(of(&|right| 2 * right < networks), "this is the probability that less than half are right")
            .suspect_number(p, "this is the accuracy of one network")
            .verdict()?;
    }
    Ok(())
}

fn many_networks(a: Answers) -> Verdict {
    for (networks, p) in [(25, 0.6), (101, 0.52), (999, 0.51)] {
        let expected = solution::majority_accuracy(networks, p);
        let got = (a.majority_accuracy)(networks, p);
        let what = format!("{networks} networks that are right with probability {p}: majority_accuracy");
        number(&what, expected, got).suspect_number(p, "this is the accuracy of one \
            network").verdict().map_err(|wrong| {
            let cause = "does a factorial or a binomial coefficient become too large on the way? 21! is too large for \
                a u64, 171! for an f64";
            if got.is_finite() { wrong.or_because(cause) } else { wrong.because(cause) }
        })?;
    }
    Ok(())
}
