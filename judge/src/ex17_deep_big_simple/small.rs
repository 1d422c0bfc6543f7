//! A small network, made of the reader's parts.

use super::{Answers, Layers};
use crate::{Random, plugged::gathered};
use ndarray::{Array1, Axis};
use network3::{
    LastBatch, Order,
    data::{self, Batches, TrainingSet},
    ops::softmax,
};

const SIZES: [usize; 4] = [784, 40, 30, 10];
const EPOCHS: usize = 5;
/// A run that is a thousand times shorter needs larger steps.
const FASTER: f64 = 40.0;

/// Trains it with drawn digits, one at a time: its accuracy on others. `None` if there is nothing to be trained.
pub fn accuracy(a: Answers) -> Option<f64> {
    let mut random = Random::new(20);
    let mut layers = (a.first_parameters)(&SIZES, &mut || 0.5 + 0.5 * random.number());
    let fit =
        |((w, b), s): (&(_, Array1<f64>), &[usize])| ndarray::Array2::<f64>::dim(w) == (s[1], s[0]) && b.len() == s[1];
    if layers.len() + 1 != SIZES.len() || !layers.iter().zip(SIZES.windows(2)).all(fit) {
        return None;
    }
    let splits = data::digits(1000, 300, 1, 17).ok()?;
    let mut batches =
        Batches::new(TrainingSet::plain(&splits.training), 1, Order::Shuffled, LastBatch::Used, 17).ok()?;
    for epoch in 0..EPOCHS {
        let eta = FASTER * (a.eta)(epoch, EPOCHS);
        batches.start(epoch);
        while let Some(examples) = batches.next_batch() {
            let (x, labels) = gathered(&examples);
            step(a, &mut layers, &x.row(0).to_owned(), labels[0].into(), eta);
        }
    }
    if !layers.iter().all(|(w, b)| w.iter().chain(b).all(|x| x.is_finite())) {
        return None;
    }
    let mut right = 0;
    let mut batches = Batches::sequential(&splits.validation, 1, LastBatch::Used).ok()?;
    while let Some(examples) = batches.next_batch() {
        let (x, labels) = gathered(&examples);
        let (_, z) = forward(a, &layers, &x.row(0).to_owned());
        right += usize::from(softmax::argmax(z.view()) == usize::from(labels[0]));
    }
    Some(right as f64 / splits.validation.len() as f64)
}

/// The outputs of neurons, and their derivatives.
type Signal = (Array1<f64>, Array1<f64>);

/// What goes into each layer, with the derivatives of the neurons that it comes from, and z of the last layer.
fn forward(a: Answers, layers: &Layers, x: &Array1<f64>) -> (Vec<Signal>, Array1<f64>) {
    let mut inputs = vec![(x.clone(), Array1::ones(x.len()))];
    let mut z = x.clone();
    for (l, (w, b)) in layers.iter().enumerate() {
        z = w.dot(&inputs[l].0) + b;
        if l + 1 < layers.len() {
            let (f, derivative): (Vec<f64>, Vec<f64>) = z.iter().map(|&z| (a.scaled_tanh)(z)).unzip();
            inputs.push((f.into(), derivative.into()));
        }
    }
    (inputs, z)
}

/// One image, one step.
fn step(a: Answers, layers: &mut Layers, x: &Array1<f64>, label: usize, eta: f64) {
    let (inputs, z) = forward(a, layers, x);
    let mut delta = z.to_vec();
    softmax::forward(&mut delta, z.len());
    delta[label] -= 1.0;
    let mut delta = Array1::from(delta);
    for ((w, b), (input, derivative)) in layers.iter_mut().zip(&inputs).rev() {
        let below = w.t().dot(&delta) * derivative;
        b.scaled_add(-eta, &delta);
        for (mut row, delta) in w.axis_iter_mut(Axis(0)).zip(&delta) {
            row.scaled_add(-eta * delta, input);
        }
        delta = below;
    }
}
