//! What a layer will be, before it has any parameters: every size is known and nothing is allocated yet.

use super::{ConvPool, FullyConnected, Layer, Pool, Softmax};
use crate::ops::{self, Affine};
use crate::{Activation, Error, Habits, Pooling, Real, Result, Shape, Spec, Ties};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The operation of a [`Spec`] on an input of a certain shape.
pub(crate) enum Plan {
    ConvPool(ops::ConvPool),
    Pool(ops::Pool),
    FullyConnected { op: Affine, activation: Activation, dropout: f64 },
    Softmax { op: Affine, dropout: f64 },
}

/// What a layer learns about its place in the network.
pub(crate) struct Place {
    /// The activation of the layer before, where it has one.
    pub before: Option<Activation>,
    /// Which random numbers its dropout masks are made of.
    pub stream: u64,
}

impl Plan {
    /// Works out every size.
    ///
    /// # Errors
    /// When the layer cannot have such an input, or when it would be too large for this machine to address.
    pub fn new(spec: &Spec, input: Shape, ties: Ties) -> Result<Self> {
        let affine = |outputs: usize, dropout: f64| match outputs {
            0 => Err(Error::input("needs at least one neuron")),
            _ if !(0.0..1.0).contains(&dropout) => Err(Error::input("dropout is a probability from 0 to below 1")),
            _ => Ok(Affine { inputs: input.len(), outputs }),
        };
        size(&input)?;
        let plan = match *spec {
            Spec::ConvPool { filters, kernel, stride, pooling, window, step, activation } => {
                let conv = ops::Conv::new(input, filters, kernel, stride)?;
                size(&conv.output_shape())?;
                Plan::ConvPool(ops::ConvPool::new(conv, (pooling, ties), window, step, activation)?)
            }
            Spec::Conv { filters, kernel, stride, activation } => {
                let conv = ops::Conv::new(input, filters, kernel, stride)?;
                size(&conv.output_shape())?;
                Plan::ConvPool(ops::ConvPool::new(conv, (Pooling::Max, ties), (1, 1), (1, 1), activation)?)
            }
            Spec::Pool { pooling, window, step } => Plan::Pool(ops::Pool::new(input, pooling, window, step, ties)?),
            Spec::FullyConnected { neurons, activation, dropout } => {
                Plan::FullyConnected { op: affine(neurons, dropout)?, activation, dropout }
            }
            Spec::Softmax { classes, .. } if classes > 256 => {
                return Err(Error::input("a label is one byte, so there are at most 256 classes"));
            }
            Spec::Softmax { classes, dropout } => Plan::Softmax { op: affine(classes, dropout)?, dropout },
        };
        if let Some((w, _)) = plan.parameters() {
            product(&w)?;
        }
        Ok(plan)
    }

    /// The shape of one output.
    pub fn output_shape(&self) -> Shape {
        match self {
            Plan::ConvPool(op) => op.output_shape(),
            Plan::Pool(op) => op.output_shape(),
            Plan::FullyConnected { op, .. } | Plan::Softmax { op, .. } => Shape::Flat(op.outputs),
        }
    }

    /// The shape of the weights, and how many biases there are.
    pub fn parameters(&self) -> Option<(Vec<usize>, usize)> {
        match self {
            Plan::ConvPool(ops::ConvPool { conv, .. }) => {
                Some((vec![conv.filters, conv.kernel.0, conv.kernel.1, conv.maps], conv.filters))
            }
            Plan::FullyConnected { op, .. } | Plan::Softmax { op, .. } => {
                Some((vec![op.inputs, op.outputs], op.outputs))
            }
            Plan::Pool(_) => None,
        }
    }

    /// The layer, with random weights.
    pub fn build<R: Real>(self, place: Place, habits: &Habits, random: &mut Xoshiro256PlusPlus) -> Box<dyn Layer<R>> {
        let Place { before, stream } = place;
        match self {
            Plan::ConvPool(op) => Box::new(ConvPool::new(op, habits, random)),
            Plan::Pool(op) => Box::new(Pool(op)),
            Plan::FullyConnected { op, activation, dropout } => {
                Box::new(FullyConnected::new(op, (activation, before), (dropout, stream), habits, random))
            }
            Plan::Softmax { op, dropout } => Box::new(Softmax::new(op, before, (dropout, stream))),
        }
    }
}

/// Has it any units, and not more than can be addressed?
fn size(shape: &Shape) -> Result<()> {
    let units = match *shape {
        Shape::Image { maps, height, width } => product(&[maps, height, width])?,
        Shape::Flat(n) => product(&[n])?,
    };
    if units == 0 { Err(Error::shape("input", "at least one unit", shape)) } else { Ok(()) }
}

/// How many numbers an array of this shape has; no array is larger than isize::MAX bytes.
fn product(shape: &[usize]) -> Result<usize> {
    let numbers = shape.iter().try_fold(1usize, |product, &n| product.checked_mul(n));
    let too_many = || Error::input(format!("too large: an array of {shape:?} numbers"));
    numbers.filter(|&n| n <= isize::MAX as usize / size_of::<f64>()).ok_or_else(too_many)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_before_anything_is_allocated() {
        let refused = |spec: Spec, input, why: &str| {
            let e = Plan::new(&spec, input, Ties::First).err().expect("refused").to_string();
            assert!(e.contains(why), "{e}");
        };
        let huge = usize::MAX / 2;
        refused(Spec::softmax(10), Shape::Flat(0), "at least one unit, got 0");
        refused(Spec::conv(1, (1, 1), Activation::Relu), Shape::image(0, 4, 4), "at least one unit, got 0×4×4");
        refused(Spec::softmax(257), Shape::Flat(4), "at most 256 classes");
        refused(Spec::softmax(0), Shape::Flat(4), "at least one neuron");
        refused(Spec::softmax(10).with_dropout(1.0), Shape::Flat(4), "dropout is a probability");
        refused(Spec::softmax(10).with_dropout(f64::NAN), Shape::Flat(4), "dropout is a probability");
        refused(Spec::softmax(10), Shape::image(huge, huge, 4), "too large");
        refused(Spec::fully_connected(huge, Activation::Relu), Shape::Flat(4), "too large");
        refused(Spec::conv(huge, (1, 1), Activation::Relu), Shape::image(1, 4, 4), "too large");
        refused(Spec::conv(huge, (4, 4), Activation::Relu), Shape::image(1, 4, 4), "too large");
    }
}
