//! Networks and numbers that are easily overlooked.

use super::{Answers, network, relu, softmax, through, weights_times_c};
use crate::{Random, Verdict, Wrong, compare, number};
use ndarray::{Array1, array};

pub fn outputs(a: Answers) -> Verdict {
    let random = &mut Random::new(1101);
    for sizes in [&[1, 1][..], &[2, 1, 3], &[7, 2, 2, 2, 2], &[1, 9, 1]] {
        for size in [1.0, 1e-50, 1e50] {
            let (weights, biases) = network(random, sizes);
            let biases: Vec<_> = biases.iter().map(|b| size * b).collect();
            let x: Array1<f64> = size * random.array(sizes[0]);
            compare(
                &format!("outputs of {sizes:?}, inputs of about {size}"),
                &through(&weights, &biases, &x, relu),
                &(a.forward)(&weights, &biases, &x),
            )
            .of_size(size)
            .verdict()
            .map_err(|wrong| {
                wrong.or_because(
                    "layers may be single neurons; max(0, z) leaves positive z as they are, however small or large",
                )
            })?;
        }
    }
    Ok(())
}

pub fn any_c(a: Answers) -> Verdict {
    let random = &mut Random::new(1102);
    for (sizes, c) in [(&[2, 3][..], 1.0), (&[1, 1, 1, 1], 1e-3), (&[3; 13], 1.7), (&[2, 5, 1, 4], 1e4)] {
        let (weights, biases) = network(random, sizes);
        let (_, got) = weights_times_c(a, &weights, &biases, c)?;
        for (l, (old, new)) in biases.iter().zip(&got).enumerate() {
            let factor = c.powi(l as i32 + 1);
            compare(&format!("rescaled by c = {c}: biases[{l}] over c^{}", l + 1), old, &(new / factor))
                .verdict()
                .map_err(|wrong| wrong.or_because("w a of layer l has grown by c^l, and so must its bias"))?;
        }
    }
    Ok(())
}

pub fn any_probabilities(a: Answers) -> Verdict {
    let random = &mut Random::new(1103);
    for classes in [1, 2, 7, 100] {
        for factor in [1.0, 1e-9, 0.1, 30.0, 1e6] {
            let z: Array1<f64> = 5.0 * random.array(classes);
            let p = softmax(&z);
            compare(
                &format!("factor {factor}, {classes} classes: probabilities"),
                &softmax(&(factor * &z)),
                &(a.rescale_probabilities)(&p, factor),
            )
            .verdict()
            .map_err(|wrong| wrong.or_because("there may be one class or many, and a factor may be small or large"))?;
        }
    }
    for (p, factor) in [([1e-300, 1.0], 0.01), ([1e-20, 1.0 - 1e-20], 0.5), ([3e-9, 1.0 - 3e-9], 1e-3)] {
        let powers = Array1::from(p.to_vec()).mapv(|p: f64| p.powf(factor));
        compare(
            &format!("factor {factor} of the probabilities {p:?}"),
            &(&powers / powers.sum()),
            &(a.rescale_probabilities)(&Array1::from(p.to_vec()), factor),
        )
        .of_size(1e-3)
        .verdict()
        .map_err(|wrong| {
            wrong.or_because("a probability may be tiny, and a small power of it is not: nothing is added to it")
        })?;
    }
    compare(
        "factor 1000 of two equal probabilities",
        &array![0.5, 0.5],
        &(a.rescale_probabilities)(&array![0.5, 0.5], 1000.0),
    )
    .verdict()
}

/// Mean and variance of weights, and how alike neighbours are.
pub fn distribution(a: Answers) -> Verdict {
    let random = &mut Random::new(1104);
    for (inputs, outputs) in [(400, 250), (3, 40_000), (1, 100_000), (200, 600)] {
        let w = (a.initial_weights)(inputs, outputs, &mut || random.normal());
        if w.dim() != (outputs, inputs) {
            return Err(Wrong::new(format!(
                "weights from {inputs} inputs to {outputs} outputs: expected shape {:?}, got {:?}",
                (outputs, inputs),
                w.dim()
            )));
        }
        let unit = w.mapv(|w| w * (inputs as f64 / 2.0).sqrt());
        let all: Vec<f64> = unit.iter().copied().collect();
        let mean = |f: &dyn Fn(usize) -> f64, n: usize| (0..n).map(f).sum::<f64>() / n as f64;
        let n = all.len();
        let what =
            |of: &str| format!("weights from {inputs} inputs to {outputs} outputs, in units of √(2/inputs): {of}");
        let why = "each weight is a number of its own, and the mean of a² after a layer is that of x² before it";
        number(&what("mean"), 0.0, mean(&|k| all[k], n))
            .within(0.03)
            .verdict()
            .map_err(|wrong| wrong.or_because(why))?;
        number(&what("variance"), 1.0, mean(&|k| all[k].powi(2), n))
            .within(0.03)
            .verdict()
            .map_err(|wrong| wrong.or_because(why))?;
        for lag in [1, 2, inputs, 2 * inputs, n / 2] {
            number(
                &what(&format!("correlation of weights that are {lag} apart")),
                0.0,
                mean(&|k| all[k] * all[k + lag], n - lag),
            )
            .within(0.04)
            .verdict()
            .map_err(|wrong| wrong.because(why))?;
        }
    }
    Ok(())
}
