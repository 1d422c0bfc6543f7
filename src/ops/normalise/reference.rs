//! The definition of local response normalisation, as loops.

use super::Normalise;
use crate::Real;

/// y\[c\] = x\[c\] · s\[c\]⁻ᵝ
pub fn forward<R: Real>(op: &Normalise, x: &[R], y: &mut [R]) {
    for (x, y) in x.chunks_exact(op.maps).zip(y.chunks_exact_mut(op.maps)) {
        for (c, y) in y.iter_mut().enumerate() {
            *y = x[c] * s(op, x, c).powf(R::of(-op.beta));
        }
    }
}

/// ∂C/∂x\[c\] = dy\[c\] · s\[c\]⁻ᵝ − 2αβ x\[c\] Σ dy\[c′\] · x\[c′\] · s\[c′\]⁻ᵝ⁻¹
pub fn backward<R: Real>(op: &Normalise, x: &[R], dy: &[R], dx: &mut [R]) {
    let units = x.chunks_exact(op.maps).zip(dy.chunks_exact(op.maps)).zip(dx.chunks_exact_mut(op.maps));
    for ((x, dy), dx) in units {
        for (c, dx) in dx.iter_mut().enumerate() {
            let through = |n: usize| dy[n] * x[n] * s(op, x, n).powf(R::of(-op.beta - 1.0));
            let sum: R = op.neighbours(c).map(through).sum();
            *dx = dy[c] * s(op, x, c).powf(R::of(-op.beta)) - R::of(2.0 * op.alpha * op.beta) * x[c] * sum;
        }
    }
}

/// s\[c\] = k + α Σ x\[c′\]² over the neighbours c′ of c, at one unit.
fn s<R: Real>(op: &Normalise, x: &[R], c: usize) -> R {
    R::of(op.k) + R::of(op.alpha) * op.neighbours(c).map(|n| x[n] * x[n]).sum::<R>()
}
