//! The chapter's layer in one pass: while the four outputs of a 2×2 window are still in registers, the largest of them
//! is found, the bias added and the activation applied. What is written is a quarter of what was computed.
//!
//! On the way it takes notes of who won, four bits for each window and filter, so that backward need not compute the convolution again.

use super::ConvPool;
use crate::ops::conv::fast::{ImageHits, Packed, Patches, tile};
use crate::simd::{F32x8, Kernel, load, nonzero, store};
use crate::{Pooling, Ties};

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

/// One image: y = max-pool(x ⋆ w) + b, before the activation.
pub struct Forward<'a> {
    pub op: &'a ConvPool,
    pub x: &'a [f32],
    pub w: &'a Packed,
    pub b: &'a [f32],
    pub y: &'a mut [f32],
    /// `[window, eight filters]`: byte p of a word has a bit for each filter, set where patch p is a winner.
    pub winners: &'a mut [u32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(mut self) {
        match self.w.patches {
            Patches::Two => self.patches::<V, 2>(),
            Patches::Four => self.patches::<V, 4>(),
        }
    }
}

impl Forward<'_> {
    #[inline(always)]
    fn patches<V: F32x8, const P: usize>(&mut self) {
        match self.w.block {
            1 => self.blocks::<V, 1, P>(),
            2 => self.blocks::<V, 2, P>(),
            3 => self.blocks::<V, 3, P>(),
            4 => self.blocks::<V, 4, P>(),
            _ => self.blocks::<V, 5, P>(),
        }
    }

    #[inline(always)]
    fn blocks<V: F32x8, const N: usize, const P: usize>(&mut self) {
        let (op, filters) = (self.op, self.op.conv.filters);
        let (width, words) = (op.pool.output_width(), filters.div_ceil(8));
        for (first, w) in self.w.blocks::<N>(&op.conv) {
            let b = &self.b[first..];
            for k in 0..op.pool.output_height() * width {
                let corners = corners(op, k / width, k % width);
                let z = if P == PATCHES {
                    tile::<V, N, PATCHES>(&op.conv, self.x, corners, w)
                } else {
                    let [a, b, c, d] = corners;
                    let [a, b] = tile::<V, N, 2>(&op.conv, self.x, [a, b], w);
                    let [c, d] = tile::<V, N, 2>(&op.conv, self.x, [c, d], w);
                    [a, b, c, d]
                };
                let y = &mut self.y[k * filters..][first..filters];
                let winners = &mut self.winners[k * words..][first / 8..words];
                let (mut max, mut won) = (z[0], [[0; PATCHES]; N]);
                for v in 0..N {
                    for z in &z[1..] {
                        max[v] = max[v].max(z[v]);
                    }
                    for p in 0..PATCHES {
                        won[v][p] = z[p][v].equal(max[v]);
                    }
                }
                for ((y, b), max) in y.chunks_mut(8).zip(b.chunks(8)).zip(max) {
                    store(max.add(load(b)), y);
                }
                winners.iter_mut().zip(won).for_each(|(winners, won)| *winners = u32::from_le_bytes(won));
            }
        }
    }
}

/// Finds every winner of one image whose unit has a gradient.
pub struct FindHits<'a> {
    pub op: &'a ConvPool,
    /// Where the patches begin: four for each window.
    pub corners: &'a [usize],
    /// The image.
    pub x: &'a [f32],
    /// `[windows, filters]`
    pub delta: &'a [f32],
    pub winners: &'a [u32],
    /// Are they to be listed by patch, too?
    pub by_patch: bool,
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
        for (k, (delta, winners)) in delta.chunks_exact(filters).zip(winners.chunks_exact(words)).enumerate() {
            for (db, delta) in hits.db.iter_mut().zip(delta) {
                *db += delta;
            }
            // Where all patches of a window are blank paper no weight has a gradient. (Most ties are there, too.)
            let blank = is_blank::<V>(op, x, corners[4 * k]);
            if blank && !by_patch {
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

/// Are the four patches that begin at `corner` zero throughout?
#[inline(always)]
fn is_blank<V: F32x8>(op: &ConvPool, x: &[f32], corner: usize) -> bool {
    let conv = &op.conv;
    let run = (conv.kernel.1 + conv.stride.1) * conv.maps;
    for l in 0..conv.kernel.0 + conv.stride.0 {
        for x in x[corner + l * conv.width * conv.maps..][..run].chunks(8) {
            if load::<V>(x).equal(V::splat(0.0)) != 0xFF {
                return false;
            }
        }
    }
    true
}
