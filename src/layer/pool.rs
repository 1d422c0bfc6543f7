//! Pooling on its own.

use super::{Backward, Layer};
use crate::ops::{self, At, Backend, Notes, dropout::Pass};
use crate::{Real, Shape};

/// A layer that only pools: it has nothing to learn.
pub struct Pool {
    op: ops::Pool,
    notes: Notes,
}

impl Pool {
    /// A layer of that operation.
    pub fn new(op: ops::Pool) -> Self {
        Pool { op, notes: Notes::default() }
    }
}

impl<R: Real> Layer<R> for Pool {
    fn name(&self) -> &'static str {
        "Pool"
    }

    fn output_shape(&self) -> Shape {
        self.op.output_shape()
    }

    /// What is dead at zero is not negative either: then a window sums up to zero only if all of its units are zero.
    fn is_dead_at_zero(&self, input: bool) -> bool {
        input
    }

    fn forward(&mut self, backend: &mut dyn Backend<R>, x: &[R], y: &mut [R], _: Pass) {
        backend.pool_forward(&self.op, x, y, &mut self.notes);
    }

    fn backward(&mut self, backend: &mut dyn Backend<R>, at: At<R>, _: Backward) {
        backend.pool_backward(&self.op, at, &self.notes);
    }
}
