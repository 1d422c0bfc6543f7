//! A classifier on the way.

use super::{Backward, InputGradient, Layer, Row, See, SeeMut};
use crate::cost::{Cost, Start};
use crate::data::Label;
use crate::ops::{At, Backend, dropout::Pass};
use crate::{Real, Shape};

/// Passes its input on, and has a row of layers guess the classes from it: `weight` times their log-likelihood cost is
/// added to the cost that is trained, so that layers far below the output get a gradient of their own. (GoogLeNet has
/// two, each with weight 0.3.) When the network is only asked, they are left out.
pub struct SideClassifier<R> {
    weight: f64,
    row: Row<R>,
    /// Was the last forward pass one of training?
    training: bool,
}

impl<R: Real> SideClassifier<R> {
    /// A row that ends with a softmax layer.
    pub(super) fn new(weight: f64, row: Row<R>) -> Self {
        SideClassifier { weight, row, training: false }
    }
}

impl<R: Real> Layer<R> for SideClassifier<R> {
    fn name(&self) -> &'static str {
        "SideClassifier"
    }

    fn output_shape(&self) -> Shape {
        self.row.input_shape()
    }

    fn is_dead_at_zero(&self, input: bool) -> bool {
        input
    }

    fn forward(&mut self, backend: &mut dyn Backend<R>, x: &[R], y: &mut [R], pass: Pass) {
        y.copy_from_slice(x);
        self.training = pass != Pass::Evaluate;
        if self.training {
            self.row.forward(backend, x, pass);
        }
    }

    fn side_cost(&mut self, labels: &[Label]) -> f64 {
        if !self.training {
            return 0.0;
        }
        let (a, d) = self.row.output_and_gradient();
        Cost::LogLikelihood.gradient(a, labels, d);
        let weight = R::of(self.weight);
        d.iter_mut().for_each(|d| *d *= weight);
        self.weight * Cost::LogLikelihood.value(a, labels)
    }

    /// ∂C/∂x = dy + what its own cost says.
    fn backward(&mut self, backend: &mut dyn Backend<R>, at: At<R>, pass: Backward) {
        let to_input = InputGradient::wanted(&at);
        if self.training {
            self.row.backward(backend, at.x, Start::WeightedInput, pass.step, to_input);
        }
        let Some(dx) = at.dx else { return };
        dx.copy_from_slice(at.dy);
        if self.training {
            dx.iter_mut().zip(self.row.input_gradient()).for_each(|(dx, &of_row)| *dx += of_row);
        }
    }

    fn visit<'a>(&'a self, path: &mut Vec<usize>, see: &mut See<'_, 'a, R>) {
        self.row.visit(path, see);
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Vec<usize>, see: &mut SeeMut<'_, 'a, R>) {
        self.row.visit_mut(path, see);
    }
}
