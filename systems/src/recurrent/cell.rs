//! Recurrent layers on a [tape](crate::tape): a plain one, and long short-term memory.
//!
//! Both carry a state from moment to moment. Of the input they need x W + b only, which does not depend on the state:
//! so it is computed for all moments at once.
//!
//! | | state | step |
//! | --- | --- | --- |
//! | plain | h | h′ = tanh(x W + h U + b) |
//! | LSTM | h, c | i, f, o = σ(…), g = tanh(…) of x W + h U + b; c′ = f·c + i·g, h′ = o·tanh c′ |

use crate::tape::{Tape, Var};
use network3::Real;
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Which kind of recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// h′ = tanh(x W + h U + b)
    Plain,
    /// Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000).
    Lstm,
}

/// The parameters of a layer, on a tape.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// Which kind.
    pub kind: Kind,
    /// How many units.
    pub units: usize,
    /// W: `[inputs, units]`, or four times as wide for an LSTM.
    pub w: Var,
    /// U: `[units, units]`, or four times as wide.
    pub u: Var,
    /// b
    pub b: Var,
}

/// What a layer carries on: h, and for an LSTM c. A plain layer has c = h.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// What it shows.
    pub h: Var,
    /// What it keeps.
    pub c: Var,
}

/// The biases that the gates begin with. An LSTM whose gates let everything in and forget at once learns little; one
/// that keeps what it has, and takes in little, can learn what to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GateBiases {
    /// Of the input gates.
    pub input: f64,
    /// Of the forget gates; large keeps.
    pub forget: f64,
}

impl Layer {
    /// A layer with weights drawn evenly from ±1/√units, and biases of zero but for those of the gates.
    pub fn new<R: Real>(
        tape: &mut Tape<R>,
        (kind, inputs, units): (Kind, usize, usize),
        biases: GateBiases,
        random: &mut Xoshiro256PlusPlus,
    ) -> Self {
        let width = if kind == Kind::Lstm { 4 * units } else { units };
        let [w, u] = [inputs, units].map(|rows| tape.parameter([1, rows, width], uniform(rows * width, units, random)));
        let bias = |j: usize| match (kind, j / units) {
            (Kind::Lstm, 0) => R::of(biases.input),
            (Kind::Lstm, 1) => R::of(biases.forget),
            _ => R::zero(),
        };
        let b = tape.parameter([1, 1, width], (0..width).map(bias).collect());
        Layer { kind, units, w, u, b }
    }

    /// A state of zeros, for so many sequences.
    pub fn begin<R: Real>(&self, tape: &mut Tape<R>, sequences: usize) -> State {
        let zeros = tape.constant([1, sequences, self.units], &vec![R::zero(); sequences * self.units]);
        State { h: zeros, c: zeros }
    }

    /// x W + b for all moments: x is `[time, sequences, inputs]`.
    pub fn inputs<R: Real>(&self, tape: &mut Tape<R>, x: Var) -> Var {
        tape.affine(x, self.w, Some(self.b))
    }

    /// One step, given x W + b of this moment, `[1, sequences, width]`.
    pub fn step<R: Real>(&self, tape: &mut Tape<R>, input: Var, State { h, c }: State) -> State {
        let n = self.units;
        let recurrent = tape.affine(h, self.u, None);
        let z = tape.add(input, recurrent);
        if self.kind == Kind::Plain {
            let h = tape.tanh(z);
            return State { h, c: h };
        }
        let (gates, g) = (tape.slice(z, 2, 0..3 * n), tape.slice(z, 2, 3 * n..4 * n));
        let (gates, g) = (tape.sigmoid(gates), tape.tanh(g));
        let [i, f, o] = [0, 1, 2].map(|k| tape.slice(gates, 2, k * n..(k + 1) * n));
        let (kept, new) = (tape.mul(f, c), tape.mul(i, g));
        let c = tape.add(kept, new);
        let shown = tape.tanh(c);
        State { h: tape.mul(o, shown), c }
    }

    /// Reads symbols, one for each sequence at each moment, and returns the states after each.
    pub fn read<R: Real>(&self, tape: &mut Tape<R>, symbols: &[Vec<usize>], mut state: State) -> Vec<State> {
        let [_, inputs, _] = tape.shape(self.w);
        let one_hot = one_hot(tape, symbols, inputs);
        let all = self.inputs(tape, one_hot);
        let mut step = |t| {
            let input = tape.slice(all, 0, t..t + 1);
            state = self.step(tape, input, state);
            state
        };
        (0..symbols.len()).map(&mut step).collect()
    }
}

/// Symbols as unit vectors: `[time, sequences, symbols]`.
/// Where most inputs are zero, the library's kernels leave the zeros out, so that is no waste.
pub fn one_hot<R: Real>(tape: &mut Tape<R>, symbols: &[Vec<usize>], alphabet: usize) -> Var {
    let sequences = symbols[0].len();
    let mut x = vec![R::zero(); symbols.len() * sequences * alphabet];
    for (x, &symbol) in x.chunks_exact_mut(alphabet).zip(symbols.iter().flatten()) {
        x[symbol] = R::one();
    }
    tape.constant([symbols.len(), sequences, alphabet], &x)
}

/// So many weights between ±1/√units.
pub fn uniform<R: Real>(count: usize, units: usize, random: &mut Xoshiro256PlusPlus) -> Vec<R> {
    let limit = (units as f64).sqrt().recip();
    (0..count).map(|_| R::of(random.random_range(-limit..limit))).collect()
}
