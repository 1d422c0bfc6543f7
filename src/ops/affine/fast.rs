//! Fully connected in `f32`, for small mini-batches: a general matrix product is at its worst there, because it spends
//! more time on bringing the weights than on using them.
//!
//! Three things help. Every weight is brought once for all examples of a mini-batch, and used while it is at hand: on the
//! way back for ∂C/∂x and for its own step.
//! Inputs that are zero (blank paper, rectified units that are off, dropped units: two thirds and more of them) are not
//! multiplied at all: each example has a list of the others. And work is divided by input, on the way forward as on the
//! way back: so a thread meets the same weights again, and need not fetch from another core what that has just changed.

use super::Affine;
use crate::simd::{F32x8, Kernel, eights, eights_or_pad, load, nonzero, pad, store};
use std::ops::Range;

/// The forward pass takes the inputs in so many parts, each a piece of work, and adds up what they give.
pub const PARTS: usize = 4;
/// Examples to a piece of the forward pass: they share each weight while it is in the cache.
pub const SHARING: usize = 32;
/// Inputs that are worked off together, one bit for each.
const GROUP: usize = 64;
/// Rows of weights to a piece of work in the backward pass.
pub const ROWS: usize = 16;

/// What some of the inputs give to all neurons: z\[n, j\] = Σᵢ x\[n, i\] · w\[i, j\] over these inputs i, for some examples n.
pub struct Forward<'a> {
    /// The operation.
    pub op: &'a Affine,
    /// `[n, inputs]`, all inputs.
    pub x: &'a [f32],
    /// `[inputs, outputs]`, all weights.
    pub w: &'a [f32],
    /// Which inputs.
    pub inputs: Range<usize>,
    /// `[n, outputs]`, each row with room for whole vectors.
    pub z: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(mut self) {
        let op = self.op;
        let width = 8 * op.outputs.div_ceil(8);
        let groups = self.inputs.len().div_ceil(GROUP);
        let size = self.inputs.len().div_ceil(groups);
        let mut lists = [List::<GROUP>::EMPTY; SHARING];
        self.z.fill(0.0);
        for first in self.inputs.clone().step_by(size) {
            let group = first..self.inputs.end.min(first + size);
            for (x, list) in self.x.chunks_exact(op.inputs).zip(&mut lists) {
                list.clear();
                let x = &x[group.clone()];
                let mut bits = nonzero::<V>(x);
                while bits != 0 {
                    let i = bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    list.push(first + i, x[i]);
                }
            }
            // Some neurons for all examples: so few weights at a time stay in the first-level cache.
            let mut first = 0;
            while first < width {
                let vectors = match (width - first) / 8 {
                    13.. => self.add_rows::<V, 13>(&lists, first),
                    8.. => self.add_rows::<V, 8>(&lists, first),
                    4.. => self.add_rows::<V, 4>(&lists, first),
                    2.. => self.add_rows::<V, 2>(&lists, first),
                    _ => self.add_rows::<V, 1>(&lists, first),
                };
                first += 8 * vectors;
            }
        }
    }
}

impl Forward<'_> {
    /// `z` gains x · w\[i, first…\] for every (i, x) of an example's list, for `N` vectors of neurons. Returns `N`.
    #[inline(always)]
    fn add_rows<V: F32x8, const N: usize>(&mut self, lists: &[List<GROUP>], first: usize) -> usize {
        let (outputs, width) = (self.op.outputs, 8 * self.op.outputs.div_ceil(8));
        for (z, list) in self.z.chunks_exact_mut(width).zip(lists) {
            let z = z[first..].as_chunks_mut::<8>().0.first_chunk_mut::<N>().expect("rows of z are padded");
            let mut sums = [V::splat(0.0); N];
            for (sum, z) in sums.iter_mut().zip(&*z) {
                *sum = V::load(z);
            }
            for &(i, x) in list.items() {
                let x = V::splat(x);
                let w = &self.w[i as usize * outputs + first..];
                let mut room = None;
                let w = eights_or_pad::<N>(w, &mut room);
                for (sum, w) in sums.iter_mut().zip(w) {
                    *sum = x.mul_add(V::load(w), *sum);
                }
            }
            for (z, sum) in z.iter_mut().zip(sums) {
                *z = sum.array();
            }
        }
        N
    }
}

/// Up to `N` inputs that are not zero: where each is, and its value.
#[derive(Clone, Copy)]
struct List<const N: usize> {
    items: [(u32, f32); N],
    count: usize,
}

impl<const N: usize> List<N> {
    const EMPTY: Self = List { items: [(0, 0.0); N], count: 0 };

    #[inline(always)]
    fn clear(&mut self) {
        self.count = 0;
    }

    #[inline(always)]
    fn push(&mut self, at: usize, x: f32) {
        self.items[self.count] = (at as u32, x);
        self.count += 1;
    }

    #[inline(always)]
    fn items(&self) -> &[(u32, f32)] {
        &self.items[..self.count]
    }
}

/// What the backward pass does with rows of weights, one row for each input.
pub struct Backward<'a> {
    /// The operation.
    pub op: &'a Affine,
    /// `[n, inputs]`
    pub x: &'a [f32],
    /// `[n, outputs]`, each row padded with zeros to whole vectors.
    pub dy: &'a [f32],
    /// Which inputs.
    pub inputs: Range<usize>,
    /// Rows `inputs` of the weights, where they are not the target themselves.
    pub w: Option<&'a [f32]>,
    /// Rows `inputs` of what is to become keep · target + scale · xᵀ dy.
    pub target: &'a mut [f32],
    /// What the target is multiplied by.
    pub keep: f32,
    /// What the gradient is multiplied by.
    pub scale: f32,
    /// `[n, ROWS]`: ∂C/∂x, from the weights as they were; empty when it is not wanted.
    pub dx: &'a mut [f32],
    /// Is ∂C/∂x wanted only where x ≠ 0?
    pub sparse: bool,
}

/// Examples are looked at in groups, one bit for each.
const EXAMPLES: usize = 32;

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(mut self) {
        let n = self.x.len() / self.op.inputs;
        let rows = self.inputs.len();
        self.dx.fill(0.0);
        // Few examples: all that is to be done with a row is done while it is in the cache. Many: in two rounds, because
        // dx needs the weights as they were.
        let at_once = n <= EXAMPLES;
        let in_one_go = at_once && self.sparse && self.w.is_none() && !self.dx.is_empty();
        let mut list = List::EMPTY;
        for first in (0..n).step_by(EXAMPLES) {
            let (nonzero, all) = self.bits(first, n);
            for (r, nonzero) in nonzero.into_iter().enumerate().take(rows) {
                if at_once {
                    self.list(r, first, nonzero, &mut list);
                    if in_one_go && (1..=4).contains(&list.count) {
                        self.dots_and_add::<V>(r, list.items());
                        continue;
                    }
                }
                if !self.dx.is_empty() {
                    self.dots::<V>(r, first, if self.sparse { nonzero } else { all });
                }
                if at_once {
                    self.add::<V>(r, list.items(), self.keep);
                }
            }
        }
        if !at_once {
            for first in (0..n).step_by(EXAMPLES) {
                let (nonzero, _) = self.bits(first, n);
                let keep = if first == 0 { self.keep } else { 1.0 };
                for (r, &nonzero) in nonzero[..rows].iter().enumerate() {
                    self.list(r, first, nonzero, &mut list);
                    self.add::<V>(r, list.items(), keep);
                }
            }
        }
    }
}

impl Backward<'_> {
    /// For each input, bit k says whether it is not zero in example `first + k`; and the bits of all examples there are.
    #[inline(always)]
    fn bits(&self, first: usize, n: usize) -> ([u32; ROWS], u32) {
        let (mut nonzero, mut all) = ([0; ROWS], 0);
        for k in 0..EXAMPLES.min(n - first) {
            let x = &self.x[(first + k) * self.op.inputs..][self.inputs.clone()];
            nonzero.iter_mut().zip(x).for_each(|(bits, &x)| *bits |= u32::from(x != 0.0) << k);
            all |= 1 << k;
        }
        (nonzero, all)
    }

    /// The examples with a bit, counted from `first`, and scale · x\[n, r\] of each.
    #[inline(always)]
    fn list(&self, r: usize, first: usize, mut bits: u32, list: &mut List<EXAMPLES>) {
        list.clear();
        while bits != 0 {
            let n = first + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            list.push(n, self.scale * self.x[n * self.op.inputs + self.inputs.start + r]);
        }
    }

    /// dx\[n, r\] = Σⱼ dy\[n, j\] · w\[r, j\], four examples at a time.
    #[inline(always)]
    fn dots<V: F32x8>(&mut self, r: usize, first: usize, mut bits: u32) {
        let outputs = self.op.outputs;
        let (whole, rest) = self.w.unwrap_or(self.target)[r * outputs..][..outputs].as_chunks::<8>();
        let rest = (!rest.is_empty()).then(|| pad::<1>(rest)[0]);
        let width = 8 * outputs.div_ceil(8);
        while bits != 0 {
            // The last group may have fewer than four: then one of them is computed more than once.
            let mut four = [0; 4];
            for k in 0..4 {
                four[k] = if bits == 0 { four[k - 1] } else { first + bits.trailing_zeros() as usize };
                bits &= bits.wrapping_sub(1);
            }
            let dy = four.map(|n| self.dy[n * width..][..width].as_chunks::<8>().0);
            let mut sums = [V::splat(0.0); 4];
            for (v, w) in whole.iter().enumerate() {
                let w = V::load(w);
                for (sum, dy) in sums.iter_mut().zip(dy) {
                    *sum = w.mul_add(V::load(&dy[v]), *sum);
                }
            }
            if let Some(w) = &rest {
                for (sum, dy) in sums.iter_mut().zip(dy) {
                    *sum = V::load(w).mul_add(V::load(&dy[whole.len()]), *sum);
                }
            }
            four.iter().zip(V::sums(sums)).for_each(|(n, sum)| self.dx[n * ROWS + r] = sum);
        }
    }

    /// [`dots`](Self::dots) and [`add`](Self::add) in one go, for one to four examples.
    #[inline(always)]
    fn dots_and_add<V: F32x8>(&mut self, r: usize, list: &[(u32, f32)]) {
        let row = &mut self.target[r * self.op.outputs..][..self.op.outputs];
        let sums = match *list {
            [a] => dots_and_add_row::<V, 1>(row, self.keep, [a], self.dy),
            [a, b] => dots_and_add_row::<V, 2>(row, self.keep, [a, b], self.dy),
            [a, b, c] => dots_and_add_row::<V, 3>(row, self.keep, [a, b, c], self.dy),
            [a, b, c, d] => dots_and_add_row::<V, 4>(row, self.keep, [a, b, c, d], self.dy),
            _ => unreachable!("one to four examples"),
        };
        for (&(n, _), sum) in list.iter().zip(sums) {
            self.dx[n as usize * ROWS + r] = sum;
        }
    }

    /// Row r of the target becomes keep · target + Σ x · dy\[n\] over a list of (n, x).
    #[inline(always)]
    fn add<V: F32x8>(&mut self, r: usize, list: &[(u32, f32)], keep: f32) {
        if !list.is_empty() || keep != 1.0 {
            let target = &mut self.target[r * self.op.outputs..][..self.op.outputs];
            add_examples::<V>(target, keep, list, self.dy);
        }
    }
}

/// For `K` examples (n, x): Σⱼ dy\[n, j\] · w\[j\], and then w = keep · w + Σ x · dy\[n\]. Both need the same numbers, and
/// they are brought only once.
#[inline(always)]
fn dots_and_add_row<V: F32x8, const K: usize>(w: &mut [f32], keep: f32, list: [(u32, f32); K], dy: &[f32]) -> [f32; 4] {
    let width = 8 * w.len().div_ceil(8);
    let dy = list.map(|(n, _)| dy[n as usize * width..][..width].as_chunks::<8>().0);
    let (keep, mut dots) = (V::splat(keep), [V::splat(0.0); 4]);
    for (v, w) in w.chunks_mut(8).enumerate() {
        let (before, mut sum) = (load::<V>(w), V::splat(0.0));
        for k in 0..K {
            let dy = V::load(&dy[k][v]);
            dots[k] = before.mul_add(dy, dots[k]);
            sum = V::splat(list[k].1).mul_add(dy, sum);
        }
        store(keep.mul_add(before, sum), w);
    }
    V::sums(dots)
}

/// target = keep · target + Σ x · dy\[n\] over a list of (n, x).
#[inline(always)]
fn add_examples<V: F32x8>(target: &mut [f32], keep: f32, list: &[(u32, f32)], dy: &[f32]) {
    let width = 8 * target.len().div_ceil(8);
    for (block, target) in target.chunks_mut(64).enumerate() {
        let dy = &dy[64 * block..];
        match target.len().div_ceil(8) {
            8 => add_block::<V, 8>(target, keep, list, dy, width),
            7 => add_block::<V, 7>(target, keep, list, dy, width),
            6 => add_block::<V, 6>(target, keep, list, dy, width),
            5 => add_block::<V, 5>(target, keep, list, dy, width),
            4 => add_block::<V, 4>(target, keep, list, dy, width),
            3 => add_block::<V, 3>(target, keep, list, dy, width),
            2 => add_block::<V, 2>(target, keep, list, dy, width),
            _ => add_block::<V, 1>(target, keep, list, dy, width),
        }
    }
}

/// The same for `N` vectors of the row.
#[inline(always)]
fn add_block<V: F32x8, const N: usize>(target: &mut [f32], keep: f32, list: &[(u32, f32)], dy: &[f32], width: usize) {
    let mut sums = [V::splat(0.0); N];
    for &(n, x) in list {
        let x = V::splat(x);
        let dy = eights::<N>(&dy[n as usize * width..]).expect("rows of dy are padded");
        for (sum, dy) in sums.iter_mut().zip(dy) {
            *sum = x.mul_add(V::load(dy), *sum);
        }
    }
    let keep = V::splat(keep);
    for (target, sum) in target.chunks_mut(8).zip(sums) {
        store(keep.mul_add(load(target), sum), target);
    }
}
