//! Back-propagation through time, written out: what the tape does by itself, done by hand for one sequence.
//!
//! A recurrent net that reads T symbols is a net of T layers that share their weights. So it is back-propagation (BP1
//! to BP4) from the last layer to the first, and the gradient of a weight is the *sum* over all layers. With δₜ =
//! ∂C/∂zₜ, zₜ = xₜ W + hₜ₋₁ U + b:
//!
//! * ∂C/∂W = Σₜ xₜᵀ δₜ (and as xₜ is a unit vector, row xₜ of it gains δₜ), ∂C/∂U = Σₜ hₜ₋₁ᵀ δₜ, ∂C/∂b = Σₜ δₜ
//! * ∂C/∂hₜ₋₁ = δₜ Uᵀ, the way into the past
//!
//! **Plain**: δₜ = ∂C/∂hₜ · (1 − hₜ²). **LSTM**: with hₜ = o·tanh cₜ and cₜ = f·cₜ₋₁ + i·g, ∂C/∂cₜ is what comes from
//! cₜ₊₁ and ∂C/∂hₜ · o · (1 − tanh² cₜ), together; and
//!
//! * i: ∂C/∂cₜ · g · i(1 − i); f: ∂C/∂cₜ · cₜ₋₁ · f(1 − f); o: ∂C/∂hₜ · tanh cₜ · o(1 − o); g: ∂C/∂cₜ · i · (1 − g²)
//! * ∂C/∂cₜ₋₁ = ∂C/∂cₜ · f: on this way there is no matrix and no derivative of an activation function, only the gate.
//!   Where it is open, the gradient passes as it is.

use super::cell::Kind;
use network3::{Real, ops::softmax};

/// A net: a recurrent layer that reads symbols, and a softmax layer on what it shows at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Net<R> {
    /// W `[symbols, width]`, width being units or four times units
    pub w: Vec<R>,
    /// U `[units, width]`
    pub u: Vec<R>,
    /// b `[width]`
    pub b: Vec<R>,
    /// Of the softmax layer: `[units, classes]`
    pub v: Vec<R>,
    /// Its biases.
    pub a: Vec<R>,
}

impl<R: Real> Net<R> {
    fn zeros_like(&self) -> Self {
        let zeros = |of: &Vec<R>| vec![R::zero(); of.len()];
        Net { w: zeros(&self.w), u: zeros(&self.u), b: zeros(&self.b), v: zeros(&self.v), a: zeros(&self.a) }
    }
}

/// What has to be remembered of a moment: h, c, and the gates i, f, o and g, which a plain layer has not.
struct Moment<R> {
    h: Vec<R>,
    c: Vec<R>,
    gates: Vec<R>,
}

/// The cost −ln a\[class\] of a sequence of symbols, and its gradient.
pub fn gradient<R: Real>(kind: Kind, net: &Net<R>, symbols: &[usize], class: usize) -> (R, Net<R>) {
    let units = net.v.len() / net.a.len();
    let mut moments = vec![Moment { h: vec![R::zero(); units], c: vec![R::zero(); units], gates: vec![] }];
    for &x in symbols {
        moments.push(step(kind, net, x, &moments[moments.len() - 1]));
    }

    // The softmax layer, whose δ is a − y
    let last = &moments[symbols.len()].h;
    let mut probabilities = net.a.clone();
    add_product(&mut probabilities, last, &net.v);
    softmax::forward(&mut probabilities, net.a.len());
    let cost = -probabilities[class].ln();
    let mut gradient = net.zeros_like();
    let mut delta = probabilities;
    delta[class] -= R::one();
    add_outer(&mut gradient.v, last, &delta);
    add(&mut gradient.a, &delta);

    // Back through time
    let mut dh = back(&delta, &net.v, units);
    let mut dc = vec![R::zero(); units];
    for (t, &x) in symbols.iter().enumerate().rev() {
        let (now, before) = (&moments[t + 1], &moments[t]);
        let delta = match kind {
            Kind::Plain => dh.iter().zip(&now.h).map(|(&dh, &h)| dh * (R::one() - h * h)).collect(),
            Kind::Lstm => lstm_delta(now, before, &dh, &mut dc),
        };
        add(&mut gradient.w[x * delta.len()..], &delta);
        add_outer(&mut gradient.u, &before.h, &delta);
        add(&mut gradient.b, &delta);
        dh = back(&delta, &net.u, units);
    }
    (cost, gradient)
}

/// Forward: the next moment.
fn step<R: Real>(kind: Kind, net: &Net<R>, x: usize, before: &Moment<R>) -> Moment<R> {
    let (units, width) = (before.h.len(), net.b.len());
    let mut z = net.b.clone();
    add(&mut z, &net.w[x * width..]);
    add_product(&mut z, &before.h, &net.u);
    if kind == Kind::Plain {
        return Moment { h: z.into_iter().map(R::tanh).collect(), c: vec![], gates: vec![] };
    }
    let sigmoid = |z: R| R::one() / (R::one() + (-z).exp());
    let gates: Vec<R> = z.iter().enumerate().map(|(j, &z)| if j < 3 * units { sigmoid(z) } else { z.tanh() }).collect();
    let gate = |k: usize, j: usize| gates[k * units + j];
    let c: Vec<R> = (0..units).map(|j| gate(1, j) * before.c[j] + gate(0, j) * gate(3, j)).collect();
    let h = (0..units).map(|j| gate(2, j) * c[j].tanh()).collect();
    Moment { h, c, gates }
}

/// δ of i, f, o and g. `dc` is what comes from the next moment's c, and becomes what goes to the one before.
fn lstm_delta<R: Real>(now: &Moment<R>, before: &Moment<R>, dh: &[R], dc: &mut [R]) -> Vec<R> {
    let (units, one) = (dh.len(), R::one());
    let mut delta = vec![R::zero(); 4 * units];
    for j in 0..units {
        let [i, f, o, g] = [0, 1, 2, 3].map(|k| now.gates[k * units + j]);
        let shown = now.c[j].tanh();
        let to_c = dc[j] + dh[j] * o * (one - shown * shown);
        delta[j] = to_c * g * i * (one - i);
        delta[units + j] = to_c * before.c[j] * f * (one - f);
        delta[2 * units + j] = dh[j] * shown * o * (one - o);
        delta[3 * units + j] = to_c * i * (one - g * g);
        dc[j] = to_c * f;
    }
    delta
}

/// y += x
fn add<R: Real>(y: &mut [R], x: &[R]) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y += x);
}

/// y += x M, for a matrix with a row for each x
fn add_product<R: Real>(y: &mut [R], x: &[R], m: &[R]) {
    for (&x, row) in x.iter().zip(m.chunks_exact(y.len())) {
        y.iter_mut().zip(row).for_each(|(y, &m)| *y += x * m);
    }
}

/// M += xᵀ δ
fn add_outer<R: Real>(m: &mut [R], x: &[R], delta: &[R]) {
    for (&x, row) in x.iter().zip(m.chunks_exact_mut(delta.len())) {
        row.iter_mut().zip(delta).for_each(|(m, &d)| *m += x * d);
    }
}

/// δ Mᵀ
fn back<R: Real>(delta: &[R], m: &[R], rows: usize) -> Vec<R> {
    m.chunks_exact(delta.len()).take(rows).map(|row| row.iter().zip(delta).map(|(&m, &d)| m * d).sum()).collect()
}
