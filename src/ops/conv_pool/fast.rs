//! The chapter's layer in one pass: while the four outputs of a 2×2 window are still in registers, the largest of them
//! is found, the bias added and the activation applied. What is written is a quarter of what was computed.
//!
//! On the way it takes notes of who won, four bits for each window and filter, so that backward need not compute the convolution again.

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
    /// `[window, eight filters]`: byte p of a word has a bit for each filter, set where patch p is a winner.
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
                    *winner = u32::from_le_bytes(from_fn(|p| z[p][v].equal(max)));
                }
            }
        }
    }
}

/// Every winner whose unit has a gradient: `delta` is `[windows, filters]`.
pub fn hits(op: &ConvPool, delta: &[f32], winners: &[u32], hits: &mut Hits) {
    let (filters, width) = (op.conv.filters, op.pool.output_width());
    let words = filters.div_ceil(8);
    let offset = corners(op, 0, 0);
    let (down, across) = (op.conv.corner(op.pool.step.0, 0), op.conv.corner(0, op.pool.step.1));
    let mut hits = hits.begin(4 * delta.len());
    for f in 0..filters {
        let rows = delta.chunks_exact(width * filters).zip(winners.chunks_exact(width * words));
        for (i, (delta, winners)) in rows.enumerate() {
            let mut corner = i * down;
            for (delta, winners) in delta.chunks_exact(filters).zip(winners.chunks_exact(words)) {
                // One bit is left of each byte: patch p has won if bit 8p is set.
                let won = winners[f / 8] >> (f % 8) & 0x0101_0101;
                hits.push(corner + offset[won.trailing_zeros() as usize / 8 % 4], delta[f]);
                if op.pool.ties == Ties::All && won & won.wrapping_sub(1) != 0 {
                    push_others(&mut hits, won, corner, &offset, delta[f]);
                }
                corner += across;
            }
        }
        hits.end_filter();
    }
}

/// All winners of a tie but the first.
fn push_others(hits: &mut Collect, won: u32, corner: usize, offset: &[usize; 4], delta: f32) {
    let winners = offset.iter().enumerate().filter(|(p, _)| won >> (8 * p) & 1 == 1);
    winners.skip(1).for_each(|(_, offset)| hits.push(corner + offset, delta));
}
