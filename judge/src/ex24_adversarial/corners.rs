//! Pixels at the edges, gradients of any size, and no steps at all.

use super::{Answers, Walk, judge_iterated, judge_sign, judge_smallest, judge_within, pixels, solution};
use crate::{Random, Verdict};
use ndarray::{Array1, array};

pub fn signs(a: Answers) -> Verdict {
    let random = &mut Random::new(2450);
    let why = "only the sign of the gradient counts, however small it is; where it is zero nothing changes";
    let edges = array![0.0, 1.0, 0.0, 1.0, 0.5, 0.5, 0.0, 1.0];
    let dx = array![-1.0, 1.0, 1.0, -1.0, 0.0, -0.0, 0.0, -0.0];
    for epsilon in [0.0, 1e-12, 0.3, 1.0, 7.0] {
        judge_sign(a, &format!("fast_gradient_sign({edges}, dx {dx}, ε {epsilon})"), (&edges, &dx, epsilon))
            .map_err(|wrong| wrong.or_because(why))?;
        for size in [1e-300, 1e-12, 1e300] {
            let (x, dx) = (pixels(random, 6), size * random.array(6));
            let what = format!("fast_gradient_sign(6 pixels, dx up to {size:.0e}, ε {epsilon})");
            judge_sign(a, &what, (&x, &dx, epsilon)).map_err(|wrong| wrong.or_because(why))?;
        }
    }
    judge_sign(a, "fast_gradient_sign(1 pixel, ε 0.5)", (&array![0.25], &array![1.0], 0.5))
}

pub fn within(a: Answers) -> Verdict {
    let random = &mut Random::new(2451);
    let why = "both bounds hold for each pixel, also where the original is 0 or 1 and where ε is 0 or more than 1";
    for epsilon in [0.0, 1e-9, 0.5, 1.0, 3.0] {
        let original = array![0.0, 1.0, 0.0, 1.0, 0.5, 0.5];
        let x = array![1.0, 0.0, -4.0, 9.0, 0.5, 1e9];
        judge_within(a, &format!("within({x}, original {original}, ε {epsilon})"), (&x, &original, epsilon))
            .map_err(|wrong| wrong.or_because(why))?;
        let (x, original) = (4.0 * random.array(9), pixels(random, 9));
        judge_within(a, &format!("within(9 pixels, ε {epsilon})"), (&x, &original, epsilon))
            .map_err(|wrong| wrong.or_because(why))?;
    }
    Ok(())
}

pub fn steps(a: Answers) -> Verdict {
    let random = &mut Random::new(2452);
    let why = "there may be no steps, or hundreds of small ones, and steps larger than ε";
    let gradient = |x: &Array1<f64>| x.mapv(|x| (25.0 * x).sin());
    for (epsilon, step, steps) in
        [(0.2, 0.1, 0), (0.2, 0.1, 1), (0.1, 0.4, 3), (0.25, 0.001, 400), (0.0, 0.1, 2), (0.1, 0.0, 2)]
    {
        let walk = Walk { gradient: &gradient, epsilon, step, steps };
        judge_iterated(a, "5 pixels", &pixels(random, 5), &walk).map_err(|wrong| wrong.or_because(why))?;
    }
    // An image at the edges of its range.
    let walk = Walk { gradient: &|x| x.mapv(|x| x - 0.5), epsilon: 0.3, step: 0.2, steps: 3 };
    judge_iterated(a, "[0, 1, 0.5, 0.6]", &array![0.0, 1.0, 0.5, 0.6], &walk).map_err(|wrong| wrong.or_because(why))
}

pub fn neurons(a: Answers) -> Verdict {
    let random = &mut Random::new(2453);
    let why = "weights may be tiny, huge or zero: if all are zero no ε changes anything, unless z is zero already";
    let x = array![0.5, 1.0];
    for (w, b, expected) in [
        (array![0.0, 0.0], 0.5, f64::INFINITY),
        (array![0.0, 0.0], -0.5, f64::INFINITY),
        (array![0.0, 0.0], 0.0, 0.0),
        (array![2.0, -1.0], 0.0, 0.0),
        (array![0.0, -1.0], 0.0, 1.0),
    ] {
        judge_smallest(a, &format!("smallest_epsilon({w}, b {b}, x {x})"), expected, (&w, b, &x))
            .map_err(|wrong| wrong.or_because(why))?;
    }
    for size in [1e-200, 1e-12, 1e200] {
        let (w, b, x): (Array1<f64>, f64, Array1<f64>) = (size * random.array(7), size, pixels(random, 7));
        let what = format!("smallest_epsilon(7 weights up to {size:.0e})");
        judge_smallest(a, &what, solution::smallest_epsilon(&w, b, &x), (&w, b, &x))
            .map_err(|wrong| wrong.or_because(why))?;
    }
    Ok(())
}
