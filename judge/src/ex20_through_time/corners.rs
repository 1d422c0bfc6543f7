//! Sequences and nets of all sizes.

use super::{Answers, Case, judge_gradients, solution};
use crate::{Random, Verdict, compare};
use ndarray::{Array1, Array2};

const WHY: &str = "there may be a single step, input or unit, or hundreds of steps, and all of them count; numbers may be as small \
    or as large as they like";

/// Nets and sequences of all sizes.
fn cases() -> Vec<Case> {
    let random = &mut Random::new(2030);
    let mut all = vec![];
    for shape in [(1, 1, 1), (1, 3, 2), (2, 1, 1), (5, 4, 1), (9, 1, 6), (4, 2, 7)] {
        all.push(Case::random(random, shape));
        // Every unit is as good as ±1, and the next ones hardly differ from 0.
        let mut case = Case::random(random, shape);
        case.x.mapv_inplace(|x| 1e4 * x);
        all.push(case);
        let mut case = Case::random(random, shape);
        case.b *= 1e-9;
        case.h0 *= 1e-9;
        case.x.mapv_inplace(|x| 1e-9 * x);
        all.push(case);
    }
    for steps in [40, 300] {
        all.push(long(random, steps));
    }
    all
}

/// A net whose memory fades slowly: each unit hands its activation on to the next, and only the last step counts.
fn long(random: &mut Random, steps: usize) -> Case {
    let units = 3;
    let u = Array2::from_shape_fn((units, units), |(j, k)| if j == (k + 1) % units { 1.0 } else { 0.0 });
    let mut dh = Array2::zeros((steps, units));
    dh[[steps - 1, 0]] = 1.0;
    let x = 1e-3 * random.array((steps, 2));
    Case { w: random.array((units, 2)), u, b: Array1::zeros(units), x, h0: 1e-2 * random.array(units), dh }
}

pub fn forward(a: Answers) -> Verdict {
    cases().iter().try_for_each(|case| {
        let Case { w, u, b, x, h0, .. } = case;
        let what = format!("forward({}) → h", case.words());
        compare(&what, &case.h(), &(a.forward)(w, u, b, x, h0)).verdict().map_err(|wrong| wrong.or_because(WHY))
    })
}

pub fn errors(a: Answers) -> Verdict {
    let random = &mut Random::new(2031);
    cases().iter().try_for_each(|case| {
        let (u, h) = (&case.u, &case.h());
        // δ is proportional to dh; any factor will do.
        for dh in [case.dh.clone(), 1e100 * &case.dh, 1e-100 * &case.dh, random.array(case.dh.raw_dim())] {
            let what = format!("errors({}, dh up to {:.0e}) → δ", case.words(), largest(&dh));
            let expected = solution::errors(u, h, &dh);
            compare(&what, &expected, &(a.errors)(u, h, &dh))
                .of_size(largest(&expected))
                .verdict()
                .map_err(|wrong| wrong.or_because(WHY))?;
        }
        Ok(())
    })
}

/// Any δ: the sums do not ask where it comes from.
pub fn gradients(a: Answers) -> Verdict {
    let random = &mut Random::new(2032);
    cases().iter().try_for_each(|case| {
        for size in [1.0, 1e100, 1e-100] {
            let (h, delta) = (case.h(), size * random.array(case.dh.raw_dim()));
            let expected = solution::gradients(&case.u, &case.x, &case.h0, &h, &delta);
            judge_gradients(a, case, &h, &delta, &expected, (1e-9, 1e-9 * size))
                .map_err(|wrong| wrong.or_because(WHY))?;
        }
        Ok(())
    })
}

fn largest(x: &Array2<f64>) -> f64 {
    x.fold(0.0, |largest: f64, x| largest.max(x.abs()))
}
