//! The reader's normalisation, in a network of the library.

use super::Answers;
use crate::plugged::Note;
use ndarray::{Array3, ArrayView3};
use network3::ops::{At, Backend, Normalise, Notes};

/// The library's own definitions, but for normalisation. All places of a mini-batch stand in one row: each is
/// normalised on its own.
pub struct Yours {
    pub answers: Answers,
    pub note: Note,
}

impl Backend<f64> for Yours {
    fn normalise_forward(&mut self, op: &Normalise, x: &[f64], y: &mut [f64], _: &mut Notes) {
        let x = places(op, x);
        let got = (self.answers.forward)(&x, op.size, op.k, op.alpha, op.beta);
        if let Some(got) = self.note.numbers("forward", x.shape(), &got) {
            y.copy_from_slice(&got);
        }
    }

    fn normalise_backward(&mut self, op: &Normalise, At { x, dy, dx, .. }: At<f64>, _: &Notes) {
        let (Some(dx), x, dy) = (dx, places(op, x), places(op, dy)) else { return };
        let got = (self.answers.backward)(&x, &dy, op.size, op.k, op.alpha, op.beta);
        if let Some(got) = self.note.numbers("backward", x.shape(), &got) {
            dx.copy_from_slice(&got);
        }
    }
}

fn places(op: &Normalise, numbers: &[f64]) -> Array3<f64> {
    let shape = [1, numbers.len() / op.maps, op.maps];
    ArrayView3::from_shape(shape, numbers).expect("as long as its shape").to_owned()
}
