//! The definition: one operation after the other.

use super::ConvPool;
use crate::Real;
use crate::ops::{At, Backend, Notes, Trainable, Weights};

/// What the definition notes on the way forward.
#[derive(Default)]
struct Composed<R> {
    /// x ⋆ w
    convolved: Vec<R>,
    /// pool(x ⋆ w)
    pooled: Vec<R>,
    /// The notes of pooling.
    pool: Notes,
}

/// y = f(pool(x ⋆ w) + b)
pub fn forward<R: Real>(
    backend: &mut (impl Backend<R> + ?Sized),
    op: &ConvPool,
    x: &[R],
    p: Weights<R>,
    y: &mut [R],
    notes: &mut Notes,
) {
    let Composed { convolved, pooled, pool } = notes.of();
    convolved.resize(x.len() / op.conv.input_len() * op.conv.output_len(), R::zero());
    pooled.resize(y.len(), R::zero());
    backend.conv_forward(&op.conv, x, p.w, convolved);
    backend.pool_forward(&op.pool, convolved, pooled, pool);
    for (y, z) in y.chunks_exact_mut(op.conv.filters).zip(pooled.chunks_exact(op.conv.filters)) {
        y.iter_mut().zip(z).zip(p.b).for_each(|((y, &z), &b)| *y = z + b);
    }
    backend.activate(op.activation, y);
}

/// δ = dy · f′(z), db += Σ δ, then back through pooling and convolution.
///
/// # Panics
/// When the notes are not those of [`forward`].
pub fn backward<R: Real>(
    backend: &mut (impl Backend<R> + ?Sized),
    op: &ConvPool,
    at: At<R>,
    p: Trainable<R>,
    notes: &Notes,
) {
    let At { x, y, dy, dx, dead_at_zero } = at;
    let Composed { convolved, pooled, pool } = notes.read().expect("the forward pass came first");
    backend.activate_backward(op.activation, y, dy);
    p.b.follow_all(dy.chunks_exact(op.conv.filters));
    let mut d_convolved = vec![R::zero(); convolved.len()];
    let at = At { x: convolved, y: pooled, dy, dx: Some(&mut d_convolved), dead_at_zero: false };
    backend.pool_backward(&op.pool, at, pool);
    backend.conv_backward(&op.conv, At { x, y: &[], dy: &mut d_convolved, dx, dead_at_zero }, p.w);
}
