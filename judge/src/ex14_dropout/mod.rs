//! Dropout, and the sub-networks in it.

mod corners;
pub mod wrong;

use crate::{Check, Exercise, Random, Verdict, Wrong, compare, number};
use ndarray::{Array, Array1, Array2, Axis, Dimension};
use network3::{Cost, Network, Pass, Shape, Spec};

type Pair = (Array2<f64>, Array2<f64>);

/// What the reader writes.
#[derive(Clone, Copy)]
#[allow(clippy::type_complexity)] // the signatures as the reader sees them
pub struct Answers {
    pub forward: fn(&Array2<f64>, &Array2<f64>, &Array1<f64>, f64, &mut dyn FnMut() -> f64) -> Pair,
    pub backward: fn(&Array2<f64>, &Array2<f64>, &Array2<f64>, &Array2<f64>) -> Pair,
    pub evaluate: fn(&Array2<f64>, &Array2<f64>, &Array1<f64>, f64) -> Array2<f64>,
    pub geometric_mean: fn(&Array2<f64>, &Array1<f64>) -> Array1<f64>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex14_dropout",
        read_on: "what it is good for: \"Using dropout\" in \"Convolutional neural networks in practice\"",
        checks: vec![
            check("forward", "z for its mask", z_for_its_mask),
            check("forward", "the share that is left out", share_left_out),
            check("forward", "independence", corners::independence),
            check("forward", "p = 0 and p = 1", corners::certain),
            check("backward", "against finite differences", against_differences),
            check("evaluate", "the mean over all masks", mean_over_all_masks),
            check("evaluate", "like the library", like_the_library),
            check("backward", "all shapes and sizes", corners::gradients),
            check("evaluate", "all shapes, any p", corners::shapes),
            check("geometric_mean", "made-up networks", made_up_networks),
            check("geometric_mean", "a thousand networks", thousand_networks),
            check("geometric_mean", "any number of networks", corners::means),
            check("geometric_mean", "1,024 sub-networks, and evaluate", sub_networks),
        ],
    }
    .otherwise(&[
        ("forward", "is the mask 1 where the number drawn is p or more, and is it multiplied by x before w comes?"),
        ("backward", "is the mask used for both gradients, and is each product's order, and what is transposed, right?"),
        ("evaluate", "1 − p times x·wᵀ, plus b: is a factor at the wrong place?"),
        ("geometric_mean", "weights times logarithms, summed over the networks, then e to that, then divided by the sum over the classes"),
    ])
}

/// x, w, b for so many examples, inputs, outputs.
fn layer(random: &mut Random, [n, inputs, outputs]: [usize; 3]) -> (Array2<f64>, Array2<f64>, Array1<f64>) {
    (random.array((n, inputs)), random.array((outputs, inputs)), random.array(outputs))
}

fn masked(x: &Array2<f64>, mask: &Array2<f64>, w: &Array2<f64>, b: &Array1<f64>) -> Array2<f64> {
    (x * mask).dot(&w.t()) + b
}

/// The reader's forward pass: z, and a mask of the right shape, of zeros and ones.
fn forward(
    a: Answers,
    (x, w, b): (&Array2<f64>, &Array2<f64>, &Array1<f64>),
    p: f64,
    random: &mut Random,
) -> Result<Pair, Wrong> {
    let (z, mask) = (a.forward)(x, w, b, p, &mut || 0.5 + 0.5 * random.number());
    if mask.dim() != x.dim() {
        compare("mask", x, &mask).verdict()?;
    }
    if let Some((at, m)) = mask.indexed_iter().find(|(_, m)| ![0.0, 1.0].contains(*m)) {
        let what = format!("mask[{}, {}]: expected 0 or 1, got {m}", at.0, at.1);
        let cause = match (m * (1.0 - p) - 1.0).abs() < 1e-9 {
            true => {
                "this is 1/(1 − p): scaling while training is another convention; here the scale is left to `evaluate`"
            }
            false => "a mask says which inputs take part, and nothing else",
        };
        return Err(Wrong::new(what).because(cause));
    }
    Ok((z, mask))
}

fn z_for_its_mask(a: Answers) -> Verdict {
    let mut random = Random::new(14);
    for (sizes, p) in [([3, 8, 4], 0.5), ([5, 6, 2], 0.3), ([4, 7, 3], 0.0)] {
        let (x, w, b) = layer(&mut random, sizes);
        let (z, mask) = forward(a, (&x, &w, &b), p, &mut random)?;
        let whole = Array2::ones(x.dim());
        compare(&format!("p = {p}: z, for the mask that was returned"), &masked(&x, &mask, &w, &b), &z)
            .suspect(&masked(&x, &whole, &w, &b), "all inputs have taken part: is the mask applied to x?")
            .suspect(
                &masked(&x, &(&whole - &mask), &w, &b),
                "the mask is the wrong way round: 1 is for an input that takes part",
            )
            .suspect(
                &masked(&x, &(&mask / (1.0 - p)), &w, &b),
                "inputs are scaled by 1/(1 − p): here the scale is left to `evaluate`",
            )
            .suspect(&masked(&x, &(&mask * (1.0 - p)), &w, &b), "inputs are scaled by 1 − p: that is for `evaluate`")
            .suspect(&masked(&x, &mask, &w, &(0.0 * &b)), "the bias is missing")
            .verdict()?;
    }
    Ok(())
}

fn share_left_out(a: Answers) -> Verdict {
    let mut random = Random::new(15);
    for p in [0.25, 0.8, 0.5] {
        let (x, w, b) = layer(&mut random, [150, 120, 2]);
        let (_, mask) = forward(a, (&x, &w, &b), p, &mut random)?;
        let kept = mask.mean().unwrap_or_default();
        let varies = |axis| mask.axis_iter(axis).any(|line| line.iter().any(|m| *m != line[0]));
        if !(varies(Axis(0)) && varies(Axis(1))) {
            let (what, cause) = match (varies(Axis(0)), varies(Axis(1))) {
                (true, _) => ("all examples have the same mask", "draw a number for each example, too"),
                (_, true) => ("each example has all of its inputs or none", "draw a number for each input, too"),
                _ => ("all elements of the mask are equal", "draw a number for each of them"),
            };
            return Err(Wrong::new(format!("mask for p = {p}: {what}")).because(cause));
        }
        // Eight standard deviations at least.
        number(&format!("mask for p = {p}: share of inputs left out"), p, 1.0 - kept)
            .within(0.03)
            .suspect_number(1.0 - p, "p is the probability to be left out, not to take part")
            .verdict()?;
    }
    Ok(())
}

/// Centred differences of `cost` for all elements of `x`.
fn differences<D: Dimension>(x: &Array<f64, D>, cost: impl Fn(&Array<f64, D>) -> f64) -> Array<f64, D> {
    const STEP: f64 = 1e-5;
    let mut gradient = x.clone();
    for (k, derivative) in gradient.iter_mut().enumerate() {
        let at = |step: f64| {
            let mut x = x.clone();
            *x.iter_mut().nth(k).expect("an element") += step;
            cost(&x)
        };
        *derivative = (at(STEP) - at(-STEP)) / (2.0 * STEP);
    }
    gradient
}

fn against_differences(a: Answers) -> Verdict {
    let mut random = Random::new(16);
    for sizes @ [n, inputs, outputs] in [[1, 6, 3], [4, 5, 2], [3, 7, 4]] {
        let (x, w, b) = layer(&mut random, sizes);
        let mask = Array2::from_shape_simple_fn((n, inputs), || f64::from(random.number() > 0.0));
        let dz: Array2<f64> = random.array((n, outputs));
        let (dw, dx) = (a.backward)(&x, &w, &mask, &dz);
        let cost = |x: &Array2<f64>, w: &Array2<f64>| (masked(x, &mask, w, &b) * &dz).sum();
        let of_w = dz.t().dot(&(&mask * &x));
        compare("∂C/∂w", &differences(&w, |w| cost(&x, w)), &dw)
            .within(1e-7)
            .suspect(
                &dz.t().dot(&x),
                "inputs that were left out have a gradient here: their weights did nothing, so theirs is 0",
            )
            .suspect(&of_w.t(), "transposed: ∂C/∂w has the shape of w")
            .suspect(
                &(&of_w / n as f64),
                "the mean over the examples: their sum is asked for; C is a mean already, if dz says so",
            )
            .verdict()?;
        compare("∂C/∂x", &differences(&x, |x| cost(x, &w)), &dx)
            .within(1e-7)
            .suspect(&dz.dot(&w), "the mask is missing: C does not depend on an input that was left out")
            .verdict()?;
    }
    Ok(())
}

/// All masks of n inputs, `[2ⁿ, n]`, and their probabilities.
fn all_masks(n: usize, p: f64) -> (Array2<f64>, Array1<f64>) {
    let masks = Array2::from_shape_fn((1 << n, n), |(i, k)| f64::from(i >> k & 1 == 1));
    let probabilities =
        masks.map_axis(Axis(1), |mask| mask.fold(1.0, |product, &m| product * if m == 1.0 { 1.0 - p } else { p }));
    (masks, probabilities)
}

fn mean_over_all_masks(a: Answers) -> Verdict {
    let mut random = Random::new(17);
    for (sizes @ [n, inputs, _], p) in [([2, 6, 4], 0.25), ([3, 8, 2], 0.5), ([1, 5, 5], 0.9)] {
        let (x, w, b) = layer(&mut random, sizes);
        let (masks, probabilities) = all_masks(inputs, p);
        let mut mean = Array2::zeros((n, b.len()));
        for (mask, probability) in masks.rows().into_iter().zip(&probabilities) {
            let mask = mask.broadcast(x.dim()).expect("one mask for all examples").to_owned();
            mean.scaled_add(*probability, &masked(&x, &mask, &w, &b));
        }
        let scaled = |scale: f64| scale * x.dot(&w.t()) + &b;
        compare(&format!("p = {p}: z"), &mean, &(a.evaluate)(&x, &w, &b, p))
            .suspect(&scaled(1.0), "nothing is scaled: more inputs take part now than while training")
            .suspect(
                &scaled(1.0 / (1.0 - p)),
                "scaled by 1/(1 − p): now that all inputs take part, they must become smaller, not larger",
            )
            .suspect(&scaled(p), "scaled by p: it is the fraction 1 − p of the inputs that took part")
            .suspect(&((1.0 - p) * scaled(1.0)), "the bias is scaled, too: it was never left out")
            .verdict()?;
    }
    Ok(())
}

fn softmax(z: &Array2<f64>) -> Array2<f64> {
    let mut p = z.as_standard_layout().into_owned();
    network3::ops::softmax::forward(p.as_slice_mut().expect("standard layout"), z.ncols());
    p
}

fn like_the_library(a: Answers) -> Verdict {
    let mut random = Random::new(18);
    let p = 0.4;
    let (x, w, b) = layer(&mut random, [5, 9, 10]);
    let layers = [Spec::softmax(10).with_dropout(p)];
    let mut network = Network::reference(Shape::Flat(9), &layers, Cost::LogLikelihood).expect("layers that fit");
    for parameters in network.layers_mut().iter_mut().filter_map(|layer| layer.parameters_mut()) {
        parameters.w.assign(&w.t());
        parameters.b.assign(&b);
    }
    let expected = network.forward(x.as_slice().expect("standard layout"), Pass::Evaluate).to_owned();
    let z = (a.evaluate)(&x, &w, &b, p);
    if z.dim() != expected.dim() {
        compare("z", &expected, &z).verdict()?;
    }
    compare("softmax of z, as a network with dropout has it", &expected, &softmax(&z)).verdict()
}

/// Probabilities of networks, and weights of these.
fn opinions(random: &mut Random, networks: usize, classes: usize) -> (Array2<f64>, Array1<f64>) {
    let z: Array2<f64> = 2.0 * random.array((networks, classes));
    let weights: Array1<f64> = 1.1 + random.array(networks);
    (softmax(&z), &weights / weights.sum())
}

/// The geometric mean, divided by its sum.
fn geometric(p: &Array2<f64>, weights: &Array1<f64>) -> Array1<f64> {
    let mean = weights.dot(&p.mapv(f64::ln)).exp();
    &mean / mean.sum()
}

fn made_up_networks(a: Answers) -> Verdict {
    let mut random = Random::new(19);
    for networks in [2, 3, 6] {
        let (p, weights) = opinions(&mut random, networks, 4);
        let equal = Array1::from_elem(networks, 1.0 / networks as f64);
        compare(
            &format!("geometric mean of {networks} networks"),
            &geometric(&p, &weights),
            &(a.geometric_mean)(&p, &weights),
        )
        .suspect(&weights.dot(&p), "this is the arithmetic mean: weighted sums, where weighted products are asked for")
        .suspect(
            &weights.dot(&p.mapv(f64::ln)).exp(),
            "it does not sum to 1 yet: geometric means of probabilities sum to less",
        )
        .suspect(&geometric(&p, &equal), "all networks count the same here: are the weights used?")
        .suspect(
            &geometric(&p, &Array1::ones(networks)),
            "this is the product itself: the powers, or the root, are missing",
        )
        .verdict()?;
    }
    Ok(())
}

fn thousand_networks(a: Answers) -> Verdict {
    let mut random = Random::new(20);
    let (p, weights) = opinions(&mut random, 1500, 3);
    let got = (a.geometric_mean)(&p, &weights);
    compare("geometric mean of 1500 networks", &geometric(&p, &weights), &got)
        .suspect(&weights.dot(&p), "this is the arithmetic mean")
        .verdict()
        .map_err(|wrong| match got.iter().any(|p| !p.is_finite()) {
            true => wrong.because(
                "a product of so many probabilities is smaller than any number of type f64 except \
                0: take the powers, or logarithms, first",
            ),
            false => wrong,
        })
}

fn sub_networks(a: Answers) -> Verdict {
    let mut random = Random::new(21);
    for p in [0.5, 0.3] {
        let (x, w, b) = layer(&mut random, [1, 10, 4]);
        let (masks, probabilities) = all_masks(10, p);
        let inputs = &masks * &x; // one row for each of 1,024 masks
        let opinions = softmax(&(inputs.dot(&w.t()) + &b));
        let scaled = (a.evaluate)(&x, &w, &b, p);
        if scaled.dim() != (1, 4) {
            compare("z of the scaled network", &Array2::zeros((1, 4)), &scaled).verdict()?;
        }
        let what = format!("p = {p}: geometric mean of all sub-networks, and softmax of the scaled network");
        compare(&what, &softmax(&scaled).row(0), &(a.geometric_mean)(&opinions, &probabilities))
            .suspect(
                &probabilities.dot(&opinions),
                "the arithmetic mean of the sub-networks is close to the scaled network, but not the same",
            )
            .verdict()?;
        // Both could agree and be wrong.
        compare(&what, &geometric(&opinions, &probabilities), &softmax(&scaled).row(0)).verdict()?;
    }
    Ok(())
}
