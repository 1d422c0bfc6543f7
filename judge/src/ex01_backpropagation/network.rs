//! The reader's way back through a convolutional layer, in a network of the library.

use super::Answers;
use crate::plugged::Note;
use ndarray::{Array, Array4, ArrayView3, Dimension};
use network3::ops::{At, Backend, ConvPool, Gradients, Notes, Trainable, Weights};

/// The library's own definitions, but for the backward pass of convolutional layers.
pub struct Yours {
    pub answers: Answers,
    pub note: Note,
}

impl Backend<f64> for Yours {
    fn conv_pool_backward(&mut self, op: &ConvPool, at: At<f64>, p: Trainable<f64>, _: &Notes) {
        p.with_gradients(|p, g| self.gradients(op, at, p, g));
    }
}

impl Yours {
    fn gradients(&mut self, op: &ConvPool, at: At<f64>, p: Weights<f64>, g: Gradients<f64>) {
        let At { x, y, dy, mut dx, .. } = at;
        let (conv, pool, a) = (&op.conv, &op.pool, self.answers);
        let input = [conv.height, conv.width, conv.maps];
        let kernel = [conv.filters, conv.kernel().0, conv.kernel().1, conv.maps];
        let convolved = [conv.output_height(), conv.output_width(), conv.filters];
        let pooled = [pool.output_height(), pool.output_width(), conv.filters];
        let w = Array4::from_shape_vec(kernel, p.w.to_vec()).expect("as long as its shape");

        // dy becomes δ.
        self.activate_backward(op.activation, y, dy);
        for (k, delta) in dy.chunks(pooled.iter().product()).enumerate() {
            let example = k * conv.input_len()..(k + 1) * conv.input_len();
            let mut z = vec![0.0; conv.output_len()];
            self.conv_forward(conv, &x[example.clone()], p.w, &mut z);
            let [x, z, delta] =
                [(input, &x[example.clone()]), (convolved, &z), (pooled, delta)].map(|(shape, numbers)| {
                    ArrayView3::from_shape(shape, numbers).expect("as long as its shape").to_owned()
                });

            let dz = (a.delta_through_max_pooling)(&z, &delta, pool.window.size);
            if self.note.numbers("delta_through_max_pooling", &convolved, &dz).is_none() {
                return;
            }
            self.add("bias_gradient", &[conv.filters], &(a.bias_gradient)(&delta), g.db);
            self.add("weight_gradient", &kernel, &(a.weight_gradient)(&x, &dz), g.dw);
            if let Some(dx) = &mut dx {
                dx[example.clone()].fill(0.0);
                self.add("input_gradient", &input, &(a.input_gradient)(&w, &dz), &mut dx[example]);
            }
        }
    }

    fn add<D: Dimension>(&self, what: &str, shape: &[usize], got: &Array<f64, D>, to: &mut [f64]) {
        let got = self.note.numbers(what, shape, got).unwrap_or_default();
        to.iter_mut().zip(got).for_each(|(to, got)| *to += got);
    }
}
