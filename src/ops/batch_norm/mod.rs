//! Batch normalisation: each channel is moved and stretched so that, over the mini-batch, its mean is β and its
//! standard deviation γ.
//!
//! A channel is a map of an image, or a single unit of a flat signal. Over the m numbers that it has in a mini-batch,
//! one for each example and each place of the map,
//!
//! μ = Σ x / m, &nbsp; σ² = Σ (x − μ)² / m, &nbsp; x̂ = (x − μ) / √(σ² + ε), &nbsp; y = γ x̂ + β
//!
//! (algorithm 1 of Ioffe and Szegedy, 2015). γ and β are learned. When the network is asked, an answer must not depend
//! on who else asks: then μ and σ² are running means over the mini-batches of training. Shapes: x and y
//! `[units, channels]`, a unit being a place of an example.
//!
//! # Backward
//!
//! With given moments the operation is a straight line, ∂y/∂x = γ r with r = 1/√(σ² + ε). In training they are not
//! given: each number moves the mean, ∂μ/∂xⱼ = 1/m, and the variance, ∂σ²/∂xⱼ = 2(xⱼ − μ)/m (that the mean moves too
//! adds nothing, because Σ (x − μ) = 0). So
//!
//! ∂x̂ᵢ/∂xⱼ = r \[i = j\] − r/m − ½(xᵢ − μ) r³ · 2(xⱼ − μ)/m = r (\[i = j\] − 1/m − x̂ᵢ x̂ⱼ/m).
//!
//! Multiplied by γ dyᵢ and added up over i, with ∂C/∂β = Σ dy and ∂C/∂γ = Σ dy·x̂ as they would be in any case,
//!
//! ∂C/∂x = γ r (dy − ∂C/∂β / m − x̂ · ∂C/∂γ / m):
//!
//! what would move the mean of the channel or its scale is taken out of the gradient, since neither shows in y.

pub mod fast;
pub mod reference;

use crate::{Error, Result, Shape};

/// The dimensions and the constant of batch normalisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// Maps of an image, or units of a flat signal.
    pub channels: usize,
    /// ε, which keeps the divisor from zero.
    pub epsilon: f64,
}

/// ε as PyTorch and Caffe have it; the paper does not say.
const EPSILON: f64 = 1e-5;

impl BatchNorm {
    /// Batch normalisation of signals of that shape.
    ///
    /// # Errors
    /// When there are no channels.
    pub fn new(input: Shape) -> Result<Self> {
        let channels = match input {
            Shape::Image { maps, .. } => maps,
            Shape::Flat(units) => units,
        };
        match channels {
            0 => Err(Error::shape("batch normalisation", "at least one map or unit", input)),
            _ => Ok(BatchNorm { channels, epsilon: EPSILON }),
        }
    }
}

/// m/(m − 1), by which the variance of m numbers around their own mean is too small for others, on average.
pub(crate) fn unbiased(m: usize) -> f64 {
    m as f64 / m.saturating_sub(1).max(1) as f64
}

/// Mean and variance of each channel.
#[derive(Clone, Copy, Debug)]
pub struct Moments<'a, R> {
    /// μ
    pub mean: &'a [R],
    /// σ²
    pub variance: &'a [R],
    /// Are they those of the mini-batch at hand, so that they move with it?
    pub of_batch: bool,
}
