//! What goes wrong with tanh.

use super::{Answers, Rate, Step, exercise, network};
use crate::{Exercise, WrongAnswer};
use ndarray::Axis;
use solutions::ex03_tanh::{self as solution, Layer};

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    tanh: solution::tanh,
    tanh_prime: solution::tanh_prime,
    tanh_network: solution::tanh_network,
    learning_rates: solution::learning_rates,
    tanh_step: solution::tanh_step,
};

/// A mistake, and words to tell it by what comes of it.
type Mistake<F> = (F, &'static str);
type Network = fn(&[Layer]) -> Vec<Layer>;
type Rates = fn(f64, usize) -> Vec<Rate>;

pub(super) const NETWORK: [Mistake<Network>; 5] = [
    (|network| network.to_vec(), "nothing was changed: tanh in place of σ makes another function"),
    (not_shifted, "the biases were only scaled: a = (1 + ã)/2, and the 1/2 has to go somewhere, times each weight"),
    (last_halved, "the last layer was halved like a hidden one: no tanh comes after it that would want z/2"),
    (
        halved_once,
        "weights between hidden layers are halved once, and should be twice: for the a below, and for the z above",
    ),
    (
        first_shifted,
        "the first layer was treated like the others, but its inputs are no activations: they have not changed",
    ),
];

pub(super) const RATES: [Mistake<Rates>; 4] = [
    (
        |eta, layers| vec![(eta, eta); layers],
        "η everywhere: but what is half as large must move half as far, and its gradient is twice as large",
    ),
    (scaled_once, "scaled once, where twice is needed: the parameter is smaller by c, and its gradient larger by 1/c"),
    (scaled_up, "scaled the wrong way: smaller parameters have larger gradients and need smaller steps"),
    (last_rate_halved, "the last layer was treated like a hidden one: its z are the same in both networks"),
];

pub(super) const STEP: [Mistake<Step>; 4] = [
    (
        rates_alone,
        "these are the learning rates alone: half of each weight sits in the bias, so the two have to learn together",
    ),
    (
        weights_alone,
        "the biases do not follow the weights: half of each weight went into the bias, so half of its step has to",
    ),
    (biases_alone, "the weights learn from ∂C/∂w alone: through the bias, they have a part in ∂C/∂b as well"),
    (
        first_as_well,
        "the first layer was treated like the others, but its inputs are no activations: there the rates suffice",
    ),
];

fn each(network: &[Layer], change: impl Fn(usize, &Layer) -> Layer) -> Vec<Layer> {
    network.iter().enumerate().map(|(l, layer)| change(l, layer)).collect()
}

fn not_shifted(network: &[Layer]) -> Vec<Layer> {
    let right = solution::tanh_network(network);
    each(&right, |l, (w, _)| (w.clone(), if l + 1 == network.len() { 1.0 } else { 0.5 } * &network[l].1))
}

fn last_halved(network: &[Layer]) -> Vec<Layer> {
    let mut layers = solution::tanh_network(network);
    if let Some((w, b)) = layers.last_mut() {
        *w *= 0.5;
        *b *= 0.5;
    }
    layers
}

fn halved_once(network: &[Layer]) -> Vec<Layer> {
    let inner = |l: usize| l > 0 && l + 1 < network.len();
    each(&solution::tanh_network(network), |l, (w, b)| (if inner(l) { 2.0 } else { 1.0 } * w, b.clone()))
}

fn first_shifted(network: &[Layer]) -> Vec<Layer> {
    let change = |l, (w, b): &Layer| match l {
        0 => (0.5 * w, b + 0.5 * w.sum_axis(Axis(1))),
        _ => (w.clone(), b.clone()),
    };
    each(&solution::tanh_network(network), change)
}

fn scaled_once(eta: f64, layers: usize) -> Vec<Rate> {
    solution::learning_rates(1.0, layers).iter().map(|(w, b)| (eta * w.sqrt(), eta * b.sqrt())).collect()
}

fn scaled_up(eta: f64, layers: usize) -> Vec<Rate> {
    solution::learning_rates(1.0, layers).iter().map(|(w, b)| (eta / w, eta / b)).collect()
}

fn last_rate_halved(eta: f64, layers: usize) -> Vec<Rate> {
    let mut rates = solution::learning_rates(eta, layers);
    if let Some((w, b)) = rates.last_mut() {
        (*w, *b) = (*w / 4.0, *b / 4.0);
    }
    rates
}

fn rates_alone(network: &[Layer], gradient: &[Layer], rates: &[Rate]) -> Vec<Layer> {
    each(network, |l, (w, b)| (w - rates[l].0 * &gradient[l].0, b - rates[l].1 * &gradient[l].1))
}

/// Weights as they should be, biases by their rates alone.
fn weights_alone(network: &[Layer], gradient: &[Layer], rates: &[Rate]) -> Vec<Layer> {
    let (right, alone) = (solution::tanh_step(network, gradient, rates), rates_alone(network, gradient, rates));
    right.into_iter().zip(alone).map(|((w, _), (_, b))| (w, b)).collect()
}

/// Weights by their rates alone; biases follow them.
fn biases_alone(network: &[Layer], gradient: &[Layer], rates: &[Rate]) -> Vec<Layer> {
    each(&rates_alone(network, gradient, rates), |l, (w, b)| match l {
        0 => (w.clone(), b.clone()),
        _ => (w.clone(), b + (w - &network[l].0).sum_axis(Axis(1))),
    })
}

fn first_as_well(network: &[Layer], gradient: &[Layer], rates: &[Rate]) -> Vec<Layer> {
    each(&solution::tanh_step(network, gradient, rates), |l, (w, b)| {
        if l > 0 {
            return (w.clone(), b.clone());
        }
        let more = rates[0].0 * (&gradient[0].0 + &gradient[0].1.view().insert_axis(Axis(1)));
        (&network[0].0 - &more, b - more.sum_axis(Axis(1)))
    })
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "overflow",
            mistake: "(eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ) as it stands: infinity over infinity for large z.",
            caught_by: ("tanh", "large arguments"),
            exercise: exercise(Answers { tanh: |z| (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()), ..RIGHT }),
        },
        WrongAnswer {
            name: "derivative-of-activation",
            mistake: "1 − z², where 1 − a² with a = tanh(z) is meant.",
            caught_by: ("tanh_prime", "against finite differences"),
            exercise: exercise(Answers { tanh_prime: |z| 1.0 - z * z, ..RIGHT }),
        },
        WrongAnswer {
            name: "biases-not-shifted",
            mistake: "Weights and biases are scaled, but the ½ in σ(z) = ½ + tanh(z/2)/2 is lost.",
            caught_by: ("tanh_network", "the same function"),
            exercise: exercise(Answers { tanh_network: not_shifted, ..RIGHT }),
        },
        WrongAnswer {
            name: "last-layer-halved",
            mistake: "The last layer is scaled like a hidden one, though it has no activation function.",
            caught_by: ("tanh_network", "the same function"),
            exercise: exercise(Answers { tanh_network: last_halved, ..RIGHT }),
        },
        WrongAnswer {
            name: "rates-scaled-once",
            mistake: "Learning rates are scaled like the parameters, not by the square.",
            caught_by: ("learning_rates", "layer by layer"),
            exercise: exercise(Answers { learning_rates: scaled_once, ..RIGHT }),
        },
        WrongAnswer {
            name: "rates-alone",
            mistake: "A plain step with other learning rates: weights and biases do not learn together.",
            caught_by: ("tanh_step", "one step"),
            exercise: exercise(Answers { tanh_step: rates_alone, ..RIGHT }),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers {
        tanh: |_| 0.0,
        tanh_prime: |_| 0.0,
        tanh_network: |network| network::step(network, network, 1.0),
        learning_rates: |_, layers| vec![(0.0, 0.0); layers],
        tanh_step: |network, _, _| network::step(network, network, 1.0),
    };
    let input = Answers {
        tanh: |z| z,
        tanh_prime: |z| z,
        tanh_network: |network| network.to_vec(),
        learning_rates: |eta, layers| vec![(eta, eta); layers],
        tanh_step: |network, _, _| network.to_vec(),
    };
    let one = Answers {
        tanh: |_| 1.0,
        tanh_prime: |_| 1.0,
        tanh_network: |network| each(network, |_, (w, b)| (w.mapv(|_| 1.0), b.mapv(|_| 1.0))),
        learning_rates: |_, layers| vec![(1.0, 1.0); layers],
        tanh_step: |network, _, _| each(network, |_, (w, b)| (w.mapv(|_| 1.0), b.mapv(|_| 1.0))),
    };
    [zero, input, one].map(exercise).into()
}
