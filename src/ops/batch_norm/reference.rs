//! The definition of batch normalisation, as loops.

use super::{BatchNorm, Moments};
use crate::Real;
use crate::ops::{Gradients, Weights};

/// μ = Σ x / m, σ² = Σ (x − μ)² / m
pub fn moments<R: Real>(op: &BatchNorm, x: &[R], mean: &mut [R], variance: &mut [R]) {
    let m = R::of((x.len() / op.channels) as f64);
    for (c, (mean, variance)) in mean.iter_mut().zip(variance).enumerate() {
        let channel = || x[c..].iter().step_by(op.channels);
        *mean = channel().copied().sum::<R>() / m;
        *variance = channel().map(|&x| (x - *mean) * (x - *mean)).sum::<R>() / m;
    }
}

/// y = γ (x − μ)/√(σ² + ε) + β
pub fn forward<R: Real>(op: &BatchNorm, x: &[R], at: Moments<R>, p: Weights<R>, y: &mut [R]) {
    for (x, y) in x.chunks_exact(op.channels).zip(y.chunks_exact_mut(op.channels)) {
        for (c, (&x, y)) in x.iter().zip(y).enumerate() {
            *y = p.w[c] * (x - at.mean[c]) * r(op, at, c) + p.b[c];
        }
    }
}

/// ∂C/∂γ = Σ dy·x̂ and ∂C/∂β = Σ dy, which are added; and, where it is wanted, ∂C/∂x = γ r dy, less γ r (∂C/∂β + x̂ ·
/// ∂C/∂γ)/m where the moments are those of the mini-batch.
pub fn backward<R: Real>(
    op: &BatchNorm,
    [x, dy]: [&[R]; 2],
    at: Moments<R>,
    gamma: &[R],
    g: Gradients<R>,
    mut dx: Option<&mut [R]>,
) {
    let m = R::of((x.len() / op.channels) as f64);
    for (c, &gamma) in gamma.iter().enumerate() {
        let r = r(op, at, c);
        let places = || (c..x.len()).step_by(op.channels);
        let normalised = |k: usize| (x[k] - at.mean[c]) * r;
        let dgamma: R = places().map(|k| dy[k] * normalised(k)).sum();
        let dbeta: R = places().map(|k| dy[k]).sum();
        g.dw[c] += dgamma;
        g.db[c] += dbeta;
        if let Some(dx) = dx.as_deref_mut() {
            for k in places() {
                let moved = if at.of_batch { (dbeta + normalised(k) * dgamma) / m } else { R::zero() };
                dx[k] = gamma * r * (dy[k] - moved);
            }
        }
    }
}

/// r = 1/√(σ² + ε)
fn r<R: Real>(op: &BatchNorm, at: Moments<R>, c: usize) -> R {
    (at.variance[c] + R::of(op.epsilon)).sqrt().recip()
}
