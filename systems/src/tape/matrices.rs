//! Products of matrices that come in stacks: those of a neural Turing machine, a memory for each sequence.

use super::{Node, Shape};
use network3::Real;

/// Matrices in a row: where number (i, j) of matrix k stands.
#[derive(Clone, Copy)]
pub struct Matrices<'a, R> {
    of: &'a [R],
    columns: usize,
    strides: Shape,
}

impl<'a, R: Real> Matrices<'a, R> {
    /// Row after row, matrix after matrix, as a value of this shape has them.
    pub fn new(of: &'a [R], [_, rows, columns]: Shape) -> Self {
        Matrices { of, columns, strides: [rows * columns, columns, 1] }
    }

    /// Those of a value.
    pub fn value(node: &'a Node<R>) -> Self {
        Matrices::new(&node.value, node.shape)
    }

    /// The same with rows as columns, if so.
    pub fn transposed(self, transposed: bool) -> Self {
        let [stack, row, column] = self.strides;
        let rows = stack / self.columns;
        if transposed { Matrices { of: self.of, columns: rows, strides: [stack, column, row] } } else { self }
    }

    fn at(&self, place: Shape) -> usize {
        place.iter().zip(self.strides).map(|(k, stride)| k * stride).sum()
    }
}

/// y += a b, matrix by matrix. Row l of b, times number (i, l) of a, is added to row i of y; rows whose numbers lie
/// side by side have a loop of their own, which is vectorised.
pub fn multiply<R: Real>(y: &mut [R], [_, p, r]: Shape, a: Matrices<R>, b: Matrices<R>) {
    for (row, y) in y.chunks_exact_mut(r).enumerate() {
        let (n, i) = (row / p, row % p);
        for l in 0..a.columns {
            let a = a.of[a.at([n, i, l])];
            let b = (&b.of[b.at([n, l, 0])..], b.strides[2]);
            match b {
                (b, 1) => y.iter_mut().zip(b).for_each(|(y, &b)| *y += a * b),
                (b, stride) => y.iter_mut().zip(b.iter().step_by(stride)).for_each(|(y, &b)| *y += a * b),
            }
        }
    }
}
