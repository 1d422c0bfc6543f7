//! Local response normalisation: a unit is divided by how active its neighbours are, those at the same place in the
//! maps before and after its own.
//!
//! s\[c\] = k + α Σ x\[c′\]², &nbsp; y\[c\] = x\[c\] · s\[c\]⁻ᵝ,
//!
//! the sum over the maps c′ from c − ⌊size/2⌋ to c + ⌊size/2⌋ that there are (section 3.3 of Krizhevsky, Sutskever and
//! Hinton, 2012, which has k = 2, size 5, α = 10⁻⁴ and β = 0.75). Shapes: x and y `[units, maps]`.
//!
//! # Backward
//!
//! x\[c\] is the numerator of its own y, and stands in the sum of each neighbour's: ∂s\[c′\]/∂x\[c\] = 2α x\[c\]. So
//!
//! ∂C/∂x\[c\] = dy\[c\] · s\[c\]⁻ᵝ − 2αβ x\[c\] Σ dy\[c′\] · x\[c′\] · s\[c′\]⁻ᵝ⁻¹,
//!
//! the sum over the same neighbours: c′ is a neighbour of c just when c is one of c′.

pub mod fast;
pub mod reference;

use crate::{Error, Result, Shape};
use std::ops::Range;

/// The dimensions and constants of local response normalisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalise {
    /// Maps of the input.
    pub maps: usize,
    /// How many maps a unit is compared with, its own included.
    pub size: usize,
    /// What s is without any activity.
    pub k: f64,
    /// The weight of a neighbour.
    pub alpha: f64,
    /// The exponent.
    pub beta: f64,
}

impl Normalise {
    /// Normalisation of images of that shape.
    ///
    /// # Errors
    /// When the input is no image, when `size` is even (then there is no map in the middle), and when a constant is not
    /// a number, or k is not positive, or α or β negative.
    pub fn new(input: Shape, size: usize, k: f64, alpha: f64, beta: f64) -> Result<Self> {
        let Shape::Image { maps, .. } = input else {
            let got = format!("a row of {input} units");
            return Err(Error::shape("normalisation", "an image (maps×height×width)", got));
        };
        if size.is_multiple_of(2) {
            return Err(Error::input(format!("normalisation: the number of maps must be odd, not {size}")));
        }
        let positive = |x: f64| x.is_finite() && x >= 0.0;
        if !(positive(k) && k > 0.0 && positive(alpha) && positive(beta)) {
            let message = format!("normalisation: k = {k} must be positive, α = {alpha} and β = {beta} not negative");
            return Err(Error::input(message));
        }
        Ok(Normalise { maps, size, k, alpha, beta })
    }

    /// The neighbours of map c, itself included.
    fn neighbours(&self, c: usize) -> Range<usize> {
        c.saturating_sub(self.size / 2)..(c + self.size / 2 + 1).min(self.maps)
    }
}
