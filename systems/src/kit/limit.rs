//! How near a network comes to what the processor can do.

use network3::{
    Pieces, Threads,
    cpu::simd::{F32x8, Kernel, Level},
};
use serde::{Deserialize, Serialize};
use std::{hint::black_box, time::Instant};

/// Independent sums of a [`Multiply`]: two units that take four steps for each are kept busy by eight, and sixteen
/// registers hold twelve and the two factors.
const SUMS: usize = 12;
/// Rounds of a measurement: some tenths of a second, because time is told in hundredths.
const ROUNDS: usize = 100_000_000;

/// Multiplies and adds in registers, and does nothing else: the inner loop that every product of matrices would like to
/// be.
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

/// Multiplications with an addition each that a core does in a second, of numbers that are in registers already, while
/// all of these threads do the same; with vectors of eight, which are the library's. It is the limit of all that the
/// library computes.
pub fn multiplications_per_second(threads: &Threads) -> f64 {
    let mut out = vec![0.0_f32; threads.count()];
    let time = Time::of(|| {
        threads.for_each(Pieces(&mut out, 1), |_, out| out[0] = Level::detect().run(Multiply(ROUNDS)));
        black_box(&out);
    });
    (ROUNDS * SUMS * 8 * threads.count()) as f64 / time.busy(threads.count())
}

/// How long something takes.
pub struct Time {
    /// On the clock.
    pub seconds: f64,
    /// Of all cores together, while they were at it; `None` where the system does not tell. On a machine that does
    /// other things, too, this is what a computation needs, and the clock says for how long it also waited.
    pub busy: Option<f64>,
}

impl Time {
    /// Does something, and takes its time.
    pub fn of(f: impl FnOnce()) -> Time {
        let clock = Clock::start();
        f();
        clock.stop()
    }

    /// Of all cores together; where the system does not tell, as if these threads had never waited.
    pub fn busy(&self, threads: usize) -> f64 {
        self.busy.unwrap_or(self.seconds * threads as f64)
    }
}

/// Takes the time of something.
pub struct Clock(Instant, Option<f64>);

impl Clock {
    /// It begins.
    pub fn start() -> Self {
        Clock(Instant::now(), busy())
    }

    /// It is over.
    pub fn stop(&self) -> Time {
        Time { seconds: self.0.elapsed().as_secs_f64(), busy: self.1.zip(busy()).map(|(a, b)| b - a) }
    }
}

/// Seconds that all threads of this program have computed, where there is Linux's /proc: fields 14 and 15 of `stat`, in
/// hundredths. The second field is a name in brackets, and may have spaces in it.
fn busy() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}

/// How long something took that needs so many multiplications, and what share of the limit that is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Images at once.
    pub images: usize,
    /// On the clock, for all of them.
    pub seconds: f64,
    /// The same of all cores together, without what they did for others.
    pub busy: f64,
    /// Multiplications with an addition each, in units of 10⁹.
    pub giga_multiplications: f64,
    /// The same in a second of a core.
    pub per_second: f64,
    /// Of what the core can do.
    pub share: f64,
}

impl Rate {
    /// From the time, the number of threads and of multiplications, and how many a core can do in a second.
    pub fn new(images: usize, time: &Time, threads: usize, multiplications: usize, limit: f64) -> Self {
        let busy = time.busy(threads);
        let rate = multiplications as f64 / busy;
        Rate {
            images,
            seconds: super::round(time.seconds, 2),
            busy: super::round(busy, 2),
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
    fn who_waits_is_not_busy() {
        let time = Time::of(|| std::thread::sleep(std::time::Duration::from_millis(60)));
        assert!(time.seconds >= 0.06);
        // Other tests run on other threads of this program; but not on a hundred.
        assert!(time.busy.is_none_or(|busy| (0.0..6.0).contains(&busy)));
    }

    #[test]
    fn a_rate_is_a_share_of_the_limit() {
        let of = |busy| Rate::new(4, &Time { seconds: 2.0, busy }, 2, 8_000_000_000, 16e9);
        let rate = of(None);
        assert_eq!((rate.giga_multiplications, rate.per_second, rate.share), (8.0, 2.0, 0.125));
        assert_eq!((of(Some(1.0)).per_second, of(Some(1.0)).share), (8.0, 0.5));
    }
}
