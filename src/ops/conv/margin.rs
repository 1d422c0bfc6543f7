//! Padding: a convolution with padding is one without, of an image that was copied into a margin of zeros.

use super::Conv;
use crate::{Pieces, Threads};

/// Images with a margin around them.
#[derive(Default)]
pub struct Margin {
    /// The images.
    pub x: Vec<f32>,
    /// Their gradients.
    pub dx: Vec<f32>,
}

impl Margin {
    /// Copies images into their margins.
    pub fn put(&mut self, op: &Conv, x: &[f32], threads: &Threads) {
        let padded = op.on_padded();
        let (n, row) = (x.len() / op.input_len(), op.width * op.maps);
        self.x.resize(n * padded.input_len(), 0.0);
        threads.for_each(Pieces(&mut self.x, padded.input_len()), |k, to| {
            to.fill(0.0);
            let (top, left) = (op.window.padding.top, op.window.padding.left * op.maps);
            let rows = to.chunks_exact_mut(padded.width * op.maps).skip(top);
            for (to, x) in rows.zip(x[k * op.input_len()..][..op.input_len()].chunks_exact(row)) {
                to[left..left + row].copy_from_slice(x);
            }
        });
    }

    /// Copies the gradients of the images out of their margins.
    pub fn cut_off(&self, op: &Conv, dx: &mut [f32], threads: &Threads) {
        let padded = op.on_padded();
        let row = op.width * op.maps;
        threads.for_each(Pieces(dx, op.input_len()), |k, dx| {
            let (top, left) = (op.window.padding.top, op.window.padding.left * op.maps);
            let rows = self.dx[k * padded.input_len()..].chunks_exact(padded.width * op.maps).skip(top);
            for (dx, from) in dx.chunks_exact_mut(row).zip(rows) {
                dx.copy_from_slice(&from[left..left + row]);
            }
        });
    }
}
