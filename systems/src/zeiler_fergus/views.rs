//! The way up through convolution and max-pooling, and the way down again.
//!
//! | up | down |
//! | --- | --- |
//! | convolution with w | convolution with w flipped: every output sends w times itself back to its window |
//! | max-pooling, which notes the winner of each window: the *switch* | unpooling: a number goes back to where its winner was |
//! | bias and rectification | rectification |
//!
//! Without rectification, and with the switches held fixed, both are linear, and the way down is the *adjoint* of the
//! way up: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ for all x and y. (Zeiler and Fergus, *Visualizing and understanding convolutional
//! networks* (2013), section 2.1.)

use network3::{
    Activation, Error, Network, Pooling, Real, Result, Shape, Spec, Ties,
    ops::{At, Backend, Conv, Parameter, Pool, Reference, Window},
};

/// A convolutional layer: convolution, max-pooling, bias, rectification.
#[derive(Clone, Debug)]
pub struct Stage<R> {
    conv: Conv,
    pool: Pool,
    w: Vec<R>,
    b: Vec<R>,
}

/// For each pooled unit, which unit of the convolution has won its window.
pub type Switches = Vec<usize>;

impl<R: Real> Stage<R> {
    /// A stage with these weights `[filters, kernel height, kernel width, maps]` and biases.
    ///
    /// # Errors
    /// When the window of pooling does not fit what the convolution makes.
    pub fn new(conv: Conv, window: Window, w: Vec<R>, b: Vec<R>) -> Result<Self> {
        let pool = Pool::new(conv.output_shape(), Pooling::Max, window, Ties::First)?;
        Ok(Stage { conv, pool, w, b })
    }

    /// The shape of what it hands on.
    pub fn output_shape(&self) -> Shape {
        self.pool.output_shape()
    }

    /// Its windows, in the order in which they are gone through: of the convolution and of pooling.
    pub fn windows(&self) -> [Window; 2] {
        [self.conv.window, self.pool.window]
    }

    /// The convolution alone.
    fn convolved(&self, x: &[R]) -> Vec<R> {
        let mut y = vec![R::zero(); self.conv.output_len()];
        Reference.conv_forward(&self.conv, x, &self.w, &mut y);
        y
    }

    /// The way up: what the layer hands on, and its switches.
    pub fn up(&self, x: &[R]) -> (Vec<R>, Switches) {
        let convolved = self.convolved(x);
        let Pool { maps, height, width, window, .. } = self.pool;
        let (rows, columns) = self.pool.outputs();
        let mut switches = vec![];
        for unit in 0..rows * columns * maps {
            let (place, map) = (unit / maps, unit % maps);
            let (i, j) = window.inside((place / columns, place % columns), (height, width));
            let units = i.flat_map(|i| j.clone().map(move |j| (i * width + j) * maps + map));
            // The first of equals
            let winner = units.reduce(|best, k| if convolved[k] > convolved[best] { k } else { best });
            switches.push(winner.expect("a window sees a unit at least"));
        }
        let y = switches.iter().enumerate().map(|(unit, &k)| (convolved[k] + self.b[unit % maps]).max(R::zero()));
        (y.collect(), switches)
    }

    /// The linear part of the way up, with these switches: what was convolved, at the winners.
    pub fn up_linear(&self, x: &[R], switches: &[usize]) -> Vec<R> {
        let convolved = self.convolved(x);
        switches.iter().map(|&k| convolved[k]).collect()
    }

    /// The linear part of the way down: back to the winners, and through the flipped convolution.
    pub fn down_linear(&self, y: &[R], switches: &[usize]) -> Vec<R> {
        let mut d_convolved = vec![R::zero(); self.conv.output_len()];
        switches.iter().zip(y).for_each(|(&k, &y)| d_convolved[k] += y);
        // This is the gradient with respect to the input of a convolution; that of its weights comes along, and is not
        // used.
        let (mut x, nothing) = (vec![R::zero(); self.conv.input_len()], vec![R::zero(); self.conv.input_len()]);
        let mut dw = vec![R::zero(); self.w.len()];
        let at = At { x: &nothing, y: &[], dy: &mut d_convolved, dx: Some(&mut x), dead_at_zero: false };
        Reference.conv_backward(&self.conv, at, Parameter::Accumulate { value: &self.w, gradient: &mut dw });
        x
    }

    /// The way down: rectification, then [`Stage::down_linear`].
    pub fn down(&self, y: &[R], switches: &[usize]) -> Vec<R> {
        let rectified: Vec<R> = y.iter().map(|y| y.max(R::zero())).collect();
        self.down_linear(&rectified, switches)
    }
}

/// The convolutional layers that a network begins with, as stages.
///
/// # Errors
/// When there is none, or one that has no max-pooling or no rectified linear units.
pub fn stages<R: Real>(network: &Network<R>) -> Result<Vec<Stage<R>>> {
    let mut stages: Vec<Stage<R>> = vec![];
    let mut input = network.input();
    for (spec, layer) in network.specs().iter().zip(network.layers()) {
        let (Spec::ConvPool { filters, kernel, stride, padding, groups, pooling, window, step, activation }, Some(p)) =
            (spec, layer.parameters())
        else {
            break;
        };
        if (*pooling, *activation) != (Pooling::Max, Activation::Relu) {
            return Err(Error::input(format!("the way down needs max-pooling and rectified linear units, not {spec}")));
        }
        let field = Window { size: *kernel, stride: *stride, padding: *padding };
        let conv = Conv::with_window(input, *filters, field, *groups)?;
        let (w, b) = (p.w.iter().copied().collect(), p.b.iter().copied().collect());
        let stage = Stage::new(conv, Window::new(*window, *step), w, b)?;
        input = stage.output_shape();
        stages.push(stage);
    }
    if stages.is_empty() {
        return Err(Error::input("a network that begins with a convolutional layer is wanted"));
    }
    Ok(stages)
}

/// What a unit of the last stage has seen of an image: the way up, everything else there set to zero, and the way down.
pub fn view<R: Real>(stages: &[Stage<R>], x: &[R], unit: usize) -> Vec<R> {
    let (mut y, mut switches) = (x.to_vec(), vec![]);
    for stage in stages {
        let (above, s) = stage.up(&y);
        y = above;
        switches.push(s);
    }
    y.iter_mut().enumerate().filter(|(k, _)| *k != unit).for_each(|(_, y)| *y = R::zero());
    stages.iter().zip(&switches).rev().fold(y, |y, (stage, switches)| stage.down(&y, switches))
}

#[cfg(test)]
mod tests {
    use super::*;
    use network3::{Cost, Pass};
    use quickcheck::quickcheck;
    use rand::RngExt;

    /// A stage of any small shape, with random weights, and its input.
    fn stage(seed: u64) -> (Stage<f64>, Vec<f64>) {
        let mut random = crate::kit::rng(seed, 1);
        let mut size = |from, to| random.random_range(from..=to);
        let (maps, filters) = (size(1, 3), size(1, 4));
        let (height, width) = (size(5, 11), size(5, 11));
        let kernel = (size(1, 4), size(1, 4));
        let conv = Conv::new(Shape::image(maps, height, width), filters, kernel, (size(1, 2), size(1, 2))).unwrap();
        let (rows, columns) = conv.outputs();
        let window = (size(1, 3.min(rows)), size(1, 3.min(columns)));
        let window = Window::new(window, (size(1, 3), size(1, 3))); // windows may overlap, or leave units out
        let mut numbers = |n: usize| -> Vec<f64> { (0..n).map(|_| random.random_range(-1.0..1.0)).collect() };
        let (w, b, x) = (numbers(conv.taps() * filters), numbers(filters), numbers(conv.input_len()));
        (Stage::new(conv, window, w, b).unwrap(), x)
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    quickcheck! {
        /// ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ for switches of any image, and any x and y.
        fn the_way_down_is_the_adjoint_of_the_way_up(seed: u64) -> bool {
            let (stage, image) = stage(seed);
            let (up, switches) = stage.up(&image);
            let mut random = crate::kit::rng(seed, 2);
            let x: Vec<f64> = image.iter().map(|_| random.random_range(-1.0..1.0)).collect();
            let y: Vec<f64> = up.iter().map(|_| random.random_range(-1.0..1.0)).collect();
            let (above, below) = (dot(&stage.up_linear(&x, &switches), &y), dot(&x, &stage.down_linear(&y, &switches)));
            (above - below).abs() < 1e-10 * above.abs().max(1.0)
        }

        /// On the way up it is the layer of the library.
        fn the_way_up_is_the_layer(seed: u64) -> bool {
            let (stage, x) = stage(seed);
            let Stage { conv, pool, w, b } = &stage;
            let spec = Spec::ConvPool {
                filters: conv.filters,
                kernel: conv.kernel(),
                stride: conv.stride(),
                padding: conv.window.padding,
                groups: 1,
                pooling: Pooling::Max,
                window: pool.window.size,
                step: pool.window.stride,
                activation: Activation::Relu,
            };
            let input = Shape::image(conv.maps, conv.height, conv.width);
            let mut network = Network::<f64>::reference(input, &[spec], Cost::Quadratic).unwrap();
            let p = network.layers_mut()[0].parameters_mut().unwrap();
            p.w.iter_mut().zip(w).for_each(|(there, w)| *there = *w);
            p.b.iter_mut().zip(b).for_each(|(there, b)| *there = *b);
            let same = stages(&network).unwrap().remove(0).up(&x) == stage.up(&x);
            let y: Vec<f64> = network.forward(&x, Pass::Evaluate).iter().copied().collect();
            same && y.iter().zip(stage.up(&x).0).all(|(a, b)| (a - b).abs() < 1e-12)
        }
    }

    /// Where nothing is negative on the way down, a view is the gradient of the unit times its activity.
    #[test]
    fn a_view_of_one_stage_is_a_gradient() {
        let (stage, x) = stage(5);
        let (y, switches) = stage.up(&x);
        let unit = (0..y.len()).max_by(|&a, &b| y[a].total_cmp(&y[b])).unwrap();
        assert!(y[unit] > 0.0);
        let seen = view(std::slice::from_ref(&stage), &x, unit);
        let h = 1e-6;
        for k in 0..x.len() {
            let mut moved = x.clone();
            moved[k] += h;
            let slope = (stage.up_linear(&moved, &switches)[unit] - stage.up_linear(&x, &switches)[unit]) / h;
            assert!((seen[k] - y[unit] * slope).abs() < 1e-6);
        }
    }

    #[test]
    fn other_layers_are_refused() {
        let sigmoid = [Spec::conv_pool(2, (3, 3), (2, 2), Activation::Sigmoid)];
        let flat = [Spec::fully_connected(3, Activation::Relu)];
        for layers in [&sigmoid[..], &flat[..]] {
            let network = Network::<f64>::reference(Shape::image(1, 8, 8), layers, Cost::Quadratic).unwrap();
            assert!(stages(&network).unwrap_err().is_input());
        }
    }
}
