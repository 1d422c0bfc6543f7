//! # Dropout
//!
//! While a layer is trained with dropout, each of its inputs is left out with probability p, independently for each
//! input and each example, and anew for every mini-batch. So each example trains another network, a sub-network of the
//! one that we want. Afterwards all inputs take part, and are scaled to make up for it.
//!
//! Here you write this for one layer, and then find out what the scaled network has to do with its 2ⁿ sub-networks. The
//! layer has weights w, where `w[[j, k]]` goes from input k to neuron j, and biases b. For N examples:
//!
//! ```text
//! x, mask  [N, inputs]           mask: 0 for an input that is left out, 1 for one that takes part
//! w        [outputs, inputs]     b [outputs]
//! z        [N, outputs]          z = (mask ∘ x) wᵀ + b while training; ∘ multiplies element by element
//! ```

use ndarray::{Array1, Array2};

/// Forward, while training: z, and the mask that was drawn for it.
///
/// `uniform` returns another random number, uniform from 0 up to but not including 1, each time it is called. An input
/// is left out with probability `p`. Nothing is scaled here.
pub fn forward(
    x: &Array2<f64>,
    w: &Array2<f64>,
    b: &Array1<f64>,
    p: f64,
    uniform: &mut dyn FnMut() -> f64,
) -> (Array2<f64>, Array2<f64>) {
    let mask = x.mapv(|_| if uniform() < p { 0.0 } else { 1.0 });
    ((&mask * x).dot(&w.t()) + b, mask)
}

/// Backward, while training: ∂C/∂w and ∂C/∂x, from `dz` = ∂C/∂z, for the mask of the forward pass.
pub fn backward(x: &Array2<f64>, w: &Array2<f64>, mask: &Array2<f64>, dz: &Array2<f64>) -> (Array2<f64>, Array2<f64>) {
    (dz.t().dot(&(mask * x)), mask * dz.dot(w))
}

/// When training is over: z for the whole layer, with inputs scaled so that z is what it was while training, on
/// average over all masks.
pub fn evaluate(x: &Array2<f64>, w: &Array2<f64>, b: &Array1<f64>, p: f64) -> Array2<f64> {
    (1.0 - p) * x.dot(&w.t()) + b
}

/// What several networks say together, by geometric mean: proportional to the product over all networks i of
/// `probabilities[[i, j]]` to the power of `weights[i]`, for class j. It sums to 1.
///
/// `probabilities` are positive and have the shape `[networks, classes]`. `weights` are positive and sum to 1: with 1/n
/// for each of n networks it is the n-th root of a product. There may be thousands of networks.
pub fn geometric_mean(probabilities: &Array2<f64>, weights: &Array1<f64>) -> Array1<f64> {
    // A product of a thousand probabilities would be zero; the mean of their logarithms is not.
    let logarithm = weights.dot(&probabilities.mapv(f64::ln));
    let mean = logarithm.exp();
    let sum = mean.sum();
    mean / sum
}
