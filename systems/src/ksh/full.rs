//! The whole network, at work: how long a forward pass and a step of training take, and how near that comes to the
//! limit.

use super::network::{SIDE, full};
use crate::kit::limit::{self, Rate, Time};
use network3::{Label, Learner, Network, Pass, Result, Shape, Spec, Step, layer};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

/// A layer of a network, as the book's tables have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What it does.
    pub layer: String,
    /// The shape of what it gives.
    pub output: String,
    /// What it learns.
    pub parameters: usize,
}

/// A network in the paper's size, and how fast it is here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Full {
    /// All weights and biases.
    pub parameters: usize,
    /// Those that an answer depends on: without side classifiers.
    pub main_parameters: usize,
    /// Its layers.
    pub layers: Vec<Line>,
    /// Multiplications, with an addition each, that a core can do in a second, in units of 10⁹.
    pub limit: f64,
    /// A forward pass.
    pub forward: Rate,
    /// A step of training: forward, back, and every parameter moved.
    pub step: Rate,
}

/// KSH's network of the paper.
///
/// # Errors
/// When there is no memory for it.
pub fn measure(threads: usize, images: usize, seed: u64, random: &mut impl Rng) -> Result<Full> {
    of(Shape::image(3, SIDE, SIDE), &full(), (threads, images, seed), random)
}

/// Builds a network, sends images through it, and makes a step of training with them.
///
/// # Errors
/// When its layers do not fit.
pub fn of(
    input: Shape,
    specs: &[Spec],
    (threads, images, seed): (usize, usize, u64),
    random: &mut impl Rng,
) -> Result<Full> {
    let mut network = Network::new(input, specs)?.with_threads(threads)?.with_seed(seed);
    let classes = network.output().len() as Label;
    let x: Vec<f32> = (0..images * input.len()).map(|_| random.random::<f32>() - 0.5).collect();
    let labels: Vec<Label> = (0..images).map(|_| random.random_range(0..classes)).collect();
    let pool = network.threads();
    let limit = limit::multiplications_per_second(&pool);
    // The first pass of each kind also allocates what it needs.
    pool.run(|| _ = network.forward(&x, Pass::Evaluate));
    let forward = Time::of(|| pool.run(|| _ = network.forward(&x, Pass::Evaluate)));
    let mut step = |iteration| {
        let step = Step { eta: 1e-4, decay: 5e-4, momentum: 0.9, iteration };
        Time::of(|| pool.run(|| _ = network.step(&x, &labels, &step)))
    };
    step(0);
    let step = step(1);
    let once = images * layer::multiplications(input, &main_path(specs))?;
    // Back, every layer takes as many again for its weights and as many for its input, and the first needs none of
    // these.
    let all = images * layer::multiplications(input, specs)?;
    let first = images * layer::multiplications(input, &specs[..1])?;
    Ok(Full {
        parameters: network.parameter_count(),
        main_parameters: main_parameters(&network),
        layers: lines(&network),
        limit: crate::kit::round(limit / 1e9, 1),
        forward: Rate::new(images, &forward, threads, once, limit),
        step: Rate::new(images, &step, threads, 3 * all - first, limit),
    })
}

/// The layers that an answer depends on.
pub fn main_path(specs: &[Spec]) -> Vec<Spec> {
    specs.iter().filter(|spec| !matches!(spec, Spec::SideClassifier { .. })).cloned().collect()
}

/// The parameters that an answer depends on.
pub fn main_parameters(network: &Network<f32>) -> usize {
    let main = lines(network).into_iter().zip(network.specs());
    main.filter(|(_, spec)| !matches!(spec, Spec::SideClassifier { .. })).map(|(line, _)| line.parameters).sum()
}

/// A line for each layer.
pub fn lines(network: &Network<f32>) -> Vec<Line> {
    let line = |(spec, layer): (&Spec, &dyn layer::Layer<f32>)| {
        let mut parameters = 0;
        layer.visit(&mut vec![], &mut |_, _, p| parameters += p.count());
        Line { layer: spec.to_string(), output: layer.output_shape().to_string(), parameters }
    };
    let layers = network.layers().iter().map(|layer| &**layer);
    network.specs().iter().zip(layers).map(line).collect()
}
