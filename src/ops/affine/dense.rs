//! Fully connected in `f32`, for mini-batches in which few inputs are zero: a product of matrices, in tiles of sums
//! that stay in registers.
//!
//! The kernels of [`forward`](super::forward) and [`backward`](super::backward) leave out what is zero, at the price of
//! a load for every multiply-add. Here a number that was loaded is used for all rows or columns of a tile. Every sum
//! has its terms in the same order as there, and zeros between them, which change nothing as long as all numbers are
//! finite: so the results are the same to the last bit, whichever kernel is taken.

use super::Affine;
use crate::cpu::rows::blend;
use crate::cpu::simd::{F32x8, F32x16, MOST_TILE_ROWS, Tiled, pad};
use crate::cpu::tuning::{
    DENSE_ALIVE, DENSE_DEAD, DENSE_EXAMPLES, DENSE_EXAMPLES_ALIVE, DENSE_FORWARD, GROUP_EXAMPLES, NARROW, TASK_ROWS,
};
use crate::ops::Parameter;
use std::ops::Range;

/// Whether the dense kernel is the quicker one for a forward pass over this mini-batch.
pub fn pays_forward(op: &Affine, x: &[f32]) -> bool {
    op.outputs > NARROW && x.len() >= DENSE_EXAMPLES * op.inputs && share_of_nonzero(x) >= DENSE_FORWARD
}

/// Whether it is for a backward pass. Where ∂C/∂x is wanted even of inputs that are zero, most of the work does not
/// depend on them, and there is not much to leave out.
pub fn pays_backward(op: &Affine, x: &[f32], input_gradient_everywhere: bool) -> bool {
    let (examples, share) =
        if input_gradient_everywhere { (DENSE_EXAMPLES_ALIVE, DENSE_ALIVE) } else { (DENSE_EXAMPLES, DENSE_DEAD) };
    op.outputs > NARROW && x.len() >= examples * op.inputs && share_of_nonzero(x) >= share
}

/// How many of these numbers are not zero, as a fraction.
fn share_of_nonzero(x: &[f32]) -> f32 {
    x.iter().filter(|x| **x != 0.0).count() as f32 / x.len() as f32
}

/// Examples in a task of the forward pass: whole tiles, at most four, which share each weight while it is in the cache;
/// fewer where that gives up to four tasks.
pub fn task_examples(n: usize) -> usize {
    let tasks = n.div_ceil(4 * MOST_TILE_ROWS).max(n.div_ceil(MOST_TILE_ROWS).min(4));
    n.div_ceil(tasks).next_multiple_of(MOST_TILE_ROWS)
}

/// y\[n, j\] = b\[j\] + Σᵢ x\[n, i\] · w\[i, j\] for some examples n, the sum in parts of so many inputs.
pub struct Forward<'a> {
    /// The operation.
    pub op: &'a Affine,
    /// `[n, inputs]`, for as many examples as [`task_examples`] says.
    pub x: &'a [f32],
    /// `[inputs, outputs]`
    pub w: &'a [f32],
    /// `[outputs]`
    pub b: &'a [f32],
    /// Inputs in a part.
    pub part: usize,
    /// Room for the examples as columns: `[tiles, inputs, rows of a tile]`.
    pub columns: &'a mut [f32],
    /// `[n, outputs]`
    pub y: &'a mut [f32],
}

impl Tiled for Forward<'_> {
    #[inline(always)]
    fn run<W: F32x16, const M: usize, const N: usize>(self) {
        const { assert!(MOST_TILE_ROWS.is_multiple_of(M)) };
        let Forward { op, x, w, b, part, columns, y } = self;

        // Turn the examples into columns, a tile after the other; where there are fewer than the tile has rows, the
        // others are whatever was there
        let tiles = x.chunks(M * op.inputs).zip(columns.as_chunks_mut::<M>().0.chunks_mut(op.inputs));
        for (x, columns) in tiles {
            for (k, x) in x.chunks_exact(op.inputs).enumerate() {
                columns.iter_mut().zip(x).for_each(|(column, &x)| column[k] = x);
            }
        }

        for first in (0..op.outputs).step_by(16 * N) {
            let width = (op.outputs - first).min(16 * N);
            for y in y.chunks_exact_mut(op.outputs) {
                y[first..][..width].copy_from_slice(&b[first..][..width]);
            }
            for (k, w) in w.chunks(part * op.outputs).enumerate() {
                let tiles = columns.as_chunks::<M>().0.chunks(op.inputs).zip(y.chunks_mut(M * op.outputs));
                for (columns, y) in tiles {
                    let columns = &columns[k * part..][..w.len() / op.outputs];
                    let sums = tile::<W, M, N>(columns, w, op.outputs, first);
                    for (y, sums) in y.chunks_exact_mut(op.outputs).zip(sums) {
                        add_row(&mut y[first..], 1.0, sums);
                    }
                }
            }
        }
    }
}

/// The gradients of some rows of weights, one row for each input, and a step.
pub struct Backward<'a> {
    /// The operation.
    pub op: &'a Affine,
    /// `[n, inputs]`
    pub x: &'a [f32],
    /// `[n, outputs]`, each row padded with zeros to whole vectors.
    pub dy: &'a [f32],
    /// The same two examples at a time, as [`pair`] puts them; if ∂C/∂x is wanted.
    pub pairs: &'a [f32],
    /// Which inputs.
    pub inputs: Range<usize>,
    /// Their rows of weights.
    pub w: Parameter<'a, f32>,
    /// Room for the inputs as columns: `[tiles, n, rows of a tile]`, as many rows in all as a task has inputs.
    pub columns: &'a mut [f32],
    /// `[n, TASK_ROWS]`: ∂C/∂x, from the weights as they were; empty when it is not wanted.
    pub dx: &'a mut [f32],
    /// Is ∂C/∂x wanted only where x ≠ 0?
    pub dead_at_zero: bool,
}

impl Tiled for Backward<'_> {
    #[inline(always)]
    fn run<W: F32x16, const M: usize, const N: usize>(mut self) {
        const { assert!(TASK_ROWS.is_multiple_of(M)) };
        if !self.dx.is_empty() {
            // Sixteen wide sums where a tile is large because there are 32 registers, and else four
            if M == MOST_TILE_ROWS { self.input_gradient::<W, 4>() } else { self.input_gradient::<W, 1>() }
        }
        let (op, inputs, n) = (self.op, self.inputs.clone(), self.x.len() / self.op.inputs);
        let (width, mut w) = (op.padded_outputs(), self.w.target());

        // scale · x\[n, r\], row by row of the weights, a tile after the other
        for (tile, columns) in self.columns.as_chunks_mut::<M>().0.chunks_exact_mut(n).enumerate() {
            let rows = (inputs.start + tile * M).min(inputs.end)..(inputs.start + tile * M + M).min(inputs.end);
            for (column, x) in columns.iter_mut().zip(self.x.chunks_exact(op.inputs)) {
                column.iter_mut().zip(&x[rows.clone()]).for_each(|(column, x)| *column = w.scale * x);
            }
        }

        for (k, dy) in self.dy.chunks(GROUP_EXAMPLES * width).enumerate() {
            let keep = if k == 0 { w.keep } else { 1.0 };
            for first in (0..op.outputs).step_by(16 * N) {
                let tiles = self.columns.as_chunks::<M>().0.chunks_exact(n).zip(w.target.chunks_mut(M * op.outputs));
                for (columns, target) in tiles {
                    let sums = tile::<W, M, N>(&columns[k * GROUP_EXAMPLES..], dy, width, first);
                    for (target, sums) in target.chunks_exact_mut(op.outputs).zip(sums) {
                        add_row(&mut target[first..], keep, sums);
                    }
                }
            }
        }
        w.finish(0..inputs.len() * op.outputs);
    }
}

impl Backward<'_> {
    /// dx\[n, r\] = Σⱼ dy\[n, j\] · w\[r, j\], four rows of weights and `P` pairs of examples at a time.
    #[inline(always)]
    fn input_gradient<W: F32x16, const P: usize>(&mut self) {
        let (outputs, vectors) = (self.op.outputs, self.op.padded_outputs() / 8);
        let n = self.x.len() / self.op.inputs;
        let pairs = self.pairs.as_chunks::<16>().0;
        let last_pair = pairs.len() / vectors - 1;
        for first_pair in (0..=last_pair).step_by(P) {
            // If there are fewer rows or pairs, the last is computed more than once
            let mut dy = [&pairs[..0]; P];
            for (p, dy) in dy.iter_mut().enumerate() {
                *dy = &pairs[(first_pair + p).min(last_pair) * vectors..][..vectors];
            }
            for first_row in (0..self.inputs.len()).step_by(4) {
                let mut w = [&self.w.value()[..0]; 4];
                for (q, w) in w.iter_mut().enumerate() {
                    *w = &self.w.value()[(first_row + q).min(self.inputs.len() - 1) * outputs..][..outputs];
                }
                let dots = dots::<W, P>(dy, w);
                for (example, dots) in (2 * first_pair..n).zip(dots.as_flattened()) {
                    let dx = &mut self.dx[example * TASK_ROWS + first_row..][..4];
                    dx.copy_from_slice(dots);
                }
            }
        }
        if self.dead_at_zero {
            for (dx, x) in self.dx.chunks_exact_mut(TASK_ROWS).zip(self.x.chunks_exact(self.op.inputs)) {
                let dead = dx.iter_mut().zip(&x[self.inputs.clone()]).filter(|(_, x)| **x == 0.0);
                dead.for_each(|(dx, _)| *dx = 0.0);
            }
        }
    }
}

/// Σⱼ dy\[n, j\] · w\[q, j\] for both examples n of `P` pairs and four rows q: `[P, 2, 4]`, each made of eight partial
/// sums by [`F32x8::sums`]. `dy` is as [`pair`] puts it, w `[outputs]` each.
#[inline(always)]
fn dots<W: F32x16, const P: usize>(dy: [&[[f32; 16]]; P], w: [&[f32]; 4]) -> [[[f32; 4]; 2]; P] {
    let whole = w[0].len() / 8;
    let heads = w.map(|w| &w.as_chunks::<8>().0[..whole]);
    let tails = w.map(|w| pad::<1>(&w[8 * whole..])[0]);
    let mut sums = [[W::splat(0.0); 4]; P];
    for v in 0..whole {
        for q in 0..4 {
            let w = W::twice(&heads[q][v]);
            for p in 0..P {
                sums[p][q] = w.mul_add(W::load(&dy[p][v]), sums[p][q]);
            }
        }
    }
    if dy[0].len() > whole {
        for q in 0..4 {
            for p in 0..P {
                sums[p][q] = W::twice(&tails[q]).mul_add(W::load(&dy[p][whole]), sums[p][q]);
            }
        }
    }
    let mut dots = [[[0.0; 4]; 2]; P];
    for (dots, [a, b, c, d]) in dots.iter_mut().zip(sums) {
        let ([a, a2], [b, b2], [c, c2], [d, d2]) = (a.halves(), b.halves(), c.halves(), d.halves());
        *dots = [W::Half::sums([a, b, c, d]), W::Half::sums([a2, b2, c2, d2])];
    }
    dots
}

/// Σₖ columns\[k\]\[m\] · rows\[k, first + j\]: `M` rows of `N` wide vectors j of sums, over all columns k. `rows` are
/// `[k, stride]`.
#[inline(always)]
fn tile<W: F32x16, const M: usize, const N: usize>(
    columns: &[[f32; M]],
    rows: &[f32],
    stride: usize,
    first: usize,
) -> [[W; N]; M] {
    let mut sums = [[W::splat(0.0); N]; M];
    let terms = columns.iter().zip(rows.chunks_exact(stride));
    if stride - first >= 16 * N {
        for (column, row) in terms {
            let row = row[first..].as_chunks::<16>().0.first_chunk::<N>().expect("a whole tile");
            add::<W, M, N>(&mut sums, column, row);
        }
    } else {
        for (column, row) in terms {
            let mut whole = [[0.0; 16]; N];
            whole.as_flattened_mut()[..stride - first].copy_from_slice(&row[first..]);
            add::<W, M, N>(&mut sums, column, &whole);
        }
    }
    sums
}

/// sums\[m\] += column\[m\] · row
#[inline(always)]
fn add<W: F32x16, const M: usize, const N: usize>(sums: &mut [[W; N]; M], column: &[f32; M], row: &[[f32; 16]; N]) {
    for m in 0..M {
        let factor = W::splat(column[m]);
        for v in 0..N {
            sums[m][v] = factor.mul_add(W::load(&row[v]), sums[m][v]);
        }
    }
}

/// target ← keep · target + sums, as far as the target goes.
#[inline(always)]
fn add_row<W: F32x16, const N: usize>(target: &mut [f32], keep: f32, sums: [W; N]) {
    let (factor, whole) = (W::splat(keep), target.as_chunks_mut::<16>().0);
    match whole.first_chunk_mut::<N>() {
        Some(whole) => {
            for v in 0..N {
                whole[v] = factor.mul_add(W::load(&whole[v]), sums[v]).array();
            }
        }
        None => {
            for (target, sum) in target.chunks_mut(16).zip(sums) {
                blend::<W::Half, 2>(target, keep, 1.0, sum.halves());
            }
        }
    }
}

/// Puts examples side by side, two and two: eight numbers of the first, eight of the second, the next eight of the
/// first. Rows are of so many vectors of eight; if the last has no partner, it gets zeros.
pub fn pair(rows: &[f32], vectors: usize, pairs: &mut Vec<f32>) {
    pairs.clear();
    pairs.resize(rows.len().next_multiple_of(16 * vectors), 0.0);
    for (pairs, two) in
        pairs.as_chunks_mut::<8>().0.chunks_mut(2 * vectors).zip(rows.as_chunks::<8>().0.chunks(2 * vectors))
    {
        for (k, row) in two.chunks(vectors).enumerate() {
            pairs.iter_mut().skip(k).step_by(2).zip(row).for_each(|(to, from)| *to = *from);
        }
    }
}
