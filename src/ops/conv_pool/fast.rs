//! The chapter's layer in one pass: while the four outputs of a 2×2 window are still in registers, the largest of them
//! is found, the bias added and the activation applied. What is written is a quarter of what was computed.
//!
//! On the way it takes notes of who won, in four bits for each window, so that backward need not compute the convolution again.

use super::ConvPool;
use crate::ops::conv::fast::{Collect, Hits, Packed, tile};
use crate::simd::{F32x8, Kernel, load, store};
use crate::{Pooling, Ties};
use std::array::from_fn;

/// Is it max-pooling over 2×2, which this file is for? Everything else goes the way of the definition.
pub fn fits(op: &ConvPool) -> bool {
    op.pool.pooling == Pooling::Max && op.pool.window == (2, 2)
}

/// Where the four patches of a window begin, for window (i, j).
#[inline(always)]
fn corners(op: &ConvPool, i: usize, j: usize) -> [usize; 4] {
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
    /// `[window, eight filters]`: a word holds four bits for each filter, one for each patch that is a winner.
    pub winners: &'a mut [u32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(mut self) {
        match self.w.block {
            1 => self.blocks::<V, 1>(),
            2 => self.blocks::<V, 2>(),
            3 => self.blocks::<V, 3>(),
            4 => self.blocks::<V, 4>(),
            _ => self.blocks::<V, 5>(),
        }
    }
}

impl Forward<'_> {
    #[inline(always)]
    fn blocks<V: F32x8, const N: usize>(&mut self) {
        let (op, filters) = (self.op, self.op.conv.filters);
        let (width, words) = (op.pool.output_width(), filters.div_ceil(8));
        for (first, w) in self.w.blocks::<N>(&op.conv) {
            let b = &self.b[first..];
            for k in 0..op.pool.output_height() * width {
                let z = tile::<V, N>(&op.conv, self.x, corners(op, k / width, k % width), w);
                let y = &mut self.y[k * filters..][first..filters];
                let winners = &mut self.winners[k * words..][first / 8..words];
                for (v, ((y, b), winner)) in y.chunks_mut(8).zip(b.chunks(8)).zip(winners).enumerate().take(N) {
                    let max = z[0][v].max(z[1][v]).max(z[2][v].max(z[3][v]));
                    store(max.add(load(b)), y);
                    let won: [u32; 4] = from_fn(|p| SPREAD[usize::from(z[p][v].equal(max))]);
                    *winner = won[0] | won[1] << 1 | won[2] << 2 | won[3] << 3;
                }
            }
        }
    }
}

/// Bit k of a byte moved to bit 4k.
const SPREAD: [u32; 256] = {
    let mut spread = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut k = 0;
        while k < 8 {
            spread[byte] |= (byte as u32 >> k & 1) << (4 * k);
            k += 1;
        }
        byte += 1;
    }
    spread
};

/// Every winner whose unit has a gradient: `delta` is `[windows, filters]`.
pub fn hits(op: &ConvPool, delta: &[f32], winners: &[u32], hits: &mut Hits) {
    let (filters, width) = (op.conv.filters, op.pool.output_width());
    let words = filters.div_ceil(8);
    let offset: [usize; 4] = corners(op, 0, 0);
    let mut hits = hits.begin(4 * delta.len());
    for f in 0..filters {
        let (word, shift) = (f / 8, 4 * (f % 8));
        let rows = delta.chunks_exact(width * filters).zip(winners.chunks_exact(width * words));
        for (i, (delta, winners)) in rows.enumerate() {
            for j in 0..width {
                let corner = op.conv.corner(i * op.pool.step.0, j * op.pool.step.1);
                let won = winners[j * words + word] >> shift & 15;
                push(&mut hits, op.pool.ties, won, corner, &offset, delta[j * filters + f]);
            }
        }
        hits.end_filter();
    }
}

/// The first winner of a window, and the others if ties go to all.
#[inline(always)]
fn push(hits: &mut Collect, ties: Ties, won: u32, corner: usize, offset: &[usize; 4], delta: f32) {
    hits.push(corner + offset[won.trailing_zeros() as usize & 3], delta);
    if ties == Ties::All && won.count_ones() > 1 {
        for p in won.trailing_zeros() as usize + 1..4 {
            if won >> p & 1 == 1 {
                hits.push(corner + offset[p], delta);
            }
        }
    }
}
