//! What a layer will be, before it has any parameters: every size is known and nothing is allocated yet.

use super::{
    BatchNorm, Branches, ConvPool, FullyConnected, Layer, Normalise, Parameters, Pool, Row, SideClassifier, Softmax,
};
use crate::habits::{Habits, Initialisation, Masks};
use crate::ops::{self, Activation, Affine, Dropout, Pooling, Ties, Window};
use crate::{Error, Real, Result, Shape, Spec};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The operation of a [`Spec`] on an input of a certain shape.
pub(crate) enum Plan {
    ConvPool(ops::ConvPool),
    Pool(ops::Pool),
    Normalise(ops::Normalise, Shape),
    BatchNorm(ops::BatchNorm, Shape),
    Branches { input: Shape, rows: Vec<Vec<Plan>>, output: Shape },
    SideClassifier { input: Shape, weight: f64, row: Vec<Plan> },
    FullyConnected { op: Affine, activation: Activation, dropout: f64 },
    Softmax { op: Affine, dropout: f64 },
}

/// The arrays that a layer will learn.
pub(crate) struct Arrays {
    /// The shape of the weights.
    pub weights: Vec<usize>,
    /// How many biases there are.
    pub biases: usize,
    /// How many running means there are, and as many variances.
    pub moments: usize,
}

impl Plan {
    /// Plans for layers in a row; only the last may be a softmax layer.
    ///
    /// # Errors
    /// As [`Plan::new`], with the layer's number in front.
    pub fn row(input: Shape, specs: &[Spec], ties: Ties) -> Result<Vec<Plan>> {
        let mut shape = input;
        let plan = |(k, spec): (usize, &Spec)| {
            let number = format!("layer {} ({spec})", k + 1);
            if matches!(spec, Spec::Softmax { .. }) && k + 1 < specs.len() {
                return Err(Error::input(format!("{number}: a network ends with its only softmax layer")));
            }
            let plan = Plan::new(spec, shape, ties).map_err(|e| e.context(number))?;
            shape = plan.output_shape();
            Ok(plan)
        };
        if specs.is_empty() {
            return Err(Error::input("there are no layers: at least one is needed"));
        }
        specs.iter().enumerate().map(plan).collect()
    }

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
        let conv = |filters, window: Window, groups| {
            let conv = ops::Conv::with_window(input, filters, window, groups)?;
            let padded = conv.on_padded();
            size(&Shape::image(padded.maps, padded.height, padded.width))?;
            size(&conv.output_shape())?;
            Ok(conv)
        };
        size(&input)?;
        let plan = match *spec {
            Spec::ConvPool { filters, kernel, stride, padding, groups, pooling, window, step, activation } => {
                let conv = conv(filters, Window { size: kernel, stride, padding }, groups)?;
                Plan::ConvPool(ops::ConvPool::new(conv, pooling, ties, Window::new(window, step), activation)?)
            }
            Spec::Conv { filters, kernel, stride, padding, groups, activation } => {
                let conv = conv(filters, Window { size: kernel, stride, padding }, groups)?;
                let alone = Window::new((1, 1), (1, 1));
                Plan::ConvPool(ops::ConvPool::new(conv, Pooling::Max, ties, alone, activation)?)
            }
            Spec::Pool { pooling, window, step, padding } => {
                let window = Window { size: window, stride: step, padding };
                Plan::Pool(ops::Pool::new(input, pooling, window, ties)?)
            }
            Spec::Normalise { size, k, alpha, beta } => {
                Plan::Normalise(ops::Normalise::new(input, size, k, alpha, beta)?, input)
            }
            Spec::BatchNorm => Plan::BatchNorm(ops::BatchNorm::new(input)?, input),
            Spec::Branches { ref rows } => Plan::branches(input, rows, ties)?,
            Spec::SideClassifier { weight, ref layers } => Plan::side_classifier(input, weight, layers, ties)?,
            Spec::FullyConnected { neurons, activation, dropout } => {
                Plan::FullyConnected { op: affine(neurons, dropout)?, activation, dropout }
            }
            Spec::Softmax { classes, .. } if classes > 1 << 16 => {
                return Err(Error::input("a label has 16 bits, so there are at most 65,536 classes"));
            }
            Spec::Softmax { classes, dropout } => Plan::Softmax { op: affine(classes, dropout)?, dropout },
        };
        if let Some(arrays) = plan.arrays() {
            product(&arrays.weights)?;
        }
        Ok(plan)
    }

    fn branches(input: Shape, specs: &[Vec<Spec>], ties: Ties) -> Result<Self> {
        let mut rows = vec![];
        let mut together: Option<(usize, usize, usize)> = None;
        for (k, specs) in specs.iter().enumerate() {
            let context = |e: Error| e.context(format_args!("branch {}", k + 1));
            if let Some(Spec::Softmax { .. }) = specs.last() {
                return Err(context(Error::input("a softmax layer ends a network, not a branch")));
            }
            let row = Plan::row(input, specs, ties).map_err(context)?;
            let output = row.last().map_or(input, Plan::output_shape);
            let Shape::Image { maps, height, width } = output else {
                return Err(context(Error::shape(
                    "branches",
                    "an image (maps×height×width)",
                    format!("{output} units"),
                )));
            };
            let (all, ..) = *together.get_or_insert((0, height, width));
            if together != Some((all, height, width)) {
                let expected = together.map_or(String::new(), |(_, h, w)| format!("maps of {h}×{w}, as the first has"));
                return Err(context(Error::shape("branches", expected, output)));
            }
            together = Some((all + maps, height, width));
            rows.push(row);
        }
        let (maps, height, width) =
            together.ok_or_else(|| Error::input("there are no branches: at least one is needed"))?;
        Ok(Plan::Branches { input, rows, output: Shape::image(maps, height, width) })
    }

    fn side_classifier(input: Shape, weight: f64, specs: &[Spec], ties: Ties) -> Result<Self> {
        if !(weight.is_finite() && weight >= 0.0) {
            return Err(Error::input(format!("the weight of a side classifier must not be negative, and is {weight}")));
        }
        let row = Plan::row(input, specs, ties).map_err(|e| e.context("side classifier"))?;
        match row.last() {
            Some(Plan::Softmax { .. }) => Ok(Plan::SideClassifier { input, weight, row }),
            _ => Err(Error::input("a side classifier ends with a softmax layer")),
        }
    }

    /// The shape of one output.
    pub fn output_shape(&self) -> Shape {
        match self {
            Plan::ConvPool(op) => op.output_shape(),
            Plan::Pool(op) => op.output_shape(),
            Plan::Normalise(_, shape) | Plan::BatchNorm(_, shape) | Plan::SideClassifier { input: shape, .. } => *shape,
            Plan::Branches { output, .. } => *output,
            Plan::FullyConnected { op, .. } | Plan::Softmax { op, .. } => Shape::Flat(op.outputs),
        }
    }

    /// What the layer itself will learn: not what layers within it will.
    fn arrays(&self) -> Option<Arrays> {
        match self {
            Plan::ConvPool(ops::ConvPool { conv, .. }) => {
                let weights = vec![conv.filters, conv.kernel().0, conv.kernel().1, conv.group_maps()];
                Some(Arrays { weights, biases: conv.filters, moments: 0 })
            }
            Plan::FullyConnected { op, .. } | Plan::Softmax { op, .. } => {
                Some(Arrays { weights: vec![op.inputs, op.outputs], biases: op.outputs, moments: 0 })
            }
            Plan::BatchNorm(ops::BatchNorm { channels: n, .. }, _) => {
                Some(Arrays { weights: vec![*n], biases: *n, moments: *n })
            }
            Plan::Pool(_) | Plan::Normalise(..) | Plan::Branches { .. } | Plan::SideClassifier { .. } => None,
        }
    }

    /// Standard deviations of the first weights and biases.
    fn spread(&self, habits: &Habits) -> (f64, f64) {
        let faithful = habits.initialisation == Initialisation::FanOut;
        let fan_in = |n: usize, f: Activation| if f == Activation::Relu { 2.0 / n as f64 } else { 1.0 / n as f64 };
        match self {
            Plan::ConvPool(op) if faithful => {
                // The chapter's n_out: filters · kernel area / window area, in whole numbers as Python 2 divides them.
                let area = |(height, width): (usize, usize)| height * width;
                let n_out = op.conv.filters * area(op.conv.kernel()) / area(op.pool.window.size);
                ((1.0 / n_out.max(1) as f64).sqrt(), 1.0)
            }
            Plan::ConvPool(op) => (fan_in(op.conv.taps(), op.activation).sqrt(), 0.0),
            Plan::FullyConnected { op, .. } if faithful => ((1.0 / op.outputs as f64).sqrt(), 1.0),
            Plan::FullyConnected { op, activation, .. } => (fan_in(op.inputs, *activation).sqrt(), 0.0),
            // An untrained network prefers no class.
            Plan::Softmax { .. } => (0.0, 0.0),
            // They are not drawn.
            Plan::BatchNorm(..) => (0.0, 0.0),
            Plan::Pool(_) | Plan::Normalise(..) | Plan::Branches { .. } | Plan::SideClassifier { .. } => (0.0, 0.0),
        }
    }

    /// Shows what all layers will learn, by the path to each: see [`Layer::visit`].
    #[cfg(feature = "files")] // only files are compared with a plan
    pub fn visit(row: &[Plan], path: &mut Vec<usize>, see: &mut dyn FnMut(&[usize], Arrays)) {
        for (k, plan) in row.iter().enumerate() {
            path.push(k);
            if let Some(arrays) = plan.arrays() {
                see(path, arrays);
            }
            match plan {
                Plan::Branches { rows, .. } => {
                    for (k, row) in rows.iter().enumerate() {
                        path.push(k);
                        Plan::visit(row, path, see);
                        path.pop();
                    }
                }
                Plan::SideClassifier { row, .. } => Plan::visit(row, path, see),
                _ => {}
            }
            path.pop();
        }
    }

    /// The layers of a row, with random weights. Dropout masks come from streams that follow from `seed`.
    pub fn build<R: Real>(
        input: Shape,
        row: Vec<Plan>,
        habits: &Habits,
        seed: u64,
        random: &mut Xoshiro256PlusPlus,
    ) -> Row<R> {
        let layers =
            row.into_iter().enumerate().map(|(k, plan)| plan.build_layer(habits, stream(habits, seed, k), random));
        Row::new(input, layers.collect())
    }

    fn build_layer<R: Real>(self, habits: &Habits, stream: u64, random: &mut Xoshiro256PlusPlus) -> Box<dyn Layer<R>> {
        let parameters = self
            .arrays()
            .map(|Arrays { weights, biases, .. }| Parameters::normal(&weights, biases, self.spread(habits), random));
        let parameters = || parameters.expect("this kind of layer has arrays");
        match self {
            Plan::ConvPool(op) => Box::new(ConvPool::new(op, parameters())),
            Plan::Pool(op) => Box::new(Pool::new(op)),
            Plan::Normalise(op, shape) => Box::new(Normalise::new(op, shape)),
            Plan::BatchNorm(op, shape) => {
                // At first it only normalises: γ = 1 and β = 0.
                let mut parameters = parameters().with_moments(op.channels);
                parameters.w.fill(R::one());
                Box::new(BatchNorm::new(op, shape, parameters))
            }
            Plan::Branches { input, rows, output } => {
                let row = |(k, row)| Plan::build(input, row, habits, stream.wrapping_add(k as u64), random);
                Box::new(Branches::new(rows.into_iter().enumerate().map(row).collect(), output))
            }
            Plan::SideClassifier { input, weight, row } => {
                Box::new(SideClassifier::new(weight, Plan::build(input, row, habits, stream, random)))
            }
            Plan::FullyConnected { op, activation, dropout } => {
                let dropout = Dropout { inputs: op.inputs, p: dropout, stream };
                Box::new(FullyConnected::new(op, activation, dropout, parameters()))
            }
            Plan::Softmax { op, dropout } => {
                Box::new(Softmax::new(op, Dropout { inputs: op.inputs, p: dropout, stream }, parameters()))
            }
        }
    }
}

/// The random numbers by which layer k of a row drops inputs. The shared stream is one and the same for every layer of
/// every network.
pub(crate) fn stream(habits: &Habits, seed: u64, k: usize) -> u64 {
    match habits.masks {
        Masks::Shared => 0,
        Masks::Independent => seed.wrapping_mul(1_000_003).wrapping_add(k as u64 + 1),
    }
}

/// How many multiplications the forward pass of one input takes, done densely: those of convolutions and of
/// fully-connected layers.
///
/// # Errors
/// When the layers do not fit each other or the input.
///
/// ```
/// use network3::{Activation, Shape, Spec, layer};
/// let layers = [Spec::conv_pool(20, (5, 5), (2, 2), Activation::Relu), Spec::softmax(10)];
/// let count = layer::multiplications(Shape::image(1, 28, 28), &layers)?;
/// assert_eq!(count, 24 * 24 * 20 * 25 + 12 * 12 * 20 * 10);
/// # Ok::<(), network3::Error>(())
/// ```
pub fn multiplications(input: Shape, specs: &[Spec]) -> Result<usize> {
    fn of(row: &[Plan]) -> usize {
        let one = |plan: &Plan| match plan {
            Plan::ConvPool(op) => op.conv.output_len() * op.conv.taps(),
            Plan::FullyConnected { op, .. } | Plan::Softmax { op, .. } => op.inputs * op.outputs,
            Plan::Branches { rows, .. } => rows.iter().map(|row| of(row)).sum(),
            Plan::SideClassifier { .. } | Plan::Pool(_) | Plan::Normalise(..) | Plan::BatchNorm(..) => 0,
        };
        row.iter().map(one).sum()
    }
    Ok(of(&Plan::row(input, specs, Ties::First)?))
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
        let pair = |a: Spec, b: Spec| Spec::Branches { rows: vec![vec![a], vec![b]] };
        let conv = |kernel| Spec::conv(1, kernel, Activation::Relu);
        refused(Spec::softmax(10), Shape::Flat(0), "at least one unit, got 0");
        refused(conv((1, 1)), Shape::image(0, 4, 4), "at least one unit, got 0×4×4");
        refused(Spec::softmax(65_537), Shape::Flat(4), "at most 65,536 classes");
        refused(Spec::softmax(0), Shape::Flat(4), "at least one neuron");
        refused(Spec::softmax(10).with_dropout(1.0), Shape::Flat(4), "dropout is a probability");
        refused(Spec::softmax(10).with_dropout(f64::NAN), Shape::Flat(4), "dropout is a probability");
        refused(Spec::softmax(10), Shape::image(huge, huge, 4), "too large");
        refused(Spec::fully_connected(huge, Activation::Relu), Shape::Flat(4), "too large");
        refused(Spec::conv(huge, (1, 1), Activation::Relu), Shape::image(1, 4, 4), "too large");
        refused(Spec::conv(huge, (4, 4), Activation::Relu), Shape::image(1, 4, 4), "too large");
        refused(conv((2, 2)).padded(ops::Padding::all(2)), Shape::image(1, 4, 4), "a margin narrower than the window");
        refused(conv((3, 3)).padded(ops::Padding::all(huge)), Shape::image(1, 4, 4), "a margin narrower");
        refused(conv((1, 1)).grouped(2), Shape::image(2, 4, 4), "in 2 equal groups, got 2 maps and 1 filters");
        refused(conv((1, 1)).grouped(0), Shape::image(2, 4, 4), "filters and groups must be at least 1");
        let normalise = |size, k| Spec::Normalise { size, k, alpha: 1e-4, beta: 0.75 };
        refused(normalise(4, 2.0), Shape::image(2, 4, 4), "must be odd, not 4");
        refused(normalise(5, 0.0), Shape::image(2, 4, 4), "k = 0 must be positive");
        refused(normalise(5, 2.0), Shape::Flat(4), "expected an image");
        refused(Spec::Branches { rows: vec![] }, Shape::image(1, 4, 4), "no branches");
        refused(Spec::Branches { rows: vec![vec![]] }, Shape::image(1, 4, 4), "branch 1: there are no layers");
        refused(pair(conv((1, 1)), conv((2, 2))), Shape::image(1, 4, 4), "branch 2: branches: expected maps of 4×4");
        refused(
            pair(conv((1, 1)), Spec::softmax(2)),
            Shape::image(1, 4, 4),
            "branch 2: a softmax layer ends a network",
        );
        let aside = |weight, layers| Spec::SideClassifier { weight, layers };
        refused(aside(0.3, vec![conv((1, 1))]), Shape::image(1, 4, 4), "ends with a softmax layer");
        refused(aside(-1.0, vec![Spec::softmax(2)]), Shape::image(1, 4, 4), "must not be negative");
    }
}
