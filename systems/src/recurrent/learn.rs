//! A net for the temporal order problem, and how it learns.

use super::cell::{Kind, Layer, State, uniform};
use super::task::{Batch, CLASSES, SYMBOLS};
use super::{Run, by_hand, doubles};
use crate::kit::{Keeper, rng, round};
use crate::tape::{Tape, Var, keep};
use ndarray::ArrayView1;
use network3::ops::{Adaptive, Optimiser, softmax};
use network3::{Real, Result, Threads};
use serde::Serialize;
use std::sync::Arc;

/// Sequences in a mini-batch.
const BATCH: usize = 20;
/// Sequences between checks.
const EVERY: usize = 1_000;
/// Sequences in a check: enough to tell 99 per cent from 97.
const CHECKED: usize = 500;
/// Sequences that a net is tested on in the end, as many as in the paper.
pub const TESTS: usize = 2_560;
/// A net that classifies so much of what it has not seen, in three checks in a row, has learned it.
const LEARNED: f64 = 0.99;

/// The problem, and from how many sequences it is to be learned.
pub struct Task {
    pub length: usize,
    pub budget: usize,
}

/// How large a net is, and how fast it learns.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Hyper {
    pub units: usize,
    pub eta: f64,
    /// The norm at which gradients are clipped.
    pub limit: f64,
}

/// A recurrent layer that reads symbols, a softmax layer on what it shows at the end, and the tape that they live on.
pub struct Net<R> {
    tape: Tape<R>,
    layer: Layer,
    v: Var,
    a: Var,
}

impl Net<f32> {
    pub fn new(kind: Kind, hyper: Hyper, seed: u64) -> Self {
        Net::on(Tape::fast(Arc::new(Threads::one())), kind, hyper.units, seed)
    }
}

impl<R: Real> Net<R> {
    /// A net whose weights the seed decides.
    pub fn on(mut tape: Tape<R>, kind: Kind, units: usize, seed: u64) -> Self {
        let mut random = rng(seed, 1);
        let layer = Layer::new(&mut tape, (kind, SYMBOLS.len(), units), Layer::biases(), &mut random);
        let v = tape.parameter([1, units, CLASSES], uniform(units * CLASSES, units, &mut random));
        let a = tape.parameter([1, 1, CLASSES], vec![R::zero(); CLASSES]);
        Net { tape, layer, v, a }
    }

    /// Reads a batch: the states after each symbol, and the softmax layer's weighted inputs at the end.
    fn read(&mut self, batch: &Batch) -> (Vec<State>, Var) {
        self.tape.rewind();
        let state = self.layer.begin(&mut self.tape, batch.classes.len());
        let states = self.layer.read(&mut self.tape, &batch.symbols, state);
        let z = self.tape.affine(states[states.len() - 1].h, self.v, Some(self.a));
        (states, z)
    }

    /// The mean cost of a batch, once its gradients have been found.
    fn cost_and_gradients(&mut self, batch: &Batch) -> f64 {
        let (cost, _) = self.cost(batch);
        self.tape.backward(cost);
        self.tape.value(cost)[0].f64()
    }

    /// The cost of a batch, and the states on the way to it.
    fn cost(&mut self, batch: &Batch) -> (Var, Vec<State>) {
        let (states, z) = self.read(batch);
        let labels: Vec<_> = batch.classes.iter().copied().map(Some).collect();
        (self.tape.log_likelihood(z, &labels), states)
    }

    /// The share of a batch that is classified rightly.
    fn accuracy(&mut self, batch: &Batch) -> f64 {
        let (_, z) = self.read(batch);
        let rows = self.tape.value(z).chunks_exact(CLASSES).zip(&batch.classes);
        let right = rows.filter(|(z, class)| softmax::argmax(ArrayView1::from(*z)) == **class).count();
        right as f64 / batch.classes.len() as f64
    }
}

impl Task {
    /// Chosen in small trials on other seeds. A plain net has twice the units, so that it has about half the weights.
    pub fn hyper(&self, kind: Kind) -> Hyper {
        match kind {
            Kind::Lstm => Hyper { units: 16, eta: 3e-3, limit: 1.0 },
            Kind::Plain => Hyper { units: 32, eta: 1e-3, limit: 1.0 },
        }
    }

    /// Trains a net until it has learned the problem or has used up its sequences. `tell` hears of every check.
    pub fn learn(
        &self,
        kind: Kind,
        seed: u64,
        keeper: &Keeper,
        mut tell: impl FnMut(usize, f64),
    ) -> Result<(Net<f32>, Run)> {
        let hyper = self.hyper(kind);
        let (mut net, mut optimiser) = (Net::new(kind, hyper, seed), Optimiser::new(Adaptive::ADAM));
        let mut curve: Vec<f64> = vec![];
        if let Some(kept) = keeper.earlier()? {
            keep::restore(&kept.tensors, &mut net.tape, &mut optimiser)?;
            curve = kept.notes;
        }
        let checks = Batch::draw(self.length, CHECKED, &mut rng(seed, 2));
        let learned = |curve: &[f64]| curve.iter().rev().take_while(|&&accuracy| accuracy >= LEARNED).count() >= 3;
        while !learned(&curve) && curve.len() * EVERY < self.budget {
            for step in 0..EVERY / BATCH {
                let number = (curve.len() * EVERY / BATCH + step) as u64;
                let batch = Batch::draw(self.length, BATCH, &mut rng(seed, 4 + number));
                net.cost_and_gradients(&batch);
                net.tape.step(&mut optimiser, hyper.eta, hyper.limit);
            }
            let accuracy = net.accuracy(&checks);
            curve.push(round(accuracy, 4));
            tell(curve.len() * EVERY, accuracy);
            keeper.keep(curve.len() as u64, &keep::state(&mut net.tape, &optimiser), &curve)?;
        }
        let accuracy = round(net.accuracy(&Batch::draw(self.length, TESTS, &mut rng(seed, 3))), 4);
        Ok((net, Run { seed, sequences: curve.len() * EVERY, accuracy, every: EVERY, curve }))
    }

    /// log₁₀ of ‖∂C/∂c‖ by distance from the end, over what it is there, for a batch of sequences together.
    pub fn fading(&self, net: &mut Net<f32>, seed: u64) -> Vec<f64> {
        let batch = Batch::draw(self.length, BATCH, &mut rng(seed, 3));
        let (cost, states) = net.cost(&batch);
        states.iter().for_each(|state| net.tape.watch(state.c));
        net.tape.backward(cost);
        let norm = |state: &State| doubles(net.tape.gradient(state.c)).iter().map(|d| d * d).sum::<f64>().sqrt();
        let norms: Vec<f64> = states.iter().rev().map(norm).collect();
        norms.iter().take(self.length).map(|norm| round((norm / norms[0]).max(1e-30).log10(), 2)).collect()
    }
}

/// The cost and the gradients of one sequence in `f64`: by hand, and by the tape.
pub fn both_ways(kind: Kind, units: usize, batch: &Batch, seed: u64) -> ([f64; 2], [Vec<f64>; 5], [Vec<f64>; 5]) {
    let mut net = Net::on(Tape::<f64>::reference(), kind, units, seed);
    let Layer { w, u, b, .. } = net.layer;
    let vars = [w, u, b, net.v, net.a];
    let cost = net.cost_and_gradients(batch);
    let [w, u, b, v, a] = vars.map(|x| net.tape.value(x).to_vec());
    let symbols: Vec<usize> = batch.symbols.iter().map(|symbols| symbols[0]).collect();
    let (by_hand, gradient) = by_hand::gradient(kind, &by_hand::Net { w, u, b, v, a }, &symbols, batch.classes[0]);
    let by_hand::Net { w, u, b, v, a } = gradient;
    ([by_hand, cost], [w, u, b, v, a], vars.map(|x| net.tape.gradient(x).to_vec()))
}
