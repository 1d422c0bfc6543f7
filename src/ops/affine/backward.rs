//! The gradients of a fully-connected layer in `f32`, and its step, row by row of the weights: a row belongs to one input, and
//! of the examples only those count whose input is not zero.

use super::Affine;
use super::forward::List;
use crate::cpu::rows::{Piecewise, Term, add_rows, blend, in_pieces};
use crate::cpu::simd::{F32x8, Kernel, load, store};
use crate::cpu::tuning::{GROUP_EXAMPLES, NARROW, TASK_ROWS};
use crate::ops::Parameter;
use crate::ops::update::{Holder, Target};
use std::ops::Range;

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
    /// Their rows of weights.
    pub w: Parameter<'a, f32>,
    /// `[n, TASK_ROWS]`: ∂C/∂x, from the weights as they were; empty when it is not wanted.
    pub dx: &'a mut [f32],
    /// Is ∂C/∂x wanted only where x ≠ 0?
    pub dead_at_zero: bool,
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let Backward { op, x, dy, inputs, w, dx, dead_at_zero } = self;
        dx.fill(0.0);
        let mut rows = Rows { op, x, dy, inputs, w: w.target(), dx, dead_at_zero };
        if x.len() / op.inputs <= GROUP_EXAMPLES { rows.at_once::<V>() } else { rows.in_two_rounds::<V>() }
    }
}

/// The same, with the rule of the weights taken apart.
struct Rows<'a> {
    op: &'a Affine,
    x: &'a [f32],
    dy: &'a [f32],
    inputs: Range<usize>,
    w: Target<'a, f32>,
    dx: &'a mut [f32],
    dead_at_zero: bool,
}

impl Rows<'_> {
    /// Few examples: all that is to be done with a row of weights is done while it is in the cache.
    #[inline(always)]
    fn at_once<V: F32x8>(&mut self) {
        match self.op.outputs {
            ..=8 => return self.narrow::<V, 1>(),
            9..=NARROW => return self.narrow::<V, 2>(),
            _ => {}
        }
        let (bits, all) = self.bits(0);
        // A row with few examples gets its ∂C/∂x and its step in a single pass, if there is a step
        let single_pass = self.dead_at_zero && !self.dx.is_empty() && !matches!(self.w.weights, Holder::Fixed(_));
        let (keep, outputs) = (self.w.keep, self.op.outputs);
        let mut list = List::EMPTY;
        for (r, bits) in bits.into_iter().enumerate().take(self.inputs.len()) {
            self.list(r, 0, bits, &mut list);
            if single_pass && (1..=4).contains(&list.terms().len()) {
                self.dots_and_step::<V>(r, list.terms());
                continue;
            }
            if !self.dx.is_empty() {
                self.dots::<V>(r, 0, if self.dead_at_zero { bits } else { all });
            }
            self.add::<V>(r, list.terms(), keep);
            self.w.finish(r * outputs..(r + 1) * outputs);
        }
    }

    /// Few examples and few neurons, in `N` vectors: zeros are multiplied too.
    #[inline(always)]
    fn narrow<V: F32x8, const N: usize>(&mut self) {
        let (op, dy, keep, scale) = (self.op, self.dy.as_chunks::<8>().0, self.w.keep, self.w.scale);
        let n = self.x.len() / op.inputs;
        let all = u32::MAX >> (GROUP_EXAMPLES - n);
        for r in 0..self.inputs.len() {
            if !self.dx.is_empty() {
                self.dots::<V>(r, 0, all);
            }
            let mut sums = [V::splat(0.0); N];
            for (x, dy) in self.x[self.inputs.start + r..].iter().step_by(op.inputs).zip(dy.chunks_exact(N)) {
                let x = V::splat(scale * x);
                for v in 0..N {
                    sums[v] = x.mul_add(V::load(&dy[v]), sums[v]);
                }
            }
            let row = r * op.outputs..(r + 1) * op.outputs;
            blend(&mut self.w.target[row.clone()], keep, 1.0, sums);
            self.w.finish(row);
        }
    }

    /// Many: ∂C/∂x of all rows first, because it needs the weights as they were; and both in groups of examples, whose ∂C/∂y
    /// stay in the cache for all rows.
    #[inline(always)]
    fn in_two_rounds<V: F32x8>(&mut self) {
        let n = self.x.len() / self.op.inputs;
        let mut list = List::EMPTY;
        if !self.dx.is_empty() {
            for first in (0..n).step_by(GROUP_EXAMPLES) {
                let (bits, all) = self.bits(first);
                for (r, &bits) in bits[..self.inputs.len()].iter().enumerate() {
                    self.dots::<V>(r, first, if self.dead_at_zero { bits } else { all });
                }
            }
        }
        for first in (0..n).step_by(GROUP_EXAMPLES) {
            let (bits, _) = self.bits(first);
            let keep = if first == 0 { self.w.keep } else { 1.0 };
            for (r, &bits) in bits[..self.inputs.len()].iter().enumerate() {
                self.list(r, first, bits, &mut list);
                self.add::<V>(r, list.terms(), keep);
            }
        }
        self.w.finish(0..self.w.target.len());
    }

    /// For each input, bit k says whether it is not zero in example `first + k`; and the bits of all examples there are.
    #[inline(always)]
    fn bits(&self, first: usize) -> ([u32; TASK_ROWS], u32) {
        let n = self.x.len() / self.op.inputs;
        let (mut nonzero, mut all) = ([0; TASK_ROWS], 0);
        for k in 0..GROUP_EXAMPLES.min(n - first) {
            let x = &self.x[(first + k) * self.op.inputs..][self.inputs.clone()];
            nonzero.iter_mut().zip(x).for_each(|(bits, &x)| *bits |= u32::from(x != 0.0) << k);
            all |= 1 << k;
        }
        (nonzero, all)
    }

    /// The examples with a bit, counted from `first`, by their rows of dy, and scale · x\[n, r\] of each.
    #[inline(always)]
    fn list(&self, r: usize, first: usize, mut bits: u32, list: &mut List<GROUP_EXAMPLES>) {
        let width = self.op.padded_outputs();
        list.clear();
        while bits != 0 {
            let n = first + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            list.push(n * width, self.w.scale * self.x[n * self.op.inputs + self.inputs.start + r]);
        }
    }

    /// dx\[n, r\] = Σⱼ dy\[n, j\] · w\[r, j\], four examples at a time. (These are dot products, and no sum of rows: so the loop
    /// is another one.)
    #[inline(always)]
    fn dots<V: F32x8>(&mut self, r: usize, first: usize, mut bits: u32) {
        let (outputs, width) = (self.op.outputs, self.op.padded_outputs());
        let (whole, rest) = self.w.value()[r * outputs..][..outputs].as_chunks::<8>();
        while bits != 0 {
            // Take the next four; if there are fewer, one of them is computed more than once
            let mut four = [0; 4];
            for k in 0..4 {
                four[k] = if bits == 0 { four[k - 1] } else { first + bits.trailing_zeros() as usize };
                bits &= bits.wrapping_sub(1);
            }

            // Multiply each with the row
            let dy = four.map(|n| self.dy[n * width..][..width].as_chunks::<8>().0);
            let mut sums = [V::splat(0.0); 4];
            for (v, w) in whole.iter().enumerate() {
                let w = V::load(w);
                for (sum, dy) in sums.iter_mut().zip(dy) {
                    *sum = w.mul_add(V::load(&dy[v]), *sum);
                }
            }
            if !rest.is_empty() {
                let w = load::<V>(rest);
                for (sum, dy) in sums.iter_mut().zip(dy) {
                    *sum = w.mul_add(V::load(&dy[whole.len()]), *sum);
                }
            }
            four.iter().zip(V::sums(sums)).for_each(|(n, sum)| self.dx[n * TASK_ROWS + r] = sum);
        }
    }

    /// [`dots`](Self::dots) and a step in one pass, for one to four examples.
    #[inline(always)]
    fn dots_and_step<V: F32x8>(&mut self, r: usize, list: &[Term]) {
        let sums = match *list {
            [a] => self.step_of::<V, 1>(r, [a]),
            [a, b] => self.step_of::<V, 2>(r, [a, b]),
            [a, b, c] => self.step_of::<V, 3>(r, [a, b, c]),
            [a, b, c, d] => self.step_of::<V, 4>(r, [a, b, c, d]),
            _ => unreachable!("one to four examples"),
        };
        for (term, sum) in list.iter().zip(sums) {
            self.dx[term.at as usize / self.op.padded_outputs() * TASK_ROWS + r] = sum;
        }
    }

    /// For `K` examples: Σⱼ dy\[n, j\] · w\[j\] with the weights as they were, and a step. Both need the same numbers, which
    /// are brought only once.
    #[inline(always)]
    fn step_of<V: F32x8, const K: usize>(&mut self, r: usize, list: [Term; K]) -> [f32; 4] {
        let (outputs, width) = (self.op.outputs, self.op.padded_outputs());
        let dy = list.map(|term| self.dy[term.at as usize..][..width].as_chunks::<8>().0);
        let keep = V::splat(self.w.keep);
        let target = self.w.target[r * outputs..][..outputs].chunks_mut(8);
        let mut dots = [V::splat(0.0); 4];
        match &mut self.w.weights {
            // w ← keep·w + Σ
            Holder::Target | Holder::Fixed(_) => {
                for (v, w) in target.enumerate() {
                    let (before, mut sum) = (load::<V>(w), V::splat(0.0));
                    for k in 0..K {
                        let dy = V::load(&dy[k][v]);
                        dots[k] = before.mul_add(dy, dots[k]);
                        sum = V::splat(list[k].factor).mul_add(dy, sum);
                    }
                    store(keep.mul_add(before, sum), w);
                }
            }
            // v ← keep·v + Σ + shrink·w, w ← w + v
            Holder::Moving { w, shrink } => {
                let (w, shrink) = (w[r * outputs..][..outputs].chunks_mut(8), V::splat(*shrink));
                for (v, (velocity, w)) in target.zip(w).enumerate() {
                    let (before, mut sum) = (load::<V>(w), V::splat(0.0));
                    for k in 0..K {
                        let dy = V::load(&dy[k][v]);
                        dots[k] = before.mul_add(dy, dots[k]);
                        sum = V::splat(list[k].factor).mul_add(dy, sum);
                    }
                    let moved = shrink.mul_add(before, keep.mul_add(load(velocity), sum));
                    store(moved, velocity);
                    store(before.add(moved), w);
                }
            }
        }
        V::sums(dots)
    }

    /// Row r of the target becomes keep · target + Σ factor · dy\[n\] over a list.
    #[inline(always)]
    fn add<V: F32x8>(&mut self, r: usize, terms: &[Term], keep: f32) {
        if !terms.is_empty() || keep != 1.0 {
            let target = &mut self.w.target[r * self.op.outputs..][..self.op.outputs];
            in_pieces::<V>(target.len(), &mut Gradient { terms, dy: self.dy, keep, target });
        }
    }
}

/// A row of the gradient of the weights.
struct Gradient<'a, 'b> {
    terms: &'a [Term],
    dy: &'a [f32],
    keep: f32,
    target: &'b mut [f32],
}

impl Piecewise for Gradient<'_, '_> {
    #[inline(always)]
    fn piece<V: F32x8, const N: usize>(&mut self, first: usize) {
        let sums = add_rows::<V, 1, N, true>([[V::splat(0.0); N]], self.terms, &self.dy[first..], 0);
        blend(&mut self.target[first..], self.keep, 1.0, sums[0]);
    }
}
