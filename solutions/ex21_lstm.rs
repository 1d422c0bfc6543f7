//! # A cell that remembers
//!
//! In a plain recurrent net everything that is remembered goes through a matrix at every step, and its error on the way
//! back, too: it fades. The units of *long short-term memory* (LSTM) have a state c that goes from step to step without
//! one. Three gates, numbers between 0 and 1, say for each unit what is let in, what is kept, and what is shown. With σ
//! for the sigmoid, ∘ for the product element by element, and h⁻ and c⁻ for h and c of the step before:
//!
//! ```text
//! z = w x + u h⁻ + b      four numbers for each unit, zi, zf, zo and zg
//! i = σ(zi)               the input gate
//! f = σ(zf)               the forget gate: 1 keeps everything
//! o = σ(zo)               the output gate
//! g = tanh(zg)            what there is to be let in
//!
//! c = f ∘ c⁻ + i ∘ g
//! h = o ∘ tanh(c)
//! ```
//!
//! Write a step forward, and the same step backward. The way back from z to w, u, b, x and h⁻ is that of any layer, and
//! not asked for.
//!
//! | array | its indices |
//! | --- | --- |
//! | `x` | inputs |
//! | `h`, `c`, `dh` = ∂C/∂h and `dc` = ∂C/∂c | units |
//! | `w` | 4 · units, inputs: a row for each zi, then those for zf, for zo and for zg |
//! | `u` | 4 · units, units, in the same order |
//! | `b` | 4 · units, in the same order |
//! | `gates` and `dz` = ∂C/∂z | 4, units: rows i, f, o and g |

use ndarray::{Array1, Array2};

/// i, f, o and g, from `x` and the `h` of the step before. No z is too large or too small.
pub fn gates(w: &Array2<f64>, u: &Array2<f64>, b: &Array1<f64>, x: &Array1<f64>, h: &Array1<f64>) -> Array2<f64> {
    let z = w.dot(x) + u.dot(h) + b;
    Array2::from_shape_fn((4, h.len()), |(gate, unit)| {
        let z = z[gate * h.len() + unit];
        if gate == 3 { z.tanh() } else { 1.0 / (1.0 + (-z).exp()) }
    })
}

/// h and c after the step, from the gates and the `c` of the step before.
pub fn step(gates: &Array2<f64>, c: &Array1<f64>) -> (Array1<f64>, Array1<f64>) {
    use ndarray::Zip;
    let [i, f, o, g] = [0, 1, 2, 3].map(|gate| gates.row(gate));
    let c = &f * c + &i * &g;
    (Zip::from(o).and(&c).map_collect(|o, c| o * c.tanh()), c)
}

/// ∂C/∂z, and ∂C/∂c of the step before. `gates` and `c` are what `step` was given.
///
/// `dh` and `dc` are the gradients for h and c *after* the step. `dc` is what the next step asks of c; that c has a
/// part in h as well is not in it.
pub fn backward(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    dh: &Array1<f64>,
    dc: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    let mut dz = Array2::zeros(gates.raw_dim());
    let mut before = Array1::zeros(c.len());
    for unit in 0..c.len() {
        let [i, f, o, g] = [0, 1, 2, 3].map(|gate| gates[[gate, unit]]);
        let shown = (f * c[unit] + i * g).tanh();
        let dc = dc[unit] + dh[unit] * o * (1.0 - shown * shown);
        dz[[0, unit]] = dc * g * i * (1.0 - i);
        dz[[1, unit]] = dc * c[unit] * f * (1.0 - f);
        dz[[2, unit]] = dh[unit] * shown * o * (1.0 - o);
        dz[[3, unit]] = dc * i * (1.0 - g * g);
        before[unit] = dc * f;
    }
    (dz, before)
}
