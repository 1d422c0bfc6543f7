//! The gradients of a fully-connected layer in `f32`, and its step, row by row of the weights: a row belongs to one
//! input, and of the examples only those count whose input is not zero.

use super::Affine;
use super::forward::List;
use crate::cpu::rows::{Piecewise, Term, add_rows, blend, in_pieces, row};
use crate::cpu::simd::{F32x8, Kernel, load, store};
use crate::cpu::tuning::{GROUP_EXAMPLES, NARROW, NARROW_EXAMPLES, TASK_ROWS};
use crate::ops::Parameter;
use crate::ops::update::{Holder, Target};
use std::array::from_fn;
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
        match op.outputs {
            ..=NARROW => rows.narrow::<V>(),
            _ if x.len() / op.inputs <= GROUP_EXAMPLES => rows.at_once::<V>(),
            _ => rows.in_two_rounds::<V>(),
        }
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

    /// Few neurons: rows of so few weights are too short for vectors, so a lane stands for each input. Zeros are
    /// multiplied too.
    #[inline(always)]
    fn narrow<V: F32x8>(&mut self) {
        if !self.dx.is_empty() {
            self.narrow_dx::<V>();
        }
        let columns = self.narrow_gradient::<V>();
        let mut rows = [0.0; TASK_ROWS * NARROW];
        let mut places = rows.chunks_exact_mut(self.op.outputs);
        for lane in 0..TASK_ROWS {
            let Some(row) = places.next() else { break };
            row.iter_mut().zip(&columns).for_each(|(row, column)| *row = column[lane]);
        }
        for (target, rows) in self.w.target.chunks_mut(8).zip(rows.as_chunks::<8>().0) {
            blend(target, self.w.keep, self.w.scale, [V::load(rows)]);
        }
        self.w.finish(0..self.w.target.len());
    }

    /// dx\[n, r\] = Σⱼ dy\[n, j\] · w\[r, j\]
    #[inline(always)]
    fn narrow_dx<V: F32x8>(&mut self) {
        let (outputs, width) = (self.op.outputs, self.op.padded_outputs());
        let n = self.x.len() / self.op.inputs;

        // Transpose the rows of weights
        let mut columns = [[0.0; TASK_ROWS]; NARROW];
        let mut rows = self.w.value().chunks_exact(outputs);
        for lane in 0..TASK_ROWS {
            let Some(row) = rows.next() else { break };
            columns.iter_mut().zip(row).for_each(|(column, w)| column[lane] = *w);
        }

        // Some examples at a time; if there are fewer, the last is computed more than once
        for first in (0..n).step_by(NARROW_EXAMPLES) {
            let some: [usize; NARROW_EXAMPLES] = from_fn(|k| (first + k).min(n - 1));
            let dy = some.map(|n| &self.dy[n * width..][..width]);
            let mut sums = [[V::splat(0.0); TASK_ROWS / 8]; NARROW_EXAMPLES];
            for (j, column) in columns[..outputs].iter().enumerate() {
                let column = column.as_chunks::<8>().0;
                for k in 0..NARROW_EXAMPLES {
                    let dy = V::splat(dy[k][j]);
                    for v in 0..TASK_ROWS / 8 {
                        sums[k][v] = dy.mul_add(V::load(&column[v]), sums[k][v]);
                    }
                }
            }
            for (n, sums) in some.into_iter().zip(sums) {
                for (dx, sum) in self.dx[n * TASK_ROWS..].chunks_exact_mut(8).zip(sums) {
                    store(sum, dx);
                }
            }
        }
    }

    /// Σₙ dy\[n, j\] · x\[n, r\], as columns: `[outputs, inputs]`. (Lanes beyond the last input hold what belongs to
    /// the next example: nobody reads them.)
    #[inline(always)]
    fn narrow_gradient<V: F32x8>(&self) -> [[f32; TASK_ROWS]; NARROW] {
        let mut columns = [[0.0; TASK_ROWS]; NARROW];
        // Four neurons at a time: the rows of dy are padded to eight
        for (f, columns) in columns.chunks_exact_mut(4).take(self.op.outputs.div_ceil(4)).enumerate() {
            let mut sums = [[V::splat(0.0); TASK_ROWS / 8]; 4];
            for (n, dy) in self.dy.chunks_exact(self.op.padded_outputs()).enumerate() {
                let mut space = None;
                let x = row::<{ TASK_ROWS / 8 }, false>(&self.x[n * self.op.inputs + self.inputs.start..], &mut space);
                let dy = &dy[4 * f..][..4];
                for j in 0..4 {
                    let dy = V::splat(dy[j]);
                    for v in 0..TASK_ROWS / 8 {
                        sums[j][v] = dy.mul_add(V::load(&x[v]), sums[j][v]);
                    }
                }
            }
            for (column, sums) in columns.iter_mut().zip(sums) {
                column.as_chunks_mut::<8>().0.iter_mut().zip(sums).for_each(|(column, sum)| *column = sum.array());
            }
        }
        columns
    }

    /// Many: ∂C/∂x of all rows first, because it needs the weights as they were; and both in groups of examples, whose
    /// ∂C/∂y stay in the cache for all rows.
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

    /// For each input, bit k says whether it is not zero in example `first + k`; and the bits of all examples there
    /// are.
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

    /// dx\[n, r\] = Σⱼ dy\[n, j\] · w\[r, j\], four examples at a time. (These are dot products, and no sum of rows: so
    /// the loop is another one.)
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

    /// For `K` examples: Σⱼ dy\[n, j\] · w\[j\] with the weights as they were, and a step. Both need the same numbers,
    /// which are brought only once.
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
