//! The definition of convolution, as loops.

use super::Conv;
use crate::Real;
use ndarray::{ArrayView4, ArrayViewMut4};

/// y\[n, i, j, f\] = Σ w\[f, l, m, c\] · x\[n, i·s + l, j·t + m, c\]
pub fn forward<R: Real>(op: &Conv, x: ArrayView4<R>, w: ArrayView4<R>, mut y: ArrayViewMut4<R>) {
    for ((n, i, j, f), y) in y.indexed_iter_mut() {
        let mut sum = R::zero();
        for ((l, m, c), &w) in w.index_axis(ndarray::Axis(0), f).indexed_iter() {
            sum += w * x[[n, i * op.stride.0 + l, j * op.stride.1 + m, c]];
        }
        *y = sum;
    }
}

/// Every product w · x of the forward pass sends dy · x to its weight and dy · w to its input.
pub fn backward<R: Real>(
    op: &Conv,
    x: ArrayView4<R>,
    w: ArrayView4<R>,
    dy: ArrayView4<R>,
    mut dw: ArrayViewMut4<R>,
    mut dx: Option<ArrayViewMut4<R>>,
) {
    if let Some(dx) = &mut dx {
        dx.fill(R::zero());
    }
    for ((n, i, j, f), &dy) in dy.indexed_iter() {
        for ((l, m, c), dw) in dw.index_axis_mut(ndarray::Axis(0), f).indexed_iter_mut() {
            let at = [n, i * op.stride.0 + l, j * op.stride.1 + m, c];
            *dw += dy * x[at];
            if let Some(dx) = &mut dx {
                dx[at] += dy * w[[f, l, m, c]];
            }
        }
    }
}
