//! Rows of layers side by side.

use super::{Backward, InputGradient, Layer, Row, See, SeeMut};
use crate::cost::Start;
use crate::data::Label;
use crate::ops::{At, Backend, dropout::Pass};
use crate::{Real, Shape};

/// Rows that have the same input, and whose maps together are the output: an inception module.
pub struct Branches<R> {
    rows: Vec<Row<R>>,
    output: Shape,
}

impl<R: Real> Branches<R> {
    /// Rows whose outputs are images of one height and width; `output` is what they are together.
    pub(super) fn new(rows: Vec<Row<R>>, output: Shape) -> Self {
        Branches { rows, output }
    }
}

/// Maps of an image.
fn maps(shape: Shape) -> usize {
    match shape {
        Shape::Image { maps, .. } => maps,
        Shape::Flat(n) => n,
    }
}

impl<R: Real> Layer<R> for Branches<R> {
    fn name(&self) -> &'static str {
        "Branches"
    }

    fn output_shape(&self) -> Shape {
        self.output
    }

    fn is_dead_at_zero(&self, input: bool) -> bool {
        self.rows.iter().all(|row| row.is_dead_at_zero(input))
    }

    fn forward(&mut self, backend: &mut dyn Backend<R>, x: &[R], y: &mut [R], pass: Pass) {
        self.rows.iter_mut().for_each(|row| row.forward(backend, x, pass));
        let parts: Vec<_> = self.rows.iter().map(|row| (maps(row.output_shape()), row.output())).collect();
        backend.concat(&parts, y);
    }

    /// Each row gets its maps of dy; and x is used by all of them, so ∂C/∂x is the sum of what they say.
    fn backward(&mut self, backend: &mut dyn Backend<R>, at: At<R>, pass: Backward) {
        let mut parts: Vec<_> =
            self.rows.iter_mut().map(|row| (maps(row.output_shape()), row.output_and_gradient().1)).collect();
        backend.split(at.dy, &mut parts);
        let to_input = InputGradient::wanted(&at);
        self.rows.iter_mut().for_each(|row| row.backward(backend, at.x, Start::Output, pass.step, to_input));
        if let Some(dx) = at.dx {
            dx.fill(R::zero());
            for row in &self.rows {
                dx.iter_mut().zip(row.input_gradient()).for_each(|(dx, &of_row)| *dx += of_row);
            }
        }
    }

    fn side_cost(&mut self, labels: &[Label]) -> f64 {
        self.rows.iter_mut().map(|row| row.side_cost(labels)).sum()
    }

    fn visit<'a>(&'a self, path: &mut Vec<usize>, see: &mut See<'_, 'a, R>) {
        for (k, row) in self.rows.iter().enumerate() {
            path.push(k);
            row.visit(path, see);
            path.pop();
        }
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Vec<usize>, see: &mut SeeMut<'_, 'a, R>) {
        for (k, row) in self.rows.iter_mut().enumerate() {
            path.push(k);
            row.visit_mut(path, see);
            path.pop();
        }
    }
}
