//! Sigmoid and hyperbolic tangent, one in the clothes of the other.

pub mod wrong;

use crate::{Check, Exercise, Random, Verdict, compare, number};
use ndarray::Array1;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub tanh: fn(f64) -> f64,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex03_tanh",
        read_on: "how the two compare when they learn: \"Convolutional neural networks in practice\"",
        checks: vec![check("tanh", "values", values), check("tanh", "large arguments", large_arguments)],
    }
}

fn values(a: Answers) -> Verdict {
    let z: Array1<f64> = 3.0 * Random::new(3).array(20);
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    compare("tanh(z)", &z.mapv(f64::tanh), &z.mapv(a.tanh))
        .suspect(&z.mapv(sigmoid), "this is σ(z)")
        .suspect(&z.mapv(|z| (z / 2.0).tanh()), "this is tanh(z/2)")
        .verdict()
}

fn large_arguments(a: Answers) -> Verdict {
    number("tanh(1000)", 1.0, (a.tanh)(1000.0)).verdict()?;
    number("tanh(-1000)", -1.0, (a.tanh)(-1000.0)).verdict()
}
