//! The weighted sum of rows: the inner loop of every gradient here, and of a fully-connected layer.
//!
//! Given a list of terms (where a row begins, and its factor), Σ factor · row is computed for as many vectors at a time
//! as the registers hold: a sparse vector times a dense matrix. What the rows are differs from caller to caller:
//!
//! | sum | terms | rows |
//! | --- | --- | --- |
//! | a filter's gradient | outputs of the filter that have a gradient δ | patches of the input |
//! | ∂C/∂x of a patch | filters that have a gradient δ there | filters |
//! | z of a fully-connected layer | inputs that are not zero | rows of weights |
//! | gradient of a row of weights | examples whose input is not zero | rows of ∂C/∂y |
//!
//! The terms are added in their order for each number by itself, so how wide the pieces are changes no bit of the
//! result.

use super::simd::{F32x8, eights, load, pad, store};

/// One term of a weighted sum of rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Term {
    /// Where its row begins.
    pub at: u32,
    /// What the row is multiplied by.
    pub factor: f32,
}

/// `sums`, and Σ factor · row for `R` rows of `N` vectors, which begin `gap` numbers after each other: `R` = 1 for a
/// stretch of numbers, and more for short rows, of which one vector each gives too few sums to hide the latency of a
/// multiply-add. Where rows are `PADDED` to whole vectors, none reaches beyond the end of the array; elsewhere there
/// are zeros.
#[inline(always)]
pub fn add_rows<V: F32x8, const R: usize, const N: usize, const PADDED: bool>(
    mut sums: [[V; N]; R],
    terms: &[Term],
    rows: &[f32],
    gap: usize,
) -> [[V; N]; R] {
    for term in terms {
        let factor = V::splat(term.factor);
        for (r, sums) in sums.iter_mut().enumerate() {
            let mut space = None;
            let row = row::<N, PADDED>(&rows[term.at as usize + r * gap..], &mut space);
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum = factor.mul_add(V::load(x), *sum);
            }
        }
    }
    sums
}

/// The first `N` vectors of a row, where they are; or, where it reaches beyond the end of its array and is not
/// `PADDED`, a copy in `space`, with zeros at the end.
#[inline(always)]
pub fn row<'a, const N: usize, const PADDED: bool>(
    row: &'a [f32],
    space: &'a mut Option<[[f32; 8]; N]>,
) -> &'a [[f32; 8]; N] {
    match eights::<N>(row) {
        Some(row) => row,
        None if PADDED => panic!("rows are padded"),
        None => space.insert(at_the_end(row)),
    }
}

/// target ← keep · target + scale · sums, for as many numbers as the target has; lanes beyond its end are dropped.
#[inline(always)]
pub fn blend<V: F32x8, const N: usize>(target: &mut [f32], keep: f32, scale: f32, sums: [V; N]) {
    let (keep, scale) = (V::splat(keep), V::splat(scale));
    let (whole, rest) = target.as_chunks_mut::<8>();
    let last = whole.len();
    // Counted by N, which the compiler knows: so the sums stay in registers
    for (v, sum) in sums.into_iter().enumerate() {
        let scaled = scale.mul_add(sum, V::splat(0.0));
        match whole.get_mut(v) {
            Some(target) => *target = keep.mul_add(V::load(target), scaled).array(),
            None if v == last => store(keep.mul_add(load(rest), scaled), rest),
            None => {}
        }
    }
}

/// A row that reaches beyond the end of its array, with zeros there. It is a call and it is rare, and LLVM must know
/// both: otherwise it keeps one of the sums in memory, for the call to leave alone.
#[cold]
#[inline(never)]
fn at_the_end<const N: usize>(row: &[f32]) -> [[f32; 8]; N] {
    pad(row)
}

/// Something that is done to `N` vectors of a row at a time, from its number `first` on.
pub trait Piecewise {
    /// Does it. Must be `#[inline(always)]`: see [`Kernel`](super::simd::Kernel).
    fn piece<V: F32x8, const N: usize>(&mut self, first: usize);
}

/// Goes along a row of `len` numbers in pieces of 13, 8, 4, 2 or 1 vectors. Thirteen sums, a factor and a row's vector
/// are what sixteen registers hold; the chapter's rows of 100 neurons are thirteen vectors, and its patches of 5 × 20
/// numbers too.
#[inline(always)]
pub fn in_pieces<V: F32x8>(len: usize, job: &mut impl Piecewise) {
    let mut first = 0;
    while first < len {
        let vectors = match (len - first).div_ceil(8) {
            13.. => {
                job.piece::<V, 13>(first);
                13
            }
            8.. => {
                job.piece::<V, 8>(first);
                8
            }
            4.. => {
                job.piece::<V, 4>(first);
                4
            }
            2.. => {
                job.piece::<V, 2>(first);
                2
            }
            _ => {
                job.piece::<V, 1>(first);
                1
            }
        };
        first += 8 * vectors;
    }
}
