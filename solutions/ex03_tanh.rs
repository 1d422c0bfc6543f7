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
    // Of eᶻ and e⁻ᶻ this is the one that cannot grow, less 1, which keeps small z exact.
    let e = (-2.0 * z.abs()).exp_m1();
    (-e / (2.0 + e)).copysign(z)
}

/// The derivative of tanh at z.
pub fn tanh_prime(z: f64) -> f64 {
    1.0 - tanh(z).powi(2)
}

/// The tanh network that computes the same as this sigmoid network. Its layers have the same shapes.
pub fn tanh_network(sigmoid: &[Layer]) -> Vec<Layer> {
    use ndarray::Axis;
    let layers = sigmoid.iter().enumerate().map(|(l, (w, b))| {
        let (before, after) = halves(l, sigmoid.len());
        // a = (1 + ã)/2 below: half of each weight stays with ã, and half goes to the bias with the 1.
        let shifted = if l == 0 { b.clone() } else { b + 0.5 * w.sum_axis(Axis(1)) };
        (before * after * w, after * shifted)
    });
    layers.collect()
}

/// The learning rates of the tanh network, layer by layer, when the sigmoid network has η: of the weights, and of the
/// biases. `tanh_network` makes weights and biases smaller. If that were all that it does, steps with these learning
/// rates would keep the two networks together.
pub fn learning_rates(eta: f64, layers: usize) -> Vec<(f64, f64)> {
    let rates = (0..layers).map(|l| {
        let (before, after) = halves(l, layers);
        // What is c times as small has a gradient 1/c as small and needs a step c times as small.
        ((before * after).powi(2) * eta, after.powi(2) * eta)
    });
    rates.collect()
}

/// The tanh network after a step of gradient descent. `gradient` is ∂C/∂w and ∂C/∂b of the tanh network, `rates` are
/// those of `learning_rates`. If the network was the same as the sigmoid network before its step, it shall be the same
/// after it. Learning rates alone do not bring that about, except in the first layer. What is missing in the others?
pub fn tanh_step(network: &[Layer], gradient: &[Layer], rates: &[(f64, f64)]) -> Vec<Layer> {
    use ndarray::Axis;
    let layers = network.iter().zip(gradient).zip(rates).enumerate();
    let stepped = layers.map(|(l, (((w, b), (dw, db)), (eta_w, eta_b)))| {
        if l == 0 {
            return (w - *eta_w * dw, b - *eta_b * db);
        }
        // A weight of the sigmoid network works with a = (1 + ã)/2: through ã, and through the bias. So it learns from
        // both gradients, and takes the bias along.
        let step = *eta_w * (dw + &db.view().insert_axis(Axis(1)));
        (w - &step, b - *eta_b * db - step.sum_axis(Axis(1)))
    });
    stepped.collect()
}

/// By what a weight shrinks: because its input is (1 + ã)/2, and because tanh wants z/2.
fn halves(layer: usize, layers: usize) -> (f64, f64) {
    (if layer == 0 { 1.0 } else { 0.5 }, if layer + 1 == layers { 1.0 } else { 0.5 })
}
