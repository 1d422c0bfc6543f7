//! Functions of one number.

use super::{Operation, Rule, Workshop};
use crate::tape::gradient::hand_over;
use crate::tape::{Node, Shape, Tape, Var};
use network3::{Activation, Real};

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unary {
    /// One of the library's activation functions.
    Activation(Activation),
    /// scale · x + shift
    Linear {
        /// The factor.
        scale: f64,
        /// What is added.
        shift: f64,
    },
    /// ln(1 + eˣ), whose derivative is the sigmoid.
    Softplus,
    /// √x
    Sqrt,
}

#[derive(Clone)]
pub struct Each {
    f: Unary,
    x: Var,
}

impl<R: Real> Tape<R> {
    /// f(x), number by number.
    pub fn unary(&mut self, f: Unary, x: Var) -> Var {
        self.push(Operation::Unary(Each { f, x }), &[x], self.shape(x))
    }

    /// scale · x + shift
    pub fn linear(&mut self, x: Var, scale: f64, shift: f64) -> Var {
        self.unary(Unary::Linear { scale, shift }, x)
    }

    /// 1 / (1 + e⁻ˣ)
    pub fn sigmoid(&mut self, x: Var) -> Var {
        self.unary(Unary::Activation(Activation::Sigmoid), x)
    }

    /// tanh x
    pub fn tanh(&mut self, x: Var) -> Var {
        self.unary(Unary::Activation(Activation::Tanh), x)
    }
}

impl<R: Real> Rule<R> for Each {
    fn forward(&self, before: &[Node<R>], y: &mut [R], _: Shape, workshop: &mut Workshop<R>) {
        y.copy_from_slice(&before[self.x.0].value);
        match self.f {
            Unary::Activation(f) => workshop.backend.activate(f, y),
            Unary::Linear { scale, shift } => {
                let (scale, shift) = (R::of(scale), R::of(shift));
                y.iter_mut().for_each(|y| *y = scale * *y + shift);
            }
            // ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), in which nothing overflows
            Unary::Softplus => y.iter_mut().for_each(|y| *y = y.max(R::zero()) + (-y.abs()).exp().ln_1p()),
            Unary::Sqrt => y.iter_mut().for_each(|y| *y = y.sqrt()),
        }
    }

    /// dx = dy · f′(x), with the derivative computed from y
    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, workshop: &mut Workshop<R>) {
        let (y, dy) = (&node.value[..], &mut node.gradient[..]);
        match self.f {
            Unary::Activation(f) => workshop.backend.activate_backward(f, y, dy),
            Unary::Linear { scale, .. } => dy.iter_mut().for_each(|dy| *dy *= R::of(scale)),
            // The sigmoid of x is 1 − e^−y
            Unary::Softplus => dy.iter_mut().zip(y).for_each(|(dy, &y)| *dy *= -(-y).exp_m1()),
            Unary::Sqrt => dy.iter_mut().zip(y).for_each(|(dy, &y)| *dy /= y + y),
        }
        hand_over(before, self.x, node);
    }
}
