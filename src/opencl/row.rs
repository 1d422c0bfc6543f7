//! Layers in a row on a device, and the signals between them.

use super::parameters::Learned;
use super::queue::Buffer;
use super::stage::{Builder, Stage};
use super::{Device, Load, data::Batch, pointwise::Costs};
use crate::cost::Start;
use crate::layer::Plan;
use crate::learner::Step;
use crate::{Pass, Result, Shape};

/// Layers in a row: what [`layer::Row`](crate::layer::Row) is on the host.
pub struct Row {
    stages: Vec<Stage>,
    input: Shape,
    outputs: Vec<Shape>,
    /// What comes out of each layer.
    signals: Vec<Signal>,
    /// ∂C/∂x of the row's input, where it is a branch.
    dx: Option<Buffer<f32>>,
    /// Where in the network it is, for messages: empty for the whole of it.
    path: Vec<usize>,
}

/// A mini-batch between two layers.
struct Signal {
    y: Buffer<f32>,
    dy: Buffer<f32>,
}

/// What a pass over the layers needs to know.
pub struct Run<'a> {
    /// Where it takes place.
    pub device: &'a Device,
    /// How many networks and examples there are.
    pub load: Load,
    /// Whether the network is trained or asked.
    pub pass: Pass,
    /// The mini-batch.
    pub batch: &'a Batch,
    /// Where costs are added up, for each example of a mini-batch.
    pub costs: &'a Costs,
}

impl Row {
    /// Layers that fit each other, with the host's parameters; each network's seed is that of [`Plan::build`].
    ///
    /// # Errors
    /// When the device has no room, or cannot build a kernel.
    pub fn new(builder: &mut Builder, input: Shape, plans: &[Plan], seeds: &[u64], path: &[usize]) -> Result<Self> {
        let mut stages = vec![];
        for (k, plan) in plans.iter().enumerate() {
            stages.push(Stage::new(builder, plan, seeds, k, &[path, &[k]].concat())?);
        }
        let outputs = plans.iter().map(Plan::output_shape).collect();
        Ok(Row { stages, input, outputs, signals: vec![], dx: None, path: path.to_vec() })
    }

    /// Makes room for `n` examples.
    ///
    /// # Errors
    /// When the device has none: says for which layer's signals.
    pub fn make_room(&mut self, device: &Device, n: usize) -> Result<()> {
        // What there was goes first.
        (self.signals, self.dx) = (vec![], None);
        for (k, (stage, shape)) in self.stages.iter_mut().zip(&self.outputs).enumerate() {
            let path: Vec<_> = self.path.iter().chain([&k]).map(|k| (k + 1).to_string()).collect();
            let room = |what: &str| device.buffer(&format!("{what} of layer {}", path.join(".")), n * shape.len());
            self.signals.push(Signal { y: room("the outputs")?, dy: room("the gradients")? });
            stage.make_room(device, n)?;
        }
        if !self.path.is_empty() {
            self.dx = Some(device.buffer("the gradient at a branch's input", n * self.input.len())?);
        }
        Ok(())
    }

    /// The last layer's output, and where its gradient is to be.
    pub fn output(&self) -> Option<[&Buffer<f32>; 2]> {
        self.signals.last().map(|signal| [&signal.y, &signal.dy])
    }

    /// The shape of one output.
    pub fn output_shape(&self) -> Shape {
        self.outputs.last().copied().unwrap_or(self.input)
    }

    /// ∂C/∂x of the last backward pass, of a branch.
    pub fn input_gradient(&self) -> Option<&Buffer<f32>> {
        self.dx.as_ref()
    }

    /// Sends inputs through all layers.
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn forward(&mut self, run: &Run, x: &Buffer<f32>) -> Result<()> {
        for (k, stage) in self.stages.iter_mut().enumerate() {
            let x = if k == 0 { x } else { &self.signals[k - 1].y };
            stage.forward(run, x, &self.signals[k].y)?;
        }
        Ok(())
    }

    /// From the last layer to the first; the gradient that it starts from stands at the [`output`](Row::output).
    pub fn backward(&mut self, run: &Run, x: &Buffer<f32>, start: Start, step: Option<&Step>) -> Result<()> {
        let last = self.stages.len() - 1;
        for (k, stage) in self.stages.iter_mut().enumerate().rev() {
            let (x, dx) = match k {
                0 => (x, self.dx.as_ref()),
                k => (&self.signals[k - 1].y, Some(&self.signals[k - 1].dy)),
            };
            let Signal { y, dy } = &self.signals[k];
            stage.backward(run, [x, y, dy], dx, if k == last { start } else { Start::Output }, step)?;
        }
        Ok(())
    }

    /// Shows what all layers have learned, in the order of the host's network.
    pub fn learned<'a>(&'a self, see: &mut dyn FnMut(&'a Learned)) {
        self.stages.iter().for_each(|stage| stage.learned(see));
    }

    /// The same, to be changed.
    pub fn learned_mut<'a>(&'a mut self, see: &mut dyn FnMut(&'a mut Learned)) {
        self.stages.iter_mut().for_each(|stage| stage.learned_mut(see));
    }
}
