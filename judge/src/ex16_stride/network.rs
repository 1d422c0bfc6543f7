//! The reader's strided convolution, in a network of the library.

use super::Answers;
use crate::plugged::Note;
use ndarray::{Array3, Array4, ArrayView3};
use network3::ops::{At, Backend, Conv, Parameter, Reference};

/// The library's own definitions, but for convolution; the gradient of the input is the library's, too.
pub struct Yours {
    pub answers: Answers,
    pub note: Note,
}

impl Backend<f64> for Yours {
    fn conv_forward(&mut self, op: &Conv, x: &[f64], w: &[f64], y: &mut [f64]) {
        let w = Array4::from_shape_vec([op.filters, op.kernel().0, op.kernel().1, op.maps], w.to_vec());
        let w = w.expect("as long as its shape");
        for (x, y) in x.chunks(op.input_len()).zip(y.chunks_mut(op.output_len())) {
            let got = (self.answers.forward)(&input(op, x), &w, op.stride());
            if let Some(got) = self.note.numbers("forward", &output(op), &got) {
                y.copy_from_slice(&got);
            }
        }
    }

    fn conv_backward(&mut self, op: &Conv, At { x, dy, dx, .. }: At<f64>, w: Parameter<f64>) {
        w.with_gradient(|w, dw| {
            for (x, dy) in x.chunks(op.input_len()).zip(dy.chunks(op.output_len())) {
                let dz = ArrayView3::from_shape(output(op), dy).expect("as long as its shape").to_owned();
                let got = (self.answers.weight_gradient)(&input(op, x), &dz, op.kernel(), op.stride());
                let shape = [op.filters, op.kernel().0, op.kernel().1, op.maps];
                let got = self.note.numbers("weight_gradient", &shape, &got).unwrap_or_default();
                dw.iter_mut().zip(got).for_each(|(dw, got)| *dw += got);
            }
            let at = At { x, y: &[], dy, dx, dead_at_zero: false };
            let unused = Parameter::Accumulate { value: w, gradient: &mut vec![0.0; w.len()] };
            Reference.conv_backward(op, at, unused);
        });
    }
}

fn input(op: &Conv, x: &[f64]) -> Array3<f64> {
    ArrayView3::from_shape([op.height, op.width, op.maps], x).expect("as long as its shape").to_owned()
}

fn output(op: &Conv) -> [usize; 3] {
    [op.output_height(), op.output_width(), op.filters]
}
