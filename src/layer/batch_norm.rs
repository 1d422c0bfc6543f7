//! Batch normalisation.

use super::{Backward, Layer, Parameters};
use crate::ops::{self, At, Backend, Moments, dropout::Pass};
use crate::{Real, Shape};

/// How much of a mini-batch's moments goes into the running means: 0.1, as in PyTorch (Keras has 0.01), so that these
/// tell of some ten or twenty mini-batches.
pub(crate) const RUNNING_RATE: f64 = 0.1;

/// A layer that gives each channel the mean β and the standard deviation γ, its weights and biases. While training it
/// goes by the moments of the mini-batch, and keeps running means of them to go by when it is asked.
pub struct BatchNorm<R> {
    op: ops::BatchNorm,
    shape: Shape,
    parameters: Parameters<R>,
    /// The moments that the last forward pass went by.
    mean: Vec<R>,
    variance: Vec<R>,
    of_batch: bool,
}

impl<R: Real> BatchNorm<R> {
    /// A layer with these parameters, which [have moments](Parameters::with_moments), for signals of that shape.
    pub fn new(op: ops::BatchNorm, shape: Shape, parameters: Parameters<R>) -> Self {
        let zeros = vec![R::zero(); op.channels];
        BatchNorm { op, shape, parameters, mean: zeros.clone(), variance: zeros, of_batch: false }
    }
}

impl<R: Real> Layer<R> for BatchNorm<R> {
    fn name(&self) -> &'static str {
        "BatchNorm"
    }

    fn output_shape(&self) -> Shape {
        self.shape
    }

    /// What comes out is zero by chance only.
    fn is_dead_at_zero(&self, _: bool) -> bool {
        false
    }

    fn forward(&mut self, backend: &mut dyn Backend<R>, x: &[R], y: &mut [R], pass: Pass) {
        self.of_batch = pass != Pass::Evaluate;
        if self.of_batch {
            backend.batch_moments(&self.op, x, &mut self.mean, &mut self.variance);
        } else if let Some((mean, variance)) = self.parameters.moments() {
            self.mean.copy_from_slice(mean);
            self.variance.copy_from_slice(variance);
        }
        let moments = Moments { mean: &self.mean, variance: &self.variance, of_batch: self.of_batch };
        backend.batch_norm_forward(&self.op, x, moments, self.parameters.weights(), y);
    }

    fn backward(&mut self, backend: &mut dyn Backend<R>, at: At<R>, pass: Backward) {
        let m = at.x.len() / self.op.channels;
        let moments = Moments { mean: &self.mean, variance: &self.variance, of_batch: self.of_batch };
        backend.batch_norm_backward(&self.op, at, moments, self.parameters.trainable(pass.step));
        // Only with a step: whoever asks for a gradient changes nothing
        if pass.step.is_some() && self.of_batch {
            self.parameters.follow_moments(RUNNING_RATE, (&self.mean, &self.variance), m);
        }
    }

    fn parameters(&self) -> Option<&Parameters<R>> {
        Some(&self.parameters)
    }

    fn parameters_mut(&mut self) -> Option<&mut Parameters<R>> {
        Some(&mut self.parameters)
    }
}
