//! Layers in a row, and the signals between them.

use super::{Backward, Layer, See, SeeMut};
use crate::cost::Start;
use crate::data::Label;
use crate::learner::Step;
use crate::ops::{At, Backend, dropout::Pass};
use crate::{Real, Shape};

/// Layers in a row: what goes out of one goes into the next.
pub struct Row<R> {
    layers: Vec<Box<dyn Layer<R>>>,
    /// What flows between the layers: `signals[k]` goes into layer k, and the last one comes out of the row. (Inputs
    /// themselves stay where they are: the first has only a gradient.)
    signals: Vec<Signal<R>>,
}

/// A mini-batch between two layers.
struct Signal<R> {
    shape: Shape,
    y: Vec<R>,
    dy: Vec<R>,
}

/// Is the gradient wanted at a row's input?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputGradient {
    /// No: the row begins at the images, and is only trained.
    No,
    /// Everywhere.
    Everywhere,
    /// Only where the input is not zero: what made it passes no gradient on elsewhere.
    WhereNonzero,
}

impl InputGradient {
    /// What a layer is asked for that hands its input to a row.
    pub(super) fn wanted<R>(at: &At<R>) -> Self {
        match (&at.dx, at.dead_at_zero) {
            (None, _) => InputGradient::No,
            (Some(_), false) => InputGradient::Everywhere,
            (Some(_), true) => InputGradient::WhereNonzero,
        }
    }
}

impl<R: Real> Row<R> {
    /// Layers that fit each other, for inputs of that shape.
    pub fn new(input: Shape, layers: Vec<Box<dyn Layer<R>>>) -> Self {
        let shapes = std::iter::once(input).chain(layers.iter().map(|layer| layer.output_shape()));
        let signals = shapes.map(|shape| Signal { shape, y: vec![], dy: vec![] }).collect();
        Row { layers, signals }
    }

    /// The shape of one input.
    pub fn input_shape(&self) -> Shape {
        self.signals[0].shape
    }

    /// The shape of one output.
    pub fn output_shape(&self) -> Shape {
        self.signals[self.layers.len()].shape
    }

    /// Its layers.
    pub fn layers(&self) -> &[Box<dyn Layer<R>>] {
        &self.layers
    }

    /// Its layers, to change their parameters.
    pub fn layers_mut(&mut self) -> &mut [Box<dyn Layer<R>>] {
        &mut self.layers
    }

    /// Is the signal that comes out dead at zero, if the one that goes in is?
    pub fn is_dead_at_zero(&self, input: bool) -> bool {
        self.layers.iter().fold(input, |dead, layer| layer.is_dead_at_zero(dead))
    }

    /// Sends inputs through all layers; what comes out is then the [`output`](Row::output).
    pub fn forward(&mut self, backend: &mut dyn Backend<R>, x: &[R], pass: Pass) {
        let n = x.len() / self.input_shape().len();
        self.signals[0].dy.resize(x.len(), R::zero());
        for signal in &mut self.signals[1..] {
            signal.y.resize(n * signal.shape.len(), R::zero());
            signal.dy.resize(n * signal.shape.len(), R::zero());
        }
        for (k, layer) in self.layers.iter_mut().enumerate() {
            let (before, after) = self.signals.split_at_mut(k + 1);
            let x = if k == 0 { x } else { &before[k].y };
            layer.forward(backend, x, &mut after[0].y, pass);
        }
    }

    /// What came out of the last forward pass, one example after the other.
    pub fn output(&self) -> &[R] {
        &self.signals[self.layers.len()].y
    }

    /// The output, and where its gradient is to be written before a backward pass.
    pub fn output_and_gradient(&mut self) -> (&[R], &mut [R]) {
        let last = self.layers.len();
        let Signal { y, dy, .. } = &mut self.signals[last];
        (y, dy)
    }

    /// From the last layer to the first: each gets what went in and out of it and ∂C/∂y, and says what ∂C/∂x is. `x` is
    /// what went in; the gradient that it starts from has been written to
    /// [`output_and_gradient`](Row::output_and_gradient).
    pub fn backward(
        &mut self,
        backend: &mut dyn Backend<R>,
        x: &[R],
        start: Start,
        step: Option<&Step>,
        to_input: InputGradient,
    ) {
        let last = self.layers.len() - 1;
        for k in (0..self.layers.len()).rev() {
            let dead_at_zero = self.signal_is_dead(k, to_input);
            let (before, after) = self.signals.split_at_mut(k + 1);
            let Signal { y: x_before, dy: dx, .. } = &mut before[k];
            let Signal { y, dy, .. } = &mut after[0];
            let dx = (k > 0 || to_input != InputGradient::No).then_some(&mut dx[..]);
            let at = At { x: if k == 0 { x } else { x_before }, y, dy, dx, dead_at_zero };
            let start = if k == last { start } else { Start::Output };
            self.layers[k].backward(backend, at, Backward { start, step });
        }
    }

    /// Is the signal that goes into layer k dead at zero?
    fn signal_is_dead(&self, k: usize, to_input: InputGradient) -> bool {
        let input = to_input == InputGradient::WhereNonzero;
        self.layers[..k].iter().fold(input, |dead, layer| layer.is_dead_at_zero(dead))
    }

    /// ∂C/∂x of the last backward pass.
    pub fn input_gradient(&self) -> &[R] {
        &self.signals[0].dy
    }

    /// What the layers add to the cost of the mini-batch that went forward last.
    pub fn side_cost(&mut self, labels: &[Label]) -> f64 {
        self.layers.iter_mut().map(|layer| layer.side_cost(labels)).sum()
    }

    /// Shows all weights and biases: see [`Layer::visit`].
    pub fn visit<'a>(&'a self, path: &mut Vec<usize>, see: &mut See<'_, 'a, R>) {
        for (k, layer) in self.layers.iter().enumerate() {
            path.push(k);
            layer.visit(path, see);
            path.pop();
        }
    }

    /// Shows all weights and biases, to change them.
    pub fn visit_mut<'a>(&'a mut self, path: &mut Vec<usize>, see: &mut SeeMut<'_, 'a, R>) {
        for (k, layer) in self.layers.iter_mut().enumerate() {
            path.push(k);
            layer.visit_mut(path, see);
            path.pop();
        }
    }
}
