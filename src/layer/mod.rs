//! Layers: an operation together with its parameters.

mod conv_pool;
mod fully_connected;
mod parameters;
mod plan;
mod pool;
mod softmax;

pub use conv_pool::ConvPool;
pub use fully_connected::FullyConnected;
pub use parameters::Parameters;
pub(crate) use plan::{Place, Plan};
pub use pool::Pool;
pub use softmax::Softmax;

use crate::ops::Voice;
use crate::train::Step;
use crate::{Real, Shape};

/// Whether a network is being trained or asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Dropout leaves inputs out; its masks belong to this mini-batch, counted from the first of the run.
    Train {
        /// How many mini-batches have been trained before this one.
        iteration: u64,
    },
    /// All units take part.
    Evaluate,
}

/// What a layer's backward pass starts from.
pub struct Signals<'a, R> {
    /// Its inputs.
    pub x: &'a [R],
    /// Its outputs.
    pub y: &'a [R],
    /// ∂C/∂y.
    pub dy: &'a mut [R],
}

/// One layer of a network. It works on whole mini-batches, example by example in memory: `x` its inputs, `y` its
/// outputs, `dx` and `dy` the gradients of the cost with respect to them.
pub trait Layer<R: Real>: Send {
    /// What it is called: `ConvPool`.
    fn name(&self) -> &'static str;

    /// The shape of one output.
    fn output_shape(&self) -> Shape;

    /// Computes `y` for `x`.
    fn forward(&mut self, voice: &mut dyn Voice<R>, x: &[R], y: &mut [R], pass: Pass);

    /// Adds to the gradients of the parameters, and writes `dx` where it is wanted. `at` holds `x` and `y` of the last
    /// forward pass, and `dy`, which is used up.
    fn backward(&mut self, voice: &mut dyn Voice<R>, at: Signals<R>, dx: Option<&mut [R]>);

    /// [`backward`](Layer::backward), and a step of gradient descent.
    fn step(&mut self, voice: &mut dyn Voice<R>, at: Signals<R>, dx: Option<&mut [R]>, step: &Step) {
        backward_and_update(self, voice, at, dx, step);
    }

    /// Weights and biases, if it has any.
    fn parameters(&self) -> Option<&Parameters<R>>;

    /// Weights and biases, to change them.
    fn parameters_mut(&mut self) -> Option<&mut Parameters<R>>;
}

/// A step in two operations: the gradient is written down, and then followed. Momentum needs it, and so does a layer that
/// has no operation for both.
fn backward_and_update<R: Real>(
    layer: &mut (impl Layer<R> + ?Sized),
    voice: &mut dyn Voice<R>,
    at: Signals<R>,
    dx: Option<&mut [R]>,
    step: &Step,
) {
    if let Some(p) = layer.parameters_mut() {
        p.clear_gradients();
    }
    layer.backward(voice, at, dx);
    if let Some(p) = layer.parameters_mut() {
        p.update(step);
    }
}
