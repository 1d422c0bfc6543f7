//! Every input to every neuron, with dropout on the inputs.

use super::{Layer, Parameters, Pass, Signals, backward_and_update};
use crate::habits::{Habits, Initialisation};
use crate::ops::{Affine, Voice, dropout};
use crate::train::Step;
use crate::{Activation, Real, Shape};
use rand_xoshiro::Xoshiro256PlusPlus;

/// y = f(x w + b), where inputs may be dropped while training.
pub struct FullyConnected<R> {
    op: Affine,
    activation: Activation,
    dropout: Dropout<R>,
    parameters: Parameters<R>,
    /// May ∂C/∂x be left out where x = 0? So it is when the layer before would multiply it by zero.
    sparse: bool,
}

/// Inputs that are left out at random.
struct Dropout<R> {
    /// How likely an input is to be dropped; with 0 nothing else here is used.
    p: f64,
    /// Which random numbers.
    stream: u64,
    mask: Vec<bool>,
    /// What is left of the inputs.
    x: Vec<R>,
}

impl<R: Real> FullyConnected<R> {
    /// A layer with random weights. `before` is the activation of the layer that it follows, where there is one.
    pub fn new(
        op: Affine,
        (activation, before): (Activation, Option<Activation>),
        (p, stream): (f64, u64),
        habits: &Habits,
        random: &mut Xoshiro256PlusPlus,
    ) -> Self {
        let sd = match (habits.initialisation, activation) {
            (Initialisation::FanOut, _) => ((1.0 / op.outputs as f64).sqrt(), 1.0),
            (Initialisation::FanIn, Activation::Relu) => ((2.0 / op.inputs as f64).sqrt(), 0.0),
            (Initialisation::FanIn, _) => ((1.0 / op.inputs as f64).sqrt(), 0.0),
        };
        let parameters = Parameters::normal(&[op.inputs, op.outputs], op.outputs, sd, random);
        FullyConnected::with(op, (activation, before), (p, stream), parameters)
    }

    /// A layer with these parameters.
    pub(super) fn with(
        op: Affine,
        (activation, before): (Activation, Option<Activation>),
        (p, stream): (f64, u64),
        parameters: Parameters<R>,
    ) -> Self {
        let dropout = Dropout { p, stream, mask: vec![], x: vec![] };
        let sparse = before.is_some_and(Activation::is_dead_at_zero);
        FullyConnected { op, activation, dropout, parameters, sparse }
    }
}

impl<R: Real> Dropout<R> {
    /// The inputs that take part: masked while training, scaled otherwise.
    fn forward(&mut self, x: &[R], n: usize, pass: Pass) {
        if self.p == 0.0 {
            return;
        }
        self.x.clear();
        match pass {
            Pass::Train { iteration } => {
                self.x.extend_from_slice(x);
                self.mask.resize(x.len(), true);
                dropout::mask(&mut self.mask, n, self.p, self.stream, iteration);
                dropout::apply(&self.mask, &mut self.x);
            }
            Pass::Evaluate => {
                let scale = R::of(1.0 - self.p);
                self.mask.clear();
                self.x.extend(x.iter().map(|&x| scale * x));
            }
        }
    }

    /// What the forward pass has made of `x`.
    fn input<'a>(&'a self, x: &'a [R]) -> &'a [R] {
        if self.p == 0.0 { x } else { &self.x }
    }

    /// ∂C/∂x from the gradient with respect to what was left of it.
    fn backward(&self, dx: Option<&mut [R]>) {
        match dx {
            Some(dx) if self.mask.is_empty() && self.p > 0.0 => {
                let scale = R::of(1.0 - self.p);
                dx.iter_mut().for_each(|dx| *dx *= scale);
            }
            Some(dx) => dropout::apply(&self.mask, dx),
            None => {}
        }
    }
}

impl<R: Real> Layer<R> for FullyConnected<R> {
    fn name(&self) -> &'static str {
        "FullyConnected"
    }

    fn output_shape(&self) -> Shape {
        Shape::Flat(self.op.outputs)
    }

    fn forward(&mut self, voice: &mut dyn Voice<R>, x: &[R], y: &mut [R], pass: Pass) {
        self.dropout.forward(x, x.len() / self.op.inputs, pass);
        voice.affine_forward(&self.op, self.dropout.input(x), self.parameters.weights(), y);
        voice.activate(self.activation, y);
    }

    fn backward(&mut self, voice: &mut dyn Voice<R>, at: Signals<R>, mut dx: Option<&mut [R]>) {
        voice.activate_backward(self.activation, at.y, at.dy);
        let x = self.dropout.input(at.x);
        let (p, g) = self.parameters.with_gradients();
        voice.affine_backward(&self.op, x, p.w, at.dy, g, dx.as_deref_mut());
        self.dropout.backward(dx);
    }

    /// Without momentum, gradient and update are one operation, and the gradient is never written down.
    fn step(&mut self, voice: &mut dyn Voice<R>, at: Signals<R>, mut dx: Option<&mut [R]>, step: &Step) {
        if step.momentum != 0.0 {
            return backward_and_update(self, voice, at, dx, step);
        }
        voice.activate_backward(self.activation, at.y, at.dy);
        let x = self.dropout.input(at.x);
        let (w, b) = self.parameters.weights_mut();
        voice.affine_step(&self.op, x, w, b, at.dy, step.sgd(), dx.as_deref_mut(), self.sparse);
        self.dropout.backward(dx);
    }

    fn parameters(&self) -> Option<&Parameters<R>> {
        Some(&self.parameters)
    }

    fn parameters_mut(&mut self) -> Option<&mut Parameters<R>> {
        Some(&mut self.parameters)
    }
}
