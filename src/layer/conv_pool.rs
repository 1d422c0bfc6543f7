//! Convolution, pooling, bias, activation.

use super::{Backward, Layer, Parameters};
use crate::cost::Start;
use crate::ops::{self, Activation, At, Backend, Notes, dropout::Pass};
use crate::{Real, Shape};

/// The chapter's convolutional layer; with windows of one unit, a convolution on its own.
pub struct ConvPool<R> {
    op: ops::ConvPool,
    parameters: Parameters<R>,
    notes: Notes,
}

impl<R: Real> ConvPool<R> {
    /// A layer with these parameters.
    pub fn new(op: ops::ConvPool, parameters: Parameters<R>) -> Self {
        ConvPool { op, parameters, notes: Notes::default() }
    }
}

impl<R: Real> Layer<R> for ConvPool<R> {
    fn name(&self) -> &'static str {
        if self.op.pool.window.is_identity() { "Conv" } else { "ConvPool" }
    }

    fn output_shape(&self) -> Shape {
        self.op.output_shape()
    }

    fn is_dead_at_zero(&self, _: bool) -> bool {
        self.op.activation.is_dead_at_zero()
    }

    fn forward(&mut self, backend: &mut dyn Backend<R>, x: &[R], y: &mut [R], _: Pass) {
        backend.conv_pool_forward(&self.op, x, self.parameters.weights(), y, &mut self.notes);
    }

    fn backward(&mut self, backend: &mut dyn Backend<R>, at: At<R>, pass: Backward) {
        // The gradient of the weighted inputs is that of a linear layer's outputs
        let activation = if pass.start == Start::Output { self.op.activation } else { Activation::Linear };
        let op = ops::ConvPool { activation, ..self.op };
        backend.conv_pool_backward(&op, at, self.parameters.trainable(pass.step), &self.notes);
    }

    fn parameters(&self) -> Option<&Parameters<R>> {
        Some(&self.parameters)
    }

    fn parameters_mut(&mut self) -> Option<&mut Parameters<R>> {
        Some(&mut self.parameters)
    }
}
