//! What a change of the same size does that is not aimed at anything.

use crate::kit::{DARKEST, rms};
use rand::seq::SliceRandom;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// An image with Gaussian noise in the box, as large a change as is wanted: root mean square, as a part of full scale.
pub fn noise(from: &[f32], wanted: f64, random: &mut Xoshiro256PlusPlus) -> Vec<f32> {
    let direction: Vec<f32> = from.iter().map(|_| StandardNormal.sample(random)).collect();
    as_large(from, &direction, wanted)
}

/// The same change with its pixels in other places.
pub fn shuffled(from: &[f32], changed: &[f32], wanted: f64, random: &mut Xoshiro256PlusPlus) -> Vec<f32> {
    let mut direction: Vec<f32> = changed.iter().zip(from).map(|(x, from)| x - from).collect();
    direction.shuffle(random);
    as_large(from, &direction, wanted)
}

/// Goes so far in a direction that the change is as large as wanted, *after* it has been cut off at the box: else the
/// box, which takes half of the noise away from white paper, would make it smaller.
fn as_large(from: &[f32], direction: &[f32], wanted: f64) -> Vec<f32> {
    let at = |length: f32| -> Vec<f32> {
        from.iter().zip(direction).map(|(x, d)| (x + length * d).clamp(0.0, DARKEST as f32)).collect()
    };
    // The change grows with the length, so halving an interval finds it; 16 times what would do without the box is far
    // enough.
    let free = rms(direction, &vec![0.0; direction.len()]).max(f64::MIN_POSITIVE);
    let (mut short, mut long) = (0.0, (16.0 * wanted / free) as f32);
    for _ in 0..24 {
        let middle = (short + long) / 2.0;
        if rms(&at(middle), from) < wanted { short = middle } else { long = middle }
    }
    at(long)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::rng;

    #[test]
    fn as_large_as_wanted_and_in_the_box() {
        let mut random = rng(1, 1);
        let from: Vec<f32> = (0..784).map(|i| if i % 4 == 0 { 0.9 } else { 0.0 }).collect();
        let changed: Vec<f32> = from.iter().enumerate().map(|(i, x)| x + if i < 200 { 0.05 } else { 0.0 }).collect();
        for wanted in [0.02, 0.1, 0.3] {
            for x in [noise(&from, wanted, &mut random), shuffled(&from, &changed, wanted, &mut random)] {
                assert!((rms(&x, &from) - wanted).abs() < 1e-4, "{}", rms(&x, &from));
                assert!(x.iter().all(|x| (0.0..=DARKEST as f32).contains(x)));
            }
        }
    }
}
