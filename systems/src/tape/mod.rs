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
//! Values are stacks of matrices, `[stack, rows, columns]`, in row-major order. What operations there are, and their
//! derivatives, is in `operation.rs`; matrix products, activation functions and softmax are computed by one of the
//! library's backends ([`Fast`] in `f32`, [`Reference`] in either type). A dimension of 1 stretches to any length
//! (`broadcast.rs`).
//!
//! A tape is used again and again: [`rewind`](Tape::rewind) forgets all but the parameters, and keeps the memory. So a
//! training step that does what the last one did allocates nothing.

mod broadcast;
mod gradient;
pub mod keep;
mod matrices;
mod operation;
#[cfg(test)]
mod tests;

use network3::ops::{Backend, Fast, Optimiser, Reference, clip, norm};
use network3::{Activation, Real, Threads};
pub use operation::{Binary, Unary};
use operation::{Operation, Workshop};
use std::ops::Range;
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
        let var = self.push(Operation::Leaf, shape);
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
                self.workshop.backward(before, node);
                node.reached = node.watched;
                if let Some(kept) = kept {
                    node.gradient = kept;
                }
            }
        }
    }

    /// Writes an operation down behind the others, and computes its value.
    fn push(&mut self, operation: Operation, shape: Shape) -> Var {
        if self.used == self.nodes.len() {
            self.nodes.push(Node::leaf(shape, vec![], false));
        }
        let (before, rest) = self.nodes.split_at_mut(self.used);
        let node = &mut rest[0];
        node.value.resize(shape.iter().product(), R::zero());
        (node.operation, node.shape, node.reached, node.watched) = (operation, shape, false, false);
        node.wanted = self.workshop.inputs(&node.operation).any(|x| before[x.0].wanted);
        self.workshop.forward(before, node);
        self.used += 1;
        Var(self.used - 1)
    }
}

/// The operations. Each panics on shapes that do not fit together, and names them.
#[allow(clippy::missing_panics_doc)] // said once, for all
impl<R: Real> Tape<R> {
    /// y = x w + b for every row of x: `[p, q, inputs]`, w `[1, inputs, outputs]`, b `[1, 1, outputs]`; without b, y =
    /// x w.
    pub fn affine(&mut self, x: Var, w: Var, b: Option<Var>) -> Var {
        let ([p, q, inputs], [one, rows, outputs]) = (self.shape(x), self.shape(w));
        assert_eq!([one, rows], [1, inputs], "rows of w, for inputs {:?}", self.shape(x));
        assert!(b.is_none_or(|b| self.shape(b) == [1, 1, outputs]), "one bias for each of {outputs} outputs");
        self.push(Operation::Affine { x, w, b }, [p, q, outputs])
    }

    /// The products of matrices, stack by stack: a `[n, p, q]` times b `[n, q, r]`.
    pub fn product(&mut self, a: Var, b: Var) -> Var {
        let ([n, p, q], [m, rows, r]) = (self.shape(a), self.shape(b));
        assert_eq!([n, q], [m, rows], "stack and rows of b, for a {:?}", self.shape(a));
        self.push(Operation::Product { a, b, transposed: false }, [n, p, r])
    }

    /// The same with every matrix of b transposed: a `[n, p, q]`, b `[n, r, q]`.
    pub fn product_transposed(&mut self, a: Var, b: Var) -> Var {
        let ([n, p, q], [m, r, columns]) = (self.shape(a), self.shape(b));
        assert_eq!([n, q], [m, columns], "stack and columns of b, for a {:?}", self.shape(a));
        self.push(Operation::Product { a, b, transposed: true }, [n, p, r])
    }

    /// a + b, stretched to fit.
    pub fn add(&mut self, a: Var, b: Var) -> Var {
        self.binary(Binary::Add, a, b)
    }

    /// a − b, stretched to fit.
    pub fn sub(&mut self, a: Var, b: Var) -> Var {
        self.binary(Binary::Sub, a, b)
    }

    /// a · b, number by number, stretched to fit.
    pub fn mul(&mut self, a: Var, b: Var) -> Var {
        self.binary(Binary::Mul, a, b)
    }

    /// a / b, number by number, stretched to fit.
    pub fn div(&mut self, a: Var, b: Var) -> Var {
        self.binary(Binary::Div, a, b)
    }

    /// aᵇ for a ≥ 0, number by number, stretched to fit.
    pub fn power(&mut self, a: Var, b: Var) -> Var {
        self.binary(Binary::Power, a, b)
    }

    fn binary(&mut self, f: Binary, a: Var, b: Var) -> Var {
        let shape = broadcast::shape(self.shape(a), self.shape(b));
        self.push(Operation::Binary { f, a, b }, shape)
    }

    /// f(x), number by number.
    pub fn unary(&mut self, f: Unary, x: Var) -> Var {
        self.push(Operation::Unary { f, x }, self.shape(x))
    }

    /// scale · x + shift
    pub fn linear(&mut self, x: Var, scale: f64, shift: f64) -> Var {
        self.unary(Unary::Linear { scale, shift }, x)
    }

    /// 1 / (1 + e⁻ˣ)
    pub fn sigmoid(&mut self, x: Var) -> Var {
        self.unary(Unary::Activation(Activation::Sigmoid), x)
    }

    /// tanh x
    pub fn tanh(&mut self, x: Var) -> Var {
        self.unary(Unary::Activation(Activation::Tanh), x)
    }

    /// Each row becomes probabilities: eˣ over the sum of its row.
    pub fn softmax(&mut self, x: Var) -> Var {
        self.push(Operation::Softmax { x }, self.shape(x))
    }

    /// The sum along an axis, which keeps the length 1.
    pub fn sum(&mut self, x: Var, axis: usize) -> Var {
        let mut shape = self.shape(x);
        shape[axis] = 1;
        self.push(Operation::Sum { x, axis }, shape)
    }

    /// The sum of all numbers.
    pub fn total(&mut self, x: Var) -> Var {
        let row = self.reshape(x, [1, 1, self.value(x).len()]);
        self.sum(row, 2)
    }

    /// A part of x, along an axis.
    pub fn slice(&mut self, x: Var, axis: usize, range: Range<usize>) -> Var {
        let mut shape = self.shape(x);
        assert!(range.start < range.end && range.end <= shape[axis], "{range:?} of axis {axis} of {shape:?}");
        shape[axis] = range.len();
        self.push(Operation::Slice { x, axis, first: range.start }, shape)
    }

    /// Several values behind each other, along an axis.
    pub fn concat(&mut self, parts: &[Var], axis: usize) -> Var {
        let mut shape = self.shape(parts[0]);
        shape[axis] = 0;
        for &part in parts {
            let other = self.shape(part);
            assert!((0..3).all(|k| k == axis || shape[k] == other[k]), "{other:?} beside {shape:?}, axis {axis}");
            shape[axis] += other[axis];
        }
        let parts = self.workshop.keep_parts(parts);
        self.push(Operation::Concat { parts, axis }, shape)
    }

    /// The same numbers in another shape.
    pub fn reshape(&mut self, x: Var, shape: Shape) -> Var {
        let len = self.value(x).len();
        assert_eq!(shape.iter().product::<usize>(), len, "{:?} as {shape:?}", self.shape(x));
        self.push(Operation::Reshape { x }, shape)
    }

    /// Each row of x moved in a circle, by each of the offsets −k … k with the weight that it has in the row of
    /// `shift`: y\[j\] = Σₛ shift\[k + s\] · x\[j − s\], columns modulo the length of a row. `shift` is
    /// `[p, q, 2k + 1]`.
    pub fn rotate(&mut self, x: Var, shift: Var) -> Var {
        let ([p, q, n], [sp, sq, k]) = (self.shape(x), self.shape(shift));
        assert!([sp, sq] == [p, q] && k % 2 == 1 && k <= n, "a shift [{p}, {q}, odd], got {:?}", self.shape(shift));
        self.push(Operation::Rotate { x, shift }, [p, q, n])
    }

    /// The mean of −ln softmax(z)\[label\] over the rows of z that have a label: the log-likelihood cost of a softmax
    /// layer.
    pub fn log_likelihood(&mut self, z: Var, labels: &[Option<usize>]) -> Var {
        let [p, q, classes] = self.shape(z);
        assert_eq!(labels.len(), p * q, "a label, or none, for each row of {:?}", self.shape(z));
        assert!(labels.iter().flatten().all(|&label| label < classes), "labels below {classes}");
        let labels = self.workshop.keep_labels(labels);
        self.push(Operation::LogLikelihood { z, labels }, [1, 1, 1])
    }
}
