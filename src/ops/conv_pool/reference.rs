//! The definition: one operation after the other.

use super::ConvPool;
use crate::Real;
use crate::ops::{Gradients, Sgd, Voice, Weights, pool, rows_mut};

/// y = f(pool(x ⋆ w) + b)
pub fn forward<R: Real>(voice: &mut (impl Voice<R> + ?Sized), op: &ConvPool, x: &[R], p: Weights<R>, y: &mut [R]) {
    let convolved = convolve(voice, op, x, p.w);
    pool::reference::forward(&op.pool, op.pool.input(&convolved), op.pool.output_mut(y));
    for mut unit in rows_mut(y, op.conv.filters).rows_mut() {
        unit.iter_mut().zip(p.b).for_each(|(z, &b)| *z += b);
    }
    voice.activate(op.activation, y);
}

/// δ = dy · f′(z), db += Σ δ, then back through pooling and convolution.
#[allow(clippy::too_many_arguments)] // the mathematics has them
pub fn backward<R: Real>(
    voice: &mut (impl Voice<R> + ?Sized),
    op: &ConvPool,
    x: &[R],
    p: Weights<R>,
    y: &[R],
    dy: &mut [R],
    g: Gradients<R>,
    dx: Option<&mut [R]>,
) {
    voice.activate_backward(op.activation, y, dy);
    for unit in dy.chunks_exact(op.conv.filters) {
        g.db.iter_mut().zip(unit).for_each(|(db, &delta)| *db += delta);
    }
    let convolved = convolve(voice, op, x, p.w);
    let mut d_convolved = vec![R::zero(); convolved.len()];
    let (c, dc) = (op.pool.input(&convolved), op.pool.input_mut(&mut d_convolved));
    pool::reference::backward(&op.pool, c, op.pool.output(dy), dc);
    voice.conv_backward(&op.conv, x, p.w, &d_convolved, g.dw, dx);
}

/// The gradients, and then a step down: w ← w − η(dw + decay·w), b ← b − η db.
#[allow(clippy::too_many_arguments)] // the mathematics has them
pub fn step<R: Real>(
    voice: &mut (impl Voice<R> + ?Sized),
    op: &ConvPool,
    x: &[R],
    (w, b): (&mut [R], &mut [R]),
    at: (&[R], &[u32]),
    dy: &mut [R],
    sgd: Sgd<R>,
    dx: Option<&mut [R]>,
) {
    let (mut dw, mut db) = (vec![R::zero(); w.len()], vec![R::zero(); b.len()]);
    voice.conv_pool_backward(op, x, Weights { w, b }, at, dy, Gradients { dw: &mut dw, db: &mut db }, dx);
    sgd.descend((w, &dw), (b, &db));
}

/// x ⋆ w
fn convolve<R: Real>(voice: &mut (impl Voice<R> + ?Sized), op: &ConvPool, x: &[R], w: &[R]) -> Vec<R> {
    let mut y = vec![R::zero(); x.len() / op.conv.input_len() * op.conv.output_len()];
    voice.conv_forward(&op.conv, x, w, &mut y);
    y
}
