//! Local response normalisation.

use super::{Backward, Layer};
use crate::ops::{self, At, Backend, Notes, dropout::Pass};
use crate::{Real, Shape};

/// A layer that divides each unit by how active its neighbours are: it has nothing to learn.
pub struct Normalise {
    op: ops::Normalise,
    shape: Shape,
    notes: Notes,
}

impl Normalise {
    /// A layer of that operation, on images of that shape.
    pub fn new(op: ops::Normalise, shape: Shape) -> Self {
        Normalise { op, shape, notes: Notes::default() }
    }
}

impl<R: Real> Layer<R> for Normalise {
    fn name(&self) -> &'static str {
        "Normalise"
    }

    fn output_shape(&self) -> Shape {
        self.shape
    }

    /// A unit is divided by something positive, and one that is zero adds nothing to its neighbours' gradients.
    fn is_dead_at_zero(&self, input: bool) -> bool {
        input
    }

    fn forward(&mut self, backend: &mut dyn Backend<R>, x: &[R], y: &mut [R], _: Pass) {
        backend.normalise_forward(&self.op, x, y, &mut self.notes);
    }

    fn backward(&mut self, backend: &mut dyn Backend<R>, at: At<R>, _: Backward) {
        backend.normalise_backward(&self.op, at, &self.notes);
    }
}
