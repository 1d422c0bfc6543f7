//! What a tape can compute: each operation in a file with its shape, its value, and its gradient.
//!
//! | operation | y | what ∂C/∂y = dy adds to the gradients |
//! | --- | --- | --- |
//! | affine | x w + b | dx: dy wᵀ, dw: xᵀ dy, db: the sum of dy over rows |
//! | matrix product | a b, or a bᵀ | da: dy bᵀ, db: aᵀ dy; or da: dy b, db: dyᵀ a |
//! | sum of two, difference | a ± b | da: dy, db: ±dy |
//! | product of numbers, quotient | a·b, a/b | da: dy·b, db: dy·a; or da: dy/b, db: −dy·a/b² |
//! | power | aᵇ | da: dy·b·aᵇ⁻¹, db: dy·aᵇ·ln a |
//! | functions | f(x) | dx: dy·f′(x) |
//! | softmax | eˣ/Σeˣ | dx: y·(dy − Σ y·dy) |
//! | sum along an axis | Σx | dx: dy, all along the axis |
//! | slice, concat, reshape | the same numbers elsewhere | dx: dy, there |
//! | rotate | yⱼ = Σₛ shiftₛ·xⱼ₋ₛ | dxⱼ: Σₛ shiftₛ·dyⱼ₊ₛ, dshiftₛ: Σⱼ dyⱼ·xⱼ₋ₛ |
//! | log-likelihood | −mean ln softmax(z) at the label | dz: dy·(softmax(z) − \[label\]) / rows |

mod affine;
mod binary;
pub mod broadcast;
mod log_likelihood;
mod product;
mod rearrange;
mod rotate;
mod softmax;
mod sum;
mod unary;

use super::{Node, Shape, Var};
pub use binary::Binary;
use network3::Real;
use network3::ops::Backend;
pub use unary::Unary;

/// How an operation computes its value, and what it adds to the gradients of its inputs. They stand in `before`.
pub trait Rule<R> {
    /// Writes the value y, of a shape that is known.
    fn forward(&self, before: &[Node<R>], y: &mut [R], shape: Shape, workshop: &mut Workshop<R>);

    /// Adds what the gradient of `node` gives to the gradients of its inputs, and may use it up.
    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, workshop: &mut Workshop<R>);
}

/// An operation, and on which values.
#[derive(Clone)]
pub enum Operation {
    /// A parameter or a constant, which nothing has computed.
    Leaf,
    Affine(affine::Affine),
    Product(product::Product),
    Binary(binary::Stretched),
    Unary(unary::Each),
    Softmax(softmax::Softmax),
    Sum(sum::Sum),
    Slice(rearrange::Slice),
    Concat(rearrange::Concat),
    Reshape(rearrange::Reshape),
    Rotate(rotate::Rotate),
    LogLikelihood(log_likelihood::LogLikelihood),
}

impl Operation {
    /// Its rule, which a leaf has none of.
    pub fn rule<R: Real>(&self) -> Option<&dyn Rule<R>> {
        Some(match self {
            Operation::Leaf => return None,
            Operation::Affine(rule) => rule,
            Operation::Product(rule) => rule,
            Operation::Binary(rule) => rule,
            Operation::Unary(rule) => rule,
            Operation::Softmax(rule) => rule,
            Operation::Sum(rule) => rule,
            Operation::Slice(rule) => rule,
            Operation::Concat(rule) => rule,
            Operation::Reshape(rule) => rule,
            Operation::Rotate(rule) => rule,
            Operation::LogLikelihood(rule) => rule,
        })
    }
}

/// What computing takes: a backend, memory, and the lists that operations of any number of inputs refer to.
pub struct Workshop<R> {
    backend: Box<dyn Backend<R>>,
    parts: Vec<Var>,
    labels: Vec<Option<usize>>,
    /// Scratch memory.
    scratch: Vec<R>,
    /// The biases of a product that has none, and what becomes of their gradient.
    no_bias: [Vec<R>; 2],
}

impl<R: Real> Workshop<R> {
    pub fn new(backend: Box<dyn Backend<R>>) -> Self {
        Workshop { backend, parts: vec![], labels: vec![], scratch: vec![], no_bias: [vec![], vec![]] }
    }

    /// Forgets the lists.
    pub fn rewind(&mut self) {
        self.parts.clear();
        self.labels.clear();
    }
}

/// y += x, as far as y goes or x does.
fn add<R: Real>(y: &mut [R], x: &[R]) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y += x);
}

/// The length of an axis, and how many numbers lie between neighbours along it.
fn along(shape: Shape, axis: usize) -> [usize; 2] {
    [shape[axis], shape[axis + 1..].iter().product()]
}
