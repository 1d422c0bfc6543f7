//! # tanh
//!
//! The sigmoid σ(z) = 1 / (1 + e⁻ᶻ) lies between 0 and 1. The hyperbolic tangent tanh(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ) has
//! the same shape and lies between −1 and 1. They are so alike that each network of the one kind is a network of the
//! other kind in disguise:
//!
//! ```text
//! σ(z) = (1 + tanh(z/2)) / 2
//! ```
//!
//! Why, then, do networks with tanh often learn faster? To find out, take a sigmoid network and turn it into the tanh
//! network that computes the same. Then let both of them learn. What must the one do at each step to remain the other?
//!
//! A network here is a list of fully-connected layers, the first one first. Layer l computes z = w a + b from the
//! activations a of the layer before; the first one gets the inputs, whatever they are. In the hidden layers a = σ(z),
//! or a = tanh(z). The last layer has no such function: its z go into softmax and the cost, and must come out the same.

use ndarray::{Array1, Array2};

/// A fully-connected layer, or a gradient of one: w `[outputs, inputs]` and b `[outputs]`. `w[[j, k]]` goes from input
/// k to neuron j.
pub type Layer = (Array2<f64>, Array1<f64>);

/// tanh(z), for any z: large ones, too, where eᶻ is more than a number can hold. Without `f64::tanh`, please.
pub fn tanh(z: f64) -> f64 {
    todo!()
}

/// The derivative of tanh at z.
pub fn tanh_prime(z: f64) -> f64 {
    todo!()
}

/// The tanh network that computes the same as this sigmoid network. Its layers have the same shapes.
pub fn tanh_network(sigmoid: &[Layer]) -> Vec<Layer> {
    todo!()
}

/// The learning rates of the tanh network, layer by layer, when the sigmoid network has η: of the weights, and of the
/// biases. `tanh_network` makes weights and biases smaller. If that were all that it does, steps with these learning
/// rates would keep the two networks together.
pub fn learning_rates(eta: f64, layers: usize) -> Vec<(f64, f64)> {
    todo!()
}

/// The tanh network after a step of gradient descent. `gradient` is ∂C/∂w and ∂C/∂b of the tanh network, `rates` are
/// those of `learning_rates`. If the network was the same as the sigmoid network before its step, it shall be the same
/// after it. Learning rates alone do not bring that about, except in the first layer. What is missing in the others?
pub fn tanh_step(network: &[Layer], gradient: &[Layer], rates: &[(f64, f64)]) -> Vec<Layer> {
    todo!()
}
