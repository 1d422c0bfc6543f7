//! Gates that are shut or open, and numbers of any size.

use super::{Answers, solution};
use crate::{Random, Verdict, compare};
use ndarray::{Array1, Array2, array};

pub fn gates(a: Answers) -> Verdict {
    let random = &mut Random::new(2140);
    for (inputs, units) in [(1, 1), (3, 1), (1, 4), (6, 2), (2, 5)] {
        for size in [1.0, 1e-9, 40.0, 1e4, 1e200] {
            let (w, u) = (random.array((4 * units, inputs)), random.array((4 * units, units)));
            let (b, x, h) = (size * random.array(4 * units), size * random.array(inputs), random.array(units));
            let what = format!("gates(x of {inputs}, {units} units, numbers of about {size:.0e})");
            let expected = solution::gates(&w, &u, &b, &x, &h);
            compare(&what, &expected, &(a.gates)(&w, &u, &b, &x, &h)).of_size(0.0).within(1e-6).verdict().map_err(
                |wrong| {
                    wrong.or_because(
                        "z may be huge: e to the power of 1000 is infinite, and infinity over infinity is not a number",
                    )
                },
            )?;
        }
    }
    Ok(())
}

const WHY: &str =
    "gates may be shut (0) or open (1), g be ±1, and a state and gradients as small or large as they like";

/// Gates and states; some gates are shut or open, some states huge.
fn cells() -> Vec<(Array2<f64>, Array1<f64>)> {
    let random = &mut Random::new(2141);
    let mut all = vec![
        (
            array![[0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0], [1.0; 4], [1.0, -1.0, 1.0, -1.0]],
            array![0.3, 0.3, -0.3, 1.0],
        ),
        (array![[0.5; 3], [1.0; 3], [0.0, 0.5, 1.0], [0.0; 3]], array![-2.0, 0.0, 700.0]),
    ];
    for units in [1, 2, 7] {
        for size in [1.0, 1e-100, 1e-9, 30.0, 1e100] {
            let gates: Array2<f64> = random.array((4, units));
            let gates = Array2::from_shape_fn((4, units), |at| if at.0 < 3 { gates[at].abs() } else { gates[at] });
            all.push((gates, size * random.array(units)));
        }
    }
    all
}

fn largest<'a>(x: impl IntoIterator<Item = &'a f64>) -> f64 {
    x.into_iter().fold(0.0, |largest: f64, x| largest.max(x.abs()))
}

pub fn step(a: Answers) -> Verdict {
    cells().iter().try_for_each(|(gates, c)| {
        let (expected, got) = (solution::step(gates, c), (a.step)(gates, c));
        let what = format!("step({} units, c up to {:.0e})", c.len(), largest(c));
        compare(&format!("{what} → c"), &expected.1, &got.1)
            .of_size(largest(&expected.1))
            .verdict()
            .and_then(|()| compare(&format!("{what} → h"), &expected.0, &got.0).verdict())
            .map_err(|wrong| wrong.or_because(WHY))
    })
}

pub fn backward(a: Answers) -> Verdict {
    let random = &mut Random::new(2142);
    cells().iter().try_for_each(|(gates, c)| {
        for size in [1.0, 1e-100, 1e100] {
            let (dh, dc) = (size * random.array(c.len()), size * random.array(c.len()));
            let (expected, got) = (solution::backward(gates, c, &dh, &dc), (a.backward)(gates, c, &dh, &dc));
            let what = format!("backward({} units, c up to {:.0e}, gradients to {size:.0e})", c.len(), largest(c));
            judge_back(&what, &expected, &got).map_err(|wrong| wrong.or_because(WHY))?;
        }
        Ok(())
    })
}

type Back = (Array2<f64>, Array1<f64>);

/// Row by row: what goes to f is as large as the state, and the others are not.
fn judge_back(what: &str, expected: &Back, got: &Back) -> Verdict {
    let shapes = compare(&format!("{what} → dz"), &expected.0, &got.0);
    if expected.0.shape() != got.0.shape() {
        return shapes.verdict();
    }
    for (gate, name) in ["i", "f", "o", "g"].into_iter().enumerate() {
        let (expected, got) = (expected.0.row(gate), got.0.row(gate));
        compare(&format!("{what} → dz, row {gate} ({name}), "), &expected, &got)
            .of_size(largest(expected))
            .verdict()?;
    }
    compare(&format!("{what} → dc before"), &expected.1, &got.1).of_size(largest(&expected.1)).verdict()
}
