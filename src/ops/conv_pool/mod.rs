//! The chapter's convolutional layer: convolution, pooling, bias, activation.
//!
//! y = f(pool(x ⋆ w) + b), with one bias for each filter. Bias and activation come *after* pooling: adding the same b
//! to a whole window, and applying a function that never decreases, cannot change which unit of it is largest, so for
//! max-pooling the order makes no difference, and this one costs a quarter. (For L2 and mean pooling it is part of the
//! definition.)
//!
//! # Backward
//!
//! This is Problem 1 of the chapter. δ = dy · f′(z) at the pooled units; ∂C/∂b\[f\] is the sum of δ over the map.
//! Through max-pooling, δ goes to the winner of each window and nowhere else. So of all the outputs of the convolution
//! only one in four has a gradient, and both convolution gradients, with respect to w and to x, are sums over winners:
//! a quarter of the work, and none at all for a rectified linear unit that is off. The fast backend lives on that.

pub mod fast;
pub mod reference;

use super::{Activation, Conv, Pool, Pooling, Ties, Window};
use crate::{Result, Shape};

/// The dimensions of a convolutional layer, its pooling and its activation. Pooling over windows of one unit makes it a
/// convolution with bias and activation, and nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvPool {
    /// The convolution.
    pub conv: Conv,
    /// What becomes of its output.
    pub pool: Pool,
    /// What comes last.
    pub activation: Activation,
}

impl ConvPool {
    /// Pooling over the outputs of `conv`.
    ///
    /// # Errors
    /// When the window does not fit onto the output of the convolution, or a dimension is zero.
    pub fn new(conv: Conv, pooling: Pooling, ties: Ties, window: Window, activation: Activation) -> Result<Self> {
        let pool = Pool::new(conv.output_shape(), pooling, window, ties)?;
        Ok(ConvPool { conv, pool, activation })
    }

    /// The shape of the output.
    pub fn output_shape(&self) -> Shape {
        self.pool.output_shape()
    }

    /// The same layer on an input that has its margin already.
    pub(super) fn on_padded(&self) -> ConvPool {
        ConvPool { conv: self.conv.on_padded(), ..*self }
    }
}
