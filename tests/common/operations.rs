//! Operations carried out by whichever backend, for comparison, and the comparison of whole numbers.

use network3::Real;
use network3::ops::{
    Affine, At, Backend, BatchNorm, Conv, ConvPool, Moments, Notes, Parameter, Rule, Trainable, Weights,
};

pub fn nan<R: Real>(n: usize) -> Vec<R> {
    vec![R::nan(); n]
}

pub fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

pub fn magnitudes(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x).abs()).collect()
}

#[track_caller]
pub fn equal(what: &str, got: &[f32], want: &[f32]) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (k, (got, want)) in got.iter().zip(want).enumerate() {
        assert!(got == want, "{what}[{k}]: expected {want}, got {got}");
    }
}

/// An array whose gradient is added up.
pub fn adding<'a, R>(value: &'a [R], gradient: &'a mut [R]) -> Parameter<'a, R> {
    Parameter::Accumulate { value, gradient }
}

/// Numbers that keep integers exact: a learning rate, a decay, and a momentum co-efficient.
pub const RULE: Rule<f32> = Rule { eta: 0.5, decay: 0.25, momentum: 0.5 };

/// A step: with decay for weights, without for biases; and with momentum, if there is a velocity.
pub fn step<'a>(value: &'a mut [f32], velocity: Option<&'a mut [f32]>, decay: f32) -> Parameter<'a, f32> {
    Parameter::Step { value, velocity, rule: Rule { decay, ..RULE } }
}

/// y, dw and dx of a convolution.
pub fn conv_all<R: Real>(backend: &mut dyn Backend<R>, op: &Conv, [x, w, dy, dw]: [&[R]; 4]) -> [Vec<R>; 3] {
    let (mut y, mut dw, mut dx) = (nan(dy.len()), dw.to_vec(), nan(x.len()));
    backend.conv_forward(op, x, w, &mut y);
    let at = At { x, y: &[], dy: &mut dy.to_vec(), dx: Some(&mut dx), dead_at_zero: false };
    backend.conv_backward(op, at, adding(w, &mut dw));
    [y, dw, dx]
}

/// y, δ, dw, db and dx of a convolutional layer.
pub fn conv_pool_all<R: Real>(
    backend: &mut dyn Backend<R>,
    op: &ConvPool,
    [x, w, b, dy, dw, db]: [&[R]; 6],
) -> [Vec<R>; 5] {
    let (mut y, mut notes) = (nan(dy.len()), Notes::default());
    let (mut delta, mut dw, mut db, mut dx) = (dy.to_vec(), dw.to_vec(), db.to_vec(), nan(x.len()));
    backend.conv_pool_forward(op, x, Weights { w, b }, &mut y, &mut notes);
    let at = At { x, y: &y, dy: &mut delta, dx: Some(&mut dx), dead_at_zero: false };
    backend.conv_pool_backward(op, at, Trainable { w: adding(w, &mut dw), b: adding(b, &mut db) }, &notes);
    [y, delta, dw, db, dx]
}

/// y, dw, db and dx of a fully-connected layer.
pub fn affine_all<R: Real>(backend: &mut dyn Backend<R>, op: &Affine, [x, w, b, dy, dw, db]: [&[R]; 6]) -> [Vec<R>; 4] {
    let (mut y, mut dw, mut db, mut dx) = (nan(dy.len()), dw.to_vec(), db.to_vec(), nan(x.len()));
    backend.affine_forward(op, x, Weights { w, b }, &mut y);
    let at = At { x, y: &y, dy: &mut dy.to_vec(), dx: Some(&mut dx), dead_at_zero: false };
    backend.affine_backward(op, at, Trainable { w: adding(w, &mut dw), b: adding(b, &mut db) });
    [y, dw, db, dx]
}

/// Mean, variance, y, dγ, dβ and dx of batch normalisation; as in training, or with its moments given.
pub fn batch_norm_all<R: Real>(
    backend: &mut dyn Backend<R>,
    op: &BatchNorm,
    [x, w, b, dy]: [&[R]; 4],
    of_batch: bool,
) -> [Vec<R>; 6] {
    let n = op.channels;
    let (mut mean, mut variance, mut y, mut dx) = (nan(n), nan(n), nan(x.len()), nan(x.len()));
    let (mut dw, mut db) = (vec![R::one(); n], vec![R::one(); n]);
    backend.batch_moments(op, x, &mut mean, &mut variance);
    let moments = Moments { mean: &mean, variance: &variance, of_batch };
    backend.batch_norm_forward(op, x, moments, Weights { w, b }, &mut y);
    let at = At { x, y: &y, dy: &mut dy.to_vec(), dx: Some(&mut dx), dead_at_zero: false };
    backend.batch_norm_backward(op, at, moments, Trainable { w: adding(w, &mut dw), b: adding(b, &mut db) });
    [mean, variance, y, dw, db, dx]
}
