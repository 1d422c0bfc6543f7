//! Eight numbers at a time: the one vector type of the fast backend, on whatever the processor has.
//!
//! A [`Kernel`] is written once, generic over [`F32x8`]. [`Level::run`] runs it compiled for the processor at hand:
//! AVX-512 or AVX2 with fused multiply-add on x86-64, NEON on 64-bit Arm, plain Rust elsewhere. No compiler flags are
//! needed. (AVX-512 has vectors of sixteen too; the layers here fit eight better, and its thirty-two registers are what
//! makes the difference.)
//!
//! This is the only file with `unsafe`, for one reason: an instruction that the processor does not have must
//! never be reached. The vector types of this module are private, and their values come to exist only inside
//! [`Level::run`], behind the check.

use std::{array::from_fn, fmt};

/// Eight `f32` in a row.
pub trait F32x8: Copy {
    /// Eight times `x`.
    fn splat(x: f32) -> Self;
    /// Eight numbers from memory.
    fn load(x: &[f32; 8]) -> Self;
    /// The first few of eight numbers from memory, with zeros for the others.
    #[inline(always)]
    fn load_some(x: &[f32]) -> Self {
        Self::load(&pad::<1>(x)[0])
    }
    /// The eight numbers, for memory.
    fn array(self) -> [f32; 8];
    /// self · a + b, with a single rounding where the processor can.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// self + b
    fn add(self, b: Self) -> Self;
    /// The larger of the two, number by number.
    fn max(self, b: Self) -> Self;
    /// Where self = b: bit `k` for number `k`.
    fn equal(self, b: Self) -> u8;
    /// Four sums, each of the eight numbers of one vector.
    #[inline(always)]
    fn sums(v: [Self; 4]) -> [f32; 4] {
        v.map(|v| {
            let [a, b, c, d, e, f, g, h] = v.array();
            ((a + b) + (c + d)) + ((e + f) + (g + h))
        })
    }
}

/// Eight numbers where a vector is best loaded from: a load that crosses from one cache line into the next costs two.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(align(32))]
pub struct Aligned(pub [f32; 8]);

/// Work that is to be done with vectors, whichever they turn out to be.
pub trait Kernel {
    /// What `run` returns.
    type Output;
    /// Does the work. Must be `#[inline(always)]`, and so must all that it calls with a `V`: what is not inlined is
    /// compiled for the plainest processor, and ten times slower. A closure cannot be marked, so vectors are best kept
    /// out of closures: loops are always where they stand.
    fn run<V: F32x8>(self) -> Self::Output;
}

/// A processor's vectors, as far as this crate tells them apart. There is no way to make one that the processor at
/// hand does not have, which is what makes [`run`](Level::run) sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code)] // each processor has its own
enum Kind {
    Plain,
    Avx2,
    Avx512,
    Neon,
}

impl Level {
    /// The best that this processor has: AVX-512 (F and VL) or AVX2 with FMA on x86-64, NEON on 64-bit Arm.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx2") && has!("fma") {
                return Level(if has!("avx512f") && has!("avx512vl") { Kind::Avx512 } else { Kind::Avx2 });
            }
        }
        Level(if cfg!(target_arch = "aarch64") { Kind::Neon } else { Kind::Plain })
    }

    /// All that this processor has, the plainest first.
    ///
    /// The same seed gives the same bits with AVX2 and with AVX-512, and others with plain vectors: those round a product before
    /// they add it, where a fused multiply-add rounds once.
    pub fn all() -> Vec<Self> {
        let (plain, best) = (Level::plain(), Level::detect());
        let between = (best.0 == Kind::Avx512).then_some(Level(Kind::Avx2));
        let better = between.into_iter().chain([best]).filter(|level| *level != plain);
        [plain].into_iter().chain(better).collect()
    }

    /// Arrays, and whatever the compiler makes of them: the twin that tests compare with.
    pub fn plain() -> Self {
        Level(Kind::Plain)
    }

    /// How many vectors the processor's registers hold: it decides how large a tile may be.
    pub fn registers(self) -> usize {
        match self.0 {
            Kind::Plain => 8,
            Kind::Avx2 | Kind::Neon => 16,
            Kind::Avx512 => 32,
        }
    }

    /// Runs a kernel with these vectors.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            // SAFETY: the processor has what the function is compiled for; otherwise there would be no such Level.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { x86::avx512(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { x86::avx2(kernel) },
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => kernel.run::<arm::Neon>(),
            _ => kernel.run::<Plain>(),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Plain => "plain",
            Kind::Avx2 => "AVX2",
            Kind::Avx512 => "AVX-512",
            Kind::Neon => "NEON",
        })
    }
}

/// The first `N` vectors of `x`, if it is long enough.
#[inline(always)]
pub fn eights<const N: usize>(x: &[f32]) -> Option<&[[f32; 8]; N]> {
    x.as_chunks::<8>().0.first_chunk::<N>()
}

/// `N` vectors of `x`, with zeros where it ends before they do.
#[inline(always)]
pub fn pad<const N: usize>(x: &[f32]) -> [[f32; 8]; N] {
    let mut padded = [[0.0; 8]; N];
    padded.as_flattened_mut().iter_mut().zip(x).for_each(|(padded, &x)| *padded = x);
    padded
}

/// The first eight numbers of `x`, with zeros where it ends before.
#[inline(always)]
pub fn load<V: F32x8>(x: &[f32]) -> V {
    match x.first_chunk::<8>() {
        Some(x) => V::load(x),
        None => V::load_some(x),
    }
}

/// Which of up to 64 numbers are not zero: bit k for number k.
#[inline(always)]
pub fn nonzero<V: F32x8>(x: &[f32]) -> u64 {
    let mut bits = 0;
    for (k, x) in x.chunks(8).enumerate() {
        bits |= u64::from(!load::<V>(x).equal(V::splat(0.0))) << (8 * k);
    }
    bits
}

/// Writes the first of eight lanes, as many as there is room for.
#[inline(always)]
pub fn store<V: F32x8>(v: V, to: &mut [f32]) {
    let v = v.array();
    match to.first_chunk_mut::<8>() {
        Some(to) => *to = v,
        None => to.iter_mut().zip(v).for_each(|(to, v)| *to = v),
    }
}

/// Eight numbers as an array.
#[derive(Clone, Copy)]
struct Plain([f32; 8]);

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

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{F32x8, Kernel};
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
    pub fn avx512<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Avx>()
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn avx2<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Avx>()
    }

    #[derive(Clone, Copy)]
    pub struct Avx(__m256);

    // SAFETY, for every block below: a value of this type exists only within `avx512` and `avx2`, which run only on a
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
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use super::F32x8;
    use std::arch::aarch64::*;
    use std::array::from_fn;

    /// Two vectors of four.
    #[derive(Clone, Copy)]
    pub struct Neon([float32x4_t; 2]);

    // SAFETY, for every block below: every 64-bit Arm processor has NEON; loads and stores go through references to eight numbers.
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
}
