//! How the work of a fully-connected layer is divided: by input, and in a dense forward pass by example.

use super::{Affine, backward, dense, forward};
use crate::cpu::simd::{Level, MOST_TILE_ROWS};
use crate::cpu::tuning::{INPUT_PARTS, TASK_EXAMPLES, TASK_ROWS};
use crate::ops::{At, Parameter, ParameterPieces, Trainable, Weights};
use crate::{Pieces, Threads};

/// Memory that is kept from one mini-batch to the next.
#[derive(Debug, Default)]
pub struct Workspace {
    /// What tasks give: `[n, padded outputs]` for each part of the inputs (sparse forward), `[n, TASK_ROWS]`
    /// (backward).
    partial: Vec<f32>,
    /// Inputs as columns, for dense products.
    columns: Vec<f32>,
    /// `dy`, padded to whole vectors.
    padded: Vec<f32>,
    /// The same two examples at a time.
    pairs: Vec<f32>,
}

/// The first `len` numbers of an array that grows.
fn room(array: &mut Vec<f32>, len: usize) -> &mut [f32] {
    array.resize(array.len().max(len), 0.0);
    &mut array[..len]
}

/// On which threads, with which vectors.
#[derive(Clone, Copy, Debug)]
pub struct On<'a>(pub &'a Threads, pub Level);

impl Workspace {
    /// y = x w + b.
    pub fn forward(&mut self, On(threads, level): On, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        let on = On(threads.if_worth(x.len() * op.outputs), level);
        if dense::pays_forward(op, x) {
            self.forward_dense(on, op, x, p, y)
        } else {
            self.forward_sparse(on, op, x, p, y)
        }
    }

    fn forward_dense(&mut self, On(threads, level): On, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        let (part, examples) = (op.inputs.div_ceil(INPUT_PARTS), dense::task_examples(x.len() / op.inputs));

        // A task: some examples
        let (tasks, size) =
            ((x.len() / op.inputs).div_ceil(examples), op.inputs * examples.next_multiple_of(MOST_TILE_ROWS));
        let columns = Pieces(room(&mut self.columns, tasks * size), size);
        threads.for_each((Pieces(y, examples * op.outputs), columns), |k, (y, columns)| {
            let x = &x[k * examples * op.inputs..][..y.len() / op.outputs * op.inputs];
            level.run_tiled(dense::Forward { op, x, w: p.w, b: p.b, part, columns, y });
        });
    }

    fn forward_sparse(&mut self, On(threads, level): On, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        let (n, width) = (x.len() / op.inputs, op.padded_outputs());
        let part = op.inputs.div_ceil(INPUT_PARTS);
        let parts = op.inputs.div_ceil(part);

        // A task: some examples, some inputs
        let (size, tasks) = (n.min(TASK_EXAMPLES) * width, n.div_ceil(TASK_EXAMPLES) * parts);
        threads.for_each(Pieces(room(&mut self.partial, tasks * size), size), |k, z| {
            let examples = k / parts * TASK_EXAMPLES..n.min((k / parts + 1) * TASK_EXAMPLES);
            let inputs = k % parts * part..op.inputs.min((k % parts + 1) * part);
            let z = &mut z[..examples.len() * width];
            let x = &x[examples.start * op.inputs..examples.end * op.inputs];
            level.run(forward::Forward { op, x, w: p.w, inputs, z });
        });

        // Add up what the inputs' parts have given
        for (n, y) in y.chunks_exact_mut(op.outputs).enumerate() {
            y.copy_from_slice(p.b);
            for partial in self.partial.chunks_exact(size).skip(n / TASK_EXAMPLES * parts).take(parts) {
                y.iter_mut().zip(&partial[n % TASK_EXAMPLES * width..]).for_each(|(y, z)| *y += z);
            }
        }
    }

    /// The gradients, and what is to be done with them.
    pub fn backward(&mut self, On(threads, level): On, op: &Affine, at: At<f32>, p: Trainable<f32>) {
        let on = On(threads.if_worth(at.x.len() * op.outputs), level);
        // A step with momentum that comes with ∂C/∂x in a single pass (`backward::Rows::at_once`) is rounded once less
        let single_pass =
            at.dead_at_zero && at.dx.is_some() && matches!(p.w, Parameter::Step { velocity: Some(_), .. });
        let everywhere = at.dx.is_some() && !at.dead_at_zero;
        let dense = !single_pass && dense::pays_backward(op, at.x, everywhere);
        self.backward_by(dense, on, op, at, p);
    }

    fn backward_by(&mut self, dense: bool, On(threads, level): On, op: &Affine, at: At<f32>, p: Trainable<f32>) {
        let At { x, dy, dx, dead_at_zero, .. } = at;
        p.b.follow_all(dy.chunks_exact(op.outputs));

        // Pad the rows of dy to whole vectors
        let (n, width, mut dy) = (dy.len() / op.outputs, op.padded_outputs(), &*dy);
        if width != op.outputs {
            let padded = room(&mut self.padded, n * width);
            for (padded, dy) in padded.chunks_exact_mut(width).zip(dy.chunks_exact(op.outputs)) {
                padded[..op.outputs].copy_from_slice(dy);
                padded[op.outputs..].fill(0.0);
            }
            dy = padded;
        }
        if dense && dx.is_some() {
            dense::pair(dy, width / 8, &mut self.pairs);
        }

        // A task: some rows of weights, and the inputs that they belong to
        let (tasks, size) = (op.inputs.div_ceil(TASK_ROWS), n * TASK_ROWS);
        let inputs = |k| k * TASK_ROWS..op.inputs.min((k + 1) * TASK_ROWS);
        let partial = dx.is_some().then(|| Pieces(room(&mut self.partial, tasks * size), size));
        let rows = (ParameterPieces(p.w, TASK_ROWS * op.outputs), partial);
        if dense {
            let pairs = &self.pairs;
            let columns = Pieces(room(&mut self.columns, tasks * size), size);
            threads.for_each((rows, columns), |k, ((w, dx), columns)| {
                let (inputs, dx) = (inputs(k), dx.unwrap_or_default());
                level.run_tiled(dense::Backward { op, x, dy, pairs, inputs, w, columns, dx, dead_at_zero });
            });
        } else {
            threads.for_each(rows, |k, (w, dx)| {
                let (inputs, dx) = (inputs(k), dx.unwrap_or_default());
                level.run(backward::Backward { op, x, dy, inputs, w, dx, dead_at_zero });
            });
        }

        // Put the tasks' inputs side by side
        for (n, dx) in dx.into_iter().flat_map(|dx| dx.chunks_exact_mut(op.inputs)).enumerate() {
            for (dx, partial) in dx.chunks_mut(TASK_ROWS).zip(self.partial.chunks_exact(size)) {
                dx.copy_from_slice(&partial[n * TASK_ROWS..][..dx.len()]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Rule;
    use quickcheck::{Arbitrary, Gen};

    /// A layer, a mini-batch, and which of three updates.
    #[derive(Clone, Debug)]
    struct Case {
        op: Affine,
        numbers: [Vec<f32>; 5],
        dead_at_zero: bool,
        update: u8,
    }

    impl Arbitrary for Case {
        fn arbitrary(g: &mut Gen) -> Self {
            let mut up_to = |n: usize| usize::arbitrary(g) % n + 1;
            let (n, op) = (up_to(100), Affine { inputs: up_to(90), outputs: 16 + up_to(150) });
            let lens = [n * op.inputs, op.inputs * op.outputs, op.outputs, n * op.outputs, op.inputs * op.outputs];
            let numbers = lens
                .map(|len| (0..len).map(|_| f32::from(i16::arbitrary(g) >> (u8::arbitrary(g) % 16)) / 1e4).collect());
            let update = u8::arbitrary(g) % 3;
            Case { op, numbers, dead_at_zero: update != 2 && bool::arbitrary(g), update }
        }
    }

    /// Outputs, ∂C/∂x, and what has become of the parameters.
    fn run(case: &Case, level: Level, dense: bool) -> [Vec<f32>; 5] {
        let (mut workspace, threads) = (Workspace::default(), Threads::new(2).unwrap());
        let (op, on, [x, w, b, dy, more]) = (&case.op, On(&threads, level), case.numbers.clone());
        let (mut y, mut dx, p) = (vec![0.5; dy.len()], vec![0.5; x.len()], Weights { w: &w, b: &b });
        if dense {
            workspace.forward_dense(on, op, &x, p, &mut y);
        } else {
            workspace.forward_sparse(on, op, &x, p, &mut y);
        }
        let (mut dy, mut w2, mut b2, mut more) = (dy, w.clone(), b.clone(), more);
        let rule = Rule { eta: 0.3, decay: 0.01, momentum: if case.update == 1 { 0.0 } else { 0.9 } };
        let (step_w, step_b) = match case.update {
            0 => (
                Parameter::Accumulate { value: &w, gradient: &mut more },
                Parameter::Accumulate { value: &b, gradient: &mut b2 },
            ),
            1 => (
                Parameter::Step { value: &mut w2, velocity: None, rule },
                Parameter::Step { value: &mut b2, velocity: None, rule },
            ),
            _ => (
                Parameter::Step { value: &mut w2, velocity: Some(&mut more), rule },
                Parameter::Step { value: &mut b2, velocity: None, rule },
            ),
        };
        let at = At { x: &x, y: &y, dy: &mut dy, dx: Some(&mut dx), dead_at_zero: case.dead_at_zero };
        workspace.backward_by(dense, on, op, at, Trainable { w: step_w, b: step_b });
        [y, dx, w2, b2, more]
    }

    #[test]
    fn leaving_zeros_out_changes_no_bit() {
        fn law(case: Case) -> bool {
            for level in Level::all() {
                let (dense, sparse) = (run(&case, level, true), run(&case, level, false));
                for (name, (dense, sparse)) in ["y", "dx", "w", "b", "sum"].iter().zip(dense.iter().zip(&sparse)) {
                    let at = dense.iter().zip(sparse).position(|(a, b)| a != b);
                    assert_eq!(at, None, "{level}, {:?}: {name}, update {}", case.op, case.update);
                }
            }
            true
        }
        quickcheck::quickcheck(law as fn(Case) -> bool);
    }
}
