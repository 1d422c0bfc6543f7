//! Sizes and numbers that are easily overlooked.

use super::{A, Answers, B};
use crate::{Random, Verdict, Wrong, number};
use solutions::ex17_deep_big_simple as solution;

pub fn counts(a: Answers) -> Verdict {
    for sizes in [&[5][..], &[1, 1], &[2, 1, 7, 1], &[4, 4, 4, 4], &[100_000, 90_000, 3]] {
        number(
            &format!("parameter_count({sizes:?})"),
            solution::parameter_count(sizes) as f64,
            (a.parameter_count)(sizes) as f64,
        )
        .within(0.0)
        .verdict()
        .map_err(|wrong| {
            wrong.or_because(
                "there may be no layer but the input, single neurons, and more parameters than 32 bits count",
            )
        })?;
    }
    Ok(())
}

/// Mean, variance and quarters of all numbers, and whether they are numbers of their own.
pub fn distribution(a: Answers) -> Verdict {
    let random = &mut Random::new(1701);
    let sizes = [60, 200, 200, 200, 1, 90_000];
    let layers = (a.first_parameters)(&sizes, &mut || 0.5 + 0.5 * random.number());
    let mut all: Vec<f64> = vec![];
    for (w, b) in &layers {
        all.extend(w.iter().chain(b));
    }
    let expected = solution::parameter_count(&sizes);
    if layers.len() != sizes.len() - 1 || all.len() != expected {
        return Err(Wrong::new(format!(
            "first_parameters({sizes:?}): expected {expected} numbers in 5 layers, got {} in {}",
            all.len(),
            layers.len()
        )));
    }
    let share = |low: f64| all.iter().filter(|&&x| x >= low && x < low + 0.025).count() as f64 / all.len() as f64;
    let what = |of: &str| format!("first_parameters({sizes:?}): {of}");
    for low in [-0.05, -0.025, 0.0, 0.025] {
        number(&what(&format!("share of numbers from {low} to {}", low + 0.025)), 0.25, share(low))
            .within(0.008)
            .verdict()
            .map_err(|wrong| {
                wrong.because("all numbers from −0.05 to 0.05 are equally likely, and there are no others")
            })?;
    }
    let mut sorted = all.clone();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    if sorted.len() < all.len() {
        return Err(Wrong::new(what(&format!("only {} of {} numbers are different", sorted.len(), all.len())))
            .because("each weight and each bias is drawn on its own, in layers of equal shapes, too"));
    }
    for lag in [1, 200, 201, 40_200] {
        let got = all.windows(lag + 1).map(|x| x[0] * x[lag] * 1200.0).sum::<f64>() / (all.len() - lag) as f64;
        number(&what(&format!("correlation of numbers that are {lag} apart")), 0.0, got)
            .within(0.03)
            .verdict()
            .map_err(|wrong| wrong.because("each weight and each bias is drawn on its own"))?;
    }
    Ok(())
}

pub fn any_z(a: Answers) -> Verdict {
    for z in [0.0, 1e-9, 0.1, 1.0, 4.0, 7.5, 9.0, 12.0, 20.0, 30.0, 600.0, 1e300, f64::INFINITY]
        .into_iter()
        .flat_map(|z| [z, -z])
    {
        let (f, derivative) = (a.scaled_tanh)(z);
        let why = "f comes close to ±A and is not there yet; it gets there at infinity, where the derivative is 0";
        number(&format!("f({z})"), A * (B * z).tanh(), f)
            .within(1e-13)
            .verdict()
            .map_err(|wrong| wrong.or_because(why))?;
        number(&format!("f′({z})"), A * B / (B * z).cosh().powi(2), derivative)
            .within(1e-13)
            .verdict()
            .map_err(|wrong| wrong.or_because(why))?;
    }
    Ok(())
}
