//! What is done number by number, row by row or map by map: activation, softmax, costs, dropout, concatenation,
//! updates.

use super::queue::{Arg, Buffer, Kernel};
use super::target::Target;
use super::{Defines, Device, Load, sources};
use crate::Result;
use crate::ops::{Activation, dropout};
use crate::{Cost, Pass};

/// The kernels of an activation function.
pub struct ActivationKernels {
    device: Device,
    f: Activation,
    forward: Kernel,
    backward: Kernel,
}

impl ActivationKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device, f: Activation) -> Result<Self> {
        let program = device.program(&Defines::default().activation(f), &[sources::ACTIVATION])?;
        let kernel = |name| device.kernel(&program, name);
        Ok(ActivationKernels {
            device: device.clone(),
            f,
            forward: kernel("activate")?,
            backward: kernel("activate_backward")?,
        })
    }

    /// z becomes f(z).
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn forward(&self, len: usize, z: &Buffer<f32>) -> Result<()> {
        self.device.launch(&self.forward, [len, 1, 1], None, &[z.arg()])
    }

    /// dy becomes δ = dy · f′(z).
    pub fn backward(&self, len: usize, y: &Buffer<f32>, dy: &Buffer<f32>) -> Result<()> {
        match self.f {
            Activation::Linear => Ok(()),
            _ => self.device.launch(&self.backward, [len, 1, 1], None, &[y.arg(), dy.arg()]),
        }
    }
}

/// The kernels of softmax and of the costs.
pub struct OutputKernels {
    device: Device,
    softmax: Kernel,
    softmax_backward: Kernel,
    cost: Kernel,
}

impl OutputKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device) -> Result<Self> {
        let program = device.program(&Defines::default(), &[sources::SOFTMAX, sources::COST])?;
        let kernel = |name| device.kernel(&program, name);
        Ok(OutputKernels {
            device: device.clone(),
            softmax: kernel("softmax_forward")?,
            softmax_backward: kernel("softmax_backward")?,
            cost: kernel("cost")?,
        })
    }

    /// Rows of weighted inputs become probabilities.
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn softmax(&self, n: usize, classes: usize, z: &Buffer<f32>) -> Result<()> {
        self.device.launch(&self.softmax, [n, 1, 1], None, &[Arg::Int(classes as i32), z.arg()])
    }

    /// ∂C/∂a becomes ∂C/∂z.
    pub fn softmax_backward(&self, n: usize, classes: usize, a: &Buffer<f32>, da: &Buffer<f32>) -> Result<()> {
        self.device.launch(&self.softmax_backward, [n, 1, 1], None, &[Arg::Int(classes as i32), a.arg(), da.arg()])
    }

    /// The gradient that the backward pass starts from, and the costs of all examples, added to `costs`.
    pub fn cost(
        &self,
        (load, classes): (Load, usize),
        (cost, weight): (Cost, f64),
        labels: &Buffer<u16>,
        [a, d]: [&Buffer<f32>; 2],
        costs: &Costs,
    ) -> Result<()> {
        let (classes, places) = (Arg::Int(classes as i32), Arg::Int(costs.places as i32));
        let (quadratic, weight) = (Arg::Int((cost == Cost::Quadratic).into()), Arg::Float(weight as f32));
        let args = [classes, quadratic, places, weight, a.arg(), labels.arg(), d.arg(), costs.sums.arg()];
        self.device.launch(&self.cost, [load.examples, load.networks, 1], None, &args)
    }
}

/// Sums of costs: each network has one for each place in a mini-batch, and with each what rounding has taken from it.
pub struct Costs {
    places: usize,
    sums: Buffer<f32>,
}

impl Costs {
    /// All of them zero.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn new(device: &Device, load: Load) -> Result<Self> {
        let sums = device.buffer("the costs of a mini-batch", 2 * load.all())?;
        device.clear(&sums)?;
        Ok(Costs { places: load.examples, sums })
    }

    /// The cost of each network, all of whose sums begin again at zero.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn collect(&self, device: &Device) -> Result<Vec<f64>> {
        let mut sums = vec![0.0; self.sums.len()];
        device.read(&self.sums, 0, &mut sums)?;
        device.clear(&self.sums)?;
        Ok(sums.chunks(2 * self.places).map(|sums| sums.iter().copied().map(f64::from).sum()).collect())
    }
}

/// The kernels of dropout.
pub struct DropoutKernels {
    device: Device,
    inputs: usize,
    p: f64,
    /// Which random numbers each network has.
    streams: Buffer<u64>,
    mask: Kernel,
    scale: Kernel,
}

impl DropoutKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device, inputs: usize, p: f64, streams: &[u64]) -> Result<Self> {
        let program = device.program(&Defines::default(), &[sources::DROPOUT])?;
        let (mask, scale) = (device.kernel(&program, "dropout")?, device.kernel(&program, "scale")?);
        let streams = device.buffer_of("the streams of dropout", streams)?;
        Ok(DropoutKernels { device: device.clone(), inputs, p, streams, mask, scale })
    }

    /// y = x masked in training, (1 − p)·x otherwise: forward, and the same for the gradients on the way back. x and y
    /// may be one.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn run(&self, load: Load, pass: Pass, x: &Buffer<f32>, y: &Buffer<f32>) -> Result<()> {
        let (inputs, p) = (self.inputs, self.p);
        match pass {
            Pass::Train { iteration } => {
                let first = iteration.wrapping_mul(load.examples as u64);
                let (dropped, first) = (Arg::Ulong(dropout::threshold(p)), Arg::Ulong(first));
                let args = [dropped, first, self.streams.arg(), x.arg(), y.arg()];
                self.device.launch(&self.mask, [inputs, load.examples, load.networks], None, &args)
            }
            Pass::Evaluate => {
                let args = [Arg::Float((1.0 - p) as f32), x.arg(), y.arg()];
                self.device.launch(&self.scale, [load.all() * inputs, 1, 1], None, &args)
            }
        }
    }
}

/// The kernels that put maps side by side.
pub struct ConcatKernels {
    device: Device,
    concat: Kernel,
    split: Kernel,
}

impl ConcatKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device) -> Result<Self> {
        let program = device.program(&Defines::default(), &[sources::CONCAT])?;
        let (concat, split) = (device.kernel(&program, "concat")?, device.kernel(&program, "split")?);
        Ok(ConcatKernels { device: device.clone(), concat, split })
    }

    /// The maps `first..first + maps` of `all` become those of `part`.
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn concat(
        &self,
        units: usize,
        (all, first, maps): (usize, usize, usize),
        part: &Buffer<f32>,
        y: &Buffer<f32>,
    ) -> Result<()> {
        let args = [Arg::Int(all as i32), Arg::Int(first as i32), part.arg(), y.arg()];
        self.device.launch(&self.concat, [maps, units, 1], None, &args)
    }

    /// And the other way round.
    pub fn split(
        &self,
        units: usize,
        (all, first, maps): (usize, usize, usize),
        dy: &Buffer<f32>,
        part: &Buffer<f32>,
    ) -> Result<()> {
        let args = [Arg::Int(all as i32), Arg::Int(first as i32), dy.arg(), part.arg()];
        self.device.launch(&self.split, [maps, units, 1], None, &args)
    }
}

/// The kernels that add up: the gradients of biases, and of an input that goes several ways.
pub struct UpdateKernels {
    device: Device,
    bias_gradient: Kernel,
    add: Kernel,
}

impl UpdateKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device) -> Result<Self> {
        let program = device.program(&Defines::default(), &[sources::UPDATE])?;
        let (bias_gradient, add) = (device.kernel(&program, "bias_gradient")?, device.kernel(&program, "add")?);
        Ok(UpdateKernels { device: device.clone(), bias_gradient, add })
    }

    /// ∂C/∂b = Σ dy over all rows, those of each network apart, and what becomes of it.
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn bias_gradient(&self, rows: Load, columns: usize, dy: &Buffer<f32>, b: Target) -> Result<()> {
        let [target, b, rule] = b.args();
        let args = [rows.arg(), dy.arg(), target, b, rule];
        self.device.launch(&self.bias_gradient, [columns, rows.networks, 1], None, &args)
    }

    /// sum += x
    pub fn add(&self, len: usize, x: &Buffer<f32>, sum: &Buffer<f32>) -> Result<()> {
        self.device.launch(&self.add, [len, 1, 1], None, &[x.arg(), sum.arg()])
    }
}
