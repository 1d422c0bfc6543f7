//! The seam between networks and training: what can be trained, and what a step of training is.

use crate::data::Examples;
use crate::{Result, Shape, Threads};
use ndarray::{Array2, ArrayD};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A learner's parameters, and velocities if there are any, by name.
pub type State = Vec<(String, ArrayD<f32>)>;

/// What one step of stochastic gradient descent needs to know beside the mini-batch.
///
/// With C₀ the mean cost over the mini-batch, the step for a weight is
/// v ← μv − η(∇C₀ + decay·w), w ← w + v; biases do not decay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The learning rate η.
    pub eta: f64,
    /// λ divided by the number of mini-batches in an epoch.
    pub decay: f64,
    /// The momentum co-efficient μ; 0 for plain gradient descent.
    pub momentum: f64,
    /// How many mini-batches have been trained before this one: with the seed, it determines the dropout masks.
    pub iteration: u64,
}

/// How large a layer's parameters and their gradient are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerNorms {
    /// What the layer is called in the history: `1 ConvPool`.
    pub layer: String,
    /// ‖w‖, the square root of the sum of squared weights.
    pub weights: f64,
    /// ‖∂C₀/∂w‖ on the mini-batch that was asked about.
    pub gradient: f64,
}

/// Anything that [`train`](crate::train) can drive: a network, or something that you built yourself.
///
/// It is asked about [`Examples`], which are numbers of images in a training set and not yet their pixels.
///
/// ```
/// use network3::{Label, LayerNorms, Learner, Result, Shape, State, Step, data::Examples};
/// use ndarray::Array2;
///
/// /// Learns how often each class occurs, and nothing else.
/// #[derive(Default)]
/// struct Prior {
///     seen: [f32; 10],
///     cost: f64,
///     examples: usize,
/// }
///
/// impl Prior {
///     fn probability(&self, class: usize) -> f32 {
///         (self.seen[class] + 1.0) / (self.seen.iter().sum::<f32>() + 10.0)
///     }
/// }
///
/// impl Learner for Prior {
///     fn input(&self) -> Shape {
///         Shape::image(1, 28, 28)
///     }
///     fn train(&mut self, examples: &Examples, step: &Step) -> Result<()> {
///         for &k in examples.which() {
///             let class = usize::from(examples.set().label(k as usize));
///             self.cost -= f64::from(self.probability(class)).ln();
///             self.examples += 1;
///             self.seen[class] += step.eta as f32;
///         }
///         Ok(())
///     }
///     fn mean_cost(&mut self) -> Result<f64> {
///         let mean = self.cost / self.examples as f64;
///         (self.cost, self.examples) = (0.0, 0);
///         Ok(mean)
///     }
///     fn probabilities(&mut self, examples: &Examples) -> Result<Array2<f32>> {
///         Ok(Array2::from_shape_fn((examples.len(), 10), |(_, class)| self.probability(class)))
///     }
///     fn norms(&mut self, _: &Examples, _: &Step) -> Result<Vec<LayerNorms>> {
///         Ok(vec![])
///     }
///     fn state(&self) -> State {
///         vec![("seen".into(), ndarray::arr1(&self.seen).into_dyn())]
///     }
///     fn restore(&mut self, state: &State) -> Result<()> {
///         self.seen.copy_from_slice(state[0].1.as_slice().unwrap());
///         Ok(())
///     }
/// }
/// ```
pub trait Learner: Send {
    /// The shape of one image.
    fn input(&self) -> Shape;

    /// One step of gradient descent on a mini-batch. It may return before the step is done.
    ///
    /// # Errors
    /// When the examples do not fit; and when the cost is no longer finite, if that is known already.
    fn train(&mut self, examples: &Examples, step: &Step) -> Result<()>;

    /// The mean cost of all examples that were trained since it was last asked for, each before its own step: the
    /// log-likelihood cost −ln a_y in nats, without the regularisation term.
    ///
    /// # Errors
    /// When something went wrong in a step.
    fn mean_cost(&mut self) -> Result<f64>;

    /// The probability of every class for every example: `[examples, classes]`, dropout scaled out.
    ///
    /// # Errors
    /// When the examples do not fit.
    fn probabilities(&mut self, examples: &Examples) -> Result<Array2<f32>>;

    /// The size of each layer's weights and of their gradient on this mini-batch, without changing anything.
    ///
    /// # Errors
    /// When the examples do not fit, and when a parameter is not a finite number.
    fn norms(&mut self, examples: &Examples, step: &Step) -> Result<Vec<LayerNorms>>;

    /// Everything that training has changed, by name, to the last bit: parameters, and velocities if there are any.
    fn state(&self) -> State;

    /// Takes back what [`state`](Learner::state) gave.
    ///
    /// # Errors
    /// When a name or a shape is not this learner's.
    fn restore(&mut self, state: &State) -> Result<()>;

    /// The threads on which it is to be driven: a loop over many mini-batches stays on them, instead of waking them for
    /// each.
    fn threads(&self) -> Arc<Threads> {
        Arc::new(Threads::one())
    }
}
