//! Convolution in `f32`, direct: no matrix of patches is ever built.
//!
//! **Forward.** Filters lie side by side in a vector, so that one input number, spread over a vector, meets eight
//! filters at once. A *tile* computes two or four outputs, for up to five vectors of filters, and holds all of them in
//! registers while it walks along the receptive field: each weight that is loaded is used for all outputs, and each input
//! for all filters.
//!
//! **Backward.** Only outputs with a gradient matter; a [`Hit`] is one of them. It adds δ times a patch of the input to the
//! gradient of its filter, and δ times the filter to a patch of the input's gradient. A patch is a few rows of numbers
//! that lie next to each other in memory, all maps of all columns, so both are long sums of vectors.
//!
//! Every output is summed in one order, whatever tile it falls into: equal patches give equal outputs, to the bit, and
//! ties stay ties.

use super::Conv;
use crate::simd::{F32x8, Kernel, Level, eights_or_pad, load, store};
use crate::{Pieces, Threads};
use std::array::from_fn;

/// How many outputs a tile computes: four where the processor has registers for them, else two.
#[derive(Clone, Copy, Default)]
pub enum Patches {
    #[default]
    Two,
    Four,
}

/// Weights in the order in which tiles use them: `[block, tap, vector of the block, lane]`, lanes beyond the last
/// filter zero. A block is as many vectors of filters as a tile has room for.
#[derive(Default)]
pub struct Packed {
    w: Vec<f32>,
    /// Vectors of filters in each block.
    pub block: usize,
    /// Outputs that a tile has room for, too.
    pub patches: Patches,
}

impl Packed {
    /// Packs `w`, which is `[filters, taps]`.
    pub fn pack(&mut self, op: &Conv, level: Level, threads: &Threads, w: &[f32]) {
        let vectors = op.filters.div_ceil(8);
        // The sums of a tile take two thirds of the registers at the most, and leave the others for what it loads.
        let (patches, room) = match level.registers() {
            32.. => (Patches::Four, 5),
            16.. => (Patches::Two, 5),
            _ => (Patches::Four, 1),
        };
        self.patches = patches;
        self.block = vectors.div_ceil(vectors.div_ceil(room));
        let lanes = 8 * self.block;
        self.w.resize(vectors.div_ceil(self.block) * op.taps() * lanes, 0.0);
        // A kernel row of a block of filters at a time.
        let (rows, run) = (op.kernel.0, op.kernel.1 * op.maps);
        threads.for_each(Pieces(&mut self.w, run * lanes), |k, packed| {
            let filters = w.chunks_exact(op.taps()).skip(k / rows * lanes);
            let filters = filters.map(Some).chain(std::iter::repeat(None)).take(lanes);
            for (lane, w) in filters.enumerate() {
                for (t, packed) in packed[lane..].iter_mut().step_by(lanes).enumerate() {
                    *packed = w.map_or(0.0, |w| w[k % rows * run + t]);
                }
            }
        });
    }

    /// Block by block: the first filter, and the weights of `N` vectors of filters for every tap.
    #[inline(always)]
    pub fn blocks<const N: usize>(&self, op: &Conv) -> impl Iterator<Item = (usize, &[[[f32; 8]; N]])> {
        let (vectors, _) = self.w.as_chunks::<8>();
        let (taps, _) = vectors.as_chunks::<N>();
        taps.chunks_exact(op.taps()).enumerate().map(|(k, w)| (8 * N * k, w))
    }
}

/// `P` outputs of `N` vectors of filters: Σ over the receptive field, in reading order. `corners` says where their patches
/// begin in `x`.
#[inline(always)]
pub fn tile<V: F32x8, const N: usize, const P: usize>(
    op: &Conv,
    x: &[f32],
    corners: [usize; P],
    w: &[[[f32; 8]; N]],
) -> [[V; N]; P] {
    let (run, row) = (op.kernel.1 * op.maps, op.width * op.maps);
    let mut sums = [[V::splat(0.0); N]; P];
    for (l, w) in w.chunks_exact(run).enumerate() {
        let rows: [&[f32]; P] = from_fn(|p| &x[corners[p] + l * row..][..run]);
        for (t, w) in w.iter().enumerate() {
            let mut a = [V::splat(0.0); P];
            for p in 0..P {
                a[p] = V::splat(rows[p][t]);
            }
            for (v, w) in w.iter().enumerate() {
                let w = V::load(w);
                for p in 0..P {
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
        let width = self.op.output_width();
        let outputs = self.op.output_height() * width;
        for (first, w) in self.w.blocks::<N>(self.op) {
            for k in (0..outputs).step_by(P) {
                // The last tile reaches back, and computes a few outputs once more.
                let at: [usize; P] = from_fn(|p| (k.min(outputs.saturating_sub(P)) + p).min(outputs - 1));
                let sums = tile::<V, N, P>(self.op, self.x, at.map(|k| self.op.corner(k / width, k % width)), w);
                for (at, sums) in at.into_iter().zip(sums) {
                    let y = &mut self.y[at * self.op.filters..][first..self.op.filters];
                    for (y, sum) in y.chunks_mut(8).zip(sums) {
                        store(sum, y);
                    }
                }
            }
        }
    }
}

/// An output that has a gradient.
#[derive(Clone, Copy, Default)]
pub struct Hit {
    /// Where to go with it: the corner of its patch in the input, or its filter.
    pub at: u32,
    /// Its gradient.
    pub delta: f32,
}

/// Lists of hits, each with room for the same number of them.
#[derive(Clone, Default)]
pub struct Hits {
    all: Vec<Hit>,
    room: usize,
    counts: Vec<usize>,
}

impl Hits {
    /// Begins anew: so many empty lists, with room for so many hits each.
    pub fn begin(&mut self, lists: usize, room: usize) {
        self.room = room;
        self.all.resize(self.all.len().max(lists * room), Hit::default());
        self.counts.clear();
        self.counts.resize(lists, 0);
    }

    /// Adds a hit to a list.
    #[inline(always)]
    pub fn push(&mut self, list: usize, at: usize, delta: f32) {
        let count = &mut self.counts[list];
        self.all[list * self.room + *count] = Hit { at: at as u32, delta };
        *count += 1;
    }

    /// A list.
    pub fn list(&self, k: usize) -> &[Hit] {
        &self.all[k * self.room..][..self.counts[k]]
    }
}

/// The hits of one image, in both orders in which they are needed, and what they add up to for each filter.
#[derive(Clone, Default)]
pub struct ImageHits {
    /// For each filter, the patches where it has hits.
    pub by_filter: Hits,
    /// For each patch, the filters that have hits there.
    pub by_patch: Hits,
    /// ∂C/∂b: Σ δ for each filter.
    pub db: Vec<f32>,
}

impl ImageHits {
    /// Begins anew: each of the filters has so many hits at the most, and so many patches are listed.
    pub fn begin(&mut self, filters: usize, most: usize, patches: usize) {
        self.by_filter.begin(filters, most);
        self.by_patch.begin(patches, filters);
        self.db.clear();
        self.db.resize(filters, 0.0);
    }

    /// Every output with a gradient: `dy` is `[outputs, filters]`.
    pub fn all(&mut self, op: &Conv, corners: &[usize], dy: &[f32]) {
        self.begin(op.filters, corners.len(), corners.len());
        for (k, dy) in dy.chunks_exact(op.filters).enumerate() {
            for (f, &dy) in dy.iter().enumerate().filter(|&(_, &dy)| dy != 0.0) {
                self.by_filter.push(f, corners[k], dy);
                self.by_patch.push(k, f, dy);
            }
        }
    }
}

/// Weight gradients of some filters, and what is made of them: target ← keep · target + scale · Σ δ · patch, over all hits
/// of all images.
pub struct WeightGradient<'a> {
    pub op: &'a Conv,
    /// The images.
    pub x: &'a [f32],
    /// One for each image.
    pub hits: &'a [ImageHits],
    /// The first filter.
    pub first: usize,
    /// `[some filters, taps]`
    pub target: &'a mut [f32],
    pub keep: f32,
    pub scale: f32,
}

impl Kernel for WeightGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let op = self.op;
        let (run, row) = (op.kernel.1 * op.maps, op.width * op.maps);
        let groups = self.x.chunks(IMAGES * op.input_len()).zip(self.hits.chunks(IMAGES));
        for (k, (x, hits)) in groups.enumerate() {
            let keep = if k == 0 { self.keep } else { 1.0 };
            for (f, target) in self.target.chunks_exact_mut(op.taps()).enumerate() {
                let group = Group { op, x, hits, filter: self.first + f, keep, scale: self.scale };
                if run <= 8 && op.kernel.0 == 5 {
                    group.sum_patches::<V, 5, 1>(0, target);
                    continue;
                }
                for (l, mut target) in target.chunks_exact_mut(run).enumerate() {
                    let mut at = l * row;
                    while !target.is_empty() {
                        let vectors = match target.len().div_ceil(8) {
                            13.. => group.sum_patches::<V, 1, 13>(at, target),
                            8.. => group.sum_patches::<V, 1, 8>(at, target),
                            4.. => group.sum_patches::<V, 1, 4>(at, target),
                            _ => group.sum_patches::<V, 1, 1>(at, target),
                        };
                        let done = (8 * vectors).min(target.len());
                        (at, target) = (at + done, &mut target[done..]);
                    }
                }
            }
        }
    }
}

/// So many images are looked at together, for one filter after the other: they stay in the cache.
const IMAGES: usize = 4;

/// Some images, and a filter.
struct Group<'a> {
    op: &'a Conv,
    x: &'a [f32],
    hits: &'a [ImageHits],
    filter: usize,
    keep: f32,
    scale: f32,
}

impl Group<'_> {
    /// Σ δ · patch for `R` rows of `N` vectors, held in registers over all images. `at` says where in a patch they begin.
    /// Returns `N`.
    #[inline(always)]
    fn sum_patches<V: F32x8, const R: usize, const N: usize>(&self, at: usize, target: &mut [f32]) -> usize {
        let (run, row) = (self.op.kernel.1 * self.op.maps, self.op.width * self.op.maps);
        let mut sums = [[V::splat(0.0); N]; R];
        for (x, hits) in self.x.chunks_exact(self.op.input_len()).zip(self.hits) {
            for hit in hits.by_filter.list(self.filter) {
                let delta = V::splat(hit.delta);
                for (l, sums) in sums.iter_mut().enumerate() {
                    let x = &x[hit.at as usize + at + l * row..];
                    let mut room = None;
                    let x = eights_or_pad::<N>(x, &mut room);
                    for (sum, x) in sums.iter_mut().zip(x) {
                        *sum = delta.mul_add(V::load(x), *sum);
                    }
                }
            }
        }
        let (keep, scale) = (V::splat(self.keep), V::splat(self.scale));
        for (target, sums) in target.chunks_mut(run).zip(sums) {
            for (target, sum) in target.chunks_mut(8).zip(sums) {
                let scaled = scale.mul_add(sum, V::splat(0.0));
                store(keep.mul_add(load(target), scaled), target);
            }
        }
        N
    }
}

/// One image: `dx` = Σ δ · filter, at the patches of all hits.
pub struct InputGradient<'a> {
    pub op: &'a Conv,
    /// `[filters, taps]`
    pub w: &'a [f32],
    /// Where each patch begins in the image.
    pub corners: &'a [usize],
    pub hits: &'a ImageHits,
    pub dx: &'a mut [f32],
}

impl Kernel for InputGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let (op, run) = (self.op, self.op.kernel.1 * self.op.maps);
        self.dx.fill(0.0);
        // Row by row of the kernel: the same row of all filters fits into the first-level cache.
        for l in 0..op.kernel.0 {
            for (k, corner) in self.corners.iter().enumerate() {
                let hits = self.hits.by_patch.list(k);
                if hits.is_empty() {
                    continue;
                }
                let mut w = &self.w[l * run..];
                let mut dx = &mut self.dx[corner + l * op.width * op.maps..][..run];
                while !dx.is_empty() {
                    let vectors = match dx.len().div_ceil(8) {
                        13.. => sum_filters::<V, 13>(hits, w, op.taps(), dx),
                        8.. => sum_filters::<V, 8>(hits, w, op.taps(), dx),
                        4.. => sum_filters::<V, 4>(hits, w, op.taps(), dx),
                        _ => sum_filters::<V, 1>(hits, w, op.taps(), dx),
                    };
                    let done = (8 * vectors).min(dx.len());
                    (w, dx) = (&w[done..], &mut dx[done..]);
                }
            }
        }
    }
}

/// `dx` gains Σ δ · filter for `N` vectors, held in registers; what they have beyond its end is dropped. `w` begins with
/// the weights that belong to it, those of the first filter. Returns `N`.
#[inline(always)]
fn sum_filters<V: F32x8, const N: usize>(hits: &[Hit], w: &[f32], taps: usize, dx: &mut [f32]) -> usize {
    let mut sums = [V::splat(0.0); N];
    for hit in hits {
        let delta = V::splat(hit.delta);
        let w = &w[hit.at as usize * taps..];
        let mut room = None;
        let w = eights_or_pad::<N>(w, &mut room);
        for (sum, w) in sums.iter_mut().zip(w) {
            *sum = delta.mul_add(V::load(w), *sum);
        }
    }
    for (dx, sum) in dx.chunks_mut(8).zip(sums) {
        store(load::<V>(dx).add(sum), dx);
    }
    N
}
