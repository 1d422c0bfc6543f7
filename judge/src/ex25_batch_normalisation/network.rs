//! The reader's batch normalisation, in a network of the library.

use super::Answers;
use crate::plugged::Note;
use ndarray::{Array1, Array2, ArrayView2};
use network3::ops::{At, Backend, BatchNorm, Moments, Trainable, Weights, batch_norm};

/// The library's own definitions, but for batch normalisation in training. (The running moments are the library's.)
pub struct Yours {
    pub answers: Answers,
    pub note: Note,
}

impl Backend<f64> for Yours {
    fn batch_moments(&mut self, op: &BatchNorm, x: &[f64], mean: &mut [f64], variance: &mut [f64]) {
        let got = (self.answers.moments)(&rows(op, x));
        for (to, got) in [(mean, got.0), (variance, got.1)] {
            if let Some(got) = self.note.numbers("moments", &[op.channels], &got) {
                to.copy_from_slice(&got);
            }
        }
    }

    fn batch_norm_forward(&mut self, op: &BatchNorm, x: &[f64], at: Moments<f64>, p: Weights<f64>, y: &mut [f64]) {
        if !at.of_batch {
            return batch_norm::reference::forward(op, x, at, p, y);
        }
        let x = rows(op, x);
        let got = (self.answers.forward)(&x, &channels(p.w), &channels(p.b), op.epsilon);
        if let Some(got) = self.note.numbers("forward", x.shape(), &got) {
            y.copy_from_slice(&got);
        }
    }

    fn batch_norm_backward(&mut self, op: &BatchNorm, at: At<f64>, _: Moments<f64>, mut p: Trainable<f64>) {
        let (x, dy) = (rows(op, at.x), rows(op, at.dy));
        if let Some(dx) = at.dx {
            let got = (self.answers.input_gradient)(&x, &dy, &channels(p.w.value()), op.epsilon);
            if let Some(got) = self.note.numbers("input_gradient", x.shape(), &got) {
                dx.copy_from_slice(&got);
            }
        }
        let got = (self.answers.parameter_gradients)(&x, &dy, op.epsilon);
        for (parameter, got) in [(&mut p.w, got.0), (&mut p.b, got.1)] {
            if let Some(got) = self.note.numbers("parameter_gradients", &[op.channels], &got) {
                parameter.follow(&got);
            }
        }
    }
}

fn rows(op: &BatchNorm, numbers: &[f64]) -> Array2<f64> {
    let shape = [numbers.len() / op.channels, op.channels];
    ArrayView2::from_shape(shape, numbers).expect("as long as its shape").to_owned()
}

fn channels(numbers: &[f64]) -> Array1<f64> {
    Array1::from(numbers.to_vec())
}
