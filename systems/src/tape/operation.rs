//! What a tape can compute: each operation forward and backward.
//!
//! | operation | y | what ∂C/∂y = dy adds to the gradients |
//! | --- | --- | --- |
//! | affine | x w + b | dx: dy wᵀ, dw: xᵀ dy, db: the sum of dy over rows |
//! | product | a b, or a bᵀ | da: dy bᵀ, db: aᵀ dy; or da: dy b, db: dyᵀ a |
//! | sum, difference | a ± b | da: dy, db: ±dy |
//! | product, quotient | a·b, a/b | da: dy·b, db: dy·a; or da: dy/b, db: −dy·a/b² |
//! | power | aᵇ | da: dy·b·aᵇ⁻¹, db: dy·aᵇ·ln a |
//! | functions | f(x) | dx: dy·f′(x) |
//! | softmax | eˣ/Σeˣ | dx: y·(dy − Σ y·dy) |
//! | sum along an axis | Σx | dx: dy, all along the axis |
//! | slice, concat, reshape | the same numbers elsewhere | dx: dy, there |
//! | rotate | yⱼ = Σₛ shiftₛ·xⱼ₋ₛ | dxⱼ: Σₛ shiftₛ·dyⱼ₊ₛ, dshiftₛ: Σⱼ dyⱼ·xⱼ₋ₛ |
//! | log-likelihood | −mean ln softmax(z) at the label | dz: dy·(softmax(z) − \[label\]) / rows |

use super::gradient::{hand_over, with_gradient};
use super::matrices::{Matrices, multiply};
use super::{Node, Shape, Var, broadcast};
use network3::ops::{Affine, At, Backend, Parameter, Trainable, Weights};
use network3::{Activation, Real, cost::surprise};
use std::ops::Range;

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

/// An operation, and on which values.
pub enum Operation {
    Leaf,
    Affine { x: Var, w: Var, b: Option<Var> },
    Product { a: Var, b: Var, transposed: bool },
    Binary { f: Binary, a: Var, b: Var },
    Unary { f: Unary, x: Var },
    Softmax { x: Var },
    Sum { x: Var, axis: usize },
    Slice { x: Var, axis: usize, first: usize },
    Concat { parts: Range<usize>, axis: usize },
    Reshape { x: Var },
    Rotate { x: Var, shift: Var },
    LogLikelihood { z: Var, labels: Range<usize> },
}

/// What computing takes: a backend, memory, and the lists that operations of any number of inputs refer to.
pub struct Workshop<R> {
    backend: Box<dyn Backend<R>>,
    parts: Vec<Var>,
    labels: Vec<Option<usize>>,
    /// Scratch memory.
    scratch: Vec<R>,
    /// The biases of a product that has none, and what becomes of their gradient.
    no_bias: [Vec<R>; 2],
}

impl<R: Real> Workshop<R> {
    pub fn new(backend: Box<dyn Backend<R>>) -> Self {
        Workshop { backend, parts: vec![], labels: vec![], scratch: vec![], no_bias: [vec![], vec![]] }
    }

    pub fn rewind(&mut self) {
        self.parts.clear();
        self.labels.clear();
    }

    pub fn keep_parts(&mut self, parts: &[Var]) -> Range<usize> {
        self.parts.extend(parts);
        self.parts.len() - parts.len()..self.parts.len()
    }

    pub fn keep_labels(&mut self, labels: &[Option<usize>]) -> Range<usize> {
        self.labels.extend(labels);
        self.labels.len() - labels.len()..self.labels.len()
    }

    /// The values that an operation is computed from.
    pub fn inputs(&self, operation: &Operation) -> impl Iterator<Item = Var> {
        use Operation::*;
        let (few, many): ([Option<Var>; 3], &[Var]) = match *operation {
            Leaf => ([None; 3], &[]),
            Affine { x, w, b } => ([Some(x), Some(w), b], &[]),
            Product { a, b, .. } | Binary { a, b, .. } | Rotate { x: a, shift: b } => ([Some(a), Some(b), None], &[]),
            Unary { x, .. } | Softmax { x } | Sum { x, .. } | Slice { x, .. } | Reshape { x } => {
                ([Some(x), None, None], &[])
            }
            LogLikelihood { z, .. } => ([Some(z), None, None], &[]),
            Concat { ref parts, .. } => ([None; 3], &self.parts[parts.clone()]),
        };
        few.into_iter().flatten().chain(many.iter().copied())
    }

    /// Computes the value of a node.
    pub fn forward(&mut self, before: &[Node<R>], node: &mut Node<R>) {
        let (shape, y) = (node.shape, &mut node.value[..]);
        let value = |x: Var| &before[x.0].value[..];
        let with_shape = |x: Var| (value(x), before[x.0].shape);
        match node.operation {
            Operation::Leaf => {}
            Operation::Affine { x, w, b } => {
                let op = Affine { inputs: before[w.0].shape[1], outputs: shape[2] };
                self.no_bias[0].resize(op.outputs.max(self.no_bias[0].len()), R::zero());
                let b = b.map_or(&self.no_bias[0][..op.outputs], value);
                self.backend.affine_forward(&op, value(x), Weights { w: value(w), b }, y);
            }
            Operation::Product { a, b, transposed } => {
                y.fill(R::zero());
                multiply(y, shape, Matrices::value(&before[a.0]), Matrices::value(&before[b.0]).transposed(transposed));
            }
            Operation::Binary { f, a, b } => {
                let (y, a, b) = ((y, shape), with_shape(a), with_shape(b));
                match f {
                    Binary::Add => broadcast::forward(y, a, b, |a, b| a + b),
                    Binary::Sub => broadcast::forward(y, a, b, |a, b| a - b),
                    Binary::Mul => broadcast::forward(y, a, b, |a, b| a * b),
                    Binary::Div => broadcast::forward(y, a, b, |a, b| a / b),
                    Binary::Power => broadcast::forward(y, a, b, R::powf),
                }
            }
            Operation::Unary { f, x } => {
                y.copy_from_slice(value(x));
                match f {
                    Unary::Activation(f) => self.backend.activate(f, y),
                    Unary::Linear { scale, shift } => {
                        let (scale, shift) = (R::of(scale), R::of(shift));
                        y.iter_mut().for_each(|y| *y = scale * *y + shift);
                    }
                    // ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), in which nothing overflows
                    Unary::Softplus => y.iter_mut().for_each(|y| *y = y.max(R::zero()) + (-y.abs()).exp().ln_1p()),
                    Unary::Sqrt => y.iter_mut().for_each(|y| *y = y.sqrt()),
                }
            }
            Operation::Softmax { x } => {
                y.copy_from_slice(value(x));
                self.backend.softmax(y, shape[2]);
            }
            Operation::Sum { x, axis } => {
                let [n, inner] = along(before[x.0].shape, axis);
                y.fill(R::zero());
                for (y, x) in y.chunks_exact_mut(inner).zip(value(x).chunks_exact(n * inner)) {
                    match y {
                        [y] => *y = x.iter().copied().sum(),
                        y => x.chunks_exact(inner).for_each(|x| add(y, x)),
                    }
                }
            }
            Operation::Slice { x, axis, first } => {
                let ([n, inner], [all, _]) = (along(shape, axis), along(before[x.0].shape, axis));
                let from = value(x).chunks_exact(all * inner);
                let pairs = y.chunks_exact_mut(n * inner).zip(from);
                pairs.for_each(|(y, x)| y.copy_from_slice(&x[first * inner..][..n * inner]));
            }
            Operation::Concat { ref parts, axis } => {
                let ([all, inner], mut first) = (along(shape, axis), 0);
                for &part in &self.parts[parts.clone()] {
                    let len = before[part.0].shape[axis] * inner;
                    let pairs = y.chunks_exact_mut(all * inner).zip(value(part).chunks_exact(len));
                    pairs.for_each(|(y, x)| y[first..][..len].copy_from_slice(x));
                    first += len;
                }
            }
            Operation::Reshape { x } => y.copy_from_slice(value(x)),
            Operation::Rotate { x, shift } => {
                let (n, offsets) = (shape[2], before[shift.0].shape[2]);
                y.fill(R::zero());
                let rows = value(x).chunks_exact(n).zip(value(shift).chunks_exact(offsets));
                for (y, (x, shift)) in y.chunks_exact_mut(n).zip(rows) {
                    turns(n, offsets, |s, j, from| y[j] += shift[s] * x[from]);
                }
            }
            Operation::LogLikelihood { z, ref labels } => {
                let labels = &self.labels[labels.clone()];
                let classes = before[z.0].shape[2];
                self.scratch.clear();
                self.scratch.extend(value(z));
                self.backend.softmax(&mut self.scratch, classes);
                let rows = self.scratch.chunks_exact(classes).zip(labels);
                let cost: f64 = rows.filter_map(|(a, label)| label.map(|label| surprise(a[label]))).sum();
                y[0] = R::of(cost / labelled(labels));
            }
        }
    }

    /// Adds what a node's gradient gives to the gradients of its inputs, and may use it up.
    pub fn backward(&mut self, before: &mut [Node<R>], node: &mut Node<R>) {
        if let Operation::Affine { x, w, b } = node.operation {
            return self.affine_backward(before, x, w, b, node);
        }
        let (shape, y, dy) = (node.shape, &node.value[..], &mut node.gradient[..]);
        match node.operation {
            Operation::Leaf | Operation::Affine { .. } => {}
            Operation::Product { a, b, transposed } => {
                // As matrices: da = dy bᵀ, db = aᵀ dy, and if b was transposed, da = dy b, db = dyᵀ a
                let dy = Matrices::new(dy, shape);
                with_gradient(before, a, |before, da, shape| {
                    multiply(da.sums(), shape, dy, Matrices::value(&before[b.0]).transposed(!transposed));
                });
                with_gradient(before, b, |before, db, shape| {
                    let a = Matrices::value(&before[a.0]);
                    let (left, right) = if transposed { (dy, a) } else { (a, dy) };
                    multiply(db.sums(), shape, left.transposed(true), right);
                });
            }
            Operation::Binary { f, a, b } => {
                let of = |before: &'_ [Node<R>], x: Var| before[x.0].shape;
                with_gradient(before, b, |before, db, _| {
                    let (dy, a) = ((&*dy, shape), (&before[a.0].value[..], of(before, a)));
                    let b = (&before[b.0].value[..], of(before, b));
                    match f {
                        Binary::Add => broadcast::backward(dy, b, a, db, |_, _| R::one()),
                        Binary::Sub => broadcast::backward(dy, b, a, db, |_, _| -R::one()),
                        Binary::Mul => broadcast::backward(dy, b, a, db, |_, a| a),
                        Binary::Div => broadcast::backward(dy, b, a, db, |b, a| -a / (b * b)),
                        // 0ᵇ is 0 for every b > 0, so there its derivative by b is 0
                        Binary::Power => broadcast::backward(dy, b, a, db, |b, a| {
                            if a > R::zero() { a.powf(b) * a.ln() } else { R::zero() }
                        }),
                    }
                });
                if matches!(f, Binary::Add | Binary::Sub) && of(before, a) == shape {
                    return hand_over(before, a, node);
                }
                with_gradient(before, a, |before, da, _| {
                    let (dy, a) = ((&*dy, shape), (&before[a.0].value[..], of(before, a)));
                    let b = (&before[b.0].value[..], of(before, b));
                    match f {
                        Binary::Add | Binary::Sub => broadcast::backward(dy, a, b, da, |_, _| R::one()),
                        Binary::Mul => broadcast::backward(dy, a, b, da, |_, b| b),
                        Binary::Div => broadcast::backward(dy, a, b, da, |_, b| R::one() / b),
                        Binary::Power => broadcast::backward(dy, a, b, da, |a, b| b * a.powf(b - R::one())),
                    }
                });
            }
            Operation::Unary { f, x } => {
                match f {
                    Unary::Activation(f) => self.backend.activate_backward(f, y, dy),
                    Unary::Linear { scale, .. } => dy.iter_mut().for_each(|dy| *dy *= R::of(scale)),
                    // The sigmoid of x is 1 − e^−y
                    Unary::Softplus => dy.iter_mut().zip(y).for_each(|(dy, &y)| *dy *= -(-y).exp_m1()),
                    Unary::Sqrt => dy.iter_mut().zip(y).for_each(|(dy, &y)| *dy /= y + y),
                }
                hand_over(before, x, node);
            }
            Operation::Softmax { x } => {
                self.backend.softmax_backward(y, dy, shape[2]);
                hand_over(before, x, node);
            }
            Operation::Sum { x, axis } => with_gradient(before, x, |_, dx, shape| {
                let [n, inner] = along(shape, axis);
                for (dx, dy) in dx.sums().chunks_exact_mut(n * inner).zip(dy.chunks_exact(inner)) {
                    match *dy {
                        [dy] => dx.iter_mut().for_each(|dx| *dx += dy),
                        _ => dx.chunks_exact_mut(inner).for_each(|dx| add(dx, dy)),
                    }
                }
            }),
            Operation::Slice { x, axis, first } => with_gradient(before, x, |_, dx, whole| {
                let ([n, inner], [all, _]) = (along(shape, axis), along(whole, axis));
                for (dx, dy) in dx.sums().chunks_exact_mut(all * inner).zip(dy.chunks_exact(n * inner)) {
                    add(&mut dx[first * inner..], dy);
                }
            }),
            Operation::Concat { ref parts, axis } => {
                let ([all, inner], mut first) = (along(shape, axis), 0);
                for &part in &self.parts[parts.clone()] {
                    let len = before[part.0].shape[axis] * inner;
                    with_gradient(before, part, |_, dx, _| {
                        let pairs = dx.sums().chunks_exact_mut(len).zip(dy.chunks_exact(all * inner));
                        pairs.for_each(|(dx, dy)| add(dx, &dy[first..]));
                    });
                    first += len;
                }
            }
            Operation::Reshape { x } => hand_over(before, x, node),
            Operation::Rotate { x, shift } => {
                let (n, offsets) = (shape[2], before[shift.0].shape[2]);
                with_gradient(before, x, |before, dx, _| {
                    let rows = before[shift.0].value.chunks_exact(offsets).zip(dy.chunks_exact(n));
                    for (dx, (shift, dy)) in dx.sums().chunks_exact_mut(n).zip(rows) {
                        turns(n, offsets, |s, j, from| dx[from] += shift[s] * dy[j]);
                    }
                });
                with_gradient(before, shift, |before, dshift, _| {
                    let rows = before[x.0].value.chunks_exact(n).zip(dy.chunks_exact(n));
                    for (dshift, (x, dy)) in dshift.sums().chunks_exact_mut(offsets).zip(rows) {
                        turns(n, offsets, |s, j, from| dshift[s] += dy[j] * x[from]);
                    }
                });
            }
            Operation::LogLikelihood { z, ref labels } => {
                let labels = &self.labels[labels.clone()];
                let (scale, scratch) = (dy[0] / R::of(labelled(labels)), &mut self.scratch);
                with_gradient(before, z, |before, dz, shape| {
                    scratch.clear();
                    scratch.extend(&before[z.0].value);
                    self.backend.softmax(scratch, shape[2]);
                    let rows = dz.sums().chunks_exact_mut(shape[2]).zip(scratch.chunks_exact(shape[2])).zip(labels);
                    for ((dz, a), label) in rows {
                        let Some(label) = *label else { continue };
                        dz.iter_mut().zip(a).for_each(|(dz, &a)| *dz += scale * a);
                        dz[label] -= scale;
                    }
                });
            }
        }
    }

    /// The backend adds to dw and db; dx it writes, which is as good as adding where nothing has come yet.
    fn affine_backward(&mut self, before: &mut [Node<R>], x: Var, w: Var, b: Option<Var>, node: &mut Node<R>) {
        let op = Affine { inputs: before[w.0].shape[1], outputs: node.shape[2] };
        // A value may be there twice; then its gradient must not be in two places at once
        let (wanted, first) = (before[x.0].wanted, !before[x.0].reached && x != w && Some(x) != b);
        let mut dx = std::mem::take(if first { &mut before[x.0].gradient } else { &mut self.scratch });
        dx.resize(before[x.0].value.len(), R::zero());
        let [zeros, dropped] = &mut self.no_bias;
        dropped.resize(zeros.len(), R::zero());
        let mut dw = before[w.0].take_gradient();
        let mut db = b.map(|b| before[b.0].take_gradient());
        let value = |x: Var| &before[x.0].value[..];
        let (w_value, b_value) = (value(w), b.map_or(&zeros[..op.outputs], value));
        let b_gradient = db.as_deref_mut().unwrap_or(&mut dropped[..op.outputs]);
        let p = Trainable {
            w: Parameter::Accumulate { value: w_value, gradient: &mut dw },
            b: Parameter::Accumulate { value: b_value, gradient: b_gradient },
        };
        let (y, dy, to_x) = (&node.value[..], &mut node.gradient[..], wanted.then_some(&mut dx[..]));
        self.backend.affine_backward(&op, At { x: value(x), y, dy, dx: to_x, dead_at_zero: false }, p);
        before[w.0].gradient = dw;
        if let (Some(b), Some(db)) = (b, db) {
            if b == w { add(&mut before[w.0].gradient, &db) } else { before[b.0].gradient = db }
        }
        let x = &mut before[x.0];
        if first {
            (x.reached, x.gradient) = (wanted, dx);
        } else {
            if wanted {
                add(&mut x.gradient, &dx);
            }
            self.scratch = dx;
        }
    }
}

/// y += x, as far as y goes or x does.
fn add<R: Real>(y: &mut [R], x: &[R]) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y += x);
}

/// The length of an axis, and how many numbers lie between neighbours along it.
fn along(shape: Shape, axis: usize) -> [usize; 2] {
    [shape[axis], shape[axis + 1..].iter().product()]
}

/// Rows with a label, at least one.
fn labelled(labels: &[Option<usize>]) -> f64 {
    labels.iter().flatten().count().max(1) as f64
}

/// Calls `f` for each offset s of so many, centred on none, and each of n places j: with the place that lies s before
/// j.
fn turns(n: usize, offsets: usize, mut f: impl FnMut(usize, usize, usize)) {
    for s in 0..offsets {
        for j in 0..n {
            f(s, j, (j + n + offsets / 2 - s) % n);
        }
    }
}
