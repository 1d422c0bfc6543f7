//! What is done number by number, row by row or map by map: activation, softmax, costs, dropout, concatenation, updates.

use super::queue::{Arg, Buffer, Kernel};
use super::target::Target;
use super::{Defines, Device, sources};
use crate::Result;
use crate::ops::{Activation, Dropout, dropout};
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
        (n, classes): (usize, usize),
        (cost, weight): (Cost, f64),
        labels: &Buffer<u16>,
        [a, d, costs]: [&Buffer<f32>; 3],
    ) -> Result<()> {
        let kind = [Arg::Int(classes as i32), Arg::Int((cost == Cost::Quadratic).into()), Arg::Float(weight as f32)];
        let [classes, quadratic, weight] = kind;
        let args = [classes, quadratic, weight, a.arg(), labels.arg(), d.arg(), costs.arg()];
        self.device.launch(&self.cost, [n, 1, 1], None, &args)
    }
}

/// The kernels of dropout.
pub struct DropoutKernels {
    device: Device,
    op: Dropout,
    mask: Kernel,
    scale: Kernel,
}

impl DropoutKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device, op: &Dropout) -> Result<Self> {
        let program = device.program(&Defines::default(), &[sources::DROPOUT])?;
        let (mask, scale) = (device.kernel(&program, "dropout")?, device.kernel(&program, "scale")?);
        Ok(DropoutKernels { device: device.clone(), op: *op, mask, scale })
    }

    /// y = x masked in training, (1 − p)·x otherwise: forward, and the same for the gradients on the way back. x and y may be one.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn run(&self, n: usize, pass: Pass, x: &Buffer<f32>, y: &Buffer<f32>) -> Result<()> {
        let Dropout { inputs, p, stream } = self.op;
        match pass {
            Pass::Train { iteration } => {
                let first = iteration.wrapping_mul(n as u64);
                let args = [Arg::Ulong(dropout::threshold(p)), Arg::Ulong(stream), Arg::Ulong(first), x.arg(), y.arg()];
                self.device.launch(&self.mask, [inputs, n, 1], None, &args)
            }
            Pass::Evaluate => {
                let args = [Arg::Float((1.0 - p) as f32), x.arg(), y.arg()];
                self.device.launch(&self.scale, [n * inputs, 1, 1], None, &args)
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

    /// ∂C/∂b = Σ dy over all rows, and what becomes of it.
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn bias_gradient(&self, rows: usize, columns: usize, dy: &Buffer<f32>, b: Target) -> Result<()> {
        let [target, b, rule] = b.args();
        self.device.launch(
            &self.bias_gradient,
            [columns, 1, 1],
            None,
            &[Arg::Int(rows as i32), dy.arg(), target, b, rule],
        )
    }

    /// sum += x
    pub fn add(&self, len: usize, x: &Buffer<f32>, sum: &Buffer<f32>) -> Result<()> {
        self.device.launch(&self.add, [len, 1, 1], None, &[x.arg(), sum.arg()])
    }
}
