//! The gradients of a convolution in `f32`, sparse or dense.
//!
//! Only outputs with a gradient matter: after max-pooling one in four, and none of a rectified unit that is off. An
//! output of filter f at patch p, with gradient δ, adds δ · (patch p of the input) to the gradient of filter f, and δ ·
//! (filter f) to patch p of ∂C/∂x. Both are [weighted sums of rows](crate::cpu::rows), and each wants its own order of
//! the same outputs: the sum for a filter stays in registers over all its outputs, and the sum for a patch over all
//! filters there. Hence two lists.
//!
//! Where many outputs have a gradient, because no pooling follows, to list them by filter takes longer than to multiply
//! the zeros among them: then the gradients of the filters are a dense product, [`dense`](super::dense).

use super::Conv;
use super::ink::Inked;
use crate::cpu::rows::{Piecewise, Term, add_rows, blend, in_pieces};
use crate::cpu::simd::{F32x8, Kernel, nonzero};
use crate::cpu::tuning::GROUP_IMAGES;
use crate::ops::Parameter;
use std::ops::Range;

/// Lists of terms, each with the same capacity.
#[derive(Clone, Default)]
pub struct Lists {
    all: Vec<Term>,
    capacity: usize,
    counts: Vec<usize>,
}

impl Lists {
    /// Empties it: `lists` lists of `capacity` each.
    fn begin(&mut self, lists: usize, capacity: usize) {
        self.capacity = capacity;
        self.all.resize(self.all.len().max(lists * capacity), Term::default());
        self.counts.clear();
        self.counts.resize(lists, 0);
    }

    /// Adds a term to a list.
    #[inline(always)]
    fn push(&mut self, list: usize, at: usize, factor: f32) {
        let count = &mut self.counts[list];
        self.all[list * self.capacity + *count] = Term { at: at as u32, factor };
        *count += 1;
    }

    /// A list.
    fn list(&self, k: usize) -> &[Term] {
        &self.all[k * self.capacity..][..self.counts[k]]
    }
}

/// The outputs of one image that have a gradient.
#[derive(Clone, Default)]
pub struct Nonzero {
    /// For each filter, where its patches begin in the input.
    by_filter: Lists,
    /// For each patch, where the filters begin in the weights; empty when ∂C/∂x is not wanted.
    by_patch: Lists,
    /// Weights of a filter.
    taps: usize,
    /// ∂C/∂b: Σ δ for each filter.
    pub db: Vec<f32>,
    /// For each row of outputs, the columns that see ink; empty where outputs are listed by filter.
    pub inked: Vec<Range<usize>>,
}

impl Nonzero {
    /// Empties it. A filter will have at most `most` outputs, `patches` are listed on their own.
    pub fn begin(&mut self, op: &Conv, most: usize, patches: usize) {
        self.taps = op.taps();
        self.by_filter.begin(op.filters, most);
        self.by_patch.begin(patches, op.filters);
        self.db.clear();
        self.db.resize(op.filters, 0.0);
        self.inked.clear();
    }

    /// The gradients of all filters' biases gain those of a patch's outputs.
    #[inline(always)]
    pub fn add_to_biases(&mut self, dy: &[f32]) {
        self.db.iter_mut().zip(dy).for_each(|(db, dy)| *db += dy);
    }

    /// An output of filter `f`, whose patch begins at `origin`.
    #[inline(always)]
    pub fn push(&mut self, f: usize, origin: usize, delta: f32) {
        self.by_filter.push(f, origin, delta);
    }

    /// The same output, for the patch's own list.
    #[inline(always)]
    pub fn push_patch(&mut self, patch: usize, f: usize, delta: f32) {
        self.by_patch.push(patch, f * self.taps, delta);
    }
}

/// Finds the outputs of one image that have a gradient.
pub struct FindNonzero<'a> {
    /// The operation, without padding.
    pub op: &'a Conv,
    /// The image.
    pub x: &'a [f32],
    /// Where each patch begins.
    pub origins: &'a [usize],
    /// `[outputs, filters]`
    pub dy: &'a [f32],
    /// Are they to be listed by filter? Otherwise it is noted which of them see ink.
    pub by_filter: bool,
    /// Are they to be listed by patch?
    pub by_patch: bool,
    /// Where they go.
    pub found: &'a mut Nonzero,
}

impl Kernel for FindNonzero<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let FindNonzero { op, x, origins, dy, by_filter, by_patch, found } = self;
        found.begin(op, if by_filter { origins.len() } else { 0 }, if by_patch { origins.len() } else { 0 });
        if !by_filter {
            for i in 0..op.output_height() {
                found.inked.push(Inked { op, x, rows: i..i + 1 }.run::<V>());
            }
        }
        for (patch, dy) in dy.chunks_exact(op.filters).enumerate() {
            found.add_to_biases(dy);
            if !by_filter && !by_patch {
                continue;
            }
            // Sixty-four filters at a time: a bit says whether a filter has a gradient here
            for (block, dy) in dy.chunks(64).enumerate() {
                let mut bits = nonzero::<V>(dy);
                while bits != 0 {
                    let k = bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    if by_filter {
                        found.push(64 * block + k, origins[patch], dy[k]);
                    }
                    if by_patch {
                        found.push_patch(patch, 64 * block + k, dy[k]);
                    }
                }
            }
        }
    }
}

/// The gradients of some filters, and what becomes of them: Σ δ · patch over all images.
pub struct WeightGradient<'a> {
    /// The operation, without padding.
    pub op: &'a Conv,
    /// The images.
    pub x: &'a [f32],
    /// One for each image.
    pub nonzero: &'a [Nonzero],
    /// The first filter.
    pub first: usize,
    /// `[some filters, taps]`
    pub w: Parameter<'a, f32>,
}

impl Kernel for WeightGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let op = self.op;
        let mut w = self.w.target();
        let images = self.x.chunks(GROUP_IMAGES * op.input_len()).zip(self.nonzero.chunks(GROUP_IMAGES));
        for (k, (x, nonzero)) in images.enumerate() {
            let (keep, scale) = (if k == 0 { w.keep } else { 1.0 }, w.scale);
            for (f, target) in w.target.chunks_exact_mut(op.taps()).enumerate() {
                let filter = self.first + f;
                let images = Images { op, x, nonzero, filter, keep, scale };
                let (begins, len) = op.stretches(filter / op.group_filters());
                if len <= 8 && op.groups == 1 && op.kernel().0 == 5 {
                    // Five short rows side by side: one vector of each
                    images.sum_patches::<V, 5, 1>(0, target);
                    continue;
                }
                for (begin, target) in begins.zip(target.chunks_exact_mut(len)) {
                    in_pieces::<V>(len, &mut Stretch { images: &images, begin, target });
                }
            }
        }
        w.finish(0..w.target.len());
    }
}

/// Some images, a filter, and what becomes of its gradient.
struct Images<'a> {
    op: &'a Conv,
    x: &'a [f32],
    nonzero: &'a [Nonzero],
    filter: usize,
    keep: f32,
    scale: f32,
}

/// A stretch of a filter's gradient, which begins so far into a patch.
struct Stretch<'a, 'b> {
    images: &'a Images<'a>,
    begin: usize,
    target: &'b mut [f32],
}

impl Piecewise for Stretch<'_, '_> {
    #[inline(always)]
    fn piece<V: F32x8, const N: usize>(&mut self, first: usize) {
        let target = &mut self.target[first..];
        let len = target.len().min(8 * N);
        self.images.sum_patches::<V, 1, N>(self.begin + first, &mut target[..len]);
    }
}

impl Images<'_> {
    /// target ← keep · target + scale · Σ δ · patch for `R` rows of `N` vectors, held in registers over all images.
    /// `at` says where in a patch they begin; more than one row means whole rows of the kernel.
    #[inline(always)]
    fn sum_patches<V: F32x8, const R: usize, const N: usize>(&self, at: usize, target: &mut [f32]) {
        let mut sums = [[V::splat(0.0); N]; R];
        for (x, nonzero) in self.x.chunks_exact(self.op.input_len()).zip(self.nonzero) {
            sums = add_rows::<V, R, N, false>(
                sums,
                nonzero.by_filter.list(self.filter),
                &x[at..],
                self.op.width * self.op.maps,
            );
        }
        let row = if R == 1 { target.len() } else { self.op.kernel().1 * self.op.maps };
        for (target, sums) in target.chunks_mut(row).zip(sums) {
            blend(target, self.keep, self.scale, sums);
        }
    }
}

/// One image: `dx` = Σ δ · filter, at the patches of all outputs.
pub struct InputGradient<'a> {
    /// The operation, without padding.
    pub op: &'a Conv,
    /// `[filters, taps]`
    pub w: &'a [f32],
    /// Where each patch begins in the image.
    pub origins: &'a [usize],
    /// The outputs that have a gradient, listed by patch.
    pub nonzero: &'a Nonzero,
    /// `[height, width, maps]`
    pub dx: &'a mut [f32],
}

impl Kernel for InputGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let op = self.op;
        self.dx.fill(0.0);
        for group in 0..op.groups {
            // Stretch by stretch: the same row of all filters fits into the first-level cache
            let (begins, len) = op.stretches(group);
            for (l, begin) in begins.enumerate() {
                for (patch, origin) in self.origins.iter().enumerate() {
                    let terms = group_terms(op, group, self.nonzero.by_patch.list(patch));
                    if !terms.is_empty() {
                        let dx = &mut self.dx[origin + begin..][..len];
                        in_pieces::<V>(len, &mut Filters { terms, w: &self.w[l * len..], dx });
                    }
                }
            }
        }
    }
}

/// The terms of a group's filters, which stand together, because filters come in their order.
#[inline(always)]
fn group_terms<'a>(op: &Conv, group: usize, terms: &'a [Term]) -> &'a [Term] {
    if op.groups == 1 {
        return terms;
    }
    let filters = op.group_filters() * op.taps();
    let begin = |group: usize| terms.partition_point(|term| (term.at as usize) < group * filters);
    &terms[begin(group)..begin(group + 1)]
}

/// A stretch of a patch of `dx`, and the weights that belong to it, from those of the first filter on.
struct Filters<'a, 'b> {
    terms: &'a [Term],
    w: &'a [f32],
    dx: &'b mut [f32],
}

impl Piecewise for Filters<'_, '_> {
    /// `dx` gains Σ δ · filter for `N` vectors; what they have beyond its end is dropped.
    #[inline(always)]
    fn piece<V: F32x8, const N: usize>(&mut self, first: usize) {
        let sums = add_rows::<V, 1, N, false>([[V::splat(0.0); N]], self.terms, &self.w[first..], 0);
        blend(&mut self.dx[first..], 1.0, 1.0, sums[0]);
    }
}
