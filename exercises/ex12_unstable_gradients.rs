//! # Unstable gradients with rectified linear units
//!
//! In a deep network of sigmoid neurons, gradients fade on their way back: each layer multiplies by w and by σ′, and σ′
//! is never more than 1/4. The derivative of a rectified linear unit is 1 wherever the unit is active. Is the problem
//! gone?
//!
//! Measure it. A network is a list of weight matrices and a list of bias vectors, from the first layer to the last.
//! `w[[j, k]]` goes from input k to neuron j, and layer l computes
//!
//! ```text
//! zˡ = wˡ aˡ⁻¹ + bˡ      aˡ = max(0, zˡ)      a⁰ = x
//! ```
//!
//! in every layer, the last one too. The cost C is any function of the outputs. All you get of it is `da` = ∂C/∂a at
//! the outputs, for one input x. The error of layer l is δˡ = ∂C/∂zˡ, as in (BP1) to (BP4). Where z is 0 or less, the
//! derivative of the unit counts as 0.
//!
//! Then find a cure.

use ndarray::{Array1, Array2};

/// The errors δˡ of all layers, from the first to the last, each of shape `[outputs of the layer]`.
pub fn errors(weights: &[Array2<f64>], biases: &[Array1<f64>], x: &Array1<f64>, da: &Array1<f64>) -> Vec<Array1<f64>> {
    todo!()
}

/// How large the gradients are: for each layer, from the first to the last, ‖∂C/∂bˡ‖ and ‖∂C/∂wˡ‖. The norm of an array
/// is the square root of the sum of its squared elements.
pub fn gradient_norms(
    weights: &[Array2<f64>],
    biases: &[Array1<f64>],
    x: &Array1<f64>,
    da: &Array1<f64>,
) -> Vec<(f64, f64)> {
    todo!()
}

/// The factor by which norms change from one layer to the one *before* it, on (geometric) average: below 1 gradients
/// vanish on their way back, above 1 they explode.
///
/// `norms` are the positive norms of two or more layers, from the first to the last.
pub fn factor_per_layer(norms: &[f64]) -> f64 {
    todo!()
}

/// A cure: other weights for this network, which has no biases, and whose weights may be far too large or too small, in
/// some layers or in all. `x` holds a few inputs, `[examples, inputs]`.
///
/// In the network that you return, the ‖δˡ‖ of the first layer and of the last, and of any two layers, are no more than
/// a factor of ten apart, where ‖δˡ‖ means the root of its mean square over these inputs: on average, not for each
/// input. And it must be the same network still: its outputs are those of the old one times a positive number, the same
/// for all outputs and all inputs.
pub fn cure(weights: &[Array2<f64>], x: &Array2<f64>) -> Vec<Array2<f64>> {
    todo!()
}
