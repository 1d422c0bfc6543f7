//! Activation functions: a = f(z), unit by unit.
//!
//! | f | f(z) | f′(z), written with a = f(z) |
//! | --- | --- | --- |
//! | sigmoid | 1 / (1 + e⁻ᶻ) | a(1 − a) |
//! | tanh | tanh z | 1 − a² |
//! | rectified linear | max(0, z) | 1 where a > 0, else 0 |
//! | linear | z | 1 |
//!
//! All four derivatives can be had from the activation alone, so z need not be kept. At the kink of the rectified
//! linear unit, z = 0, there is no derivative; we take 0.

pub mod fast;

use crate::Real;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The function that turns a weighted input `z` into an activation `a`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// σ(z) = 1 / (1 + e⁻ᶻ)
    Sigmoid,
    /// tanh(z)
    Tanh,
    /// Rectified linear: max(0, z)
    Relu,
    /// z itself
    Linear,
}

impl Activation {
    /// Is f′(z) = 0 wherever f(z) = 0? Then a unit whose activation is zero passes no gradient on.
    pub fn is_dead_at_zero(self) -> bool {
        matches!(self, Activation::Sigmoid | Activation::Relu)
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Relu => "rectified linear",
            Activation::Linear => "linear",
        })
    }
}

/// z becomes f(z).
pub fn forward<R: Real>(f: Activation, z: &mut [R]) {
    let one = R::one();
    match f {
        Activation::Sigmoid => z.iter_mut().for_each(|z| *z = one / (one + (-*z).exp())),
        Activation::Tanh => z.iter_mut().for_each(|z| *z = z.tanh()),
        // Not z.max(0), which would turn what is not a number into 0, and hide that training has diverged.
        Activation::Relu => z.iter_mut().filter(|z| **z < R::zero()).for_each(|z| *z = R::zero()),
        Activation::Linear => {}
    }
}

/// dy = ∂C/∂a becomes δ = ∂C/∂z = ∂C/∂a · f′(z).
pub fn backward<R: Real>(f: Activation, y: &[R], dy: &mut [R]) {
    let (zero, one) = (R::zero(), R::one());
    let derivative = |a: R| match f {
        Activation::Sigmoid => a * (one - a),
        Activation::Tanh => one - a * a,
        Activation::Relu if a > zero => one,
        Activation::Relu => zero,
        Activation::Linear => one,
    };
    for (dy, &a) in dy.iter_mut().zip(y) {
        *dy *= derivative(a);
    }
}
