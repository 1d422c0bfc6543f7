//! The last layer of a classifier: fully connected, into probabilities.

use super::{Backward, FullyConnected, Layer, Parameters};
use crate::cost::Start;
use crate::ops::{Activation, Affine, At, Backend, Dropout, dropout::Pass};
use crate::{Real, Shape};

/// Softmax of a fully-connected layer.
pub struct Softmax<R> {
    linear: FullyConnected<R>,
    classes: usize,
}

impl<R: Real> Softmax<R> {
    /// A layer with these parameters.
    pub fn new(op: Affine, dropout: Dropout, parameters: Parameters<R>) -> Self {
        Softmax { linear: FullyConnected::new(op, Activation::Linear, dropout, parameters), classes: op.outputs }
    }
}

impl<R: Real> Layer<R> for Softmax<R> {
    fn name(&self) -> &'static str {
        "Softmax"
    }

    fn output_shape(&self) -> Shape {
        self.linear.output_shape()
    }

    fn is_dead_at_zero(&self, _: bool) -> bool {
        false
    }

    fn forward(&mut self, backend: &mut dyn Backend<R>, x: &[R], y: &mut [R], pass: Pass) {
        self.linear.forward(backend, x, y, pass);
        backend.softmax(y, self.classes);
    }

    fn backward(&mut self, backend: &mut dyn Backend<R>, at: At<R>, pass: Backward) {
        if pass.start == Start::Output {
            backend.softmax_backward(at.y, at.dy, self.classes);
        }
        self.linear.backward(backend, at, Backward { start: Start::WeightedInput, ..pass });
    }

    fn parameters(&self) -> Option<&Parameters<R>> {
        self.linear.parameters()
    }

    fn parameters_mut(&mut self) -> Option<&mut Parameters<R>> {
        self.linear.parameters_mut()
    }
}
