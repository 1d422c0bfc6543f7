//! The neural Turing machine: a network beside a memory that it writes to and reads from, everywhere at once but here
//! more than there, so that all of it has a gradient.
//!
//! M is the memory, N rows of a few numbers; a head has a weight wₙ for each row, positive, with the sum 1. One moment,
//! in the order in which it happens (Graves, Wayne and Danihelka 2014, section 3):
//!
//! 1. The controller sees the input and what was read last, and says what the heads are to do.
//! 2. The write head finds its weights, erases and adds: M ← M ∘ (1 − wᵀe) + wᵀa (equations 3 and 4).
//! 3. The read head finds its weights, in the memory as it is now, and reads r = w M (equation 2).
//! 4. The output is computed from the controller and from r.

use crate::recurrent::cell::uniform;
use crate::tape::{Tape, Unary, Var};
use network3::Real;
use rand_xoshiro::Xoshiro256PlusPlus;

/// How large a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Numbers that it sees at a moment.
    pub inputs: usize,
    /// Numbers that it answers with.
    pub outputs: usize,
    /// Neurons of the controller.
    pub controller: usize,
    /// N, rows of the memory.
    pub rows: usize,
    /// Numbers in a row.
    pub columns: usize,
}

/// What the memory is filled with at the beginning: little, and not zero, so that blank rows have an angle to a key,
/// and a blank row that is read differs from a vector of zeros. With 10⁻⁶ one machine of three learned to copy, in a
/// trial.
const BLANK: f64 = 0.1;
/// Added to squared lengths before the root: with much less, keys that are close to zero have an angle that is noise,
/// which steps follow.
const LENGTH: f64 = 1e-4;
/// How far a head can be shifted in one moment: by −1, 0 or 1.
const OFFSETS: usize = 3;

/// A machine's parameters, on a tape.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    size: Size,
    /// Weights and biases: from input and reading to the controller, to the heads, to the output.
    controller: [Var; 2],
    heads: [Var; 2],
    output: [Var; 2],
}

/// What a machine carries on from moment to moment.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// `[machines, rows, columns]`
    pub memory: Var,
    /// Where the write head is: `[machines, 1, rows]`
    pub write: Var,
    /// Where the read head is.
    pub read: Var,
    /// What it has read: `[machines, 1, columns]`
    pub reading: Var,
}

/// What the controller says to a head: see [`address`].
struct Wish {
    key: Var,
    strength: Var,
    gate: Var,
    shift: Var,
    sharpness: Var,
}

impl Machine {
    /// A machine with weights drawn evenly from ±1/√inputs of each layer, on this tape.
    pub fn new<R: Real>(tape: &mut Tape<R>, size: Size, random: &mut Xoshiro256PlusPlus) -> Self {
        let mut layer = |inputs: usize, outputs: usize| {
            let w = tape.parameter([1, inputs, outputs], uniform(inputs * outputs, inputs, random));
            [w, tape.parameter([1, 1, outputs], uniform(outputs, inputs, random))]
        };
        let addresses = 2 * (size.columns + 3 + OFFSETS);
        Machine {
            size,
            controller: layer(size.inputs + size.columns, size.controller),
            heads: layer(size.controller, addresses + 2 * size.columns),
            output: layer(size.controller + size.columns, size.outputs),
        }
    }

    /// So many machines with blank memories, their heads on the first row.
    pub fn begin<R: Real>(&self, tape: &mut Tape<R>, machines: usize) -> State {
        let Size { rows, columns, .. } = self.size;
        let memory = tape.constant([machines, rows, columns], &vec![R::of(BLANK); machines * rows * columns]);
        let first: Vec<R> = (0..machines * rows).map(|k| if k % rows == 0 { R::one() } else { R::zero() }).collect();
        let head = tape.constant([machines, 1, rows], &first);
        let reading = tape.constant([machines, 1, columns], &vec![R::zero(); machines * columns]);
        State { memory, write: head, read: head, reading }
    }

    /// One moment: the output, before its sigmoid, and the state after. x is `[machines, 1, inputs]`.
    pub fn step<R: Real>(&self, tape: &mut Tape<R>, x: Var, state: State) -> (Var, State) {
        let columns = self.size.columns;

        // The controller
        let seen = tape.concat(&[x, state.reading], 2);
        let z = tape.affine(seen, self.controller[0], Some(self.controller[1]));
        let hidden = tape.tanh(z);
        let wishes = tape.affine(hidden, self.heads[0], Some(self.heads[1]));
        let mut first = 0;
        let mut take = |tape: &mut Tape<R>, count: usize| {
            first += count;
            tape.slice(wishes, 2, first - count..first)
        };
        let wishes = [(); 2].map(|()| Wish::new(tape, columns, &mut take));
        let (erase, add) = (take(tape, columns), take(tape, columns));

        // Write
        let write = address(tape, &wishes[0], state.memory, state.write);
        let (erase, add) = (tape.sigmoid(erase), tape.tanh(add));
        let [machines, rows] = [tape.shape(write)[0], self.size.rows];
        let column = tape.reshape(write, [machines, rows, 1]);
        let (erased, added) = (tape.mul(column, erase), tape.mul(column, add));
        let kept = tape.linear(erased, -1.0, 1.0);
        let kept = tape.mul(state.memory, kept);
        let memory = tape.add(kept, added);

        // Read
        let read = address(tape, &wishes[1], memory, state.read);
        let reading = tape.product(read, memory);

        // Answer
        let known = tape.concat(&[hidden, reading], 2);
        let output = tape.affine(known, self.output[0], Some(self.output[1]));
        (output, State { memory, write, read, reading })
    }
}

impl Wish {
    /// Each in the range that it must have: the strength above 0, the gate between 0 and 1, the weights of the shifts
    /// with the sum 1, the sharpness above 1.
    fn new<R: Real>(tape: &mut Tape<R>, columns: usize, take: &mut impl FnMut(&mut Tape<R>, usize) -> Var) -> Self {
        let [key, strength, gate, shift, sharpness] = [columns, 1, 1, OFFSETS, 1].map(|count| take(tape, count));
        let sharpness = tape.unary(Unary::Softplus, sharpness);
        Wish {
            key: tape.tanh(key),
            strength: tape.unary(Unary::Softplus, strength),
            gate: tape.sigmoid(gate),
            shift: tape.softmax(shift),
            sharpness: tape.linear(sharpness, 1.0, 1.0),
        }
    }
}

/// The weights of a head, from where it was (section 3.3):
///
/// * by content: softmax over rows of β · cos(key, row), with the strength β (equations 5 and 6)
/// * or where it was: g · content + (1 − g) · before (equation 7)
/// * moved by −1, 0 or 1, in a circle (equation 8)
/// * and sharpened: wₙ^γ / Σ w^γ (equation 9)
fn address<R: Real>(tape: &mut Tape<R>, wish: &Wish, memory: Var, before: Var) -> Var {
    // By content
    let alike = tape.product_transposed(wish.key, memory);
    let (key, rows) = (length(tape, wish.key), length(tape, memory));
    let [machines, n, _] = tape.shape(rows);
    let rows = tape.reshape(rows, [machines, 1, n]);
    let lengths = tape.mul(rows, key);
    let cosine = tape.div(alike, lengths);
    let z = tape.mul(cosine, wish.strength);
    let content = tape.softmax(z);

    // Or where it was: before + g · (content − before)
    let change = tape.sub(content, before);
    let change = tape.mul(change, wish.gate);
    let here = tape.add(before, change);

    // Moved and sharpened
    let moved = tape.rotate(here, wish.shift);
    let sharp = tape.power(moved, wish.sharpness);
    let sum = tape.sum(sharp, 2);
    tape.div(sharp, sum)
}

/// √(|m|² + ε) of each row.
fn length<R: Real>(tape: &mut Tape<R>, m: Var) -> Var {
    let squares = tape.mul(m, m);
    let sum = tape.sum(squares, 2);
    let sum = tape.linear(sum, 1.0, LENGTH);
    tape.unary(Unary::Sqrt, sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::rng;
    use ndarray::ArrayD;
    use network3::gradcheck::check;

    const SIZE: Size = Size { inputs: 3, outputs: 2, controller: 4, rows: 5, columns: 3 };

    /// Two machines for three moments; Σ softplus of their outputs.
    fn run(values: Option<&[ArrayD<f64>]>) -> (f64, Vec<ArrayD<f64>>, Vec<ArrayD<f64>>) {
        let mut tape = Tape::<f64>::reference();
        let machine = Machine::new(&mut tape, SIZE, &mut rng(3, 0));
        for ((to, _), from) in tape.parameters_mut().zip(values.unwrap_or_default()) {
            to.copy_from_slice(from.as_slice().unwrap());
        }
        let mut state = machine.begin(&mut tape, 2);
        let mut outputs = vec![];
        for t in 0..3 {
            let x: Vec<f64> = (0..6).map(|k| (1.3 * k as f64 + t as f64).sin()).collect();
            let x = tape.constant([2, 1, 3], &x);
            let (output, next) = machine.step(&mut tape, x, state);
            outputs.push(output);
            state = next;
        }
        let all = tape.concat(&outputs, 1);
        let all = tape.unary(Unary::Softplus, all);
        let cost = tape.total(all);
        tape.backward(cost);
        let cost = tape.value(cost)[0];
        let array = |x: &[f64]| ArrayD::from_shape_vec(vec![x.len()], x.to_vec()).unwrap();
        let (w, dw) = tape.parameters_mut().map(|(w, dw)| (array(w), array(dw))).unzip();
        (cost, w, dw)
    }

    #[test]
    fn the_gradient_of_three_moments_is_right() {
        let (_, values, gradients) = run(None);
        let names = ["controller.w", "controller.b", "heads.w", "heads.b", "output.w", "output.b"];
        let named: Vec<_> = names.into_iter().zip(values).collect();
        let report = check(&named, &gradients, |values| run(Some(values)).0).unwrap();
        assert!(report.passes(1e-5), "{report}");
    }

    #[test]
    fn heads_have_weights_of_sum_one_and_a_shift_moves_them() {
        let mut tape = Tape::<f64>::reference();
        let memory: Vec<f64> = (0..15).map(|k| (k as f64).cos()).collect();
        let memory = tape.constant([1, 5, 3], &memory);
        let before = tape.constant([1, 1, 5], &[0.0, 1.0, 0.0, 0.0, 0.0]);
        let key = tape.constant([1, 1, 3], &[9f64.cos(), 10f64.cos(), 11f64.cos()]);
        let one = |tape: &mut Tape<f64>, x: f64| tape.constant([1, 1, 1], &[x]);
        let (strength, sharpness) = (one(&mut tape, 60.0), one(&mut tape, 3.0));
        for (gate, shift, place) in [(0.0, [0.0, 0.0, 1.0], 2), (0.0, [1.0, 0.0, 0.0], 0), (1.0, [0.0, 1.0, 0.0], 3)] {
            let (gate, shift) = (one(&mut tape, gate), tape.constant([1, 1, 3], &shift));
            let w = address(&mut tape, &Wish { key, strength, gate, shift, sharpness }, memory, before);
            let w = tape.value(w);
            assert!((w.iter().sum::<f64>() - 1.0).abs() < 1e-12 && w[place] > 0.99, "{w:?}, expected at {place}");
        }
    }
}
