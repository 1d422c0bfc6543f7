//! Sizes of mini-batches and of numbers that are easily overlooked.

use super::{Answers, Case};
use crate::{Random, Verdict, compare};
use ndarray::Array2;
use solutions::ex25_batch_normalisation as solution;

const WHY: &str = "there may be one example or one channel, all numbers of a channel may be equal, and they may be tiny, huge, or close \
    together and far from zero";

/// Mini-batches of all shapes, their numbers as large or as far from zero as that. `apart` is what rounding of x
/// amounts to beside how far they are apart.
fn batches() -> impl Iterator<Item = (Case, f64)> {
    let random = &mut Random::new(2530);
    let mut all = vec![];
    for shape in [(1, 1), (1, 3), (2, 1), (2, 2), (5, 4), (40, 2)] {
        for (scale, offset, apart) in [(1.0, 0.0, 1e-15), (1e-6, 0.0, 1e-15), (1e60, 0.0, 1e-15), (1.0, 1e6, 1e-9)] {
            let mut case = Case::random(random, shape, 1e-5);
            case.x.mapv_inplace(|x| scale * x + offset);
            all.push((case, apart));
        }
        // A channel that is the same for all
        let mut case = Case::random(random, shape, 1e-5);
        case.x.column_mut(0).fill(0.75);
        all.push((case, 1e-15));
    }
    all.into_iter()
}

fn largest(x: &Array2<f64>) -> f64 {
    x.fold(0.0, |largest: f64, x| largest.max(x.abs()))
}

fn describe(case: &Case) -> String {
    format!("x {:?}, up to {:.0e}", case.x.shape(), largest(&case.x))
}

pub fn moments(a: Answers) -> Verdict {
    batches().try_for_each(|(case, apart)| {
        let (expected, got, what) = (solution::moments(&case.x), (a.moments)(&case.x), describe(&case));
        // A variance of zero is what rounding leaves of it
        let size = largest(&case.x).powi(2) * 1e-15;
        let mean = compare(&format!("moments({what}) → μ"), &expected.0, &got.0).of_size(0.0);
        mean.verdict().map_err(|wrong| wrong.or_because(WHY))?;
        let variance = compare(&format!("moments({what}) → σ²"), &expected.1, &got.1).of_size(size);
        variance.within(1e3 * apart.max(1e-12)).verdict().map_err(|wrong| wrong.or_because(WHY))
    })
}

pub fn forward(a: Answers) -> Verdict {
    batches().try_for_each(|(case, apart)| {
        let Case { x, gamma, beta, epsilon, .. } = &case;
        let expected = solution::forward(x, gamma, beta, *epsilon);
        let what = format!("forward({}, γ, β, ε {epsilon:e}) → y", describe(&case));
        let compared = compare(&what, &expected, &(a.forward)(x, gamma, beta, *epsilon));
        compared.within(1e3 * apart.max(1e-12)).verdict().map_err(|wrong| wrong.or_because(WHY))
    })
}

pub fn parameter_gradients(a: Answers) -> Verdict {
    batches().try_for_each(|(case, apart)| {
        let Case { x, dy, epsilon, .. } = &case;
        let (expected, got) =
            (solution::parameter_gradients(x, dy, *epsilon), (a.parameter_gradients)(x, dy, *epsilon));
        let what = format!("parameter_gradients({}, dy, ε {epsilon:e})", describe(&case));
        for (name, expected, got) in [("γ", expected.0, got.0), ("β", expected.1, got.1)] {
            let compared = compare(&format!("{what} → ∂C/∂{name}"), &expected, &got).within(1e3 * apart.max(1e-12));
            compared.verdict().map_err(|wrong| wrong.or_because(WHY))?;
        }
        Ok(())
    })
}

pub fn input_gradient(a: Answers) -> Verdict {
    batches().try_for_each(|(case, apart)| {
        let Case { x, gamma, dy, epsilon, .. } = &case;
        let expected = solution::input_gradient(x, dy, gamma, *epsilon);
        let what = format!("input_gradient({}, dy, γ, ε {epsilon:e}) → dx", describe(&case));
        // Before its terms cancel, the gradient is of the size γ dy / √(σ² + ε)
        let (_, variance) = solution::moments(x);
        let least = variance.fold(f64::INFINITY, |least: f64, v| least.min(*v));
        let size = 1.0 / (least + epsilon).sqrt();
        let compared = compare(&what, &expected, &(a.input_gradient)(x, dy, gamma, *epsilon)).of_size(size);
        compared.within(1e3 * apart.max(1e-12)).verdict().map_err(|wrong| wrong.or_because(WHY))
    })
}
