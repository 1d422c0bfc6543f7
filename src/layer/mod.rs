//! Layers: an operation together with its parameters, and layers in a row.

mod batch_norm;
mod branches;
mod conv_pool;
mod fully_connected;
mod normalise;
mod parameters;
mod plan;
mod pool;
mod row;
mod side_classifier;
mod softmax;
mod spec;

pub use batch_norm::BatchNorm;
#[cfg(feature = "opencl")]
pub(crate) use batch_norm::RUNNING_RATE;
pub use branches::Branches;
pub use conv_pool::ConvPool;
pub use fully_connected::FullyConnected;
pub use normalise::Normalise;
pub use parameters::Parameters;
pub(crate) use plan::Plan;
pub use plan::multiplications;
#[cfg(feature = "opencl")]
pub(crate) use plan::stream;
pub use pool::Pool;
pub use row::{InputGradient, Row};
pub use side_classifier::SideClassifier;
pub use softmax::Softmax;
pub use spec::Spec;

use crate::cost::Start;
use crate::data::Label;
use crate::learner::Step;
use crate::ops::{At, Backend, dropout::Pass};
use crate::{Real, Shape};

/// What kind of backward pass it is.
#[derive(Clone, Copy, Debug)]
pub struct Backward<'a> {
    /// What the gradient that comes in is the gradient of: of the layer's outputs, or already of its weighted inputs.
    pub start: Start,
    /// Whether a step follows at once; else the gradients of the parameters are added up.
    pub step: Option<&'a Step>,
}

/// What is shown the parameters of a layer: their path, the layer's name, and themselves.
pub type See<'f, 'a, R> = dyn FnMut(&[usize], &'static str, &'a Parameters<R>) + 'f;

/// What is shown the parameters of a layer to change them: their path, and themselves.
pub type SeeMut<'f, 'a, R> = dyn FnMut(&[usize], &'a mut Parameters<R>) + 'f;

/// One layer of a network. It works on whole mini-batches, example by example in memory: `x` its inputs, `y` its
/// outputs, `dx` and `dy` the gradients of the cost with respect to them.
pub trait Layer<R: Real>: Send {
    /// What it is called: `ConvPool`.
    fn name(&self) -> &'static str;

    /// The shape of one output.
    fn output_shape(&self) -> Shape;

    /// Does a unit whose output is zero pass no gradient on? `input` says the same of the signal that comes in.
    fn is_dead_at_zero(&self, input: bool) -> bool;

    /// Computes `y` for `x`.
    fn forward(&mut self, backend: &mut dyn Backend<R>, x: &[R], y: &mut [R], pass: Pass);

    /// The gradients of the parameters, and what becomes of them; and `dx`, where it is wanted. `at` holds `x` and `y`
    /// of the last forward pass, and `dy`, which is used up.
    fn backward(&mut self, backend: &mut dyn Backend<R>, at: At<R>, pass: Backward);

    /// What it adds to the cost of the mini-batch that went forward last, a training pass, whose labels these are.
    fn side_cost(&mut self, labels: &[Label]) -> f64 {
        let _ = labels;
        0.0
    }

    /// Weights and biases of its own, if it has any.
    fn parameters(&self) -> Option<&Parameters<R>> {
        None
    }

    /// Weights and biases of its own, to change them.
    fn parameters_mut(&mut self) -> Option<&mut Parameters<R>> {
        None
    }

    /// Shows all weights and biases, those of layers within it too, each with the layer's name and the path to it: its
    /// place in the network, and within branches the branch and the place there, all counted from 0.
    fn visit<'a>(&'a self, path: &mut Vec<usize>, see: &mut See<'_, 'a, R>) {
        if let Some(p) = self.parameters() {
            see(path, self.name(), p);
        }
    }

    /// The same, to change them.
    fn visit_mut<'a>(&'a mut self, path: &mut Vec<usize>, see: &mut SeeMut<'_, 'a, R>) {
        if let Some(p) = self.parameters_mut() {
            see(path, p);
        }
    }
}
