//! Networks as a whole: exercises 03, 11, 12, 15 and 17.

use super::rare;
use crate::{
    WrongAnswer, ex03_tanh as ex03, ex11_rescaling as ex11, ex12_unstable_gradients as ex12, ex15_ensemble as ex15,
    ex17_deep_big_simple as ex17,
};
use ndarray::{Array1, Array2};
use solutions::{
    ex03_tanh as tanh, ex11_rescaling as rescaling, ex12_unstable_gradients as gradients, ex15_ensemble as ensemble,
    ex17_deep_big_simple as simple,
};

const TANH: ex03::Answers = ex03::Answers {
    tanh: tanh::tanh,
    tanh_prime: tanh::tanh_prime,
    tanh_network: tanh::tanh_network,
    learning_rates: tanh::learning_rates,
    tanh_step: tanh::tanh_step,
};
const RESCALING: ex11::Answers = ex11::Answers {
    forward: rescaling::forward,
    rescale: rescaling::rescale,
    rescale_probabilities: rescaling::rescale_probabilities,
    initial_weights: rescaling::initial_weights,
};
const GRADIENTS: ex12::Answers = ex12::Answers {
    errors: gradients::errors,
    gradient_norms: gradients::gradient_norms,
    factor_per_layer: gradients::factor_per_layer,
    cure: gradients::cure,
};
const ENSEMBLE: ex15::Answers = ex15::Answers {
    vote: ensemble::vote,
    largest_mean: ensemble::largest_mean,
    majority_accuracy: ensemble::majority_accuracy,
};
const SIMPLE: ex17::Answers = ex17::Answers {
    parameter_count: simple::parameter_count,
    first_parameters: simple::first_parameters,
    scaled_tanh: simple::scaled_tanh,
    eta: simple::eta,
};

pub fn wrong() -> Vec<WrongAnswer> {
    let tanh = |tanh| ex03::exercise(ex03::Answers { tanh, ..TANH });
    vec![
        rare(
            "cut-off-at-five",
            "From 5 on tanh is taken to be 1, though it is 0.99991 there.",
            ("tanh", "any z"),
            tanh(|z| if z.abs() > 5.0 { z.signum() } else { tanh::tanh(z) }),
        ),
        rare(
            "no-number-is-minus-one",
            "Two comparisons and an `else`: what is no number comes out as −1.",
            ("tanh", "any z"),
            tanh(|z| match z {
                z if z > 30.0 => 1.0,
                z if z > -30.0 => tanh::tanh(z),
                _ => -1.0,
            }),
        ),
        rare(
            "equal-shapes-share",
            "Layers of equal shapes get the weights of the first of them.",
            ("tanh_network", "networks of all shapes"),
            ex03::exercise(ex03::Answers {
                tanh_network: |network| {
                    let layers = tanh::tanh_network(network);
                    let first = |w: &Array2<f64>| layers.iter().find(|(other, _)| other.dim() == w.dim());
                    layers.iter().map(|(w, _)| first(w).cloned().unwrap_or_default()).collect()
                },
                ..TANH
            }),
        ),
        rare(
            "safety-constant",
            "1e-12 is added to each probability, so that none is zero: tiny ones are others then.",
            ("rescale_probabilities", "any number of classes"),
            ex11::exercise(ex11::Answers {
                rescale_probabilities: |p, factor| rescaling::rescale_probabilities(&(p + 1e-12), factor),
                ..RESCALING
            }),
        ),
        rare(
            "rows-share",
            "One row of weights is drawn, and all neurons get it.",
            ("initial_weights", "mean, variance, independence"),
            ex11::exercise(ex11::Answers {
                initial_weights: |inputs, outputs, normal| {
                    // Half of the neurons are the other half once more.
                    let w = rescaling::initial_weights(inputs, outputs, normal);
                    Array2::from_shape_fn(w.dim(), |(j, k)| w[[j % outputs.div_ceil(2), k]])
                },
                ..RESCALING
            }),
        ),
        rare(
            "only-if-too-large",
            "Matrices are divided where signals grow, and left alone where they shrink.",
            ("cure", "norms over twenty layers"),
            ex12::exercise(ex12::Answers { cure: shrunk_only, ..GRADIENTS }),
        ),
        rare(
            "tie-between-two",
            "Of three classes with equally many votes only the first two are compared.",
            ("vote", "ties between three and more"),
            ex15::exercise(ex15::Answers { vote: first_two, ..ENSEMBLE }),
        ),
        rare(
            "certain-is-no-number",
            "The odds p/(1 − p) are taken first: with p = 1 that is infinite.",
            ("majority_accuracy", "certain and nearly so"),
            ex15::exercise(ex15::Answers {
                majority_accuracy: |n, p| {
                    let odds = p / (1.0 - p);
                    ensemble::majority_accuracy(n, odds / (1.0 + odds))
                },
                ..ENSEMBLE
            }),
        ),
        rare(
            "equal-shapes-share",
            "Layers of equal shapes get the same weights.",
            ("first_parameters", "even spread, independence"),
            ex17::exercise(ex17::Answers {
                first_parameters: |sizes, uniform| {
                    let layers = simple::first_parameters(sizes, uniform);
                    let first = |w: &Array2<f64>| layers.iter().find(|(other, _)| other.dim() == w.dim());
                    layers.iter().map(|(w, _)| first(w).cloned().unwrap_or_default()).collect()
                },
                ..SIMPLE
            }),
        ),
        rare(
            "one-bias-for-all",
            "One number is drawn for all biases of a layer.",
            ("first_parameters", "even spread, independence"),
            ex17::exercise(ex17::Answers {
                first_parameters: |sizes, uniform| {
                    let pairs = |b: Array1<f64>| Array1::from_shape_fn(b.len(), |j| b[j / 2 * 2]);
                    simple::first_parameters(sizes, uniform).into_iter().map(|(w, b)| (w, pairs(b))).collect()
                },
                ..SIMPLE
            }),
        ),
    ]
}

fn shrunk_only(weights: &[Array2<f64>], x: &Array2<f64>) -> Vec<Array2<f64>> {
    let larger = |(w, cured): (&Array2<f64>, Array2<f64>)| if cured.std(0.0) < w.std(0.0) { cured } else { w.clone() };
    weights.iter().zip(gradients::cure(weights, x)).map(larger).collect()
}

fn first_two(p: &Array2<f64>) -> Result<usize, String> {
    let winner = ensemble::vote(p)?;
    let mut votes = vec![0; p.ncols()];
    for row in p.rows() {
        let first = |best: usize, c: usize| if row[c] > row[best] { c } else { best };
        votes[(1..row.len()).fold(0, first)] += 1;
    }
    let leaders: Vec<usize> = (0..votes.len()).filter(|&c| Some(&votes[c]) == votes.iter().max()).collect();
    let [first, second, ..] = leaders[..] else { return Ok(winner) };
    Ok(if p.column(second).sum() > p.column(first).sum() { second } else { first })
}
