//! Rates and histories that are easily overlooked.

use super::{Answers, used};
use crate::{Random, Verdict, Wrong, list, number};
use solutions::ex07_learning_rate as solution;

pub fn any_rates(a: Answers) -> Verdict {
    for (from, to) in [(1e-12, 1e-15), (2.0, 2.0), (1e-3, 10.0), (1e8, 1e-8)] {
        for (epochs, epoch) in [(2, 0), (2, 1), (2, 2), (3, 1), (60, 59), (60, 60), (60, usize::MAX), (100_000, 77_777)]
        {
            let expected = solution::exponential(from, to, epochs, epoch);
            let got = (a.exponential)(from, to, epochs, epoch);
            number(&format!("η[{epoch}] / {expected} from {from} to {to} in {epochs} epochs"), 1.0, got / expected)
                .verdict()
                .map_err(|wrong| {
                    wrong.or_because(
                        "the same factor each time up to the last epoch, `to` from then on; the rate may also rise",
                    )
                })?;
        }
    }
    Ok(())
}

pub fn any_history(a: Answers) -> Verdict {
    let random = &mut Random::new(701);
    let mut histories =
        vec![vec![0.0; 20], vec![1.0; 20], vec![0.5, 0.5 + 1e-15, 0.5, 0.5], vec![0.0, 0.0, 0.0, 0.2, 0.2, 0.2]];
    histories.extend((0..40).map(|_| (0..30).map(|_| random.integer(0, 3) as f64 / 2.0).collect()));
    for h in histories {
        for (from, patience) in [(3.0, 1), (1e-12, 2), (0.1, 3), (1.0, usize::MAX)] {
            for n in 0..=h.len() {
                let (expected, got) =
                    (solution::halving(from, patience, &h[..n]), (a.halving)(from, patience, &h[..n]));
                let same = match (expected, got) {
                    (Some(e), Some(g)) => (e - g).abs() <= 1e-12 * from,
                    (e, g) => e.is_none() && g.is_none(),
                };
                if !same {
                    let what = format!(
                        "from {from}, patience {patience}, accuracies so far {}: expected {expected:?}, got {got:?}",
                        list(&h[..n])
                    );
                    return Err(Wrong::new(what).because("an accuracy may be 0 from the first epoch on; better is better by however little; `from` may be any rate"));
                }
                if expected.is_none() {
                    break;
                }
            }
        }
    }
    Ok(())
}

pub fn any_limit(a: Answers) -> Verdict {
    for (after, at_most) in [(3, usize::MAX), (1, 1), (usize::MAX, 6), (0, 0)] {
        let told = format!("a schedule that says None after {after} epochs, at most {at_most}");
        let expected: Vec<f64> = (0..after.min(at_most)).map(|e| if e % 2 == 0 { 0.0 } else { 0.5 }).collect();
        let got = used(a, &told, &|h| (h.len() < after).then_some(if h.len() % 2 == 0 { 0.0 } else { 0.5 }), at_most)?;
        if got != expected {
            return Err(Wrong::new(format!("{told}: expected the rates {}, got {}", list(&expected), list(&got)))
                .because("the schedule decides, whatever the rate; a limit may be as large as it likes"));
        }
    }
    Ok(())
}
