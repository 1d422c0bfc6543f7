//! Products of matrices that come in stacks: those of a neural Turing machine, a memory for each sequence.

use super::{Operation, Rule, Workshop};
use crate::tape::gradient::with_gradient;
use crate::tape::{Node, Shape, Tape, Var};
use network3::Real;

#[derive(Clone)]
pub struct Product {
    a: Var,
    b: Var,
    /// Is every matrix of b transposed first?
    transposed: bool,
}

impl<R: Real> Tape<R> {
    /// The products of matrices, stack by stack: a `[n, p, q]` times b `[n, q, r]`.
    ///
    /// # Panics
    /// When the shapes do not fit together.
    pub fn product(&mut self, a: Var, b: Var) -> Var {
        let ([n, p, q], [m, rows, r]) = (self.shape(a), self.shape(b));
        assert_eq!([n, q], [m, rows], "stack and rows of b, for a {:?}", self.shape(a));
        self.push(Operation::Product(Product { a, b, transposed: false }), &[a, b], [n, p, r])
    }

    /// The same with every matrix of b transposed: a `[n, p, q]`, b `[n, r, q]`.
    ///
    /// # Panics
    /// When the shapes do not fit together.
    pub fn product_transposed(&mut self, a: Var, b: Var) -> Var {
        let ([n, p, q], [m, r, columns]) = (self.shape(a), self.shape(b));
        assert_eq!([n, q], [m, columns], "stack and columns of b, for a {:?}", self.shape(a));
        self.push(Operation::Product(Product { a, b, transposed: true }), &[a, b], [n, p, r])
    }
}

impl<R: Real> Rule<R> for Product {
    fn forward(&self, before: &[Node<R>], y: &mut [R], shape: Shape, _: &mut Workshop<R>) {
        let (a, b) = (Matrices::value(&before[self.a.0]), Matrices::value(&before[self.b.0]));
        y.fill(R::zero());
        multiply(y, shape, a, b.transposed(self.transposed));
    }

    /// da = dy bᵀ, db = aᵀ dy, and if b was transposed, da = dy b, db = dyᵀ a
    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, _: &mut Workshop<R>) {
        let Product { a, b, transposed } = *self;
        let dy = Matrices::new(&node.gradient, node.shape);
        with_gradient(before, a, |before, da, shape| {
            multiply(da.sums(), shape, dy, Matrices::value(&before[b.0]).transposed(!transposed));
        });
        with_gradient(before, b, |before, db, shape| {
            let a = Matrices::value(&before[a.0]);
            let (left, right) = if transposed { (dy, a) } else { (a, dy) };
            multiply(db.sums(), shape, left.transposed(true), right);
        });
    }
}

/// Matrices in a row: where number (i, j) of matrix k stands.
#[derive(Clone, Copy)]
struct Matrices<'a, R> {
    of: &'a [R],
    columns: usize,
    strides: Shape,
}

impl<'a, R: Real> Matrices<'a, R> {
    /// Row after row, matrix after matrix, as a value of this shape has them.
    fn new(of: &'a [R], [_, rows, columns]: Shape) -> Self {
        Matrices { of, columns, strides: [rows * columns, columns, 1] }
    }

    /// Those of a value.
    fn value(node: &'a Node<R>) -> Self {
        Matrices::new(&node.value, node.shape)
    }

    /// The same with rows as columns, if so.
    fn transposed(self, transposed: bool) -> Self {
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
fn multiply<R: Real>(y: &mut [R], [_, p, r]: Shape, a: Matrices<R>, b: Matrices<R>) {
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
