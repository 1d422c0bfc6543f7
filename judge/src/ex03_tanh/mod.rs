//! Sigmoid and hyperbolic tangent, one in the clothes of the other.

mod corners;
mod network;
pub mod wrong;

use crate::measure::measure;
use crate::{Check, Exercise, Random, Verdict, Wrong, compare, number};
use ndarray::{Array, Array1, Dimension};
use network::{Activation, SIGMOID, sigmoid};
use solutions::ex03_tanh::{self as solution, Layer};
use wrong::{NETWORK, RATES, STEP};

/// Learning rates of a layer: of its weights, and of its biases.
type Rate = (f64, f64);

/// Network, gradient and learning rates become the network after a step.
type Step = fn(&[Layer], &[Layer], &[Rate]) -> Vec<Layer>;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub tanh: fn(f64) -> f64,
    pub tanh_prime: fn(f64) -> f64,
    pub tanh_network: fn(&[Layer]) -> Vec<Layer>,
    pub learning_rates: fn(f64, usize) -> Vec<Rate>,
    pub tanh_step: Step,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex03_tanh",
        read_on: "rectified linear units, which are no sigmoid in disguise: \"Convolutional neural networks in practice\"",
        checks: vec![
            check("tanh", "values", values),
            check("tanh", "large arguments", large_arguments),
            check("tanh", "any z", corners::any_z),
            check("tanh_prime", "against finite differences", slopes),
            check("tanh_prime", "near and far", corners::slopes),
            check("tanh_network", "the same function", same_function),
            check("tanh_network", "networks of all shapes", corners::networks),
            check("learning_rates", "layer by layer", rates),
            check("learning_rates", "any η", corners::rates),
            check("tanh_step", "one step", one_step),
            check("tanh_step", "any gradient", corners::steps),
            check("tanh_step", "all five follow the sigmoid network", same_trajectory),
        ],
    }
    .otherwise(&[
        ("tanh", "is a sign in an exponent the other one, or do the two lines of the quotient begin with each other's?"),
        ("tanh_prime", "1 − tanh²(z): is it tanh of z, squared, and taken from 1?"),
        ("tanh_network", "does each layer get a or ã from below, and does its own function want z or z/2? Both can be mixed up, and so can the first and the last layer"),
        ("learning_rates", "by which factor is the parameter smaller, layer by layer? The rate is η times its square, and first and last layer have factors of their own"),
        ("tanh_step", "is a sign the other one, or does one of the two gradients go to the wrong tensor? Steps go against the gradient, and the bias follows the weights"),
    ])
}

/// How many inputs, neurons in the hidden layers, and classes.
const NETWORKS: [&[usize]; 4] = [&[3, 2, 2], &[4, 5, 3, 2], &[5, 4, 6, 3, 4], &[3, 2]];

fn values(a: Answers) -> Verdict {
    [0.5, -0.5, 1.0, 2.0, -3.0, 0.0].into_iter().try_for_each(|z: f64| {
        number(&format!("tanh({z})"), z.tanh(), (a.tanh)(z))
            .suspect_number(sigmoid(z), "this is σ(z)")
            .suspect_number((z / 2.0).tanh(), "this is tanh(z/2)")
            .suspect_number((2.0 * z).tanh(), "this is tanh(2z): one factor of 2 in an exponent too many")
            .verdict()
    })
}

fn large_arguments(a: Answers) -> Verdict {
    number("tanh(1000)", 1.0, (a.tanh)(1000.0)).verdict()?;
    number("tanh(-1000)", -1.0, (a.tanh)(-1000.0)).verdict()
}

fn slopes(a: Answers) -> Verdict {
    [0.5, -0.5, 1.0, 2.0, -3.0, 0.0, 1000.0, -1000.0].into_iter().try_for_each(|z: f64| {
        let expected = measure(&Array1::from_elem(1, z), |z| z[0].tanh())[0];
        number(&format!("tanh_prime({z})"), expected, (a.tanh_prime)(z))
            .within(1e-6)
            .suspect_number(1.0 - z * z, "1 − a² is the derivative where a is the activation, tanh(z), not z itself")
            .suspect_number(1.0 - z.tanh(), "the square is missing in 1 − tanh²(z)")
            .suspect_number(z.tanh() * (1.0 - z.tanh()), "a(1 − a) is the derivative of the sigmoid")
            .suspect_number((SIGMOID.derivative)(z), "this is the derivative of the sigmoid")
            .verdict()
    })
}

/// Has a network as many layers as another one, and do they have the same shapes?
fn fits(what: &str, expected: &[Layer], got: &[Layer]) -> Verdict {
    let shapes = |layers: &[Layer]| layers.iter().map(|(w, b)| (w.dim(), b.dim())).collect::<Vec<_>>();
    if shapes(expected) == shapes(got) {
        return Ok(());
    }
    let (expected, got) = (shapes(expected), shapes(got));
    Err(Wrong::new(format!("{what}: expected weights and biases of shapes {expected:?}, got {got:?}")))
}

fn same_function(a: Answers) -> Verdict {
    NETWORKS.iter().zip(0..).try_for_each(|(sizes, seed)| {
        let random = &mut Random::new(seed);
        let sigmoid_network = network::random(random, sizes);
        let x = random.array((4, sizes[0]));
        let got = (a.tanh_network)(&sigmoid_network);
        fits("tanh_network", &sigmoid_network, &got)?;
        let last = |layers: &[Layer], f| network::forward(layers, &x, f).pop().unwrap_or_default();
        let mistakes = NETWORK.map(|(f, why)| (last(&f(&sigmoid_network), f64::tanh), why));
        let what = format!("4 inputs through a network of sizes {sizes:?} → z of the last layer");
        let expected = last(&sigmoid_network, sigmoid);
        compare(&what, &expected, &last(&got, f64::tanh)).suspects(mistakes).verdict()
    })
}

fn rates(a: Answers) -> Verdict {
    [3, 2, 4, 1].into_iter().try_for_each(|layers| {
        let eta = 0.8;
        let (expected, got) = (solution::learning_rates(eta, layers), (a.learning_rates)(eta, layers));
        let of_weights = |rates: &[Rate]| rates.iter().map(|rate| rate.0).collect::<Array1<f64>>();
        let of_biases = |rates: &[Rate]| rates.iter().map(|rate| rate.1).collect::<Array1<f64>>();
        compare(&format!("learning_rates({eta}, {layers}), weights"), &of_weights(&expected), &of_weights(&got))
            .suspects(RATES.map(|(f, why)| (of_weights(&f(eta, layers)), why)))
            .verdict()?;
        compare(&format!("learning_rates({eta}, {layers}), biases"), &of_biases(&expected), &of_biases(&got))
            .suspects(RATES.map(|(f, why)| (of_biases(&f(eta, layers)), why)))
            .verdict()
    })
}

fn one_step(a: Answers) -> Verdict {
    NETWORKS.iter().zip(10..).try_for_each(|(sizes, seed)| {
        let (random, eta) = (&mut Random::new(seed), 0.8);
        let before = network::random(random, sizes);
        let (x, labels) = network::examples(random, sizes, 3);
        // What the sigmoid network becomes, in the clothes of the other.
        let (_, gradient) = network::gradient(&before, &x, &labels, SIGMOID);
        let expected = solution::tanh_network(&network::step(&before, &gradient, eta));

        let (disguised, rates) = (solution::tanh_network(&before), solution::learning_rates(eta, before.len()));
        let (_, gradient) = network::gradient(&disguised, &x, &labels, TANH);
        let got = (a.tanh_step)(&disguised, &gradient, &rates);
        fits("tanh_step", &expected, &got)?;
        let mistakes = STEP.map(|(f, why)| (f(&disguised, &gradient, &rates), why));
        for l in 0..expected.len() {
            let what =
                |tensor| format!("a step of a network of sizes {sizes:?} → layer {} of {}, {tensor}", l + 1, got.len());
            judge_tensor(
                &what("w"),
                &expected[l].0,
                &got[l].0,
                mistakes.each_ref().map(|(m, why)| (m[l].0.clone(), *why)),
            )?;
            judge_tensor(
                &what("b"),
                &expected[l].1,
                &got[l].1,
                mistakes.each_ref().map(|(m, why)| (m[l].1.clone(), *why)),
            )?;
        }
        Ok(())
    })
}

fn judge_tensor<D: Dimension, const N: usize>(
    what: &str,
    expected: &Array<f64, D>,
    got: &Array<f64, D>,
    mistakes: [(Array<f64, D>, &'static str); N],
) -> Verdict {
    compare(what, expected, got).suspects(mistakes).verdict()
}

const TANH: Activation = Activation { f: f64::tanh, derivative: |z| 1.0 - z.tanh().powi(2) };

/// The reader's network learns by itself, and its cost is the sigmoid network's at every step.
fn same_trajectory(a: Answers) -> Verdict {
    let (sizes, eta, random) = ([6, 8, 5, 3], 1.5, &mut Random::new(20));
    let mut sigmoid_network = network::random(random, &sizes);
    let mut yours = (a.tanh_network)(&sigmoid_network);
    fits("tanh_network", &sigmoid_network, &yours)?;
    let rates = (a.learning_rates)(eta, yours.len());
    if rates.len() != yours.len() {
        return Err(Wrong::new(format!(
            "learning_rates: expected one for each of {} layers, got {}",
            yours.len(),
            rates.len()
        )));
    }
    let activation = Activation { f: a.tanh, derivative: a.tanh_prime };
    let (x, labels) = network::examples(random, &sizes, 60);
    let (mut expected, mut got) = (vec![], vec![]);
    for _ in 0..100 {
        let (cost, gradient) = network::gradient(&sigmoid_network, &x, &labels, SIGMOID);
        expected.push(cost);
        sigmoid_network = network::step(&sigmoid_network, &gradient, eta);
        let (cost, gradient) = network::gradient(&yours, &x, &labels, activation);
        got.push(cost);
        let stepped = (a.tanh_step)(&yours, &gradient, &rates);
        fits("tanh_step", &yours, &stepped)?;
        yours = stepped;
    }
    let compared = compare("cost before step", &Array1::from(expected), &Array1::from(got)).within(1e-7);
    let why = "the two networks learn differently: look at the functions one by one, in their order";
    compared.verdict().map_err(|wrong| wrong.because(why))
}
