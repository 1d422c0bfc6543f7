//! The chapter's layer in one pass: two rows of outputs of the convolution at a time, and while they are still in the
//! first-level cache, the largest of each 2×2 window is found and the bias added. What is kept is a quarter of what was
//! computed. Where a row of windows begins and ends with blank paper, nothing is computed at all.
//!
//! On the way it takes notes of who won, four bits for each window and filter, so that backward need not compute the
//! convolution again.

use super::ConvPool;
use crate::ops::activation;
use crate::ops::conv::{self, fast::Packed, hits::ImageHits};
use crate::simd::{Aligned, F32x8, Kernel, Level, load, nonzero, store};
use crate::{Pooling, Ties};
use std::ops::Range;

/// Patches in a window.
pub const PATCHES: usize = 4;

/// Is it max-pooling over 2×2, which this file is for? Everything else goes the way of the definition.
pub fn fits(op: &ConvPool) -> bool {
    op.pool.pooling == Pooling::Max && op.pool.window == (2, 2)
}

/// Where the four patches of a window begin, for window (i, j).
#[inline(always)]
pub fn corners(op: &ConvPool, i: usize, j: usize) -> [usize; PATCHES] {
    let (i, j) = (i * op.pool.step.0, j * op.pool.step.1);
    [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(l, m)| op.conv.corner(i + l, j + m))
}

/// One image: y = f(max-pool(x ⋆ w) + b), and who won: `winners` is `[window, eight filters]`, where byte p of a word has a
/// bit for each filter, set where patch p is a winner.
///
/// Each step is a kernel of its own: compiled together, they are too much for the compiler to find registers for.
pub fn forward(level: Level, op: &ConvPool, x: &[f32], w: &Packed, b: &[f32], y: &mut [f32], winners: &mut [u32]) {
    let (windows, step, words) = (op.pool.output_width(), op.pool.step, op.conv.filters.div_ceil(8));
    let rows = y.chunks_exact_mut(windows * op.conv.filters).zip(winners.chunks_exact_mut(windows * words));
    conv::fast::with_strip(&op.conv, w, 2, |strip| {
        for (i, (y, winners)) in rows.enumerate() {
            let inked = level.run(Inked { op, x, i });
            let columns = if inked.is_empty() { 0..0 } else { inked.start * step.1..(inked.end - 1) * step.1 + 2 };
            for row in strip.chunks_exact_mut(op.conv.output_width() * w.vectors) {
                row[..columns.start * w.vectors].fill(Aligned::default());
                row[columns.end * w.vectors..].fill(Aligned::default());
            }
            let rows = i * step.0..i * step.0 + 2;
            level.run(conv::fast::Forward { op: &op.conv, x, w, rows, columns, y: strip });
            level.run(PoolRow { op, vectors: w.vectors, strip, b, y, winners });
            level.run(activation::fast::Forward { f: op.activation, z: y });
        }
    });
}

/// A row of windows: y = max-pool(strip) + b.
struct PoolRow<'a> {
    op: &'a ConvPool,
    /// `[two rows, columns, vectors of filters]`
    strip: &'a [Aligned],
    vectors: usize,
    b: &'a [f32],
    y: &'a mut [f32],
    winners: &'a mut [u32],
}

impl Kernel for PoolRow<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let PoolRow { op, strip, vectors, b, y, winners } = self;
        let (filters, words) = (op.conv.filters, op.conv.filters.div_ceil(8));
        let (upper, lower) = strip.split_at(strip.len() / 2);
        for (j, winners) in winners.chunks_exact_mut(words).enumerate() {
            let (left, right) = (j * op.pool.step.1 * vectors, (j * op.pool.step.1 + 1) * vectors);
            let patches = [&upper[left..], &upper[right..], &lower[left..], &lower[right..]].map(|z| &z[..words]);
            for (v, winners) in winners.iter_mut().enumerate() {
                let mut z = [V::splat(0.0); PATCHES];
                for p in 0..PATCHES {
                    z[p] = V::load(&patches[p][v].0);
                }
                let max = z[0].max(z[1]).max(z[2].max(z[3]));
                // What is beyond the last filter runs over into the next window, which comes next.
                store(max.add(load(&b[8 * v..])), &mut y[j * filters + 8 * v..]);
                *winners = u32::from_le_bytes([z[0].equal(max), z[1].equal(max), z[2].equal(max), z[3].equal(max)]);
            }
        }
    }
}

/// Of a row of windows, those from the first to the last that is not blank paper: in the others all numbers are zero.
struct Inked<'a> {
    op: &'a ConvPool,
    /// The image.
    x: &'a [f32],
    /// The row of windows.
    i: usize,
}

impl Kernel for Inked<'_> {
    type Output = Range<usize>;

    #[inline(always)]
    fn run<V: F32x8>(self) -> Range<usize> {
        let Inked { op, x, i } = self;
        let (conv, row) = (&op.conv, op.conv.width * op.conv.maps);
        // Later layers have long rows, and nowhere nothing but zeros.
        if row > 64 {
            return 0..op.pool.output_width();
        }
        let mut bits = 0;
        for x in x[corners(op, i, 0)[0]..].chunks(row).take(conv.kernel.0 + conv.stride.0) {
            bits |= nonzero::<V>(x);
        }
        if bits == 0 {
            return 0..0;
        }
        let (first, last) = (bits.trailing_zeros() as usize, bits.ilog2() as usize);
        let (step, run) = (op.pool.step.1 * conv.stride.1 * conv.maps, (conv.kernel.1 + conv.stride.1) * conv.maps);
        let (begin, end) = ((first + 1).saturating_sub(run).div_ceil(step), last / step + 1);
        begin.min(op.pool.output_width())..end.min(op.pool.output_width())
    }
}

/// Finds every winner of one image whose unit has a gradient.
pub struct FindHits<'a> {
    /// The operation.
    pub op: &'a ConvPool,
    /// Where the patches begin: four for each window.
    pub corners: &'a [usize],
    /// The image.
    pub x: &'a [f32],
    /// `[windows, filters]`
    pub delta: &'a [f32],
    /// What the forward pass noted: `[windows, filters]`.
    pub winners: &'a [u32],
    /// Are they to be listed by patch, too?
    pub by_patch: bool,
    /// Where they are written to.
    pub hits: &'a mut ImageHits,
}

impl Kernel for FindHits<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let FindHits { op, corners, x, delta, winners, by_patch, hits } = self;
        let (filters, words) = (op.conv.filters, op.conv.filters.div_ceil(8));
        let most = if op.pool.ties == Ties::All { corners.len() } else { corners.len() / 4 };
        hits.begin(filters, most, if by_patch { corners.len() } else { 0 });
        let width = op.pool.output_width();
        let mut inked = 0..width;
        for (k, (delta, winners)) in delta.chunks_exact(filters).zip(winners.chunks_exact(words)).enumerate() {
            for (db, delta) in hits.db.iter_mut().zip(delta) {
                *db += delta;
            }
            // Where all patches of a window are blank paper no weight has a gradient. (Most ties are there, too.)
            if !by_patch && k % width == 0 {
                inked = Inked { op, x, i: k / width }.run::<V>();
            }
            if !inked.contains(&(k % width)) {
                continue;
            }
            // Sixty-four filters at a time: a bit says whether a filter's unit has a gradient.
            for (block, delta) in delta.chunks(64).enumerate() {
                let mut alive = nonzero::<V>(delta);
                while alive != 0 {
                    let unit = alive.trailing_zeros() as usize;
                    alive &= alive - 1;
                    let (f, delta) = (64 * block + unit, delta[unit]);
                    // One bit is left of each byte: patch p has won if bit 8p is set.
                    let mut won = winners[f / 8] >> (f % 8) & 0x0101_0101;
                    loop {
                        let patch = 4 * k + won.trailing_zeros() as usize / 8 % 4;
                        hits.by_filter.push(f, corners[patch], delta);
                        if by_patch {
                            hits.by_patch.push(patch, f, delta);
                        }
                        won &= won.wrapping_sub(1);
                        if won == 0 || op.pool.ties == Ties::First {
                            break;
                        }
                    }
                }
            }
        }
    }
}
