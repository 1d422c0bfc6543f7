//! L2 pooling over pairs of filters: s = √(ε + z₁² + z₂²).
//!
//! What is pooled has no sign and does not say which of the two answered: so a pair learns two forms of one thing (a
//! stroke and the same stroke a little further on), and the pool answers to both. ε keeps the root differentiable at
//! zero.
//!
//! The derivatives are ∂s/∂z₁ = z₁/s and ∂s/∂z₂ = z₂/s.

use network3::Real;

/// Filters of a pool.
pub const PAIR: usize = 2;

/// Under the root.
pub const EPSILON: f64 = 0.01;

/// s, for every pair of filters.
pub fn forward<R: Real>(z: &[R], s: &mut [R]) {
    for (z, s) in z.chunks_exact(PAIR).zip(s) {
        *s = (R::of(EPSILON) + z.iter().map(|&z| z * z).sum::<R>()).sqrt();
    }
}

/// Adds ∂C/∂z to `dz`, given ∂C/∂s.
pub fn backward<R: Real>(z: &[R], s: &[R], ds: &[R], dz: &mut [R]) {
    for (((dz, z), &s), &ds) in dz.chunks_exact_mut(PAIR).zip(z.chunks_exact(PAIR)).zip(s).zip(ds) {
        dz.iter_mut().zip(z).for_each(|(dz, &z)| *dz += ds * z / s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr1;
    use network3::gradcheck::check;

    #[test]
    fn gradient() {
        let (z, c) = (arr1(&[0.5, -1.0, 0.0, 0.0, -0.01, 0.02]).into_dyn(), [0.7, -1.3, 2.0]);
        let pooled = |z: &[f64]| {
            let mut s = [0.0; 3];
            forward(z, &mut s);
            s
        };
        let mut dz = ndarray::ArrayD::zeros(z.raw_dim());
        backward(z.as_slice().unwrap(), &pooled(z.as_slice().unwrap()), &c, dz.as_slice_mut().unwrap());
        let f = |t: &[ndarray::ArrayD<f64>]| {
            pooled(t[0].as_slice().unwrap()).iter().zip(c).map(|(s, c)| s * c).sum::<f64>()
        };
        let report = check(&[("z", z)], &[dz], f).unwrap();
        assert!(report.passes(1e-7), "{report}");
    }
}
