//! # Batch normalisation
//!
//! A layer that gives every channel (a neuron, or a map) the same mean and the same spread, whatever the layers before
//! it have made of it. Of the m numbers x that a channel has in a mini-batch it takes the mean μ and the variance σ²,
//! and then
//!
//! ```text
//! x̂ = (x − μ) / √(σ² + ε)
//! y = γ x̂ + β
//! ```
//!
//! where γ and β are learned, one of each for every channel. The variance is the mean of the squares of x − μ: divided
//! by m.
//!
//! Write it, forward and backward. On the way back, remember that each x has a part in μ and in σ², and so in the y of
//! every other example.
//!
//! | array | its indices |
//! | --- | --- |
//! | `x`, `y`, `dy` = ∂C/∂y and ∂C/∂x | examples, channels |
//! | μ, σ², `gamma`, `beta` and their gradients | channels |
//!
//! There is at least one example and one channel, ε is positive, and x is any number: small, large, or far from zero.

use ndarray::{Array1, Array2};

/// μ and σ² of each channel.
pub fn moments(x: &Array2<f64>) -> (Array1<f64>, Array1<f64>) {
    todo!()
}

/// `y`, from `x`.
pub fn forward(x: &Array2<f64>, gamma: &Array1<f64>, beta: &Array1<f64>, epsilon: f64) -> Array2<f64> {
    todo!()
}

/// ∂C/∂γ and ∂C/∂β, from `x` and ∂C/∂y.
pub fn parameter_gradients(x: &Array2<f64>, dy: &Array2<f64>, epsilon: f64) -> (Array1<f64>, Array1<f64>) {
    todo!()
}

/// ∂C/∂x, from `x` and ∂C/∂y.
pub fn input_gradient(x: &Array2<f64>, dy: &Array2<f64>, gamma: &Array1<f64>, epsilon: f64) -> Array2<f64> {
    todo!()
}
