//! Every gradient against finite differences, in `f64`, on every element; and the check itself against planted errors.
//!
//! An operation is made a scalar function by a random projection, C = Σ r·y, so that ∂C/∂y = r.

#[path = "../common/draw.rs"]
mod draw;
mod kinks;
mod networks;
mod operations;
mod planted;
mod sanity;

use draw::{Draw, Seed};
use ndarray::{Array1, ArrayD, IxDyn};
use network3::gradcheck::{Report, check, check_network};
use network3::layer::Parameters;
use network3::ops::{
    self, Affine, At, Backend, BatchNorm, Conv, ConvPool, Moments, Normalise, Notes, Padding, Parameter, Pool,
    Reference, Trainable, Weights, Window, dropout, softmax,
};
use network3::{Activation, Cost, Habits, Label, Network, Pass, Pooling, Shape, Spec, Step, Ties};
use quickcheck::QuickCheck;
use rand::RngExt;

const TOLERANCE: f64 = 1e-6;
const ACTIVATIONS: [Activation; 4] = [Activation::Sigmoid, Activation::Tanh, Activation::Relu, Activation::Linear];
const POOLINGS: [Pooling; 3] = [Pooling::Max, Pooling::L2, Pooling::Mean];

impl Draw {
    /// Real numbers between −1 and 1: to be within 10⁻⁵ of a kink takes a hundred thousand of them.
    fn numbers(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.0.random_range(-1.0..1.0)).collect()
    }

    /// A margin that a window of this size may have.
    fn padding(&mut self, (height, width): (usize, usize)) -> Padding {
        let ((top, bottom), (left, right)) = (self.pair(0..=height - 1), self.pair(0..=width - 1));
        if self.size(1..=2) == 1 { Padding::NONE } else { Padding { top, bottom, left, right } }
    }

    fn tensor(&mut self, shape: &[usize]) -> ArrayD<f64> {
        array(shape, &self.numbers(shape.iter().product()))
    }
}

fn array(shape: &[usize], x: &[f64]) -> ArrayD<f64> {
    Array1::from(x.to_vec()).into_shape_with_order(IxDyn(shape)).unwrap()
}

fn zeros(n: usize) -> Vec<f64> {
    vec![0.0; n]
}

fn flat(a: &ArrayD<f64>) -> &[f64] {
    a.as_slice().unwrap()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[track_caller]
fn right(what: impl std::fmt::Debug, report: &Report) {
    assert!(report.passes(TOLERANCE), "{what:?}\n{report}");
}

/// A network that is computed by the definitions.
fn network(input: Shape, layers: &[Spec], habits: Habits) -> Network<f64> {
    Network::reference(input, layers, Cost::LogLikelihood).unwrap().with_habits(habits)
}

/// An array whose gradient is added up.
fn adding<'a>(value: &'a [f64], gradient: &'a mut [f64]) -> Parameter<'a, f64> {
    Parameter::Accumulate { value, gradient }
}

/// The check of a pooling operation at `x`, with what `change` makes of its gradient.
fn check_pool(op: &Pool, x: &[f64], r: &[f64], change: impl FnOnce(&mut [f64])) -> Report {
    use ops::pool::reference::{backward, forward};
    let n = x.len() / (op.height * op.width * op.maps);
    let x = array(&[n, op.height, op.width, op.maps], x);
    let shape = (n, op.output_height(), op.output_width(), op.maps);
    let view = |x: &ArrayD<f64>| x.clone().into_dimensionality().unwrap();
    let mut dx = view(&x);
    let dy = ndarray::ArrayView4::from_shape(shape, r).unwrap();
    backward(op, view(&x).view(), dy, dx.view_mut());
    change(dx.as_slice_mut().unwrap());
    let report = check(&[("x", x)], &[dx.into_dyn()], |t| {
        let mut y = ndarray::Array4::zeros(shape);
        forward(op, view(&t[0]).view(), y.view_mut());
        dot(r, y.as_slice().unwrap())
    });
    report.unwrap()
}

/// C = Σ r·tanh(mask(x) w): with the mask applied on the way back, and without.
fn check_dropout(masked: bool) -> Report {
    let mut draw = Draw::new(Seed::new(4));
    let op = Affine { inputs: 6, outputs: 3 };
    let (x, w, r) = (draw.tensor(&[4, 6]), draw.numbers(18), draw.numbers(12));
    let mut mask = [true; 24];
    dropout::mask(&mut mask, 4, 0.5, 1, 0);
    assert!(mask.contains(&true) && mask.contains(&false));
    let forward = |x: &[f64]| {
        let (mut x, mut y) = (x.to_vec(), zeros(12));
        dropout::apply(&mask, &mut x);
        Reference.affine_forward(&op, &x, Weights { w: &w, b: &[0.0; 3] }, &mut y);
        Reference.activate(Activation::Tanh, &mut y);
        y
    };
    let (mut delta, mut dx) = (r.clone(), zeros(24));
    Reference.activate_backward(Activation::Tanh, &forward(flat(&x)), &mut delta);
    let (mut dw, mut db) = (zeros(18), zeros(3));
    let at = At { x: flat(&x), y: &[], dy: &mut delta, dx: Some(&mut dx), dead_at_zero: false };
    Reference.affine_backward(&op, at, Trainable { w: adding(&w, &mut dw), b: adding(&[0.0; 3], &mut db) });
    if masked {
        dropout::apply(&mask, &mut dx);
    }
    check(&[("x", x)], &[array(&[4, 6], &dx)], |t| dot(&r, &forward(flat(&t[0])))).unwrap()
}

/// Softmax layers begin at zero, and would hide all that is below them.
fn randomise(network: &mut Network<f64>, draw: &mut Draw) {
    for (_, p) in network.parameters_mut() {
        let scale = 2.0 / (p.w.len() as f64 / p.b.len() as f64).sqrt();
        p.w.mapv_inplace(|_| scale * draw.0.random_range(-1.0..1.0));
        p.b.mapv_inplace(|_| draw.0.random_range(-0.5..0.5));
    }
}

/// Which of the layers' parameters there are, one after the other.
fn parameters(network: &mut Network<f64>) -> impl Iterator<Item = &mut Parameters<f64>> {
    network.parameters_mut().into_iter().map(|(_, p)| p)
}
