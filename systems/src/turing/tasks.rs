//! What the machine learns: to copy, and to copy several times.
//!
//! A sequence of random bit vectors is shown, one at a moment, and then, on a channel of its own, a mark. From then on
//! the machine sees nothing more and must say the sequence again. In *repeat copy* the mark is a number: how often; and
//! after the last time the machine has to raise a flag. (Graves, Wayne and Danihelka 2014, sections 4.1 and 4.2.)

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

/// Bits of a vector, as in the paper.
pub const BITS: usize = 8;

/// Which task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// The sequence once.
    Copy,
    /// The sequence as often as the mark says, and then a flag.
    Repeat,
}

/// How long the sequences of a batch are, and how often they are to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Vectors.
    pub length: usize,
    /// How often they are to be said.
    pub times: usize,
}

/// Sequences of one form, side by side.
pub struct Batch {
    /// What each machine sees at each moment: `[moments][sequences, inputs]`.
    pub inputs: Vec<Vec<f32>>,
    /// What is wanted at the last moments: `[sequences, answers, outputs]`.
    pub targets: Vec<f32>,
    /// How many moments that are.
    pub answers: usize,
}

impl Task {
    /// Bits and the mark.
    pub fn inputs(self) -> usize {
        BITS + 1
    }

    /// Bits, and the flag where there is one.
    pub fn outputs(self) -> usize {
        match self {
            Task::Copy => BITS,
            Task::Repeat => BITS + 1,
        }
    }

    /// A form to train with: up to 20 vectors to be said once, as in the paper, or up to 5 up to five times (in the
    /// paper up to 10, and ten times).
    pub fn draw(self, random: &mut Xoshiro256PlusPlus) -> Form {
        match self {
            Task::Copy => Form { length: random.random_range(1..=20), times: 1 },
            Task::Repeat => Form { length: random.random_range(1..=5), times: random.random_range(1..=5) },
        }
    }

    /// The mark: 1, or the number with the mean 0 and the standard deviation 1 over what is trained with.
    fn mark(self, times: usize) -> f32 {
        match self {
            Task::Copy => 1.0,
            // Of 1 to 5: mean 3, variance (5² − 1)/12
            Task::Repeat => ((times as f64 - 3.0) / 2f64.sqrt()) as f32,
        }
    }

    /// So many sequences of that form.
    pub fn batch(self, Form { length, times }: Form, sequences: usize, random: &mut Xoshiro256PlusPlus) -> Batch {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let answers = length * times + (outputs - BITS);
        let mut batch = Batch {
            inputs: vec![vec![0.0; sequences * inputs]; length + 1 + answers],
            targets: vec![0.0; sequences * answers * outputs],
            answers,
        };
        for (k, targets) in batch.targets.chunks_exact_mut(answers * outputs).enumerate() {
            for t in 0..length {
                for bit in 0..BITS {
                    let on = f32::from(u8::from(random.random_bool(0.5)));
                    batch.inputs[t][k * inputs + bit] = on;
                    (0..times).for_each(|again| targets[(again * length + t) * outputs + bit] = on);
                }
            }
            batch.inputs[length][k * inputs + BITS] = self.mark(times);
            if outputs > BITS {
                targets[answers * outputs - 1] = 1.0;
            }
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::rng;

    #[test]
    fn what_is_wanted_is_what_was_shown() {
        let form = Form { length: 3, times: 2 };
        let batch = Task::Repeat.batch(form, 2, &mut rng(1, 0));
        assert_eq!((batch.inputs.len(), batch.answers), (3 + 1 + 7, 7));
        for k in 0..2 {
            for t in 0..6 {
                let shown = &batch.inputs[t % 3][k * 9..][..8];
                assert_eq!(&batch.targets[(k * 7 + t) * 9..][..8], shown);
            }
            assert_eq!(batch.targets[(k * 7 + 6) * 9..][..9], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
            assert!(batch.inputs[4..].iter().flatten().all(|&x| x == 0.0));
        }
    }
}
