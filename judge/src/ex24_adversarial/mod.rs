//! The fast gradient sign, once and several times.

mod corners;
mod fooled;
pub mod wrong;

use crate::{Check, Exercise, Random, Verdict, Wrong, compare, enough, number, unless_endless};
use ndarray::{Array1, array};
use solutions::ex24_adversarial as solution;
use wrong::{ITERATED, SIGN, SMALLEST, WITHIN};

type Gradient<'a> = &'a mut dyn FnMut(&Array1<f64>) -> Array1<f64>;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub fast_gradient_sign: fn(&Array1<f64>, &Array1<f64>, f64) -> Array1<f64>,
    pub within: fn(&Array1<f64>, &Array1<f64>, f64) -> Array1<f64>,
    pub iterated: fn(&Array1<f64>, Gradient, f64, f64, usize) -> Array1<f64>,
    pub smallest_epsilon: fn(&Array1<f64>, f64, &Array1<f64>) -> f64,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex24_adversarial",
        read_on: "adversarial images in \"Recent progress in image recognition\"",
        checks: vec![
            check("fast_gradient_sign", "six pixels", six_pixels),
            check("fast_gradient_sign", "random images", random_images),
            check("fast_gradient_sign", "no gradient, tiny and huge ones, at the edges", corners::signs),
            check("within", "six pixels", six_within),
            check("within", "random images", random_within),
            check("within", "at the edges", corners::within),
            check("iterated", "the same gradient everywhere", same_gradient),
            check("iterated", "a gradient that changes", changing_gradient),
            check("iterated", "none, one and many steps", corners::steps),
            check("iterated", "fools a trained layer", fooled::by_steps),
            check("smallest_epsilon", "three weights", three_weights),
            check("smallest_epsilon", "random neurons", random_neurons),
            check("smallest_epsilon", "zeros, tiny and huge", corners::neurons),
        ],
    }
    .otherwise(&[
        ("fast_gradient_sign", "x + ε · sign(dx), pixel by pixel, and then into the range from 0 to 1"),
        ("within", "two bounds for each pixel: from 0 to 1, and within ε of the original's; the nearest that keeps both"),
        ("iterated", "each step: the gradient at the image as it is now, a step of its sign, and back to within ε of the first image"),
        ("smallest_epsilon", "by how much does z change at most, if each pixel changes by ε?"),
    ])
}

fn judge_sign(a: Answers, what: &str, (x, dx, epsilon): (&Array1<f64>, &Array1<f64>, f64)) -> Verdict {
    let mistakes = SIGN.map(|(f, why)| (f(x, dx, epsilon), why));
    let expected = Array1::from_shape_fn(x.len(), |k| {
        let moved = match dx[k] {
            dx if dx > 0.0 => x[k] + epsilon,
            dx if dx < 0.0 => x[k] - epsilon,
            _ => x[k],
        };
        moved.clamp(0.0, 1.0)
    });
    compare(what, &expected, &(a.fast_gradient_sign)(x, dx, epsilon)).suspects(mistakes).verdict()
}

fn six_pixels(a: Answers) -> Verdict {
    let (x, dx) = (array![0.5, 0.5, 0.5, 0.95, 0.05, 1.0], array![2.0, -0.5, 0.0, 1.0, -1.0, -3.0]);
    let what = format!("fast_gradient_sign({x}, dx {dx}, ε 0.125)");
    judge_sign(a, &what, (&x, &dx, 0.125))
}

fn pixels(random: &mut Random, n: usize) -> Array1<f64> {
    random.array(n).mapv(f64::abs)
}

fn random_images(a: Answers) -> Verdict {
    (1..=6).try_for_each(|seed| {
        let random = &mut Random::new(2400 + seed);
        let n = random.integer(5, 30);
        let (x, dx) = (pixels(random, n), random.array(n));
        judge_sign(a, &format!("fast_gradient_sign({n} pixels, ε 0.25)"), (&x, &dx, 0.25))
    })
}

fn judge_within(a: Answers, what: &str, (x, original, epsilon): (&Array1<f64>, &Array1<f64>, f64)) -> Verdict {
    let mistakes = WITHIN.map(|(f, why)| (f(x, original, epsilon), why));
    let expected = Array1::from_shape_fn(x.len(), |k| {
        let near = x[k].min(original[k] + epsilon).max(original[k] - epsilon);
        near.clamp(0.0, 1.0)
    });
    compare(what, &expected, &(a.within)(x, original, epsilon)).suspects(mistakes).verdict()
}

fn six_within(a: Answers) -> Verdict {
    let (x, original) = (array![0.5, 0.75, 0.0, 1.25, -0.5, 0.9], array![0.5, 0.5, 0.5, 0.95, 0.05, 0.0]);
    let what = format!("within({x}, original {original}, ε 0.125)");
    judge_within(a, &what, (&x, &original, 0.125))
}

fn random_within(a: Answers) -> Verdict {
    (1..=6).try_for_each(|seed| {
        let random = &mut Random::new(2410 + seed);
        let n = random.integer(5, 30);
        let (x, original) = (1.5 * random.array(n) + 0.5, pixels(random, n));
        judge_within(a, &format!("within({n} pixels, ε 0.25)"), (&x, &original, 0.25))
    })
}

/// A gradient, the constants, and how many times it is called.
struct Walk<'a> {
    gradient: &'a dyn Fn(&Array1<f64>) -> Array1<f64>,
    epsilon: f64,
    step: f64,
    steps: usize,
}

fn judge_iterated(a: Answers, what: &str, x: &Array1<f64>, walk: &Walk) -> Verdict {
    let &Walk { gradient, epsilon, step, steps } = walk;
    let expected = solution::iterated(x, &mut |x| gradient(x), epsilon, step, steps);
    let mut calls = 0;
    let got = unless_endless(|| {
        let mut counted = |x: &Array1<f64>| {
            calls += 1;
            if calls > steps + 10 {
                enough();
            }
            gradient(x)
        };
        (a.iterated)(x, &mut counted, epsilon, step, steps)
    });
    let what = format!("{what}, ε {epsilon}, {steps} steps of {step}");
    let Some(got) = got else {
        return Err(Wrong::new(format!("iterated({what}): expected {steps} calls of the gradient, got more and more"))
            .because("does the loop end after so many steps?"));
    };
    let mistakes = ITERATED.map(|(f, why)| (f(x, &mut |x| gradient(x), epsilon, step, steps), why));
    compare(&format!("iterated({what}) → x"), &expected, &got).suspects(mistakes).verdict()?;
    if calls == steps {
        return Ok(());
    }
    Err(Wrong::new(format!("iterated({what}): expected {steps} calls of the gradient, got {calls}"))
        .because("each step takes one gradient, at the image as it is then"))
}

fn same_gradient(a: Answers) -> Verdict {
    (1..=4).try_for_each(|seed| {
        let random = &mut Random::new(2420 + seed);
        let (x, dx): (Array1<f64>, Array1<f64>) = (pixels(random, 8), random.array(8));
        let walk = Walk { gradient: &|_| dx.clone(), epsilon: 0.2, step: 0.06, steps: 5 };
        judge_iterated(a, "8 pixels", &x, &walk)
    })
}

/// Uphill from a valley that lies beside x: the sign changes on the way.
fn changing_gradient(a: Answers) -> Verdict {
    (1..=4).try_for_each(|seed| {
        let random = &mut Random::new(2430 + seed);
        let (x, slope) = (pixels(random, 8), 20.0 + 10.0 * random.number());
        let gradient = |at: &Array1<f64>| at.mapv(|x| (slope * x).cos());
        let walk = Walk { gradient: &gradient, epsilon: 0.3, step: 0.07, steps: 6 };
        judge_iterated(a, "8 pixels", &x, &walk)
    })
}

fn judge_smallest(a: Answers, what: &str, expected: f64, (w, b, x): (&Array1<f64>, f64, &Array1<f64>)) -> Verdict {
    let compared = number(what, expected, (a.smallest_epsilon)(w, b, x));
    let mistakes = SMALLEST.iter().map(|(f, why)| (f(w, b, x), *why));
    mistakes.fold(compared, |compared, (would_be, why)| compared.suspect_number(would_be, why)).verdict()
}

fn three_weights(a: Answers) -> Verdict {
    let (w, x) = (array![2.0, -1.0, 1.0], array![0.5, 1.0, 0.25]);
    judge_smallest(a, "smallest_epsilon([2, -1, 1], b 0.25, x [0.5, 1, 0.25])", 0.125, (&w, 0.25, &x))?;
    judge_smallest(a, "smallest_epsilon([2, -1, 1], b -1.25, x [0.5, 1, 0.25])", 0.25, (&w, -1.25, &x))
}

/// The best change, tried.
fn random_neurons(a: Answers) -> Verdict {
    (1..=8).try_for_each(|seed| {
        let random = &mut Random::new(2440 + seed);
        let n = random.integer(2, 20);
        let (w, b, x): (Array1<f64>, f64, Array1<f64>) = (random.array(n), random.number(), pixels(random, n));
        let z = |epsilon: f64| {
            let sign = if w.dot(&x) + b > 0.0 { -1.0 } else { 1.0 };
            w.dot(&(&x + &w.mapv(|w| sign * epsilon * w.signum()))) + b
        };
        // Where the line through two points crosses zero.
        let (at_0, at_1) = (z(0.0), z(1.0));
        let expected = at_0 / (at_0 - at_1);
        judge_smallest(a, &format!("smallest_epsilon({n} weights)"), expected, (&w, b, &x))
    })
}
