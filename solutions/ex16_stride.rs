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
    if kernel == 0 || stride == 0 {
        return None;
    }
    Some(input.checked_sub(kernel)? / stride + 1)
}

/// `z`, from `x` and `w`; `stride` is (down, across). The checks see to it that the kernel fits.
pub fn forward(x: &Array3<f64>, w: &Array4<f64>, stride: (usize, usize)) -> Array3<f64> {
    use ndarray::{Axis, s};
    let (height, width, _) = x.dim();
    let (filters, kernel_height, kernel_width, _) = w.dim();
    let rows = output_size(height, kernel_height, stride.0).unwrap_or(0);
    let columns = output_size(width, kernel_width, stride.1).unwrap_or(0);
    Array3::from_shape_fn((rows, columns, filters), |(i, j, f)| {
        let (top, left) = (i * stride.0, j * stride.1);
        let field = x.slice(s![top..top + kernel_height, left..left + kernel_width, ..]);
        (&field * &w.index_axis(Axis(0), f)).sum()
    })
}

/// ∂C/∂w, from `x` and ∂C/∂z. `kernel` is (height, width) of the kernel, `stride` (down, across). Why can the kernel
/// not be told from the shapes of `x` and `dz`, as it can without a stride?
pub fn weight_gradient(
    x: &Array3<f64>,
    dz: &Array3<f64>,
    kernel: (usize, usize),
    stride: (usize, usize),
) -> Array4<f64> {
    use ndarray::{Axis, s};
    let mut dw = Array4::zeros((dz.dim().2, kernel.0, kernel.1, x.dim().2));
    for ((i, j, f), &dz) in dz.indexed_iter() {
        let (top, left) = (i * stride.0, j * stride.1);
        let field = x.slice(s![top..top + kernel.0, left..left + kernel.1, ..]);
        dw.index_axis_mut(Axis(0), f).scaled_add(dz, &field);
    }
    dw
}
