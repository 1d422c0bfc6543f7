//! # tanh
//!
//! The sigmoid σ(z) = 1 / (1 + e⁻ᶻ) lies between 0 and 1. The hyperbolic tangent tanh(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ) has
//! the same shape and lies between −1 and 1. They are so alike that each network of the one kind is a network of the
//! other kind in disguise: σ(z) = (1 + tanh(z/2)) / 2. In this exercise you take off the disguise.
//!
//! Biases and weights of a layer: `w[[j, k]]` goes from input k to neuron j, z = w x + b.

use ndarray::{Array1, Array2};

/// A fully-connected layer.
#[derive(Clone, Debug)]
pub struct Layer {
    /// `[outputs, inputs]`
    pub w: Array2<f64>,
    /// `[outputs]`
    pub b: Array1<f64>,
}

/// tanh(z), for any z: large ones, too, where eᶻ is more than a number can hold. Without `f64::tanh`, please.
pub fn tanh(z: f64) -> f64 {
    let e = (-2.0 * z.abs()).exp();
    ((1.0 - e) / (1.0 + e)).copysign(z)
}
