//! The net that executes: an LSTM reads a program character by character, and then writes the answer.
//!
//! It reads *backwards*: so the units of both numbers, where an addition begins, come last and are fresh. While it
//! learns, each character of the answer is predicted from the right ones before it; when it is asked, from what it has
//! written itself, always the likeliest. (Sutskever, Vinyals and Le 2014; Zaremba and Sutskever 2014.)

use crate::recurrent::cell::{GateBiases, Kind, Layer, State, uniform};
use crate::tape::{Tape, Var};
use ndarray::ArrayView1;
use network3::ops::softmax;
use network3::{Error, Real, Result};
use rand_xoshiro::Xoshiro256PlusPlus;

/// All characters that there are, in the order of their numbers. A space fills up short programs and says that the
/// program is over; a dot ends the answer.
pub const ALPHABET: &str = " .0123456789+-*()=a\n";
const SPACE: usize = 0;
const DOT: usize = 1;
/// The weights of a character lie between ± this: of deviation 0.29, as a dense code of 32 normal numbers would give by
/// weights of ±1/√128.
const SYMBOL: f64 = 0.5;

/// An LSTM with a softmax layer over characters, and their tape.
pub struct Net<R> {
    /// Where its parameters are.
    pub tape: Tape<R>,
    layer: Layer,
    v: Var,
    a: Var,
    /// Characters that are read, and that may be written without the dot.
    widths: (usize, usize),
}

/// A character that the net has written, and how sure it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Written {
    /// Which.
    pub character: char,
    /// What the softmax layer gave it.
    pub probability: f64,
}

impl<R: Real> Net<R> {
    /// A net of so many units for programs and answers of these widths.
    pub fn new(mut tape: Tape<R>, units: usize, widths: (usize, usize), random: &mut Xoshiro256PlusPlus) -> Self {
        let biases = GateBiases { input: 0.0, forget: 1.0 };
        let layer = Layer::new(&mut tape, (Kind::Lstm, ALPHABET.len(), units), biases, random);
        // Of a unit vector's numbers only one is not zero: its weights have to be as large as a sum of many would be.
        let scale = R::of(SYMBOL * (units as f64).sqrt());
        tape.parameters_mut().take(1).for_each(|(w, _)| w.iter_mut().for_each(|w| *w *= scale));
        let v = tape.parameter([1, units, ALPHABET.len()], uniform(units * ALPHABET.len(), units, random));
        let a = tape.parameter([1, 1, ALPHABET.len()], vec![R::zero(); ALPHABET.len()]);
        Net { tape, layer, v, a, widths }
    }

    /// The mean cost of the answers' characters, once its gradient has been found.
    pub fn cost_and_gradient(&mut self, programs: &[String], answers: &[String]) -> f64 {
        let state = self.read(programs);
        let steps = self.widths.1 + 1;
        let mut labels = vec![vec![None; programs.len()]; steps];
        let mut before = vec![vec![SPACE; programs.len()]; steps];
        for (k, answer) in answers.iter().enumerate() {
            for (t, symbol) in answer.bytes().chain([b'.']).map(number_of).enumerate() {
                labels[t][k] = Some(symbol.expect("answers are digits and signs"));
                if t + 1 < steps {
                    before[t + 1][k] = labels[t][k].unwrap_or(SPACE);
                }
            }
        }
        let states = self.layer.read(&mut self.tape, &before, state);
        let shown: Vec<Var> = states.iter().map(|state| state.h).collect();
        let shown = self.tape.concat(&shown, 0);
        let z = self.tape.affine(shown, self.v, Some(self.a));
        let cost = self.tape.log_likelihood(z, &labels.concat());
        self.tape.backward(cost);
        self.tape.value(cost)[0].f64()
    }

    /// Reads programs, each backwards, to a state.
    fn read(&mut self, programs: &[String]) -> State {
        let width = self.widths.0;
        let mut symbols = vec![vec![SPACE; programs.len()]; width];
        for (k, program) in programs.iter().enumerate() {
            // Short programs have their spaces first, so that every program ends when the answer begins
            for (t, symbol) in program.bytes().map(number_of).enumerate() {
                symbols[width - 1 - t][k] = symbol.expect("programs were checked");
            }
        }
        self.tape.rewind();
        let begin = self.layer.begin(&mut self.tape, programs.len());
        *self.layer.read(&mut self.tape, &symbols, begin).last().expect("a width")
    }

    /// What the net writes for each program, up to the dot.
    ///
    /// # Errors
    /// When a program is too long, or has a character that the net does not know.
    pub fn answer(&mut self, programs: &[String]) -> Result<Vec<Vec<Written>>> {
        programs.iter().try_for_each(|program| self.check(program))?;
        let mut state = self.read(programs);
        let mut answers = vec![vec![]; programs.len()];
        let mut before = vec![SPACE; programs.len()];
        for _ in 0..=self.widths.1 {
            state = self.layer.read(&mut self.tape, &[before.clone()], state)[0];
            let z = self.tape.affine(state.h, self.v, Some(self.a));
            let probabilities = self.tape.softmax(z);
            let rows = self.tape.value(probabilities).chunks_exact(ALPHABET.len());
            for ((row, before), answer) in rows.zip(&mut before).zip(&mut answers) {
                *before = softmax::argmax(ArrayView1::from(row));
                let character = char::from(ALPHABET.as_bytes()[*before]);
                answer.push(Written { character, probability: row[*before].f64() });
            }
        }
        for answer in &mut answers {
            let end = answer.iter().position(|written| written.character == '.').unwrap_or(answer.len());
            answer.truncate(end);
        }
        Ok(answers)
    }

    fn check(&self, program: &str) -> Result<()> {
        if program.is_empty() || program.len() > self.widths.0 {
            return Err(Error::input(format!("the net reads 1 to {} characters", self.widths.0)));
        }
        match program.bytes().find(|&c| number_of(c).is_none_or(|symbol| symbol <= DOT)) {
            Some(c) => Err(Error::input(format!("the net has never seen {:?}", char::from(c)))),
            None => Ok(()),
        }
    }
}

/// What was written, as text.
pub fn text(written: &[Written]) -> String {
    written.iter().map(|written| written.character).collect()
}

/// The number of a character.
fn number_of(character: u8) -> Option<usize> {
    ALPHABET.bytes().position(|c| c == character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::rng;
    use network3::Threads;
    use network3::ops::{Adaptive, Optimiser};
    use std::sync::Arc;

    #[test]
    fn a_net_learns_a_few_programs_by_heart() {
        let mut net = Net::new(Tape::fast(Arc::new(Threads::one())), 24, (5, 3), &mut rng(1, 0));
        let programs = ["1+2", "20-5", "7*8", "90+9", "3-5"].map(String::from);
        let answers = programs.each_ref().map(|p| crate::execute::program::interpret(p).unwrap().to_string());
        let mut adam = Optimiser::new(Adaptive::ADAM);
        for _ in 0..150 {
            net.cost_and_gradient(&programs, &answers);
            net.tape.step(&mut adam, 0.02, 1.0);
        }
        let written: Vec<String> = net.answer(&programs).unwrap().iter().map(|w| text(w)).collect();
        assert_eq!(written, answers);
        for wrong in ["", "123+456", "x+1", "1.5"] {
            assert!(net.answer(&[wrong.to_string()]).is_err(), "{wrong:?}");
        }
    }
}
