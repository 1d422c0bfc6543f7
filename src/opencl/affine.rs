//! Fully-connected layers on a device.

use super::pointwise::UpdateKernels;
use super::queue::{Buffer, Kernel};
use super::target::Targets;
use super::{Defines, Device, Kernels, Load, sources};
use crate::Result;
use crate::ops::{Activation, Affine};

/// The kernels of a fully-connected layer.
pub struct AffineKernels {
    device: Device,
    op: Affine,
    forward: Kernel,
    weight_gradient: Kernel,
    input_gradient: Kernel,
    update: UpdateKernels,
    kernels: Kernels,
}

/// Examples that a fetched weight is used for: the chapter's mini-batch, which fits into a processor's sixteen
/// registers with the weights and an input beside it.
const EXAMPLES: usize = 10;

/// Inputs that a work-group of the input gradient goes through: fewer groups, each of which costs as much to begin as
/// some of them.
const STEP: usize = 8;

/// Work-items that go through neighbouring inputs, for the weight gradient.
const GROUP: usize = 32;

impl AffineKernels {
    /// y = f(x w + b)
    ///
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device, op: &Affine, f: Activation, kernels: Kernels) -> Result<Self> {
        let defines = Defines::default().affine(op).activation(f);
        let (defines, suffix) = match kernels {
            Kernels::Plain => (defines, ""),
            Kernels::Tiled { lanes } => {
                (defines.with("LANES", lanes).with("EXAMPLES", EXAMPLES).with("STEP", STEP), "_tiled")
            }
        };
        let program = device.program(&defines, &[sources::UPDATE, sources::ACTIVATION, sources::AFFINE])?;
        let kernel = |name: &str| device.kernel(&program, &format!("affine_{name}{suffix}"));
        Ok(AffineKernels {
            device: device.clone(),
            op: *op,
            forward: kernel("forward")?,
            weight_gradient: kernel("weight_gradient")?,
            input_gradient: kernel("input_gradient")?,
            update: UpdateKernels::new(device)?,
            kernels,
        })
    }

    /// y = f(x w + b)
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn forward(&self, load: Load, x: &Buffer<f32>, [w, b]: [&Buffer<f32>; 2], y: &Buffer<f32>) -> Result<()> {
        let args = [load.arg(), x.arg(), w.arg(), b.arg(), y.arg()];
        let Kernels::Tiled { lanes } = self.kernels else {
            return self.device.launch(&self.forward, [self.op.outputs, load.all(), 1], None, &args);
        };
        let global = [lanes, self.op.outputs.div_ceil(8), load.examples.div_ceil(EXAMPLES) * load.networks];
        self.device.launch(&self.forward, global, Some([lanes, 1, 1]), &args)
    }

    /// ∂C/∂x, with the weights as they are before the step.
    pub fn input_gradient(&self, load: Load, dy: &Buffer<f32>, w: &Buffer<f32>, dx: &Buffer<f32>) -> Result<()> {
        let args = [load.arg(), dy.arg(), w.arg(), dx.arg()];
        let Kernels::Tiled { lanes } = self.kernels else {
            return self.device.launch(&self.input_gradient, [self.op.inputs, load.all(), 1], None, &args);
        };
        let global = [lanes, self.op.inputs.div_ceil(STEP), load.examples.div_ceil(EXAMPLES) * load.networks];
        self.device.launch(&self.input_gradient, global, Some([lanes, 1, 1]), &args)
    }

    /// The gradients of w and b, and what becomes of them.
    pub fn weight_gradient(&self, load: Load, x: &Buffer<f32>, dy: &Buffer<f32>, targets: Targets) -> Result<()> {
        let Affine { inputs, outputs } = self.op;
        let ([tw, w, rw], [tb, b, rb]) = (targets.w.args(), targets.b.args());
        if self.kernels == Kernels::Plain {
            let args = [load.arg(), x.arg(), dy.arg(), tw, w, rw];
            self.device.launch(&self.weight_gradient, [outputs, inputs, load.networks], None, &args)?;
            return self.update.bias_gradient(load, outputs, dy, targets.b);
        }
        let args = [load.arg(), x.arg(), dy.arg(), tw, w, rw, tb, b, rb];
        let group = GROUP.min(self.device.group_limits(&self.weight_gradient).0);
        let global = [outputs.div_ceil(8), (inputs + 1).next_multiple_of(group), load.networks];
        self.device.launch(&self.weight_gradient, global, Some([1, group, 1]), &args)
    }
}
