//! The definition of convolution, as loops.

use super::{Conv, Padding};
use crate::Real;
use ndarray::{Array4, ArrayView3, ArrayView4, ArrayViewMut3, ArrayViewMut4, Axis, CowArray, Ix4, Zip, s};

/// y\[n, i, j, f\] = Σ w\[f, l, m, c\] · x\[n, i·s + l, j·t + m, c\]
pub fn forward<R: Real>(op: &Conv, x: ArrayView4<R>, w: ArrayView4<R>, mut y: ArrayViewMut4<R>) {
    let (op, x) = (&op.on_padded(), padded(op, x));
    for ((n, i, j, f), y) in y.indexed_iter_mut() {
        let filter = w.index_axis(Axis(0), f);
        *y = Zip::from(filter).and(field(op, &x.view(), [n, i, j, f])).fold(R::zero(), |sum, &w, &x| sum + w * x);
    }
}

/// Every product w · x of the forward pass sends dy · x to its weight and dy · w to its input.
pub fn backward<R: Real>(
    op: &Conv,
    x: ArrayView4<R>,
    w: ArrayView4<R>,
    dy: ArrayView4<R>,
    mut dw: ArrayViewMut4<R>,
    dx: Option<ArrayViewMut4<R>>,
) {
    let (Padding { top, left, .. }, height, width) = (op.window.padding, op.height, op.width);
    let (op, x) = (&op.on_padded(), padded(op, x));
    // ∂C/∂x of the padded input, of which the margin is cut off in the end.
    let mut d_padded = dx.as_ref().map(|_| Array4::zeros(x.raw_dim()));
    for ((n, i, j, f), &dy) in dy.indexed_iter() {
        let (filter, d_filter) = (w.index_axis(Axis(0), f), dw.index_axis_mut(Axis(0), f));
        Zip::from(d_filter).and(field(op, &x.view(), [n, i, j, f])).for_each(|dw, &x| *dw += dy * x);
        if let Some(dx) = &mut d_padded {
            Zip::from(field_mut(op, dx, [n, i, j, f])).and(filter).for_each(|dx, &w| *dx += dy * w);
        }
    }
    if let (Some(mut dx), Some(d_padded)) = (dx, d_padded) {
        dx.assign(&d_padded.slice(s![.., top..top + height, left..left + width, ..]));
    }
}

/// The input with its margin of zeros.
fn padded<'a, R: Real>(op: &Conv, x: ArrayView4<'a, R>) -> CowArray<'a, R, Ix4> {
    let (Padding { top, left, .. }, (n, height, width, maps)) = (op.window.padding, x.dim());
    if op.window.padding.is_none() {
        return x.into();
    }
    let mut padded = Array4::zeros((n, op.on_padded().height, op.on_padded().width, maps));
    padded.slice_mut(s![.., top..top + height, left..left + width, ..]).assign(&x);
    padded.into()
}

/// What filter f sees for output (i, j) of example n: `[kernel height, kernel width, maps / groups]`.
fn field<'a, R>(op: &Conv, x: &'a ArrayView4<R>, [n, i, j, f]: [usize; 4]) -> ArrayView3<'a, R> {
    let (i, j, first) = (i * op.stride().0, j * op.stride().1, f / op.group_filters() * op.group_maps());
    x.slice(s![n, i..i + op.kernel().0, j..j + op.kernel().1, first..first + op.group_maps()])
}

/// The same, to write to.
fn field_mut<'a, R>(op: &Conv, x: &'a mut Array4<R>, [n, i, j, f]: [usize; 4]) -> ArrayViewMut3<'a, R> {
    let (i, j, first) = (i * op.stride().0, j * op.stride().1, f / op.group_filters() * op.group_maps());
    x.slice_mut(s![n, i..i + op.kernel().0, j..j + op.kernel().1, first..first + op.group_maps()])
}
