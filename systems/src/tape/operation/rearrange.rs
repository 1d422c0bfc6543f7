//! The same numbers elsewhere: what is cut out, put together, or given another shape. Gradients go back the same way.

use super::{Operation, Rule, Workshop, add, along};
use crate::tape::gradient::{hand_over, with_gradient};
use crate::tape::{Node, Shape, Tape, Var};
use network3::Real;
use std::ops::Range;

#[derive(Clone)]
pub struct Slice {
    x: Var,
    axis: usize,
    first: usize,
}

#[derive(Clone)]
pub struct Concat {
    /// Where they stand in the list of parts.
    parts: Range<usize>,
    axis: usize,
}

#[derive(Clone)]
pub struct Reshape {
    x: Var,
}

impl<R: Real> Tape<R> {
    /// A part of x, along an axis.
    ///
    /// # Panics
    /// When it is empty, or x ends before it.
    pub fn slice(&mut self, x: Var, axis: usize, range: Range<usize>) -> Var {
        let mut shape = self.shape(x);
        assert!(range.start < range.end && range.end <= shape[axis], "{range:?} of axis {axis} of {shape:?}");
        shape[axis] = range.len();
        self.push(Operation::Slice(Slice { x, axis, first: range.start }), &[x], shape)
    }

    /// Several values behind each other, along an axis.
    ///
    /// # Panics
    /// When their shapes differ in another axis.
    pub fn concat(&mut self, parts: &[Var], axis: usize) -> Var {
        let mut shape = self.shape(parts[0]);
        shape[axis] = 0;
        for &part in parts {
            let other = self.shape(part);
            assert!((0..3).all(|k| k == axis || shape[k] == other[k]), "{other:?} beside {shape:?}, axis {axis}");
            shape[axis] += other[axis];
        }
        let list = &mut self.workshop.parts;
        let first = list.len();
        list.extend(parts);
        let rule = Concat { parts: first..list.len(), axis };
        self.push(Operation::Concat(rule), parts, shape)
    }

    /// The same numbers in another shape.
    ///
    /// # Panics
    /// When that has not as many numbers.
    pub fn reshape(&mut self, x: Var, shape: Shape) -> Var {
        let len = self.value(x).len();
        assert_eq!(shape.iter().product::<usize>(), len, "{:?} as {shape:?}", self.shape(x));
        self.push(Operation::Reshape(Reshape { x }), &[x], shape)
    }
}

impl<R: Real> Rule<R> for Slice {
    fn forward(&self, before: &[Node<R>], y: &mut [R], shape: Shape, _: &mut Workshop<R>) {
        let x = &before[self.x.0];
        let ([n, inner], [all, _]) = (along(shape, self.axis), along(x.shape, self.axis));
        let pairs = y.chunks_exact_mut(n * inner).zip(x.value.chunks_exact(all * inner));
        pairs.for_each(|(y, x)| y.copy_from_slice(&x[self.first * inner..][..n * inner]));
    }

    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, _: &mut Workshop<R>) {
        with_gradient(before, self.x, |_, dx, whole| {
            let ([n, inner], [all, _]) = (along(node.shape, self.axis), along(whole, self.axis));
            let pairs = dx.sums().chunks_exact_mut(all * inner).zip(node.gradient.chunks_exact(n * inner));
            pairs.for_each(|(dx, dy)| add(&mut dx[self.first * inner..], dy));
        });
    }
}

impl<R: Real> Rule<R> for Concat {
    fn forward(&self, before: &[Node<R>], y: &mut [R], shape: Shape, workshop: &mut Workshop<R>) {
        let ([all, inner], mut first) = (along(shape, self.axis), 0);
        for &part in &workshop.parts[self.parts.clone()] {
            let part = &before[part.0];
            let len = part.shape[self.axis] * inner;
            let pairs = y.chunks_exact_mut(all * inner).zip(part.value.chunks_exact(len));
            pairs.for_each(|(y, x)| y[first..][..len].copy_from_slice(x));
            first += len;
        }
    }

    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, workshop: &mut Workshop<R>) {
        let ([all, inner], mut first) = (along(node.shape, self.axis), 0);
        for &part in &workshop.parts[self.parts.clone()] {
            let len = before[part.0].shape[self.axis] * inner;
            with_gradient(before, part, |_, dx, _| {
                let pairs = dx.sums().chunks_exact_mut(len).zip(node.gradient.chunks_exact(all * inner));
                pairs.for_each(|(dx, dy)| add(dx, &dy[first..]));
            });
            first += len;
        }
    }
}

impl<R: Real> Rule<R> for Reshape {
    fn forward(&self, before: &[Node<R>], y: &mut [R], _: Shape, _: &mut Workshop<R>) {
        y.copy_from_slice(&before[self.x.0].value);
    }

    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, _: &mut Workshop<R>) {
        hand_over(before, self.x, node);
    }
}
