//! Answers at work: networks of the library that compute a part of what they do with functions of the reader.

use crate::{Verdict, Wrong, number};
use ndarray::{Array, Array2, Dimension};
use network3::data::{self, Examples};
use network3::ops::{Backend, Reference};
use network3::{Cost, Label, Network, Pass, Result, Shape, Spec, Step, gradcheck};
use std::sync::{Arc, Mutex};

/// The built-in digits at half their size, so that plain loops in `f64` are quick.
const SIDE: usize = 14;
const DIGITS: usize = 100;
const BATCH: usize = 5;
const EPOCHS: usize = 8;
const ETA: f64 = 0.2;

/// Examples as rows of intensities, with their labels.
pub fn gathered(examples: &Examples) -> (Array2<f64>, Vec<Label>) {
    let (mut x, mut labels) = (vec![], vec![]);
    examples.gather(&mut x, &mut labels);
    let rows = (examples.len(), examples.shape().len());
    (Array2::from_shape_vec(rows, x).expect("as long as its shape").mapv(f64::from), labels)
}

/// A network for training that is too small for more than one thread.
pub fn small_network(input: Shape, layers: &[Spec]) -> Result<Network<f32>> {
    Network::new(input, layers)?.with_threads(1)
}

/// A note of the first thing that does not fit, shared by a backend, which goes into a network for good, and its check.
#[derive(Clone, Default)]
pub struct Note(Arc<Mutex<Option<Wrong>>>);

impl Note {
    /// The numbers of an answer, if it has the shape that it must have.
    pub fn numbers<D: Dimension>(&self, what: &str, shape: &[usize], got: &Array<f64, D>) -> Option<Vec<f64>> {
        if got.shape() == shape {
            return Some(got.iter().copied().collect());
        }
        let wrong = Wrong::new(format!("{what}: expected shape {shape:?}, got {:?}", got.shape()));
        self.0.lock().expect("no check panics while it writes").get_or_insert(wrong);
        None
    }

    fn verdict(&self) -> Verdict {
        self.0.lock().expect("no check panics while it writes").clone().map_or(Ok(()), Err)
    }
}

/// Do the gradients of a network on `backend` agree with finite differences?
pub fn has_right_gradients(
    input: Shape,
    layers: &[Spec],
    backend: impl Backend<f64> + 'static,
    note: &Note,
) -> Verdict {
    let failed = |e: network3::Error| Wrong::new(e.to_string());
    let (mut library, mut network) = (network(input, layers).map_err(failed)?, network(input, layers).map_err(failed)?);
    network = network.with_backend(backend);
    let x: Vec<f64> = (0..2 * input.len()).map(|k| (1.7 * k as f64).sin()).collect();
    let costs = [&mut library, &mut network].map(|network| network.cost(&x, &[0, 2], Pass::Evaluate));
    note.verdict()?;
    let compared = number(&format!("the cost of a network of {} layers", layers.len()), costs[0], costs[1]);
    compared.verdict().map_err(|wrong| wrong.because("its forward pass is not right"))?;
    let report = gradcheck::check_network(&mut network, &x, &[0, 2], Pass::Evaluate);
    note.verdict()?;
    let report = report.map_err(failed)?;
    let names = report.wrong(1e-6);
    let Some((name, worst)) = report.worst().filter(|_| !names.is_empty()) else { return Ok(()) };
    let what = format!(
        "a network of {} layers: its gradient of {name}{:?}: expected {:.6}, got {:.6}",
        layers.len(),
        worst.index,
        worst.numeric,
        worst.analytic,
    );
    let right = report.tensors.iter().map(|t| &*t.name).filter(|name| !names.contains(name)).collect::<Vec<_>>();
    let right = if right.is_empty() { "none".to_string() } else { right.join(", ") };
    Err(Wrong::new(what).because(format!("the gradients are wrong for {}, and right for {right}", names.join(", "))))
}

/// A network whose softmax layer does not begin at zero: that would send nothing back.
fn network(input: Shape, layers: &[Spec]) -> Result<Network<f64>> {
    let mut network = Network::reference(input, layers, Cost::LogLikelihood)?;
    if let Some(p) = network.layers_mut().last_mut().and_then(|layer| layer.parameters_mut()) {
        p.w.iter_mut().enumerate().for_each(|(k, w)| *w = 0.3 * (2.3 * k as f64).sin());
    }
    Ok(network)
}

/// Does a network on `backend` learn as one does on the library's own?
pub fn learns(layers: &[Spec], backend: impl Backend<f64> + 'static, note: &Note) -> Verdict {
    let costs = |got: Result<Vec<f64>>| got.map_err(|e| Wrong::new(e.to_string()));
    let (expected, got) = (costs(train(layers, Reference))?, costs(train(layers, backend))?);
    note.verdict()?;
    let apart = expected.iter().zip(&got).position(|(e, g)| (e - g).abs().total_cmp(&1e-6).is_gt());
    let Some(apart) = apart else { return Ok(()) };
    let last_epoch =
        |costs: &[f64]| costs[costs.len() - DIGITS / BATCH..].iter().sum::<f64>() / (DIGITS / BATCH) as f64;
    let (start, expected, got) = (expected[0], last_epoch(&expected), last_epoch(&got));
    let what = format!(
        "a network trained on {DIGITS} digits for {EPOCHS} epochs: \
         its cost begins at {start:.3} and should come down to {expected:.3}, but comes to {got:.3}"
    );
    let cause = match apart {
        0 => "the cost is another one before anything is learned: look at the forward pass".to_string(),
        _ => format!("the costs part after mini-batch {apart}: not all of its gradients are right"),
    };
    Err(Wrong::new(what).because(cause))
}

/// The cost of each mini-batch, before the step that it was taken for.
fn train(layers: &[Spec], backend: impl Backend<f64> + 'static) -> Result<Vec<f64>> {
    let mut network =
        Network::reference(Shape::image(1, SIDE, SIDE), layers, Cost::LogLikelihood)?.with_backend(backend);
    let digits: Vec<_> = (0..DIGITS as u64).map(|k| data::digit(1, k)).collect();
    let batches = digits.chunks(BATCH).cycle().take(EPOCHS * DIGITS / BATCH);
    let cost = |(iteration, batch): (usize, &[([u8; 4 * SIDE * SIDE], Label)])| {
        let x: Vec<f64> = batch.iter().flat_map(|(image, _)| halved(image)).collect();
        let labels: Vec<Label> = batch.iter().map(|&(_, label)| label).collect();
        network.step(&x, &labels, &Step { eta: ETA, decay: 0.0, momentum: 0.0, iteration: iteration as u64 })
    };
    Ok(batches.enumerate().map(cost).collect())
}

/// Four pixels become one, their mean.
fn halved(image: &[u8]) -> Vec<f64> {
    let at = |row: usize, column: usize| f64::from(image[row * 2 * SIDE + column]) / 256.0;
    let mean = |k: usize| {
        let (row, column) = (k / SIDE * 2, k % SIDE * 2);
        (at(row, column) + at(row, column + 1) + at(row + 1, column) + at(row + 1, column + 1)) / 4.0
    };
    (0..SIDE * SIDE).map(mean).collect()
}
