//! Made-up numbers, the same in every run: messages about wrong answers are compared with files.

use ndarray::{Array, Dimension, ShapeBuilder};
use rand::RngExt;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

/// A stream of made-up numbers.
pub struct Random(Xoshiro256PlusPlus);

impl Random {
    /// The stream that belongs to this seed.
    pub fn new(seed: u64) -> Self {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// From `low` up to, but not including, `high`.
    pub fn integer(&mut self, low: usize, high: usize) -> usize {
        self.0.random_range(low..high)
    }

    /// Uniform in −1…1.
    pub fn number(&mut self) -> f64 {
        self.0.random_range(-1.0..1.0)
    }

    /// Normally distributed: mean 0, standard deviation 1.
    pub fn normal(&mut self) -> f64 {
        // Box and Muller's method; 1 − u is never zero.
        let (u, v): (f64, f64) = (self.0.random_range(0.0..1.0), self.number());
        (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::PI * v).cos()
    }

    /// An array of numbers uniform in −1…1.
    pub fn array<D: Dimension>(&mut self, shape: impl ShapeBuilder<Dim = D>) -> Array<f64, D> {
        Array::from_shape_simple_fn(shape, || self.number())
    }
}
