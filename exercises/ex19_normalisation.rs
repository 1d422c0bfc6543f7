//! # Local response normalisation
//!
//! The network that won the great competition of 2012 lets feature maps compete, too: what a unit says counts for less
//! when its neighbours speak up, too. The neighbours of a unit are those at the same place of the image, in the maps
//! just before and just after its own. For each place, and with maps counted from 0:
//!
//! ```text
//! s[c] = k + α Σ x[c′]²        the sum is over the neighbours c′ of map c
//! y[c] = x[c] / s[c]^β
//! ```
//!
//! `size`, which is odd, says how many maps are neighbours: map c itself, and (size − 1)/2 on each side, as far as
//! there are any. The paper has size 5, k = 2, α = 10⁻⁴ and β = 0.75. Its α is not divided by the size, as in some
//! libraries.
//!
//! Write it, forward and backward. On the way back each unit counts several times, since it is a neighbour of several.
//!
//! | array | its indices |
//! | --- | --- |
//! | `x` and the gradient with respect to it | height, width, maps |
//! | `y` and `dy` = ∂C/∂y | the same |
//!
//! k is positive, α and β are positive or zero, and x is any number.

use ndarray::Array3;
use std::ops::Range;

/// The neighbours of map `c`, itself included, in a layer of `maps` maps, from 0 to `maps` − 1. `size` is odd, and may
/// be larger than there are maps.
pub fn neighbours(c: usize, size: usize, maps: usize) -> Range<usize> {
    todo!()
}

/// `y`, from `x`.
pub fn forward(x: &Array3<f64>, size: usize, k: f64, alpha: f64, beta: f64) -> Array3<f64> {
    todo!()
}

/// ∂C/∂x, from `x` and ∂C/∂y.
pub fn backward(x: &Array3<f64>, dy: &Array3<f64>, size: usize, k: f64, alpha: f64, beta: f64) -> Array3<f64> {
    todo!()
}
