//! Fully connected: every input to every neuron.
//!
//! y\[n, j\] = b\[j\] + Σᵢ x\[n, i\] · w\[i, j\], as matrices y = x w + b. Shapes: x `[n, inputs]`, w
//! `[inputs, outputs]`, b `[outputs]`, y `[n, outputs]`.
//!
//! # Backward
//!
//! With δ = dy the gradient with respect to the weighted input, these are (BP2) to (BP4) of the book, for a whole
//! mini-batch at once:
//!
//! * ∂C/∂w\[i, j\] = Σₙ x\[n, i\] · dy\[n, j\], as matrices dw = xᵀ dy
//! * ∂C/∂b\[j\] = Σₙ dy\[n, j\]
//! * ∂C/∂x\[n, i\] = Σⱼ dy\[n, j\] · w\[i, j\], as matrices dx = dy wᵀ

pub mod backward;
pub mod dense;
pub mod fast;
pub mod forward;
pub mod reference;

use super::{rows, rows_mut};
use ndarray::{ArrayView2, ArrayViewMut2};

/// The dimensions of a fully-connected layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affine {
    /// Units of one input.
    pub inputs: usize,
    /// Neurons.
    pub outputs: usize,
}

impl Affine {
    /// Outputs in whole vectors of eight.
    pub(crate) fn padded_outputs(&self) -> usize {
        self.outputs.next_multiple_of(8)
    }

    /// `w` as `[inputs, outputs]`.
    pub(crate) fn weights<'a, R>(&self, w: &'a [R]) -> ArrayView2<'a, R> {
        rows(w, self.outputs)
    }

    /// `dw` as `[inputs, outputs]`.
    pub(crate) fn weights_mut<'a, R>(&self, dw: &'a mut [R]) -> ArrayViewMut2<'a, R> {
        rows_mut(dw, self.outputs)
    }
}
