//! Vectors without instructions of their own: arrays, and pairs of vectors.

use super::{F32x8, F32x16};
use std::array::from_fn;

/// Eight numbers as an array.
#[derive(Clone, Copy)]
pub struct Plain([f32; 8]);

impl F32x8 for Plain {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Plain([x; 8])
    }
    #[inline(always)]
    fn load(x: &[f32; 8]) -> Self {
        Plain(*x)
    }
    #[inline(always)]
    fn array(self) -> [f32; 8] {
        self.0
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        // Not f32::mul_add: without the instruction that is a call, and a slow one.
        Plain(from_fn(|k| self.0[k] * a.0[k] + b.0[k]))
    }
    #[inline(always)]
    fn add(self, b: Self) -> Self {
        Plain(from_fn(|k| self.0[k] + b.0[k]))
    }
    #[inline(always)]
    fn max(self, b: Self) -> Self {
        Plain(from_fn(|k| if self.0[k] > b.0[k] { self.0[k] } else { b.0[k] }))
    }
    #[inline(always)]
    fn equal(self, b: Self) -> u8 {
        // All eight comparisons first, side by side; then their bits.
        let equal: [u8; 8] = from_fn(|k| u8::from(self.0[k] == b.0[k]) << k);
        equal.iter().fold(0, |bits, bit| bits | bit)
    }
}

/// Two vectors of eight.
#[derive(Clone, Copy)]
pub struct Two<V>(pub [V; 2]);

impl<V: F32x8> F32x16 for Two<V> {
    type Half = V;
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Two([V::splat(x); 2])
    }
    #[inline(always)]
    fn load(x: &[f32; 16]) -> Self {
        let [a, b] = x.as_chunks::<8>().0 else { unreachable!("sixteen are twice eight") };
        Two([V::load(a), V::load(b)])
    }
    #[inline(always)]
    fn twice(x: &[f32; 8]) -> Self {
        Two([V::load(x); 2])
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        Two([self.0[0].mul_add(a.0[0], b.0[0]), self.0[1].mul_add(a.0[1], b.0[1])])
    }
    #[inline(always)]
    fn array(self) -> [f32; 16] {
        let mut x = [0.0; 16];
        x.as_chunks_mut::<8>().0.copy_from_slice(&[self.0[0].array(), self.0[1].array()]);
        x
    }
    #[inline(always)]
    fn halves(self) -> [V; 2] {
        self.0
    }
}
