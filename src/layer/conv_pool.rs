//! Convolution, pooling, bias, activation.

use super::{Layer, Parameters, Pass, Signals, backward_and_update};
use crate::habits::{Habits, Initialisation};
use crate::ops::{self, Voice};
use crate::train::Step;
use crate::{Activation, Real, Shape};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The chapter's convolutional layer; with windows of one unit, a convolution on its own.
pub struct ConvPool<R> {
    op: ops::ConvPool,
    parameters: Parameters<R>,
    /// The voice's notes on who won.
    winners: Vec<u32>,
}

impl<R: Real> ConvPool<R> {
    /// A layer with random weights.
    pub fn new(op: ops::ConvPool, habits: &Habits, random: &mut Xoshiro256PlusPlus) -> Self {
        let conv = &op.conv;
        let sd = match habits.initialisation {
            Initialisation::FanOut => {
                // The chapter's n_out: filters · kernel area / window area, in whole numbers as Python 2 divides them.
                let (kernel, window) = (conv.kernel.0 * conv.kernel.1, op.pool.window.0 * op.pool.window.1);
                let n_out = (conv.filters * kernel / window).max(1);
                ((1.0 / n_out as f64).sqrt(), 1.0)
            }
            Initialisation::FanIn => {
                let gain = if op.activation == Activation::Relu { 2.0 } else { 1.0 };
                ((gain / conv.taps() as f64).sqrt(), 0.0)
            }
        };
        let shape = [conv.filters, conv.kernel.0, conv.kernel.1, conv.maps];
        let parameters = Parameters::normal(&shape, conv.filters, sd, random);
        ConvPool { op, parameters, winners: vec![] }
    }
}

impl<R: Real> Layer<R> for ConvPool<R> {
    fn name(&self) -> &'static str {
        if self.op.pool.window == (1, 1) { "Conv" } else { "ConvPool" }
    }

    fn output_shape(&self) -> Shape {
        self.op.output_shape()
    }

    fn forward(&mut self, voice: &mut dyn Voice<R>, x: &[R], y: &mut [R], _: Pass) {
        self.winners.resize(x.len() / self.op.conv.input_len() * self.op.notes(), 0);
        voice.conv_pool_forward(&self.op, x, self.parameters.weights(), y, &mut self.winners);
    }

    fn backward(&mut self, voice: &mut dyn Voice<R>, at: Signals<R>, dx: Option<&mut [R]>) {
        let (p, g) = self.parameters.with_gradients();
        voice.conv_pool_backward(&self.op, at.x, p, (at.y, &self.winners), at.dy, g, dx);
    }

    /// Without momentum, gradient and update are one operation, and the gradient is never written down.
    fn step(&mut self, voice: &mut dyn Voice<R>, at: Signals<R>, dx: Option<&mut [R]>, step: &Step) {
        if step.momentum != 0.0 {
            return backward_and_update(self, voice, at, dx, step);
        }
        let parameters = self.parameters.weights_mut();
        voice.conv_pool_step(&self.op, at.x, parameters, (at.y, &self.winners), at.dy, step.sgd(), dx);
    }

    fn parameters(&self) -> Option<&Parameters<R>> {
        Some(&self.parameters)
    }

    fn parameters_mut(&mut self) -> Option<&mut Parameters<R>> {
        Some(&mut self.parameters)
    }
}
