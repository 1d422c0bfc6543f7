//! Fully connected in `f32`, for small mini-batches: a general matrix product is at its worst there, because it spends
//! more time on bringing the weights than on using them.
//!
//! Two things help. Every weight is brought once for all examples of a mini-batch, and used while it is at hand. And
//! inputs that are zero (blank paper, rectified units that are off, dropped units: two thirds and more of them) are not
//! multiplied at all: each example has a list of the others.

use super::Affine;
use crate::simd::{F32x8, Kernel, eights, load, pad, store};
use std::ops::Range;

/// So many inputs are worked off together: their weights, for one block of neurons, fit into the first-level cache.
const INPUTS: usize = 16;
/// Neurons to a block.
pub const NEURONS: usize = 512;
/// Rows of weights to a piece of work in the backward pass.
pub const ROWS: usize = 16;

/// The inputs of one example that are not zero, in order.
#[derive(Clone, Default)]
pub struct Nonzeros {
    /// (input, its value)
    all: Vec<(u32, f32)>,
    /// Those of the k-th group of `INPUTS` inputs end at `ends[k]`.
    ends: Vec<usize>,
}

impl Nonzeros {
    /// Lists the inputs of one example.
    pub fn list(&mut self, x: &[f32]) {
        self.all.resize(x.len() + 1, (0, 0.0));
        self.ends.clear();
        let mut count = 0;
        for (group, x) in x.chunks(INPUTS).enumerate() {
            for (i, &x) in x.iter().enumerate() {
                self.all[count] = ((group * INPUTS + i) as u32, x);
                count += usize::from(x != 0.0);
            }
            self.ends.push(count);
        }
    }

    fn of(&self, group: usize) -> &[(u32, f32)] {
        let begin = if group == 0 { 0 } else { self.ends[group - 1] };
        &self.all[begin..self.ends[group]]
    }
}

/// A block of neurons: z\[n, j\] = Σᵢ x\[n, i\] · w\[i, j\] for all examples n.
pub struct Forward<'a> {
    pub op: &'a Affine,
    /// One list for each example.
    pub x: &'a [Nonzeros],
    pub w: &'a [f32],
    /// The block's neurons.
    pub neurons: Range<usize>,
    /// `[n, neurons of the block]`, each row with room for whole vectors.
    pub z: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let width = self.z.len() / self.x.len();
        self.z.fill(0.0);
        for group in 0..self.op.inputs.div_ceil(INPUTS) {
            for (x, z) in self.x.iter().zip(self.z.chunks_exact_mut(width)) {
                let x = x.of(group);
                let mut first = self.neurons.start;
                for z in z.chunks_mut(64) {
                    match z.len() / 8 {
                        8 => self.op.add_rows::<V, 8>(x, self.w, first, z),
                        7 => self.op.add_rows::<V, 7>(x, self.w, first, z),
                        6 => self.op.add_rows::<V, 6>(x, self.w, first, z),
                        5 => self.op.add_rows::<V, 5>(x, self.w, first, z),
                        4 => self.op.add_rows::<V, 4>(x, self.w, first, z),
                        3 => self.op.add_rows::<V, 3>(x, self.w, first, z),
                        2 => self.op.add_rows::<V, 2>(x, self.w, first, z),
                        _ => self.op.add_rows::<V, 1>(x, self.w, first, z),
                    }
                    first += z.len();
                }
            }
        }
    }
}

impl Affine {
    /// `z` gains x · w\[i, first…\] for every (i, x), for `N` vectors of neurons.
    #[inline(always)]
    fn add_rows<V: F32x8, const N: usize>(&self, x: &[(u32, f32)], w: &[f32], first: usize, z: &mut [f32]) {
        let (z, _) = z.as_chunks_mut::<8>();
        let mut sums = [V::splat(0.0); N];
        sums.iter_mut().zip(&*z).for_each(|(sum, z)| *sum = V::load(z));
        for &(i, x) in x {
            let x = V::splat(x);
            let w = &w[i as usize * self.outputs + first..];
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
        z.iter_mut().zip(sums).for_each(|(z, sum)| *z = sum.array());
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

/// Examples are looked at in groups, so that lists of them fit on the stack.
const EXAMPLES: usize = 64;

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(mut self) {
        let outputs = self.op.outputs;
        let n = self.x.len() / self.op.inputs;
        self.dx.fill(0.0);
        for r in 0..self.inputs.len() {
            if !self.dx.is_empty() {
                for examples in groups(n) {
                    self.dots::<V>(r, examples);
                }
            }
            let mut keep = self.keep;
            for examples in groups(n) {
                let (list, count) = self.examples(r, examples, true);
                let target = &mut self.target[r * outputs..][..outputs];
                if count > 0 || keep != 1.0 {
                    add_examples::<V>(target, keep, self.scale, &list[..count], self.dy);
                }
                keep = 1.0;
            }
        }
    }
}

impl Backward<'_> {
    /// (example, its input r) for a group of examples: all, or those whose input is not zero.
    #[inline(always)]
    fn examples(&self, r: usize, examples: Range<usize>, sparse: bool) -> ([(usize, f32); EXAMPLES + 1], usize) {
        let mut list = [(0, 0.0); EXAMPLES + 1];
        let mut count = 0;
        for n in examples {
            let x = self.x[n * self.op.inputs + self.inputs.start + r];
            list[count] = (n, x);
            count += usize::from(!sparse || x != 0.0);
        }
        (list, count)
    }

    /// dx\[n, r\] = Σⱼ dy\[n, j\] · w\[r, j\], four examples at a time.
    #[inline(always)]
    fn dots<V: F32x8>(&mut self, r: usize, examples: Range<usize>) {
        let (list, count) = self.examples(r, examples, self.sparse);
        let w = &self.w.unwrap_or(self.target)[r * self.op.outputs..];
        let (whole, rest) = w[..self.op.outputs].as_chunks::<8>();
        let rest = (!rest.is_empty()).then(|| pad::<1>(rest)[0]);
        let width = 8 * self.op.outputs.div_ceil(8);
        for four in list[..count].chunks(4) {
            let dy: [&[f32]; 4] = std::array::from_fn(|k| {
                let (n, _) = four[k.min(four.len() - 1)];
                &self.dy[n * width..][..width]
            });
            let dy = dy.map(|dy| dy.as_chunks::<8>().0);
            let mut sums = [V::splat(0.0); 4];
            for (v, w) in whole.iter().chain(&rest).enumerate() {
                let w = V::load(w);
                for (sum, dy) in sums.iter_mut().zip(dy) {
                    *sum = w.mul_add(V::load(&dy[v]), *sum);
                }
            }
            for (&(n, _), sum) in four.iter().zip(sums) {
                self.dx[n * ROWS + r] = sum.sum();
            }
        }
    }
}

/// 0..n in groups of `EXAMPLES`.
fn groups(n: usize) -> impl Iterator<Item = Range<usize>> {
    (0..n).step_by(EXAMPLES).map(move |first| first..n.min(first + EXAMPLES))
}

/// target = keep · target + scale · Σ x · dy\[n\] over a list of (n, x).
#[inline(always)]
fn add_examples<V: F32x8>(target: &mut [f32], keep: f32, scale: f32, list: &[(usize, f32)], dy: &[f32]) {
    let width = 8 * target.len().div_ceil(8);
    for (block, target) in target.chunks_mut(64).enumerate() {
        let dy = &dy[64 * block..];
        match target.len().div_ceil(8) {
            8 => add_block::<V, 8>(target, keep, scale, list, dy, width),
            7 => add_block::<V, 7>(target, keep, scale, list, dy, width),
            6 => add_block::<V, 6>(target, keep, scale, list, dy, width),
            5 => add_block::<V, 5>(target, keep, scale, list, dy, width),
            4 => add_block::<V, 4>(target, keep, scale, list, dy, width),
            3 => add_block::<V, 3>(target, keep, scale, list, dy, width),
            2 => add_block::<V, 2>(target, keep, scale, list, dy, width),
            _ => add_block::<V, 1>(target, keep, scale, list, dy, width),
        }
    }
}

/// The same for `N` vectors of the row.
#[inline(always)]
fn add_block<V: F32x8, const N: usize>(
    target: &mut [f32],
    keep: f32,
    scale: f32,
    list: &[(usize, f32)],
    dy: &[f32],
    width: usize,
) {
    let mut sums = [V::splat(0.0); N];
    for &(n, x) in list {
        let x = V::splat(scale * x);
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
