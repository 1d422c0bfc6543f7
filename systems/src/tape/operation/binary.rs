//! Functions of two numbers, on values of which one may be stretched to the other's shape.

use super::{Operation, Rule, Workshop, broadcast};
use crate::tape::gradient::{hand_over, with_gradient};
use crate::tape::{Node, Shape, Tape, Var};
use network3::Real;

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// a + b
    Add,
    /// a − b
    Sub,
    /// a · b
    Mul,
    /// a / b
    Div,
    /// aᵇ, for a ≥ 0
    Power,
}

#[derive(Clone)]
pub struct Stretched {
    f: Binary,
    a: Var,
    b: Var,
}

impl<R: Real> Tape<R> {
    /// f(a, b), number by number, stretched to fit.
    ///
    /// # Panics
    /// When the two do not stretch to one shape.
    pub fn binary(&mut self, f: Binary, a: Var, b: Var) -> Var {
        let shape = broadcast::shape(self.shape(a), self.shape(b));
        self.push(Operation::Binary(Stretched { f, a, b }), &[a, b], shape)
    }

    /// a + b
    pub fn add(&mut self, a: Var, b: Var) -> Var {
        self.binary(Binary::Add, a, b)
    }

    /// a − b
    pub fn sub(&mut self, a: Var, b: Var) -> Var {
        self.binary(Binary::Sub, a, b)
    }

    /// a · b
    pub fn mul(&mut self, a: Var, b: Var) -> Var {
        self.binary(Binary::Mul, a, b)
    }

    /// a / b
    pub fn div(&mut self, a: Var, b: Var) -> Var {
        self.binary(Binary::Div, a, b)
    }

    /// aᵇ for a ≥ 0
    pub fn power(&mut self, a: Var, b: Var) -> Var {
        self.binary(Binary::Power, a, b)
    }
}

impl<R: Real> Rule<R> for Stretched {
    fn forward(&self, before: &[Node<R>], y: &mut [R], shape: Shape, _: &mut Workshop<R>) {
        let (y, a, b) = ((y, shape), of(before, self.a), of(before, self.b));
        match self.f {
            Binary::Add => broadcast::forward(y, a, b, |a, b| a + b),
            Binary::Sub => broadcast::forward(y, a, b, |a, b| a - b),
            Binary::Mul => broadcast::forward(y, a, b, |a, b| a * b),
            Binary::Div => broadcast::forward(y, a, b, |a, b| a / b),
            Binary::Power => broadcast::forward(y, a, b, R::powf),
        }
    }

    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, _: &mut Workshop<R>) {
        let Stretched { f, a, b } = *self;
        let dy = (&node.gradient[..], node.shape);
        with_gradient(before, b, |before, db, _| {
            let (a, b) = (of(before, a), of(before, b));
            match f {
                Binary::Add => broadcast::backward(dy, b, a, db, |_, _| R::one()),
                Binary::Sub => broadcast::backward(dy, b, a, db, |_, _| -R::one()),
                Binary::Mul => broadcast::backward(dy, b, a, db, |_, a| a),
                Binary::Div => broadcast::backward(dy, b, a, db, |b, a| -a / (b * b)),
                // 0ᵇ is 0 for every b > 0, so there its derivative by b is 0
                Binary::Power => {
                    broadcast::backward(dy, b, a, db, |b, a| if a > R::zero() { a.powf(b) * a.ln() } else { R::zero() })
                }
            }
        });
        if matches!(f, Binary::Add | Binary::Sub) && before[a.0].shape == node.shape {
            return hand_over(before, a, node);
        }
        with_gradient(before, a, |before, da, _| {
            let (a, b) = (of(before, a), of(before, b));
            match f {
                Binary::Add | Binary::Sub => broadcast::backward(dy, a, b, da, |_, _| R::one()),
                Binary::Mul => broadcast::backward(dy, a, b, da, |_, b| b),
                Binary::Div => broadcast::backward(dy, a, b, da, |_, b| R::one() / b),
                Binary::Power => broadcast::backward(dy, a, b, da, |a, b| b * a.powf(b - R::one())),
            }
        });
    }
}

/// A value's numbers and shape.
fn of<R>(nodes: &[Node<R>], x: Var) -> (&[R], Shape) {
    (&nodes[x.0].value, nodes[x.0].shape)
}
