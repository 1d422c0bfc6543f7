//! Rows of numbers as probabilities.

use super::{Operation, Rule, Workshop};
use crate::tape::gradient::hand_over;
use crate::tape::{Node, Shape, Tape, Var};
use network3::Real;

#[derive(Clone)]
pub struct Softmax {
    x: Var,
}

impl<R: Real> Tape<R> {
    /// Each row becomes probabilities: eˣ over the sum of its row.
    pub fn softmax(&mut self, x: Var) -> Var {
        self.push(Operation::Softmax(Softmax { x }), &[x], self.shape(x))
    }
}

impl<R: Real> Rule<R> for Softmax {
    fn forward(&self, before: &[Node<R>], y: &mut [R], [_, _, columns]: Shape, workshop: &mut Workshop<R>) {
        y.copy_from_slice(&before[self.x.0].value);
        workshop.backend.softmax(y, columns);
    }

    /// dx = y · (dy − Σ y·dy), row by row
    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, workshop: &mut Workshop<R>) {
        workshop.backend.softmax_backward(&node.value, &mut node.gradient, node.shape[2]);
        hand_over(before, self.x, node);
    }
}
