//! A network as something that can be trained.

use super::{Network, layer_name, tensor_name};
use crate::data::{Examples, Label};
use crate::layer::Parameters;
use crate::learner::{LayerNorms, Learner, State, Step};
use crate::ops::dropout::Pass;
use crate::{Error, Result, Shape, Threads};
use ndarray::{Array2, ArrayD};
use std::sync::Arc;

impl Network<f32> {
    /// Gathers examples into the network's own memory.
    ///
    /// # Errors
    /// When they are not of its shape.
    fn gather(&mut self, examples: &Examples) -> Result<()> {
        check_shape(self, examples)?;
        examples.gather_on(&self.threads, &mut self.x, &mut self.labels);
        Ok(())
    }

    /// The same, when their labels are to be learned.
    ///
    /// # Errors
    /// When they are not of its shape, or a label is not one of its classes.
    fn gather_labelled(&mut self, examples: &Examples) -> Result<()> {
        self.gather(examples)?;
        check_labels(self, self.labels.iter().copied())
    }

    /// Runs `f` with the mini-batch that was gathered.
    fn with_batch<T: Send>(&mut self, f: impl FnOnce(&mut Self, &[f32], &[Label]) -> T + Send) -> T {
        let (x, labels) = (std::mem::take(&mut self.x), std::mem::take(&mut self.labels));
        let threads = self.threads.clone();
        let result = threads.run(|| f(self, &x, &labels));
        (self.x, self.labels) = (x, labels);
        result
    }

    /// The first layer with a parameter that is not a finite number, by name.
    pub(crate) fn broken(&self) -> Option<String> {
        let finite = |p: &Parameters<f32>| p.w.iter().chain(&p.b).all(|x| x.is_finite());
        let (path, name, _) = self.parameters().into_iter().find(|(.., p)| !finite(p))?;
        Some(layer_name(&path, name))
    }
}

/// # Errors
/// When examples are not of the network's shape.
fn check_shape(network: &Network<f32>, examples: &Examples) -> Result<()> {
    let (input, shape) = (network.input, examples.shape());
    // A flat one says nothing of height and width, so it fits whatever has as many numbers.
    let flat = matches!(input, Shape::Flat(_)) || matches!(shape, Shape::Flat(_));
    if shape.len() != input.len() || !flat && shape != input {
        let expected = format!("images of {input} ({} numbers)", input.len());
        return Err(Error::shape("network", expected, shape));
    }
    Ok(())
}

/// # Errors
/// When a label is not one of the network's classes.
fn check_labels(network: &Network<f32>, mut labels: impl Iterator<Item = Label>) -> Result<()> {
    let classes = network.output().len();
    match labels.find(|&y| usize::from(y) >= classes) {
        Some(y) => Err(Error::input(format!("label {y}: this network knows classes below {classes}"))),
        None => Ok(()),
    }
}

/// Do examples fit a network, and, where they are to be learned, their labels?
///
/// # Errors
/// When they do not.
#[cfg(feature = "opencl")]
pub(crate) fn check_examples(network: &Network<f32>, examples: &Examples, labelled: bool) -> Result<()> {
    check_shape(network, examples)?;
    let labels = examples.which().iter().map(|&k| examples.set().label(k as usize));
    if labelled { check_labels(network, labels) } else { Ok(()) }
}

impl Learner for Network<f32> {
    fn input(&self) -> Shape {
        self.input
    }

    fn train(&mut self, examples: &Examples, step: &Step) -> Result<()> {
        self.gather_labelled(examples)?;
        let cost = self.with_batch(|network, x, labels| network.step(x, labels, step));
        if !cost.is_finite() {
            let last = self.layers().len() - 1;
            let layer = self.broken().unwrap_or_else(|| layer_name(&[last], self.layers()[last].name()));
            return Err(Error::diverged(format!("the cost is {cost}: layer {layer} has left the finite numbers")));
        }
        let (total, n) = self.untold;
        self.untold = (total + cost * examples.len() as f64, n + examples.len());
        Ok(())
    }

    fn mean_cost(&mut self) -> Result<f64> {
        let (total, n) = std::mem::take(&mut self.untold);
        Ok(total / n as f64)
    }

    fn probabilities(&mut self, examples: &Examples) -> Result<Array2<f32>> {
        self.gather(examples)?;
        Ok(self.with_batch(|network, x, _| network.forward(x, Pass::Evaluate).to_owned()))
    }

    fn norms(&mut self, examples: &Examples, step: &Step) -> Result<Vec<LayerNorms>> {
        self.gather_labelled(examples)?;
        if let Some(layer) = self.broken() {
            return Err(Error::diverged(format!("layer {layer} has left the finite numbers")));
        }
        let pass = Pass::Train { iteration: step.iteration };
        self.with_batch(|network, x, labels| _ = network.gradient(x, labels, pass));
        let norm = |a: &ArrayD<f32>| a.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        let norms = self.parameters().into_iter().filter_map(|(path, name, p)| {
            let (dw, _) = p.gradient()?;
            Some(LayerNorms { layer: layer_name(&path, name), weights: norm(&p.w), gradient: norm(dw) })
        });
        Ok(norms.collect())
    }

    fn state(&self) -> State {
        let tensors = self.parameters().into_iter().flat_map(|(path, _, p)| {
            p.state().map(move |(name, a)| (tensor_name(&path, name), a.clone())).collect::<Vec<_>>()
        });
        tensors.collect()
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        let mut parameters = self.parameters_mut();
        for (name, from) in state {
            let to = parameters.iter_mut().find_map(|(path, p)| {
                let tensor = name.strip_prefix(&tensor_name(path, ""))?;
                p.state_mut(tensor)
            });
            let Some(to) = to else {
                return Err(Error::input(format!("this network has no tensor {name:?}")));
            };
            if to.shape() != from.shape() {
                return Err(Error::shape(name, format!("{:?}", to.shape()), format!("{:?}", from.shape())));
            }
            to.assign(from);
        }
        Ok(())
    }

    fn threads(&self) -> Arc<Threads> {
        self.threads.clone()
    }
}
