//! The scalar that everything is generic over: `f32` to train with, `f64` to check gradients with.

use ndarray::NdFloat;
use std::iter::Sum;

/// A real number: `f32` or `f64`.
///
/// ```
/// use network3::Real;
/// fn mean<R: Real>(x: &[R]) -> R {
///     x.iter().copied().sum::<R>() / R::of(x.len() as f64)
/// }
/// assert_eq!(mean(&[1.0f32, 2.0]), 1.5);
/// assert_eq!(mean(&[1.0f64, 2.0]), 1.5);
/// ```
pub trait Real: NdFloat + Sum + Default {
    /// The nearest number of this type.
    fn of(x: f64) -> Self;
    /// This number as an `f64`, exactly.
    fn f64(self) -> f64;
}

impl Real for f32 {
    fn of(x: f64) -> Self {
        x as f32
    }
    fn f64(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    fn of(x: f64) -> Self {
        x
    }
    fn f64(self) -> f64 {
        self
    }
}
