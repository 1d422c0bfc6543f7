//! Fully-connected networks with any activation function: small, plain, and slow enough to be read.

use crate::Random;
use ndarray::{Array1, Array2, Axis, Zip};
use solutions::ex03_tanh::Layer;

/// A function and its derivative.
#[derive(Clone, Copy)]
pub struct Activation {
    pub f: fn(f64) -> f64,
    pub derivative: fn(f64) -> f64,
}

/// σ
pub const SIGMOID: Activation = Activation { f: sigmoid, derivative: |z| sigmoid(z) * (1.0 - sigmoid(z)) };

/// 1 / (1 + e⁻ᶻ)
pub fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// Layers of these sizes with made-up numbers.
pub fn random(random: &mut Random, sizes: &[usize]) -> Vec<Layer> {
    sizes.windows(2).map(|size| (2.0 * random.array((size[1], size[0])), random.array(size[1]))).collect()
}

/// The z of each layer, one row for each row of x.
pub fn forward(layers: &[Layer], x: &Array2<f64>, f: fn(f64) -> f64) -> Vec<Array2<f64>> {
    let mut all: Vec<Array2<f64>> = vec![];
    for (w, b) in layers {
        let a = all.last().map_or_else(|| x.clone(), |z| z.mapv(f));
        all.push(a.dot(&w.t()) + b);
    }
    all
}

/// Mean log-likelihood cost after softmax, and its gradient.
pub fn gradient(layers: &[Layer], x: &Array2<f64>, labels: &[usize], activation: Activation) -> (f64, Vec<Layer>) {
    let z = forward(layers, x, activation.f);
    let examples = labels.len() as f64;
    let mut delta = z.last().expect("a network has a layer").clone();
    let mut cost = 0.0;
    for (mut z, &label) in delta.rows_mut().into_iter().zip(labels) {
        let max = z.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        z.mapv_inplace(|z| (z - max).exp());
        z /= z.sum();
        cost -= z[label].ln() / examples;
        z[label] -= 1.0;
    }
    delta /= examples;
    let mut gradients = vec![];
    for l in (0..layers.len()).rev() {
        let a = if l == 0 { x.clone() } else { z[l - 1].mapv(activation.f) };
        gradients.push((delta.t().dot(&a), delta.sum_axis(Axis(0))));
        if l > 0 {
            delta = delta.dot(&layers[l].0);
            Zip::from(&mut delta).and(&z[l - 1]).for_each(|delta, &z| *delta *= (activation.derivative)(z));
        }
    }
    gradients.reverse();
    (cost, gradients)
}

/// A plain step of gradient descent.
pub fn step(layers: &[Layer], gradient: &[Layer], eta: f64) -> Vec<Layer> {
    let stepped = |((w, b), (dw, db)): (&Layer, &Layer)| (w - eta * dw, b - eta * db);
    layers.iter().zip(gradient).map(stepped).collect()
}

/// Points and their classes, for a network of these sizes.
pub fn examples(random: &mut Random, sizes: &[usize], count: usize) -> (Array2<f64>, Vec<usize>) {
    let x = random.array((count, sizes[0]));
    let classes = sizes[sizes.len() - 1];
    // Something that can be learned: which of the first inputs is largest.
    let largest = |x: ndarray::ArrayView1<f64>| {
        let first: Array1<f64> = x.iter().copied().take(classes).collect();
        first.indexed_iter().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(class, _)| class)
    };
    let labels = x.rows().into_iter().map(largest).collect();
    (x, labels)
}
