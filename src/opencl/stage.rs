//! The layers on a device.

use super::affine::AffineKernels;
use super::batch_norm::BatchNormStage;
use super::conv::{ConvPoolKernels, ConvPoolNotes};
use super::parameters::Learned;
use super::pointwise::{ActivationKernels, ConcatKernels, DropoutKernels, OutputKernels, UpdateKernels};
use super::pool::{NormaliseKernels, PoolKernels};
use super::queue::Buffer;
use super::row::{Row, Run};
use super::{Device, Kernels};
use crate::cost::{Cost, Start};
use crate::layer::{Parameters, Plan, stream};
use crate::learner::Step;
use crate::network::layer_name;
use crate::ops::{Activation, Affine};
use crate::{Error, Habits, Pass, Result, Shape};

/// The path to a layer, its name, and its parameters on the host.
type OfLayer<'a> = (Vec<usize>, &'static str, &'a Parameters<f32>);

/// What layers are built from.
pub struct Builder<'a> {
    pub device: &'a Device,
    pub kernels: Kernels,
    pub habits: Habits,
    /// The parameters of each network on the host, in the order of its layers.
    pub parameters: Vec<std::vec::IntoIter<OfLayer<'a>>>,
}

impl Builder<'_> {
    fn learned(&mut self) -> Result<Learned> {
        let missing = || Error::input("the host's network has fewer parameters than its plan");
        let layers: Option<Vec<_>> = self.parameters.iter_mut().map(Iterator::next).collect();
        let layers = layers.filter(|layers| !layers.is_empty()).ok_or_else(missing)?;
        let all: Vec<_> = layers.iter().map(|&(_, _, p)| p).collect();
        Learned::new(self.device, layer_name(&layers[0].0, layers[0].1), &all)
    }
}

/// A layer: what [`Layer`](crate::layer::Layer) is on the host.
pub enum Stage {
    /// Convolution, pooling, bias, activation.
    ConvPool { kernels: Box<ConvPoolKernels>, learned: Learned, notes: Option<ConvPoolNotes> },
    /// Pooling.
    Pool(PoolKernels),
    /// Local response normalisation of so many units.
    Normalise { kernels: NormaliseKernels, units: usize },
    /// Batch normalisation.
    BatchNorm(Box<BatchNormStage>),
    /// Every input to every neuron.
    FullyConnected(Dense),
    /// The same, into probabilities.
    Softmax { dense: Dense, kernels: OutputKernels },
    /// Rows side by side.
    Branches { rows: Vec<Row>, kernels: ConcatKernels, update: UpdateKernels, input: Shape, output: Shape },
    /// A classifier on the way.
    SideClassifier { row: Box<Row>, weight: f64, kernels: OutputKernels, update: UpdateKernels, input: Shape },
}

/// A fully-connected layer.
pub struct Dense {
    op: Affine,
    kernels: AffineKernels,
    activation: ActivationKernels,
    learned: Learned,
    dropout: Option<DropoutKernels>,
    /// What dropout has left of the inputs.
    left: Option<Buffer<f32>>,
}

impl Dense {
    fn new(b: &mut Builder, op: &Affine, f: Activation, p: f64, streams: &[u64]) -> Result<Self> {
        let dropout = (p > 0.0).then(|| DropoutKernels::new(b.device, op.inputs, p, streams));
        Ok(Dense {
            op: *op,
            kernels: AffineKernels::new(b.device, op, f, b.kernels)?,
            activation: ActivationKernels::new(b.device, f)?,
            learned: b.learned()?,
            dropout: dropout.transpose()?,
            left: None,
        })
    }

    fn make_room(&mut self, device: &Device, n: usize) -> Result<()> {
        let left = |_: &DropoutKernels| device.buffer("what dropout leaves of a layer's inputs", n * self.op.inputs);
        self.left = self.dropout.as_ref().map(left).transpose()?;
        Ok(())
    }

    fn forward(&self, run: &Run, x: &Buffer<f32>, y: &Buffer<f32>) -> Result<()> {
        let mut x = x;
        if let (Some(dropout), Some(left)) = (&self.dropout, &self.left) {
            dropout.run(run.load, run.pass, x, left)?;
            x = left;
        }
        self.kernels.forward(run.load, x, self.learned.values(), y)
    }

    fn backward(
        &mut self,
        run: &Run,
        [x, y, dy]: [&Buffer<f32>; 3],
        dx: Option<&Buffer<f32>>,
        start: Start,
        step: Option<&Step>,
    ) -> Result<()> {
        if start == Start::Output {
            self.activation.backward(run.load.all() * self.op.outputs, y, dy)?;
        }
        if let Some(dx) = dx {
            self.kernels.input_gradient(run.load, dy, self.learned.values()[0], dx)?;
            if let Some(dropout) = &self.dropout {
                dropout.run(run.load, run.pass, dx, dx)?;
            }
        }
        let x = self.left.as_ref().unwrap_or(x);
        self.kernels.weight_gradient(run.load, x, dy, self.learned.targets(run.device, step)?)
    }
}

/// Maps of an image, and its units: places where each map has a number.
fn maps_and_units(shape: Shape) -> (usize, usize) {
    match shape {
        Shape::Image { maps, height, width } => (maps, height * width),
        Shape::Flat(n) => (n, 1),
    }
}

impl Stage {
    /// # Errors
    /// When the device has no room, or cannot build a kernel.
    pub fn new(b: &mut Builder, plan: &Plan, seeds: &[u64], k: usize, path: &[usize]) -> Result<Self> {
        let streams: Vec<u64> = seeds.iter().map(|&seed| stream(&b.habits, seed, k)).collect();
        Ok(match plan {
            Plan::ConvPool(op) => Stage::ConvPool {
                kernels: Box::new(ConvPoolKernels::new(b.device, op, b.kernels)?),
                learned: b.learned()?,
                notes: None,
            },
            Plan::Pool(op) => Stage::Pool(PoolKernels::new(b.device, op)?),
            Plan::Normalise(op, shape) => {
                Stage::Normalise { kernels: NormaliseKernels::new(b.device, op)?, units: shape.len() / op.maps }
            }
            Plan::BatchNorm(op, shape) => {
                let (units, learned) = (shape.len() / op.channels, b.learned()?);
                Stage::BatchNorm(Box::new(BatchNormStage::new(b.device, op, units, learned, seeds.len())?))
            }
            Plan::FullyConnected { op, activation, dropout } => {
                Stage::FullyConnected(Dense::new(b, op, *activation, *dropout, &streams)?)
            }
            Plan::Softmax { op, dropout } => Stage::Softmax {
                dense: Dense::new(b, op, Activation::Linear, *dropout, &streams)?,
                kernels: OutputKernels::new(b.device)?,
            },
            Plan::Branches { input, rows, output } => {
                let mut branches = vec![];
                for (k, row) in rows.iter().enumerate() {
                    let seeds: Vec<u64> = streams.iter().map(|stream| stream.wrapping_add(k as u64)).collect();
                    branches.push(Row::new(b, *input, row, &seeds, &[path, &[k]].concat())?);
                }
                let (kernels, update) = (ConcatKernels::new(b.device)?, UpdateKernels::new(b.device)?);
                Stage::Branches { rows: branches, kernels, update, input: *input, output: *output }
            }
            Plan::SideClassifier { input, weight, row } => {
                let row = Box::new(Row::new(b, *input, row, &streams, path)?);
                let (kernels, update) = (OutputKernels::new(b.device)?, UpdateKernels::new(b.device)?);
                Stage::SideClassifier { row, weight: *weight, kernels, update, input: *input }
            }
        })
    }

    /// Makes room for `n` examples.
    ///
    /// # Errors
    /// When the device has none.
    pub fn make_room(&mut self, device: &Device, n: usize) -> Result<()> {
        match self {
            Stage::ConvPool { kernels, notes, .. } => *notes = Some(kernels.notes(n)?),
            Stage::FullyConnected(dense) | Stage::Softmax { dense, .. } => dense.make_room(device, n)?,
            Stage::Branches { rows, .. } => rows.iter_mut().try_for_each(|row| row.make_room(device, n))?,
            Stage::SideClassifier { row, .. } => row.make_room(device, n)?,
            Stage::Pool(_) | Stage::Normalise { .. } | Stage::BatchNorm(_) => {}
        }
        Ok(())
    }

    /// Computes `y` for `x`.
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn forward(&mut self, run: &Run, x: &Buffer<f32>, y: &Buffer<f32>) -> Result<()> {
        let n = run.load.all();
        match self {
            Stage::ConvPool { kernels, learned, notes } => {
                notes.as_ref().map_or(Ok(()), |notes| kernels.forward(run.load, x, learned.values(), y, notes))
            }
            Stage::Pool(kernels) => kernels.forward(n, x, y),
            Stage::Normalise { kernels, units } => kernels.forward(n * *units, x, y),
            Stage::BatchNorm(stage) => stage.forward(run, x, y),
            Stage::FullyConnected(dense) => dense.forward(run, x, y),
            Stage::Softmax { dense, kernels } => {
                dense.forward(run, x, y)?;
                kernels.softmax(n, dense.op.outputs, y)
            }
            Stage::Branches { rows, kernels, output, .. } => {
                let ((all, units), mut first) = (maps_and_units(*output), 0);
                for row in rows {
                    row.forward(run, x)?;
                    let (maps, _) = maps_and_units(row.output_shape());
                    row.output().map_or(Ok(()), |[part, _]| kernels.concat(n * units, (all, first, maps), part, y))?;
                    first += maps;
                }
                Ok(())
            }
            Stage::SideClassifier { row, weight, kernels, input, .. } => {
                run.device.copy(x, y, n * input.len())?;
                if run.pass == Pass::Evaluate {
                    return Ok(());
                }
                row.forward(run, x)?;
                let (classes, cost) = (row.output_shape().len(), (Cost::LogLikelihood, *weight));
                let cost =
                    |[a, d]: [_; 2]| kernels.cost((run.load, classes), cost, &run.batch.labels, [a, d], run.costs);
                row.output().map_or(Ok(()), cost)
            }
        }
    }

    /// The gradients of the parameters, and what becomes of them; and `dx`, where it is wanted. `dy` is used up.
    pub fn backward(
        &mut self,
        run: &Run,
        [x, y, dy]: [&Buffer<f32>; 3],
        dx: Option<&Buffer<f32>>,
        start: Start,
        step: Option<&Step>,
    ) -> Result<()> {
        let n = run.load.all();
        match self {
            Stage::ConvPool { kernels, learned, notes } => {
                let Some(notes) = notes else { return Ok(()) };
                // Borrowed one after the other: what becomes of the gradients is decided first.
                let targets = learned.targets(run.device, step)?;
                kernels.backward(run.load, [x, y, dy], dx, targets, notes)
            }
            Stage::Pool(kernels) => dx.map_or(Ok(()), |dx| kernels.backward(n, x, dy, dx)),
            Stage::Normalise { kernels, units } => dx.map_or(Ok(()), |dx| kernels.backward(n * *units, x, dy, dx)),
            Stage::BatchNorm(stage) => stage.backward(run, [x, dy], dx, step),
            Stage::FullyConnected(dense) => dense.backward(run, [x, y, dy], dx, start, step),
            Stage::Softmax { dense, kernels } => {
                if start == Start::Output {
                    kernels.softmax_backward(n, dense.op.outputs, y, dy)?;
                }
                dense.backward(run, [x, y, dy], dx, Start::WeightedInput, step)
            }
            Stage::Branches { rows, kernels, update, input, output } => {
                let ((all, units), mut first) = (maps_and_units(*output), 0);
                dx.map_or(Ok(()), |dx| run.device.clear(dx))?;
                for row in rows {
                    let (maps, _) = maps_and_units(row.output_shape());
                    row.output().map_or(Ok(()), |[_, part]| kernels.split(n * units, (all, first, maps), dy, part))?;
                    first += maps;
                    row.backward(run, x, Start::Output, step)?;
                    if let (Some(dx), Some(of_row)) = (dx, row.input_gradient()) {
                        update.add(n * input.len(), of_row, dx)?;
                    }
                }
                Ok(())
            }
            Stage::SideClassifier { row, update, input, .. } => {
                row.backward(run, x, Start::WeightedInput, step)?;
                let (Some(dx), Some(of_row)) = (dx, row.input_gradient()) else { return Ok(()) };
                run.device.copy(dy, dx, n * input.len())?;
                update.add(n * input.len(), of_row, dx)
            }
        }
    }

    /// Shows what the layer, and layers within it, have learned.
    pub fn learned<'a>(&'a self, see: &mut dyn FnMut(&'a Learned)) {
        match self {
            Stage::ConvPool { learned, .. } => see(learned),
            Stage::BatchNorm(stage) => see(stage.learned()),
            Stage::FullyConnected(dense) | Stage::Softmax { dense, .. } => see(&dense.learned),
            Stage::Branches { rows, .. } => rows.iter().for_each(|row| row.learned(see)),
            Stage::SideClassifier { row, .. } => row.learned(see),
            Stage::Pool(_) | Stage::Normalise { .. } => {}
        }
    }

    /// The same, to be changed.
    pub fn learned_mut<'a>(&'a mut self, see: &mut dyn FnMut(&'a mut Learned)) {
        match self {
            Stage::ConvPool { learned, .. } => see(learned),
            Stage::BatchNorm(stage) => see(stage.learned_mut()),
            Stage::FullyConnected(dense) | Stage::Softmax { dense, .. } => see(&mut dense.learned),
            Stage::Branches { rows, .. } => rows.iter_mut().for_each(|row| row.learned_mut(see)),
            Stage::SideClassifier { row, .. } => row.learned_mut(see),
            Stage::Pool(_) | Stage::Normalise { .. } => {}
        }
    }
}
