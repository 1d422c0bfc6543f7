//! # Deep, big, simple
//!
//! In 2010 Cireșan, Meier, Gambardella and Schmidhuber took a plain network, fully-connected layers and nothing else,
//! made it deep and big, and trained it on a GPU with distorted images for as long as it took. It got 99.65 % of
//! MNIST's test images right, about as many as the chapter's ensemble of convolutional networks. In this exercise you
//! write the parts that one needs to try that.
//!
//! The best network had hidden layers of 2,500, 2,000, 1,500, 1,000 and 500 neurons, and ten outputs. Its sizes, with
//! an image of 28×28 as input, are therefore
//!
//! ```text
//! [784, 2500, 2000, 1500, 1000, 500, 10]
//! ```
//!
//! Its neurons are scaled hyperbolic tangents. Training is gradient descent on one image at a time, with a learning
//! rate that falls from 10⁻³ to 10⁻⁶.

use ndarray::{Array1, Array2};

/// How many weights and biases there are in a fully-connected network with layers of these sizes, input first.
pub fn parameter_count(sizes: &[usize]) -> usize {
    todo!()
}

/// The first weights, `[outputs, inputs]`, and biases, `[outputs]`, of each layer of a network with these sizes: all
/// uniform from −0.05 up to 0.05.
///
/// `uniform` returns another random number, uniform from 0 up to but not including 1, each time it is called.
pub fn first_parameters(sizes: &[usize], uniform: &mut dyn FnMut() -> f64) -> Vec<(Array2<f64>, Array1<f64>)> {
    todo!()
}

/// The scaled hyperbolic tangent f(z) = A tanh(Bz), with A = 1.7159 and B = 0.6666, and its derivative f′(z).
///
/// It goes almost exactly through (1, 1) and (−1, −1). z may be as large as it likes.
pub fn scaled_tanh(z: f64) -> (f64, f64) {
    todo!()
}

/// The learning rate of an epoch, counted from 0, in a run of so many epochs, at least one.
///
/// It is 10⁻³ in the first epoch and 10⁻⁶ in the last. From each epoch to the next it falls by the same factor. A run
/// of a single epoch has 10⁻³.
pub fn eta(epoch: usize, epochs: usize) -> f64 {
    todo!()
}
