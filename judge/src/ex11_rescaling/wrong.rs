//! What goes wrong with rescaling.

use super::{Answers, exercise};
use crate::WrongAnswer;
use ndarray::{Array1, Array2};
use solutions::ex11_rescaling as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    forward: solution::forward,
    rescale: solution::rescale,
    rescale_probabilities: solution::rescale_probabilities,
    initial_weights: solution::initial_weights,
};

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "linear-outputs",
            mistake: "The last layer is not rectified.",
            caught_by: ("forward", "outputs"),
            exercise: exercise(Answers {
                forward: |w, b, x| {
                    let last = w.len() - 1;
                    w[last].dot(&solution::forward(&w[..last], &b[..last], x)) + &b[last]
                },
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "biases-left-alone",
            mistake: "Only the weights are rescaled.",
            caught_by: ("rescale", "with biases"),
            exercise: exercise(Answers { rescale: |w, b, c| (solution::rescale(w, b, c).0, b.to_vec()), ..RIGHT }),
        },
        WrongAnswer {
            name: "biases-like-weights",
            mistake: "All biases are multiplied by c, like the weights, whatever layer they are in.",
            caught_by: ("rescale", "with biases"),
            exercise: exercise(Answers {
                rescale: |w, b, c| (solution::rescale(w, b, c).0, b.iter().map(|b| c * b).collect()),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "underflow",
            mistake: "p to the power of c^(L−1), summed as it stands: zero over zero in a deep network.",
            caught_by: ("rescale_probabilities", "a large factor"),
            exercise: exercise(Answers {
                rescale_probabilities: |p, factor| {
                    let powers = p.mapv(|p| p.powf(factor));
                    &powers / powers.sum()
                },
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "made-for-sigmoids",
            mistake: "A standard deviation of √(1/inputs), as for sigmoid neurons: each layer halves the signal's \
                square.",
            caught_by: ("initial_weights", "through thirty layers"),
            exercise: exercise(Answers {
                initial_weights: |inputs, outputs, normal| {
                    Array2::from_shape_simple_fn((outputs, inputs), || normal() / (inputs as f64).sqrt())
                },
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "fan-out",
            mistake: "A standard deviation of √(2/outputs), which goes unnoticed as long as all layers have one size.",
            caught_by: ("initial_weights", "wide and narrow layers"),
            exercise: exercise(Answers {
                initial_weights: |inputs, outputs, normal| {
                    Array2::from_shape_simple_fn((outputs, inputs), || normal() * (2.0 / outputs as f64).sqrt())
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
            forward: |w, _, _| Array1::zeros(w[w.len() - 1].nrows()),
            rescale: |w, b, _| (w.iter().map(|w| 0.0 * w).collect(), b.iter().map(|b| 0.0 * b).collect()),
            rescale_probabilities: |p, _| 0.0 * p,
            initial_weights: |inputs, outputs, _| Array2::zeros((outputs, inputs)),
        },
        Answers {
            forward: |_, _, x| x.clone(),
            rescale: |w, b, _| (w.to_vec(), b.to_vec()),
            rescale_probabilities: |p, _| p.clone(),
            initial_weights: |inputs, outputs, normal| Array2::from_shape_simple_fn((outputs, inputs), normal),
        },
        Answers {
            forward: |_, _, _| Array1::ones(0),
            rescale: |_, _, _| (vec![], vec![]),
            rescale_probabilities: |p, _| Array1::from_elem(p.len(), 1.0 / p.len() as f64),
            initial_weights: |inputs, outputs, _| Array2::ones((outputs, inputs)),
        },
    ];
    answers.map(exercise).into()
}
