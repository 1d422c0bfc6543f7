//! Every operation, forward and backward, and the backends that compute them.
//!
//! An operation is a plain struct of named dimensions and two functions side by side. `x` is its input, `y` its
//! output, `w` and `b` weights and biases; `dx` is short for ∂C/∂x, the gradient of the cost with respect to `x`.
//! Arrays hold a mini-batch: the example is always the first index, and memory is row-major. `forward` writes all of
//! `y`; `backward` writes all of `dx`, and *adds* to `dw` and `db`.
//!
//! Each folder holds the operation's derivation (`mod.rs`), its definition in plain loops (`reference.rs`), generic
//! over [`Real`], and, where training spends its time, the same in `f32` for the processor at hand (`fast.rs`, or
//! `forward.rs` and `backward.rs`). A [`Backend`] is one complete set of them. All backends compute the same function:
//! the tests see to it.

pub mod activation;
pub mod adaptive;
pub mod affine;
pub mod batch_norm;
pub mod concat;
pub mod conv;
pub mod conv_pool;
pub mod dropout;
mod fast;
pub mod normalise;
mod notes;
pub mod pool;
pub mod softmax;
mod update;
mod window;

pub use activation::Activation;
pub use adaptive::{Adaptive, Optimiser, clip, norm};
pub use affine::Affine;
pub use batch_norm::{BatchNorm, Moments};
pub use conv::Conv;
pub use conv_pool::ConvPool;
pub use dropout::Dropout;
pub use fast::Fast;
pub use normalise::Normalise;
pub use notes::Notes;
pub use pool::{Pool, Pooling, Ties};
#[cfg(feature = "opencl")]
pub(crate) use update::Holder;
pub(crate) use update::{CLEAR_EVERY, ParameterPieces, clear_negligible};
pub use update::{Parameter, Rule, Trainable};
pub(crate) use window::describe;
pub use window::{Padding, Pair, Window};

use crate::Real;
use dropout::Pass;
use ndarray::{ArrayView2, ArrayView4, ArrayViewMut2, ArrayViewMut4};

/// A layer's weights and biases, to be read.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a, R> {
    /// The weights.
    pub w: &'a [R],
    /// The biases.
    pub b: &'a [R],
}

/// Where gradients of weights and biases are added up.
#[derive(Debug)]
pub struct Gradients<'a, R> {
    /// ∂C/∂w
    pub dw: &'a mut [R],
    /// ∂C/∂b
    pub db: &'a mut [R],
}

impl<'a, R: Real> Trainable<'a, R> {
    /// The numbers themselves.
    pub fn weights(&self) -> Weights<'_, R> {
        Weights { w: self.w.value(), b: self.b.value() }
    }

    /// Lets `f` add gradients to arrays, given the numbers; and then does with them what is to be done.
    pub fn with_gradients<T>(self, f: impl FnOnce(Weights<R>, Gradients<R>) -> T) -> T {
        let Trainable { w, b } = self;
        w.with_gradient(|w, dw| b.with_gradient(|b, db| f(Weights { w, b }, Gradients { dw, db })))
    }
}

/// What the backward pass of an operation starts from, and where it writes.
#[derive(Debug)]
pub struct At<'a, R> {
    /// The inputs of the forward pass.
    pub x: &'a [R],
    /// Its outputs. (An operation that does not need them leaves them alone.)
    pub y: &'a [R],
    /// ∂C/∂y, which may be overwritten.
    pub dy: &'a mut [R],
    /// ∂C/∂x, written where it is wanted.
    pub dx: Option<&'a mut [R]>,
    /// Is the signal x dead where it is zero: has what made it a derivative of zero there? Then ∂C/∂x may be left at
    /// zero wherever x is.
    pub dead_at_zero: bool,
}

/// One way of computing every operation.
///
/// The methods given here are the definitions; a fused operation's definition calls the operations that it is made of.
/// So a backend may replace any of them, those that it does faster or those that a reader wants to try, and the others
/// follow. `&mut self` lets it keep scratch memory between calls; [`Notes`] lets it leave itself, on the way forward,
/// what it needs on the way back. Slices are as long as the operation's dimensions say, times the number of examples.
///
/// # Panics
/// When a slice has another length: that is a mistake in the calling program, which layers cannot make.
pub trait Backend<R: Real>: Send {
    /// [`conv`]: y = x ⋆ w, without bias.
    fn conv_forward(&mut self, op: &Conv, x: &[R], w: &[R], y: &mut [R]) {
        conv::reference::forward(op, op.input(x), op.weights(w), op.output_mut(y));
    }

    /// [`conv`]: the gradient of `w`, and `dx` where it is wanted.
    fn conv_backward(&mut self, op: &Conv, at: At<R>, w: Parameter<R>) {
        let dx = at.dx.map(|dx| op.input_mut(dx));
        w.with_gradient(|w, dw| {
            conv::reference::backward(op, op.input(at.x), op.weights(w), op.output(at.dy), op.weights_mut(dw), dx);
        });
    }

    /// [`pool`]: one number for each window.
    fn pool_forward(&mut self, op: &Pool, x: &[R], y: &mut [R], notes: &mut Notes) {
        let _ = notes;
        pool::reference::forward(op, op.input(x), op.output_mut(y));
    }

    /// [`pool`]: `dx`, where it is wanted.
    fn pool_backward(&mut self, op: &Pool, at: At<R>, notes: &Notes) {
        let _ = notes;
        if let Some(dx) = at.dx {
            pool::reference::backward(op, op.input(at.x), op.output(at.dy), op.input_mut(dx));
        }
    }

    /// [`conv_pool`]: y = f(pool(x ⋆ w) + b).
    fn conv_pool_forward(&mut self, op: &ConvPool, x: &[R], p: Weights<R>, y: &mut [R], notes: &mut Notes) {
        conv_pool::reference::forward(self, op, x, p, y, notes);
    }

    /// [`conv_pool`]: turns `dy` into δ; the gradients of `w` and `b`, and `dx` where it is wanted.
    fn conv_pool_backward(&mut self, op: &ConvPool, at: At<R>, p: Trainable<R>, notes: &Notes) {
        conv_pool::reference::backward(self, op, at, p, notes);
    }

    /// [`affine`]: y = x w + b.
    fn affine_forward(&mut self, op: &Affine, x: &[R], p: Weights<R>, y: &mut [R]) {
        affine::reference::forward(rows(x, op.inputs), op.weights(p.w), p.b, rows_mut(y, op.outputs));
    }

    /// [`affine`]: the gradients of `w` and `b`, and `dx` where it is wanted.
    fn affine_backward(&mut self, op: &Affine, at: At<R>, p: Trainable<R>) {
        let (x, dy, dx) = (rows(at.x, op.inputs), rows(at.dy, op.outputs), at.dx.map(|dx| rows_mut(dx, op.inputs)));
        p.with_gradients(|p, g| {
            affine::reference::backward(x, op.weights(p.w), dy, op.weights_mut(g.dw), g.db, dx);
        });
    }

    /// [`activation`]: z becomes f(z), in place.
    fn activate(&mut self, f: Activation, z: &mut [R]) {
        activation::forward(f, z);
    }

    /// [`activation`]: `dy` becomes δ = dy · f′(z), which y = f(z) is enough to know.
    fn activate_backward(&mut self, f: Activation, y: &[R], dy: &mut [R]) {
        activation::backward(f, y, dy);
    }

    /// [`normalise`]: y = x / (k + α Σ x²)^β, the sum over neighbouring maps.
    fn normalise_forward(&mut self, op: &Normalise, x: &[R], y: &mut [R], notes: &mut Notes) {
        let _ = notes;
        normalise::reference::forward(op, x, y);
    }

    /// [`normalise`]: `dx`, where it is wanted.
    fn normalise_backward(&mut self, op: &Normalise, at: At<R>, notes: &Notes) {
        let _ = notes;
        if let Some(dx) = at.dx {
            normalise::reference::backward(op, at.x, at.dy, dx);
        }
    }

    /// [`batch_norm`]: mean and variance of each channel over a mini-batch.
    fn batch_moments(&mut self, op: &BatchNorm, x: &[R], mean: &mut [R], variance: &mut [R]) {
        batch_norm::reference::moments(op, x, mean, variance);
    }

    /// [`batch_norm`]: y = γ(x − μ)/√(σ² + ε) + β, with γ as weights and β as biases.
    fn batch_norm_forward(&mut self, op: &BatchNorm, x: &[R], moments: Moments<R>, p: Weights<R>, y: &mut [R]) {
        batch_norm::reference::forward(op, x, moments, p, y);
    }

    /// [`batch_norm`]: the gradients of γ and β, and `dx` where it is wanted.
    fn batch_norm_backward(&mut self, op: &BatchNorm, at: At<R>, moments: Moments<R>, p: Trainable<R>) {
        p.with_gradients(|p, g| batch_norm::reference::backward(op, [at.x, at.dy], moments, p.w, g, at.dx));
    }

    /// [`dropout`]: the inputs that take part, masked in training and scaled otherwise.
    fn dropout_forward(&mut self, op: &Dropout, pass: Pass, x: &[R], y: &mut [R], notes: &mut Notes) {
        dropout::forward(op, pass, x, y, notes);
    }

    /// [`dropout`]: ∂C/∂y becomes ∂C/∂x, in place.
    fn dropout_backward(&mut self, op: &Dropout, dx: &mut [R], notes: &Notes) {
        dropout::backward(op, dx, notes);
    }

    /// [`softmax`]: each row of `classes` weighted inputs becomes probabilities, in place.
    fn softmax(&mut self, z: &mut [R], classes: usize) {
        softmax::forward(z, classes);
    }

    /// [`softmax`]: ∂C/∂a becomes ∂C/∂z, in place, for any cost of the probabilities `a`.
    fn softmax_backward(&mut self, a: &[R], da: &mut [R], classes: usize) {
        softmax::backward(a, da, classes);
    }

    /// [`mod@concat`]: the maps of several images of one size side by side. `parts` are pairs of an
    /// image's maps and its numbers.
    fn concat(&mut self, parts: &[(usize, &[R])], y: &mut [R]) {
        concat::forward(parts, y);
    }

    /// [`mod@concat`]: and apart again.
    fn split(&mut self, dy: &[R], parts: &mut [(usize, &mut [R])]) {
        concat::backward(dy, parts);
    }
}

/// The definitions themselves, generic over [`Real`]: what gradients are checked on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl<R: Real> Backend<R> for Reference {}

/// `x` as rows of `n` numbers.
pub(crate) fn rows<R>(x: &[R], n: usize) -> ArrayView2<'_, R> {
    ArrayView2::from_shape((x.len() / n, n), x).expect("a whole number of rows")
}

/// `x` as rows of `n` numbers, to write to.
pub(crate) fn rows_mut<R>(x: &mut [R], n: usize) -> ArrayViewMut2<'_, R> {
    ArrayViewMut2::from_shape((x.len() / n, n), x).expect("a whole number of rows")
}

/// `x` as stacks of `[a, b, c]`.
pub(crate) fn stacks<R>(x: &[R], [a, b, c]: [usize; 3]) -> ArrayView4<'_, R> {
    ArrayView4::from_shape((x.len() / (a * b * c), a, b, c), x).expect("a whole number of stacks")
}

/// `x` as stacks of `[a, b, c]`, to write to.
pub(crate) fn stacks_mut<R>(x: &mut [R], [a, b, c]: [usize; 3]) -> ArrayViewMut4<'_, R> {
    ArrayViewMut4::from_shape((x.len() / (a * b * c), a, b, c), x).expect("a whole number of stacks")
}
