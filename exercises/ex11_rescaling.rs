//! # Rescaling rectified linear networks
//!
//! A rectified linear unit does not care how large its input is: max(0, cz) = c·max(0, z) for every c > 0. So take a
//! network made of nothing else, outputs included, with L layers (the input counts as one) and no biases. Multiply all
//! its weights by c, and each layer hands on another factor c: the outputs become c^(L−1) times what they were.
//!
//! Three questions. What has to happen to biases, so that this still holds? What becomes of the probabilities, if the
//! last layer is a softmax? And which c should training begin with: how large should the first weights be?
//!
//! A network is a list of weight matrices and a list of bias vectors, L − 1 of each, from the first layer to the last.
//! `w[[j, k]]` goes from input k to neuron j: a layer computes max(0, w a + b), with w of shape `[outputs, inputs]` and
//! b of shape `[outputs]`.

use ndarray::{Array1, Array2};

/// The outputs of a network of rectified linear units for the input `x`. The last layer is rectified like all others.
pub fn forward(weights: &[Array2<f64>], biases: &[Array1<f64>], x: &Array1<f64>) -> Array1<f64> {
    todo!()
}

/// Weights and biases of another network, whose outputs are c^(L−1) times those of this one, for every input.
///
/// All weights are to be multiplied by c > 0. What is to be done with the biases, you work out: look at the second
/// layer, and ask how large its w a has become when b is added to it.
pub fn rescale(weights: &[Array2<f64>], biases: &[Array1<f64>], c: f64) -> (Vec<Array2<f64>>, Vec<Array1<f64>>) {
    todo!()
}

/// The softmax case: what becomes of the probabilities p if all weighted inputs of the softmax layer are multiplied by
/// `factor` > 0, which for a rescaled network is c^(L−1).
///
/// You get p, with pⱼ = e^zⱼ / Σₖ e^zₖ, and not z. The result sums to 1. It must be right for large factors, too:
/// 2 to the power of 10 is already one.
pub fn rescale_probabilities(p: &Array1<f64>, factor: f64) -> Array1<f64> {
    todo!()
}

/// The first weights of a layer of rectified linear units, of shape `[outputs, inputs]`; biases start at 0.
///
/// `normal` returns another normally distributed number, with mean 0 and standard deviation 1, each time it is called.
/// The weights are to be as large as it takes for signals to get through thirty layers and stay as large as they
/// were: on average, the mean of aⱼ² over the neurons of a layer is the mean of xₖ² over its inputs.
pub fn initial_weights(inputs: usize, outputs: usize, normal: &mut dyn FnMut() -> f64) -> Array2<f64> {
    todo!()
}
