//! The definition of pooling, as loops.

use super::Pool;
use super::{Pooling, Ties};
use crate::Real;
use ndarray::{ArrayView2, ArrayView4, ArrayViewMut2, ArrayViewMut4, s};

/// y\[n, i, j, c\] sums up the window W(i, j) of map c.
pub fn forward<R: Real>(op: &Pool, x: ArrayView4<R>, mut y: ArrayViewMut4<R>) {
    for ((n, i, j, c), y) in y.indexed_iter_mut() {
        *y = pool(op.pooling, window(op, &x, [n, i, j, c]));
    }
}

/// Hands each dy\[n, i, j, c\] to the units of its window, weighted with the derivative.
pub fn backward<R: Real>(op: &Pool, x: ArrayView4<R>, dy: ArrayView4<R>, mut dx: ArrayViewMut4<R>) {
    dx.fill(R::zero());
    for ((n, i, j, c), &dy) in dy.indexed_iter() {
        let w = window(op, &x, [n, i, j, c]);
        let y = pool(op.pooling, w);
        let mut dw = window_mut(op, &mut dx, [n, i, j, c]);
        match op.pooling {
            Pooling::Max => {
                let winners = w.indexed_iter().filter(|&(_, &x)| x == y).map(|(k, _)| k);
                let all = match op.ties {
                    Ties::All => usize::MAX,
                    Ties::First => 1,
                };
                winners.take(all).for_each(|k| dw[k] += dy);
            }
            Pooling::L2 if y == R::zero() => {}
            Pooling::L2 => dw.zip_mut_with(&w, |dx, &x| *dx += dy * x / y),
            Pooling::Mean => dw.mapv_inplace(|dx| dx + dy / R::of(w.len() as f64)),
        }
    }
}

/// One number for a window.
fn pool<R: Real>(pooling: Pooling, x: ArrayView2<R>) -> R {
    match pooling {
        Pooling::Max => x.fold(R::neg_infinity(), |y, &x| if x > y || x.is_nan() { x } else { y }),
        Pooling::L2 => x.iter().map(|&x| x * x).sum::<R>().sqrt(),
        Pooling::Mean => x.sum() / R::of(x.len() as f64),
    }
}

/// W(i, j) of map c.
fn window<'a, R>(op: &Pool, x: &'a ArrayView4<R>, [n, i, j, c]: [usize; 4]) -> ArrayView2<'a, R> {
    let (rows, columns) = op.window.inside((i, j), (op.height, op.width));
    x.slice(s![n, rows, columns, c])
}

/// W(i, j) of map c, to write to.
fn window_mut<'a, R>(op: &Pool, x: &'a mut ArrayViewMut4<R>, [n, i, j, c]: [usize; 4]) -> ArrayViewMut2<'a, R> {
    let (rows, columns) = op.window.inside((i, j), (op.height, op.width));
    x.slice_mut(s![n, rows, columns, c])
}
