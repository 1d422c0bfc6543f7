//! The backends compute the same functions.
//!
//! Two kinds of numbers are used. With *small integers* every sum is exact in `f32`, in whatever order it is taken, so fast
//! and reference must agree to the bit, and equal patches, the ties of max-pooling, are all over the place. With *real
//! numbers* the reference is run in `f64` on the same numbers, and its rounding bound is the tolerance: a sum of n products
//! may be wrong by n·ε·Σ|products|, whatever the order.
//!
//! Outputs hold NaN beforehand: forward writes all of y, backward all of dx, and adds to dw and db.

mod affine;
mod conv;
mod conv_pool;
#[path = "../common/draw.rs"]
mod draw;
mod extremes;
mod laws;
mod networks;
mod pool;

use draw::{Draw, Seed};
use network3::cpu::simd::Level;
use network3::ops::{
    Affine, At, Backend, Conv, ConvPool, Fast, Normalise, Notes, Padding, Parameter, Pool, Reference, Rule, Trainable,
    Weights, Window,
};
use network3::{Activation, Cost, Habits, Label, Learner, Network, Pass, Pooling, Shape, Spec, Step, Threads, Ties};
use quickcheck::QuickCheck;
use rand::RngExt;
use std::sync::Arc;

impl Draw {
    /// From −4 to 4, every other one zero; now and then a zero with a sign.
    fn integers(&mut self, n: usize) -> Vec<f32> {
        let one = |_| match self.0.random_range(-12..=12) {
            x @ -4..=4 => x as f32,
            5 => -0.0,
            _ => 0.0,
        };
        (0..n).map(one).collect()
    }

    /// Every other image becomes blank but for a box in it, be that ever so small.
    fn margins(&mut self, op: &Conv, x: &mut [f32]) {
        if self.0.random_ratio(1, 2) {
            return;
        }
        let (top, left) = (self.size(0..=op.height), self.size(0..=op.width));
        let (bottom, right) = (self.size(top..=op.height), self.size(left..=op.width));
        for (k, x) in x.chunks_mut(op.maps).enumerate() {
            if !(top..bottom).contains(&(k / op.width)) || !(left..right).contains(&(k % op.width)) {
                x.fill(0.0);
            }
        }
    }

    /// Between −1 and 1, a third of them zero.
    fn reals(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| if self.0.random_ratio(1, 3) { 0.0 } else { self.0.random_range(-1.0..1.0) }).collect()
    }

    /// A margin that a window of this size may have.
    fn padding(&mut self, (height, width): (usize, usize)) -> Padding {
        if self.0.random_ratio(1, 2) {
            return Padding::NONE;
        }
        let ((top, bottom), (left, right)) = (self.pair(0..=height - 1), self.pair(0..=width - 1));
        Padding { top, bottom, left, right }
    }

    /// A window that fits onto such an image.
    fn window(&mut self, height: usize, width: usize, most: usize) -> Window {
        let size = (self.size(1..=height.min(most)), self.size(1..=width.min(most)));
        let stride = if self.0.random_ratio(1, 2) { (1, 1) } else { self.pair(1..=3) };
        Window { size, stride, padding: self.padding(size) }
    }

    /// A convolution of a small image. Its kernel fits, nothing else is promised.
    fn conv(&mut self) -> Conv {
        let (height, width) = self.pair(1..=11);
        let window = self.window(height, width, 6);
        let groups = if self.0.random_ratio(2, 3) { 1 } else { self.size(2..=3) };
        let filters = if self.0.random_ratio(1, 2) { self.size(1..=9) } else { self.size(10..=50) };
        let maps = if self.0.random_ratio(1, 2) { self.size(1..=3) } else { self.size(4..=40) };
        let (maps, filters) = (maps.next_multiple_of(groups), filters.next_multiple_of(groups));
        Conv::with_window(Shape::image(maps, height, width), filters, window, groups).unwrap()
    }

    fn conv_pool(&mut self, activations: &[Activation]) -> ConvPool {
        let conv = self.conv();
        let (height, width) = (conv.output_height(), conv.output_width());
        let two = height > 1 && width > 1 && self.0.random_ratio(2, 3);
        let mut window = if two { Window::new((2, 2), (2, 2)) } else { self.window(height, width, 4) };
        window.stride = if self.0.random_ratio(1, 2) { window.size } else { self.pair(1..=3) };
        let pooling = if self.0.random_ratio(3, 4) { Pooling::Max } else { self.of(&[Pooling::L2, Pooling::Mean]) };
        let ties = self.of(&[Ties::All, Ties::First]);
        ConvPool::new(conv, pooling, ties, window, self.of(activations)).unwrap()
    }
}

/// All the fast backends there are: one and two threads, this processor's vectors and plain ones.
fn backends() -> [(&'static str, Fast); 4] {
    let threads = |n| Arc::new(Threads::new(n).unwrap());
    [
        ("1 thread", Fast::new(threads(1))),
        ("2 threads", Fast::new(threads(2))),
        ("1 thread, plain", Fast::with_level(threads(1), Level::plain())),
        ("2 threads, plain", Fast::with_level(threads(2), Level::plain())),
    ]
}

fn nan(n: usize) -> Vec<f32> {
    vec![f32::NAN; n]
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

fn magnitudes(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x).abs()).collect()
}

#[track_caller]
fn equal(what: &str, got: &[f32], want: &[f32]) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (k, (got, want)) in got.iter().zip(want).enumerate() {
        assert!(got == want, "{what}[{k}]: expected {want}, got {got}");
    }
}

/// `sums` are the same sums with all their terms positive, of at most `terms` products each.
#[track_caller]
fn close(what: &str, got: &[f32], want: &[f64], sums: &[f64], terms: usize) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (k, ((&got, want), sum)) in got.iter().zip(want).zip(sums).enumerate() {
        let most = (terms + 4) as f64 * f64::from(f32::EPSILON) * sum + 1e-30;
        assert!((f64::from(got) - want).abs() <= most, "{what}[{k}]: expected {want} ± {most:e}, got {got}");
    }
}

#[track_caller]
fn same_bits(what: &str, a: &[f32], b: &[f32]) {
    assert!(a.iter().map(|x| x.to_bits()).eq(b.iter().map(|x| x.to_bits())), "{what}: other bits");
}

/// An array whose gradient is added up.
fn adding<'a, R>(value: &'a [R], gradient: &'a mut [R]) -> Parameter<'a, R> {
    Parameter::Accumulate { value, gradient }
}

/// Numbers that keep integers exact: a learning rate, a decay, and a momentum co-efficient.
const RULE: Rule<f32> = Rule { eta: 0.5, decay: 0.25, momentum: 0.5 };

/// A step: with decay for weights, without for biases; and with momentum, if there is a velocity.
fn step<'a>(value: &'a mut [f32], velocity: Option<&'a mut [f32]>, decay: f32) -> Parameter<'a, f32> {
    Parameter::Step { value, velocity, rule: Rule { decay, ..RULE } }
}

/// y, dw, db and dx of a fully-connected layer.
fn affine_all<R: network3::Real>(
    backend: &mut dyn Backend<R>,
    op: &Affine,
    [x, w, b, dy, dw, db]: [&[R]; 6],
) -> [Vec<R>; 4] {
    let (mut y, mut dw, mut db, mut dx) = (vec![R::nan(); dy.len()], dw.to_vec(), db.to_vec(), vec![R::nan(); x.len()]);
    backend.affine_forward(op, x, Weights { w, b }, &mut y);
    let at = At { x, y: &y, dy: &mut dy.to_vec(), dx: Some(&mut dx), dead_at_zero: false };
    backend.affine_backward(op, at, Trainable { w: adding(w, &mut dw), b: adding(b, &mut db) });
    [y, dw, db, dx]
}
