//! Backpropagation through convolution, max-pooling and a shared bias.

mod corners;
mod network;
pub mod wrong;

use crate::measure::measure;
use crate::plugged::{self, Note};
use crate::{Check, Exercise, Random, Verdict, Wrong, compare};
use ndarray::{Array, Array1, Array3, Array4, Axis, Dimension, arr2, s};
use network3::ops::{Backend, Conv, Pool, Reference, Window, pool};
use network3::{Activation, Pair, Pooling, Shape, Spec, Ties};
use std::iter;
use wrong::{BIAS, INPUT, POOLING, WEIGHT};

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub delta_through_max_pooling: fn(&Array3<f64>, &Array3<f64>, Pair) -> Array3<f64>,
    pub bias_gradient: fn(&Array3<f64>) -> Array1<f64>,
    pub weight_gradient: fn(&Array3<f64>, &Array3<f64>) -> Array4<f64>,
    pub input_gradient: fn(&Array4<f64>, &Array3<f64>) -> Array3<f64>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex01_backpropagation",
        read_on: "the library's own answer, src/ops/conv_pool/mod.rs, and \"Convolutional neural networks in practice\"",
        checks: vec![
            check("delta_through_max_pooling", "one window", one_window),
            check("delta_through_max_pooling", "against finite differences", pooling_measured),
            check("delta_through_max_pooling", "ties", ties),
            check("delta_through_max_pooling", "linear in δ", pooling_linear),
            check("delta_through_max_pooling", "ties and extremes", corners::windows),
            check("bias_gradient", "against finite differences", bias_measured),
            check("bias_gradient", "all shapes and sizes", corners::biases),
            check("weight_gradient", "a single δ", weight_single),
            check("weight_gradient", "against finite differences", weight_measured),
            check("weight_gradient", "linear in δ", weight_linear),
            check("weight_gradient", "all shapes and sizes", corners::weights),
            check("input_gradient", "a single δ", input_single),
            check("input_gradient", "against finite differences", input_measured),
            check("input_gradient", "linear in δ", input_linear),
            check("input_gradient", "all shapes and sizes", corners::inputs),
            check("input_gradient", "all four in a network, against finite differences", network_measured),
            check("input_gradient", "all four train a network", network_learns),
        ],
    }
    .otherwise(&[
        ("delta_through_max_pooling", "is each window looked at on its own, from row i · rows and column j · columns on, and does its winner alone get δ?"),
        ("bias_gradient", "the gradient of a bias is the sum of δ over its whole map: is something left out, or taken twice?"),
        ("weight_gradient", "dw[f, l, m, c] is the sum of dz[i, j, f] · x[i + l, j + m, c]: is an index another one, or a place left out?"),
        ("input_gradient", "each (i, j, f) adds dz[i, j, f] · w[f, l, m, c] to dx[i + l, j + m, c]: is an index another one, or a place left out?"),
    ])
}

/// A convolution whose kernel fits its image.
fn conv(maps: usize, (height, width): Pair, filters: usize, kernel: Pair) -> Conv {
    Conv::new(Shape::image(maps, height, width), filters, kernel, (1, 1)).expect("the kernel fits")
}

/// A convolution and a pooling that fits on top of it, with made-up numbers.
struct Layer {
    conv: Conv,
    pool: Pool,
    x: Array3<f64>,
    w: Array4<f64>,
    z: Array3<f64>,
    dz: Array3<f64>,
    delta: Array3<f64>,
}

impl Layer {
    fn random(random: &mut Random) -> Layer {
        let kernel = (random.integer(2, 4), random.integer(2, 4));
        let window = (random.integer(2, 4), random.integer(1, 4));
        // One or two windows, and rows and columns that are left over.
        let mut side = |kernel, window| kernel - 1 + window * random.integer(1, 3) + random.integer(0, window);
        let (height, width) = (side(kernel.0, window.0), side(kernel.1, window.1));
        let (maps, filters) = (random.integer(1, 4), random.integer(2, 4));
        Layer::new(random, conv(maps, (height, width), filters, kernel), window)
    }

    fn new(random: &mut Random, conv: Conv, window: Pair) -> Layer {
        let (Conv { maps, height, width, filters, .. }, kernel) = (conv, conv.kernel());
        let pool = Pool::new(conv.output_shape(), Pooling::Max, Window::new(window, window), Ties::First)
            .expect("the window is no larger than the map");
        let (x, w) = (random.array((height, width, maps)), random.array((filters, kernel.0, kernel.1, maps)));
        let z = convolve(&conv, &x, &w);
        let dz = random.array(z.raw_dim());
        let delta = random.array((pool.output_height(), pool.output_width(), filters));
        Layer { conv, pool, x, w, z, dz, delta }
    }

    /// Several, the same for each check: first one that is small enough to be worked out by hand.
    fn several() -> impl Iterator<Item = Layer> {
        let small = conv(1, (3, 3), 1, (2, 2));
        let small = Layer::new(&mut Random::new(0), small, (2, 2));
        iter::once(small).chain((1..=8).map(|seed| Layer::random(&mut Random::new(seed))))
    }
}

/// x ⋆ w, by the library.
fn convolve(conv: &Conv, x: &Array3<f64>, w: &Array4<f64>) -> Array3<f64> {
    let mut z = Array3::zeros((conv.output_height(), conv.output_width(), conv.filters));
    let [x, w] = [x.as_slice(), w.as_slice()].map(|a| a.expect("made in row-major order"));
    Reference.conv_forward(conv, x, w, z.as_slice_mut().expect("made in row-major order"));
    z
}

/// The largest of each window, by the library.
fn max_pool(op: &Pool, z: &Array3<f64>) -> Array3<f64> {
    let mut p = Array4::zeros((1, op.output_height(), op.output_width(), op.maps));
    pool::reference::forward(op, z.view().insert_axis(Axis(0)), p.view_mut());
    p.remove_axis(Axis(0))
}

fn one_window(a: Answers) -> Verdict {
    let z = image([[-0.3, 0.7], [-0.4, 0.2]]);
    let delta = image([[0.5]]);
    let expected = image([[0.0, 0.5], [0.0, 0.0]]);
    let got = (a.delta_through_max_pooling)(&z, &delta, (2, 2));
    let what = "δ = 0.5 comes to the window [[-0.3, 0.7], [-0.4, 0.2]] → dz";
    compare(what, &expected, &got).suspects(POOLING.map(|(f, why)| (f(&z, &delta, (2, 2)), why))).verdict()
}

fn pooling_measured(a: Answers) -> Verdict {
    Layer::several().try_for_each(|Layer { pool, z, delta, .. }| {
        let expected = measure(&z, |z| (&max_pool(&pool, z) * &delta).sum());
        let got = (a.delta_through_max_pooling)(&z, &delta, pool.window.size);
        let (shapes, window) = ((z.shape(), delta.shape()), pool.window.size);
        let what = format!("delta_through_max_pooling(z {:?}, delta {:?}, {window:?}) → dz", shapes.0, shapes.1);
        let compared = compare(&what, &expected, &got).within(1e-6);
        compared.suspects(POOLING.map(|(f, why)| (f(&z, &delta, pool.window.size), why))).verdict()
    })
}

fn ties(a: Answers) -> Verdict {
    let z = image([[0.0, 0.0, 0.6, 0.1], [0.0, 0.0, 0.2, 0.6]]);
    let delta = image([[0.5, 0.8]]);
    let expected = image([[0.5, 0.0, 0.8, 0.0], [0.0, 0.0, 0.0, 0.0]]);
    let got = (a.delta_through_max_pooling)(&z, &delta, (2, 2));
    let what = "δ = 0.5 comes to the window [[0, 0], [0, 0]], δ = 0.8 to [[0.6, 0.1], [0.2, 0.6]] → dz";
    compare(what, &expected, &got).suspects(POOLING.map(|(f, why)| (f(&z, &delta, (2, 2)), why))).verdict()
}

/// An image of one map.
fn image<const M: usize, const N: usize>(rows: [[f64; N]; M]) -> Array3<f64> {
    arr2(&rows).insert_axis(Axis(2))
}

fn pooling_linear(a: Answers) -> Verdict {
    Layer::several().try_for_each(|Layer { pool, z, delta, .. }| {
        let answer = |delta: &Array3<f64>| (a.delta_through_max_pooling)(&z, delta, pool.window.size);
        linear("delta_through_max_pooling", z.shape(), &delta, answer)
    })
}

fn bias_measured(a: Answers) -> Verdict {
    Layer::several().try_for_each(|Layer { conv, pool, z, delta, .. }| {
        let p = max_pool(&pool, &z);
        let expected = measure(&Array1::zeros(conv.filters), |b| (&(&p + b) * &delta).sum());
        let what = format!("bias_gradient(delta {:?}) → db", delta.shape());
        let compared = compare(&what, &expected, &(a.bias_gradient)(&delta)).within(1e-6);
        compared.suspects(BIAS.map(|(f, why)| (f(&delta), why))).verdict()
    })
}

/// dz with one number that is not zero, 0.5, and where it is.
fn single(Layer { z, .. }: &Layer) -> (Array3<f64>, [usize; 3]) {
    let (rows, columns, filters) = z.dim();
    let (at, mut dz) = ([rows - 1, columns - 1, filters - 1], Array3::zeros(z.raw_dim()));
    dz[at] = 0.5;
    (dz, at)
}

fn weight_single(a: Answers) -> Verdict {
    Layer::several().try_for_each(|layer| {
        let (dz, at) = single(&layer);
        let Layer { conv, x, w, .. } = layer;
        let kernel = conv.kernel();
        let mut expected = Array4::zeros(w.raw_dim());
        let seen = x.slice(s![at[0]..at[0] + kernel.0, at[1]..at[1] + kernel.1, ..]);
        expected.slice_mut(s![at[2], .., .., ..]).assign(&(0.5 * &seen));
        let (x_shape, dz_shape) = (x.shape(), dz.shape());
        let what = format!("weight_gradient(x {x_shape:?}, dz {dz_shape:?} zero but for dz{at:?} = 0.5) → dw");
        let compared = compare(&what, &expected, &(a.weight_gradient)(&x, &dz));
        compared.suspects(WEIGHT.map(|(f, why)| (f(&x, &dz), why))).verdict()
    })
}

fn weight_measured(a: Answers) -> Verdict {
    Layer::several().try_for_each(|Layer { conv, x, w, dz, .. }| {
        let expected = measure(&w, |w| (&convolve(&conv, &x, w) * &dz).sum());
        let what = format!("weight_gradient(x {:?}, dz {:?}) → dw", x.shape(), dz.shape());
        let compared = compare(&what, &expected, &(a.weight_gradient)(&x, &dz)).within(1e-6);
        compared.suspects(WEIGHT.map(|(f, why)| (f(&x, &dz), why))).verdict()
    })
}

fn weight_linear(a: Answers) -> Verdict {
    Layer::several().try_for_each(|Layer { x, w, dz, .. }| {
        linear("weight_gradient", w.shape(), &dz, |dz| (a.weight_gradient)(&x, dz))
    })
}

fn input_single(a: Answers) -> Verdict {
    Layer::several().try_for_each(|layer| {
        let (dz, at) = single(&layer);
        let Layer { conv, x, w, .. } = layer;
        let kernel = conv.kernel();
        let mut expected = Array3::zeros(x.raw_dim());
        let mut field = expected.slice_mut(s![at[0]..at[0] + kernel.0, at[1]..at[1] + kernel.1, ..]);
        field.assign(&(0.5 * &w.slice(s![at[2], .., .., ..])));
        let (w_shape, dz_shape) = (w.shape(), dz.shape());
        let what = format!("input_gradient(w {w_shape:?}, dz {dz_shape:?} zero but for dz{at:?} = 0.5) → dx");
        let compared = compare(&what, &expected, &(a.input_gradient)(&w, &dz));
        compared.suspects(INPUT.map(|(f, why)| (f(&w, &dz), why))).verdict()
    })
}

fn input_measured(a: Answers) -> Verdict {
    Layer::several().try_for_each(|Layer { conv, x, w, dz, .. }| {
        let expected = measure(&x, |x| (&convolve(&conv, x, &w) * &dz).sum());
        let what = format!("input_gradient(w {:?}, dz {:?}) → dx", w.shape(), dz.shape());
        let compared = compare(&what, &expected, &(a.input_gradient)(&w, &dz)).within(1e-6);
        compared.suspects(INPUT.map(|(f, why)| (f(&w, &dz), why))).verdict()
    })
}

fn input_linear(a: Answers) -> Verdict {
    Layer::several().try_for_each(|Layer { x, w, dz, .. }| {
        linear("input_gradient", x.shape(), &dz, |dz| (a.input_gradient)(&w, dz))
    })
}

/// f(2 δ − 3 δ²) = 2 f(δ) − 3 f(δ²), where any two δ will do. f = 0 is linear as well, and not meant.
fn linear<D: Dimension>(
    function: &str,
    shape: &[usize],
    delta: &Array3<f64>,
    f: impl Fn(&Array3<f64>) -> Array<f64, D>,
) -> Verdict {
    let other = delta * delta;
    let (of_sum, one, two) = (f(&(2.0 * delta - 3.0 * &other)), f(delta), f(&other));
    for got in [&of_sum, &one, &two] {
        if got.shape() != shape {
            return Err(Wrong::new(format!("{function}: expected shape {shape:?}, got {:?}", got.shape())));
        }
    }
    if one.iter().all(|&x| x == 0.0) {
        return Err(Wrong::new(format!("{function}: expected numbers, got zeros")).because("nothing of δ arrives"));
    }
    let what = format!("{function} of 2 δ₁ − 3 δ₂, less 2 times that of δ₁, plus 3 times that of δ₂");
    let difference = of_sum - (2.0 * &one - 3.0 * &two);
    let compared = compare(&what, &Array::zeros(one.raw_dim()), &difference);
    compared.verdict().map_err(|wrong| wrong.because("a gradient is linear in δ, whatever its sign and size"))
}

fn network_measured(a: Answers) -> Verdict {
    let tanh = Activation::Tanh;
    let layers = [Spec::conv_pool(2, (3, 3), (2, 2), tanh), Spec::conv_pool(3, (2, 2), (2, 1), tanh), Spec::softmax(3)];
    let note = Note::default();
    let yours = network::Yours { answers: a, note: note.clone() };
    plugged::has_right_gradients(Shape::image(2, 9, 9), &layers, yours, &note)
}

fn network_learns(a: Answers) -> Verdict {
    let relu = Activation::Relu;
    let layers = [Spec::conv_pool(4, (5, 5), (2, 2), relu), Spec::conv(12, (3, 3), relu), Spec::softmax(10)];
    let note = Note::default();
    let yours = network::Yours { answers: a, note: note.clone() };
    plugged::learns(&layers, yours, &note)
}
