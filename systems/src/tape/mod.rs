//! Define-by-run differentiation: gradients of whatever a program has just computed.
//!
//! Every operation on a [`Tape`] computes its value at once, and is written down behind the ones before it: what it
//! was, and on which. So the tape is the computation in the order in which it ran, and an operation's inputs always
//! stand before it. Going back over it from the end, each operation has the gradient ∂C/∂y of its own value complete
//! when its turn comes, because all that used the value stand behind it. It then adds its share to the gradients of its
//! inputs:
//!
//! ∂C/∂x += ∂C/∂y · ∂y/∂x,
//!
//! which is the chain rule, and all there is. (Reverse-mode automatic differentiation; Linnainmaa 1970, Speelpenning
//! 1980.) Loops, conditions and recursion need no care: the tape has what was done, not how it was decided.
//!
//! Values are stacks of matrices, `[stack, rows, columns]`, in row-major order. Each operation has a file in
//! `operation/`, with its shape, its value and its derivatives; those that a network has too (products with weights,
//! activation functions, softmax) are computed by one of the library's backends ([`Fast`] in `f32`, [`Reference`] in
//! either type). A dimension of 1 stretches to any length (`operation/broadcast.rs`).
//!
//! A tape is used again and again: [`rewind`](Tape::rewind) forgets all but the parameters, and keeps the memory. So a
//! training step that does what the last one did allocates nothing.

mod gradient;
pub mod keep;
mod operation;
#[cfg(test)]
mod tests;

use network3::ops::{Backend, Fast, Optimiser, Reference, clip, norm};
use network3::{Real, Threads};
pub use operation::{Binary, Unary};
use operation::{Operation, Workshop};
use std::sync::Arc;

/// Stack, rows and columns.
pub type Shape = [usize; 3];

/// A value on a tape: where it stands. It is good until the tape is rewound; a parameter is good for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Var(usize);

/// What has been computed, in order.
///
/// ```
/// use systems::tape::Tape;
/// let mut tape = Tape::<f64>::reference();
/// let w = tape.parameter([1, 1, 2], vec![3.0, -1.0]);
/// let square = tape.mul(w, w);
/// let cost = tape.total(square); // w₁² + w₂²
/// tape.backward(cost);
/// assert_eq!(tape.value(cost), [10.0]);
/// assert_eq!(tape.gradient(w), [6.0, -2.0]);
/// ```
pub struct Tape<R> {
    nodes: Vec<Node<R>>,
    /// How many of the nodes are in use; the others only have memory that waits to be used again.
    used: usize,
    /// The first so many nodes are parameters, which a rewind leaves alone.
    parameters: usize,
    workshop: Workshop<R>,
}

/// One value, and where it came from.
struct Node<R> {
    operation: Operation,
    shape: Shape,
    value: Vec<R>,
    /// ∂C/∂value, as far as it is `reached`.
    gradient: Vec<R>,
    /// Has a backward pass brought a gradient here, and left it?
    reached: bool,
    /// Does a gradient lead to a parameter from here?
    wanted: bool,
    /// Is its gradient to be kept?
    watched: bool,
}

impl<R> Node<R> {
    /// A value that no operation has computed. The gradient of a parameter is wanted, and kept.
    fn leaf(shape: Shape, value: Vec<R>, parameter: bool) -> Self {
        let (wanted, watched) = (parameter, parameter);
        Node { operation: Operation::Leaf, shape, value, gradient: vec![], reached: false, wanted, watched }
    }
}

impl Tape<f32> {
    /// A tape that computes with the processor's backend.
    pub fn fast(threads: Arc<Threads>) -> Self {
        Tape::new(Fast::new(threads))
    }
}

impl<R: Real> Tape<R> {
    /// A tape that computes with the definitions.
    pub fn reference() -> Self {
        Tape::new(Reference)
    }

    /// A tape that computes with this backend.
    pub fn new(backend: impl Backend<R> + 'static) -> Self {
        Tape { nodes: vec![], used: 0, parameters: 0, workshop: Workshop::new(Box::new(backend)) }
    }

    /// A parameter: what is to be learned, and stays when the tape is rewound.
    ///
    /// # Panics
    /// When something that is not a parameter is on the tape already, or there are not as many numbers as the shape
    /// says.
    pub fn parameter(&mut self, shape: Shape, value: Vec<R>) -> Var {
        assert_eq!(self.used, self.parameters, "parameters come first on a tape");
        assert_eq!(shape.iter().product::<usize>(), value.len(), "numbers of a parameter {shape:?}");
        self.nodes.truncate(self.used);
        self.nodes.push(Node::leaf(shape, value, true));
        (self.used, self.parameters) = (self.used + 1, self.parameters + 1);
        Var(self.used - 1)
    }

    /// A value from outside, to which no gradient is computed.
    ///
    /// # Panics
    /// When there are not as many numbers as the shape says.
    pub fn constant(&mut self, shape: Shape, value: &[R]) -> Var {
        assert_eq!(shape.iter().product::<usize>(), value.len(), "numbers of a constant {shape:?}");
        let var = self.push(Operation::Leaf, &[], shape);
        self.nodes[var.0].value.copy_from_slice(value);
        var
    }

    /// Forgets everything but the parameters; all other [`Var`]s are void.
    pub fn rewind(&mut self) {
        self.used = self.parameters;
        self.workshop.rewind();
    }

    /// The numbers of a value.
    pub fn value(&self, x: Var) -> &[R] {
        &self.nodes[..self.used][x.0].value
    }

    /// The shape of a value.
    pub fn shape(&self, x: Var) -> Shape {
        self.nodes[..self.used][x.0].shape
    }

    /// Keeps the gradient of a value for [`gradient`](Tape::gradient), which costs a copy in each backward pass. Those
    /// of parameters are kept anyhow.
    pub fn watch(&mut self, x: Var) {
        self.nodes[..self.used][x.0].watched = true;
    }

    /// ∂C/∂x, after [`backward`](Tape::backward), of a parameter or of what is [watched](Tape::watch); empty where C
    /// does not depend on x, where no parameter lies behind x, and where x is not watched.
    pub fn gradient(&self, x: Var) -> &[R] {
        let node = &self.nodes[..self.used][x.0];
        if node.reached { &node.gradient } else { &[] }
    }

    /// The numbers of all parameters and their gradients, in the order in which they were made; for an optimiser. A
    /// gradient is zero where the last backward pass did not come by.
    pub fn parameters_mut(&mut self) -> impl Iterator<Item = (&mut [R], &[R])> {
        self.nodes[..self.parameters].iter_mut().map(|node| {
            node.reach();
            (&mut node.value[..], &node.gradient[..])
        })
    }

    /// One step of an optimiser, with the gradient clipped at this norm. Returns the norm.
    pub fn step(&mut self, optimiser: &mut Optimiser<R>, eta: f64, limit: f64) -> f64 {
        let norm = norm(self.parameters_mut().map(|(_, gradient)| gradient));
        optimiser.step(eta, clip(norm, limit), self.parameters_mut());
        norm
    }

    /// Goes back over the tape from C = `cost`, a single number, and finds the gradient of everything that it depends
    /// on.
    ///
    /// # Panics
    /// When `cost` is not a single number.
    pub fn backward(&mut self, cost: Var) {
        assert_eq!(self.shape(cost), [1, 1, 1], "a backward pass starts from a single number");
        self.nodes[..self.used].iter_mut().for_each(|node| node.reached = false);
        self.nodes[cost.0].reach()[0] = R::one();
        for k in (0..=cost.0).rev() {
            let (before, rest) = self.nodes.split_at_mut(k);
            let node = &mut rest[0];
            if node.reached {
                // On its way back an operation may use up the gradient of what it has computed
                let kept = (node.watched && k >= self.parameters).then(|| node.gradient.clone());
                if let Some(rule) = node.operation.clone().rule() {
                    rule.backward(before, node, &mut self.workshop);
                }
                node.reached = node.watched;
                if let Some(kept) = kept {
                    node.gradient = kept;
                }
            }
        }
    }

    /// Writes an operation on these inputs down behind the others, and computes its value.
    fn push(&mut self, operation: Operation, inputs: &[Var], shape: Shape) -> Var {
        if self.used == self.nodes.len() {
            self.nodes.push(Node::leaf(shape, vec![], false));
        }
        let (before, rest) = self.nodes.split_at_mut(self.used);
        let node = &mut rest[0];
        node.value.resize(shape.iter().product(), R::zero());
        (node.operation, node.shape, node.reached, node.watched) = (operation, shape, false, false);
        node.wanted = inputs.iter().any(|x| before[x.0].wanted);
        if let Some(rule) = node.operation.rule() {
            rule.forward(before, &mut node.value, shape, &mut self.workshop);
        }
        self.used += 1;
        Var(self.used - 1)
    }
}
