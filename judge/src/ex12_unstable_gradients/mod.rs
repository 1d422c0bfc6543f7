//! Gradients that vanish or explode, and what can be done about it.

mod corners;
mod deep;
pub mod wrong;

use crate::{Check, Exercise, Random, Verdict, Wrong, compare, number};
use deep::{at_rest, error_norms, learns, network, outputs};
use ndarray::{Array1, Array2};
use solutions::ex12_unstable_gradients as solution;

type Weights = Vec<Array2<f64>>;
type Biases = Vec<Array1<f64>>;

/// What the reader writes.
#[derive(Clone, Copy)]
#[allow(clippy::type_complexity)] // the signatures as the reader sees them
pub struct Answers {
    pub errors: fn(&[Array2<f64>], &[Array1<f64>], &Array1<f64>, &Array1<f64>) -> Vec<Array1<f64>>,
    pub gradient_norms: fn(&[Array2<f64>], &[Array1<f64>], &Array1<f64>, &Array1<f64>) -> Vec<(f64, f64)>,
    pub factor_per_layer: fn(&[f64]) -> f64,
    pub cure: fn(&[Array2<f64>], &Array2<f64>) -> Weights,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex12_unstable_gradients",
        read_on: "what the chapter did about it: \"Why are we able to train?\"",
        checks: vec![
            check("errors", "against finite differences", errors_by_differences),
            check("errors", "dead layers and single neurons", corners::errors),
            check("gradient_norms", "against finite differences", norms_by_differences),
            check("gradient_norms", "dead layers and single neurons", corners::norms),
            check("factor_per_layer", "made-up norms", made_up_norms),
            check("factor_per_layer", "any norms", corners::factors),
            check("cure", "norms over twenty layers", norms_over_twenty_layers),
            check("cure", "still the same network", still_the_same_network),
            check("cure", "few layers, wide and narrow", corners::cures),
            check("cure", "a real network learns", a_real_network_learns),
        ],
    }
    .otherwise(&[
        ("errors", "is the mask that of the same layer, and is w transposed on the way back?"),
        ("gradient_norms", "‖∂C/∂w‖ is ‖δ‖ times the norm of what goes into the layer: are the layers counted alike?"),
        ("factor_per_layer", "first over last, or last over first? And how many steps are between them?"),
        ("cure", "is each matrix divided by the factor by which it changes the size of signals, after those before it have been cured?"),
    ])
}

/// A network, an input and ∂C/∂a, where C = Σ a·da.
fn example(random: &mut Random, sizes: &[usize]) -> (Weights, Biases, Array1<f64>, Array1<f64>) {
    let (weights, biases) = sizes.windows(2).map(|s| (random.array((s[1], s[0])) + 0.1, random.array(s[1]))).unzip();
    (weights, biases, random.array(sizes[0]), random.array(sizes[sizes.len() - 1]))
}

const SIZES: [&[usize]; 3] = [&[4, 5], &[5, 6, 6, 4], &[3, 7, 5, 7, 6]];
const STEP: f64 = 1e-6;

/// ∂C/∂b, measured, layer by layer.
fn measured_errors(weights: &Weights, biases: &Biases, x: &Array1<f64>, da: &Array1<f64>) -> Vec<Array1<f64>> {
    let cost = |biases: &Biases| outputs(weights, biases, x).dot(da);
    let mut biases = biases.clone();
    let mut errors = vec![];
    for l in 0..biases.len() {
        let error = Array1::from_shape_fn(biases[l].len(), |j| {
            let b = biases[l][j];
            let [above, below] = [b + STEP, b - STEP].map(|b| {
                biases[l][j] = b;
                cost(&biases)
            });
            biases[l][j] = b;
            (above - below) / (2.0 * STEP)
        });
        errors.push(error);
    }
    errors
}

/// ‖∂C/∂w‖, measured, layer by layer.
fn measured_norms(weights: &Weights, biases: &Biases, x: &Array1<f64>, da: &Array1<f64>) -> Vec<f64> {
    let mut weights = weights.clone();
    let mut norms = vec![];
    for l in 0..weights.len() {
        let mut squares = 0.0;
        for (j, k) in ndarray::indices_of(&weights[l].clone()) {
            let w = weights[l][[j, k]];
            let [above, below] = [w + STEP, w - STEP].map(|w| {
                weights[l][[j, k]] = w;
                outputs(&weights, biases, x).dot(da)
            });
            weights[l][[j, k]] = w;
            squares += ((above - below) / (2.0 * STEP)).powi(2);
        }
        norms.push(squares.sqrt());
    }
    norms
}

/// Backward with another idea of what the units do to δ: given z of this layer and a of the layer below.
fn errors_with(
    (weights, biases, x, da): (&Weights, &Biases, &Array1<f64>, &Array1<f64>),
    unit: impl Fn(&Array1<f64>, &Array1<f64>, usize) -> Array1<f64>,
) -> Vec<Array1<f64>> {
    let mut a = vec![x.clone()];
    for l in 0..weights.len() {
        a.push((weights[l].dot(&a[l]) + &biases[l]).mapv(|z| z.max(0.0)));
    }
    let (mut da, mut errors) = (da.clone(), vec![]);
    for l in (0..weights.len()).rev() {
        let delta = unit(&da, &a[l + 1], l);
        da = weights[l].t().dot(&delta);
        errors.push(delta);
    }
    errors.reverse();
    errors
}

fn errors_by_differences(a: Answers) -> Verdict {
    let mut random = Random::new(12);
    for sizes in SIZES {
        let (w, b, x, da) = example(&mut random, sizes);
        let (expected, got) = (measured_errors(&w, &b, &x, &da), (a.errors)(&w, &b, &x, &da));
        how_many("errors", w.len(), got.len())?;
        let last = w.len() - 1;
        let active = |a: &Array1<f64>| a.mapv(|a| f64::from(a > 0.0));
        let linear = errors_with((&w, &b, &x, &da), |da, _, _| da.clone());
        let activation = errors_with((&w, &b, &x, &da), |da, a, _| da * a);
        let linear_outputs =
            errors_with((&w, &b, &x, &da), |da, a, l| if l == last { da.clone() } else { da * active(a) });
        let hidden_linear =
            errors_with((&w, &b, &x, &da), |da, a, l| if l == last { da * active(a) } else { da.clone() });
        let reversed = expected.iter().rev().cloned().collect();
        let suspects = [
            (linear_outputs, "the outputs are rectified, too: where one is 0, its error is 0"),
            (hidden_linear, "the derivative of the hidden units is missing: no error gets through where z ≤ 0"),
            (linear, "the derivative of the units is missing: no error gets through where z ≤ 0"),
            (activation, "multiplied by the activation: its derivative is 1 or 0"),
            (reversed, "the layers are in reverse order: the first layer's errors come first"),
        ];
        let same = |would_be: &Vec<Array1<f64>>| {
            got.iter().zip(would_be).all(|(g, w)| compare("δ", w, g).within(1e-6).agrees())
        };
        let suspected =
            Wrong::default().suspect(suspects.iter().map(|(would_be, cause)| (*cause, same(would_be)))).suspects;
        // From the last layer to the first, as the errors are made: the first that is wrong shows what went wrong.
        for l in (0..w.len()).rev() {
            let verdict =
                compare(&format!("δ of layer {} of {}", l + 1, w.len()), &expected[l], &got[l]).within(1e-6).verdict();
            verdict.map_err(|wrong| Wrong { suspects: suspected.clone(), ..wrong })?;
        }
    }
    Ok(())
}

fn how_many(what: &str, expected: usize, got: usize) -> Verdict {
    if expected == got {
        return Ok(());
    }
    Err(Wrong::new(format!("{what}: expected one for each of {expected} layers, got {got}")))
}

fn norms_by_differences(a: Answers) -> Verdict {
    let mut random = Random::new(13);
    let norm = |a: &Array1<f64>| a.dot(a).sqrt();
    for sizes in SIZES {
        let (w, b, x, da) = example(&mut random, sizes);
        let errors = measured_errors(&w, &b, &x, &da);
        let expected = measured_norms(&w, &b, &x, &da);
        let got = (a.gradient_norms)(&w, &b, &x, &da);
        how_many("gradient norms", w.len(), got.len())?;
        for l in 0..w.len() {
            let (of, delta) = (format!("layer {} of {}", l + 1, w.len()), &errors[l]);
            let above = outputs(&w[..=l], &b[..=l], &x);
            let sum = delta.mapv(f64::abs).sum();
            number(&format!("‖∂C/∂b‖ of {of}"), norm(delta), got[l].0)
                .within(1e-6)
                .suspect_number(delta.dot(delta), "the square root is missing")
                .suspect_number(sum, "a sum of absolute values: the norm is the root of the sum of squares")
                .suspect_number(
                    norm(delta) / (delta.len() as f64).sqrt(),
                    "the root of the mean of the squares: it is their sum that is asked for",
                )
                .verdict()?;
            number(&format!("‖∂C/∂w‖ of {of}"), expected[l], got[l].1)
                .within(1e-6)
                .suspect_number(
                    norm(delta) * norm(&above),
                    "this is ‖δ‖ times the norm of what comes *out of* the \
                    layer: ∂C/∂w[j, k] = δ[j]·a[k], with a[k] that goes in",
                )
                .suspect_number(expected[l].powi(2), "the square root is missing")
                .suspect_number(norm(delta), "this is ‖∂C/∂b‖ once more")
                .suspect_number(norm(&w[l].iter().copied().collect()), "this is the norm of the weights themselves")
                .verdict()?;
        }
    }
    Ok(())
}

fn made_up_norms(a: Answers) -> Verdict {
    let mut random = Random::new(14);
    for factor in [0.5, 3.0, 0.25] {
        let steps = random.integer(2, 7);
        // What lies between the first and the last does not matter for a geometric mean.
        let mut norms: Vec<f64> = (0..=steps).map(|l| 0.1 * f64::powi(factor, (steps - l) as i32)).collect();
        norms[1] *= 1.7;
        let ratio = norms[0] / norms[steps];
        let mean = norms.windows(2).map(|n| n[0] / n[1]).sum::<f64>() / steps as f64;
        number(&format!("factor per layer for norms of {norms:.4?}"), factor, (a.factor_per_layer)(&norms))
            .suspect_number(
                1.0 / factor,
                "this is the factor on the way forward: gradients go back, from the last \
                layer to the first",
            )
            .suspect_number(
                ratio.powf(1.0 / norms.len() as f64),
                "n layers, but there are only n − 1 steps between \
                them",
            )
            .suspect_number(ratio, "this is the factor over all layers: what is it for each?")
            .suspect_number(
                mean,
                "this is the arithmetic mean of the factors: factors multiply, so it is the \
                geometric mean that leads from end to end",
            )
            .verdict()?;
    }
    Ok(())
}

/// Twenty layers of 80, all weights multiplied by `scales`, in turn; with some inputs.
fn sick(random: &mut Random, scales: &[f64]) -> (Weights, Array2<f64>) {
    let scales = (0..20).map(|l| scales[l % scales.len()]);
    (network(random, &[80; 21], scales), random.array((20, 80)))
}

const SICK: [(&[f64], &str); 3] = [
    (&[0.5], "of twenty layers whose weights are too small"),
    (&[2.5], "of twenty layers whose weights are too large"),
    (&[0.2, 1.5, 0.3, 0.6, 0.1], "of twenty layers, each with weights of another size"),
];

/// The cured weights, if they have the right shapes and their errors are of like size in all layers.
fn cured(a: Answers, weights: &Weights, x: &Array2<f64>, of: &str) -> Result<Weights, Wrong> {
    let cured = (a.cure)(weights, x);
    how_many("weight matrices", weights.len(), cured.len())?;
    if let Some(l) = (0..cured.len()).find(|&l| cured[l].dim() != weights[l].dim()) {
        compare(&format!("weights of layer {}", l + 1), &weights[l], &cured[l]).verdict()?;
    }
    let [before, after] = [weights, &cured].map(|w| error_norms(w, x));
    let (first, last) = (after[0], after[after.len() - 1]);
    let (least, most) = after.iter().fold((f64::INFINITY, 0.0f64), |(a, b), &n| (a.min(n), b.max(n)));
    if after.iter().all(|n| n.is_finite() && *n > 0.0) && most <= 10.0 * least {
        return Ok(cured);
    }
    let what = format!(
        "‖δ‖ {of}: {first:.1e} in the first, {last:.1e} in the last; expected no two layers to be more than a factor \
            of 10 apart (before the \
         cure: {:.1e} and {:.1e})",
        before[0],
        before[before.len() - 1]
    );
    let per_layer = solution::factor_per_layer(&after);
    let cause = if cured == *weights {
        "the network has not changed"
    } else if !(per_layer > 0.0 && per_layer.is_finite()) {
        "no error gets through: are there layers without any active unit?"
    } else if (per_layer - 0.5f64.sqrt()).abs() < 0.06 {
        "each layer lets √½ of the error through: weights that keep the size of z lose half of the squares where z is \
            negative, forward and back"
    } else if per_layer < 1.0 {
        "errors still shrink on their way back: are the weights still too small, in some layers?"
    } else {
        "errors still grow on their way back: are the weights still too large, in some layers?"
    };
    Err(Wrong::new(what).because(cause))
}

fn norms_over_twenty_layers(a: Answers) -> Verdict {
    let mut random = Random::new(15);
    for (scales, of) in SICK {
        let (weights, x) = sick(&mut random, scales);
        cured(a, &weights, &x, of)?;
    }
    Ok(())
}

fn still_the_same_network(a: Answers) -> Verdict {
    let mut random = Random::new(16);
    for (scales, of) in SICK {
        let (weights, x) = sick(&mut random, scales);
        let cured = cured(a, &weights, &x, of)?;
        // Inputs that the cure has not seen.
        let all = |w: &Weights, x: &Array2<f64>| -> Array1<f64> {
            x.rows().into_iter().flat_map(|x| outputs(w, &at_rest(w), &x.to_owned())).collect()
        };
        let other: Array2<f64> = random.array((5, 80));
        let (old, new) = (all(&weights, &other), all(&cured, &other));
        let norm = |a: &Array1<f64>| a.dot(a).sqrt();
        let verdict = compare(
            "outputs for five inputs, over their norm, which must not change",
            &(&old / norm(&old)),
            &(&new / norm(&new)),
        );
        let alike = |(w, c): (&Array2<f64>, &Array2<f64>)| (w * c).sum() > 0.5 * ((w * w).sum() * (c * c).sum()).sqrt();
        let cause = match weights.iter().zip(&cured).all(alike) {
            true => "is each matrix multiplied by one number, or do some of its elements change by others?",
            false => "these weights have nothing to do with the old ones: what those had learned is lost",
        };
        verdict.within(1e-6).verdict().map_err(|wrong| wrong.because(cause))?;
    }
    Ok(())
}

fn a_real_network_learns(a: Answers) -> Verdict {
    let trained = learns(|weights, x| (a.cure)(weights, x))?;
    if trained >= 0.5 {
        return Ok(());
    }
    let what = format!(
        "eight layers whose weights were four times too small, cured, then trained with 2500 drawn digits: expected \
            half of others to be \
         right, got {:.0} %",
        100.0 * trained
    );
    Err(Wrong::new(what)
        .because("signals or gradients do not get through it: are all layers cured, the first and the last, too?"))
}
