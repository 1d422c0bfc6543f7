//! Arguments and networks that are easily overlooked.

use super::{Answers, fits, network};
use crate::{Random, Verdict, Wrong, compare, number};
use ndarray::Array1;
use solutions::ex03_tanh as solution;

/// So much may be lost to rounding.
const ROUNDING: f64 = 1e-13;

pub fn any_z(a: Answers) -> Verdict {
    let z = [
        1e-300,
        1e-12,
        1e-5,
        0.01,
        0.3,
        1.5,
        4.0,
        5.0,
        5.5,
        7.0,
        9.0,
        12.0,
        15.0,
        18.0,
        20.0,
        30.0,
        300.0,
        355.0,
        400.0,
        710.0,
        1e5,
        1e300,
        f64::INFINITY,
    ];
    for z in z.into_iter().flat_map(|z| [z, -z]) {
        number(&format!("tanh({z})"), z.tanh(), (a.tanh)(z)).within(ROUNDING).verdict().map_err(|wrong| {
            wrong.or_because("tanh comes close to ±1 and is not there yet; it gets there at infinity")
        })?;
    }
    let got = (a.tanh)(f64::NAN);
    if got.is_nan() {
        Ok(())
    } else {
        Err(Wrong::new(format!("tanh(NaN): expected NaN, got {got}")).because("what is no number has no tanh"))
    }
}

pub fn slopes(a: Answers) -> Verdict {
    for z in [1e-9, 0.02, 0.7, 1.3, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 50.0, 350.0, 720.0]
        .into_iter()
        .flat_map(|z: f64| [z, -z])
    {
        let expected = 1.0 / z.cosh().powi(2);
        number(&format!("tanh_prime({z})"), expected, (a.tanh_prime)(z)).within(ROUNDING).verdict().map_err(
            |wrong| wrong.or_because("the derivative becomes small for large z, and is even: the same for z and −z"),
        )?;
    }
    Ok(())
}

/// A single layer, single neurons, layers of equal shapes, many layers.
const NETWORKS: [&[usize]; 6] = [&[1, 1], &[2, 5], &[1, 1, 1], &[3, 3, 3, 3], &[2, 6, 1, 4, 2], &[4, 2, 2, 2, 2, 2, 2]];

pub fn networks(a: Answers) -> Verdict {
    let random = &mut Random::new(301);
    NETWORKS.iter().try_for_each(|sizes| {
        let sigmoid = network::random(random, sizes);
        let got = (a.tanh_network)(&sigmoid);
        fits("tanh_network", &sigmoid, &got)?;
        let x = random.array((3, sizes[0]));
        let last = |layers: &[solution::Layer], f| network::forward(layers, &x, f).pop().unwrap_or_default();
        let what = format!("3 inputs through a network of sizes {sizes:?} → z of the last layer");
        compare(&what, &last(&sigmoid, network::sigmoid), &last(&got, f64::tanh)).verdict().map_err(|wrong| {
            wrong.or_because(
                "layers may be single neurons, a single layer, and of equal shapes; each has weights of its own",
            )
        })
    })
}

pub fn rates(a: Answers) -> Verdict {
    for (eta, layers) in [(1.0, 1), (3.0, 2), (1e-12, 3), (0.0, 4), (1e6, 12)] {
        let list = |rates: Vec<(f64, f64)>| rates.into_iter().flat_map(|(w, b)| [w, b]).collect::<Array1<f64>>();
        let expected = list(solution::learning_rates(eta, layers));
        compare(
            &format!("learning_rates({eta}, {layers}): of weights, of biases, of weights, …"),
            &expected,
            &list((a.learning_rates)(eta, layers)),
        )
        .of_size(if eta == 0.0 { 1.0 } else { eta })
        .verdict()
        .map_err(|wrong| wrong.or_because("a rate is η times a number that does not depend on η"))?;
    }
    Ok(())
}

pub fn steps(a: Answers) -> Verdict {
    let random = &mut Random::new(302);
    for sizes in NETWORKS {
        for eta in [0.7, 1e-6, 0.0, 50.0] {
            let (network, gradient) = (network::random(random, sizes), network::random(random, sizes));
            let rates = solution::learning_rates(eta, network.len());
            let (expected, got) =
                (solution::tanh_step(&network, &gradient, &rates), (a.tanh_step)(&network, &gradient, &rates));
            fits("tanh_step", &expected, &got)?;
            for (l, ((w, b), (got_w, got_b))) in expected.iter().zip(&got).enumerate() {
                let what = |tensor| {
                    format!("a step with η = {eta} of a network of sizes {sizes:?} → layer {}, {tensor}", l + 1)
                };
                let why = "each layer has weights, gradients and rates of its own";
                compare(&what("w"), w, got_w).within(1e-12).verdict().map_err(|wrong| wrong.or_because(why))?;
                compare(&what("b"), b, got_b).within(1e-12).verdict().map_err(|wrong| wrong.or_because(why))?;
            }
        }
    }
    Ok(())
}
