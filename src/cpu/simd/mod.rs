//! Eight numbers at a time, or sixteen: the vector types of the fast backend, on whatever the processor has.
//!
//! A [`Kernel`] is written once, generic over [`F32x8`]. [`Level::run`] runs it compiled for the processor at hand:
//! AVX-512 or AVX2 with fused multiply-add on x86-64, NEON on 64-bit Arm, plain Rust elsewhere. No compiler flags are
//! needed. (AVX-512 has vectors of sixteen too. Most layers here fit eight better, and its thirty-two registers are
//! what makes the difference; dense products of matrices are written as [`Tiled`] kernels, generic over [`F32x16`].)
//!
//! These are the only files with `unsafe` outside `opencl`, for one reason: an instruction that the processor does not
//! have must never be reached. Their vector types are private, and their values come to exist only inside
//! [`Level::run`] and [`Level::run_tiled`], behind the check.

#[cfg(target_arch = "aarch64")]
mod arm;
mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

use plain::{Plain, Two};
use std::fmt;

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

/// Sixteen `f32` in a row, where a product of matrices is dense enough to fill them: two vectors of eight, or one of
/// sixteen.
pub trait F32x16: Copy {
    /// A half.
    type Half: F32x8;
    /// Sixteen times `x`.
    fn splat(x: f32) -> Self;
    /// Sixteen numbers from memory.
    fn load(x: &[f32; 16]) -> Self;
    /// Eight numbers from memory, in both halves.
    fn twice(x: &[f32; 8]) -> Self;
    /// self · a + b, rounded as [`F32x8::mul_add`] rounds.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// The sixteen numbers, for memory.
    fn array(self) -> [f32; 16];
    /// The two halves.
    fn halves(self) -> [Self::Half; 2];
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

/// A [`Kernel`] for dense products of matrices, which keeps `M` rows of `N` wide vectors of sums in registers. `M`
/// divides [`MOST_TILE_ROWS`].
pub trait Tiled {
    /// Does the work. Must be `#[inline(always)]`.
    fn run<W: F32x16, const M: usize, const N: usize>(self);
}

/// The most rows of a tile.
pub const MOST_TILE_ROWS: usize = 8;

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
    /// The same seed gives the same bits with AVX2 and with AVX-512, and others with plain vectors: those round a
    /// product before they add it, where a fused multiply-add rounds once.
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

    /// Runs a kernel with these vectors and as large a tile as the registers hold: sixteen vectors of sums in 32
    /// registers, eight in 16. Eight hide the latency of a multiply-add, four cycles in two units.
    #[inline]
    pub fn run_tiled<K: Tiled>(self, kernel: K) {
        match self.0 {
            // SAFETY: as in `run`.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { x86::avx512_tiled(kernel) },
            // SAFETY: as in `run`.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { x86::avx2_tiled(kernel) },
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => kernel.run::<Two<arm::Neon>, 4, 1>(),
            _ => kernel.run::<Two<Plain>, 4, 1>(),
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
