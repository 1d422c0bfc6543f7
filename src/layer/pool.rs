//! Pooling on its own.

use super::{Layer, Parameters, Pass, Signals};
use crate::ops::{self, Voice, pool::reference};
use crate::{Real, Shape};

/// A layer that only pools: it has nothing to learn.
pub struct Pool(pub ops::Pool);

impl<R: Real> Layer<R> for Pool {
    fn name(&self) -> &'static str {
        "Pool"
    }

    fn output_shape(&self) -> Shape {
        self.0.output_shape()
    }

    fn forward(&mut self, _: &mut dyn Voice<R>, x: &[R], y: &mut [R], _: Pass) {
        reference::forward(&self.0, self.0.input(x), self.0.output_mut(y));
    }

    fn backward(&mut self, _: &mut dyn Voice<R>, at: Signals<R>, dx: Option<&mut [R]>) {
        if let Some(dx) = dx {
            reference::backward(&self.0, self.0.input(at.x), self.0.output(at.dy), self.0.input_mut(dx));
        }
    }

    fn parameters(&self) -> Option<&Parameters<R>> {
        None
    }

    fn parameters_mut(&mut self) -> Option<&mut Parameters<R>> {
        None
    }
}
