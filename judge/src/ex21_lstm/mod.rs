//! A step of long short-term memory, there and back.

mod corners;
mod sequence;
pub mod wrong;

use crate::measure::measure;
use crate::{Check, Exercise, Random, Verdict, compare};
use ndarray::{Array1, Array2, array};
use solutions::ex21_lstm as solution;
use wrong::{BACKWARD, GATES, STEP};

type Pair = (Array1<f64>, Array1<f64>);

/// What the reader writes.
#[derive(Clone, Copy)]
#[allow(clippy::type_complexity)] // the signatures as the reader sees them
pub struct Answers {
    pub gates: fn(&Array2<f64>, &Array2<f64>, &Array1<f64>, &Array1<f64>, &Array1<f64>) -> Array2<f64>,
    pub step: fn(&Array2<f64>, &Array1<f64>) -> Pair,
    pub backward: fn(&Array2<f64>, &Array1<f64>, &Array1<f64>, &Array1<f64>) -> (Array2<f64>, Array1<f64>),
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex21_lstm",
        read_on: "recurrent nets in \"Other approaches to deep neural nets\"",
        checks: vec![
            check("gates", "one unit", one_unit),
            check("gates", "random cells", random_cells),
            check("gates", "all shapes, tiny and huge", corners::gates),
            check("step", "one unit", one_step),
            check("step", "random gates", random_gates),
            check("step", "shut, open, tiny and huge", corners::step),
            check("backward", "dc alone, against finite differences", |a| judge_backward(a, 0.0, 1.0)),
            check("backward", "dh alone, against finite differences", |a| judge_backward(a, 1.0, 0.0)),
            check("backward", "both, against finite differences", |a| judge_backward(a, 1.0, 1.0)),
            check("backward", "shut, open, tiny and huge", corners::backward),
            check("backward", "all three over twenty steps, against finite differences", sequence::measured),
        ],
    }
    .otherwise(&[
        (
            "gates",
            "w x + u h + b has the numbers for i first, then those for f, o and g: is each in its place, and σ or tanh the right one?",
        ),
        ("step", "c = f ∘ c⁻ + i ∘ g, and then h = o ∘ tanh(c): rows 0 to 3 of the gates are i, f, o and g"),
        (
            "backward",
            "first all of ∂C/∂c, which is dc and what comes through h; from there the gates, each with its derivative, and c⁻",
        ),
    ])
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// i, f, o and g of [4, units].
fn gates_of(z: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn(z.raw_dim(), |(gate, unit)| match gate {
        3 => z[[gate, unit]].tanh(),
        _ => sigmoid(z[[gate, unit]]),
    })
}

fn one_unit(a: Answers) -> Verdict {
    let (w, u) = (array![[1.0], [2.0], [3.0], [4.0]], array![[0.5], [0.0], [-0.5], [1.0]]);
    let (b, x, h) = (array![0.0, 1.0, 0.0, -1.0], array![0.25], array![0.5]);
    let expected = array![[sigmoid(0.5)], [sigmoid(1.5)], [sigmoid(0.5)], [0.5f64.tanh()]];
    let what = "gates(w = [1, 2, 3, 4], u = [0.5, 0, -0.5, 1], b = [0, 1, 0, -1], x = 0.25, h = 0.5)";
    judge_gates(a, what, &expected, (&w, &u, &b, &x, &h))
}

type Cell<'a> = (&'a Array2<f64>, &'a Array2<f64>, &'a Array1<f64>, &'a Array1<f64>, &'a Array1<f64>);

fn judge_gates(a: Answers, what: &str, expected: &Array2<f64>, (w, u, b, x, h): Cell) -> Verdict {
    let mistakes = GATES.map(|(f, why)| (f(w, u, b, x, h), why));
    compare(what, expected, &(a.gates)(w, u, b, x, h)).suspects(mistakes).verdict()
}

fn random_cells(a: Answers) -> Verdict {
    (1..=6).try_for_each(|seed| {
        let random = &mut Random::new(2100 + seed);
        let (inputs, units) = (random.integer(1, 5), random.integer(2, 5));
        let (w, u): (Array2<f64>, Array2<f64>) = (random.array((4 * units, inputs)), random.array((4 * units, units)));
        let (b, x, h) = (random.array(4 * units), random.array(inputs), random.array(units));
        let z = Array2::from_shape_fn((4, units), |(gate, unit)| {
            let row = gate * units + unit;
            w.row(row).dot(&x) + u.row(row).dot(&h) + b[row]
        });
        judge_gates(a, &format!("gates(x of {inputs}, {units} units)"), &gates_of(&z), (&w, &u, &b, &x, &h))
    })
}

fn one_step(a: Answers) -> Verdict {
    let c = 0.75 * 0.8 + 0.5 * -0.4;
    let (gates, before) = (array![[0.5], [0.75], [0.25], [-0.4]], array![0.8]);
    let what = "step(i = 0.5, f = 0.75, o = 0.25, g = -0.4, c = 0.8)";
    judge_step(a, what, &(array![0.25 * f64::tanh(c)], array![c]), &gates, &before)
}

/// c first, since h is made of it.
fn judge_step(a: Answers, what: &str, expected: &Pair, gates: &Array2<f64>, c: &Array1<f64>) -> Verdict {
    let got = (a.step)(gates, c);
    let mistakes = STEP.map(|(f, why)| (f(gates, c), why));
    let of_c = mistakes.iter().map(|((_, c), why)| (c.clone(), *why));
    compare(&format!("{what} → c"), &expected.1, &got.1).suspects(of_c).verdict()?;
    let of_h = mistakes.iter().map(|((h, _), why)| (h.clone(), *why));
    compare(&format!("{what} → h"), &expected.0, &got.0).suspects(of_h).verdict()
}

/// Gates and a state, with ∂C/∂h and ∂C/∂c.
fn case(seed: u64) -> (Array2<f64>, Array1<f64>, Array1<f64>, Array1<f64>) {
    let random = &mut Random::new(seed);
    let units = random.integer(2, 6);
    (2.0 * random.array((4, units)), random.array(units), random.array(units), random.array(units))
}

/// The formulas, unit by unit.
fn stepped(gates: &Array2<f64>, c: &Array1<f64>) -> Pair {
    let after = Array1::from_shape_fn(c.len(), |k| gates[[1, k]] * c[k] + gates[[0, k]] * gates[[3, k]]);
    (Array1::from_shape_fn(c.len(), |k| gates[[2, k]] * after[k].tanh()), after)
}

fn random_gates(a: Answers) -> Verdict {
    (2111..=2116).try_for_each(|seed| {
        let (z, c, ..) = case(seed);
        let gates = gates_of(&z);
        judge_step(a, &format!("step({} units)", c.len()), &stepped(&gates, &c), &gates, &c)
    })
}

/// With these factors before ∂C/∂h and ∂C/∂c.
fn judge_backward(a: Answers, of_h: f64, of_c: f64) -> Verdict {
    (2121..=2126).try_for_each(|seed| {
        let (z, c, dh, dc) = case(seed);
        let (dh, dc) = (of_h * dh, of_c * dc);
        let cost = |z: &Array2<f64>, c: &Array1<f64>| {
            let (h, after) = stepped(&gates_of(z), c);
            h.dot(&dh) + after.dot(&dc)
        };
        let expected = (measure(&z, |z| cost(z, &c)), measure(&c, |c| cost(&z, c)));
        let gates = gates_of(&z);
        let got = (a.backward)(&gates, &c, &dh, &dc);
        let mistakes = BACKWARD.map(|(f, why)| (f(&gates, &c, &dh, &dc), why));
        let what = format!("backward({} units)", c.len());
        let mut of_z = compare(&format!("{what} → dz"), &expected.0, &got.0).within(1e-6);
        let mut of_c = compare(&format!("{what} → dc before"), &expected.1, &got.1).within(1e-6);
        // One by one: where dc or dh is zero, a mistake may leave nothing but zeros.
        for ((dz, before), why) in &mistakes {
            of_z = of_z.suspect(dz, why);
            of_c = of_c.suspect(before, why);
        }
        of_z.verdict()?;
        of_c.verdict()
    })
}
