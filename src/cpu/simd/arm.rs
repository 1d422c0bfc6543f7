//! NEON.

use super::F32x8;
use std::arch::aarch64::*;
use std::array::from_fn;

/// Two vectors of four.
#[derive(Clone, Copy)]
pub struct Neon([float32x4_t; 2]);

// SAFETY, for every block below: every 64-bit Arm processor has NEON; loads and stores go through references to eight
// numbers.
impl F32x8 for Neon {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Neon([unsafe { vdupq_n_f32(x) }; 2])
    }
    #[inline(always)]
    fn load(x: &[f32; 8]) -> Self {
        Neon(from_fn(|h| unsafe { vld1q_f32(x[4 * h..].as_ptr()) }))
    }
    #[inline(always)]
    fn array(self) -> [f32; 8] {
        let mut x = [0.0; 8];
        for (x, v) in x.chunks_exact_mut(4).zip(self.0) {
            unsafe { vst1q_f32(x.as_mut_ptr(), v) };
        }
        x
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        Neon(from_fn(|h| unsafe { vfmaq_f32(b.0[h], self.0[h], a.0[h]) }))
    }
    #[inline(always)]
    fn add(self, b: Self) -> Self {
        Neon(from_fn(|h| unsafe { vaddq_f32(self.0[h], b.0[h]) }))
    }
    #[inline(always)]
    fn max(self, b: Self) -> Self {
        Neon(from_fn(|h| unsafe { vmaxq_f32(self.0[h], b.0[h]) }))
    }
    #[inline(always)]
    fn equal(self, b: Self) -> u8 {
        let (a, b) = (self.array(), b.array());
        (0..8).fold(0, |bits, k| bits | u8::from(a[k] == b[k]) << k)
    }
}
