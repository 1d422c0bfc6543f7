//! A cell at work, step after step.

use super::{Answers, gates_of, stepped};
use crate::measure::measure;
use crate::{Random, Verdict, Wrong, compare};
use ndarray::{Array1, Array2, Axis};

const STEPS: usize = 20;
const UNITS: usize = 3;
const INPUTS: usize = 2;

struct Weights {
    w: Array2<f64>,
    u: Array2<f64>,
    b: Array1<f64>,
}

/// Gradients of all weights after twenty steps, of which only the last counts.
pub fn measured(a: Answers) -> Verdict {
    let random = &mut Random::new(2150);
    let weights = Weights {
        w: random.array((4 * UNITS, INPUTS)),
        u: random.array((4 * UNITS, UNITS)),
        b: random.array(4 * UNITS),
    };
    let (x, dh) = (random.array((STEPS, INPUTS)), random.array(UNITS));
    let Weights { w, u, b } = &weights;
    let expected = [
        measure(w, |w| cost(w, u, b, &x, &dh)).into_dyn(),
        measure(u, |u| cost(w, u, b, &x, &dh)).into_dyn(),
        measure(b, |b| cost(w, u, b, &x, &dh)).into_dyn(),
    ];
    let (h, [dw, du, db]) = gradients(a, &weights, &x, &dh)?;
    let what = format!("the cost of a cell after {STEPS} steps");
    compare(&what, &ndarray::arr0(cost(w, u, b, &x, &dh)), &ndarray::arr0(h.dot(&dh)))
        .verdict()
        .map_err(|wrong| wrong.or_because("the way forward is not right: look at `gates` and `step`"))?;
    for (name, expected, got) in [("w", &expected[0], dw), ("u", &expected[1], du), ("b", &expected[2], db)] {
        compare(&format!("∂C/∂{name} of a cell after {STEPS} steps"), expected, &got)
            .within(1e-6)
            .verdict()
            .map_err(|wrong| wrong.or_because("does ∂C/∂c go back from each step to the one before, beside ∂C/∂h?"))?;
    }
    Ok(())
}

fn cost(w: &Array2<f64>, u: &Array2<f64>, b: &Array1<f64>, x: &Array2<f64>, dh: &Array1<f64>) -> f64 {
    let (mut h, mut c) = (Array1::zeros(UNITS), Array1::zeros(UNITS));
    for x in x.rows() {
        let z = w.dot(&x) + u.dot(&h) + b;
        let z = Array2::from_shape_fn((4, UNITS), |(gate, unit)| z[gate * UNITS + unit]);
        (h, c) = stepped(&gates_of(&z), &c);
    }
    h.dot(dh)
}

type Gradients = [ndarray::ArrayD<f64>; 3];

/// The last h, and what comes of the reader's functions at every step, from the last to the first.
fn gradients(
    a: Answers,
    weights: &Weights,
    x: &Array2<f64>,
    dh: &Array1<f64>,
) -> Result<(Array1<f64>, Gradients), Wrong> {
    let Weights { w, u, b } = weights;
    let (mut h, mut c) = (Array1::zeros(UNITS), Array1::zeros(UNITS));
    let mut steps = vec![];
    for x in x.rows() {
        let gates = (a.gates)(w, u, b, &x.to_owned(), &h);
        shape("gates", &[4, UNITS], gates.shape())?;
        let after = (a.step)(&gates, &c);
        shape("step → h", &[UNITS], after.0.shape())?;
        shape("step → c", &[UNITS], after.1.shape())?;
        steps.push((gates, h, c));
        (h, c) = after;
    }
    let (mut dh, mut dc) = (dh.clone(), Array1::zeros(UNITS));
    let (mut dw, mut du, mut db) = (0.0 * w, 0.0 * u, 0.0 * b);
    for ((gates, h, c), x) in steps.iter().zip(x.rows()).rev() {
        let (dz, before) = (a.backward)(gates, c, &dh, &dc);
        shape("backward → dz", &[4, UNITS], dz.shape())?;
        shape("backward → dc before", &[UNITS], before.shape())?;
        let dz: Array1<f64> = dz.iter().copied().collect();
        let outer = |a: &Array1<f64>| dz.view().insert_axis(Axis(1)).dot(&a.view().insert_axis(Axis(0)));
        dw += &outer(&x.to_owned());
        du += &outer(h);
        db += &dz;
        (dh, dc) = (u.t().dot(&dz), before);
    }
    Ok((h, [dw.into_dyn(), du.into_dyn(), db.into_dyn()]))
}

fn shape(what: &str, expected: &[usize], got: &[usize]) -> Verdict {
    if expected == got {
        return Ok(());
    }
    Err(Wrong::new(format!("{what}: expected shape {expected:?}, got {got:?}")))
}
