//! Votes and ensembles that are easily overlooked.

use super::{Answers, decides, opinions, rules};
use crate::{Random, Verdict, number};
use ndarray::{Array2, array};
use solutions::ex15_ensemble as solution;

fn cases() -> Vec<Array2<f64>> {
    let random = &mut Random::new(1501);
    let mut all = vec![
        array![[1.0]],
        array![[0.25, 0.25, 0.25, 0.25]],
        // Three classes with one vote each, and the last of them has the largest mean.
        array![[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.0, 0.25, 0.75]],
        array![[0.5, 0.25, 0.25], [0.125, 0.625, 0.25], [0.25, 0.25, 0.5]],
        Array2::zeros((3, 4)),
    ];
    for (networks, classes) in [(3, 3), (3, 6), (6, 3), (6, 4), (7, 5), (9, 10), (2, 2), (100, 10)] {
        all.extend((0..60).map(|_| opinions(random, networks, classes)));
    }
    all
}

pub fn votes(a: Answers) -> Verdict {
    cases().iter().try_for_each(|p| {
        decides(a.vote, p, solution::vote(p).unwrap_or_default(), &rules::FOR_VOTES).map_err(|wrong| {
            wrong.or_because(
                "most votes win; between all classes that have as many, three or more maybe, the mean over all networks decides",
            )
        })
    })
}

pub fn means(a: Answers) -> Verdict {
    cases().iter().try_for_each(|p| {
        decides(a.largest_mean, p, solution::largest_mean(p).unwrap_or_default(), &rules::FOR_MEANS).map_err(|wrong| {
            wrong.or_because("add up each column; of columns with the same sum, the first: zero may be the largest")
        })
    })
}

pub fn majorities(a: Answers) -> Verdict {
    for networks in [1, 2, 3, 50, 51, 170, 172, 500, 999, 1000] {
        for p in [0.0, 1e-9, 0.01, 0.3, 0.5, 0.52, 0.9, 0.999, 1.0 - 1e-12, 1.0] {
            let expected = solution::majority_accuracy(networks, p);
            number(&format!("{networks} networks that are right with probability {p}: majority_accuracy"), expected, (a.majority_accuracy)(networks, p))
                .within(1e-8)
                .verdict()
                .map_err(|wrong| wrong.or_because("a power such as (1 − p)ⁿ may become zero on the way, and 0·∞ or 0/0 is no number; with an even number, half is not enough"))?;
        }
    }
    Ok(())
}
