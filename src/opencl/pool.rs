//! Pooling and local response normalisation on a device.

use super::queue::{Buffer, Kernel};
use super::{Defines, Device, sources};
use crate::Result;
use crate::ops::{Normalise, Pool};

/// The kernels of pooling.
pub struct PoolKernels {
    device: Device,
    op: Pool,
    forward: Kernel,
    backward: Kernel,
}

impl PoolKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device, op: &Pool) -> Result<Self> {
        let program = device.program(&Defines::default().pool(op), &[sources::POOL])?;
        let kernel = |name| device.kernel(&program, name);
        Ok(PoolKernels {
            device: device.clone(),
            op: *op,
            forward: kernel("pool_forward")?,
            backward: kernel("pool_backward")?,
        })
    }

    /// One number for each window.
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn forward(&self, n: usize, x: &Buffer<f32>, y: &Buffer<f32>) -> Result<()> {
        let (i, j) = self.op.outputs();
        self.device.launch(&self.forward, [self.op.maps, i * j, n], None, &[x.arg(), y.arg()])
    }

    /// ∂C/∂x
    pub fn backward(&self, n: usize, x: &Buffer<f32>, dy: &Buffer<f32>, dx: &Buffer<f32>) -> Result<()> {
        let Pool { maps, height, width, .. } = self.op;
        self.device.launch(&self.backward, [maps, height * width, n], None, &[x.arg(), dy.arg(), dx.arg()])
    }
}

/// The kernels of local response normalisation.
pub struct NormaliseKernels {
    device: Device,
    op: Normalise,
    forward: Kernel,
    backward: Kernel,
}

impl NormaliseKernels {
    /// # Errors
    /// When they do not build.
    pub fn new(device: &Device, op: &Normalise) -> Result<Self> {
        let number = |x: f64| format!("{:?}f", x as f32);
        let defines = Defines::default().with("MAPS", op.maps).with("SIZE", op.size).with("K", number(op.k));
        let defines = defines.with("ALPHA", number(op.alpha)).with("BETA", number(op.beta));
        let program = device.program(&defines, &[sources::NORMALISE])?;
        let kernel = |name| device.kernel(&program, name);
        let (forward, backward) = (kernel("normalise_forward")?, kernel("normalise_backward")?);
        Ok(NormaliseKernels { device: device.clone(), op: *op, forward, backward })
    }

    /// y = x · s⁻ᵝ for so many units, each of all maps.
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn forward(&self, units: usize, x: &Buffer<f32>, y: &Buffer<f32>) -> Result<()> {
        self.device.launch(&self.forward, [self.op.maps, units, 1], None, &[x.arg(), y.arg()])
    }

    /// ∂C/∂x
    pub fn backward(&self, units: usize, x: &Buffer<f32>, dy: &Buffer<f32>, dx: &Buffer<f32>) -> Result<()> {
        self.device.launch(&self.backward, [self.op.maps, units, 1], None, &[x.arg(), dy.arg(), dx.arg()])
    }
}
