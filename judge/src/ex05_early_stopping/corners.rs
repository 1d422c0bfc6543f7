//! Histories that are easily overlooked.

use super::{Answers, length, run};
use crate::{Random, Verdict, Wrong, list};
use solutions::ex05_early_stopping as solution;

/// Zeros, ones, equals, and accuracies that differ in their last digits.
fn histories() -> Vec<Vec<f64>> {
    let mut random = Random::new(501);
    let mut all = vec![
        vec![0.0],
        vec![0.0; 8],
        vec![1.0; 8],
        vec![0.0, 0.0, 0.1, 0.1, 0.1],
        vec![0.5, 0.5 + 1e-15, 0.5, 0.5, 0.5],
        vec![0.3, 0.2, 0.1, 0.0, 0.0, 0.4],
    ];
    all.extend((0..40).map(|_| {
        let levels = random.integer(2, 5);
        (0..random.integer(1, 14)).map(|_| random.integer(0, levels) as f64 / 4.0).collect::<Vec<_>>()
    }));
    all
}

const WHY: &str = "an accuracy may be 0 from the first epoch on, and better is better by however little";

pub fn best(a: Answers) -> Verdict {
    histories().iter().try_for_each(|h| {
        let (expected, got) = (solution::best_epoch(h), (a.best_epoch)(h));
        if expected == got {
            return Ok(());
        }
        Err(Wrong::new(format!("the best epoch of {}: expected {expected:?}, got {got:?}", list(h))).because(WHY))
    })
}

pub fn over(a: Answers) -> Verdict {
    for h in histories() {
        for patience in [0, 1, 2, 3, 4, 100, usize::MAX] {
            let (expected, got) =
                (length(&h, |h| solution::is_over(h, patience)), length(&h, |h| (a.is_over)(h, patience)));
            if expected != got {
                let what = format!(
                    "accuracies {}: epochs trained with a patience of {patience}: expected {expected}, got {got}",
                    list(&h)
                );
                return Err(Wrong::new(what).because(if patience == 0 { "a patience of 0 counts as 1" } else { WHY }));
            }
        }
    }
    Ok(())
}

pub fn train(a: Answers) -> Verdict {
    for h in histories() {
        for (patience, at_most) in [(0, 9), (2, usize::MAX), (3, 5), (usize::MAX, 4), (1, 0)] {
            let expected = solution::train(&mut |e| h[e.min(h.len() - 1)], patience, at_most);
            let got = run(a, &h, patience, at_most)?;
            if expected != got {
                let what = format!(
                    "accuracies {}, patience {patience}, at most {at_most} epochs: expected {}, got {}",
                    list(&h),
                    list(&expected),
                    list(&got)
                );
                return Err(Wrong::new(what).because(if patience == 0 { "a patience of 0 counts as 1" } else { WHY }));
            }
        }
    }
    Ok(())
}
