//! What goes wrong with deep networks.

use super::{Answers, deep, exercise};
use crate::{Random, WrongAnswer};
use ndarray::{Array1, Array2};
use solutions::ex12_unstable_gradients as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    errors: solution::errors,
    gradient_norms: solution::gradient_norms,
    factor_per_layer: solution::factor_per_layer,
    cure: solution::cure,
};

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "derivative-forgotten",
            mistake: "Errors pass through units that are not active.",
            caught_by: ("errors", "against finite differences"),
            exercise: exercise(Answers {
                errors: |w, b, x, da| super::errors_with((&w.to_vec(), &b.to_vec(), x, da), |da, _, _| da.clone()),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "activation-for-derivative",
            mistake: "Errors are multiplied by the activation instead of its derivative.",
            caught_by: ("errors", "against finite differences"),
            exercise: exercise(Answers {
                errors: |w, b, x, da| super::errors_with((&w.to_vec(), &b.to_vec(), x, da), |da, a, _| da * a),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "output-for-input",
            mistake: "‖∂C/∂w‖ is worked out with what comes out of the layer, not with what goes in.",
            caught_by: ("gradient_norms", "against finite differences"),
            exercise: exercise(Answers {
                gradient_norms: |w, b, x, da| {
                    let norm = |a: &Array1<f64>| a.dot(a).sqrt();
                    let errors = solution::errors(w, b, x, da);
                    let layers = errors.iter().enumerate();
                    layers.map(|(l, d)| (norm(d), norm(d) * norm(&deep::outputs(&w[..=l], &b[..=l], x)))).collect()
                },
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "one-step-too-many",
            mistake: "The root is taken of the number of layers, not of the number of steps between them.",
            caught_by: ("factor_per_layer", "made-up norms"),
            exercise: exercise(Answers {
                factor_per_layer: |norms| (norms[0] / norms[norms.len() - 1]).powf(1.0 / norms.len() as f64),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "made-for-sigmoids",
            mistake: "Weights are scaled to a variance of 1/inputs, which ignores that units cut off what is negative.",
            caught_by: ("cure", "norms over twenty layers"),
            exercise: exercise(Answers {
                cure: |weights, _| weights.iter().map(|w| w / (w.std(0.0) * (w.ncols() as f64).sqrt())).collect(),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "new-weights",
            mistake: "The cure draws new weights: gradients are well, and all that was learned is gone.",
            caught_by: ("cure", "still the same network"),
            exercise: exercise(Answers {
                cure: |weights, _| {
                    let mut random = Random::new(18);
                    let fresh = |w: &Array2<f64>| {
                        let deviation = (2.0 / w.ncols() as f64).sqrt();
                        Array2::from_shape_simple_fn(w.dim(), || deviation * random.normal())
                    };
                    weights.iter().map(fresh).collect()
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
            errors: |_, b, _, _| b.iter().map(|b| 0.0 * b).collect(),
            gradient_norms: |w, _, _, _| vec![(0.0, 0.0); w.len()],
            factor_per_layer: |_| 0.0,
            cure: |w, _| w.iter().map(|w| 0.0 * w).collect(),
        },
        Answers {
            errors: |_, b, _, _| b.to_vec(),
            gradient_norms: |w, _, _, _| w.iter().map(|w| (w[[0, 0]], w[[0, 0]])).collect(),
            factor_per_layer: |norms| norms[0],
            cure: |w, _| w.to_vec(),
        },
        Answers {
            errors: |_, _, _, _| vec![],
            gradient_norms: |w, _, _, _| vec![(1.0, 1.0); w.len()],
            factor_per_layer: |_| 1.0,
            cure: |w, _| w.iter().map(|w| Array2::ones(w.dim())).collect(),
        },
    ];
    answers.map(exercise).into()
}
