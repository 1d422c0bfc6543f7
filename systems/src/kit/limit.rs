//! How near a network comes to what the processor can do.

use network3::{
    Pieces, Threads,
    cpu::simd::{F32x8, Kernel, Level},
};
use serde::{Deserialize, Serialize};
use std::{hint::black_box, time::Instant};

/// Independent sums of a [`Multiply`]: two units that take four steps for each are kept busy by eight, and sixteen registers hold
/// twelve and the two factors.
const SUMS: usize = 12;
/// Rounds of a measurement: some milliseconds.
const ROUNDS: usize = 1_000_000;

/// Multiplies and adds in registers, and does nothing else: the inner loop that every product of matrices would like to be.
struct Multiply(usize);

impl Kernel for Multiply {
    type Output = f32;

    #[inline(always)]
    fn run<V: F32x8>(self) -> f32 {
        let (a, b) = (V::splat(black_box(0.999)), V::splat(black_box(0.001)));
        let mut sums = [V::splat(1.0); SUMS];
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = sum.mul_add(a, b);
            }
        }
        sums.into_iter().fold(V::splat(0.0), |all, sum| all.add(sum)).array().iter().sum()
    }
}

/// Multiplications with an addition each that these threads do in a second, of numbers that are in registers already; with
/// vectors of eight, which are the library's. It is the limit of all that the library computes.
pub fn multiplications_per_second(threads: &Threads) -> f64 {
    let mut out = vec![0.0_f32; threads.count()];
    let each = (ROUNDS * SUMS * 8) as f64;
    let time = seconds(5, || {
        threads.for_each(Pieces(&mut out, 1), |_, out| out[0] = Level::detect().run(Multiply(ROUNDS)));
        black_box(&out);
    });
    each * threads.count() as f64 / time
}

/// The least time of several tries: the one that other programs disturbed least.
pub fn seconds(tries: usize, mut f: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        f();
        start.elapsed().as_secs_f64()
    };
    (0..tries).map(time).fold(f64::INFINITY, f64::min)
}

/// How long something took that needs so many multiplications, and what share of the limit that is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Images at once.
    pub images: usize,
    /// For all of them.
    pub seconds: f64,
    /// Multiplications with an addition each, in units of 10⁹.
    pub giga_multiplications: f64,
    /// The same in a second.
    pub per_second: f64,
    /// Of what the processor can do.
    pub share: f64,
}

impl Rate {
    /// From the time, the number of multiplications, and how many a second are possible.
    pub fn new(images: usize, seconds: f64, multiplications: usize, limit: f64) -> Self {
        let rate = multiplications as f64 / seconds;
        Rate {
            images,
            seconds: super::round(seconds, 3),
            giga_multiplications: super::round(multiplications as f64 / 1e9, 2),
            per_second: super::round(rate / 1e9, 1),
            share: super::round(rate / limit, 3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x ← 0.999 x + 0.001 stays at 1, whichever vectors there are.
    #[test]
    fn all_vectors_compute_the_same() {
        for level in Level::all() {
            let sum = level.run(Multiply(1000));
            assert!((sum - 8.0 * SUMS as f32).abs() < 0.1, "{level}: {sum}");
        }
    }

    #[test]
    fn a_rate_is_a_share_of_the_limit() {
        let rate = Rate::new(4, 2.0, 8_000_000_000, 16e9);
        assert_eq!((rate.giga_multiplications, rate.per_second, rate.share), (8.0, 4.0, 0.25));
    }
}
