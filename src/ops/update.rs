//! Gradient descent: the one rule by which parameters change.
//!
//! With η the learning rate, μ the momentum co-efficient and v the velocity of a parameter,
//!
//! v ← μv − η(∂C/∂w + decay·w), &nbsp; w ← w + v,
//!
//! and without momentum w ← w − η(∂C/∂w + decay·w). Weights decay (that is L2 regularisation, with decay = λ over the
//! number of mini-batches), biases do not.
//!
//! A [`Parameter`] goes into a backward pass and says what is to become of its gradient: it is added up, or it is
//! followed at once. Either way the arithmetic has one form, target ← keep·target + scale·gradient, in which a kernel
//! can apply it while the sum is still in registers:
//!
//! | | target | keep | scale | afterwards |
//! | --- | --- | --- | --- | --- |
//! | gradient added up | ∂C/∂w | 1 | 1 | |
//! | a step | w | 1 − η·decay | −η | |
//! | a step with momentum | v | μ | −η | v ← v − η·decay·w, w ← w + v |
//!
//! A weight that nothing but decay changes gets smaller for ever, and so does the velocity of a unit that is dead. Both
//! would come to rest at a subnormal number: see [`clear_negligible`].

use crate::{Real, Work};
use std::ops::Range;

/// Every how many steps negligible numbers are cleared. A number takes 151 steps with μ = 0.9 from negligible to
/// subnormal (with μ below 0.85 it can be there for some steps, once), and a pass over all parameters costs little when
/// it is one in a hundred.
pub(crate) const CLEAR_EVERY: u64 = 100;

/// Sets numbers to zero that are nearer to zero than the smallest normal number over the machine epsilon (10⁻³¹ for
/// `f32`).
///
/// What shrinks by a factor at every step ends among the subnormal numbers and, rounded to nearest, stays there; and
/// processors take a hundred times as long to multiply those. (With λ = 100 the chapter's convolutional network falls
/// from 6,000 to 120 images a second after 38 epochs.)
pub(crate) fn clear_negligible<R: Real>(numbers: &mut [R]) {
    let negligible = R::min_positive_value() / R::epsilon();
    for x in numbers {
        if x.abs() < negligible {
            *x = R::zero();
        }
    }
}

/// How far a step goes: v ← μv − η(∂C/∂w + decay·w), w ← w + v; and without momentum w ← w − η(∂C/∂w + decay·w).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule<R> {
    /// The learning rate η.
    pub eta: R,
    /// λ over the number of mini-batches; 0 for biases.
    pub decay: R,
    /// The momentum co-efficient μ; 0 where there is no velocity.
    pub momentum: R,
}

/// A parameter in a backward pass, and what becomes of its gradient.
#[derive(Debug)]
pub enum Parameter<'a, R> {
    /// The gradient is added to `gradient`.
    Accumulate {
        /// The numbers.
        value: &'a [R],
        /// What their gradient is added to.
        gradient: &'a mut [R],
    },
    /// A step of gradient descent is made.
    Step {
        /// The numbers.
        value: &'a mut [R],
        /// Their velocity, with momentum.
        velocity: Option<&'a mut [R]>,
        /// How far to go.
        rule: Rule<R>,
    },
}

/// A parameter as a kernel sees it that has gradients in registers: target ← keep·target + scale·gradient.
pub(crate) struct Target<'a, R> {
    /// ∂C/∂w, w or v.
    pub target: &'a mut [R],
    pub keep: R,
    pub scale: R,
    /// The weights, where they are not the target.
    pub weights: Holder<'a, R>,
}

/// Where the weights are that a target belongs to.
pub(crate) enum Holder<'a, R> {
    /// They are the target themselves.
    Target,
    /// They are read only.
    Fixed(&'a [R]),
    /// They move with the velocity, which is the target; and `shrink` = −η·decay.
    Moving { w: &'a mut [R], shrink: R },
}

impl<R: Real> Target<'_, R> {
    /// The weights, as they are before the step.
    #[inline(always)]
    pub fn value(&self) -> &[R] {
        match &self.weights {
            Holder::Target => self.target,
            Holder::Fixed(w) => w,
            Holder::Moving { w, .. } => w,
        }
    }

    /// With momentum, what is left to do for some of the numbers when all gradients have reached the target.
    #[inline(always)]
    pub fn finish(&mut self, part: Range<usize>) {
        if let Holder::Moving { w, shrink } = &mut self.weights {
            for (w, v) in w[part.clone()].iter_mut().zip(&mut self.target[part]) {
                *v += *shrink * *w;
                *w += *v;
            }
        }
    }
}

impl<'a, R: Real> Parameter<'a, R> {
    /// The numbers themselves, as they are before the step.
    pub fn value(&self) -> &[R] {
        match self {
            Parameter::Accumulate { value, .. } => value,
            Parameter::Step { value, .. } => value,
        }
    }

    /// The definition: does with a gradient what is to be done with it.
    pub fn follow(&mut self, gradient: &[R]) {
        match self {
            Parameter::Accumulate { gradient: sum, .. } => {
                sum.iter_mut().zip(gradient).for_each(|(sum, &dw)| *sum += dw);
            }
            Parameter::Step { value, velocity: None, rule: Rule { eta, decay, .. } } => {
                value.iter_mut().zip(gradient).for_each(|(w, &dw)| *w -= *eta * (dw + *decay * *w));
            }
            Parameter::Step { value, velocity: Some(velocity), rule: Rule { eta, decay, momentum } } => {
                for ((w, v), &dw) in value.iter_mut().zip(velocity.iter_mut()).zip(gradient) {
                    *v = *momentum * *v - *eta * (dw + *decay * *w);
                    *w += *v;
                }
            }
        }
    }

    /// Lets `f` add a gradient to an array, given the value; and then does with it what is to be done.
    pub fn with_gradient<T>(mut self, f: impl FnOnce(&[R], &mut [R]) -> T) -> T {
        if let Parameter::Accumulate { value, gradient } = self {
            return f(value, gradient);
        }
        let mut gradient = vec![R::zero(); self.value().len()];
        let result = f(self.value(), &mut gradient);
        self.follow(&gradient);
        result
    }

    /// For a kernel that has the gradient in registers. [`Target::finish`] comes afterwards.
    #[inline(always)]
    pub(crate) fn target(self) -> Target<'a, R> {
        match self {
            Parameter::Accumulate { value, gradient } => {
                Target { target: gradient, keep: R::one(), scale: R::one(), weights: Holder::Fixed(value) }
            }
            Parameter::Step { value, velocity: None, rule: Rule { eta, decay, .. } } => {
                Target { target: value, keep: R::one() - eta * decay, scale: -eta, weights: Holder::Target }
            }
            Parameter::Step { value, velocity: Some(velocity), rule: Rule { eta, decay, momentum } } => {
                let weights = Holder::Moving { w: value, shrink: -(eta * decay) };
                Target { target: velocity, keep: momentum, scale: -eta, weights }
            }
        }
    }

    /// Follows a gradient that comes in several addends, in their order.
    pub(crate) fn follow_all<'g>(self, addends: impl Iterator<Item = &'g [R]>)
    where
        R: 'g,
    {
        let mut it = self.target();
        if it.keep != R::one() {
            it.target.iter_mut().for_each(|target| *target *= it.keep);
        }
        for addend in addends {
            it.target.iter_mut().zip(addend).for_each(|(target, &d)| *target += it.scale * d);
        }
        it.finish(0..it.target.len());
    }
}

/// Weights and biases of a layer in a backward pass.
#[derive(Debug)]
pub struct Trainable<'a, R> {
    /// The weights.
    pub w: Parameter<'a, R>,
    /// The biases.
    pub b: Parameter<'a, R>,
}

/// A parameter in pieces of so many numbers, each of which another thread may update.
pub(crate) struct ParameterPieces<'a, R>(pub Parameter<'a, R>, pub usize);

impl<'a, R: Real> Work for ParameterPieces<'a, R> {
    type Piece = Parameter<'a, R>;
    fn count(&self) -> usize {
        self.0.value().len().div_ceil(self.1)
    }
    fn split(self, k: usize) -> (Self, Self) {
        let ParameterPieces(parameter, size) = self;
        let at = (k * size).min(parameter.value().len());
        let (a, b) = match parameter {
            Parameter::Accumulate { value, gradient } => {
                let ((value, value_b), (gradient, gradient_b)) = (value.split_at(at), gradient.split_at_mut(at));
                (
                    Parameter::Accumulate { value, gradient },
                    Parameter::Accumulate { value: value_b, gradient: gradient_b },
                )
            }
            Parameter::Step { value, velocity, rule } => {
                let (value, value_b) = value.split_at_mut(at);
                let (velocity, velocity_b) = velocity.map(|v| v.split_at_mut(at)).unzip();
                (
                    Parameter::Step { value, velocity, rule },
                    Parameter::Step { value: value_b, velocity: velocity_b, rule },
                )
            }
        };
        (ParameterPieces(a, size), ParameterPieces(b, size))
    }
    fn whole(self) -> Self::Piece {
        self.0
    }
}
