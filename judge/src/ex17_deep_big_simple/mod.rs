//! A deep, big, simple network.

mod corners;
mod small;
pub mod wrong;

use crate::{Check, Exercise, Random, Verdict, Wrong, compare, number};
use ndarray::{Array1, Array2};

type Layers = Vec<(Array2<f64>, Array1<f64>)>;

/// What the reader writes.
#[derive(Clone, Copy)]
#[allow(clippy::type_complexity)] // the signatures as the reader sees them
pub struct Answers {
    pub parameter_count: fn(&[usize]) -> usize,
    pub first_parameters: fn(&[usize], &mut dyn FnMut() -> f64) -> Layers,
    pub scaled_tanh: fn(f64) -> (f64, f64),
    pub eta: fn(usize, usize) -> f64,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex17_deep_big_simple",
        read_on: "why it can be trained at all: \"Why are we able to train?\"",
        checks: vec![
            check("parameter_count", "networks of many sizes", networks_of_many_sizes),
            check("parameter_count", "edges", corners::counts),
            check("first_parameters", "shapes and range", shapes_and_range),
            check("first_parameters", "even spread, independence", corners::distribution),
            check("scaled_tanh", "values", values),
            check("scaled_tanh", "the derivative", derivative),
            check("scaled_tanh", "large arguments", large_arguments),
            check("scaled_tanh", "any z", corners::any_z),
            check("eta", "from epoch to epoch", from_epoch_to_epoch),
            check("eta", "a small network learns, with all of it", small_network_learns),
        ],
    }
    .otherwise(&[
        ("parameter_count", "for each pair of sizes: inputs times neurons, and a bias for each neuron"),
        ("first_parameters", "w is [outputs, inputs], and each number is drawn anew from −0.05 to 0.05"),
        (
            "scaled_tanh",
            "f is A tanh(Bz), and its derivative A · B · (1 − tanh²(Bz)): is a factor missing, or at another place?",
        ),
        (
            "eta",
            "10⁻³ times 10⁻³ to the power of epoch over the number of steps: is a step too many or too few counted?",
        ),
    ])
}

const BIG: [usize; 7] = [784, 2500, 2000, 1500, 1000, 500, 10];

fn networks_of_many_sizes(a: Answers) -> Verdict {
    for sizes in [&[3, 2][..], &[784, 30, 10], &BIG] {
        let weights: usize = sizes.windows(2).map(|size| size[0] * size[1]).sum();
        let neurons: usize = sizes[1..].iter().sum();
        number(&format!("parameter_count({sizes:?})"), (weights + neurons) as f64, (a.parameter_count)(sizes) as f64)
            .suspect_number(weights as f64, "the biases are missing: one for each neuron, the input apart")
            .suspect_number((weights + neurons + sizes[0]) as f64, "the input has no biases")
            .suspect_number(neurons as f64, "this is the number of neurons")
            .suspect_number(
                (weights + sizes[..sizes.len() - 1].iter().sum::<usize>()) as f64,
                "one bias for each input of a layer: it is one for each of its neurons",
            )
            .verdict()?;
    }
    Ok(())
}

fn shapes_and_range(a: Answers) -> Verdict {
    let mut random = Random::new(17);
    let sizes = [30, 50, 20, 10];
    let layers = (a.first_parameters)(&sizes, &mut || 0.5 + 0.5 * random.number());
    if layers.len() != sizes.len() - 1 {
        let what = format!("first_parameters({sizes:?}): expected 3 layers, got {}", layers.len());
        return Err(Wrong::new(what).because("the input is no layer of its own: weights stand between two sizes"));
    }
    for (l, (w, b)) in layers.iter().enumerate() {
        let (expected, got) = ((sizes[l + 1], sizes[l]), w.dim());
        let what = format!("first_parameters({sizes:?}): weights of layer {}", l + 1);
        if got != expected {
            let cause = if got == (expected.1, expected.0) {
                "inputs and outputs have changed places: w[[j, k]] goes from input k to neuron j"
            } else {
                "each layer has a row for each of its neurons and a column for each of its inputs"
            };
            return Err(Wrong::new(format!("{what}: expected shape {expected:?}, got {got:?}")).because(cause));
        }
        if b.len() != sizes[l + 1] {
            return Err(Wrong::new(format!("{what}: expected {} biases, got {}", sizes[l + 1], b.len())));
        }
        uniform(&what, w.iter().copied())?;
    }
    uniform(
        &format!("first_parameters({sizes:?}): biases of all layers"),
        layers.iter().flat_map(|(_, b)| b.iter().copied()),
    )
}

/// Are these numbers spread evenly over −0.05 … 0.05?
fn uniform(what: &str, numbers: impl Iterator<Item = f64>) -> Verdict {
    let x: Array1<f64> = numbers.collect();
    let (least, most) = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
    let (mean, deviation) = (x.mean().unwrap_or_default(), x.std(0.0));
    let what = format!(
        "{what}: expected from −0.05 to 0.05, all equally likely, got from {least:.4} to {most:.4}, with a mean of \
            {mean:.4} and a standard deviation of {deviation:.4}"
    );
    let cause = if deviation == 0.0 {
        "all are equal: then all neurons of a layer learn the same"
    } else if least >= 0.0 {
        "none is negative: is the middle of the range at 0?"
    } else if most > 0.05 || least < -0.05 {
        "the range is too wide"
    } else {
        "are they spread over the whole range? A uniform distribution of width 0.1 has a standard deviation of 0.0289"
    };
    let right = most <= 0.05 && least >= -0.05 && mean.abs() < 0.012 && (deviation - 0.1 / 12f64.sqrt()).abs() < 0.006;
    if right { Ok(()) } else { Err(Wrong::new(what).because(cause)) }
}

const A: f64 = 1.7159;
const B: f64 = 0.6666;

fn values(a: Answers) -> Verdict {
    let z: Array1<f64> = 4.0 * Random::new(18).array(20);
    let by = |f: fn(f64) -> f64| z.mapv(f);
    compare("f(z)", &by(|z| A * (B * z).tanh()), &z.mapv(|z| (a.scaled_tanh)(z).0))
        .suspect(&by(f64::tanh), "this is tanh(z), not scaled")
        .suspect(&by(|z| (B * z).tanh()), "A is missing: this is tanh(Bz)")
        .suspect(&by(|z| A * z.tanh()), "B is missing: this is A tanh(z)")
        .suspect(&by(|z| B * (A * z).tanh()), "A and B have changed places")
        .verdict()
}

fn derivative(a: Answers) -> Verdict {
    const STEP: f64 = 1e-6;
    let z: Array1<f64> = 4.0 * Random::new(19).array(20);
    let f = |z: f64| A * (B * z).tanh();
    let t = z.mapv(|z| (B * z).tanh());
    compare("f′(z)", &z.mapv(|z| (f(z + STEP) - f(z - STEP)) / (2.0 * STEP)), &z.mapv(|z| (a.scaled_tanh)(z).1))
        .within(1e-7)
        .suspect(&(A * (1.0 - &t * &t)), "the factor B is missing: the chain rule takes it out of tanh(Bz)")
        .suspect(&(B * (1.0 - &t * &t)), "the factor A is missing")
        .suspect(&(1.0 - &t * &t), "the factors A and B are missing: this is tanh′ at Bz")
        .suspect(
            &t.mapv(|t| 1.0 - A * A * t * t),
            "1 − f² is the derivative of tanh; here f is scaled, and so is what follows from it",
        )
        .suspect(&t.mapv(|t| A * B * (1.0 - A * A * t * t)), "1 − f² where 1 − tanh² belongs: f is A tanh(Bz)")
        .verdict()
}

fn large_arguments(a: Answers) -> Verdict {
    for z in [2000.0, -2000.0] {
        let (f, derivative) = (a.scaled_tanh)(z);
        number(&format!("f({z})"), A * f64::signum(z), f).verdict()?;
        number(&format!("f′({z})"), 0.0, derivative).verdict()?;
    }
    Ok(())
}

fn from_epoch_to_epoch(a: Answers) -> Verdict {
    for epochs in [4, 1, 2, 31, 800] {
        let by = |f: &dyn Fn(f64, f64) -> f64| {
            (0..epochs).map(|epoch| f(epoch as f64, epochs as f64)).collect::<Array1<f64>>()
        };
        // The exponents: steps of 10⁻⁶ would drown in the tolerance.
        let exponents: Array1<f64> = (0..epochs).map(|epoch| (a.eta)(epoch, epochs).log10()).collect();
        let falling = |steps: f64| by(&|epoch, _| -3.0 - 3.0 * epoch / steps.max(1.0));
        compare(&format!("{epochs} epochs: log₁₀ η"), &falling(epochs as f64 - 1.0), &exponents)
            .suspect(&falling(epochs as f64), "10⁻⁶ is reached an epoch after the last: n epochs are n − 1 steps")
            .suspect(
                &by(&|epoch, n| -3.0 - 3.0 * (epoch + 1.0) / n),
                "the first epoch has less than 10⁻³ already: epochs count from 0",
            )
            .suspect(
                &by(&|epoch, n| (1e-3 + (1e-6 - 1e-3) * epoch / (n - 1.0).max(1.0)).log10()),
                "this falls along a straight line: by the same amount each time, not by the same factor",
            )
            .verdict()?;
    }
    Ok(())
}

fn small_network_learns(a: Answers) -> Verdict {
    let what = "a network of [784, 40, 30, 10] after five epochs with 1000 drawn digits";
    match small::accuracy(a) {
        Some(accuracy) if accuracy >= 0.5 => Ok(()),
        Some(accuracy) => {
            let what = format!("{what}: expected half of others to be right, got {:.0} %", 100.0 * accuracy);
            Err(Wrong::new(what)
                .because("one of its parts is not right yet: first parameters, activation, learning rate"))
        }
        None => Err(Wrong::new(format!("{what}: there is none to be trained"))
            .because("its first parameters have other shapes, or are no longer finite numbers: see the checks above")),
    }
}
