//! The reader's pooling, in a network of the library.

use super::Answers;
use crate::plugged::Note;
use ndarray::{Array3, ArrayView3};
use network3::ops::{ConvPool, Gradients, Reference, Voice, Weights};

/// The library's own definitions, but for the pooling of convolutional layers.
pub struct Yours {
    pub answers: Answers,
    pub note: Note,
}

impl Voice<f64> for Yours {
    fn conv_pool_forward(&mut self, op: &ConvPool, x: &[f64], p: Weights<f64>, y: &mut [f64], _: &mut [u32]) {
        let z = convolve(op, x, p.w);
        for (z, y) in z.chunks(op.conv.output_len()).zip(y.chunks_mut(pooled(op).iter().product())) {
            let got = (self.answers.forward)(&array(convolved(op), z), op.pool.window);
            let got = self.note.numbers("forward", &pooled(op), &got).unwrap_or_default();
            y.iter_mut().zip(got).zip(p.b.iter().cycle()).for_each(|((y, got), b)| *y = got + b);
        }
        self.activate(op.activation, y);
    }

    fn conv_pool_backward(
        &mut self,
        op: &ConvPool,
        x: &[f64],
        p: Weights<f64>,
        (y, _): (&[f64], &[u32]),
        dy: &mut [f64],
        g: Gradients<f64>,
        dx: Option<&mut [f64]>,
    ) {
        self.activate_backward(op.activation, y, dy);
        for delta in dy.chunks(op.conv.filters) {
            g.db.iter_mut().zip(delta).for_each(|(db, delta)| *db += delta);
        }
        let z = convolve(op, x, p.w);
        let mut dz = vec![0.0; z.len()];
        let size = op.conv.output_len();
        for ((z, delta), dz) in z.chunks(size).zip(dy.chunks(pooled(op).iter().product())).zip(dz.chunks_mut(size)) {
            let (z, delta) = (array(convolved(op), z), array(pooled(op), delta));
            let got = (self.answers.backward)(&z, &delta, op.pool.window);
            if let Some(got) = self.note.numbers("backward", &convolved(op), &got) {
                dz.copy_from_slice(&got);
            }
        }
        self.conv_backward(&op.conv, x, p.w, &dz, g.dw, dx);
    }
}

fn convolve(op: &ConvPool, x: &[f64], w: &[f64]) -> Vec<f64> {
    let mut z = vec![0.0; x.len() / op.conv.input_len() * op.conv.output_len()];
    Reference.conv_forward(&op.conv, x, w, &mut z);
    z
}

fn convolved(op: &ConvPool) -> [usize; 3] {
    [op.conv.output_height(), op.conv.output_width(), op.conv.filters]
}

fn pooled(op: &ConvPool) -> [usize; 3] {
    [op.pool.output_height(), op.pool.output_width(), op.conv.filters]
}

fn array(shape: [usize; 3], numbers: &[f64]) -> Array3<f64> {
    ArrayView3::from_shape(shape, numbers).expect("as long as its shape").to_owned()
}
