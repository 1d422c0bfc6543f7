//! A network: layers in a row.

use crate::layer::{Layer, Parameters, Pass, Place, Plan, Signals};
use crate::ops::{self, Fast, Reference, Voice, softmax};
use crate::train::{Batch, LayerNorms, Learner, Step};
use crate::{Activation, Error, Habits, Masks, Real, Result, Shape, Spec, Threads, thousands};
use ndarray::{Array2, ArrayD, ArrayView2};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use std::{fmt, sync::Arc};

/// Layers in a row, from images to the probabilities of the classes.
///
/// ```
/// use network3::{Activation, Habits, Network, Shape, Spec};
/// let layers = [
///     Spec::conv_pool(20, (5, 5), (2, 2), Activation::Sigmoid),
///     Spec::fully_connected(100, Activation::Sigmoid),
///     Spec::softmax(10),
/// ];
/// let network = Network::<f32>::new(Shape::image(1, 28, 28), &layers, Habits::faithful(), 1)?;
/// assert_eq!(network.parameter_count(), 520 + 288_100 + 1_010);
/// println!("{network}");
/// # Ok::<(), network3::Error>(())
/// ```
pub struct Network<R: Real> {
    specs: Vec<Spec>,
    habits: Habits,
    layers: Vec<Box<dyn Layer<R>>>,
    /// What flows between the layers: `signals[k]` goes into layer k, and the last one comes out of the network. (Inputs
    /// themselves stay where they are: the first has only a gradient.)
    signals: Vec<Signal<R>>,
    voice: Box<dyn Voice<R>>,
    threads: Arc<Threads>,
}

/// A mini-batch between two layers.
struct Signal<R> {
    shape: Shape,
    y: Vec<R>,
    dy: Vec<R>,
}

impl<R: Real> Signal<R> {
    /// Makes room for `n` examples.
    fn resize(&mut self, n: usize) {
        self.y.resize(n * self.shape.len(), R::zero());
        self.dy.resize(n * self.shape.len(), R::zero());
    }
}

impl<R: Real> Network<R> {
    /// A network with random weights, the same for the same seed. It speaks the reference voice: see [`Network::fast`].
    ///
    /// # Errors
    /// When the layers do not fit each other or the input: the message names the layer and both shapes.
    ///
    /// ```
    /// use network3::{Activation, Habits, Network, Shape, Spec};
    /// let layers = [Spec::conv_pool(20, (9, 9), (2, 2), Activation::Relu), Spec::softmax(10)];
    /// let e = Network::<f32>::new(Shape::image(1, 8, 8), &layers, Habits::faithful(), 1).err().unwrap();
    /// assert_eq!(
    ///     e.to_string(),
    ///     "layer 1 (20 filters 9×9, max-pooling 2×2, rectified linear): convolution: expected an input of at least 9×9, got 1×8×8"
    /// );
    /// ```
    pub fn new(input: Shape, specs: &[Spec], habits: Habits, seed: u64) -> Result<Self> {
        let layers = build(input, specs, &habits, seed)?;
        let shapes = std::iter::once(input).chain(layers.iter().map(|layer| layer.output_shape()));
        let signals = shapes.map(|shape| Signal { shape, y: vec![], dy: vec![] }).collect();
        let threads = Arc::new(Threads::one());
        Ok(Network { specs: specs.to_vec(), habits, layers, signals, voice: Box::new(Reference), threads })
    }

    /// The same network with another voice.
    pub fn with_voice(mut self, voice: impl Voice<R> + 'static) -> Self {
        self.voice = Box::new(voice);
        self
    }

    /// What it was built from.
    pub fn specs(&self) -> &[Spec] {
        &self.specs
    }

    /// The habits that it was built with.
    pub fn habits(&self) -> &Habits {
        &self.habits
    }

    /// The shape of one input.
    pub fn input(&self) -> Shape {
        self.signals[0].shape
    }

    /// Its layers.
    pub fn layers(&self) -> &[Box<dyn Layer<R>>] {
        &self.layers
    }

    /// Its layers, to change their parameters.
    pub fn layers_mut(&mut self) -> &mut [Box<dyn Layer<R>>] {
        &mut self.layers
    }

    /// The threads that it works on. A loop over many mini-batches should run inside [`Threads::run`].
    pub fn threads(&self) -> &Arc<Threads> {
        &self.threads
    }

    /// How many weights and biases it has.
    pub fn parameter_count(&self) -> usize {
        self.layers.iter().filter_map(|layer| layer.parameters()).map(Parameters::count).sum()
    }

    /// Σ‖w‖² over all layers: the regularised cost of a mini-batch is its cost plus ½·decay times this.
    pub fn weights_squared(&self) -> f64 {
        let square = |p: &Parameters<R>| p.w.iter().map(|w| w.f64().powi(2)).sum::<f64>();
        self.layers.iter().filter_map(|layer| layer.parameters()).map(square).sum()
    }

    /// The probabilities of the classes, `[n, classes]`, for `n` inputs one after the other.
    ///
    /// # Panics
    /// When `x` does not hold a whole number of inputs.
    pub fn forward(&mut self, x: &[R], pass: Pass) -> ArrayView2<'_, R> {
        let n = x.len() / self.input().len();
        self.signals[0].dy.resize(x.len(), R::zero());
        self.signals[1..].iter_mut().for_each(|signal| signal.resize(n));
        for (k, layer) in self.layers.iter_mut().enumerate() {
            let (before, after) = self.signals.split_at_mut(k + 1);
            let x = if k == 0 { x } else { &before[k].y };
            layer.forward(&mut *self.voice, x, &mut after[0].y, pass);
        }
        let out = &self.signals[self.layers.len()];
        ops::rows(&out.y, out.shape.len())
    }

    /// The mean cost of inputs with these labels.
    pub fn cost(&mut self, x: &[R], labels: &[u8], pass: Pass) -> f64 {
        self.forward(x, pass);
        softmax::cost(&self.signals[self.layers.len()].y, labels)
    }

    /// The mean cost of inputs with these labels, and its gradients: with respect to the parameters, kept in the layers
    /// ([`Parameters::gradient`]), and with respect to the inputs, returned.
    pub fn gradient(&mut self, x: &[R], labels: &[u8], pass: Pass) -> (f64, &[R]) {
        for p in self.layers.iter_mut().filter_map(|layer| layer.parameters_mut()) {
            p.clear_gradients();
        }
        let cost = self.cost(x, labels, pass);
        self.walk_back(x, labels, true, |layer, voice, at, dx| layer.backward(voice, at, dx));
        (cost, &self.signals[0].dy)
    }

    /// One step of gradient descent on inputs with these labels. Returns their mean cost before the step. If that is not
    /// finite, nothing is changed.
    pub fn step(&mut self, x: &[R], labels: &[u8], step: &Step) -> f64 {
        let cost = self.cost(x, labels, Pass::Train { iteration: step.iteration });
        if cost.is_finite() {
            self.walk_back(x, labels, false, |layer, voice, at, dx| layer.step(voice, at, dx, step));
        }
        cost
    }

    /// From the last layer to the first: each gets what went in and out of it and ∂C/∂y, and says what ∂C/∂x is.
    fn walk_back(
        &mut self,
        x: &[R],
        labels: &[u8],
        to_input: bool,
        mut go: impl FnMut(&mut dyn Layer<R>, &mut dyn Voice<R>, Signals<R>, Option<&mut [R]>),
    ) {
        if let Some(Signal { y, dy, .. }) = self.signals.last_mut() {
            softmax::backward(y, labels, dy);
        }
        for (k, layer) in self.layers.iter_mut().enumerate().rev() {
            let (before, after) = self.signals.split_at_mut(k + 1);
            let Signal { y: x_before, dy: dx, .. } = &mut before[k];
            let x = if k == 0 { x } else { x_before };
            let Signal { y, dy, .. } = &mut after[0];
            let dx = (k > 0 || to_input).then_some(&mut dx[..]);
            go(&mut **layer, &mut *self.voice, Signals { x, y, dy }, dx);
        }
    }

    /// The first layer with a parameter that is not a finite number, by name.
    fn broken(&self) -> Option<String> {
        let finite = |p: &Parameters<R>| p.w.iter().chain(&p.b).all(|x| x.is_finite());
        let broken = self.layers.iter().position(|layer| layer.parameters().is_some_and(|p| !finite(p)))?;
        Some(self.layer_name(broken))
    }

    /// Layers are counted from 1: `2 FullyConnected`.
    fn layer_name(&self, k: usize) -> String {
        format!("{} {}", k + 1, self.layers[k].name())
    }
}

impl Network<f32> {
    /// A network for training: the fast voice, on `threads` threads (0: as many as there are cores).
    ///
    /// # Errors
    /// As [`Network::new`], and when the threads cannot be started.
    pub fn fast(input: Shape, specs: &[Spec], habits: Habits, seed: u64, threads: usize) -> Result<Self> {
        let mut network = Network::new(input, specs, habits, seed)?;
        network.set_threads(threads)?;
        Ok(network)
    }

    /// Goes on with the fast voice, on `threads` threads (0: as many as there are cores).
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn set_threads(&mut self, threads: usize) -> Result<()> {
        self.threads = Arc::new(Threads::new(threads)?);
        self.voice = Box::new(Fast::new(self.threads.clone()));
        Ok(())
    }

    fn check(&self, x: &ArrayView2<f32>) -> Result<()> {
        if x.ncols() != self.input().len() || x.nrows() == 0 {
            let got = format!("{} rows of {} numbers", x.nrows(), x.ncols());
            return Err(Error::shape(
                "network",
                format!("rows of {} ({} numbers)", self.input(), self.input().len()),
                got,
            ));
        }
        Ok(())
    }

    fn check_batch(&self, batch: &Batch) -> Result<()> {
        self.check(&batch.x)?;
        let (n, classes) = (batch.x.nrows(), self.signals[self.layers.len()].shape.len());
        match batch.labels.iter().find(|&&y| usize::from(y) >= classes) {
            Some(y) => Err(Error::input(format!("label {y}: this network knows classes below {classes}"))),
            None if batch.labels.len() != n => {
                Err(Error::shape("mini-batch", format!("{n} labels"), format!("{} labels", batch.labels.len())))
            }
            None => Ok(()),
        }
    }
}

impl Learner for Network<f32> {
    fn input(&self) -> Shape {
        Network::input(self)
    }

    fn train(&mut self, batch: &Batch, step: &Step) -> Result<f64> {
        self.check_batch(batch)?;
        let x = batch.x.as_standard_layout();
        let x = x.as_slice().expect("standard layout");
        let threads = self.threads.clone();
        let cost = threads.run(|| Network::step(self, x, batch.labels, step));
        if cost.is_finite() {
            return Ok(cost);
        }
        let layer = self.broken().unwrap_or_else(|| self.layer_name(self.layers.len() - 1));
        Err(Error::diverged(format!("the cost is {cost}: layer {layer} has left the finite numbers")))
    }

    fn probabilities(&mut self, x: ArrayView2<f32>) -> Result<Array2<f32>> {
        self.check(&x)?;
        let x = x.as_standard_layout();
        let x = x.as_slice().expect("standard layout");
        let threads = self.threads.clone();
        Ok(threads.run(|| self.forward(x, Pass::Evaluate).to_owned()))
    }

    fn norms(&mut self, batch: &Batch, step: &Step) -> Result<Vec<LayerNorms>> {
        self.check_batch(batch)?;
        if let Some(layer) = self.broken() {
            return Err(Error::diverged(format!("layer {layer} has left the finite numbers")));
        }
        let x = batch.x.as_standard_layout();
        let x = x.as_slice().expect("standard layout");
        let threads = self.threads.clone();
        threads.run(|| _ = self.gradient(x, batch.labels, Pass::Train { iteration: step.iteration }));
        let norm = |a: &ArrayD<f32>| a.iter().map(|x| x.f64().powi(2)).sum::<f64>().sqrt();
        let layers = self.layers.iter().enumerate();
        let norms = layers.filter_map(|(k, layer)| {
            let p = layer.parameters()?;
            let (dw, _) = p.gradient()?;
            Some(LayerNorms { layer: self.layer_name(k), weights: norm(&p.w), gradient: norm(dw) })
        });
        Ok(norms.collect())
    }

    fn state(&self) -> Vec<(String, ArrayD<f32>)> {
        let layers = self.layers.iter().enumerate().filter_map(|(k, layer)| Some((k, layer.parameters()?)));
        let tensors = layers.flat_map(|(k, p)| p.state().map(move |(name, a)| (format!("{k}.{name}"), a.clone())));
        tensors.collect()
    }

    fn restore(&mut self, state: &[(String, ArrayD<f32>)]) -> Result<()> {
        for (name, from) in state {
            let (k, tensor) = name.split_once('.').unwrap_or(("", name));
            let layer = k.parse().ok().and_then(|k: usize| self.layers.get_mut(k));
            let Some(to) = layer.and_then(|layer| layer.parameters_mut()).and_then(|p| p.state_mut(tensor)) else {
                return Err(Error::input(format!("this network has no tensor {name:?}")));
            };
            if to.shape() != from.shape() {
                return Err(Error::shape(name, format!("{:?}", to.shape()), format!("{:?}", from.shape())));
            }
            to.assign(from);
        }
        Ok(())
    }
}

/// What the layers will be: sizes follow from the input, layer by layer.
pub(crate) fn plan(input: Shape, specs: &[Spec], habits: &Habits) -> Result<Vec<Plan>> {
    let mut shape = input;
    let plan = |(k, spec): (usize, &Spec)| {
        let number = format!("layer {} ({spec})", k + 1);
        if matches!(spec, Spec::Softmax { .. }) != (k + 1 == specs.len()) {
            return Err(Error::input(format!("{number}: a network ends with its only softmax layer")));
        }
        let plan = Plan::new(spec, shape, habits.ties).map_err(|e| e.context(number))?;
        shape = plan.output_shape();
        Ok(plan)
    };
    if specs.is_empty() {
        return Err(Error::input("a network needs at least a softmax layer"));
    }
    specs.iter().enumerate().map(plan).collect()
}

/// Layers from their descriptions.
fn build<R: Real>(input: Shape, specs: &[Spec], habits: &Habits, seed: u64) -> Result<Vec<Box<dyn Layer<R>>>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let plans = plan(input, specs, habits)?.into_iter().enumerate();
    let layers = plans.map(|(k, plan)| {
        let before = k.checked_sub(1).and_then(|k| activation(&specs[k]));
        // The shared stream is one and the same for every layer of every network.
        let stream = match habits.masks {
            Masks::Shared => 0,
            Masks::Independent => seed.wrapping_mul(1_000_003).wrapping_add(k as u64 + 1),
        };
        plan.build(Place { before, stream }, habits, &mut random)
    });
    Ok(layers.collect())
}

/// The function at the end of a layer.
fn activation(spec: &Spec) -> Option<Activation> {
    match spec {
        Spec::ConvPool { activation, .. } | Spec::Conv { activation, .. } => Some(*activation),
        Spec::FullyConnected { activation, .. } => Some(*activation),
        Spec::Pool { .. } | Spec::Softmax { .. } => None,
    }
}

/// A table: layer, output shape, parameters.
impl<R: Real> fmt::Display for Network<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Eighty columns, as far as the layers' own descriptions allow.
        let mut row = |n: &dyn fmt::Display, what: &str, shape: &str, count: &str| {
            let row = format!("{n:>2}  {what:<52} {shape:>9} {count:>12}");
            writeln!(f, "{}", row.trim_end())
        };
        row(&"", "layer", "output", "parameters")?;
        row(&"", "input", &self.input().to_string(), "")?;
        for (k, (spec, layer)) in self.specs.iter().zip(&self.layers).enumerate() {
            let count = layer.parameters().map_or(0, Parameters::count);
            row(&(k + 1), &spec.to_string(), &layer.output_shape().to_string(), &thousands(count))?;
        }
        row(&"", "total", "", &thousands(self.parameter_count()))
    }
}
