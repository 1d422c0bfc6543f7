//! Derivatives, measured.

use ndarray::{Array, Dimension, NdIndex};

/// ∂f/∂x for each element of `x`, by centred differences. With this step they are good to about ten digits: see
/// [`network3::gradcheck`].
pub fn measure<D: Dimension>(x: &Array<f64, D>, mut f: impl FnMut(&Array<f64, D>) -> f64) -> Array<f64, D>
where
    D::Pattern: NdIndex<D> + Clone,
{
    const STEP: f64 = 6e-6;
    let (mut point, mut slopes) = (x.clone(), x.clone());
    for (index, slope) in slopes.indexed_iter_mut() {
        let here = *slope;
        let mut at = |value| {
            point[index.clone()] = value;
            f(&point)
        };
        *slope = (at(here + STEP) - at(here - STEP)) / (2.0 * STEP);
        point[index] = here;
    }
    slopes
}
