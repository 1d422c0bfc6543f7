//! Batch normalisation on a device.

use super::parameters::Learned;
use super::queue::{Arg, Buffer, Kernel};
use super::row::Run;
use super::target::Targets;
use super::{Defines, Device, Load, sources};
use crate::layer::RUNNING_RATE;
use crate::learner::Step;
use crate::ops::{BatchNorm, batch_norm::unbiased};
use crate::{Pass, Result};

/// Work-items that share the sums of a channel: as many as work in step on most graphics processors. On a processor
/// they come one after the other.
const LANES: usize = 32;

/// Numbers for each channel of each network: μ and σ², or the gradients of γ and β.
pub type Pair = [Buffer<f32>; 2];

/// The kernels of batch normalisation.
pub struct BatchNormKernels {
    device: Device,
    op: BatchNorm,
    lanes: usize,
    moments: Kernel,
    forward: Kernel,
    gradients: Kernel,
    input_gradient: Kernel,
    follow: Kernel,
    run: Kernel,
}

impl BatchNormKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device, op: &BatchNorm) -> Result<Self> {
        let lanes = LANES.min(device.description().work_group.max(1));
        let defines = Defines::default().with("CHANNELS", op.channels).with("LANES", lanes);
        let defines = defines.with("EPSILON", format!("{:?}f", op.epsilon as f32));
        let program = device.program(&defines, &[sources::UPDATE, sources::BATCH_NORM])?;
        let kernel = |name| device.kernel(&program, name);
        Ok(BatchNormKernels {
            device: device.clone(),
            op: *op,
            lanes,
            moments: kernel("batch_moments")?,
            forward: kernel("batch_norm_forward")?,
            gradients: kernel("batch_norm_gradients")?,
            input_gradient: kernel("batch_norm_input_gradient")?,
            follow: kernel("batch_norm_follow")?,
            run: kernel("batch_norm_run")?,
        })
    }

    /// Room for two numbers for each channel of so many networks.
    ///
    /// # Errors
    /// When the device has none.
    pub fn room(&self, what: &str, networks: usize) -> Result<Pair> {
        let room = || self.device.buffer(what, networks * self.op.channels);
        Ok([room()?, room()?])
    }

    /// μ and σ² of each network's mini-batch. The load counts units in place of examples.
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn moments(&self, units: Load, x: &Buffer<f32>, [mean, variance]: [&Buffer<f32>; 2]) -> Result<()> {
        let args = [units.arg(), x.arg(), mean.arg(), variance.arg()];
        self.for_each_channel(&self.moments, units, &args)
    }

    /// y = γ r (x − μ) + β
    pub fn forward(
        &self,
        units: Load,
        x: &Buffer<f32>,
        [mean, variance]: [&Buffer<f32>; 2],
        [w, b]: [&Buffer<f32>; 2],
        y: &Buffer<f32>,
    ) -> Result<()> {
        let args = [units.arg(), x.arg(), mean.arg(), variance.arg(), w.arg(), b.arg(), y.arg()];
        self.device.launch(&self.forward, [self.op.channels, units.all(), 1], None, &args)
    }

    /// ∂C/∂x where it is wanted, with γ as it is before the step; then what becomes of the gradients of γ and β, for
    /// which there is room in `gradients`.
    pub fn backward(
        &self,
        units: Load,
        [x, dy]: [&Buffer<f32>; 2],
        ([mean, variance], of_batch): ([&Buffer<f32>; 2], bool),
        dx: Option<&Buffer<f32>>,
        gradients: &Pair,
        targets: Targets,
    ) -> Result<()> {
        let [dgamma, dbeta] = gradients;
        let args = [units.arg(), x.arg(), dy.arg(), mean.arg(), variance.arg(), dgamma.arg(), dbeta.arg()];
        self.for_each_channel(&self.gradients, units, &args)?;
        let ([tw, w, rw], [tb, b, rb]) = (targets.w.args(), targets.b.args());
        if let Some(dx) = dx {
            let part = Arg::Float(if of_batch { 1.0 / units.examples as f32 } else { 0.0 });
            let given = [units.arg(), part, x.arg(), dy.arg(), mean.arg(), variance.arg()];
            let args = [&given[..], &[w, dgamma.arg(), dbeta.arg(), dx.arg()]].concat();
            self.device.launch(&self.input_gradient, [self.op.channels, units.all(), 1], None, &args)?;
        }
        let args = [dgamma.arg(), dbeta.arg(), tw, w, rw, tb, b, rb];
        self.device.launch(&self.follow, [units.networks * self.op.channels, 1, 1], None, &args)
    }

    /// Moves the running moments.
    pub fn run(&self, units: Load, [mean, variance]: &Pair, [to_mean, to_variance]: [&Buffer<f32>; 2]) -> Result<()> {
        let rates = [Arg::Float(RUNNING_RATE as f32), Arg::Float(unbiased(units.examples) as f32)];
        let args = [&rates[..], &[mean.arg(), variance.arg(), to_mean.arg(), to_variance.arg()]].concat();
        self.device.launch(&self.run, [units.networks * self.op.channels, 1, 1], None, &args)
    }

    /// A work-group for each channel of each network.
    fn for_each_channel(&self, kernel: &Kernel, units: Load, args: &[Arg]) -> Result<()> {
        let global = [self.lanes, self.op.channels, units.networks];
        self.device.launch(kernel, global, Some([self.lanes, 1, 1]), args)
    }
}

/// A layer of batch normalisation.
pub struct BatchNormStage {
    kernels: BatchNormKernels,
    /// Units of an example.
    units: usize,
    learned: Learned,
    /// Of the last mini-batch.
    moments: Pair,
    /// Of γ and β.
    gradients: Pair,
}

impl BatchNormStage {
    /// # Errors
    /// When the device has no room, or cannot build a kernel.
    pub fn new(device: &Device, op: &BatchNorm, units: usize, learned: Learned, networks: usize) -> Result<Self> {
        let kernels = BatchNormKernels::new(device, op)?;
        let moments = kernels.room("the moments of a mini-batch", networks)?;
        let gradients = kernels.room("the gradients of a normalisation", networks)?;
        Ok(BatchNormStage { kernels, units, learned, moments, gradients })
    }

    /// What it has learned.
    pub fn learned(&self) -> &Learned {
        &self.learned
    }

    /// The same, to be changed.
    pub fn learned_mut(&mut self) -> &mut Learned {
        &mut self.learned
    }

    /// Units of each network.
    fn load(&self, run: &Run) -> Load {
        Load { examples: run.load.examples * self.units, ..run.load }
    }

    /// # Errors
    /// When the device is lost.
    pub fn forward(&self, run: &Run, x: &Buffer<f32>, y: &Buffer<f32>) -> Result<()> {
        let load = self.load(run);
        let moments = match run.pass {
            Pass::Train { .. } => {
                self.kernels.moments(load, x, self.moments.each_ref())?;
                self.moments.each_ref()
            }
            Pass::Evaluate => self.learned.moments()?,
        };
        self.kernels.forward(load, x, moments, self.learned.values(), y)
    }

    /// Of a training pass, so by the moments of the mini-batch.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn backward(
        &mut self,
        run: &Run,
        x_and_dy: [&Buffer<f32>; 2],
        dx: Option<&Buffer<f32>>,
        step: Option<&Step>,
    ) -> Result<()> {
        let load = self.load(run);
        if step.is_some() {
            self.kernels.run(load, &self.moments, self.learned.moments()?)?;
        }
        let targets = self.learned.targets(run.device, step)?;
        self.kernels.backward(load, x_and_dy, (self.moments.each_ref(), true), dx, &self.gradients, targets)
    }
}
