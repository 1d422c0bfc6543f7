//! The way back through a convolution in `f32`, sparse.
//!
//! Only outputs with a gradient matter; a [`Hit`] is one of them. It adds δ times a patch of the input to the gradient of
//! its filter, and δ times the filter to a patch of the input's gradient. A patch is a few rows of numbers that lie next to
//! each other in memory, all maps of all columns, so both are long sums of vectors.

use super::Conv;
use crate::simd::{F32x8, Kernel, eights_or_pad, load, store};

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
    /// The operation.
    pub op: &'a Conv,
    /// The images.
    pub x: &'a [f32],
    /// One for each image.
    pub hits: &'a [ImageHits],
    /// The first filter.
    pub first: usize,
    /// `[some filters, taps]`
    pub target: &'a mut [f32],
    /// What the target is multiplied by.
    pub keep: f32,
    /// What the gradient is multiplied by.
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
    /// The operation.
    pub op: &'a Conv,
    /// `[filters, taps]`
    pub w: &'a [f32],
    /// Where each patch begins in the image.
    pub corners: &'a [usize],
    /// The hits of the image.
    pub hits: &'a ImageHits,
    /// The gradient of the image.
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
