//! Convolution in `f32`, direct: no matrix of patches is ever built.
//!
//! **Forward.** Filters lie side by side in a vector, so that one input number, spread over a vector, meets eight
//! filters at once. A *tile* computes four outputs, for up to five vectors of filters, and holds all of them in registers
//! while it walks along the receptive field: each weight that is loaded is used four times, each input forty times.
//!
//! **Backward.** Only outputs with a gradient matter; a [`Hit`] is one of them. It adds δ times a patch of the input to the
//! gradient of its filter, and δ times the filter to a patch of the input's gradient. A patch is a few rows of numbers
//! that lie next to each other in memory, all maps of all columns, so both are long sums of vectors.
//!
//! Every output is summed in one order, whatever tile it falls into: equal patches give equal outputs, to the bit, and
//! ties stay ties.

use super::Conv;
use crate::simd::{F32x8, Kernel, Level, eights, load, pad, store};
use std::array::from_fn;

/// Outputs per tile.
pub const PATCHES: usize = 4;

/// Weights in the order in which tiles use them: `[block, tap, vector of the block, lane]`, lanes beyond the last
/// filter zero. A block is as many vectors of filters as a tile has room for.
#[derive(Default)]
pub struct Packed {
    w: Vec<f32>,
    /// Vectors of filters in each block.
    pub block: usize,
}

impl Packed {
    /// Packs `w`, which is `[filters, taps]`.
    pub fn pack(&mut self, op: &Conv, level: Level, w: &[f32]) {
        let vectors = op.filters.div_ceil(8);
        // A tile needs four vectors of sums for each vector of filters, and a few more for what it loads.
        let room = (level.registers() / 6).max(1);
        self.block = vectors.div_ceil(vectors.div_ceil(room));
        let lanes = 8 * self.block;
        self.w.clear();
        self.w.resize(vectors.div_ceil(self.block) * op.taps() * lanes, 0.0);
        for (f, w) in w.chunks_exact(op.taps()).enumerate() {
            let block = &mut self.w[f / lanes * lanes * op.taps()..];
            for (packed, &w) in block[f % lanes..].iter_mut().step_by(lanes).zip(w) {
                *packed = w;
            }
        }
    }

    /// Block by block: the first filter, and the weights of `N` vectors of filters for every tap.
    #[inline(always)]
    pub fn blocks<const N: usize>(&self, op: &Conv) -> impl Iterator<Item = (usize, &[[[f32; 8]; N]])> {
        let (vectors, _) = self.w.as_chunks::<8>();
        let (taps, _) = vectors.as_chunks::<N>();
        taps.chunks_exact(op.taps()).enumerate().map(|(k, w)| (8 * N * k, w))
    }
}

/// Four outputs of `N` vectors of filters: Σ over the receptive field, in reading order. `corners` says where the four
/// patches begin in `x`.
#[inline(always)]
pub fn tile<V: F32x8, const N: usize>(
    op: &Conv,
    x: &[f32],
    corners: [usize; PATCHES],
    w: &[[[f32; 8]; N]],
) -> [[V; N]; PATCHES] {
    let (run, row) = (op.kernel.1 * op.maps, op.width * op.maps);
    let mut sums = [[V::splat(0.0); N]; PATCHES];
    for (l, w) in w.chunks_exact(run).enumerate() {
        let rows: [&[f32]; PATCHES] = from_fn(|p| &x[corners[p] + l * row..][..run]);
        for (t, w) in w.iter().enumerate() {
            let a: [V; PATCHES] = from_fn(|p| V::splat(rows[p][t]));
            for (v, w) in w.iter().enumerate() {
                let w = V::load(w);
                for p in 0..PATCHES {
                    sums[p][v] = a[p].mul_add(w, sums[p][v]);
                }
            }
        }
    }
    sums
}

/// One image: y = x ⋆ w.
pub struct Forward<'a> {
    pub op: &'a Conv,
    pub x: &'a [f32],
    pub w: &'a Packed,
    pub y: &'a mut [f32],
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
        let width = self.op.output_width();
        let outputs = self.op.output_height() * width;
        for (first, w) in self.w.blocks::<N>(self.op) {
            for k in (0..outputs).step_by(PATCHES) {
                // The last tile reaches back, and computes a few outputs once more.
                let at: [usize; PATCHES] = from_fn(|p| (k.min(outputs.saturating_sub(PATCHES)) + p).min(outputs - 1));
                let sums = tile::<V, N>(self.op, self.x, at.map(|k| self.op.corner(k / width, k % width)), w);
                for (at, sums) in at.into_iter().zip(sums) {
                    let y = &mut self.y[at * self.op.filters..][first..self.op.filters];
                    y.chunks_mut(8).zip(sums).for_each(|(y, sum)| store(sum, y));
                }
            }
        }
    }
}

/// An output that has a gradient.
#[derive(Clone, Copy, Default)]
pub struct Hit {
    /// Where its patch begins in the input.
    pub corner: u32,
    /// Its gradient.
    pub delta: f32,
}

/// The hits of one image, filter by filter.
#[derive(Clone, Default)]
pub struct Hits {
    /// All hits; those of filter f end at `ends[f]`.
    all: Vec<Hit>,
    ends: Vec<usize>,
}

impl Hits {
    /// Begins anew, with room for `most` hits.
    pub fn begin(&mut self, most: usize) -> Collect<'_> {
        self.all.resize(most + 1, Hit::default());
        self.ends.clear();
        Collect { all: &mut self.all, ends: &mut self.ends, count: 0 }
    }

    /// The hits of a filter.
    pub fn of(&self, filter: usize) -> &[Hit] {
        let begin = if filter == 0 { 0 } else { self.ends[filter - 1] };
        &self.all[begin..self.ends[filter]]
    }

    /// Every output with a gradient: `dy` is `[outputs, filters]`.
    pub fn dense(&mut self, op: &Conv, dy: &[f32]) {
        let mut hits = self.begin(dy.len());
        for f in 0..op.filters {
            for (i, dy) in dy.chunks_exact(op.output_width() * op.filters).enumerate() {
                for (j, dy) in dy.chunks_exact(op.filters).enumerate() {
                    hits.push(op.corner(i, j), dy[f]);
                }
            }
            hits.end_filter();
        }
    }
}

/// Hits being collected.
pub struct Collect<'a> {
    all: &'a mut [Hit],
    ends: &'a mut Vec<usize>,
    count: usize,
}

impl Collect<'_> {
    /// Adds a hit, unless its gradient is zero. There is no branch to mispredict: the hit is always written, and
    /// overwritten by the next one if it was nothing.
    #[inline(always)]
    pub fn push(&mut self, corner: usize, delta: f32) {
        self.all[self.count] = Hit { corner: corner as u32, delta };
        self.count += usize::from(delta != 0.0);
    }

    /// All hits of a filter are there.
    pub fn end_filter(&mut self) {
        self.ends.push(self.count);
    }
}

/// Weight gradients of consecutive filters: `dw[f]` gains Σ δ · patch, over all hits of all images.
pub struct WeightGradient<'a> {
    pub op: &'a Conv,
    /// All images.
    pub x: &'a [f32],
    /// One for each image.
    pub hits: &'a [Hits],
    /// Which filter `dw` begins with.
    pub first: usize,
    /// `[some filters, taps]`
    pub dw: &'a mut [f32],
}

impl Kernel for WeightGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let op = self.op;
        let (run, row) = (op.kernel.1 * op.maps, op.width * op.maps);
        for (x, hits) in self.x.chunks_exact(op.input_len()).zip(self.hits) {
            for (f, dw) in self.dw.chunks_exact_mut(op.taps()).enumerate() {
                let hits = hits.of(self.first + f);
                if run <= 8 && op.kernel.0 == 5 {
                    sum_patches::<V, 5, 1>(hits, x, row, dw, run);
                    continue;
                }
                for (l, mut dw) in dw.chunks_exact_mut(run).enumerate() {
                    let mut x = &x[l * row..];
                    while !dw.is_empty() {
                        let vectors = match dw.len().div_ceil(8) {
                            13.. => sum_patches::<V, 1, 13>(hits, x, row, dw, run),
                            8.. => sum_patches::<V, 1, 8>(hits, x, row, dw, run),
                            4.. => sum_patches::<V, 1, 4>(hits, x, row, dw, run),
                            _ => sum_patches::<V, 1, 1>(hits, x, row, dw, run),
                        };
                        let done = (8 * vectors).min(dw.len());
                        (x, dw) = (&x[done..], &mut dw[done..]);
                    }
                }
            }
        }
    }
}

/// Σ δ · patch for `R` rows of `N` vectors, held in registers until it is added to `dw`. Returns `N`.
#[inline(always)]
fn sum_patches<V: F32x8, const R: usize, const N: usize>(
    hits: &[Hit],
    x: &[f32],
    row: usize,
    dw: &mut [f32],
    run: usize,
) -> usize {
    let mut sums = [[V::splat(0.0); N]; R];
    for hit in hits {
        let delta = V::splat(hit.delta);
        for (l, sums) in sums.iter_mut().enumerate() {
            let at = hit.corner as usize + l * row;
            let padded;
            let x = match eights::<N>(&x[at..]) {
                Some(x) => x,
                None => {
                    padded = pad::<N>(&x[at..]);
                    &padded
                }
            };
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = delta.mul_add(V::load(x), *sum);
            }
        }
    }
    for (dw, sums) in dw.chunks_mut(run).zip(sums) {
        for (dw, sum) in dw.chunks_mut(8).zip(sums) {
            store(load::<V>(dw).add(sum), dw);
        }
    }
    N
}

/// The filters with every row of a patch padded with zeros to whole vectors: `[filter, kernel row, vector]`.
#[derive(Default)]
pub struct PaddedRows(Vec<[f32; 8]>);

impl PaddedRows {
    /// Pads `w`, which is `[filters, taps]`.
    pub fn pack(&mut self, op: &Conv, w: &[f32]) {
        self.0.clear();
        for row in w.chunks_exact(op.kernel.1 * op.maps) {
            self.0.extend(row.chunks(8).map(|w| pad::<1>(w)[0]));
        }
    }
}

/// One image: `dx` gains δ · filter at the patch of every hit.
pub struct InputGradient<'a> {
    pub op: &'a Conv,
    pub w: &'a PaddedRows,
    pub hits: &'a Hits,
    pub dx: &'a mut [f32],
}

impl Kernel for InputGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let op = self.op;
        let (run, row) = (op.kernel.1 * op.maps, op.width * op.maps);
        let vectors = run.div_ceil(8);
        for (f, w) in self.w.0.chunks_exact(op.kernel.0 * vectors).enumerate() {
            for hit in self.hits.of(f) {
                let delta = V::splat(hit.delta);
                for (l, w) in w.chunks_exact(vectors).enumerate() {
                    let dx = &mut self.dx[hit.corner as usize + l * row..];
                    // Where whole vectors reach beyond the row, they add δ · 0; where they reach beyond the image, they must not.
                    let most = dx.len().min(8 * vectors);
                    let (whole, rest) = dx[..most].as_chunks_mut::<8>();
                    for (dx, w) in whole.iter_mut().zip(w) {
                        *dx = delta.mul_add(V::load(w), V::load(dx)).array();
                    }
                    if let (false, Some(w)) = (rest.is_empty(), w.last()) {
                        store(delta.mul_add(V::load(w), load(rest)), rest);
                    }
                }
            }
        }
    }
}
