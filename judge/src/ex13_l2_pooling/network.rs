//! The reader's pooling, in a network of the library.

use super::Answers;
use crate::plugged::Note;
use ndarray::{Array3, ArrayView3};
use network3::ops::{At, Backend, Notes, Pool};

/// The library's own definitions, but for pooling.
pub struct Yours {
    pub answers: Answers,
    pub note: Note,
}

impl Backend<f64> for Yours {
    fn pool_forward(&mut self, op: &Pool, x: &[f64], y: &mut [f64], _: &mut Notes) {
        for (x, y) in x.chunks(op.input_len()).zip(y.chunks_mut(op.output_shape().len())) {
            let got = (self.answers.forward)(&array(input(op), x), op.window.size);
            if let Some(got) = self.note.numbers("forward", &output(op), &got) {
                y.copy_from_slice(&got);
            }
        }
    }

    fn pool_backward(&mut self, op: &Pool, At { x, dy, dx, .. }: At<f64>, _: &Notes) {
        let (size, outputs) = (op.input_len(), op.output_shape().len());
        for ((x, dy), dx) in
            x.chunks(size).zip(dy.chunks(outputs)).zip(dx.into_iter().flat_map(|dx| dx.chunks_mut(size)))
        {
            let got = (self.answers.backward)(&array(input(op), x), &array(output(op), dy), op.window.size);
            if let Some(got) = self.note.numbers("backward", &input(op), &got) {
                dx.copy_from_slice(&got);
            }
        }
    }
}

fn input(op: &Pool) -> [usize; 3] {
    [op.height, op.width, op.maps]
}

fn output(op: &Pool) -> [usize; 3] {
    [op.output_height(), op.output_width(), op.maps]
}

fn array(shape: [usize; 3], numbers: &[f64]) -> Array3<f64> {
    ArrayView3::from_shape(shape, numbers).expect("as long as its shape").to_owned()
}
