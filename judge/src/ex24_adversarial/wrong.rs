//! What goes wrong on the way to an image that fools.

use super::{Answers, Gradient, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array1, Zip};
use solutions::ex24_adversarial as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    fast_gradient_sign: solution::fast_gradient_sign,
    within: solution::within,
    iterated: solution::iterated,
    smallest_epsilon: solution::smallest_epsilon,
};

type Near = fn(&Array1<f64>, &Array1<f64>, f64) -> Array1<f64>;
type Iterated = fn(&Array1<f64>, Gradient, f64, f64, usize) -> Array1<f64>;
type Smallest = fn(&Array1<f64>, f64, &Array1<f64>) -> f64;

/// Mistakes, with words to tell them.
pub(super) const SIGN: [(Near, &str); 6] = [
    (zero_is_up, "where the gradient is zero nothing should change: in Rust, (0.0).signum() is 1"),
    (no_box, "pixels leave the range from 0 to 1"),
    (
        |x, dx, epsilon| solution::fast_gradient_sign(x, &-dx, epsilon),
        "the wrong way: the cost is to rise, so it goes along the gradient",
    ),
    (not_the_sign, "this is ε times the gradient: only its sign counts, and each pixel moves by ε"),
    (along_the_gradient, "this is a step of length ε along the gradient: here each pixel moves by ε"),
    (wraps, "a pixel that would leave its range stops at the edge"),
];

/// Mistakes, with words to tell them.
pub(super) const WITHIN: [(Near, &str); 5] = [
    (box_alone, "only the range from 0 to 1 is kept: a pixel may not be further than ε from the original's either"),
    (near_alone, "only the distance is kept: pixels leave the range from 0 to 1"),
    (exchanged, "x and the original have changed places"),
    (scaled, "the whole change was made smaller: pixels that are near enough stay as they are"),
    (|x, original, epsilon| solution::within(x, original, 2.0 * epsilon), "ε to each side, not 2 ε"),
];

/// Mistakes, with words to tell them.
pub(super) const ITERATED: [(Iterated, &str); 5] = [
    (gradient_once, "the gradient is that of the first image here: each step takes one at the image as it is then"),
    (drifts, "each step may go ε further here: it is the *first* image that no pixel may be further than ε from"),
    (one_large, "this is a single step of ε"),
    (
        |x, gradient, epsilon, _, steps| solution::iterated(x, gradient, epsilon, epsilon, steps),
        "each step has size ε here: `step` is the size of a step, and ε the limit for all together",
    ),
    (
        |x, gradient, epsilon, step, steps| solution::iterated(x, gradient, epsilon, step, steps.saturating_sub(1)),
        "one step is missing",
    ),
];

/// Mistakes, with words to tell them.
pub(super) const SMALLEST: [(Smallest, &str); 6] = [
    (
        by_length,
        "divided by the length of w, the root of the sum of its squares; a change of ε in every pixel changes z by ε times the sum of all |w|",
    ),
    (|w, _, x| solution::smallest_epsilon(w, 0.0, x), "the bias is missing"),
    (|w, b, x| (w.dot(x) + b) / w.mapv(f64::abs).sum(), "negative where z is: an ε is a size"),
    (
        |w, b, x| (w.dot(x) + b).abs() / w.sum().abs(),
        "weights cancel in this sum: each pixel goes the way that its own weight needs",
    ),
    (
        |w, b, x| (w.dot(x) + b).abs() / w.fold(0.0, |m: f64, w| m.max(w.abs())),
        "one pixel alone moves here: all do at once",
    ),
    (|w, b, x| (w.dot(x) + b).abs(), "this is |z|: how much does z change when each pixel changes by 1?"),
];

fn moved(x: &Array1<f64>, dx: &Array1<f64>, by: impl Fn(f64, f64) -> f64) -> Array1<f64> {
    Zip::from(x).and(dx).map_collect(|&x, &dx| by(x, dx))
}

fn zero_is_up(x: &Array1<f64>, dx: &Array1<f64>, epsilon: f64) -> Array1<f64> {
    moved(x, dx, |x, dx| (x + epsilon * dx.signum()).clamp(0.0, 1.0))
}

fn no_box(x: &Array1<f64>, dx: &Array1<f64>, epsilon: f64) -> Array1<f64> {
    moved(x, dx, |x, dx| if dx == 0.0 { x } else { x + epsilon * dx.signum() })
}

fn not_the_sign(x: &Array1<f64>, dx: &Array1<f64>, epsilon: f64) -> Array1<f64> {
    moved(x, dx, |x, dx| (x + epsilon * dx).clamp(0.0, 1.0))
}

fn along_the_gradient(x: &Array1<f64>, dx: &Array1<f64>, epsilon: f64) -> Array1<f64> {
    let length = dx.dot(dx).sqrt();
    moved(x, dx, |x, dx| (x + epsilon * dx / length).clamp(0.0, 1.0))
}

fn wraps(x: &Array1<f64>, dx: &Array1<f64>, epsilon: f64) -> Array1<f64> {
    no_box(x, dx, epsilon).mapv(|x| if x == 1.0 { 1.0 } else { x.rem_euclid(1.0) })
}

fn box_alone(x: &Array1<f64>, _: &Array1<f64>, _: f64) -> Array1<f64> {
    x.mapv(|x| x.clamp(0.0, 1.0))
}

fn exchanged(x: &Array1<f64>, original: &Array1<f64>, epsilon: f64) -> Array1<f64> {
    moved(x, original, |x, original| original.min(x + epsilon).max(x - epsilon).clamp(0.0, 1.0))
}

fn near_alone(x: &Array1<f64>, original: &Array1<f64>, epsilon: f64) -> Array1<f64> {
    moved(x, original, |x, original| x.clamp(original - epsilon, original + epsilon))
}

fn scaled(x: &Array1<f64>, original: &Array1<f64>, epsilon: f64) -> Array1<f64> {
    let most = moved(x, original, |x, original| (x - original).abs()).fold(0.0, |m: f64, &d| m.max(d));
    let factor = if most > epsilon { epsilon / most } else { 1.0 };
    moved(x, original, |x, original| (original + factor * (x - original)).clamp(0.0, 1.0))
}

fn gradient_once(x: &Array1<f64>, gradient: Gradient, epsilon: f64, step: f64, steps: usize) -> Array1<f64> {
    let dx = gradient(x);
    solution::iterated(x, &mut |_| dx.clone(), epsilon, step, steps)
}

fn drifts(x: &Array1<f64>, gradient: Gradient, epsilon: f64, step: f64, steps: usize) -> Array1<f64> {
    (0..steps).fold(x.clone(), |x, _| {
        let dx = gradient(&x);
        solution::within(&solution::fast_gradient_sign(&x, &dx, step), &x, epsilon)
    })
}

fn one_large(x: &Array1<f64>, gradient: Gradient, epsilon: f64, _: f64, _: usize) -> Array1<f64> {
    let dx = gradient(x);
    solution::fast_gradient_sign(x, &dx, epsilon)
}

fn by_length(w: &Array1<f64>, b: f64, x: &Array1<f64>) -> f64 {
    (w.dot(x) + b).abs() / w.dot(w).sqrt()
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    let sign = |fast_gradient_sign: Near| exercise(Answers { fast_gradient_sign, ..RIGHT });
    let within = |within: Near| exercise(Answers { within, ..RIGHT });
    let iterated = |iterated: Iterated| exercise(Answers { iterated, ..RIGHT });
    vec![
        WrongAnswer {
            name: "zero-goes-up",
            mistake: "`signum` is taken for the sign, though it is 1 for 0: the white border of a digit turns grey.",
            caught_by: ("fast_gradient_sign", "six pixels"),
            exercise: sign(zero_is_up),
        },
        WrongAnswer {
            name: "out-of-the-box",
            mistake: "Pixels go below 0 and above 1.",
            caught_by: ("fast_gradient_sign", "six pixels"),
            exercise: sign(no_box),
        },
        WrongAnswer {
            name: "gradient-for-sign",
            mistake: "Each pixel moves by ε times its gradient.",
            caught_by: ("fast_gradient_sign", "six pixels"),
            exercise: sign(not_the_sign),
        },
        WrongAnswer {
            name: "change-made-smaller",
            mistake: "If a pixel is too far away, the whole change is made smaller.",
            caught_by: ("within", "six pixels"),
            exercise: within(scaled),
        },
        WrongAnswer {
            name: "near-but-no-image",
            mistake: "Only the distance to the original is kept.",
            caught_by: ("within", "six pixels"),
            exercise: within(near_alone),
        },
        WrongAnswer {
            name: "away-step-by-step",
            mistake: "Each step is held to within ε of the image before it, so that the changes add up.",
            caught_by: ("iterated", "the same gradient everywhere"),
            exercise: iterated(drifts),
        },
        WrongAnswer {
            name: "gradient-taken-once",
            mistake: "All steps follow the gradient of the first image.",
            caught_by: ("iterated", "the same gradient everywhere"),
            exercise: iterated(gradient_once),
        },
        WrongAnswer {
            name: "length-for-sum",
            mistake: "|z| is divided by the length of w, which is right for another measure of a change.",
            caught_by: ("smallest_epsilon", "three weights"),
            exercise: exercise(Answers { smallest_epsilon: by_length, ..RIGHT }),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers {
        fast_gradient_sign: |x, _, _| 0.0 * x,
        within: |x, _, _| 0.0 * x,
        iterated: |x, _, _, _, _| 0.0 * x,
        smallest_epsilon: |_, _, _| 0.0,
    };
    let input = Answers {
        fast_gradient_sign: |x, _, _| x.clone(),
        within: |x, _, _| x.clone(),
        iterated: |x, _, _, _, _| x.clone(),
        smallest_epsilon: |_, b, _| b,
    };
    let one = Answers {
        fast_gradient_sign: |x, _, _| Array1::ones(x.len()),
        within: |_, original, _| original.clone(),
        iterated: |x, _, _, _, _| Array1::ones(x.len()),
        smallest_epsilon: |_, _, _| 1.0,
    };
    [zero, input, one].map(exercise).into()
}
