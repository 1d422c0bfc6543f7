//! The definition of a fully-connected layer, as loops.

use crate::Real;
use ndarray::{ArrayView2, ArrayViewMut2};

/// y\[n, j\] = b\[j\] + Σᵢ x\[n, i\] · w\[i, j\]
pub fn forward<R: Real>(x: ArrayView2<R>, w: ArrayView2<R>, b: &[R], mut y: ArrayViewMut2<R>) {
    for ((n, j), y) in y.indexed_iter_mut() {
        *y = b[j] + x.row(n).iter().zip(w.column(j)).map(|(&x, &w)| x * w).sum::<R>();
    }
}

/// dw += xᵀ dy, db += Σₙ dy, dx = dy wᵀ
pub fn backward<R: Real>(
    x: ArrayView2<R>,
    w: ArrayView2<R>,
    dy: ArrayView2<R>,
    mut dw: ArrayViewMut2<R>,
    db: &mut [R],
    dx: Option<ArrayViewMut2<R>>,
) {
    for ((i, j), dw) in dw.indexed_iter_mut() {
        *dw += x.column(i).iter().zip(dy.column(j)).map(|(&x, &dy)| x * dy).sum::<R>();
    }
    for (j, db) in db.iter_mut().enumerate() {
        *db += dy.column(j).sum();
    }
    if let Some(mut dx) = dx {
        for ((n, i), dx) in dx.indexed_iter_mut() {
            *dx = dy.row(n).iter().zip(w.row(i)).map(|(&dy, &w)| dy * w).sum();
        }
    }
}
