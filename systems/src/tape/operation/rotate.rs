//! Circular convolution: rows moved in a circle, by several offsets at once.

use super::{Operation, Rule, Workshop};
use crate::tape::gradient::with_gradient;
use crate::tape::{Node, Shape, Tape, Var};
use network3::Real;

#[derive(Clone)]
pub struct Rotate {
    x: Var,
    shift: Var,
}

impl<R: Real> Tape<R> {
    /// Each row of x moved in a circle, by each of the offsets −k … k with the weight that it has in the row of
    /// `shift`: y\[j\] = Σₛ shift\[k + s\] · x\[j − s\], columns modulo the length of a row. `shift` is
    /// `[p, q, 2k + 1]`.
    ///
    /// # Panics
    /// When the shapes do not fit together.
    pub fn rotate(&mut self, x: Var, shift: Var) -> Var {
        let ([p, q, n], [sp, sq, k]) = (self.shape(x), self.shape(shift));
        assert!([sp, sq] == [p, q] && k % 2 == 1 && k <= n, "a shift [{p}, {q}, odd], got {:?}", self.shape(shift));
        self.push(Operation::Rotate(Rotate { x, shift }), &[x, shift], [p, q, n])
    }
}

impl<R: Real> Rule<R> for Rotate {
    fn forward(&self, before: &[Node<R>], y: &mut [R], [_, _, n]: Shape, _: &mut Workshop<R>) {
        let (x, shift) = (&before[self.x.0], &before[self.shift.0]);
        let offsets = shift.shape[2];
        y.fill(R::zero());
        let rows = x.value.chunks_exact(n).zip(shift.value.chunks_exact(offsets));
        for (y, (x, shift)) in y.chunks_exact_mut(n).zip(rows) {
            turns(n, offsets, |s, j, from| y[j] += shift[s] * x[from]);
        }
    }

    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, _: &mut Workshop<R>) {
        let (n, offsets) = (node.shape[2], before[self.shift.0].shape[2]);
        let dy = &node.gradient;
        with_gradient(before, self.x, |before, dx, _| {
            let rows = before[self.shift.0].value.chunks_exact(offsets).zip(dy.chunks_exact(n));
            for (dx, (shift, dy)) in dx.sums().chunks_exact_mut(n).zip(rows) {
                turns(n, offsets, |s, j, from| dx[from] += shift[s] * dy[j]);
            }
        });
        with_gradient(before, self.shift, |before, dshift, _| {
            let rows = before[self.x.0].value.chunks_exact(n).zip(dy.chunks_exact(n));
            for (dshift, (x, dy)) in dshift.sums().chunks_exact_mut(offsets).zip(rows) {
                turns(n, offsets, |s, j, from| dshift[s] += dy[j] * x[from]);
            }
        });
    }
}

/// Calls `f` for each offset s of so many, centred on none, and each of n places j: with the place that lies s before
/// j.
fn turns(n: usize, offsets: usize, mut f: impl FnMut(usize, usize, usize)) {
    for s in 0..offsets {
        for j in 0..n {
            f(s, j, (j + n + offsets / 2 - s) % n);
        }
    }
}
