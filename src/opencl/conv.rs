//! Convolution on a device, alone and with pooling.

use super::pointwise::{ActivationKernels, UpdateKernels};
use super::pool::PoolKernels;
use super::queue::{Arg, Buffer, Kernel};
use super::target::{Target, Targets};
use super::{Defines, Device, Kernels, Load, sources};
use crate::ops::{Conv, ConvPool, Pool, Pooling};
use crate::{Error, Result};

/// The plain kernels of a convolution, and those that make its margin.
pub struct ConvKernels {
    device: Device,
    op: Conv,
    forward: Kernel,
    weight_gradient: Kernel,
    input_gradient: Kernel,
    bias_activate: Kernel,
    pad: Kernel,
    crop: Kernel,
}

impl ConvKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device, op: &ConvPool) -> Result<Self> {
        let defines = Defines::default().conv(&op.conv).activation(op.activation);
        let program = device.program(&defines, &[sources::UPDATE, sources::ACTIVATION, sources::CONV])?;
        let kernel = |name| device.kernel(&program, name);
        Ok(ConvKernels {
            device: device.clone(),
            op: op.conv,
            forward: kernel("conv_forward")?,
            weight_gradient: kernel("conv_weight_gradient")?,
            input_gradient: kernel("conv_input_gradient")?,
            bias_activate: kernel("bias_activate")?,
            pad: kernel("pad")?,
            crop: kernel("crop")?,
        })
    }

    /// y = x ⋆ w
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn forward(&self, load: Load, x: &Buffer<f32>, w: &Buffer<f32>, y: &Buffer<f32>) -> Result<()> {
        let (i, j) = self.op.outputs();
        let args = [load.arg(), x.arg(), w.arg(), y.arg()];
        self.device.launch(&self.forward, [self.op.filters, i * j, load.all()], None, &args)
    }

    /// The gradient of w, and what becomes of it.
    pub fn weight_gradient(&self, load: Load, x: &Buffer<f32>, dy: &Buffer<f32>, w: Target) -> Result<()> {
        let (height, width) = self.op.kernel();
        let [target, w, rule] = w.args();
        let args = [load.arg(), x.arg(), dy.arg(), target, w, rule];
        let global = [self.op.group_maps(), height * width, self.op.filters * load.networks];
        self.device.launch(&self.weight_gradient, global, None, &args)
    }

    /// ∂C/∂x
    pub fn input_gradient(&self, load: Load, dy: &Buffer<f32>, w: &Buffer<f32>, dx: &Buffer<f32>) -> Result<()> {
        let Conv { maps, height, width, .. } = self.op;
        let args = [load.arg(), dy.arg(), w.arg(), dx.arg()];
        self.device.launch(&self.input_gradient, [maps, height * width, load.all()], None, &args)
    }

    /// The input in its margin.
    fn pad(&self, n: usize, x: &Buffer<f32>, padded: &Buffer<f32>) -> Result<()> {
        let Conv { maps, height, width, .. } = self.op.on_padded();
        self.device.launch(&self.pad, [maps, height * width, n], None, &[x.arg(), padded.arg()])
    }

    /// And out of it.
    fn crop(&self, n: usize, padded: &Buffer<f32>, x: &Buffer<f32>) -> Result<()> {
        let Conv { maps, height, width, .. } = self.op;
        self.device.launch(&self.crop, [maps, height * width, n], None, &[padded.arg(), x.arg()])
    }
}

/// A convolutional layer: convolution, pooling, bias, activation.
pub struct ConvPoolKernels {
    device: Device,
    op: ConvPool,
    activation: ActivationKernels,
    how: How,
}

/// One operation after the other, or all in one.
enum How {
    Plain { conv: ConvKernels, pool: PoolKernels, update: UpdateKernels },
    Tiled { tiled: Tiled, margin: Option<ConvKernels> },
}

/// The tiled kernels, and the sizes that they were built for.
struct Tiled {
    forward: Kernel,
    weight_gradient: Kernel,
    input_gradient: Kernel,
    group: usize,
    lanes: usize,
    slice: usize,
    rows: usize,
}

/// What a convolutional layer keeps from the way forward to the way back.
pub enum ConvPoolNotes {
    /// x ⋆ w, pool(x ⋆ w), and room for the gradient of the first.
    Plain { convolved: Buffer<f32>, pooled: Buffer<f32>, d_convolved: Buffer<f32> },
    /// Who won, a bit for each unit of a window; and x and ∂C/∂x in their margins, where there is one.
    Tiled { winners: Buffer<u16>, padded: Option<[Buffer<f32>; 2]> },
}

/// Vectors of eight numbers that a weight-gradient kernel adds up at once: of a processor's sixteen registers, three
/// are left for the gradient, the input and an address.
const SUMS: usize = 13;

/// Units of a window that a forward kernel adds up at once, with a register for the weights and one for the input.
const WINDOW: usize = 9;

impl ConvPoolKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device, op: &ConvPool, kernels: Kernels) -> Result<Self> {
        let tiled = match kernels {
            Kernels::Plain => None,
            Kernels::Tiled { lanes } => Tiled::new(device, op, lanes)?,
        };
        let how = match tiled {
            Some(tiled) => {
                let margin = (!op.conv.window.padding.is_none()).then(|| ConvKernels::new(device, op));
                How::Tiled { tiled, margin: margin.transpose()? }
            }
            None => How::Plain {
                conv: ConvKernels::new(device, op)?,
                pool: PoolKernels::new(device, &op.pool)?,
                update: UpdateKernels::new(device)?,
            },
        };
        let activation = ActivationKernels::new(device, op.activation)?;
        Ok(ConvPoolKernels { device: device.clone(), op: *op, activation, how })
    }

    /// Room for what is noted about `n` examples.
    ///
    /// # Errors
    /// When the device has none.
    pub fn notes(&self, n: usize) -> Result<ConvPoolNotes> {
        let (conv, pooled) = (&self.op.conv, n * self.op.output_shape().len());
        if let How::Plain { .. } = self.how {
            return Ok(ConvPoolNotes::Plain {
                convolved: self.device.buffer("the outputs of a convolution", n * conv.output_len())?,
                pooled: self.device.buffer("the pooled outputs of a convolution", pooled)?,
                d_convolved: self.device.buffer("the gradient of a convolution", n * conv.output_len())?,
            });
        }
        let margin = || self.device.buffer("a convolution's input in its margin", n * conv.on_padded().input_len());
        let padded = if conv.window.padding.is_none() { None } else { Some([margin()?, margin()?]) };
        Ok(ConvPoolNotes::Tiled { winners: self.device.buffer("the winners of max-pooling", pooled)?, padded })
    }

    /// y = f(pool(x ⋆ w) + b)
    ///
    /// # Errors
    /// When the device is lost.
    pub fn forward(
        &self,
        load: Load,
        x: &Buffer<f32>,
        [w, b]: [&Buffer<f32>; 2],
        y: &Buffer<f32>,
        notes: &ConvPoolNotes,
    ) -> Result<()> {
        let ConvPool { conv, pool, .. } = &self.op;
        let units = load.examples * pool.output_height() * pool.output_width();
        match (notes, &self.how) {
            (ConvPoolNotes::Tiled { winners, padded }, How::Tiled { tiled, margin }) => {
                if let (Some([padded, _]), Some(margin)) = (padded, margin) {
                    margin.pad(load.all(), x, padded)?;
                }
                let x = padded.as_ref().map_or(x, |[x, _]| x);
                let args = [Arg::Int(units as i32), x.arg(), w.arg(), b.arg(), y.arg(), winners.arg()];
                let global = [units.next_multiple_of(tiled.group), conv.filters.div_ceil(8), load.networks];
                self.device.launch(&tiled.forward, global, Some([tiled.group, 1, 1]), &args)
            }
            (ConvPoolNotes::Plain { convolved, pooled, .. }, How::Plain { conv: kernels, pool, .. }) => {
                kernels.forward(load, x, w, convolved)?;
                pool.forward(load.all(), convolved, pooled)?;
                let args = [Arg::Int(units as i32), pooled.arg(), b.arg(), y.arg()];
                let global = [conv.filters, units * load.networks, 1];
                self.device.launch(&kernels.bias_activate, global, None, &args)
            }
            _ => Err(Error::input("a convolutional layer was handed another one's notes")),
        }
    }

    /// Turns dy into δ; then ∂C/∂x, where it is wanted, and the gradients of w and b, and what becomes of them. Those
    /// come last: a step changes w.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn backward(
        &self,
        load: Load,
        [x, y, dy]: [&Buffer<f32>; 3],
        dx: Option<&Buffer<f32>>,
        targets: Targets,
        notes: &ConvPoolNotes,
    ) -> Result<()> {
        let ConvPool { conv, pool, .. } = &self.op;
        let units = load.examples * pool.output_height() * pool.output_width();
        let w = targets.w.w;
        self.activation.backward(load.networks * units * conv.filters, y, dy)?;
        match (notes, &self.how) {
            (ConvPoolNotes::Tiled { winners, padded }, How::Tiled { tiled, margin }) => {
                let (x, d_padded) = padded.as_ref().map_or((x, None), |[x, dx]| (x, Some(dx)));
                let size = conv.on_padded();
                if let Some(dx) = dx {
                    let args = [load.arg(), dy.arg(), winners.arg(), w.arg(), d_padded.unwrap_or(dx).arg()];
                    let global = [tiled.lanes, size.height, load.all()];
                    self.device.launch(&tiled.input_gradient, global, Some([tiled.lanes, 1, 1]), &args)?;
                    if let (Some(d_padded), Some(margin)) = (d_padded, margin) {
                        margin.crop(load.all(), d_padded, dx)?;
                    }
                }
                let slices = (conv.kernel().1 * conv.maps).div_ceil(8 * tiled.slice);
                let global = [tiled.lanes * slices, conv.kernel().0 / tiled.rows, conv.filters * load.networks];
                let ([tw, w, rw], [tb, b, rb]) = (targets.w.args(), targets.b.args());
                let args = [Arg::Int(units as i32), x.arg(), dy.arg(), winners.arg(), tw, w, rw, tb, b, rb];
                self.device.launch(&tiled.weight_gradient, global, Some([tiled.lanes, 1, 1]), &args)
            }
            (ConvPoolNotes::Plain { convolved, d_convolved, .. }, How::Plain { conv: kernels, pool, update }) => {
                pool.backward(load.all(), convolved, dy, d_convolved)?;
                if let Some(dx) = dx {
                    kernels.input_gradient(load, d_convolved, w, dx)?;
                }
                kernels.weight_gradient(load, x, d_convolved, targets.w)?;
                update.bias_gradient(Load { examples: units, ..load }, conv.filters, dy, targets.b)
            }
            _ => Err(Error::input("a convolutional layer was handed another one's notes")),
        }
    }
}

impl Tiled {
    /// Nothing, where the plain kernels have to do: in groups, for pooling that has no winners or large windows, and
    /// where the device's local memory is too small.
    fn new(device: &Device, op: &ConvPool, lanes: usize) -> Result<Option<Self>> {
        let (conv, Pool { window, pooling, ties, .. }) = (op.conv.on_padded(), op.pool);
        let (description, four) = (device.description(), size_of::<f32>());
        let vectors = (conv.kernel().1 * conv.maps).div_ceil(8);
        let slice = vectors.div_ceil(vectors.div_ceil(SUMS));
        let fits = |rows: &usize| conv.kernel().0.is_multiple_of(*rows) && rows * slice <= SUMS;
        let rows = (1..=SUMS).rev().find(fits).unwrap_or(1);
        let local = [8 * conv.taps(), lanes * (8 * rows * slice + 1), conv.width * conv.maps];
        let local = local.into_iter().max().unwrap_or(0) * four;
        let area = window.size.0 * window.size.1;
        if conv.groups > 1 || pooling != Pooling::Max || !window.padding.is_none() || area > WINDOW {
            return Ok(None);
        }
        if local > description.local_memory {
            return Ok(None);
        }
        // 64 windows, or as many as this device lets a kernel like this one have in a group.
        let mut group = description.work_group.min(64);
        loop {
            let defines = Defines::default().conv(&conv).activation(op.activation);
            let defines = defines.pool_window(&window, op.pool.outputs(), pooling, ties);
            let defines = [("GROUP", group), ("LANES", lanes), ("SLICE", slice), ("ROWS", rows)]
                .into_iter()
                .fold(defines, |defines, (name, value)| defines.with(name, value));
            let program = device.program(&defines, &[sources::UPDATE, sources::ACTIVATION, sources::CONV_POOL])?;
            let kernel = |name| device.kernel(&program, name);
            let forward = kernel("conv_pool_forward")?;
            let most = device.group_limits(&forward).0;
            if group > 1 && most < group {
                group /= 2;
                continue;
            }
            let (weight_gradient, input_gradient) =
                (kernel("conv_pool_weight_gradient")?, kernel("conv_pool_input_gradient")?);
            return Ok(Some(Tiled { forward, weight_gradient, input_gradient, group, lanes, slice, rows }));
        }
    }
}
