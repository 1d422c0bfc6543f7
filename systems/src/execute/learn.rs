//! How the net learns to execute: in which order the programs come.

use super::Run;
use super::net::{Net, text};
use super::program::{Family, interpret};
use crate::kit::{Keeper, rng, round};
use crate::tape::{Tape, keep};
use network3::ops::{Adaptive, Optimiser};
use network3::{Error, Result, Threads};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Programs in a mini-batch.
pub const BATCH: usize = 64;
/// Units of the LSTM.
pub const UNITS: usize = 128;
/// Steps between checks.
const EVERY: u64 = 100;
/// Held-out programs in a check.
const CHECKED: usize = 250;
/// Held-out programs in the last test.
pub const TESTS: usize = 1_000;
/// The learning rate, up to three fifths of the way; then it falls evenly to zero.
const ETA: f64 = 4e-3;
/// The norm at which gradients are clipped.
const LIMIT: f64 = 1.0;
/// So many programs of a level rightly executed, and the next begins.
const MASTERED: f64 = 0.9;

/// Which programs come when. A level is a number of digits; the last is what is to be mastered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Curriculum {
    /// The last level from the beginning.
    None,
    /// One level after the other: the next begins when one is mastered, or has had its share of the time.
    Naive,
    /// A level drawn for each program.
    Mixed,
    /// One half of the programs as in naive, the other as in mixed.
    Combined,
}

/// What is learned, and how.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Course {
    pub family: Family,
    pub curriculum: Curriculum,
    /// Mini-batches.
    pub steps: u64,
}

/// What has happened so far; it is kept with every checkpoint.
#[derive(Clone, Serialize, Deserialize)]
struct Notes {
    level: usize,
    /// The step with which the level began.
    since: u64,
    curve: Vec<f64>,
    costs: Vec<f64>,
}

impl Course {
    /// The digits of the next program, at a level of the naive curriculum.
    fn digits(&self, level: usize, random: &mut Xoshiro256PlusPlus) -> usize {
        let mixed = |random: &mut Xoshiro256PlusPlus| random.random_range(1..=self.family.digits());
        match self.curriculum {
            Curriculum::None => self.family.digits(),
            Curriculum::Naive => level,
            Curriculum::Mixed => mixed(random),
            Curriculum::Combined if random.random_bool(0.5) => level,
            Curriculum::Combined => mixed(random),
        }
    }

    fn eta(&self, step: u64) -> f64 {
        let left = (self.steps - step) as f64 / self.steps as f64;
        ETA * (left / 0.4).min(1.0)
    }

    /// The share of held-out programs of a level that are executed without a wrong character.
    fn test(&self, net: &mut Net<f32>, digits: usize, programs: usize, random: &mut Xoshiro256PlusPlus) -> Result<f64> {
        let programs: Vec<String> = (0..programs).map(|_| self.family.draw_from(true, digits, random)).collect();
        let mut right = 0;
        for programs in programs.chunks(CHECKED) {
            for (program, written) in programs.iter().zip(net.answer(programs)?) {
                right += usize::from(text(&written) == interpret(program)?.to_string());
            }
        }
        Ok(right as f64 / programs.len() as f64)
    }

    /// Trains a net. `tell` hears of every check.
    pub fn learn(&self, seed: u64, keeper: &Keeper, mut tell: impl FnMut(u64, f64, f64)) -> Result<(Net<f32>, Run)> {
        let tape = Tape::fast(Arc::new(Threads::one()));
        let mut net = Net::new(tape, UNITS, self.family.widths(), &mut rng(seed, 1));
        let mut adam = Optimiser::new(Adaptive::ADAM);
        let (mut notes, mut done) = (Notes { level: 1, since: 0, curve: vec![], costs: vec![] }, 0);
        if let Some(kept) = keeper.earlier()? {
            keep::restore(&kept.tensors, &mut net.tape, &mut adam)?;
            (notes, done) = (kept.notes, kept.step);
        }
        let (levels, mut costs) = (self.family.digits(), 0.0);
        for step in done..self.steps {
            let mut random = rng(seed, 16 + step);
            let draw = |_| {
                let digits = self.digits(notes.level, &mut random);
                self.family.draw_from(false, digits, &mut random)
            };
            let programs: Vec<String> = (0..BATCH).map(draw).collect();
            let answers = programs.iter().map(|program| Ok(interpret(program)?.to_string()));
            let answers = answers.collect::<Result<Vec<_>>>()?;
            costs += net.cost_and_gradient(&programs, &answers);
            net.tape.step(&mut adam, self.eta(step), LIMIT);
            if (step + 1) % EVERY == 0 || step + 1 == self.steps {
                let share = self.test(&mut net, levels, CHECKED, &mut rng(seed, 2))?;
                if !costs.is_finite() {
                    return Err(Error::diverged(format!("after {} steps the cost is {costs}", step + 1)));
                }
                notes.curve.push(round(share, 4));
                notes.costs.push(round(costs / EVERY as f64, 4));
                tell(step + 1, share, costs / EVERY as f64);
                costs = 0.0;
                let mastered = notes.level == levels
                    || self.test(&mut net, notes.level, CHECKED, &mut rng(seed, 3))? >= MASTERED
                    || step + 1 - notes.since >= self.steps / levels as u64;
                if mastered && notes.level < levels {
                    (notes.level, notes.since) = (notes.level + 1, step + 1);
                }
                keeper.keep(step + 1, &keep::state(&mut net.tape, &adam), &notes)?;
            }
        }
        let exact = round(self.test(&mut net, levels, TESTS, &mut rng(seed, 4))?, 4);
        let Notes { curve, costs, .. } = notes;
        let (Course { family, curriculum, steps }, programs) = (*self, self.steps as usize * BATCH);
        Ok((net, Run { family, curriculum, steps, programs, exact, every: EVERY, curve, costs }))
    }
}
