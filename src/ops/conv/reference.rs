//! The definition of convolution, as loops.

use super::Conv;
use crate::Real;
use ndarray::{ArrayView3, ArrayView4, ArrayViewMut3, ArrayViewMut4, Axis, Zip, s};

/// y\[n, i, j, f\] = Σ w\[f, l, m, c\] · x\[n, i·s + l, j·t + m, c\]
pub fn forward<R: Real>(op: &Conv, x: ArrayView4<R>, w: ArrayView4<R>, mut y: ArrayViewMut4<R>) {
    for ((n, i, j, f), y) in y.indexed_iter_mut() {
        let filter = w.index_axis(Axis(0), f);
        *y = Zip::from(filter).and(field(op, &x, [n, i, j])).fold(R::zero(), |sum, &w, &x| sum + w * x);
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
        let (filter, d_filter) = (w.index_axis(Axis(0), f), dw.index_axis_mut(Axis(0), f));
        Zip::from(d_filter).and(field(op, &x, [n, i, j])).for_each(|dw, &x| *dw += dy * x);
        if let Some(dx) = &mut dx {
            Zip::from(field_mut(op, dx, [n, i, j])).and(filter).for_each(|dx, &w| *dx += dy * w);
        }
    }
}

/// What output (i, j) of example n sees: `[kernel height, kernel width, maps]`.
fn field<'a, R>(op: &Conv, x: &'a ArrayView4<R>, [n, i, j]: [usize; 3]) -> ArrayView3<'a, R> {
    let (i, j) = (i * op.stride.0, j * op.stride.1);
    x.slice(s![n, i..i + op.kernel.0, j..j + op.kernel.1, ..])
}

/// The same, to write to.
fn field_mut<'a, R>(op: &Conv, x: &'a mut ArrayViewMut4<R>, [n, i, j]: [usize; 3]) -> ArrayViewMut3<'a, R> {
    let (i, j) = (i * op.stride.0, j * op.stride.1);
    x.slice_mut(s![n, i..i + op.kernel.0, j..j + op.kernel.1, ..])
}
