//! Every input to every neuron, with dropout on the inputs.

use super::{Backward, Layer, Parameters};
use crate::cost::Start;
use crate::ops::{Activation, Affine, At, Backend, Dropout, Notes, dropout::Pass};
use crate::{Real, Shape};

/// y = f(x w + b), where inputs may be dropped while training.
pub struct FullyConnected<R> {
    op: Affine,
    activation: Activation,
    dropout: Option<Dropped<R>>,
    parameters: Parameters<R>,
}

/// Inputs that are left out at random.
struct Dropped<R> {
    op: Dropout,
    notes: Notes,
    /// What is left of the inputs.
    x: Vec<R>,
}

impl<R: Real> FullyConnected<R> {
    /// A layer with these parameters. A probability of 0 drops nothing.
    pub fn new(op: Affine, activation: Activation, dropout: Dropout, parameters: Parameters<R>) -> Self {
        let dropout = (dropout.p > 0.0).then(|| Dropped { op: dropout, notes: Notes::default(), x: vec![] });
        FullyConnected { op, activation, dropout, parameters }
    }
}

impl<R: Real> Layer<R> for FullyConnected<R> {
    fn name(&self) -> &'static str {
        "FullyConnected"
    }

    fn output_shape(&self) -> Shape {
        Shape::Flat(self.op.outputs)
    }

    fn is_dead_at_zero(&self, _: bool) -> bool {
        self.activation.is_dead_at_zero()
    }

    fn forward(&mut self, backend: &mut dyn Backend<R>, x: &[R], y: &mut [R], pass: Pass) {
        let x = match &mut self.dropout {
            None => x,
            Some(Dropped { op, notes, x: left }) => {
                left.resize(x.len(), R::zero());
                backend.dropout_forward(op, pass, x, left, notes);
                left
            }
        };
        backend.affine_forward(&self.op, x, self.parameters.weights(), y);
        backend.activate(self.activation, y);
    }

    fn backward(&mut self, backend: &mut dyn Backend<R>, at: At<R>, pass: Backward) {
        let At { x, y, dy, mut dx, dead_at_zero } = at;
        if pass.start == Start::Output {
            backend.activate_backward(self.activation, y, dy);
        }
        let x = self.dropout.as_ref().map_or(x, |dropped| &dropped.x);
        let at = At { x, y, dy, dx: dx.as_deref_mut(), dead_at_zero };
        backend.affine_backward(&self.op, at, self.parameters.trainable(pass.step));
        if let (Some(dx), Some(Dropped { op, notes, .. })) = (dx, &self.dropout) {
            backend.dropout_backward(op, dx, notes);
        }
    }

    fn parameters(&self) -> Option<&Parameters<R>> {
        Some(&self.parameters)
    }

    fn parameters_mut(&mut self) -> Option<&mut Parameters<R>> {
        Some(&mut self.parameters)
    }
}
