//! # Backpropagation through time
//!
//! A recurrent net reads a sequence step by step, and what its units said at one step goes back into them at the next.
//! So it has a memory. At each step t, counted from 0:
//!
//! ```text
//! z[t] = w x[t] + u h[t − 1] + b      h[t] = tanh(z[t])      h[−1] = h0, the initial state
//! ```
//!
//! w, u and b are the same at all steps. Unfold it in time, and it is a feedforward network with a layer for each step:
//! all layers share their weights, each gets an input of its own, and each may have a say in the cost. What you know
//! about backpropagation is all that it takes.
//!
//! The cost C is any function of all `h[t]`. What you get of it is `dh`, whose row t is how C depends on `h[t]`
//! *itself*, leaving aside that `h[t]` has a part in all that comes later. The error of a step is `δ[t] = ∂C/∂z[t]`,
//! and it has both in it.
//!
//! | array | its indices |
//! | --- | --- |
//! | `x` | steps, inputs |
//! | `h`, `dh` and `delta`, the errors δ | steps, units |
//! | `w` | units, inputs |
//! | `u` | units, units: `u[[j, k]]` goes from unit k to unit j |
//! | `b` and `h0` | units |
//!
//! There is at least one step.

use ndarray::{Array1, Array2};

/// `h`, all of it.
pub fn forward(w: &Array2<f64>, u: &Array2<f64>, b: &Array1<f64>, x: &Array2<f64>, h0: &Array1<f64>) -> Array2<f64> {
    let mut h = Array2::zeros((x.nrows(), b.len()));
    let mut state = h0.clone();
    for (x, mut h) in x.rows().into_iter().zip(h.rows_mut()) {
        state = (w.dot(&x) + u.dot(&state) + b).mapv(f64::tanh);
        h.assign(&state);
    }
    h
}

/// The errors δ of all steps.
pub fn errors(u: &Array2<f64>, h: &Array2<f64>, dh: &Array2<f64>) -> Array2<f64> {
    let mut delta = Array2::zeros(h.raw_dim());
    // What comes back from the step after this one.
    let mut later = Array1::zeros(h.ncols());
    for t in (0..h.nrows()).rev() {
        let error = (&dh.row(t) + &later) * h.row(t).mapv(|h| 1.0 - h * h);
        later = u.t().dot(&error);
        delta.row_mut(t).assign(&error);
    }
    delta
}

/// ∂C/∂w, ∂C/∂u, ∂C/∂b and ∂C/∂h0, from the errors of all steps.
pub fn gradients(
    u: &Array2<f64>,
    x: &Array2<f64>,
    h0: &Array1<f64>,
    h: &Array2<f64>,
    delta: &Array2<f64>,
) -> (Array2<f64>, Array2<f64>, Array1<f64>, Array1<f64>) {
    use ndarray::{Axis, s};
    // h[t − 1] in row t.
    let mut before = Array2::zeros(h.raw_dim());
    before.row_mut(0).assign(h0);
    before.slice_mut(s![1.., ..]).assign(&h.slice(s![..-1, ..]));
    (delta.t().dot(x), delta.t().dot(&before), delta.sum_axis(Axis(0)), u.t().dot(&delta.row(0)))
}
