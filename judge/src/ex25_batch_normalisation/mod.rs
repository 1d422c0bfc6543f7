//! Batch normalisation, there and back.

mod corners;
mod network;
pub mod wrong;

use crate::measure::measure;
use crate::plugged::{self, Note};
use crate::{Check, Exercise, Random, Verdict, compare};
use ndarray::{Array1, Array2, array};
use network3::ops::{BatchNorm, Moments, Weights, batch_norm};
use network3::{Activation, Spec};
use wrong::{FORWARD, INPUT_GRADIENT, MOMENTS, PARAMETER_GRADIENTS};

type Pair = (Array1<f64>, Array1<f64>);

/// What the reader writes.
#[derive(Clone, Copy)]
#[allow(clippy::type_complexity)] // the signatures as the reader sees them
pub struct Answers {
    pub moments: fn(&Array2<f64>) -> Pair,
    pub forward: fn(&Array2<f64>, &Array1<f64>, &Array1<f64>, f64) -> Array2<f64>,
    pub parameter_gradients: fn(&Array2<f64>, &Array2<f64>, f64) -> Pair,
    pub input_gradient: fn(&Array2<f64>, &Array2<f64>, &Array1<f64>, f64) -> Array2<f64>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex25_batch_normalisation",
        read_on: "the library's own answer, src/ops/batch_norm/reference.rs, and its quick one beside it",
        checks: vec![
            check("moments", "three examples of two channels", three_examples),
            check("moments", "random mini-batches", random_moments),
            check("moments", "one example, tiny, huge, and far from zero", corners::moments),
            check("forward", "two examples of two channels", two_examples),
            check("forward", "random mini-batches", random_batches),
            check("forward", "one example, tiny, huge, and far from zero", corners::forward),
            check("parameter_gradients", "against finite differences", parameters_measured),
            check("parameter_gradients", "all shapes and sizes", corners::parameter_gradients),
            check("input_gradient", "against finite differences", inputs_measured),
            check("input_gradient", "all shapes and sizes", corners::input_gradient),
            check("input_gradient", "all four train a network", network_learns),
        ],
    }
    .otherwise(&[
        ("moments", "for each channel by itself: the sum over the examples, divided by their number; then the same of (x − μ)²"),
        ("forward", "γ (x − μ)/√(σ² + ε) + β: is ε below the root, and does every channel have its own of all of them?"),
        ("parameter_gradients", "sums over the examples: of dy x̂ for γ, of dy for β"),
        ("input_gradient", "γ/√(σ² + ε) · (dy − ∂C/∂β / m − x̂ · ∂C/∂γ / m): which of these belong to the channel, and which to the example?"),
    ])
}

/// A mini-batch, γ, β, a gradient of what comes out, and ε.
struct Case {
    x: Array2<f64>,
    gamma: Array1<f64>,
    beta: Array1<f64>,
    dy: Array2<f64>,
    epsilon: f64,
}

impl Case {
    fn random(random: &mut Random, shape: (usize, usize), epsilon: f64) -> Self {
        let (x, dy) = (2.0 * random.array(shape), random.array(shape));
        // Channels of unlike means
        let x: Array2<f64> = x + 3.0 * random.array(shape.1);
        Case { x, gamma: random.array(shape.1), beta: random.array(shape.1), dy, epsilon }
    }
}

/// A few mini-batches.
fn several() -> impl Iterator<Item = Case> {
    (1..=8).map(|seed| {
        let random = &mut Random::new(2500 + seed);
        let shape = (random.integer(3, 9), random.integer(2, 6));
        Case::random(random, shape, 0.125)
    })
}

/// The library's y.
fn library(x: &Array2<f64>, gamma: &Array1<f64>, beta: &Array1<f64>, epsilon: f64) -> Array2<f64> {
    let op = BatchNorm { channels: x.ncols(), epsilon };
    let flat = |a: &Array1<f64>| a.to_vec();
    let numbers: Vec<f64> = x.iter().copied().collect();
    let (mut mean, mut variance, mut y) = (vec![0.0; op.channels], vec![0.0; op.channels], vec![0.0; x.len()]);
    batch_norm::reference::moments(&op, &numbers, &mut mean, &mut variance);
    let at = Moments { mean: &mean, variance: &variance, of_batch: true };
    batch_norm::reference::forward(&op, &numbers, at, Weights { w: &flat(gamma), b: &flat(beta) }, &mut y);
    Array2::from_shape_vec(x.raw_dim(), y).expect("as long as its shape")
}

fn three_examples(a: Answers) -> Verdict {
    let x = array![[1.0, -4.0], [2.0, 8.0], [6.0, 8.0]];
    judge_moments(a, "moments([[1, −4], [2, 8], [6, 8]])", &x, (array![3.0, 4.0], array![14.0 / 3.0, 32.0]))
}

fn judge_moments(a: Answers, what: &str, x: &Array2<f64>, (mean, variance): Pair) -> Verdict {
    let got = (a.moments)(x);
    let suspects = |k: usize| {
        MOMENTS.iter().map(move |(f, why)| {
            let (mean, variance) = f(x);
            ([mean, variance].into_iter().nth(k).unwrap_or_default(), *why)
        })
    };
    compare(&format!("{what} → μ"), &mean, &got.0).suspects(suspects(0)).verdict()?;
    compare(&format!("{what} → σ²"), &variance, &got.1).suspects(suspects(1)).verdict()
}

fn random_moments(a: Answers) -> Verdict {
    several().try_for_each(|Case { x, .. }| {
        let m = x.nrows() as f64;
        let of = |f: &dyn Fn(usize) -> f64| Array1::from_shape_fn(x.ncols(), f);
        let mean = of(&|c| x.column(c).iter().sum::<f64>() / m);
        let variance = of(&|c| x.column(c).iter().map(|x| (x - mean[c]).powi(2)).sum::<f64>() / m);
        judge_moments(a, &format!("moments(x {:?})", x.shape()), &x, (mean, variance))
    })
}

fn judge_forward(a: Answers, what: &str, case: &Case, expected: &Array2<f64>) -> Verdict {
    let Case { x, gamma, beta, epsilon, .. } = case;
    let mistakes = FORWARD.map(|(f, why)| (f(x, gamma, beta, *epsilon), why));
    compare(what, expected, &(a.forward)(x, gamma, beta, *epsilon)).suspects(mistakes).verdict()
}

fn two_examples(a: Answers) -> Verdict {
    // With ε = 3 the roots are those of 1 + 3 and 6 + 3
    let six = 6f64.sqrt();
    let x = array![[0.0, 10.0 - six], [2.0, 10.0 + six]];
    let (gamma, beta, dy) = (array![4.0, 2.0], array![1.0, -1.0], Array2::zeros((2, 2)));
    let expected = array![[-1.0, -1.0 - 2.0 * six / 3.0], [3.0, -1.0 + 2.0 * six / 3.0]];
    let what = "forward([[0, 10 − √6], [2, 10 + √6]], γ [4, 2], β [1, −1], ε 3) → y";
    judge_forward(a, what, &Case { x, gamma, beta, dy, epsilon: 3.0 }, &expected)
}

fn random_batches(a: Answers) -> Verdict {
    several().try_for_each(|case| {
        let what = format!("forward(x {:?}, γ, β, ε {}) → y", case.x.shape(), case.epsilon);
        let expected = library(&case.x, &case.gamma, &case.beta, case.epsilon);
        judge_forward(a, &what, &case, &expected)
    })
}

fn parameters_measured(a: Answers) -> Verdict {
    several().try_for_each(|Case { x, gamma, beta, dy, epsilon }| {
        let cost = |gamma: &Array1<f64>, beta: &Array1<f64>| (library(&x, gamma, beta, epsilon) * &dy).sum();
        let expected = [measure(&gamma, |gamma| cost(gamma, &beta)), measure(&beta, |beta| cost(&gamma, beta))];
        let got = (a.parameter_gradients)(&x, &dy, epsilon);
        let what = format!("parameter_gradients(x and dy {:?}, ε {epsilon})", x.shape());
        let suspects = |k: usize| {
            let (x, dy) = (&x, &dy);
            PARAMETER_GRADIENTS.iter().map(move |(f, why)| {
                let (dgamma, dbeta) = f(x, dy, epsilon);
                ([dgamma, dbeta].into_iter().nth(k).unwrap_or_default(), *why)
            })
        };
        let dgamma = compare(&format!("{what} → ∂C/∂γ"), &expected[0], &got.0);
        dgamma.within(1e-6).suspects(suspects(0)).verdict()?;
        compare(&format!("{what} → ∂C/∂β"), &expected[1], &got.1).within(1e-6).suspects(suspects(1)).verdict()
    })
}

fn inputs_measured(a: Answers) -> Verdict {
    several().try_for_each(|Case { x, gamma, beta, dy, epsilon }| {
        let expected = measure(&x, |x| (library(x, &gamma, &beta, epsilon) * &dy).sum());
        let what = format!("input_gradient(x and dy {:?}, γ, ε {epsilon}) → dx", x.shape());
        let mistakes = INPUT_GRADIENT.map(|(f, why)| (f(&x, &dy, &gamma, epsilon), why));
        let got = (a.input_gradient)(&x, &dy, &gamma, epsilon);
        compare(&what, &expected, &got).within(1e-6).suspects(mistakes).verdict()
    })
}

fn network_learns(a: Answers) -> Verdict {
    let layers = [Spec::fully_connected(12, Activation::Sigmoid), Spec::BatchNorm, Spec::softmax(10)];
    let note = Note::default();
    let yours = network::Yours { answers: a, note: note.clone() };
    plugged::learns(&layers, yours, &note)
}
