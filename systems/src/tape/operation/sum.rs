//! Sums along an axis.

use super::{Operation, Rule, Workshop, add, along};
use crate::tape::gradient::with_gradient;
use crate::tape::{Node, Shape, Tape, Var};
use network3::Real;

#[derive(Clone)]
pub struct Sum {
    x: Var,
    axis: usize,
}

impl<R: Real> Tape<R> {
    /// The sum along an axis, which keeps the length 1.
    pub fn sum(&mut self, x: Var, axis: usize) -> Var {
        let mut shape = self.shape(x);
        shape[axis] = 1;
        self.push(Operation::Sum(Sum { x, axis }), &[x], shape)
    }

    /// The sum of all numbers.
    pub fn total(&mut self, x: Var) -> Var {
        let row = self.reshape(x, [1, 1, self.value(x).len()]);
        self.sum(row, 2)
    }
}

impl<R: Real> Rule<R> for Sum {
    fn forward(&self, before: &[Node<R>], y: &mut [R], _: Shape, _: &mut Workshop<R>) {
        let x = &before[self.x.0];
        let [n, inner] = along(x.shape, self.axis);
        y.fill(R::zero());
        for (y, x) in y.chunks_exact_mut(inner).zip(x.value.chunks_exact(n * inner)) {
            match y {
                [y] => *y = x.iter().copied().sum(),
                y => x.chunks_exact(inner).for_each(|x| add(y, x)),
            }
        }
    }

    /// dx = dy, all along the axis
    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, _: &mut Workshop<R>) {
        with_gradient(before, self.x, |_, dx, shape| {
            let [n, inner] = along(shape, self.axis);
            for (dx, dy) in dx.sums().chunks_exact_mut(n * inner).zip(node.gradient.chunks_exact(inner)) {
                match *dy {
                    [dy] => dx.iter_mut().for_each(|dx| *dx += dy),
                    _ => dx.chunks_exact_mut(inner).for_each(|dx| add(dx, dy)),
                }
            }
        });
    }
}
