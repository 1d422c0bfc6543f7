//! Batch normalisation in `f32`. The channels of a unit lie side by side, so every loop goes along them, and the
//! compiler makes vectors of it. Sums over units are formed by tasks, each of so many units, and added up in the tasks'
//! order.

use super::{BatchNorm, Moments};
use crate::Pieces;
use crate::cpu::simd::{F32x8, Kernel};
use crate::cpu::tuning::TASK_UNITS;
use crate::ops::affine::fast::On;
use crate::ops::{At, Trainable, Weights};
use std::ops::Range;

/// Memory that is kept from one mini-batch to the next.
#[derive(Default)]
pub struct Workspace {
    /// Two sums for each channel: those of all units, and behind them those of each further task.
    sums: Vec<f32>,
    /// Up to three numbers for each channel.
    factors: Vec<f32>,
}

impl Workspace {
    /// μ and σ².
    pub fn moments(&mut self, on: On, op: &BatchNorm, x: &[f32], mean: &mut [f32], variance: &mut [f32]) {
        let (n, per_unit) = (op.channels, op.channels as f32 / x.len() as f32);
        mean.fill(0.0);
        let around_zero = self.add_up(on, op, x.len(), |at, sums| on.1.run(Sums { x: &x[at], mean, sums }));
        mean.iter_mut().zip(around_zero).for_each(|(mean, sum)| *mean = sum * per_unit);
        // Squares of what is left: a difference of two large sums would be inexact. What rounding left of the sums
        // themselves is taken off, and may be as large as all there is.
        let mean = &*mean;
        let around_mean = self.add_up(on, op, x.len(), |at, sums| on.1.run(Sums { x: &x[at], mean, sums }));
        for ((variance, sum), square) in variance.iter_mut().zip(around_mean).zip(&around_mean[n..]) {
            *variance = ((square - sum * sum * per_unit) * per_unit).max(0.0);
        }
    }

    /// y = γ r (x − μ) + β
    pub fn forward(&mut self, on: On, op: &BatchNorm, x: &[f32], at: Moments<f32>, p: Weights<f32>, y: &mut [f32]) {
        self.factors.clear();
        self.factors.extend(p.w.iter().zip(at.variance).map(|(gamma, variance)| gamma * r(op, *variance)));
        let (On(threads, level), each) = (on, TASK_UNITS * op.channels);
        let (mean, shift, scale) = (at.mean, p.b, &self.factors[..]);
        threads.if_worth(x.len()).for_each(Pieces(y, each), |k, y| {
            level.run(Forward { x: &x[k * each..][..y.len()], mean, scale, shift, y });
        });
    }

    /// The gradients of γ and β, and ∂C/∂x where it is wanted.
    pub fn backward(&mut self, on: On, op: &BatchNorm, at: At<f32>, moments: Moments<f32>, mut p: Trainable<f32>) {
        let (At { x, dy, dx, .. }, Moments { mean, variance, of_batch }) = (at, moments);
        let (On(threads, level), n, per_unit) = (on, op.channels, op.channels as f32 / x.len() as f32);
        let dy = &*dy;
        let mut factors = std::mem::take(&mut self.factors);
        factors.clear();
        factors.extend(variance.iter().map(|variance| r(op, *variance)));
        let sums = self.add_up(on, op, x.len(), |at, sums| {
            level.run(GradientSums { x: &x[at.clone()], dy: &dy[at], mean, r: &factors, sums });
        });
        let (dbeta, dgamma) = sums.split_at(n);
        if let Some(dx) = dx {
            // γ r, then what is taken out of the gradient: ∂C/∂β / m, and ∂C/∂γ · r / m for each x − μ
            let m = if of_batch { per_unit } else { 0.0 };
            factors.extend(dbeta.iter().map(|dbeta| dbeta * m));
            for c in 0..n {
                factors.push(dgamma[c] * factors[c] * m);
                factors[c] *= p.w.value()[c];
            }
            let (scale, [constant, slope]) = (&factors[..n], [&factors[n..2 * n], &factors[2 * n..]]);
            let each = TASK_UNITS * n;
            threads.if_worth(x.len()).for_each(Pieces(dx, each), |k, dx| {
                let part = k * each..k * each + dx.len();
                let (x, dy) = (&x[part.clone()], &dy[part]);
                level.run(InputGradient { x, dy, mean, scale, constant, slope, dx });
            });
        }
        p.w.follow(dgamma);
        p.b.follow(dbeta);
        self.factors = factors;
    }

    /// Two sums for each channel over all units, `[2, channels]`: `task` adds up those of the numbers that it is given.
    fn add_up(
        &mut self,
        On(threads, _): On,
        op: &BatchNorm,
        len: usize,
        task: impl Fn(Range<usize>, &mut [f32]) + Sync,
    ) -> &[f32] {
        let (size, each) = (2 * op.channels, TASK_UNITS * op.channels);
        self.sums.clear();
        self.sums.resize(size * len.div_ceil(each), 0.0);
        threads.if_worth(len).for_each(Pieces(&mut self.sums, size), |k, sums| {
            task(k * each..len.min((k + 1) * each), sums);
        });
        let (all, others) = self.sums.split_at_mut(size);
        for other in others.chunks_exact(size) {
            all.iter_mut().zip(other).for_each(|(all, other)| *all += other);
        }
        all
    }
}

/// r = 1/√(σ² + ε)
fn r(op: &BatchNorm, variance: f32) -> f32 {
    (variance + op.epsilon as f32).sqrt().recip()
}

/// Adds Σ (x − mean) and Σ (x − mean)² for each channel.
struct Sums<'a> {
    x: &'a [f32],
    mean: &'a [f32],
    sums: &'a mut [f32],
}

impl Kernel for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let (sums, squares) = self.sums.split_at_mut(self.mean.len());
        for x in self.x.chunks_exact(self.mean.len()) {
            for (((x, mean), sum), square) in x.iter().zip(self.mean).zip(sums.iter_mut()).zip(squares.iter_mut()) {
                let d = x - mean;
                *sum += d;
                *square += d * d;
            }
        }
    }
}

/// y = scale (x − mean) + shift
struct Forward<'a> {
    x: &'a [f32],
    mean: &'a [f32],
    scale: &'a [f32],
    shift: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let n = self.mean.len();
        for (x, y) in self.x.chunks_exact(n).zip(self.y.chunks_exact_mut(n)) {
            let channels = self.mean.iter().zip(self.scale).zip(self.shift);
            for ((x, y), ((mean, scale), shift)) in x.iter().zip(y).zip(channels) {
                *y = scale * (x - mean) + shift;
            }
        }
    }
}

/// Adds Σ dy and Σ dy · x̂ for each channel.
struct GradientSums<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    mean: &'a [f32],
    r: &'a [f32],
    sums: &'a mut [f32],
}

impl Kernel for GradientSums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let n = self.mean.len();
        let (dbeta, dgamma) = self.sums.split_at_mut(n);
        for (x, dy) in self.x.chunks_exact(n).zip(self.dy.chunks_exact(n)) {
            let sums = dbeta.iter_mut().zip(dgamma.iter_mut());
            let channels = self.mean.iter().zip(self.r);
            for (((x, dy), (mean, r)), (dbeta, dgamma)) in x.iter().zip(dy).zip(channels).zip(sums) {
                *dbeta += dy;
                *dgamma += dy * (x - mean) * r;
            }
        }
    }
}

/// dx = scale (dy − constant − slope (x − mean))
struct InputGradient<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    mean: &'a [f32],
    scale: &'a [f32],
    constant: &'a [f32],
    slope: &'a [f32],
    dx: &'a mut [f32],
}

impl Kernel for InputGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let n = self.mean.len();
        for ((x, dy), dx) in self.x.chunks_exact(n).zip(self.dy.chunks_exact(n)).zip(self.dx.chunks_exact_mut(n)) {
            let channels = self.mean.iter().zip(self.scale).zip(self.constant.iter().zip(self.slope));
            for (((x, dy), dx), ((mean, scale), (constant, slope))) in x.iter().zip(dy).zip(dx).zip(channels) {
                *dx = scale * (dy - constant - slope * (x - mean));
            }
        }
    }
}
