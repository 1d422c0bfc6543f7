//! What goes wrong with L2 pooling.

use super::{Answers, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array3, s};
use network3::Pair;
use solutions::ex13_l2_pooling as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers { forward: solution::forward, backward: solution::backward };

/// A mistake, and words to tell it by what comes of it.
type Mistake<F> = (F, &'static str);
type Forward = fn(&Array3<f64>, Pair) -> Array3<f64>;
type Backward = fn(&Array3<f64>, &Array3<f64>, Pair) -> Array3<f64>;

pub(super) const FORWARD: [Mistake<Forward>; 5] = [
    (root_forgotten, "these are the sums of the squares: the square root is missing"),
    (root_of_mean, "this is the root of the mean square: the squares are added up and not divided by their number"),
    (absolute_values, "these are sums of absolute values, which is L1"),
    (sums, "these are plain sums: nothing was squared"),
    (largest, "this is the largest unit, in size: max-pooling, almost"),
];

pub(super) const BACKWARD: [Mistake<Backward>; 6] = [
    (root_not_differentiated, "this is dy · x, without the 1/y that the square root brings"),
    (twice, "twice too large: the 2 of the squares and the ½ of the root cancel"),
    (half, "half of what it should be: the 2 of the squares and the ½ of the root cancel"),
    (whole_delta, "every unit got the whole dy: how much does y change when this one does?"),
    (dy_forgotten, "this is ∂y/∂x: times dy it is ∂C/∂x"),
    (divided_by_square, "divided by y², where the derivative of the root brings 1/y"),
];

fn pooled(x: &Array3<f64>, window: Pair, sum_up: impl Fn(&mut dyn Iterator<Item = f64>) -> f64) -> Array3<f64> {
    let (height, width, maps) = x.dim();
    Array3::from_shape_fn((height / window.0, width / window.1, maps), |(i, j, c)| {
        let (top, left) = (i * window.0, j * window.1);
        sum_up(&mut x.slice(s![top..top + window.0, left..left + window.1, c]).iter().copied())
    })
}

fn root_forgotten(x: &Array3<f64>, window: Pair) -> Array3<f64> {
    pooled(x, window, |x| x.map(|x| x * x).sum())
}

fn root_of_mean(x: &Array3<f64>, window: Pair) -> Array3<f64> {
    solution::forward(x, window) / ((window.0 * window.1) as f64).sqrt()
}

fn absolute_values(x: &Array3<f64>, window: Pair) -> Array3<f64> {
    pooled(x, window, |x| x.map(f64::abs).sum())
}

fn sums(x: &Array3<f64>, window: Pair) -> Array3<f64> {
    pooled(x, window, |x| x.sum())
}

fn largest(x: &Array3<f64>, window: Pair) -> Array3<f64> {
    pooled(x, window, |x| x.map(f64::abs).fold(0.0, f64::max))
}

/// Unit by unit, from x, y and dy.
fn unit_by_unit(x: &Array3<f64>, dy: &Array3<f64>, window: Pair, dx: impl Fn(f64, f64, f64) -> f64) -> Array3<f64> {
    let y = solution::forward(x, window);
    Array3::from_shape_fn(x.raw_dim(), |(i, j, c)| {
        let at = [i / window.0, j / window.1, c];
        dy.get(at).map_or(0.0, |&dy| dx(x[[i, j, c]], y[at], dy))
    })
}

fn root_not_differentiated(x: &Array3<f64>, dy: &Array3<f64>, window: Pair) -> Array3<f64> {
    unit_by_unit(x, dy, window, |x, _, dy| dy * x)
}

fn twice(x: &Array3<f64>, dy: &Array3<f64>, window: Pair) -> Array3<f64> {
    2.0 * solution::backward(x, dy, window)
}

fn half(x: &Array3<f64>, dy: &Array3<f64>, window: Pair) -> Array3<f64> {
    0.5 * solution::backward(x, dy, window)
}

fn whole_delta(x: &Array3<f64>, dy: &Array3<f64>, window: Pair) -> Array3<f64> {
    unit_by_unit(x, dy, window, |_, _, dy| dy)
}

fn dy_forgotten(x: &Array3<f64>, dy: &Array3<f64>, window: Pair) -> Array3<f64> {
    solution::backward(x, &Array3::ones(dy.raw_dim()), window)
}

fn divided_by_square(x: &Array3<f64>, dy: &Array3<f64>, window: Pair) -> Array3<f64> {
    unit_by_unit(x, dy, window, |x, y, dy| if y > 0.0 { dy * x / (y * y) } else { 0.0 })
}

fn nothing_divided_by_nothing(x: &Array3<f64>, dy: &Array3<f64>, window: Pair) -> Array3<f64> {
    unit_by_unit(x, dy, window, |x, y, dy| dy * x / y)
}

fn something_added(x: &Array3<f64>, dy: &Array3<f64>, window: Pair) -> Array3<f64> {
    unit_by_unit(x, dy, window, |x, y, dy| dy * x / (y + 1e-8))
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    let backward = |f: Backward| exercise(Answers { backward: f, ..RIGHT });
    vec![
        WrongAnswer {
            name: "mean-for-sum",
            mistake: "The root of the mean of the squares, not of their sum.",
            caught_by: ("forward", "one window"),
            exercise: exercise(Answers { forward: root_of_mean, ..RIGHT }),
        },
        WrongAnswer {
            name: "root-forgotten",
            mistake: "The sum of the squares, without the square root.",
            caught_by: ("forward", "one window"),
            exercise: exercise(Answers { forward: root_forgotten, ..RIGHT }),
        },
        WrongAnswer {
            name: "root-not-differentiated",
            mistake: "dx = dy · x: the derivative of the root, 1/y, is missing.",
            caught_by: ("backward", "against finite differences"),
            exercise: backward(root_not_differentiated),
        },
        WrongAnswer {
            name: "two-not-cancelled",
            mistake: "The 2 of the squares is there, the ½ of the root is not.",
            caught_by: ("backward", "against finite differences"),
            exercise: backward(twice),
        },
        WrongAnswer {
            name: "zero-by-zero",
            mistake: "dx = dy · x / y in blank windows, too, where that is 0/0.",
            caught_by: ("backward", "blank windows"),
            exercise: backward(nothing_divided_by_nothing),
        },
        WrongAnswer {
            name: "something-added",
            mistake: "A small number is added to y so that nothing is divided by zero, and dim windows come out wrong.",
            caught_by: ("backward", "near zero"),
            exercise: backward(something_added),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers {
        forward: |x, window| Array3::zeros(solution::forward(x, window).raw_dim()),
        backward: |x, _, _| Array3::zeros(x.raw_dim()),
    };
    let input = Answers { forward: |x, _| x.clone(), backward: |x, _, _| x.clone() };
    let one = Answers {
        forward: |x, window| Array3::ones(solution::forward(x, window).raw_dim()),
        backward: |x, _, _| Array3::ones(x.raw_dim()),
    };
    [zero, input, one].map(exercise).into()
}
