//! Activation functions in `f32`, written so that the compiler can do eight at a time: no branches, no calls.

use crate::Activation;
use crate::cpu::simd::{F32x8, Kernel, load, store};
use std::f32::consts::LOG2_E;

/// z becomes f(z).
pub struct Forward<'a> {
    /// Which function.
    pub f: Activation,
    /// The weighted inputs.
    pub z: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        // Loops, and no closures, which would be compiled for the plainest processor.
        match self.f {
            Activation::Sigmoid => {
                for z in self.z {
                    *z = 1.0 / (1.0 + exp(-*z));
                }
            }
            Activation::Tanh => {
                for z in self.z {
                    *z = tanh(*z);
                }
            }
            Activation::Relu => {
                // Of equals, and of what is not a number, max takes the second.
                for z in self.z.chunks_mut(8) {
                    store(V::splat(0.0).max(load(z)), z);
                }
            }
            Activation::Linear => {}
        }
    }
}

/// dy becomes δ = dy · f′(z).
pub struct Backward<'a> {
    /// Which function.
    pub f: Activation,
    /// The activations.
    pub y: &'a [f32],
    /// ∂C/∂y, which becomes δ.
    pub dy: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let units = self.dy.iter_mut().zip(self.y);
        match self.f {
            Activation::Sigmoid => {
                for (dy, &a) in units {
                    *dy *= a * (1.0 - a);
                }
            }
            Activation::Tanh => {
                for (dy, &a) in units {
                    *dy *= 1.0 - a * a;
                }
            }
            Activation::Relu => {
                // Not a condition: that would become a masked store, which some processors are slow at.
                for (dy, &a) in units {
                    *dy *= f32::from(u8::from(a > 0.0));
                }
            }
            Activation::Linear => {}
        }
    }
}

/// eˣ, to about one unit in the last place.
///
/// With k the integer nearest to x / ln 2, eˣ = 2ᵏ · eʳ, and r = x − k ln 2 is so small that eight terms of the series
/// are enough. 2ᵏ is put together from bits. ln 2 is subtracted in two parts, the first exact.
#[inline(always)]
fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 · 2²³: adding it leaves no room for a fraction
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = x - k * 0.693_359_4 - k * -2.121_944_4e-4;
    let tail = 1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0));
    let series = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * tail))));
    let power = (shifted.to_bits() as i32 - ROUND.to_bits() as i32 + 127) << 23;
    series * f32::from_bits(power as u32)
}

/// tanh z = (1 − e⁻²ᶻ) / (1 + e⁻²ᶻ), and near zero, where that would lose digits, the series.
#[inline(always)]
fn tanh(z: f32) -> f32 {
    let e = exp(-2.0 * z.abs());
    let far = ((1.0 - e) / (1.0 + e)).copysign(z);
    let s = z * z;
    let near = z * (1.0 - s * (1.0 / 3.0 - s * (2.0 / 15.0 - s * (17.0 / 315.0 - s * (62.0 / 2835.0)))));
    if s < 0.09 { near } else { far }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_tanh_agree_with_f64() {
        for k in -860_000..860_000 {
            let x = k as f32 * 1e-4;
            let (want, got) = (f64::from(x).exp(), f64::from(exp(x)));
            assert!((got / want - 1.0).abs() < 2e-7, "exp({x}): expected {want}, got {got}");
            let (want, got) = (f64::from(x).tanh(), f64::from(tanh(x)));
            assert!((got - want).abs() <= 2e-7 * want.abs(), "tanh({x}): expected {want}, got {got}");
        }
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        assert!(exp(f32::NAN).is_nan() && tanh(f32::NAN).is_nan());
    }
}
