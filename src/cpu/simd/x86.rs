//! AVX2 with fused multiply-add, and AVX-512.

use super::{F32x8, F32x16, Kernel, Tiled, Two};
use std::arch::x86_64::*;

#[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
pub fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx>()
}

#[target_feature(enable = "avx2,fma")]
pub fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx>()
}

#[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
pub fn avx512_tiled<K: Tiled>(kernel: K) {
    kernel.run::<Avx512, 8, 2>();
}

#[target_feature(enable = "avx2,fma")]
pub fn avx2_tiled<K: Tiled>(kernel: K) {
    kernel.run::<Two<Avx>, 4, 1>();
}

#[derive(Clone, Copy)]
pub struct Avx(__m256);

#[derive(Clone, Copy)]
struct Avx512(__m512);

// SAFETY, for every block below: a value of this type exists only within `avx512_tiled`, which runs only on a processor
// that has these instructions; loads and stores go through references to as many numbers.
impl F32x16 for Avx512 {
    type Half = Avx;
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Avx512(unsafe { _mm512_set1_ps(x) })
    }
    #[inline(always)]
    fn load(x: &[f32; 16]) -> Self {
        Avx512(unsafe { _mm512_loadu_ps(x.as_ptr()) })
    }
    #[inline(always)]
    fn twice(x: &[f32; 8]) -> Self {
        // As numbers of 64 bits, of which AVX-512 F can repeat four
        let x = unsafe { _mm256_castps_pd(_mm256_loadu_ps(x.as_ptr())) };
        Avx512(unsafe { _mm512_castpd_ps(_mm512_broadcast_f64x4(x)) })
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        Avx512(unsafe { _mm512_fmadd_ps(self.0, a.0, b.0) })
    }
    #[inline(always)]
    fn array(self) -> [f32; 16] {
        let mut x = [0.0; 16];
        unsafe { _mm512_storeu_ps(x.as_mut_ptr(), self.0) };
        x
    }
    #[inline(always)]
    fn halves(self) -> [Avx; 2] {
        let pairs = unsafe { _mm512_castps_pd(self.0) };
        let high = unsafe { _mm512_extractf64x4_pd::<1>(pairs) };
        [Avx(unsafe { _mm512_castps512_ps256(self.0) }), Avx(unsafe { _mm256_castpd_ps(high) })]
    }
}

// SAFETY, for every block below: a value of this type exists only within the four functions above, which run only on a
// processor that has these instructions; loads and stores go through references to eight numbers.
impl F32x8 for Avx {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Avx(unsafe { _mm256_set1_ps(x) })
    }
    #[inline(always)]
    fn load(x: &[f32; 8]) -> Self {
        Avx(unsafe { _mm256_loadu_ps(x.as_ptr()) })
    }
    #[inline(always)]
    fn load_some(x: &[f32]) -> Self {
        // A window onto this table has as many ones as there are numbers; what has none is not read.
        const MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
        let mask = MASKS[8 - x.len().min(8)..].as_ptr();
        Avx(unsafe { _mm256_maskload_ps(x.as_ptr(), _mm256_loadu_si256(mask.cast())) })
    }
    #[inline(always)]
    fn array(self) -> [f32; 8] {
        let mut x = [0.0; 8];
        unsafe { _mm256_storeu_ps(x.as_mut_ptr(), self.0) };
        x
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        Avx(unsafe { _mm256_fmadd_ps(self.0, a.0, b.0) })
    }
    #[inline(always)]
    fn add(self, b: Self) -> Self {
        Avx(unsafe { _mm256_add_ps(self.0, b.0) })
    }
    #[inline(always)]
    fn max(self, b: Self) -> Self {
        Avx(unsafe { _mm256_max_ps(self.0, b.0) })
    }
    #[inline(always)]
    fn sums([a, b, c, d]: [Self; 4]) -> [f32; 4] {
        let mut sums = [0.0; 4];
        unsafe {
            // Neighbours are added, twice: then each half of `pairs` holds half of every sum.
            let pairs = _mm256_hadd_ps(_mm256_hadd_ps(a.0, b.0), _mm256_hadd_ps(c.0, d.0));
            let halves = (_mm256_castps256_ps128(pairs), _mm256_extractf128_ps::<1>(pairs));
            _mm_storeu_ps(sums.as_mut_ptr(), _mm_add_ps(halves.0, halves.1));
        }
        sums
    }
    #[inline(always)]
    fn equal(self, b: Self) -> u8 {
        unsafe { _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_EQ_OQ>(self.0, b.0)) as u8 }
    }
}
