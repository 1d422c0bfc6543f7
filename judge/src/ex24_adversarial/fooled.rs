//! A layer is trained on drawn digits, and then fooled.

use super::{Answers, solution};
use crate::{Verdict, Wrong, compare};
use ndarray::{Array1, Array2, Axis};
use network3::{Label, data};

const CLASSES: usize = 10;
const EPOCHS: usize = 60;
const ETA: f64 = 0.1;
const EPSILON: f64 = 0.15;
const STEP: f64 = 0.04;
const STEPS: usize = 8;

/// A softmax layer.
struct Layer {
    w: Array2<f64>,
    b: Array1<f64>,
}

impl Layer {
    fn probabilities(&self, x: &Array1<f64>) -> Array1<f64> {
        let z = self.w.dot(x) + &self.b;
        let most = z.fold(f64::NEG_INFINITY, |most: f64, &z| most.max(z));
        let e = z.mapv(|z| (z - most).exp());
        let sum = e.sum();
        e / sum
    }

    /// ∂C/∂z, with the log-likelihood cost.
    fn error(&self, x: &Array1<f64>, label: Label) -> Array1<f64> {
        let mut delta = self.probabilities(x);
        delta[usize::from(label)] -= 1.0;
        delta
    }

    /// By gradient descent on all examples at once.
    fn trained(x: &Array2<f64>, labels: &[Label]) -> Layer {
        let mut layer = Layer { w: Array2::zeros((CLASSES, x.ncols())), b: Array1::zeros(CLASSES) };
        for _ in 0..EPOCHS {
            let mut delta = Array2::zeros((x.nrows(), CLASSES));
            for ((x, &label), mut delta) in x.rows().into_iter().zip(labels).zip(delta.rows_mut()) {
                delta.assign(&layer.error(&x.to_owned(), label));
            }
            let rate = ETA / x.nrows() as f64;
            layer.w.scaled_add(-10.0 * rate, &delta.t().dot(x));
            layer.b.scaled_add(-10.0 * rate, &delta.sum_axis(Axis(0)));
        }
        layer
    }

    fn reads(&self, x: &Array1<f64>, label: Label) -> bool {
        let p = self.probabilities(x);
        p.iter().all(|&other| other <= p[usize::from(label)])
    }
}

/// As many images are still read rightly as after the solution's steps, and these are the same.
pub fn by_steps(a: Answers) -> Verdict {
    let library = |e: network3::Error| Wrong::new(e.to_string());
    let digits = data::digits(100, 1, 1, 1).map_err(library)?.training;
    let pixel = |(i, k)| f64::from(digits.image(i)[k]) / 256.0;
    let x = Array2::from_shape_fn((digits.len(), digits.image(0).len()), pixel);
    let layer = Layer::trained(&x, digits.labels());
    let mut read = [0, 0, 0];
    let mut first = Ok(());
    for (k, (x, &label)) in x.rows().into_iter().zip(digits.labels()).enumerate() {
        let x = x.to_owned();
        let mut gradient = |x: &Array1<f64>| layer.w.t().dot(&layer.error(x, label));
        let expected = solution::iterated(&x, &mut gradient, EPSILON, STEP, STEPS);
        let got = (a.iterated)(&x, &mut gradient, EPSILON, STEP, STEPS);
        let same = compare(&format!("the image of digit {k}"), &expected, &got).verdict();
        first = first.and(same);
        if got.len() == x.len() {
            [&x, &expected, &got]
                .iter()
                .zip(&mut read)
                .for_each(|(x, read)| *read += usize::from(layer.reads(x, label)));
        }
    }
    first.map_err(|wrong| Wrong {
        what: format!(
            "a layer reads {} of 100 digits; after {STEPS} steps of {STEP} within {EPSILON}, expected it to read {}, but it reads {}\n{}",
            read[0], read[1], read[2], wrong.what
        ),
        ..wrong
    })
}
