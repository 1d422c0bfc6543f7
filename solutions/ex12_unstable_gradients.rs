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
    let a = activations(weights, biases, x);
    let mut da = da.clone();
    let mut errors = vec![];
    for (w, a) in weights.iter().zip(&a[1..]).rev() {
        let delta = da * a.mapv(|a| if a > 0.0 { 1.0 } else { 0.0 });
        da = w.t().dot(&delta);
        errors.push(delta);
    }
    errors.reverse();
    errors
}

/// How large the gradients are: for each layer, from the first to the last, ‖∂C/∂bˡ‖ and ‖∂C/∂wˡ‖. The norm of an array
/// is the square root of the sum of its squared elements.
pub fn gradient_norms(
    weights: &[Array2<f64>],
    biases: &[Array1<f64>],
    x: &Array1<f64>,
    da: &Array1<f64>,
) -> Vec<(f64, f64)> {
    let norm = |a: &Array1<f64>| a.dot(a).sqrt();
    let (a, errors) = (activations(weights, biases, x), errors(weights, biases, x, da));
    // ∂C/∂w[j, k] = δ[j] a[k] is a product, and the sum of its squares is one, too.
    errors.iter().zip(&a).map(|(delta, a)| (norm(delta), norm(delta) * norm(a))).collect()
}

/// The factor by which norms change from one layer to the one *before* it, on (geometric) average: below 1 gradients
/// vanish on their way back, above 1 they explode.
///
/// `norms` are the positive norms of two or more layers, from the first to the last.
pub fn factor_per_layer(norms: &[f64]) -> f64 {
    let (first, last) = (norms[0], norms[norms.len() - 1]);
    // So many steps lie between them.
    (first / last).powf(1.0 / (norms.len() - 1) as f64)
}

/// A cure: other weights for this network, which has no biases, and whose weights may be far too large or too small, in
/// some layers or in all. `x` holds a few inputs, `[examples, inputs]`.
///
/// In the network that you return, the ‖δˡ‖ of the first layer and of the last, and of any two layers, are no more than
/// a factor of ten apart, where ‖δˡ‖ means the root of its mean square over these inputs: on average, not for each
/// input. And it must be the same network still: its outputs are those of the old one times a positive number, the same
/// for all outputs and all inputs.
pub fn cure(weights: &[Array2<f64>], x: &Array2<f64>) -> Vec<Array2<f64>> {
    let mut a = x.clone();
    let mut cured = vec![];
    for w in weights {
        // Each matrix is divided by the factor that it has on these inputs. That is a rescaling, as in exercise 11,
        // with a c of its own in each layer, and what it does to signals on their way forward it does to errors on
        // their way back.
        let next = a.dot(&w.t()).mapv(|z| z.max(0.0));
        let factor = (mean_square(&next) / mean_square(&a)).sqrt();
        cured.push(w / factor);
        a = next / factor;
    }
    cured
}

/// The mean of all squared elements.
fn mean_square(a: &Array2<f64>) -> f64 {
    a.mapv(|a| a * a).sum() / a.len() as f64
}

/// a⁰ = x, a¹, … up to the outputs.
fn activations(weights: &[Array2<f64>], biases: &[Array1<f64>], x: &Array1<f64>) -> Vec<Array1<f64>> {
    let mut a = vec![x.clone()];
    for (w, b) in weights.iter().zip(biases) {
        let z = w.dot(&a[a.len() - 1]) + b;
        a.push(z.mapv(|z| z.max(0.0)));
    }
    a
}
