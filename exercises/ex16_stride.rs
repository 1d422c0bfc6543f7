//! # Stride
//!
//! So far the local receptive field moved by one pixel at a time. It may as well move by two, or by three: that is the
//! stride. The feature map gets smaller, the work less, and what pooling does afterwards is partly done. Some networks
//! have a stride where others have pooling.
//!
//! Write convolution with a stride, and its weight gradient. For one image, and a stride of s down and t across:
//!
//! ```text
//! z[i, j, f] = Σ w[f, l, m, c] · x[i·s + l, j·t + m, c]     the sum is over l, m and c
//! ```
//!
//! | array | its indices |
//! | --- | --- |
//! | `x`, the input | height, width, maps |
//! | `w` | filters, kernel height, kernel width, maps |
//! | `z` and `dz` = ∂C/∂z | output height, output width, filters |
//!
//! There is no padding: each receptive field lies within the image as a whole. Pixels at the bottom and at the right
//! that no receptive field reaches any more are not used.

use ndarray::{Array3, Array4};

/// How many receptive fields of `kernel` pixels fit into `input` pixels, when each begins `stride` pixels after the
/// last. `None` where there is no answer: when the kernel is larger than the input, and when kernel or stride are zero.
pub fn output_size(input: usize, kernel: usize, stride: usize) -> Option<usize> {
    todo!()
}

/// `z`, from `x` and `w`; `stride` is (down, across). The checks see to it that the kernel fits.
pub fn forward(x: &Array3<f64>, w: &Array4<f64>, stride: (usize, usize)) -> Array3<f64> {
    todo!()
}

/// ∂C/∂w, from `x` and ∂C/∂z. `kernel` is (height, width) of the kernel, `stride` (down, across). Why can the kernel
/// not be told from the shapes of `x` and `dz`, as it can without a stride?
pub fn weight_gradient(
    x: &Array3<f64>,
    dz: &Array3<f64>,
    kernel: (usize, usize),
    stride: (usize, usize),
) -> Array4<f64> {
    todo!()
}
