//! The last layer: fully connected, into probabilities.

use super::{FullyConnected, Layer, Parameters, Pass, Signals};
use crate::ops::{Affine, Voice, softmax};
use crate::train::Step;
use crate::{Activation, Real, Shape};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

/// Softmax of a fully-connected layer. Its parameters begin at zero, so that an untrained network prefers no class.
pub struct Softmax<R> {
    linear: FullyConnected<R>,
    classes: usize,
}

impl<R: Real> Softmax<R> {
    /// A layer that knows nothing yet. `before` is the activation of the layer that it follows, where there is one.
    pub fn new(op: Affine, before: Option<Activation>, dropout: (f64, u64)) -> Self {
        let mut unused = Xoshiro256PlusPlus::seed_from_u64(0);
        let parameters = Parameters::normal(&[op.inputs, op.outputs], op.outputs, (0.0, 0.0), &mut unused);
        let linear = FullyConnected::with(op, (Activation::Linear, before), dropout, parameters);
        Softmax { linear, classes: op.outputs }
    }
}

impl<R: Real> Layer<R> for Softmax<R> {
    fn name(&self) -> &'static str {
        "Softmax"
    }

    fn output_shape(&self) -> Shape {
        self.linear.output_shape()
    }

    fn forward(&mut self, voice: &mut dyn Voice<R>, x: &[R], y: &mut [R], pass: Pass) {
        self.linear.forward(voice, x, y, pass);
        softmax::forward(y, self.classes);
    }

    /// Here `dy` is ∂C/∂z: softmax and cost have their gradient together, in [`softmax::backward`].
    fn backward(&mut self, voice: &mut dyn Voice<R>, at: Signals<R>, dx: Option<&mut [R]>) {
        self.linear.backward(voice, at, dx);
    }

    fn step(&mut self, voice: &mut dyn Voice<R>, at: Signals<R>, dx: Option<&mut [R]>, step: &Step) {
        self.linear.step(voice, at, dx, step);
    }

    fn parameters(&self) -> Option<&Parameters<R>> {
        self.linear.parameters()
    }

    fn parameters_mut(&mut self) -> Option<&mut Parameters<R>> {
        self.linear.parameters_mut()
    }
}
