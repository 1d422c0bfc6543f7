//! The square root of a sum of squares, there and back.

mod corners;
mod network;
pub mod wrong;

use crate::measure::measure;
use crate::plugged::{self, Note};
use crate::{Check, Exercise, Random, Verdict, Wrong, compare};
use ndarray::{Array3, Array4, Axis, arr2, s};
use network3::ops::{Pool, Window, pool};
use network3::{Activation, Padding, Pair, Pooling, Shape, Spec, Ties};
use wrong::{BACKWARD, FORWARD};

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub forward: fn(&Array3<f64>, Pair) -> Array3<f64>,
    pub backward: fn(&Array3<f64>, &Array3<f64>, Pair) -> Array3<f64>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex13_l2_pooling",
        read_on: "the library's own answer, src/ops/pool/reference.rs, where max, L2 and mean stand side by side",
        checks: vec![
            check("forward", "one window", one_window),
            check("forward", "random images", random_images),
            check("forward", "all shapes and sizes", corners::forward),
            check("backward", "against finite differences", measured),
            check("backward", "blank windows", blank_windows),
            check("backward", "near zero", near_zero),
            check("backward", "all shapes and sizes", corners::backward),
            check("backward", "both in a network, against finite differences", network_measured),
            check("backward", "both train a network", network_learns),
        ],
    }
    .otherwise(&[
        ("forward", "are squares added up over one window of one map, and is the root taken of the sum?"),
        ("backward", "dy · x / y: does each unit get dy and y of its own window?"),
    ])
}

/// A made-up image, a gradient of what it is pooled to, and a window.
struct Case {
    x: Array3<f64>,
    dy: Array3<f64>,
    window: Pair,
}

impl Case {
    fn several() -> impl Iterator<Item = Case> {
        (1..=8).map(|seed| {
            let random = &mut Random::new(seed);
            let window = (random.integer(1, 4), random.integer(2, 4));
            let (rows, columns, maps) = (random.integer(1, 4), random.integer(1, 4), random.integer(1, 4));
            let left_over = (random.integer(0, window.0), random.integer(0, window.1));
            let x = random.array((rows * window.0 + left_over.0, columns * window.1 + left_over.1, maps));
            Case { x, dy: random.array((rows, columns, maps)), window }
        })
    }
}

/// The library's L2 pooling of an image of that shape.
fn op(x: &Array3<f64>, window: Pair) -> Pool {
    let (height, width, maps) = x.dim();
    let input = Shape::image(maps, height, width);
    Pool::new(input, Pooling::L2, Window::new(window, window), Ties::First)
        .expect("the window is no larger than the image")
}

/// What the library makes of it.
fn library(x: &Array3<f64>, window: Pair) -> Array3<f64> {
    let op = op(x, window);
    let mut y = Array4::zeros((1, op.output_height(), op.output_width(), op.maps));
    pool::reference::forward(&op, x.view().insert_axis(Axis(0)), y.view_mut());
    y.remove_axis(Axis(0))
}

/// The library's gradient.
fn library_backward(x: &Array3<f64>, dy: &Array3<f64>, window: Pair) -> Array3<f64> {
    let mut dx = x.clone().insert_axis(Axis(0));
    let (x4, dy) = (x.view().insert_axis(Axis(0)), dy.view().insert_axis(Axis(0)));
    pool::reference::backward(&op(x, window), x4, dy, dx.view_mut());
    dx.remove_axis(Axis(0))
}

fn one_window(a: Answers) -> Verdict {
    let x = arr2(&[[1.0, -2.0], [2.0, 4.0]]).insert_axis(Axis(2));
    let expected = arr2(&[[5.0]]).insert_axis(Axis(2));
    let mistakes = FORWARD.map(|(f, why)| (f(&x, (2, 2)), why));
    let what = "the window [[1, -2], [2, 4]] → y";
    compare(what, &expected, &(a.forward)(&x, (2, 2))).suspects(mistakes).verdict()
}

fn random_images(a: Answers) -> Verdict {
    Case::several().try_for_each(|Case { x, window, .. }| {
        let what = format!("forward(x {:?}, {window:?}) → y", x.shape());
        let mistakes = FORWARD.map(|(f, why)| (f(&x, window), why));
        compare(&what, &library(&x, window), &(a.forward)(&x, window)).suspects(mistakes).verdict()
    })
}

fn measured(a: Answers) -> Verdict {
    Case::several().try_for_each(|Case { x, dy, window }| {
        let expected = measure(&x, |x| (&library(x, window) * &dy).sum());
        let what = format!("backward(x {:?}, dy {:?}, {window:?}) → dx", x.shape(), dy.shape());
        let mistakes = BACKWARD.map(|(f, why)| (f(&x, &dy, window), why));
        compare(&what, &expected, &(a.backward)(&x, &dy, window)).within(1e-6).suspects(mistakes).verdict()
    })
}

/// One window is blank, the others are not.
fn blank_windows(a: Answers) -> Verdict {
    Case::several().try_for_each(|Case { mut x, dy, window }| {
        x.slice_mut(s![..window.0, ..window.1, 0]).fill(0.0);
        let got = (a.backward)(&x, &dy, window);
        let what = format!("backward(x {:?}, dy {:?}, {window:?}), first window blank → dx", x.shape(), dy.shape());
        if got.shape() == x.shape() && got.iter().any(|dx| dx.is_nan()) {
            let what = format!("{what}[0, 0, 0]: expected 0, got {}", got[[0, 0, 0]]);
            return Err(Wrong::new(what).because("in a blank window y is zero as well, and 0/0 is not a number"));
        }
        let mistakes = BACKWARD.map(|(f, why)| (f(&x, &dy, window), why));
        compare(&what, &library_backward(&x, &dy, window), &got).within(1e-6).suspects(mistakes).verdict()
    })
}

/// The gradient does not depend on how bright the image is: x/y stays the same.
fn near_zero(a: Answers) -> Verdict {
    Case::several().try_for_each(|Case { x, dy, window }| {
        let x = 1e-9 * x;
        let what = format!("backward(x {:?} of about 10⁻⁹, dy {:?}, {window:?}) → dx", x.shape(), dy.shape());
        let mistakes = BACKWARD.map(|(f, why)| (f(&x, &dy, window), why));
        let got = (a.backward)(&x, &dy, window);
        let compared = compare(&what, &library_backward(&x, &dy, window), &got).suspects(mistakes);
        let why =
            "only a window that is all zero needs care; something added to y, or a threshold, changes others, too";
        compared.verdict().map_err(|wrong| wrong.or_because(why))
    })
}

fn layer(filters: usize, kernel: Pair, window: Pair, activation: Activation) -> Spec {
    let (stride, padding, step) = ((1, 1), Padding::NONE, window);
    Spec::ConvPool { filters, kernel, stride, padding, groups: 1, pooling: Pooling::L2, window, step, activation }
}

fn network_measured(a: Answers) -> Verdict {
    let tanh = Activation::Tanh;
    let layers = [layer(2, (3, 3), (2, 2), tanh), layer(3, (2, 2), (2, 1), tanh), Spec::softmax(3)];
    let note = Note::default();
    let yours = network::Yours { answers: a, note: note.clone() };
    plugged::has_right_gradients(Shape::image(2, 9, 9), &layers, yours, &note)
}

fn network_learns(a: Answers) -> Verdict {
    let layers = [layer(4, (5, 5), (2, 2), Activation::Relu), Spec::softmax(10)];
    let note = Note::default();
    let yours = network::Yours { answers: a, note: note.clone() };
    plugged::learns(&layers, yours, &note)
}
