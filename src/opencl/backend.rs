//! A backend that copies everything to a device, has it computed there, and copies it back.
//!
//! Nobody would train with it: the copies take longer than the arithmetic. It is there to be compared, operation by
//! operation, with the definitions.

use super::affine::AffineKernels;
use super::batch_norm::BatchNormKernels;
use super::conv::{ConvKernels, ConvPoolKernels, ConvPoolNotes};
use super::pointwise::{ActivationKernels, ConcatKernels, DropoutKernels, OutputKernels};
use super::pool::{NormaliseKernels, PoolKernels};
use super::queue::Buffer;
use super::target::{Target, Targets};
use super::{Device, Kernels, Load};
use crate::Result;
use crate::ops::{
    Activation, Affine, At, Backend, BatchNorm, Conv, ConvPool, Dropout, Holder, Moments, Normalise, Notes, Parameter,
    Pool, Pooling, Ties, Trainable, Weights, Window, dropout::Pass,
};
use ocl::OclPrm;

/// Every operation, computed on a device.
///
/// # Panics
/// A [`Backend`] cannot say that it failed; this one panics when the device is lost, or has no room.
pub struct OpenCl {
    device: Device,
    kernels: Kernels,
}

impl OpenCl {
    /// A backend on that device, with those kernels.
    pub fn new(device: Device, kernels: Kernels) -> Self {
        OpenCl { device, kernels }
    }

    fn to<T: OclPrm>(&self, x: &[T]) -> Result<Buffer<T>> {
        self.device.buffer_of("an operand", x)
    }

    fn room(&self, len: usize) -> Result<Buffer<f32>> {
        self.device.buffer("a result", len)
    }

    /// Lets `f` compute `y`.
    fn fill(&self, y: &mut [f32], f: impl FnOnce(&Buffer<f32>) -> Result<()>) -> Result<()> {
        let buffer = self.room(y.len())?;
        f(&buffer)?;
        self.device.read(&buffer, 0, y)
    }

    /// Lets `f` change `y`.
    fn change(&self, y: &mut [f32], f: impl FnOnce(&Buffer<f32>) -> Result<()>) -> Result<()> {
        let buffer = self.to(y)?;
        f(&buffer)?;
        self.device.read(&buffer, 0, y)
    }

    /// Lets `f` compute ∂C/∂x, where it is wanted.
    fn fill_if(&self, dx: Option<&mut [f32]>, f: impl FnOnce(Option<&Buffer<f32>>) -> Result<()>) -> Result<()> {
        match dx {
            Some(dx) => self.fill(dx, |dx| f(Some(dx))),
            None => f(None),
        }
    }

    /// Lets `f` do with a parameter what is to be done with it.
    fn parameter(&self, p: Parameter<f32>, f: impl FnOnce(Target) -> Result<()>) -> Result<()> {
        let p = p.target();
        let target = self.to(p.target)?;
        let run =
            |w: &Buffer<f32>, shrink, moves| f(Target { target: &target, w, rule: [p.keep, p.scale, shrink, moves] });
        match p.weights {
            Holder::Target => run(&target, 0.0, 0.0)?,
            Holder::Fixed(w) => run(&self.to(w)?, 0.0, 0.0)?,
            Holder::Moving { w, shrink } => self.change(w, |w| run(w, shrink, 1.0))?,
        }
        self.device.read(&target, 0, p.target)
    }

    /// The same for a layer's weights and biases.
    fn parameters(&self, p: Trainable<f32>, f: impl FnOnce(Targets) -> Result<()>) -> Result<()> {
        self.parameter(p.w, |w| self.parameter(p.b, |b| f(Targets { w, b })))
    }
}

/// A convolution as a layer that does nothing else.
fn alone(op: &Conv) -> ConvPool {
    let window = Window::new((1, 1), (1, 1));
    let pool = Pool {
        maps: op.filters,
        height: op.output_height(),
        width: op.output_width(),
        window,
        pooling: Pooling::Max,
        ties: Ties::First,
    };
    ConvPool { conv: *op, pool, activation: Activation::Linear }
}

/// What is noted about a convolutional layer: it stays on the device.
#[derive(Default)]
struct Noted(Option<(ConvPool, ConvPoolNotes)>);

/// Which pass it was.
struct Passed(Pass);

impl Default for Passed {
    fn default() -> Self {
        Passed(Pass::Evaluate)
    }
}

/// A backend cannot say that it failed.
#[track_caller]
fn done(compute: impl FnOnce() -> Result<()>) {
    if let Err(e) = compute() {
        panic!("{e}");
    }
}

impl Backend<f32> for OpenCl {
    fn conv_forward(&mut self, op: &Conv, x: &[f32], w: &[f32], y: &mut [f32]) {
        done(|| {
            let (kernels, n) = (ConvKernels::new(&self.device, &alone(op))?, x.len() / op.input_len());
            self.fill(y, |y| kernels.forward(Load::one(n), &self.to(x)?, &self.to(w)?, y))
        });
    }

    fn conv_backward(&mut self, op: &Conv, at: At<f32>, w: Parameter<f32>) {
        done(|| {
            let (kernels, load) = (ConvKernels::new(&self.device, &alone(op))?, Load::one(at.x.len() / op.input_len()));
            let (x, dy) = (self.to(at.x)?, self.to(at.dy)?);
            if let Some(dx) = at.dx {
                let w = self.to(w.value())?;
                self.fill(dx, |dx| kernels.input_gradient(load, &dy, &w, dx))?;
            }
            self.parameter(w, |w| kernels.weight_gradient(load, &x, &dy, w))
        });
    }

    fn pool_forward(&mut self, op: &Pool, x: &[f32], y: &mut [f32], _: &mut Notes) {
        done(|| {
            let kernels = PoolKernels::new(&self.device, op)?;
            self.fill(y, |y| kernels.forward(x.len() / op.input_len(), &self.to(x)?, y))
        });
    }

    fn pool_backward(&mut self, op: &Pool, at: At<f32>, _: &Notes) {
        done(|| {
            let kernels = PoolKernels::new(&self.device, op)?;
            let Some(dx) = at.dx else { return Ok(()) };
            self.fill(dx, |dx| kernels.backward(at.x.len() / op.input_len(), &self.to(at.x)?, &self.to(at.dy)?, dx))
        });
    }

    fn conv_pool_forward(&mut self, op: &ConvPool, x: &[f32], p: Weights<f32>, y: &mut [f32], notes: &mut Notes) {
        done(|| {
            let kernels = ConvPoolKernels::new(&self.device, op, self.kernels)?;
            let n = x.len() / op.conv.input_len();
            let noted = kernels.notes(n)?;
            self.fill(y, |y| kernels.forward(Load::one(n), &self.to(x)?, [&self.to(p.w)?, &self.to(p.b)?], y, &noted))?;
            notes.of::<Noted>().0 = Some((*op, noted));
            Ok(())
        });
    }

    fn conv_pool_backward(&mut self, op: &ConvPool, at: At<f32>, p: Trainable<f32>, notes: &Notes) {
        done(|| {
            let kernels = ConvPoolKernels::new(&self.device, op, self.kernels)?;
            let noted = notes.read::<Noted>().and_then(|noted| noted.0.as_ref());
            let (_, noted) = noted.expect("the forward pass came first");
            let (load, x, y) = (Load::one(at.x.len() / op.conv.input_len()), self.to(at.x)?, self.to(at.y)?);
            let (dx, dy) = (at.dx, at.dy);
            self.parameters(p, |targets| {
                self.change(dy, |dy| self.fill_if(dx, |dx| kernels.backward(load, [&x, &y, dy], dx, targets, noted)))
            })
        });
    }

    fn affine_forward(&mut self, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        done(|| {
            let kernels = AffineKernels::new(&self.device, op, Activation::Linear, self.kernels)?;
            let load = Load::one(x.len() / op.inputs);
            self.fill(y, |y| kernels.forward(load, &self.to(x)?, [&self.to(p.w)?, &self.to(p.b)?], y))
        });
    }

    fn affine_backward(&mut self, op: &Affine, at: At<f32>, p: Trainable<f32>) {
        done(|| {
            let kernels = AffineKernels::new(&self.device, op, Activation::Linear, self.kernels)?;
            let (load, x, dy) = (Load::one(at.x.len() / op.inputs), self.to(at.x)?, self.to(at.dy)?);
            if let Some(dx) = at.dx {
                let w = self.to(p.w.value())?;
                self.fill(dx, |dx| kernels.input_gradient(load, &dy, &w, dx))?;
            }
            self.parameters(p, |targets| kernels.weight_gradient(load, &x, &dy, targets))
        });
    }

    fn activate(&mut self, f: Activation, z: &mut [f32]) {
        let len = z.len();
        done(|| self.change(z, |z| ActivationKernels::new(&self.device, f)?.forward(len, z)));
    }

    fn activate_backward(&mut self, f: Activation, y: &[f32], dy: &mut [f32]) {
        done(|| self.change(dy, |dy| ActivationKernels::new(&self.device, f)?.backward(y.len(), &self.to(y)?, dy)));
    }

    fn normalise_forward(&mut self, op: &Normalise, x: &[f32], y: &mut [f32], _: &mut Notes) {
        done(|| {
            let kernels = NormaliseKernels::new(&self.device, op)?;
            self.fill(y, |y| kernels.forward(x.len() / op.maps, &self.to(x)?, y))
        });
    }

    fn normalise_backward(&mut self, op: &Normalise, at: At<f32>, _: &Notes) {
        done(|| {
            let kernels = NormaliseKernels::new(&self.device, op)?;
            let Some(dx) = at.dx else { return Ok(()) };
            self.fill(dx, |dx| kernels.backward(at.x.len() / op.maps, &self.to(at.x)?, &self.to(at.dy)?, dx))
        });
    }

    fn batch_moments(&mut self, op: &BatchNorm, x: &[f32], mean: &mut [f32], variance: &mut [f32]) {
        done(|| {
            let (kernels, units) = (BatchNormKernels::new(&self.device, op)?, Load::one(x.len() / op.channels));
            self.fill(mean, |mean| {
                self.fill(variance, |variance| kernels.moments(units, &self.to(x)?, [mean, variance]))
            })
        });
    }

    fn batch_norm_forward(&mut self, op: &BatchNorm, x: &[f32], at: Moments<f32>, p: Weights<f32>, y: &mut [f32]) {
        done(|| {
            let (kernels, units) = (BatchNormKernels::new(&self.device, op)?, Load::one(x.len() / op.channels));
            let (mean, variance, w, b) = (self.to(at.mean)?, self.to(at.variance)?, self.to(p.w)?, self.to(p.b)?);
            self.fill(y, |y| kernels.forward(units, &self.to(x)?, [&mean, &variance], [&w, &b], y))
        });
    }

    fn batch_norm_backward(&mut self, op: &BatchNorm, at: At<f32>, moments: Moments<f32>, p: Trainable<f32>) {
        let At { x, dy, dx, .. } = at;
        done(|| {
            let (kernels, units) = (BatchNormKernels::new(&self.device, op)?, Load::one(x.len() / op.channels));
            let (x, dy, gradients) = (self.to(x)?, self.to(dy)?, kernels.room("gradients", 1)?);
            let (mean, variance) = (self.to(moments.mean)?, self.to(moments.variance)?);
            let given = ([&mean, &variance], moments.of_batch);
            self.fill_if(dx, |dx| {
                self.parameters(p, |targets| kernels.backward(units, [&x, &dy], given, dx, &gradients, targets))
            })
        });
    }

    fn dropout_forward(&mut self, op: &Dropout, pass: Pass, x: &[f32], y: &mut [f32], notes: &mut Notes) {
        notes.of::<Passed>().0 = pass;
        done(|| {
            let kernels = DropoutKernels::new(&self.device, op.inputs, op.p, &[op.stream])?;
            self.fill(y, |y| kernels.run(Load::one(x.len() / op.inputs), pass, &self.to(x)?, y))
        });
    }

    fn dropout_backward(&mut self, op: &Dropout, dx: &mut [f32], notes: &Notes) {
        let &Passed(pass) = notes.read().expect("the forward pass came first");
        let load = Load::one(dx.len() / op.inputs);
        done(|| {
            self.change(dx, |dx| {
                DropoutKernels::new(&self.device, op.inputs, op.p, &[op.stream])?.run(load, pass, dx, dx)
            })
        });
    }

    fn softmax(&mut self, z: &mut [f32], classes: usize) {
        let n = z.len() / classes;
        done(|| self.change(z, |z| OutputKernels::new(&self.device)?.softmax(n, classes, z)));
    }

    fn softmax_backward(&mut self, a: &[f32], da: &mut [f32], classes: usize) {
        let n = a.len() / classes;
        let run = |da: &Buffer<f32>| OutputKernels::new(&self.device)?.softmax_backward(n, classes, &self.to(a)?, da);
        done(|| self.change(da, run));
    }

    fn concat(&mut self, parts: &[(usize, &[f32])], y: &mut [f32]) {
        let all: usize = parts.iter().map(|(maps, _)| maps).sum();
        let units = y.len() / all;
        let run = |y: &Buffer<f32>| {
            let (kernels, mut first) = (ConcatKernels::new(&self.device)?, 0);
            for (maps, part) in parts {
                kernels.concat(units, (all, first, *maps), &self.to(part)?, y)?;
                first += maps;
            }
            Ok(())
        };
        done(|| self.fill(y, run));
    }

    fn split(&mut self, dy: &[f32], parts: &mut [(usize, &mut [f32])]) {
        let all: usize = parts.iter().map(|(maps, _)| *maps).sum();
        let units = dy.len() / all;
        done(|| {
            let (kernels, dy, mut first) = (ConcatKernels::new(&self.device)?, self.to(dy)?, 0);
            for (maps, part) in parts {
                self.fill(part, |part| kernels.split(units, (all, first, *maps), &dy, part))?;
                first += *maps;
            }
            Ok(())
        });
    }
}
