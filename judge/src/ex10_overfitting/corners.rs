//! Histories that are easily overlooked.

use super::{Answers, more, onset, runs};
use crate::{Random, Verdict, Wrong, compare};
use ndarray::Array1;
use network3::train::Epoch;
use solutions::ex10_overfitting as solution;

/// No epoch at all, one, and accuracies of 0 and 1.
pub fn gaps(a: Answers) -> Verdict {
    for accuracies in [&[][..], &[(0.0, 0.0)], &[(1.0, 0.0)], &[(0.0, 1.0), (0.5, 0.5)], &[(1e-9, 0.0); 40]] {
        let epochs = accuracies.iter().enumerate();
        let history: Vec<Epoch> = epochs.map(|(k, (t, v))| runs::epoch(k, [*t, *v, 0.3], [1.0; 3])).collect();
        let got = Array1::from((a.gap)(&history));
        compare("gap", &Array1::from(solution::gap(&history)), &got).of_size(1e-9).verdict().map_err(|wrong| {
            wrong.or_because("a gap for each epoch, whatever its sign: there may be one epoch, or none")
        })?;
    }
    Ok(())
}

/// The lowest cost at the very beginning or end, costs that are equal, nearly equal, zero and huge.
pub fn any_costs(a: Answers) -> Verdict {
    const EQUAL: &str = "a training cost that is what it was in epoch m has not gone on falling: lower is lower, by \
        however little";
    for (train, validation, expected) in [
        (&[0.5][..], &[0.5][..], None),
        (&[0.0], &[0.0], None),
        (&[0.9, 0.8, 0.7], &[0.5, 0.6, 0.7], Some(1)),
        (&[0.9, 0.8], &[0.5, 0.6], Some(1)),
        (&[0.9, 0.5, 0.5], &[0.9, 0.5, 0.6], None),
        (&[0.9, 0.5, 0.4, 0.5], &[0.9, 0.5, 0.6, 0.7], None),
        (&[0.9, 0.5, 0.5 - 1e-15], &[0.9, 0.5, 0.5 + 1e-15], Some(2)),
        (&[0.2, 0.1, 0.0], &[0.0, 0.0, 0.1], Some(2)),
        (&[2e9, 1e9, 1e8], &[3e9, 3e9, 4e9], Some(2)),
        (&[0.5, 0.6, 0.7, 0.4], &[0.1, 0.2, 0.3, 0.4], Some(1)),
        (&[0.5, 0.4, 0.3, 0.6], &[0.1, 0.2, 0.3, 0.4], None),
    ] {
        onset(a, train, validation, expected).map_err(|wrong| wrong.or_because(EQUAL))?;
    }
    let random = &mut Random::new(1001);
    for _ in 0..300 {
        let (epochs, levels) = (random.integer(1, 9), random.integer(2, 9));
        let mut costs = || (0..epochs).map(|_| random.integer(0, levels) as f64 / 4.0).collect::<Vec<_>>();
        let (train, validation) = (costs(), costs());
        let expected = solution::onset(&runs::history(&train, &validation));
        onset(a, &train, &validation, expected).map_err(|wrong| wrong.or_because(EQUAL))?;
    }
    Ok(())
}

/// It says how things are at the end: what was bad in between and is good again does not count.
pub fn at_the_end(a: Answers) -> Verdict {
    short(a)?;
    let mut recovered = runs::run(0.0, 0.98);
    for epoch in &mut recovered[12..15] {
        epoch.validation_cost += 1.0;
        epoch.validation_accuracy -= 0.5;
    }
    more(
        a,
        "a run whose validation images were badly off for three epochs and are well again, then one that overfits to the end",
        [&recovered, &runs::run(0.9, 0.98)],
        "how it stands at the end is asked for: the largest gap of all epochs says how bad it has ever been",
    )
}

/// A history of a single epoch, accuracies of 0 and 1, tiny costs: a number nevertheless.
fn short(a: Answers) -> Verdict {
    for (accuracy, cost) in [(0.5, 0.5), (0.0, 2.3), (1.0, 1e-9), (0.1, 1e6)] {
        for epochs in [1, 2, 3] {
            let history: Vec<Epoch> = (0..epochs).map(|k| runs::epoch(k, [accuracy; 3], [cost; 3])).collect();
            let got = (a.overfitting)(&history);
            if !got.is_finite() {
                let what = format!(
                    "overfitting: {epochs} epochs with accuracies of {accuracy} and costs of {cost}: got {got}"
                );
                return Err(Wrong::new(what).because("a history may have one epoch, and a cost or an error may be 0"));
            }
        }
    }
    Ok(())
}
