//! Fully connected in `f32`, for small mini-batches: a general matrix product is at its worst there, because it spends
//! more time on bringing the weights than on using them.
//!
//! Three things help. Every weight is brought once for all examples of a mini-batch, and used while it is at hand.
//! Inputs that are zero (blank paper, rectified units that are off, dropped units: two thirds and more of them) are not
//! multiplied at all: each example has a list of the others. And work is divided by input, on the way forward as on the
//! way back: so a thread meets the same weights again, and need not fetch from another core what that has just changed.

use super::Affine;
use crate::simd::{F32x8, Kernel, eights, load, nonzero, pad, store};
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
    pub op: &'a Affine,
    /// `[n, inputs]`, all inputs.
    pub x: &'a [f32],
    pub w: &'a [f32],
    /// Which inputs.
    pub inputs: Range<usize>,
    /// `[n, outputs]`, each row with room for whole vectors.
    pub z: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let op = self.op;
        let width = 8 * op.outputs.div_ceil(8);
        let groups = self.inputs.len().div_ceil(GROUP);
        let size = self.inputs.len().div_ceil(groups);
        let mut list = [(0, 0.0); GROUP];
        self.z.fill(0.0);
        for first in self.inputs.clone().step_by(size) {
            let group = first..self.inputs.end.min(first + size);
            for (x, z) in self.x.chunks_exact(op.inputs).zip(self.z.chunks_exact_mut(width)) {
                let x = list_nonzeros::<V>(&x[group.clone()], first, &mut list);
                for (block, z) in z.chunks_mut(64).enumerate() {
                    let first = 64 * block;
                    match z.len() / 8 {
                        8 => op.add_rows::<V, 8>(x, self.w, first, z),
                        7 => op.add_rows::<V, 7>(x, self.w, first, z),
                        6 => op.add_rows::<V, 6>(x, self.w, first, z),
                        5 => op.add_rows::<V, 5>(x, self.w, first, z),
                        4 => op.add_rows::<V, 4>(x, self.w, first, z),
                        3 => op.add_rows::<V, 3>(x, self.w, first, z),
                        2 => op.add_rows::<V, 2>(x, self.w, first, z),
                        _ => op.add_rows::<V, 1>(x, self.w, first, z),
                    }
                }
            }
        }
    }
}

/// The inputs of a group that are not zero: (input, its value). `x` begins with input `first`.
#[inline(always)]
fn list_nonzeros<'a, V: F32x8>(x: &[f32], first: usize, list: &'a mut [(usize, f32); GROUP]) -> &'a [(usize, f32)] {
    let (mut bits, mut count) = (nonzero::<V>(x), 0);
    while bits != 0 {
        let i = bits.trailing_zeros() as usize;
        bits &= bits - 1;
        list[count] = (first + i, x[i]);
        count += 1;
    }
    &list[..count]
}

impl Affine {
    /// `z` gains x · w\[i, first…\] for every (i, x), for `N` vectors of neurons.
    #[inline(always)]
    fn add_rows<V: F32x8, const N: usize>(&self, x: &[(usize, f32)], w: &[f32], first: usize, z: &mut [f32]) {
        let (z, _) = z.as_chunks_mut::<8>();
        let mut sums = [V::splat(0.0); N];
        for (sum, z) in sums.iter_mut().zip(&*z) {
            *sum = V::load(z);
        }
        for &(i, x) in x {
            let x = V::splat(x);
            let w = &w[i * self.outputs + first..];
            let padded;
            let w = match eights::<N>(w) {
                Some(w) => w,
                None => {
                    padded = pad::<N>(w);
                    &padded
                }
            };
            for (sum, w) in sums.iter_mut().zip(w) {
                *sum = x.mul_add(V::load(w), *sum);
            }
        }
        for (z, sum) in z.iter_mut().zip(sums) {
            *z = sum.array();
        }
    }
}

/// What the backward pass does with rows of weights, one row for each input.
pub struct Backward<'a> {
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
    pub keep: f32,
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
        let mut list = [(0, 0.0); EXAMPLES];
        for first in (0..n).step_by(EXAMPLES) {
            let (nonzero, all) = self.bits(first, n);
            for (r, nonzero) in nonzero.into_iter().enumerate().take(rows) {
                if !self.dx.is_empty() {
                    self.dots::<V>(r, first, if self.sparse { nonzero } else { all });
                }
                if at_once {
                    self.add::<V>(r, first, nonzero, self.keep, &mut list);
                }
            }
        }
        if !at_once {
            for first in (0..n).step_by(EXAMPLES) {
                let (nonzero, _) = self.bits(first, n);
                let keep = if first == 0 { self.keep } else { 1.0 };
                for (r, &bits) in nonzero[..rows].iter().enumerate() {
                    self.add::<V>(r, first, bits, keep, &mut list);
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

    /// Row r of the target becomes keep · target + scale · Σ x\[n, r\] · dy\[n\] over the examples with a bit.
    #[inline(always)]
    fn add<V: F32x8>(&mut self, r: usize, first: usize, mut bits: u32, keep: f32, list: &mut [(usize, f32); EXAMPLES]) {
        if bits == 0 && keep == 1.0 {
            return;
        }
        let mut count = 0;
        while bits != 0 {
            let n = first + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            list[count] = (n, self.scale * self.x[n * self.op.inputs + self.inputs.start + r]);
            count += 1;
        }
        let target = &mut self.target[r * self.op.outputs..][..self.op.outputs];
        add_examples::<V>(target, keep, &list[..count], self.dy);
    }
}

/// target = keep · target + Σ x · dy\[n\] over a list of (n, x).
#[inline(always)]
fn add_examples<V: F32x8>(target: &mut [f32], keep: f32, list: &[(usize, f32)], dy: &[f32]) {
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
fn add_block<V: F32x8, const N: usize>(target: &mut [f32], keep: f32, list: &[(usize, f32)], dy: &[f32], width: usize) {
    let mut sums = [V::splat(0.0); N];
    for &(n, x) in list {
        let x = V::splat(x);
        let dy = eights::<N>(&dy[n * width..]).expect("rows of dy are padded");
        for (sum, dy) in sums.iter_mut().zip(dy) {
            *sum = x.mul_add(V::load(dy), *sum);
        }
    }
    let keep = V::splat(keep);
    for (target, sum) in target.chunks_mut(8).zip(sums) {
        store(keep.mul_add(load(target), sum), target);
    }
}
