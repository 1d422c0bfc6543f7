//! # How to fool a network
//!
//! Take an image that a network reads rightly, and change it by so little that nobody notices, in just the direction in
//! which its cost rises fastest: often the network then sees something else, and is sure of it. To find that direction
//! takes the gradient of the cost with respect to the *image*, ∂C/∂x, and one step of backpropagation more than for
//! training.
//!
//! How small a change is, is measured here by the pixel that changes most: no pixel by more than ε. And an image stays
//! an image: its pixels are from 0 to 1. Within these bounds the cost rises most, as far as the gradient can tell, if
//! each pixel goes as far as it may:
//!
//! ```text
//! x[k] + ε · sign(∂C/∂x[k]), but never below 0 and never above 1      sign(0) = 0
//! ```
//!
//! This is the *fast gradient sign*. Several smaller steps go further, each with a new gradient. And for a network of
//! one layer one can say beforehand how large an ε must be.
//!
//! Images are arrays of pixels, one after the other. ε and the size of a step are positive or zero.

use ndarray::Array1;

/// One step: the image `x`, changed by `epsilon` along the sign of its gradient `dx` = ∂C/∂x, with pixels from 0 to 1.
pub fn fast_gradient_sign(x: &Array1<f64>, dx: &Array1<f64>, epsilon: f64) -> Array1<f64> {
    todo!()
}

/// The image nearest to `x` of those whose pixels are from 0 to 1, and at most `epsilon` from those of the image
/// `original`.
pub fn within(x: &Array1<f64>, original: &Array1<f64>, epsilon: f64) -> Array1<f64> {
    todo!()
}

/// So many `steps` of the fast gradient sign, each of size `step`. After each the image is brought back to within
/// `epsilon` of `x`, the image it began with. `gradient` is ∂C/∂x for any image; it is called once for each step, and
/// no more.
pub fn iterated(
    x: &Array1<f64>,
    gradient: &mut dyn FnMut(&Array1<f64>) -> Array1<f64>,
    epsilon: f64,
    step: f64,
    steps: usize,
) -> Array1<f64> {
    todo!()
}

/// A network of one neuron says yes if Σ w\[k\] x\[k\] + b is above zero, and no if it is below. How large must ε be at
/// least to bring it to zero, for this x? Here pixels may leave the range from 0 to 1. Infinite if no ε can do it.
pub fn smallest_epsilon(w: &Array1<f64>, b: f64, x: &Array1<f64>) -> f64 {
    todo!()
}
