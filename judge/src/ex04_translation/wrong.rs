//! What goes wrong when images move.

use super::{Answers, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::Array2;
use solutions::ex04_translation as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers =
    Answers { translate: solution::translate, distance: solution::distance, shortfall: solution::shortfall };

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "wraps-around",
            mistake: "What is moved out of the image on one side comes in on the other.",
            caught_by: ("translate", "small moves"),
            exercise: exercise(Answers { translate: roll, ..RIGHT }),
        },
        WrongAnswer {
            name: "edge-repeated",
            mistake: "The edge is repeated where paper should come in: padding instead of zero fill.",
            caught_by: ("translate", "small moves"),
            exercise: exercise(Answers { translate: repeat, ..RIGHT }),
        },
        WrongAnswer {
            name: "other-way",
            mistake: "Pixel i of the new image is taken from i + down instead of i − down.",
            caught_by: ("translate", "small moves"),
            exercise: exercise(Answers { translate: |x, i, j| solution::translate(x, -i, -j), ..RIGHT }),
        },
        WrongAnswer {
            name: "margin-kept",
            mistake: "The margin is compared, too.",
            caught_by: ("distance", "values"),
            exercise: exercise(Answers { distance: |a, b, _| solution::distance(a, b, 0), ..RIGHT }),
        },
        WrongAnswer {
            name: "nothing-by-nothing",
            mistake: "Two blank images: zero divided by zero.",
            caught_by: ("distance", "blank images"),
            exercise: exercise(Answers { distance: always_divide, ..RIGHT }),
        },
        WrongAnswer {
            name: "positive-moves-only",
            mistake: "T′ is tried with moves from 0 to the reach: none upwards, none to the left.",
            caught_by: ("shortfall", "convolution is equivariant inside"),
            exercise: exercise(Answers { shortfall: no_negative_moves, ..RIGHT }),
        },
    ]
}

fn roll(x: &Array2<f64>, down: isize, right: isize) -> Array2<f64> {
    let (height, width) = x.dim();
    let from = |to: usize, by: isize, n: usize| (to as isize - by).rem_euclid(n as isize) as usize;
    Array2::from_shape_fn(x.raw_dim(), |(i, j)| x[(from(i, down, height), from(j, right, width))])
}

fn repeat(x: &Array2<f64>, down: isize, right: isize) -> Array2<f64> {
    let (height, width) = x.dim();
    let from = |to: usize, by: isize, n: usize| (to as isize - by).clamp(0, n as isize - 1) as usize;
    Array2::from_shape_fn(x.raw_dim(), |(i, j)| x[(from(i, down, height), from(j, right, width))])
}

fn always_divide(a: &Array2<f64>, b: &Array2<f64>, margin: usize) -> f64 {
    if a == b { f64::NAN } else { solution::distance(a, b, margin) }
}

fn no_negative_moves(
    f: &dyn Fn(&Array2<f64>) -> Array2<f64>,
    x: &Array2<f64>,
    (down, right): (isize, isize),
    reach: isize,
    margin: usize,
) -> f64 {
    let (still, moved) = (f(x), f(&solution::translate(x, down, right)));
    let moves = (0..=reach).flat_map(|i| (0..=reach).map(move |j| (i, j)));
    let distances = moves.map(|(i, j)| solution::distance(&solution::translate(&still, i, j), &moved, margin));
    distances.fold(f64::INFINITY, f64::min)
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    [
        Answers {
            translate: |x, _, _| Array2::zeros(x.raw_dim()),
            distance: |_, _, _| 0.0,
            shortfall: |_, _, _, _, _| 0.0,
        },
        Answers { translate: |x, _, _| x.clone(), distance: |_, b, _| b.sum(), shortfall: |_, x, _, _, _| x.sum() },
        Answers {
            translate: |x, _, _| Array2::ones(x.raw_dim()),
            distance: |_, _, _| 1.0,
            shortfall: |_, _, _, _, _| 1.0,
        },
    ]
    .map(exercise)
    .into()
}
