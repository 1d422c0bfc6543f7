//! Convolution in `f32`, direct: no matrix of patches is ever built. (The gradients are in
//! [`backward`](super::backward).)
//!
//! Filters lie side by side in a vector, so that one input number, spread over a vector, meets eight filters at once. A
//! *register tile* computes two to four outputs, for up to five vectors of filters, and holds all of them in registers
//! while it walks along the receptive field: each weight that is loaded is used for all outputs, and each input for all
//! filters. Large receptive fields are walked in portions, whose weights stay in the first-level cache while all tiles
//! of a strip use them (cache blocking).
//!
//! ```text
//!             one tap's weights:  [ 8 filters ][ 8 filters ][ 8 filters ]      N = 3 vectors
//!                                       ×            ×            ×
//!  output j    x[origin(j)   + tap] ─ sums[0][0]   sums[0][1]   sums[0][2]
//!  output j+1  x[origin(j+1) + tap] ─ sums[1][0]   sums[1][1]   sums[1][2]     P = 3 outputs
//!  output j+2  x[origin(j+2) + tap] ─ sums[2][0]   sums[2][1]   sums[2][2]
//! ```
//!
//! Every output is summed in one order, whatever tile it falls into: equal patches give equal outputs, to the bit, and
//! ties stay ties.

use super::Conv;
use crate::cpu::simd::{Aligned, F32x8, Kernel, Level};
use crate::cpu::tuning::{STRIP_WEIGHTS, tile_outputs, tile_vectors};
use crate::{Pieces, Threads};
use std::array::from_fn;
use std::cell::RefCell;
use std::ops::Range;

/// Weights in the order in which tiles use them: `[group, block, tap, vector of the block, lane]`, lanes beyond a
/// group's last filter zero. A block is as many vectors of filters as a tile has.
#[derive(Default)]
pub struct Packed {
    w: Vec<Aligned>,
    /// Where the inputs of a patch are, counted from its origin, for the first group.
    taps: Vec<u32>,
    /// Vectors of filters in each block.
    block: usize,
    /// Vectors of filters in each group: a whole number of blocks.
    group: usize,
    /// Vectors of all groups together.
    pub vectors: usize,
    /// How many vectors the processor's registers hold.
    registers: usize,
}

impl Packed {
    /// Packs `w`, which is `[filters, taps]`.
    pub fn pack(&mut self, op: &Conv, level: Level, threads: &Threads, w: &[f32]) {
        // Divide a group's filters into blocks of equal size
        let (vectors, most) = (op.group_filters().div_ceil(8), tile_vectors(level.registers()));
        self.registers = level.registers();
        self.block = vectors.div_ceil(vectors.div_ceil(most));
        self.group = vectors.next_multiple_of(self.block);
        self.vectors = op.groups * self.group;
        self.w.resize(op.taps() * self.vectors, Aligned::default());

        // Gather eight filters at a time, a kernel row of a block to a task
        let (rows, run) = (op.kernel().0, op.kernel().1 * op.group_maps());
        let (block, blocks) = (self.block, self.group / self.block);
        threads.for_each(Pieces(&mut self.w, run * block), |k, packed| {
            let (group, row) = (k / rows / blocks, k % rows);
            for v in 0..block {
                let filter = 8 * (k / rows % blocks * block + v);
                let rows: [&[f32]; 8] = from_fn(|lane| match filter + lane {
                    f if f < op.group_filters() => {
                        &w[(group * op.group_filters() + f) * op.taps() + row * run..][..run]
                    }
                    _ => &[],
                });
                for (t, packed) in packed[v..].iter_mut().step_by(block).enumerate() {
                    *packed = Aligned(rows.map(|w| w.get(t).copied().unwrap_or(0.0)));
                }
            }
        });

        // Note where in the input the taps are
        let (begins, len) = op.stretches(0);
        self.taps.clear();
        self.taps.extend(begins.flat_map(|begin| begin as u32..(begin + len) as u32));
    }

    /// Block by block: the weights of `N` vectors of filters for every tap.
    #[inline(always)]
    fn blocks<const N: usize>(&self) -> impl Iterator<Item = &[[Aligned; N]]> {
        self.w.as_chunks::<N>().0.chunks_exact(self.taps.len())
    }
}

/// `P` outputs of `N` vectors of filters, which gain Σ over some taps of the receptive field, in reading order.
/// `origins` say where their patches begin in `x`, `taps` where in a patch the inputs are.
#[inline(always)]
fn tile<V: F32x8, const N: usize, const P: usize>(
    x: &[f32],
    origins: [usize; P],
    taps: &[u32],
    w: &[[Aligned; N]],
    mut sums: [[V; N]; P],
) -> [[V; N]; P] {
    // Make all patches as long as each other: then the compiler needs to check once whether t is in all of them
    let span = taps.last().map_or(0, |&t| t as usize + 1);
    let mut patches = [x; P];
    for p in 0..P {
        patches[p] = &x[origins[p]..][..span];
    }

    // For each tap, multiply the weights of all filters with the inputs of all outputs
    for (&t, w) in taps.iter().zip(w) {
        let mut a = [V::splat(0.0); P];
        for p in 0..P {
            a[p] = V::splat(patches[p][t as usize]);
        }
        for (v, w) in w.iter().enumerate() {
            let w = V::load(&w.0);
            for p in 0..P {
                sums[p][v] = a[p].mul_add(w, sums[p][v]);
            }
        }
    }
    sums
}

/// Some outputs of one image: y = x ⋆ w.
pub struct Forward<'a> {
    /// The operation, without padding.
    pub op: &'a Conv,
    /// The image.
    pub x: &'a [f32],
    /// The filters.
    pub w: &'a Packed,
    /// Which rows of outputs.
    pub rows: Range<usize>,
    /// Which columns of them.
    pub columns: Range<usize>,
    /// `[rows, all columns, vectors of filters]`
    pub y: &'a mut [Aligned],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(mut self) {
        match (self.w.block, tile_outputs(self.w.block, self.w.registers)) {
            (1, _) => self.tiles::<V, 1, 4>(),
            (2, _) => self.tiles::<V, 2, 4>(),
            (3, 4) => self.tiles::<V, 3, 4>(),
            (3, _) => self.tiles::<V, 3, 3>(),
            (4, 4) => self.tiles::<V, 4, 4>(),
            (4, _) => self.tiles::<V, 4, 2>(),
            (_, 4) => self.tiles::<V, 5, 4>(),
            _ => self.tiles::<V, 5, 2>(),
        }
    }
}

impl Forward<'_> {
    #[inline(always)]
    fn tiles<V: F32x8, const N: usize, const P: usize>(&mut self) {
        let (op, width, vectors) = (self.op, self.op.output_width(), self.w.vectors);
        let blocks_of_a_group = self.w.group / N;
        let portion = STRIP_WEIGHTS / N;
        for (block, w) in self.w.blocks::<N>().enumerate() {
            let first_map = block / blocks_of_a_group * op.group_maps();
            for (part, (taps, w)) in self.w.taps.chunks(portion).zip(w.chunks(portion)).enumerate() {
                for (i, y) in self.rows.clone().zip(self.y.chunks_exact_mut(width * vectors)) {
                    for k in self.columns.clone().step_by(P) {
                        // Find the tile's patches; the last tile reaches back, to have as many outputs as the others
                        let begin = k.min(width.saturating_sub(P));
                        let mut origins = [0; P];
                        let mut sums = [[V::splat(0.0); N]; P];
                        for p in 0..P {
                            let j = (begin + p).min(width - 1);
                            origins[p] = op.origin(i, j) + first_map;
                            // Go on from the sums of the portions before
                            if part > 0 {
                                let y = &y[j * vectors + N * block..][..N];
                                for v in 0..N {
                                    sums[p][v] = V::load(&y[v].0);
                                }
                            }
                        }
                        let sums = tile::<V, N, P>(self.x, origins, taps, w, sums);

                        // Write the outputs that no tile has written before
                        for p in k - begin..P.min(width) {
                            let y = &mut y[(begin + p) * vectors + N * block..][..N];
                            for v in 0..N {
                                y[v] = Aligned(sums[p][v].array());
                            }
                        }
                    }
                }
            }
        }
    }
}

thread_local! {
    /// Some rows of outputs, on their way to where they are wanted.
    static STRIP: RefCell<Vec<Aligned>> = const { RefCell::new(vec![]) };
}

/// Lends memory for some rows of outputs, `[rows, columns, vectors of filters]`, which every thread keeps for the next
/// time.
pub fn with_strip(op: &Conv, w: &Packed, rows: usize, f: impl FnOnce(&mut [Aligned])) {
    let len = rows * op.output_width() * w.vectors;
    STRIP.with_borrow_mut(|strip| {
        strip.resize(len.max(strip.len()), Aligned::default());
        f(&mut strip[..len]);
    });
}

/// One image: y = x ⋆ w.
pub fn forward(level: Level, op: &Conv, x: &[f32], w: &Packed, y: &mut [f32]) {
    with_strip(op, w, 1, |strip| {
        for (i, y) in y.chunks_exact_mut(op.output_width() * op.filters).enumerate() {
            level.run(Forward { op, x, w, rows: i..i + 1, columns: 0..op.output_width(), y: strip });
            // Leave out the lanes beyond each group's last filter
            for (y, strip) in y.chunks_exact_mut(op.filters).zip(strip.chunks_exact(w.vectors)) {
                for (y, strip) in y.chunks_exact_mut(op.group_filters()).zip(strip.chunks_exact(w.group)) {
                    y.chunks_mut(8).zip(strip).for_each(|(y, strip)| y.copy_from_slice(&strip.0[..y.len()]));
                }
            }
        }
    });
}
