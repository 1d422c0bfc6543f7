//! Deep networks of rectified linear units.

use crate::plugged::{gathered, small_network};
use crate::{Random, Wrong};
use ndarray::{Array1, Array2, ArrayD};
use network3::{
    Activation, Error, LastBatch, Learner, Spec, Step,
    data::{self, Batches},
    train::evaluate,
};
use solutions::ex12_unstable_gradients as solution;

/// aˡ of the last layer.
pub fn outputs(weights: &[Array2<f64>], biases: &[Array1<f64>], x: &Array1<f64>) -> Array1<f64> {
    weights.iter().zip(biases).fold(x.clone(), |a, (w, b)| (w.dot(&a) + b).mapv(|z| z.max(0.0)))
}

/// No biases.
pub fn at_rest(weights: &[Array2<f64>]) -> Vec<Array1<f64>> {
    weights.iter().map(|w| Array1::zeros(w.nrows())).collect()
}

/// Weights that would be of the right size if they were not multiplied by `scales`, layer by layer.
pub fn network(random: &mut Random, sizes: &[usize], scales: impl Iterator<Item = f64>) -> Vec<Array2<f64>> {
    let layer = |(s, scale): (&[usize], f64)| {
        let deviation = scale * (2.0 / s[0] as f64).sqrt();
        Array2::from_shape_simple_fn((s[1], s[0]), || deviation * random.normal())
    };
    sizes.windows(2).zip(scales).map(layer).collect()
}

/// ‖δ‖ of each layer, the root of the mean square over inputs, for a cost with random derivatives.
pub fn error_norms(weights: &[Array2<f64>], x: &Array2<f64>) -> Vec<f64> {
    let mut random = Random::new(17);
    let mut squares = vec![0.0; weights.len()];
    for x in x.rows() {
        let da = random.array(weights[weights.len() - 1].nrows());
        let errors = solution::errors(weights, &at_rest(weights), &x.to_owned(), &da);
        squares.iter_mut().zip(errors).for_each(|(sum, delta)| *sum += delta.dot(&delta));
    }
    squares.iter().map(|sum| (sum / x.nrows() as f64).sqrt()).collect()
}

/// A deep network of the library, with weights that are too small, then cured, then trained: its validation accuracy.
pub fn learns(cure: impl Fn(&[Array2<f64>], &Array2<f64>) -> Vec<Array2<f64>>) -> Result<f64, Wrong> {
    let ours =
        |e: Error| Wrong::new(e.to_string()).because("training broke down: are the cured weights of the right size?");
    let splits = data::digits(2500, 300, 1, 12).map_err(ours)?;
    let mut layers = vec![Spec::fully_connected(40, Activation::Relu); 8];
    layers.push(Spec::softmax(10));
    let mut network = small_network(splits.training.shape(), &layers).map_err(ours)?;
    let mut batches = Batches::sequential(&splits.training, 10, LastBatch::Used).map_err(ours)?;

    // The library keeps w as [inputs, outputs].
    let mut weights = vec![];
    for p in network.layers().iter().take(8).filter_map(|layer| layer.parameters()) {
        let w = p.w.view().into_dimensionality::<ndarray::Ix2>().expect("a matrix");
        weights.push(w.t().mapv(|w| 0.25 * f64::from(w)));
    }
    let images = batches.next_batch().map(|examples| gathered(&examples).0).unwrap_or_default();
    let cured = cure(&weights, &images);
    let layers = network.layers_mut().iter_mut().filter_map(|layer| layer.parameters_mut());
    for ((p, w), old) in layers.zip(&cured).zip(&weights) {
        if w.dim() != old.dim() {
            return Err(Wrong::new(format!("cured weights: expected shape {:?}, got {:?}", old.shape(), w.shape())));
        }
        let w: ArrayD<f32> = w.t().mapv(|w| w as f32).as_standard_layout().into_owned().into_dyn();
        p.w.assign(&w);
    }
    for epoch in 0..4 {
        batches.start(epoch);
        while let Some(batch) = batches.next_batch() {
            let step = Step { eta: 0.03, decay: 0.0, momentum: 0.0, iteration: 0 };
            network.train(&batch, &step).map_err(ours)?;
        }
    }
    Ok(evaluate(&mut network, &splits.validation, 300).map_err(ours)?.accuracy)
}
