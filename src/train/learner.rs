//! The seam: what can be trained.

use crate::ops::Sgd;
use crate::{Real, Result, Shape, data::Batch};
use ndarray::{Array2, ArrayD, ArrayView2};
use serde::{Deserialize, Serialize};

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

impl Step {
    /// η and the decay, in the numbers of a network.
    pub(crate) fn sgd<R: Real>(&self) -> Sgd<R> {
        Sgd { eta: R::of(self.eta), decay: R::of(self.decay) }
    }
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

/// Anything that [`train`](crate::train) can drive: the CPU network, the OpenCL network, or one that you built yourself.
///
/// ```
/// use network3::{Result, Shape, train::{Batch, LayerNorms, Learner, Step}};
/// use ndarray::{Array2, ArrayD, ArrayView2};
///
/// /// Learns how often each class occurs, and nothing else.
/// struct Prior([f32; 10]);
///
/// impl Learner for Prior {
///     fn input(&self) -> Shape {
///         Shape::image(1, 28, 28)
///     }
///     fn train(&mut self, batch: &Batch, step: &Step) -> Result<f64> {
///         let total: f32 = self.0.iter().sum();
///         let cost = |&l: &u8| -(self.0[usize::from(l)] / total).ln() as f64;
///         let mean = batch.labels.iter().map(cost).sum::<f64>() / batch.labels.len() as f64;
///         batch.labels.iter().for_each(|&l| self.0[usize::from(l)] += step.eta as f32);
///         Ok(mean)
///     }
///     fn probabilities(&mut self, x: ArrayView2<f32>) -> Result<Array2<f32>> {
///         let total: f32 = self.0.iter().sum();
///         Ok(Array2::from_shape_fn((x.nrows(), 10), |(_, class)| self.0[class] / total))
///     }
///     fn norms(&mut self, _: &Batch, _: &Step) -> Result<Vec<LayerNorms>> {
///         Ok(vec![])
///     }
///     fn state(&self) -> Vec<(String, ArrayD<f32>)> {
///         vec![("counts".into(), ndarray::arr1(&self.0).into_dyn())]
///     }
///     fn restore(&mut self, state: &[(String, ArrayD<f32>)]) -> Result<()> {
///         self.0.copy_from_slice(state[0].1.as_slice().unwrap());
///         Ok(())
///     }
/// }
/// ```
pub trait Learner {
    /// The shape of one image.
    fn input(&self) -> Shape;

    /// One step of gradient descent on a mini-batch. Returns its cost *before* the step: the mean log-likelihood
    /// cost −ln a_y in nats, without the regularisation term.
    ///
    /// # Errors
    /// When the mini-batch does not fit the learner.
    fn train(&mut self, batch: &Batch, step: &Step) -> Result<f64>;

    /// The probability of every class for every row of `x`: `[images, classes]`, dropout scaled out.
    ///
    /// # Errors
    /// When the images do not fit the learner.
    fn probabilities(&mut self, x: ArrayView2<f32>) -> Result<Array2<f32>>;

    /// The size of each layer's weights and of their gradient on this mini-batch, without changing anything.
    ///
    /// # Errors
    /// As [`Learner::train`].
    fn norms(&mut self, batch: &Batch, step: &Step) -> Result<Vec<LayerNorms>>;

    /// Everything that training has changed, by name, to the last bit: parameters, and velocities if there are any.
    fn state(&self) -> State;

    /// Takes back what [`state`](Learner::state) gave.
    ///
    /// # Errors
    /// When a name or a shape is not this learner's.
    fn restore(&mut self, state: &[(String, ArrayD<f32>)]) -> Result<()>;
}
