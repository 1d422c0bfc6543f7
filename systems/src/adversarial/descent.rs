//! The smallest change that flips an answer: descent in a box.
//!
//! An image x is to be taken for class t. With x′ in the box of possible pixels, and a the network's probabilities,
//! minimise
//!
//! C(x′) = c‖x′ − x‖² − ln aₜ(x′).
//!
//! A large c keeps the change small, a small c lets it grow until the answer flips. The c that is wanted is the largest
//! at which it still does, and is found by trying some. (Szegedy et al. (2013), section 4.1.)

use super::lbfgs;
use crate::kit::{DARKEST, Reader, rms};
use network3::{
    Real,
    ops::{Adaptive, Optimiser},
};

/// By how much the target's logit must be ahead of every other: enough to survive the rounding of pixels to bytes.
const MARGIN: f64 = 0.5;
/// The first c that is tried: about where changes of a tenth of full scale cost as much as a wrong answer.
const FIRST: f64 = 0.3;
/// From one c to the next, as long as all have gone the same way.
const FACTOR: f64 = 4.0;
/// How many c are tried.
const ROUNDS: usize = 6;

/// An image that is taken for something else.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<R> {
    /// The changed image.
    pub x: Vec<R>,
    /// How large the change is: root mean square, as a part of full scale.
    pub rms: f64,
}

/// C for images one after the other, one target and one c each; `dx` becomes ∂C/∂x′. Returns each image's C, and by how
/// much its target's logit is ahead.
pub fn objective<R: Real>(
    reader: &mut Reader<R>,
    x: &[R],
    from: &[R],
    targets: &[usize],
    c: &[f64],
    dx: &mut [R],
) -> Vec<(f64, f64)> {
    // −ln aₜ = ln Σ eᶻ − zₜ, and ahead = zₜ − max of the others
    let logits = reader.logits(x);
    let mut dz = logits.to_owned();
    let mut values = vec![];
    for ((z, mut dz), &t) in logits.rows().into_iter().zip(dz.rows_mut()).zip(targets) {
        let others = z.iter().enumerate().filter(|&(j, _)| j != t).fold(R::neg_infinity(), |m, (_, &z)| m.max(z));
        let largest = others.max(z[t]);
        dz.mapv_inplace(|z| (z - largest).exp());
        let sum = dz.sum();
        values.push(((largest - z[t]).f64() + sum.f64().ln(), (z[t] - others).f64()));
        dz.mapv_inplace(|e| e / sum);
        dz[t] -= R::one();
    }
    dx.copy_from_slice(reader.backward(x, dz.as_slice().expect("rows side by side")));
    // The change: c‖r‖², and its gradient 2cr
    let n = from.len() / targets.len();
    let images = x.chunks_exact(n).zip(from.chunks_exact(n)).zip(dx.chunks_exact_mut(n));
    for (((x, from), dx), (&c, (value, _))) in images.zip(c.iter().zip(&mut values)) {
        for ((&x, &from), dx) in x.iter().zip(from).zip(dx) {
            *value += c * (x - from).f64().powi(2);
            *dx += R::of(2.0 * c) * (x - from);
        }
    }
    values
}

/// What is known of the c of one image: it is raised where the answer flips, and lowered where it does not.
#[derive(Clone, Copy)]
struct Strength {
    c: f64,
    flips: Option<f64>,
    fails: Option<f64>,
}

impl Strength {
    fn new() -> Self {
        Strength { c: FIRST, flips: None, fails: None }
    }

    fn next(&mut self, flipped: bool) {
        if flipped {
            self.flips = Some(self.c)
        } else {
            self.fails = Some(self.c)
        }
        self.c = match (self.flips, self.fails) {
            (Some(a), Some(b)) => (a * b).sqrt(),
            (Some(a), None) => a * FACTOR,
            (None, Some(b)) => b / FACTOR,
            (None, None) => FIRST,
        };
    }
}

/// Keeps the smallest change that flips the answer.
fn keep(best: &mut Option<Found<f32>>, x: &[f32], from: &[f32], ahead: f64) -> bool {
    let flips = ahead >= MARGIN;
    if flips {
        let rms = rms(x, from);
        if best.as_ref().is_none_or(|best| rms < best.rms) {
            *best = Some(Found { x: x.to_vec(), rms });
        }
    }
    flips
}

/// Finds a small change for each image, all of them side by side: steps of [Adam](Adaptive::Adam) on C, each cut off at
/// the box.
pub fn adam(
    reader: &mut Reader,
    from: &[f32],
    targets: &[usize],
    mut at: impl FnMut(usize),
) -> Vec<Option<Found<f32>>> {
    /// Steps for each c, and the size of the first (in intensities) and of the last.
    const STEPS: usize = 60;
    const ETA: (f64, f64) = (0.05, 0.005);
    /// So few steps are made that the mean of the squares must forget sooner than with the usual 0.999.
    const RULE: Adaptive = Adaptive::Adam { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
    let n = reader.pixels();
    let mut strengths = vec![Strength::new(); targets.len()];
    let mut best = vec![None; targets.len()];
    let mut dx = vec![0.0; from.len()];
    for round in 0..ROUNDS {
        let c: Vec<f64> = strengths.iter().map(|s| s.c).collect();
        let mut x = from.to_vec();
        let mut adam = Optimiser::new(RULE);
        let mut flipped = vec![false; targets.len()];
        for step in 0..STEPS {
            // Look at the answers, and remember those that are wrong as they should be
            let values = objective(reader, &x, from, targets, &c, &mut dx);
            for (k, (_, ahead)) in values.into_iter().enumerate() {
                let image = k * n..(k + 1) * n;
                flipped[k] |= keep(&mut best[k], &x[image.clone()], &from[image], ahead);
            }
            // Step, ever shorter, and stay in the box
            let eta = ETA.0 * (ETA.1 / ETA.0).powf(step as f64 / (STEPS - 1) as f64);
            adam.step(eta, 1.0, [(&mut x[..], &dx[..])]);
            x.iter_mut().for_each(|x| *x = x.clamp(0.0, DARKEST as f32));
        }
        strengths.iter_mut().zip(flipped).for_each(|(s, flipped)| s.next(flipped));
        at(round + 1);
    }
    best
}

/// The same for one image with [L-BFGS](lbfgs), which the paper used.
pub fn with_lbfgs(reader: &mut Reader, from: &[f32], target: usize) -> Option<Found<f32>> {
    /// Steps for each c.
    const STEPS: usize = 40;
    let mut strength = Strength::new();
    let mut best = None;
    let (mut x, mut dx) = (vec![0.0; from.len()], vec![0.0; from.len()]);
    for _ in 0..ROUNDS {
        let mut flipped = false;
        let cost = |at: &[f64], gradient: &mut [f64]| {
            x.iter_mut().zip(at).for_each(|(x, &at)| *x = at as f32);
            let (value, ahead) = objective(reader, &x, from, &[target], &[strength.c], &mut dx)[0];
            flipped |= keep(&mut best, &x, from, ahead);
            gradient.iter_mut().zip(&dx).for_each(|(g, &dx)| *g = f64::from(dx));
            value
        };
        let mut at: Vec<f64> = from.iter().map(|&x| f64::from(x)).collect();
        lbfgs::minimise(cost, &mut at, (0.0, DARKEST), STEPS);
        strength.next(flipped);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{gather, read_by_all, small, without_softmax};
    use ndarray::Array2;
    use network3::{Activation, Cost, Network, Shape, Spec, gradcheck::check};

    #[test]
    fn its_gradient() {
        let layers = [Spec::conv_pool(3, (3, 3), (2, 2), Activation::Tanh), Spec::softmax(4)];
        let network =
            Network::reference(Shape::image(1, 8, 8), &without_softmax(&layers).unwrap(), Cost::Quadratic).unwrap();
        let mut reader = Reader::<f64>::new("a", network);
        let from: Vec<f64> = (0..128).map(|i| (i * 37 % 101) as f64 / 101.0).collect();
        let x: Vec<f64> = from.iter().enumerate().map(|(i, x)| x + (i % 5) as f64 / 20.0).collect();
        let mut dx = vec![0.0; x.len()];
        let (targets, c) = ([1, 3], [0.3, 2.0]);
        objective(&mut reader, &x, &from, &targets, &c, &mut dx);
        let tensor = |v: &[f64]| Array2::from_shape_vec((2, 64), v.to_vec()).unwrap().into_dyn();
        let f = |t: &[ndarray::ArrayD<f64>]| {
            let mut unused = vec![0.0; x.len()];
            let values = objective(&mut reader, t[0].as_slice().unwrap(), &from, &targets, &c, &mut unused);
            values.iter().map(|(value, _)| value).sum()
        };
        let report = check(&[("x", tensor(&x))], &[tensor(&dx)], f).unwrap();
        assert!(report.passes(1e-6), "{report}");
    }

    /// Both ways flip every answer, within the box, and L-BFGS needs no larger change than Adam does, by and large.
    #[test]
    fn answers_flip() {
        let (mut reader, splits) = small();
        let which = read_by_all(std::slice::from_mut(&mut reader), &splits.test, 6).unwrap();
        let x = gather(&splits.test, &which);
        let targets: Vec<usize> = which.iter().map(|&i| (usize::from(splits.test.labels()[i]) + 3) % 10).collect();
        let by_adam = adam(&mut reader, &x, &targets, |_| {});
        let mut sizes = (0.0, 0.0);
        for (k, found) in by_adam.iter().enumerate() {
            let from = &x[k * 784..][..784];
            let other = with_lbfgs(&mut reader, from, targets[k]);
            for found in [found, &other] {
                let found = found.as_ref().unwrap();
                assert_eq!(reader.read(&found.x), [targets[k]]);
                assert!(found.x.iter().all(|x| (0.0..=DARKEST as f32).contains(x)));
                assert!((rms(&found.x, from) - found.rms).abs() < 1e-12 && found.rms < 0.3);
            }
            sizes.0 += found.as_ref().unwrap().rms;
            sizes.1 += other.unwrap().rms;
        }
        assert!(sizes.1 < 1.1 * sizes.0, "{sizes:?}");
    }

    #[test]
    fn the_strength_is_narrowed_down() {
        let mut strength = Strength::new();
        for _ in 0..40 {
            strength.next(strength.c < 7.0);
        }
        assert!((strength.c - 7.0).abs() < 1e-6, "{}", strength.c);
    }
}
