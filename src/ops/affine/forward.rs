//! Fully connected in `f32`, forward, for small mini-batches: a general matrix product is at its worst there, because
//! it spends more time on bringing the weights than on using them.
//!
//! Three things help. Every weight is brought once for all examples of a mini-batch, and used while it is at hand: on
//! the way back for ∂C/∂x and for its own step. Inputs that are zero (blank paper, rectified units that are off,
//! dropped units: two thirds and more of them) are not multiplied at all: each example has a list of the others (a
//! sparse matrix times a dense one). And work is divided by input, on the way forward as on the way back: so a thread
//! meets the same weights again, and need not fetch from another core what that has just changed. (The gradients are in
//! [`backward`](super::backward).)

use super::Affine;
use crate::cpu::rows::{Piecewise, Term, add_rows, in_pieces, row};
use crate::cpu::simd::{F32x8, Kernel, nonzero};
use crate::cpu::tuning::{GROUP_INPUTS, NARROW, NARROW_EXAMPLES, TASK_EXAMPLES};
use std::ops::Range;

/// What some of the inputs give to all neurons: z\[n, j\] = Σᵢ x\[n, i\] · w\[i, j\] over these inputs i, for some
/// examples n.
pub struct Forward<'a> {
    /// The operation.
    pub op: &'a Affine,
    /// `[n, inputs]`, all inputs.
    pub x: &'a [f32],
    /// `[inputs, outputs]`
    pub w: &'a [f32],
    /// Which inputs.
    pub inputs: Range<usize>,
    /// `[n, outputs]`, each row padded to whole vectors.
    pub z: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        match self.op.outputs {
            ..=8 => self.narrow::<V, 1>(),
            9..=NARROW => self.narrow::<V, 2>(),
            _ => self.wide::<V>(),
        }
    }
}

impl Forward<'_> {
    /// Few neurons, in `N` vectors: all inputs are multiplied, for a few examples at a time, whose sums stay in
    /// registers.
    #[inline(always)]
    fn narrow<V: F32x8, const N: usize>(self) {
        let op = self.op;
        let examples = self.x.chunks(NARROW_EXAMPLES * op.inputs).zip(self.z.chunks_mut(NARROW_EXAMPLES * 8 * N));
        for (x, z) in examples {
            // If there are fewer examples than sums, the first is computed more than once
            let n = x.len() / op.inputs;
            let mut some = [x; NARROW_EXAMPLES];
            for k in 0..n {
                some[k] = &x[k * op.inputs..];
            }
            let some = some.map(|x| &x[self.inputs.clone()]);
            let mut sums = [[V::splat(0.0); N]; NARROW_EXAMPLES];
            for (i, input) in self.inputs.clone().enumerate() {
                let mut space = None;
                let w = row::<N, false>(&self.w[input * op.outputs..], &mut space);
                for k in 0..NARROW_EXAMPLES {
                    let x = V::splat(some[k][i]);
                    for v in 0..N {
                        sums[k][v] = x.mul_add(V::load(&w[v]), sums[k][v]);
                    }
                }
            }
            for (z, sums) in z.as_chunks_mut::<8>().0.chunks_exact_mut(N).zip(sums) {
                for v in 0..N {
                    z[v] = sums[v].array();
                }
            }
        }
    }

    /// Many neurons: only the inputs that are not zero are multiplied.
    #[inline(always)]
    fn wide<V: F32x8>(self) {
        let (op, width) = (self.op, self.op.padded_outputs());
        let groups = self.inputs.len().div_ceil(GROUP_INPUTS);
        let size = self.inputs.len().div_ceil(groups);
        let mut lists = [List::<GROUP_INPUTS>::EMPTY; TASK_EXAMPLES];
        self.z.fill(0.0);
        for first in self.inputs.clone().step_by(size) {
            // List each example's inputs that are not zero, by their rows of weights
            let group = first..self.inputs.end.min(first + size);
            for (x, list) in self.x.chunks_exact(op.inputs).zip(&mut lists) {
                list.clear();
                let x = &x[group.clone()];
                let mut bits = nonzero::<V>(x);
                while bits != 0 {
                    let i = bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    list.push((first + i) * op.outputs, x[i]);
                }
            }

            // Add up the rows: some neurons for all examples, so that few weights at a time stay in the first-level
            // cache
            in_pieces::<V>(width, &mut Neurons { lists: &lists, w: self.w, width, z: self.z });
        }
    }
}

/// Neurons of some examples, which gain what a group of inputs gives them.
struct Neurons<'a, 'b> {
    lists: &'a [List<GROUP_INPUTS>],
    w: &'a [f32],
    width: usize,
    z: &'b mut [f32],
}

impl Piecewise for Neurons<'_, '_> {
    #[inline(always)]
    fn piece<V: F32x8, const N: usize>(&mut self, first: usize) {
        for (z, list) in self.z.chunks_exact_mut(self.width).zip(self.lists) {
            let z = z[first..].as_chunks_mut::<8>().0.first_chunk_mut::<N>().expect("rows of z are padded");
            let mut sums = [[V::splat(0.0); N]];
            for (sum, z) in sums[0].iter_mut().zip(&*z) {
                *sum = V::load(z);
            }
            let sums = add_rows::<V, 1, N, false>(sums, list.terms(), &self.w[first..], 0);
            for (z, sum) in z.iter_mut().zip(sums[0]) {
                *z = sum.array();
            }
        }
    }
}

/// Up to `N` numbers that are not zero.
#[derive(Clone, Copy)]
pub(super) struct List<const N: usize> {
    terms: [Term; N],
    count: usize,
}

impl<const N: usize> List<N> {
    pub const EMPTY: Self = List { terms: [Term { at: 0, factor: 0.0 }; N], count: 0 };

    #[inline(always)]
    pub fn clear(&mut self) {
        self.count = 0;
    }

    #[inline(always)]
    pub fn push(&mut self, at: usize, factor: f32) {
        self.terms[self.count] = Term { at: at as u32, factor };
        self.count += 1;
    }

    #[inline(always)]
    pub fn terms(&self) -> &[Term] {
        &self.terms[..self.count]
    }
}
