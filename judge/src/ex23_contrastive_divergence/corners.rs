//! Machines of all shapes, and numbers of all sizes.

use super::{Answers, Machine, judge_growth, solution};
use crate::{Random, Verdict, compare};
use ndarray::{Array1, Array2, array};

const HUGE: &str =
    "z may be as large as it likes: e to the power of 1000 is infinite, and infinity over infinity is not a number";

/// Machines of all shapes, with weights and biases of all sizes.
fn machines() -> Vec<(Machine, f64)> {
    let random = &mut Random::new(2350);
    let mut all = vec![];
    for shape in [(1, 1, 1), (3, 1, 4), (2, 5, 1), (1, 6, 2), (7, 2, 3)] {
        for size in [1.0, 1e-9, 1e-100, 30.0, 1e4, 1e100] {
            let mut m = Machine::random(random, shape);
            m.w *= size;
            m.a *= size;
            m.b *= size;
            all.push((m, size));
        }
    }
    all
}

pub fn hidden(a: Answers) -> Verdict {
    machines().iter().try_for_each(|(m, size)| {
        let what = format!("hidden({}, weights up to {size:.0e})", m.words());
        compare(&what, &solution::hidden(&m.w, &m.b, &m.v), &(a.hidden)(&m.w, &m.b, &m.v))
            .verdict()
            .map_err(|wrong| wrong.or_because(HUGE))
    })
}

pub fn visible(a: Answers) -> Verdict {
    machines().iter().try_for_each(|(m, size)| {
        let what = format!("visible({}, weights up to {size:.0e})", m.words());
        compare(&what, &solution::visible(&m.w, &m.a, &m.uniform), &(a.visible)(&m.w, &m.a, &m.uniform))
            .verdict()
            .map_err(|wrong| wrong.or_because(HUGE))
    })
}

pub fn energies(a: Answers) -> Verdict {
    machines().iter().try_for_each(|(m, size)| {
        let what = format!("free_energy({}, weights up to {size:.0e})", m.words());
        let got = (a.free_energy)(&m.w, &m.a, &m.b, &m.v);
        compare(&what, &solution::free_energy(&m.w, &m.a, &m.b, &m.v), &got).of_size(size.max(1.0)).verdict().map_err(
            |wrong| wrong.or_because("z may be as large as it likes: ln(1 + e^z) is z, nearly, where e^z is infinite"),
        )
    })?;
    // With z far below zero, what a hidden unit adds is e^z.
    let (w, a_v, v) = (array![[0.0]], array![0.0], array![[1.0]]);
    [-30.0, -60.0].into_iter().try_for_each(|z: f64| {
        let got = (a.free_energy)(&w, &a_v, &array![z], &v);
        compare(&format!("free_energy(w = 0, a = 0, b = {z})"), &array![-z.exp().ln_1p()], &got)
            .within(1e-12)
            .of_size(1e-3)
            .verdict()
            .map_err(|wrong| wrong.or_because("the logarithm of 1 + e^z"))
    })
}

/// Units that are certain to be on or off are so whatever is drawn; a number that is as large as p is not less than p.
pub fn certain(a: Answers) -> Verdict {
    let w = array![[0.5, -0.25, 1.0], [1.0, 0.5, -1.0]];
    let below_one = 1.0 - f64::EPSILON / 2.0;
    for (b, uniform) in [
        (array![-1e4, 1e4, 0.0], array![[0.0, below_one, 0.25]]),
        (array![0.0, 0.0, 0.0], array![[0.5, 0.5, 0.5]]),
        (array![0.0, 0.0, 0.0], array![[0.5 - f64::EPSILON, 0.5 + f64::EPSILON, 0.0]]),
    ] {
        // Blank images, so that z is b.
        let m = Machine { w: w.clone(), a: array![0.25, -0.5], b, v: array![[0.0, 0.0]], uniform };
        let expected = solution::contrastive_divergence(&m.w, &m.a, &m.b, &m.v, &m.uniform);
        judge_growth(a, &m, &expected, 1e-9).map_err(|wrong| {
            wrong.or_because("a unit is on where its random number is less than p: with p = 0 never, with p = 1 always")
        })?;
    }
    Ok(())
}

pub fn growth(a: Answers) -> Verdict {
    let judged = |m: &Machine, what: &str| {
        let expected = solution::contrastive_divergence(&m.w, &m.a, &m.b, &m.v, &m.uniform);
        judge_growth(a, m, &expected, 1e-9).map_err(|mut wrong| {
            wrong.what += what;
            wrong.or_because("there may be one unit or one example, and weights of any size")
        })
    };
    machines().iter().try_for_each(|(m, size)| judged(m, &format!(", weights up to {size:.0e}")))?;
    // Images in black and white, and more examples than units.
    let random = &mut Random::new(2351);
    let mut m = Machine::random(random, (40, 6, 5));
    m.v.mapv_inplace(|v| if v < 0.5 { 0.0 } else { 1.0 });
    judged(&m, ", in black and white")?;
    let blank = Machine { v: Array2::zeros(m.v.raw_dim()), a: Array1::zeros(6), ..m };
    judged(&blank, ", blank")
}
