//! A network: layers in a row, a cost, and a backend that computes them.

mod learner;
mod table;

#[cfg(feature = "opencl")]
pub(crate) use learner::check_examples;

use crate::cost::{Cost, Start};
use crate::data::Label;
use crate::layer::{InputGradient, Layer, Parameters, Plan, Row};
use crate::learner::Step;
use crate::ops::{self, Backend, Fast, Reference, dropout::Pass};
use crate::{Habits, Real, Result, Shape, Spec, Threads};
use ndarray::ArrayView2;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use std::sync::Arc;

/// Layers in a row, from images to the probabilities of the classes.
///
/// ```
/// use network3::{Activation, Network, Shape, Spec};
/// let layers = [
///     Spec::conv_pool(20, (5, 5), (2, 2), Activation::Sigmoid),
///     Spec::fully_connected(100, Activation::Sigmoid),
///     Spec::softmax(10),
/// ];
/// let network = Network::new(Shape::image(1, 28, 28), &layers)?;
/// assert_eq!(network.parameter_count(), 520 + 288_100 + 1_010);
/// println!("{network}");
/// # Ok::<(), network3::Error>(())
/// ```
pub struct Network<R: Real> {
    input: Shape,
    specs: Vec<Spec>,
    habits: Habits,
    seed: u64,
    row: Row<R>,
    cost: Cost,
    backend: Box<dyn Backend<R>>,
    threads: Arc<Threads>,
    /// The mini-batch at hand, gathered.
    x: Vec<R>,
    labels: Vec<Label>,
    /// The costs that nobody has asked for yet, added up, and of how many examples they are.
    untold: (f64, usize),
}

impl Network<f32> {
    /// A network for training: on this processor's vectors and all of its cores, with weights drawn from seed 1, as one
    /// would have it today. What is to be otherwise is [set](Network::with_seed) afterwards.
    ///
    /// # Errors
    /// When the layers do not fit each other or the input (the message names the layer and both shapes), when the last
    /// of them is not a softmax layer, and when no threads can be started.
    ///
    /// ```
    /// use network3::{Activation, Network, Shape, Spec};
    /// let layers = [Spec::conv_pool(20, (9, 9), (2, 2), Activation::Relu), Spec::softmax(10)];
    /// let e = Network::new(Shape::image(1, 8, 8), &layers).err().unwrap();
    /// assert_eq!(
    ///     e.to_string(),
    ///     "layer 1 (20 filters 9×9, max-pooling 2×2, rectified linear): convolution: expected an input of at least 9×9, got 1×8×8"
    /// );
    /// ```
    pub fn new(input: Shape, specs: &[Spec]) -> Result<Self> {
        Network::for_cost(input, specs, Cost::LogLikelihood)
    }

    /// The same with another cost.
    ///
    /// # Errors
    /// As [`Network::new`]; but with the quadratic cost any layer may be the last.
    pub fn for_cost(input: Shape, specs: &[Spec], cost: Cost) -> Result<Self> {
        Network::reference(input, specs, cost)?.with_threads(0)
    }

    /// Goes on with this processor's vectors, on `n` threads (0: as many as there are cores). The number changes how
    /// long it takes, and not a bit of the result.
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn with_threads(mut self, n: usize) -> Result<Self> {
        self.threads = Arc::new(Threads::new(n)?);
        self.backend = Box::new(Fast::new(self.threads.clone()));
        Ok(self)
    }
}

impl<R: Real> Network<R> {
    /// A network that is computed by the definitions, on one thread: slow, in `f32` or `f64`, to check the others by.
    ///
    /// # Errors
    /// When the layers do not fit each other, the input or the cost.
    pub fn reference(input: Shape, specs: &[Spec], cost: Cost) -> Result<Self> {
        let (habits, seed) = (Habits::corrected(), 1);
        plan(input, specs, cost, &habits)?;
        let mut network = Network {
            input,
            specs: specs.to_vec(),
            habits,
            seed,
            row: Row::new(input, vec![]),
            cost,
            backend: Box::new(Reference),
            threads: Arc::new(Threads::one()),
            x: vec![],
            labels: vec![],
            untold: (0.0, 0),
        };
        network.draw();
        Ok(network)
    }

    /// Draws all weights anew, from another seed: the same for the same seed.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self.draw();
        self
    }

    /// Draws all weights anew, as these habits want it: see [`Habits`].
    pub fn with_habits(mut self, habits: Habits) -> Self {
        self.habits = habits;
        self.draw();
        self
    }

    /// The same network with another backend.
    pub fn with_backend(mut self, backend: impl Backend<R> + 'static) -> Self {
        self.backend = Box::new(backend);
        self
    }

    /// Builds the layers, with random weights.
    fn draw(&mut self) {
        let plan = plan(self.input, &self.specs, self.cost, &self.habits).expect("it has been planned before");
        let mut random = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        self.row = Plan::build(self.input, plan, &self.habits, self.seed, &mut random);
    }

    /// What it was built from.
    pub fn specs(&self) -> &[Spec] {
        &self.specs
    }

    /// The habits that it was built with.
    pub fn habits(&self) -> &Habits {
        &self.habits
    }

    /// The seed that its weights were drawn from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What it is trained to make small.
    pub fn trained_for(&self) -> Cost {
        self.cost
    }

    /// The shape of one input.
    pub fn input(&self) -> Shape {
        self.input
    }

    /// The shape of one output.
    pub fn output(&self) -> Shape {
        self.row.output_shape()
    }

    /// Its layers.
    pub fn layers(&self) -> &[Box<dyn Layer<R>>] {
        self.row.layers()
    }

    /// Its layers, to change their parameters.
    pub fn layers_mut(&mut self) -> &mut [Box<dyn Layer<R>>] {
        self.row.layers_mut()
    }

    /// All weights and biases, those within branches too, in order: the path to the layer (see
    /// [`Layer::visit`]), its name, and the parameters.
    pub fn parameters(&self) -> Vec<(Vec<usize>, &'static str, &Parameters<R>)> {
        let mut all = vec![];
        self.row.visit(&mut vec![], &mut |path, name, p| all.push((path.to_vec(), name, p)));
        all
    }

    /// The same, to be changed.
    pub fn parameters_mut(&mut self) -> Vec<(Vec<usize>, &mut Parameters<R>)> {
        let mut all = vec![];
        self.row.visit_mut(&mut vec![], &mut |path, p| all.push((path.to_vec(), p)));
        all
    }

    /// How many weights and biases it has.
    pub fn parameter_count(&self) -> usize {
        self.parameters().iter().map(|(.., p)| p.count()).sum()
    }

    /// Σ‖w‖² over all layers: the regularised cost of a mini-batch is its cost plus ½·decay times this.
    pub fn weights_squared(&self) -> f64 {
        self.parameters().iter().map(|(.., p)| p.w.iter().map(|w| w.f64().powi(2)).sum::<f64>()).sum()
    }

    /// The outputs for `n` inputs one after the other: `[n, outputs]`, the probabilities of the classes.
    ///
    /// # Panics
    /// When `x` does not hold a whole number of inputs.
    pub fn forward(&mut self, x: &[R], pass: Pass) -> ArrayView2<'_, R> {
        self.row.forward(&mut *self.backend, x, pass);
        ops::rows(self.row.output(), self.row.output_shape().len())
    }

    /// Back from any cost: `dy` is its gradient with respect to the outputs of the last forward pass, of `x`. The
    /// gradients of the parameters are added up in the layers, or followed at once if there is a step; the gradient
    /// with respect to the inputs is returned.
    ///
    /// # Panics
    /// When `x` or `dy` do not belong to the last forward pass.
    ///
    /// ```
    /// use network3::{Activation, Cost, Network, Pass, Shape, Spec};
    /// let layers = [Spec::fully_connected(1, Activation::Linear)];
    /// let mut network = Network::for_cost(Shape::Flat(3), &layers, Cost::Quadratic)?;
    /// let x = [0.5, -1.0, 2.0];
    /// network.forward(&x, Pass::Evaluate);
    /// let dx = network.backward(&x, &[1.0], None).to_vec(); // of C = y
    /// let w: Vec<f32> = network.layers()[0].parameters().unwrap().w.iter().copied().collect();
    /// assert_eq!(dx, w);
    /// # Ok::<(), network3::Error>(())
    /// ```
    pub fn backward(&mut self, x: &[R], dy: &[R], step: Option<&Step>) -> &[R] {
        self.row.output_and_gradient().1.copy_from_slice(dy);
        self.row.backward(&mut *self.backend, x, Start::Output, step, InputGradient::Everywhere);
        self.row.input_gradient()
    }

    /// The mean cost of inputs with these labels.
    pub fn cost(&mut self, x: &[R], labels: &[Label], pass: Pass) -> f64 {
        self.row.forward(&mut *self.backend, x, pass);
        self.cost.value(self.row.output(), labels) + self.row.side_cost(labels)
    }

    /// The mean cost of inputs with these labels, and its gradients: with respect to the parameters, kept in the layers
    /// ([`Parameters::gradient`]), and with respect to the inputs, returned.
    pub fn gradient(&mut self, x: &[R], labels: &[Label], pass: Pass) -> (f64, &[R]) {
        self.parameters_mut().into_iter().for_each(|(_, p)| p.clear_gradients());
        let cost = self.cost(x, labels, pass);
        self.walk_back(x, labels, None, InputGradient::Everywhere);
        (cost, self.row.input_gradient())
    }

    /// One step of gradient descent on inputs with these labels. Returns their mean cost before the step. If that is
    /// not finite, nothing is changed.
    pub fn step(&mut self, x: &[R], labels: &[Label], step: &Step) -> f64 {
        let cost = self.cost(x, labels, Pass::Train { iteration: step.iteration });
        if cost.is_finite() {
            self.walk_back(x, labels, Some(step), InputGradient::No);
        }
        cost
    }

    /// From the cost back through all layers.
    fn walk_back(&mut self, x: &[R], labels: &[Label], step: Option<&Step>, to_input: InputGradient) {
        let (a, d) = self.row.output_and_gradient();
        let start = self.cost.gradient(a, labels, d);
        self.row.backward(&mut *self.backend, x, start, step, to_input);
    }
}

/// What the layers will be: sizes follow from the input, layer by layer.
pub(crate) fn plan(input: Shape, specs: &[Spec], cost: Cost, habits: &Habits) -> Result<Vec<Plan>> {
    cost.check(specs)?;
    Plan::row(input, specs, habits.ties)
}

/// What a layer is called in tables and messages, counted from 1: `2 FullyConnected`, and `3.1.2 Conv` within branches.
pub(crate) fn layer_name(path: &[usize], name: &str) -> String {
    let path: Vec<_> = path.iter().map(|k| (k + 1).to_string()).collect();
    format!("{} {name}", path.join("."))
}

/// What a tensor is called in files, counted from 0: `1.w`, and `2.0.1.w` within branches.
pub(crate) fn tensor_name(path: &[usize], tensor: &str) -> String {
    path.iter().map(|k| format!("{k}.")).collect::<String>() + tensor
}
