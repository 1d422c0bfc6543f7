//! # Backpropagation in a convolutional network
//!
//! The equations of backpropagation, (BP1) to (BP4), are made for layers in which every input goes to every neuron. A
//! convolutional layer breaks that rule twice: one small set of weights works everywhere in the image, and of each
//! pooling window one unit speaks for all. What becomes of the equations? Work it out with pencil and paper, by the
//! chain rule, and write the result down as four functions. A convolutional network needs nothing else to learn, and to
//! prove it the last check trains one with what you have written.
//!
//! This is the layer, for a single image:
//!
//! ```text
//! z[i, j, f] = Σ w[f, l, m, c] · x[i + l, j + m, c]     convolution: the sum is over l, m and c
//! p[i, j, f] = the largest z of window (i, j) of map f  max-pooling, in windows that do not overlap
//! a[i, j, f] = σ(p[i, j, f] + b[f])                     one bias for each filter
//! ```
//!
//! | array | its indices |
//! | --- | --- |
//! | `x`, the input | height, width, maps |
//! | `w` | filters, kernel height, kernel width, maps |
//! | `z` and `dz` | height − kernel height + 1, width − kernel width + 1, filters |
//! | `delta` | the same, divided by the size of a window and rounded down; filters |
//!
//! Nothing changes above the pooled units: the layer that follows gives ∂C/∂a, and times σ′ that is
//! δ = ∂C/∂(p + b), as in (BP1) and (BP2). With `delta` it begins. `dz` is short for ∂C/∂z, and so on.
//!
//! The library solves the same problem in `src/ops/conv` and `src/ops/conv_pool`. Look there afterwards.

use ndarray::{Array1, Array3, Array4};

/// ∂C/∂z: where δ goes when it comes to a max-pooling window, which is the question behind (BP2).
///
/// `window` is (rows, columns) of a window. Rows and columns of `z` that are left over at the bottom and at the right
/// belong to no window. Where units of a window share the maximum, let the first of them, row by row, be the winner.
/// The result has the shape of `z`.
pub fn delta_through_max_pooling(z: &Array3<f64>, delta: &Array3<f64>, window: (usize, usize)) -> Array3<f64> {
    todo!()
}

/// ∂C/∂b, (BP3) for a bias that a whole feature map shares: one number for each filter.
pub fn bias_gradient(delta: &Array3<f64>) -> Array1<f64> {
    todo!()
}

/// ∂C/∂w, (BP4) for a weight that is used all over the image. It has the shape of `w`, which follows from the shapes of
/// `x` and `dz`.
pub fn weight_gradient(x: &Array3<f64>, dz: &Array3<f64>) -> Array4<f64> {
    todo!()
}

/// ∂C/∂x, (BP2) for a convolution: what the layer below is told. It has the shape of `x`, which follows from the shapes
/// of `w` and `dz`.
pub fn input_gradient(w: &Array4<f64>, dz: &Array3<f64>) -> Array3<f64> {
    todo!()
}
