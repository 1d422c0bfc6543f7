//! What goes wrong when examples meet.

use super::{Answers, Pair, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array1, Array2, Axis};
use solutions::ex25_batch_normalisation as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    moments: solution::moments,
    forward: solution::forward,
    parameter_gradients: solution::parameter_gradients,
    input_gradient: solution::input_gradient,
};

/// A mistake, and words to tell it by what comes of it.
type Mistake<F> = (F, &'static str);
type MomentsOf = fn(&Array2<f64>) -> Pair;
type Forward = fn(&Array2<f64>, &Array1<f64>, &Array1<f64>, f64) -> Array2<f64>;
type ParameterGradients = fn(&Array2<f64>, &Array2<f64>, f64) -> Pair;
type InputGradient = fn(&Array2<f64>, &Array2<f64>, &Array1<f64>, f64) -> Array2<f64>;

pub(super) const MOMENTS: [Mistake<MomentsOf>; 5] = [
    (sample_variance, "this is divided by m − 1, as one estimates the variance of others; here it is m"),
    (
        |x| {
            let (mean, variance) = solution::moments(x);
            (mean, variance.mapv(f64::sqrt))
        },
        "this is σ, the root of the variance",
    ),
    (
        |x| (solution::moments(x).0, x.mapv(|x| x * x).sum_axis(Axis(0)) / x.nrows() as f64),
        "this is the mean of x²: the mean of x is to be taken off first",
    ),
    (one_for_all, "this is of all channels together; each has moments of its own"),
    (
        |x| {
            let m = x.nrows() as f64;
            let (mean, variance) = solution::moments(x);
            (mean * m, variance * m)
        },
        "these are sums over the examples, not yet divided by their number",
    ),
];

pub(super) const FORWARD: [Mistake<Forward>; 6] = [
    (epsilon_outside, "ε is added to the root; it belongs below it"),
    (
        |x, gamma, beta, epsilon| gamma * scaled(x, |variance| variance + epsilon) + beta,
        "divided by σ² + ε: the root is missing",
    ),
    (|x, gamma, beta, _| gamma * scaled(x, f64::sqrt) + beta, "ε is missing"),
    (|x, gamma, beta, epsilon| beta * normalised(x, epsilon) + gamma, "γ and β have changed places"),
    (|x, _, _, epsilon| normalised(x, epsilon), "this is x̂, and not yet γ x̂ + β"),
    (|x, gamma, beta, epsilon| gamma * (normalised(x, epsilon) + beta), "β is multiplied by γ, too"),
];

pub(super) const PARAMETER_GRADIENTS: [Mistake<ParameterGradients>; 3] = [
    (of_plain_x, "for γ this multiplies dy by x: what γ is multiplied by is x̂"),
    (
        |x, dy, epsilon| {
            let (dgamma, dbeta) = solution::parameter_gradients(x, dy, epsilon);
            (dgamma / x.nrows() as f64, dbeta / x.nrows() as f64)
        },
        "these are means: a gradient adds up what comes from all examples",
    ),
    (
        |x, dy, epsilon| {
            let (dgamma, dbeta) = solution::parameter_gradients(x, dy, epsilon);
            (dbeta, dgamma)
        },
        "the two have changed places: γ comes first",
    ),
];

pub(super) const INPUT_GRADIENT: [Mistake<InputGradient>; 7] = [
    (straight, "this is γ dy / √(σ² + ε), as if μ and σ² did not depend on x"),
    (mean_stays, "that x moves the mean is forgotten: what all dy have in common must not get through"),
    (
        variance_stays,
        "that x moves the variance is forgotten: what would only stretch the channel must not get through",
    ),
    (|x, dy, gamma, epsilon| parts(x, dy, gamma, epsilon, [-1.0, -1.0]), "plus where there should be minus"),
    (|x, dy, _, epsilon| parts(x, dy, &Array1::ones(x.ncols()), epsilon, [1.0, 1.0]), "γ is missing"),
    (
        |x, dy, gamma, epsilon| parts(x, dy, gamma, epsilon, [x.nrows() as f64; 2]),
        "sums over the examples stand where their means belong: divided by m",
    ),
    (
        |x, dy, gamma, epsilon| parts(x, dy, gamma, epsilon, [1.0, 2.0]),
        "the last term is twice what it should be: the 2 of the square meets the ½ of the root",
    ),
];

/// (x − μ) over this function of the variance.
fn scaled(x: &Array2<f64>, divisor: impl Fn(f64) -> f64) -> Array2<f64> {
    let (mean, variance) = solution::moments(x);
    (x - &mean) / variance.mapv(divisor)
}

fn normalised(x: &Array2<f64>, epsilon: f64) -> Array2<f64> {
    scaled(x, |variance| (variance + epsilon).sqrt())
}

fn sample_variance(x: &Array2<f64>) -> Pair {
    let (mean, variance) = solution::moments(x);
    let m = x.nrows() as f64;
    (mean, variance * (m / (m - 1.0)))
}

fn one_for_all(x: &Array2<f64>) -> Pair {
    let mean = x.mean().unwrap_or_default();
    let variance = x.mapv(|x| (x - mean).powi(2)).mean().unwrap_or_default();
    (Array1::from_elem(x.ncols(), mean), Array1::from_elem(x.ncols(), variance))
}

fn epsilon_outside(x: &Array2<f64>, gamma: &Array1<f64>, beta: &Array1<f64>, epsilon: f64) -> Array2<f64> {
    gamma * scaled(x, |variance| variance.sqrt() + epsilon) + beta
}

fn of_plain_x(x: &Array2<f64>, dy: &Array2<f64>, _: f64) -> Pair {
    ((dy * x).sum_axis(Axis(0)), dy.sum_axis(Axis(0)))
}

/// The gradient with these factors before what is taken from it.
fn parts(x: &Array2<f64>, dy: &Array2<f64>, gamma: &Array1<f64>, epsilon: f64, factors: [f64; 2]) -> Array2<f64> {
    let (dgamma, dbeta) = solution::parameter_gradients(x, dy, epsilon);
    let (m, r) = (x.nrows() as f64, solution::moments(x).1.mapv(|variance| (variance + epsilon).sqrt().recip()));
    gamma * r * (dy - dbeta * (factors[0] / m) - normalised(x, epsilon) * dgamma * (factors[1] / m))
}

fn straight(x: &Array2<f64>, dy: &Array2<f64>, gamma: &Array1<f64>, epsilon: f64) -> Array2<f64> {
    parts(x, dy, gamma, epsilon, [0.0, 0.0])
}

fn mean_stays(x: &Array2<f64>, dy: &Array2<f64>, gamma: &Array1<f64>, epsilon: f64) -> Array2<f64> {
    parts(x, dy, gamma, epsilon, [0.0, 1.0])
}

fn variance_stays(x: &Array2<f64>, dy: &Array2<f64>, gamma: &Array1<f64>, epsilon: f64) -> Array2<f64> {
    parts(x, dy, gamma, epsilon, [1.0, 0.0])
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "one-less",
            mistake: "The variance is divided by m − 1, as that of a sample is.",
            caught_by: ("moments", "three examples of two channels"),
            exercise: exercise(Answers { moments: sample_variance, ..RIGHT }),
        },
        WrongAnswer {
            name: "all-channels-together",
            mistake: "One mean and one variance are taken of the whole mini-batch.",
            caught_by: ("moments", "three examples of two channels"),
            exercise: exercise(Answers { moments: one_for_all, ..RIGHT }),
        },
        WrongAnswer {
            name: "epsilon-outside",
            mistake: "ε is added to the root of the variance, and not below it.",
            caught_by: ("forward", "two examples of two channels"),
            exercise: exercise(Answers { forward: epsilon_outside, ..RIGHT }),
        },
        WrongAnswer {
            name: "gamma-of-x",
            mistake: "The gradient of γ is taken with x in place of x̂.",
            caught_by: ("parameter_gradients", "against finite differences"),
            exercise: exercise(Answers { parameter_gradients: of_plain_x, ..RIGHT }),
        },
        WrongAnswer {
            name: "straight-line",
            mistake: "The mean and the variance are taken for constants on the way back.",
            caught_by: ("input_gradient", "against finite differences"),
            exercise: exercise(Answers { input_gradient: straight, ..RIGHT }),
        },
        WrongAnswer {
            name: "variance-stays",
            mistake: "That each number moves the mean is minded, and that it moves the variance is not.",
            caught_by: ("input_gradient", "against finite differences"),
            exercise: exercise(Answers { input_gradient: variance_stays, ..RIGHT }),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers {
        moments: |x| (Array1::zeros(x.ncols()), Array1::zeros(x.ncols())),
        forward: |x, _, _, _| Array2::zeros(x.raw_dim()),
        parameter_gradients: |x, _, _| (Array1::zeros(x.ncols()), Array1::zeros(x.ncols())),
        input_gradient: |x, _, _, _| Array2::zeros(x.raw_dim()),
    };
    let input = Answers {
        moments: |x| (x.row(0).to_owned(), x.row(0).to_owned()),
        forward: |x, _, _, _| x.clone(),
        parameter_gradients: |x, dy, _| (x.row(0).to_owned(), dy.row(0).to_owned()),
        input_gradient: |_, dy, _, _| dy.clone(),
    };
    let one = Answers {
        moments: |x| (Array1::ones(x.ncols()), Array1::ones(x.ncols())),
        forward: |x, _, _, _| Array2::ones(x.raw_dim()),
        parameter_gradients: |x, _, _| (Array1::ones(x.ncols()), Array1::ones(x.ncols())),
        input_gradient: |x, _, _, _| Array2::ones(x.raw_dim()),
    };
    [zero, input, one].map(exercise).into()
}
