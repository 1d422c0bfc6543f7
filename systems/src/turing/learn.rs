//! How a machine learns a task, and how it is tested.

use super::machine::{Machine, Size, State};
use super::tasks::{Batch, Form, Task};
use super::{Run, Score};
use crate::kit::{Keeper, rng, round};
use crate::tape::{Tape, Unary, Var, keep};
use network3::ops::{Adaptive, Optimiser};
use network3::{Error, Result, Threads};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Sequences in a mini-batch.
pub const BATCH: usize = 8;
/// Sequences in a check, of each form.
const CHECKED: usize = 100;
/// The learning rate up to three fifths of the way; then it falls evenly to a tenth. Three times as much or as little
/// learns more slowly, and without the fall a machine that copies now and then forgets how, for a hundred steps.
const ETA: f64 = 1e-3;
/// The norm at which gradients are clipped.
const LIMIT: f64 = 1.0;

/// A machine on its tape.
pub struct Net {
    tape: Tape<f32>,
    machine: Machine,
    task: Task,
}

/// What a run has come to, beside its parameters; it is kept with every checkpoint.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Notes {
    bits: Vec<f64>,
    checks: Vec<Vec<f64>>,
    /// The parameters of the best check so far, and after which step that was.
    best: Vec<Vec<f32>>,
    best_step: u64,
}

impl Net {
    pub fn new(task: Task, seed: u64) -> Self {
        let mut tape = Tape::fast(Arc::new(Threads::one()));
        let machine = Machine::new(&mut tape, Net::size(task), &mut rng(seed, 1));
        Net { tape, machine, task }
    }

    /// A controller of 100 neurons as in the paper; of its 128 rows of memory, half.
    pub fn size(task: Task) -> Size {
        Size { inputs: task.inputs(), outputs: task.outputs(), controller: 100, rows: 64, columns: 20 }
    }

    pub fn parameters(&mut self) -> usize {
        self.tape.parameters_mut().map(|(w, _)| w.len()).sum()
    }

    /// Shows a batch to as many machines: their answers before the sigmoid, `[sequences, answers, outputs]`, and the
    /// states after each moment.
    fn answer(&mut self, batch: &Batch) -> (Var, Vec<State>) {
        self.tape.rewind();
        let (tape, inputs) = (&mut self.tape, self.task.inputs());
        let sequences = batch.inputs[0].len() / inputs;
        let mut states = vec![self.machine.begin(tape, sequences)];
        let mut outputs = vec![];
        for x in &batch.inputs {
            let x = tape.constant([sequences, 1, inputs], x);
            let (output, state) = self.machine.step(tape, x, states[states.len() - 1]);
            outputs.push(output);
            states.push(state);
        }
        states.remove(0);
        (tape.concat(&outputs[outputs.len() - batch.answers..], 1), states)
    }

    /// One step of learning; returns the cost of a sequence in bits.
    fn learn(&mut self, batch: &Batch, optimiser: &mut Optimiser<f32>, eta: f64) -> f64 {
        let (z, _) = self.answer(batch);
        let tape = &mut self.tape;
        // −ln of the probability of each bit t, σ(z) or 1 − σ(z), is ln(1 + eᶻ) − t z
        let targets = tape.constant(tape.shape(z), &batch.targets);
        let (softplus, wanted) = (tape.unary(Unary::Softplus, z), tape.mul(targets, z));
        let costs = tape.sub(softplus, wanted);
        let total = tape.total(costs);
        let mean = tape.linear(total, 1.0 / batch.targets.len() as f64, 0.0);
        tape.backward(mean);
        let sequences = batch.inputs[0].len() / self.task.inputs();
        let bits = f64::from(tape.value(total)[0]) / sequences as f64 / std::f64::consts::LN_2;
        tape.step(optimiser, eta, LIMIT);
        bits
    }

    /// Of so many fresh sequences of a form: how many are answered without a wrong bit, and how many bits are wrong.
    pub fn test(&mut self, form: Form, sequences: usize, seed: u64, stream: u64) -> Score {
        let (mut perfect, mut wrong, mut random) = (0, 0, rng(seed, stream));
        let mut left = sequences;
        while left > 0 {
            // So many at once that their memories stay in the cache
            let some = left.min(20);
            let batch = self.task.batch(form, some, &mut random);
            let (z, _) = self.answer(&batch);
            let one = batch.targets.len() / some;
            for (z, targets) in self.tape.value(z).chunks_exact(one).zip(batch.targets.chunks_exact(one)) {
                let bits = z.iter().zip(targets).filter(|&(&z, &t)| (z > 0.0) != (t > 0.5)).count();
                perfect += usize::from(bits == 0);
                wrong += bits;
            }
            left -= some;
        }
        let share = perfect as f64 / sequences as f64;
        Score { form, sequences, perfect: round(share, 4), wrong_bits: round(wrong as f64 / sequences as f64, 3) }
    }

    /// One sequence: what is shown and answered, and where the heads are: each `[moments, …]`.
    pub fn watch(&mut self, form: Form, seed: u64) -> [Vec<f32>; 4] {
        let batch = self.task.batch(form, 1, &mut rng(seed, 3));
        let (z, states) = self.answer(&batch);
        let answers = self.tape.value(z).iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect();
        let heads = |head: fn(&State) -> Var| states.iter().flat_map(|s| self.tape.value(head(s)).to_vec()).collect();
        [batch.inputs.concat(), answers, heads(|s| s.write), heads(|s| s.read)]
    }
}

/// Trains a machine for so many steps, and returns it with the parameters of the best check: every so many steps it is
/// checked on these forms, of which the first counts most. `tell` hears of every check.
pub fn learn(
    (task, seed): (Task, u64),
    (steps, every, checked): (u64, u64, &[Form]),
    keeper: &Keeper,
    mut tell: impl FnMut(u64, f64, &[f64]),
) -> Result<(Net, Run)> {
    let (mut net, mut optimiser) = (Net::new(task, seed), Optimiser::new(Adaptive::ADAM));
    let (mut notes, mut first) = (Notes::default(), 0);
    if let Some(kept) = keeper.earlier()? {
        keep::restore(&kept.tensors, &mut net.tape, &mut optimiser)?;
        (notes, first) = (kept.notes, kept.step);
    }
    let mut bits = 0.0;
    for step in first + 1..=steps {
        let mut random = rng(seed, 16 + step);
        let batch = task.batch(task.draw(&mut random), BATCH, &mut random);
        let left = (steps - step) as f64 / steps as f64;
        bits += net.learn(&batch, &mut optimiser, ETA * (left / 0.4).clamp(0.1, 1.0));
        if step % every == 0 {
            let shares: Vec<f64> = checked.iter().map(|&form| net.test(form, CHECKED, seed, 2).perfect).collect();
            tell(step, bits / every as f64, &shares);
            notes.bits.push(round(bits / every as f64, 2));
            bits = 0.0;
            // The later of equals: it has learned for longer
            if notes.checks.iter().all(|before| *before <= shares) {
                notes.best = net.tape.parameters_mut().map(|(w, _)| w.to_vec()).collect();
                notes.best_step = step;
            }
            notes.checks.push(shares);
            keeper.keep(step, &keep::state(&mut net.tape, &optimiser), &notes)?;
        }
    }
    if notes.best.is_empty() {
        return Err(Error::diverged(format!("seed {seed}: no check has come to a number")));
    }
    for ((w, _), best) in net.tape.parameters_mut().zip(&notes.best) {
        w.copy_from_slice(best);
    }
    let Notes { bits, checks, best_step, .. } = notes;
    Ok((net, Run { seed, steps: best_step, every, bits, checks, scores: vec![] }))
}
