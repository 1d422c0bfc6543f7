//! What goes wrong with deep, big, simple networks.

use super::{Answers, exercise};
use crate::WrongAnswer;
use ndarray::{Array1, Array2};
use solutions::ex17_deep_big_simple as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    parameter_count: solution::parameter_count,
    first_parameters: solution::first_parameters,
    scaled_tanh: solution::scaled_tanh,
    eta: solution::eta,
};

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "biases-not-counted",
            mistake: "Only the weights are counted.",
            caught_by: ("parameter_count", "networks of many sizes"),
            exercise: exercise(Answers {
                parameter_count: |sizes| sizes.windows(2).map(|size| size[0] * size[1]).sum(),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "weights-all-positive",
            mistake: "The first weights are uniform from 0 to 0.1: the range has the right width and the wrong middle.",
            caught_by: ("first_parameters", "shapes and range"),
            exercise: exercise(Answers {
                first_parameters: |sizes, uniform| {
                    solution::first_parameters(sizes, uniform).into_iter().map(|(w, b)| (w + 0.05, b + 0.05)).collect()
                },
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "chain-rule-forgotten",
            mistake: "The derivative is A(1 − tanh²): the inner derivative, B, is missing.",
            caught_by: ("scaled_tanh", "the derivative"),
            exercise: exercise(Answers {
                scaled_tanh: |z| {
                    let (f, derivative) = solution::scaled_tanh(z);
                    (f, derivative / 0.6666)
                },
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "overflow",
            mistake: "tanh from exponentials as they stand: infinity over infinity for large z.",
            caught_by: ("scaled_tanh", "large arguments"),
            exercise: exercise(Answers {
                scaled_tanh: |z| {
                    let (up, down) = ((0.6666 * z).exp(), (-0.6666 * z).exp());
                    let t = (up - down) / (up + down);
                    (1.7159 * t, 1.7159 * 0.6666 * (1.0 - t * t))
                },
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "straight-line",
            mistake: "The learning rate falls by the same amount from epoch to epoch, and is large almost to the end.",
            caught_by: ("eta", "from epoch to epoch"),
            exercise: exercise(Answers {
                eta: |epoch, epochs| 1e-3 - (1e-3 - 1e-6) * epoch as f64 / (epochs.max(2) - 1) as f64,
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "one-epoch-late",
            mistake: "10⁻⁶ is reached one epoch after the last.",
            caught_by: ("eta", "from epoch to epoch"),
            exercise: exercise(Answers {
                eta: |epoch, epochs| 1e-3 * 1e-3f64.powf(epoch as f64 / epochs as f64),
                ..RIGHT
            }),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<crate::Exercise> {
    let answers = [
        Answers {
            parameter_count: |_| 0,
            first_parameters: |sizes, _| constant(sizes, 0.0),
            scaled_tanh: |_| (0.0, 1.0),
            eta: |_, _| 0.0,
        },
        Answers {
            parameter_count: <[usize]>::len,
            first_parameters: |sizes, uniform| constant(sizes, uniform()),
            scaled_tanh: |z| (z, z),
            eta: |epoch, _| epoch as f64,
        },
        Answers {
            parameter_count: |sizes| sizes.iter().sum(),
            first_parameters: |_, _| vec![],
            scaled_tanh: |_| (1.0, 1.0),
            eta: |_, _| 1e-3,
        },
    ];
    answers.map(exercise).into()
}

/// The same number everywhere.
fn constant(sizes: &[usize], x: f64) -> super::Layers {
    sizes.windows(2).map(|s| (Array2::from_elem((s[1], s[0]), x), Array1::from_elem(s[1], x))).collect()
}
