//! What goes wrong with dropout.

use super::{Answers, exercise};
use crate::WrongAnswer;
use ndarray::{Array1, Array2};
use solutions::ex14_dropout as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    forward: solution::forward,
    backward: solution::backward,
    evaluate: solution::evaluate,
    geometric_mean: solution::geometric_mean,
};

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "keep-for-drop",
            mistake: "p is taken for the probability that an input takes part.",
            caught_by: ("forward", "the share that is left out"),
            exercise: exercise(Answers {
                forward: |x, w, b, p, uniform| solution::forward(x, w, b, 1.0 - p, uniform),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "one-mask-for-all",
            mistake: "One mask is drawn for the whole mini-batch.",
            caught_by: ("forward", "the share that is left out"),
            exercise: exercise(Answers {
                forward: |x, w, b, p, uniform| {
                    let one = Array1::from_shape_simple_fn(x.ncols(), || f64::from(uniform() >= p));
                    let mask = one.broadcast(x.dim()).expect("as many columns").to_owned();
                    ((&mask * x).dot(&w.t()) + b, mask)
                },
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "mask-not-reused",
            mistake: "The backward pass lets gradients through to inputs that were left out.",
            caught_by: ("backward", "against finite differences"),
            exercise: exercise(Answers {
                backward: |x, w, mask, dz| (solution::backward(x, w, mask, dz).0, dz.dot(w)),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "scale-inverted",
            mistake: "Evaluation divides by 1 − p where it should multiply.",
            caught_by: ("evaluate", "the mean over all masks"),
            exercise: exercise(Answers { evaluate: |x, w, b, p| x.dot(&w.t()) / (1.0 - p) + b, ..RIGHT }),
        },
        WrongAnswer {
            name: "bias-scaled",
            mistake: "Evaluation scales z, biases included, instead of the inputs.",
            caught_by: ("evaluate", "the mean over all masks"),
            exercise: exercise(Answers { evaluate: |x, w, b, p| (1.0 - p) * (x.dot(&w.t()) + b), ..RIGHT }),
        },
        WrongAnswer {
            name: "product-underflows",
            mistake: "All probabilities are multiplied before the root is taken.",
            caught_by: ("geometric_mean", "a thousand networks"),
            exercise: exercise(Answers {
                geometric_mean: |p, weights| {
                    let n = weights.len() as f64;
                    let powers = Array2::from_shape_fn(p.dim(), |(i, j)| p[[i, j]].powf(n * weights[i]));
                    let mean = powers.map_axis(ndarray::Axis(0), |p| p.product().powf(1.0 / n));
                    &mean / mean.sum()
                },
                ..RIGHT
            }),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<crate::Exercise> {
    let answers = [
        Answers {
            forward: |x, _, b, _, _| (Array2::zeros((x.nrows(), b.len())), Array2::zeros(x.dim())),
            backward: |x, w, _, _| (Array2::zeros(w.dim()), Array2::zeros(x.dim())),
            evaluate: |x, _, b, _| Array2::zeros((x.nrows(), b.len())),
            geometric_mean: |p, _| Array1::zeros(p.ncols()),
        },
        Answers {
            forward: |x, _, _, _, _| (x.clone(), x.clone()),
            backward: |x, w, _, _| (w.clone(), x.clone()),
            evaluate: |x, _, _, _| x.clone(),
            geometric_mean: |p, _| p.row(0).to_owned(),
        },
        Answers {
            forward: |x, _, b, _, _| (Array2::ones((x.nrows(), b.len())), Array2::ones(x.dim())),
            backward: |_, _, _, _| (Array2::ones((0, 0)), Array2::ones((0, 0))),
            evaluate: |x, w, b, _| x.dot(&w.t()) + b,
            geometric_mean: |p, _| Array1::from_elem(p.ncols(), 1.0 / p.ncols() as f64),
        },
    ];
    answers.map(exercise).into()
}
