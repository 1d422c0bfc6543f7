//! Local response normalisation in `f32`. All maps of a unit lie side by side, so that sums over neighbours are a few
//! sums of shifted rows, which the compiler turns into vectors.

use super::Normalise;
use crate::cpu::simd::{F32x8, Kernel};

/// One image: y = x · s⁻ᵝ.
pub struct Forward<'a> {
    /// The operation.
    pub op: &'a Normalise,
    /// `[units, maps]`
    pub x: &'a [f32],
    /// `[units, maps]`
    pub y: &'a mut [f32],
    /// s, `[units, maps]`, for the way back.
    pub s: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let Forward { op, x, y, s } = self;
        let units = x.chunks_exact(op.maps).zip(y.chunks_exact_mut(op.maps)).zip(s.chunks_exact_mut(op.maps));
        for ((x, y), s) in units {
            // Squares, and their sums over the neighbours
            for (y, x) in y.iter_mut().zip(x) {
                *y = x * x;
            }
            add_neighbours(op, y, s);
            for s in s.iter_mut() {
                *s = op.k as f32 + op.alpha as f32 * *s;
            }
            power(op, s, y);
            for (y, x) in y.iter_mut().zip(x) {
                *y *= x;
            }
        }
    }
}

/// One image: dx = dy · s⁻ᵝ − 2αβ x Σ dy · y / s.
pub struct Backward<'a> {
    /// The operation.
    pub op: &'a Normalise,
    /// `[units, maps]`
    pub x: &'a [f32],
    /// `[units, maps]`
    pub y: &'a [f32],
    /// s of the forward pass.
    pub s: &'a [f32],
    /// `[units, maps]`; is overwritten.
    pub dy: &'a mut [f32],
    /// `[units, maps]`
    pub dx: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let Backward { op, x, y, s, dy, dx } = self;
        let scale = (2.0 * op.alpha * op.beta) as f32;
        // The part of each unit's own numerator goes to dx first, and the sums over neighbours take its place in `sums`
        let mut sums = vec![0.0; op.maps];
        let units = x.chunks_exact(op.maps).zip(y.chunks_exact(op.maps)).zip(s.chunks_exact(op.maps));
        let gradients = dy.chunks_exact_mut(op.maps).zip(dx.chunks_exact_mut(op.maps));
        for (((x, y), s), (dy, dx)) in units.zip(gradients) {
            power(op, s, dx);
            for (((dx, dy), y), s) in dx.iter_mut().zip(dy.iter_mut()).zip(y).zip(s) {
                *dx *= *dy;
                *dy *= y / s;
            }
            add_neighbours(op, dy, &mut sums);
            for ((dx, x), sum) in dx.iter_mut().zip(x).zip(&sums) {
                *dx -= scale * x * sum;
            }
        }
    }
}

/// sums\[c\] = Σ x\[c′\] over the neighbours c′ of c, one distance after the other.
#[inline(always)]
fn add_neighbours(op: &Normalise, x: &[f32], sums: &mut [f32]) {
    sums.copy_from_slice(x);
    for distance in 1..=(op.size / 2).min(op.maps - 1) {
        for (sum, x) in sums.iter_mut().zip(&x[distance..]) {
            *sum += x;
        }
        for (sum, x) in sums[distance..].iter_mut().zip(x) {
            *sum += x;
        }
    }
}

/// y = s⁻ᵝ. For β = 3/4, the published one, s^¾ = √s · √√s: two square roots, where a general power takes a logarithm.
#[inline(always)]
fn power(op: &Normalise, s: &[f32], y: &mut [f32]) {
    if op.beta == 0.75 {
        for (y, s) in y.iter_mut().zip(s) {
            let root = s.sqrt();
            *y = 1.0 / (root * root.sqrt());
        }
    } else {
        for (y, s) in y.iter_mut().zip(s) {
            *y = s.powf(-op.beta as f32);
        }
    }
}
