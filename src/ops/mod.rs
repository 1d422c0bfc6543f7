//! Every operation, forward and backward, and the voices that speak it.
//!
//! An operation is a plain struct of named dimensions and two functions side by side. `x` is its input, `y` its
//! output, `w` and `b` weights and biases; `dx` is short for ∂C/∂x, the gradient of the cost with respect to `x`.
//! Arrays hold a mini-batch: the example is always the first index, and memory is row-major. `forward` writes all of
//! `y`; `backward` writes all of `dx`, and *adds* to `dw` and `db`.
//!
//! Each folder holds the operation's derivation (`mod.rs`), its definition in plain loops (`reference.rs`), generic over
//! [`Real`], and, where training spends its time, the same in `f32` for the processor at hand (`fast.rs`). A [`Voice`] is
//! one complete set of them. All voices compute the same function: the tests see to it.

pub mod activation;
pub mod affine;
pub mod conv;
pub mod conv_pool;
pub mod dropout;
mod fast;
pub mod pool;
pub mod softmax;

pub use affine::Affine;
pub use conv::Conv;
pub use conv_pool::ConvPool;
pub use fast::Fast;
pub use pool::Pool;

use crate::{Activation, Real};
use ndarray::{ArrayView2, ArrayView4, ArrayViewMut2, ArrayViewMut4};

/// How far a step of gradient descent goes: w ← w − η(dw + decay·w).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd<R> {
    /// The learning rate η.
    pub eta: R,
    /// λ over the number of mini-batches. Biases do not decay.
    pub decay: R,
}

impl<R: Real> Sgd<R> {
    /// Goes there: weights with their gradient, biases with theirs.
    pub(crate) fn descend(&self, (w, dw): (&mut [R], &[R]), (b, db): (&mut [R], &[R])) {
        w.iter_mut().zip(dw).for_each(|(w, &dw)| *w -= self.eta * (dw + self.decay * *w));
        b.iter_mut().zip(db).for_each(|(b, &db)| *b -= self.eta * db);
    }
}

/// A layer's trainable numbers, for the time of one call.
pub struct Weights<'a, R> {
    /// The weights.
    pub w: &'a [R],
    /// The biases.
    pub b: &'a [R],
}

/// Where a layer's gradients are added up.
pub struct Gradients<'a, R> {
    /// ∂C/∂w.
    pub dw: &'a mut [R],
    /// ∂C/∂b.
    pub db: &'a mut [R],
}

/// One way of computing every operation.
///
/// The methods given here are the definitions. A voice replaces those that it can do faster; `&mut self` lets it keep
/// scratch memory between calls, so that nothing is allocated while training. Slices are as long as the operation's
/// dimensions say, times the number of examples.
///
/// # Panics
/// When a slice has another length: that is a mistake in the calling program, which layers cannot make.
pub trait Voice<R: Real>: Send {
    /// [`conv`]: y = x ⋆ w, without bias.
    fn conv_forward(&mut self, op: &Conv, x: &[R], w: &[R], y: &mut [R]) {
        let (x, w, y) = (op.input(x), op.weights(w), op.output_mut(y));
        conv::reference::forward(op, x, w, y);
    }

    /// [`conv`]: adds to `dw`, and writes `dx` where it is wanted.
    fn conv_backward(&mut self, op: &Conv, x: &[R], w: &[R], dy: &[R], dw: &mut [R], dx: Option<&mut [R]>) {
        let dx = dx.map(|dx| op.input_mut(dx));
        conv::reference::backward(op, op.input(x), op.weights(w), op.output(dy), op.weights_mut(dw), dx);
    }

    /// [`conv_pool`]: y = f(pool(x ⋆ w) + b). `winners` is the voice's own note for the way back, of
    /// [`ConvPool::notes`] words an example.
    fn conv_pool_forward(&mut self, op: &ConvPool, x: &[R], p: Weights<R>, y: &mut [R], winners: &mut [u32]) {
        let _ = winners;
        conv_pool::reference::forward(self, op, x, p, y);
    }

    /// [`conv_pool`]: turns `dy` into δ, adds to `dw` and `db`, and writes `dx` where it is wanted.
    #[allow(clippy::too_many_arguments)] // the mathematics has them
    fn conv_pool_backward(
        &mut self,
        op: &ConvPool,
        x: &[R],
        p: Weights<R>,
        (y, winners): (&[R], &[u32]),
        dy: &mut [R],
        g: Gradients<R>,
        dx: Option<&mut [R]>,
    ) {
        let _ = winners;
        conv_pool::reference::backward(self, op, x, p, y, dy, g, dx);
    }

    /// [`conv_pool`]: gradient and update in one go, so that a fast voice can do both while a filter is at hand:
    /// w ← w − η(dw + decay·w), b ← b − η db. `dx` comes from the filters as they were.
    #[allow(clippy::too_many_arguments)] // the mathematics has them
    fn conv_pool_step(
        &mut self,
        op: &ConvPool,
        x: &[R],
        (w, b): (&mut [R], &mut [R]),
        (y, winners): (&[R], &[u32]),
        dy: &mut [R],
        sgd: Sgd<R>,
        dx: Option<&mut [R]>,
    ) {
        conv_pool::reference::step(self, op, x, (w, b), (y, winners), dy, sgd, dx);
    }

    /// [`affine`]: y = x w + b.
    fn affine_forward(&mut self, op: &Affine, x: &[R], p: Weights<R>, y: &mut [R]) {
        affine::reference::forward(rows(x, op.inputs), op.weights(p.w), p.b, rows_mut(y, op.outputs));
    }

    /// [`affine`]: adds to `dw` and `db`, and writes `dx` where it is wanted.
    fn affine_backward(&mut self, op: &Affine, x: &[R], w: &[R], dy: &[R], g: Gradients<R>, dx: Option<&mut [R]>) {
        let (x, dy, w) = (rows(x, op.inputs), rows(dy, op.outputs), op.weights(w));
        affine::reference::backward(x, w, dy, op.weights_mut(g.dw), g.db, dx.map(|dx| rows_mut(dx, op.inputs)));
    }

    /// [`affine`]: gradient and update in one go, so that a fast voice can do both while a weight is at hand:
    /// w ← w − η(xᵀ dy + decay·w), b ← b − η Σ dy. `dx` comes from the weights as they were. With `sparse`, it may be
    /// left at zero wherever x is zero.
    #[allow(clippy::too_many_arguments)] // the mathematics has them
    fn affine_step(
        &mut self,
        op: &Affine,
        x: &[R],
        w: &mut [R],
        b: &mut [R],
        dy: &[R],
        sgd: Sgd<R>,
        dx: Option<&mut [R]>,
        sparse: bool,
    ) {
        let _ = sparse;
        let (mut dw, mut db) = (vec![R::zero(); w.len()], vec![R::zero(); b.len()]);
        self.affine_backward(op, x, w, dy, Gradients { dw: &mut dw, db: &mut db }, dx);
        sgd.descend((w, &dw), (b, &db));
    }

    /// [`activation`]: z becomes f(z), in place.
    fn activate(&mut self, f: Activation, z: &mut [R]) {
        activation::forward(f, z);
    }

    /// [`activation`]: `dy` becomes δ = dy · f′(z), which y = f(z) is enough to know.
    fn activate_backward(&mut self, f: Activation, y: &[R], dy: &mut [R]) {
        activation::backward(f, y, dy);
    }
}

/// The definitions themselves, generic over [`Real`]: what gradients are checked on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl<R: Real> Voice<R> for Reference {}

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
