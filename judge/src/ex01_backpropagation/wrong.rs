//! What goes wrong on the way back through a convolutional layer.

use super::{Answers, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array1, Array3, Array4, Axis, s};
use solutions::ex01_backpropagation as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    delta_through_max_pooling: solution::delta_through_max_pooling,
    bias_gradient: solution::bias_gradient,
    weight_gradient: solution::weight_gradient,
    input_gradient: solution::input_gradient,
};

/// A mistake, and words to tell it by what comes of it.
type Mistake<F> = (F, &'static str);
type Pooling = fn(&Array3<f64>, &Array3<f64>, (usize, usize)) -> Array3<f64>;
type Bias = fn(&Array3<f64>) -> Array1<f64>;
type Weight = fn(&Array3<f64>, &Array3<f64>) -> Array4<f64>;
type Input = fn(&Array4<f64>, &Array3<f64>) -> Array3<f64>;

pub(super) const POOLING: [Mistake<Pooling>; 5] = [
    (to_all_winners, "every unit that shares the maximum got the whole δ: only the first of them wins"),
    (to_last_winner, "among equals the last one won, not the first: is it ≥ where > should be?"),
    (to_all, "every unit of the window got δ: did those that were not the largest have any part in p?"),
    (to_all_in_parts, "δ was shared out among the whole window, as in mean pooling: only the largest had a part in p"),
    (
        times_activation,
        "δ was multiplied with the maximum: the derivative of max is 1 for the winner, whatever its value",
    ),
];

pub(super) const BIAS: [Mistake<Bias>; 3] = [
    (mean, "this is the mean over the map: every unit adds its own δ to the gradient of the bias they share"),
    (last_unit, "only the last δ of each map is left: were they assigned where they should be added?"),
    (over_filters, "the sum was taken over the wrong indices: what is left must be the filter"),
];

pub(super) const WEIGHT: [Mistake<Weight>; 5] = [
    (kernel_turned, "the gradient is turned by 180°: w[f, l, m, c] met x[i + l, j + m, c], not x from the other end"),
    (rows_and_columns, "l and m have changed places"),
    (weight_mean, "this is the mean over the map: every place where the weight is used adds its share"),
    (last_place, "only the last unit of dz counts: were the shares assigned where they should be added?"),
    (every_map, "the maps of x were added up: each map has weights of its own, and they see that map alone"),
];

pub(super) const INPUT: [Mistake<Input>; 4] = [
    (
        kernel_not_turned,
        "the kernel is turned the wrong way: x[i + l, j + m] met w[l, m], so x[p, q] met z[p − l, q − m]",
    ),
    (
        valid_only,
        "windows that reach over the edge of dz are missing: the border of x has been seen, too, if less often",
    ),
    (
        last_writer,
        "where windows overlap only the last one counts: were the shares assigned where they should be added?",
    ),
    (one_filter, "only the first filter counts: every filter has seen the input, and all of them tell it so"),
];

fn windows(
    z: &Array3<f64>,
    delta: &Array3<f64>,
    window: (usize, usize),
    // For the unit z of a window with this maximum and this δ.
    dz: impl Fn(f64, f64, f64) -> f64,
) -> Array3<f64> {
    let mut all = Array3::zeros(z.raw_dim());
    for ((i, j, f), &delta) in delta.indexed_iter() {
        let place = s![i * window.0..(i + 1) * window.0, j * window.1..(j + 1) * window.1, f];
        let max = z.slice(place).fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        all.slice_mut(place).zip_mut_with(&z.slice(place), |d, &z| *d = dz(z, max, delta));
    }
    all
}

fn to_all(z: &Array3<f64>, delta: &Array3<f64>, window: (usize, usize)) -> Array3<f64> {
    windows(z, delta, window, |_, _, delta| delta)
}

fn to_all_in_parts(z: &Array3<f64>, delta: &Array3<f64>, window: (usize, usize)) -> Array3<f64> {
    to_all(z, delta, window) / (window.0 * window.1) as f64
}

fn to_all_winners(z: &Array3<f64>, delta: &Array3<f64>, window: (usize, usize)) -> Array3<f64> {
    windows(z, delta, window, |z, max, delta| if z == max { delta } else { 0.0 })
}

fn times_activation(z: &Array3<f64>, delta: &Array3<f64>, window: (usize, usize)) -> Array3<f64> {
    solution::delta_through_max_pooling(z, delta, window) * z
}

fn to_last_winner(z: &Array3<f64>, delta: &Array3<f64>, window: (usize, usize)) -> Array3<f64> {
    let mut dz = Array3::zeros(z.raw_dim());
    for ((i, j, f), &delta) in delta.indexed_iter() {
        let place = s![i * window.0..(i + 1) * window.0, j * window.1..(j + 1) * window.1, f];
        let winner = z.slice(place).indexed_iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(at, _)| at);
        winner.into_iter().for_each(|at| dz.slice_mut(place)[at] = delta);
    }
    dz
}

fn mean(delta: &Array3<f64>) -> Array1<f64> {
    let (rows, columns, _) = delta.dim();
    solution::bias_gradient(delta) / (rows * columns) as f64
}

fn last_unit(delta: &Array3<f64>) -> Array1<f64> {
    let (rows, columns, _) = delta.dim();
    delta.slice(s![rows - 1, columns - 1, ..]).to_owned()
}

fn over_filters(delta: &Array3<f64>) -> Array1<f64> {
    delta.sum_axis(Axis(2)).sum_axis(Axis(1))
}

fn kernel_turned(x: &Array3<f64>, dz: &Array3<f64>) -> Array4<f64> {
    solution::weight_gradient(x, dz).slice(s![.., ..;-1, ..;-1, ..]).to_owned()
}

fn rows_and_columns(x: &Array3<f64>, dz: &Array3<f64>) -> Array4<f64> {
    solution::weight_gradient(x, dz).permuted_axes([0, 2, 1, 3])
}

fn weight_mean(x: &Array3<f64>, dz: &Array3<f64>) -> Array4<f64> {
    let (rows, columns, _) = dz.dim();
    solution::weight_gradient(x, dz) / (rows * columns) as f64
}

fn last_place(x: &Array3<f64>, dz: &Array3<f64>) -> Array4<f64> {
    let (rows, columns, _) = dz.dim();
    let mut last = Array3::zeros(dz.raw_dim());
    last.slice_mut(s![rows - 1, columns - 1, ..]).assign(&dz.slice(s![rows - 1, columns - 1, ..]));
    solution::weight_gradient(x, &last)
}

fn every_map(x: &Array3<f64>, dz: &Array3<f64>) -> Array4<f64> {
    let dw = solution::weight_gradient(x, dz);
    let sum = dw.sum_axis(Axis(3)).insert_axis(Axis(3));
    sum.broadcast(dw.raw_dim()).map_or(dw, |sum| sum.to_owned())
}

fn kernel_not_turned(w: &Array4<f64>, dz: &Array3<f64>) -> Array3<f64> {
    solution::input_gradient(&w.slice(s![.., ..;-1, ..;-1, ..]).to_owned(), dz)
}

/// Only those inputs that lie in as many windows as the kernel has weights; zero along the border.
fn valid_only(w: &Array4<f64>, dz: &Array3<f64>) -> Array3<f64> {
    let (_, kernel_height, kernel_width, _) = w.dim();
    let mut dx = solution::input_gradient(w, dz);
    let (height, width, _) = dx.dim();
    for ((i, j, _), dx) in dx.indexed_iter_mut() {
        let inside = |i: usize, kernel: usize, size: usize| i + 1 >= kernel && i + kernel <= size;
        if !(inside(i, kernel_height, height) && inside(j, kernel_width, width)) {
            *dx = 0.0;
        }
    }
    dx
}

fn last_writer(w: &Array4<f64>, dz: &Array3<f64>) -> Array3<f64> {
    let (_, kernel_height, kernel_width, maps) = w.dim();
    let (rows, columns, _) = dz.dim();
    let mut dx = Array3::zeros((rows + kernel_height - 1, columns + kernel_width - 1, maps));
    for ((i, j, f), &dz) in dz.indexed_iter() {
        let mut field = dx.slice_mut(s![i..i + kernel_height, j..j + kernel_width, ..]);
        field.assign(&(dz * &w.index_axis(Axis(0), f)));
    }
    dx
}

fn one_filter(w: &Array4<f64>, dz: &Array3<f64>) -> Array3<f64> {
    solution::input_gradient(&w.slice(s![..1, .., .., ..]).to_owned(), &dz.slice(s![.., .., ..1]).to_owned())
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    let pooling = |f: Pooling| exercise(Answers { delta_through_max_pooling: f, ..RIGHT });
    let weight = |f: Weight| exercise(Answers { weight_gradient: f, ..RIGHT });
    let input = |f: Input| exercise(Answers { input_gradient: f, ..RIGHT });
    vec![
        WrongAnswer {
            name: "tie-sent-to-all",
            mistake: "Every unit that shares the maximum of its window gets the whole δ.",
            caught_by: ("delta_through_max_pooling", "ties"),
            exercise: pooling(to_all_winners),
        },
        WrongAnswer {
            name: "shared-out-over-window",
            mistake: "δ is shared out among all units of the window, as mean pooling does it.",
            caught_by: ("delta_through_max_pooling", "one window"),
            exercise: pooling(to_all_in_parts),
        },
        WrongAnswer {
            name: "mean-for-sum",
            mistake: "The gradient of a bias is the mean of δ over the map, not the sum.",
            caught_by: ("bias_gradient", "against finite differences"),
            exercise: exercise(Answers { bias_gradient: mean, ..RIGHT }),
        },
        WrongAnswer {
            name: "sum-forgotten",
            mistake: "The shares of a weight's gradient are assigned, not added: the last place in the image wins.",
            caught_by: ("weight_gradient", "against finite differences"),
            exercise: weight(last_place),
        },
        WrongAnswer {
            name: "weight-gradient-turned",
            mistake: "The kernel is turned by 180° in its own gradient, where it should not be.",
            caught_by: ("weight_gradient", "a single δ"),
            exercise: weight(kernel_turned),
        },
        WrongAnswer {
            name: "kernel-not-turned",
            mistake: "The kernel is not turned by 180° in the gradient of the input.",
            caught_by: ("input_gradient", "a single δ"),
            exercise: input(kernel_not_turned),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers {
        delta_through_max_pooling: |z, _, _| Array3::zeros(z.raw_dim()),
        bias_gradient: |delta| Array1::zeros(delta.dim().2),
        weight_gradient: |x, dz| Array4::zeros(solution::weight_gradient(x, dz).raw_dim()),
        input_gradient: |w, dz| Array3::zeros(solution::input_gradient(w, dz).raw_dim()),
    };
    let input = Answers {
        delta_through_max_pooling: |z, _, _| z.clone(),
        bias_gradient: |delta| delta.slice(s![0, 0, ..]).to_owned(),
        weight_gradient: |x, _| x.clone().insert_axis(Axis(0)),
        input_gradient: |_, dz| dz.clone(),
    };
    let one = Answers {
        delta_through_max_pooling: |z, _, _| Array3::ones(z.raw_dim()),
        bias_gradient: |delta| Array1::ones(delta.dim().2),
        weight_gradient: |x, dz| Array4::ones(solution::weight_gradient(x, dz).raw_dim()),
        input_gradient: |w, dz| Array3::ones(solution::input_gradient(w, dz).raw_dim()),
    };
    [zero, input, one].map(exercise).into()
}
