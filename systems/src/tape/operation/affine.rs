//! y = x w + b, which the backend computes as for a fully-connected layer.

use super::{Operation, Rule, Workshop, add};
use crate::tape::{Node, Shape, Tape, Var};
use network3::Real;
use network3::ops::{self, At, Parameter, Trainable, Weights};

#[derive(Clone)]
pub struct Affine {
    x: Var,
    w: Var,
    b: Option<Var>,
}

impl<R: Real> Tape<R> {
    /// y = x w + b for every row of x: `[p, q, inputs]`, w `[1, inputs, outputs]`, b `[1, 1, outputs]`; without b, y =
    /// x w.
    ///
    /// # Panics
    /// When the shapes do not fit together.
    pub fn affine(&mut self, x: Var, w: Var, b: Option<Var>) -> Var {
        let ([p, q, inputs], [one, rows, outputs]) = (self.shape(x), self.shape(w));
        assert_eq!([one, rows], [1, inputs], "rows of w, for inputs {:?}", self.shape(x));
        assert!(b.is_none_or(|b| self.shape(b) == [1, 1, outputs]), "one bias for each of {outputs} outputs");
        self.push(Operation::Affine(Affine { x, w, b }), &[x, w, b.unwrap_or(w)], [p, q, outputs])
    }
}

impl<R: Real> Rule<R> for Affine {
    fn forward(&self, before: &[Node<R>], y: &mut [R], [_, _, outputs]: Shape, workshop: &mut Workshop<R>) {
        let value = |x: Var| &before[x.0].value[..];
        let op = ops::Affine { inputs: before[self.w.0].shape[1], outputs };
        let no_bias = &mut workshop.no_bias[0];
        no_bias.resize(outputs.max(no_bias.len()), R::zero());
        let b = self.b.map_or(&no_bias[..outputs], value);
        workshop.backend.affine_forward(&op, value(self.x), Weights { w: value(self.w), b }, y);
    }

    /// dx = dy wᵀ, dw = xᵀ dy, db = Σ dy. The backend adds to dw and db; dx it writes, which is as good as adding where
    /// nothing has come yet.
    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, workshop: &mut Workshop<R>) {
        let Affine { x, w, b } = *self;
        let op = ops::Affine { inputs: before[w.0].shape[1], outputs: node.shape[2] };
        // A value may be there twice; then its gradient must not be in two places at once
        let (wanted, first) = (before[x.0].wanted, !before[x.0].reached && x != w && Some(x) != b);
        let mut dx = std::mem::take(if first { &mut before[x.0].gradient } else { &mut workshop.scratch });
        dx.resize(before[x.0].value.len(), R::zero());
        let [zeros, dropped] = &mut workshop.no_bias;
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
        workshop.backend.affine_backward(&op, At { x: value(x), y, dy, dx: to_x, dead_at_zero: false }, p);
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
            workshop.scratch = dx;
        }
    }
}
