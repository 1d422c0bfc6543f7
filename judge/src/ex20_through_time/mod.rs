//! A recurrent net, and backpropagation through time.

mod corners;
mod remembers;
pub mod wrong;

use crate::measure::measure;
use crate::{Check, Exercise, Random, Verdict, compare};
use ndarray::{Array1, Array2, Axis, array};
use solutions::ex20_through_time as solution;
use wrong::{ERRORS, FORWARD, GRADIENTS};

/// ∂C/∂w, ∂C/∂u, ∂C/∂b and ∂C/∂h0.
type Gradients = (Array2<f64>, Array2<f64>, Array1<f64>, Array1<f64>);

/// What the reader writes.
#[derive(Clone, Copy)]
#[allow(clippy::type_complexity)] // the signatures as the reader sees them
pub struct Answers {
    pub forward: fn(&Array2<f64>, &Array2<f64>, &Array1<f64>, &Array2<f64>, &Array1<f64>) -> Array2<f64>,
    pub errors: fn(&Array2<f64>, &Array2<f64>, &Array2<f64>) -> Array2<f64>,
    pub gradients: fn(&Array2<f64>, &Array2<f64>, &Array1<f64>, &Array2<f64>, &Array2<f64>) -> Gradients,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex20_through_time",
        read_on: "exercise 21, a cell whose errors do not fade so fast",
        checks: vec![
            check("forward", "one unit, three steps", by_hand),
            check("forward", "random sequences", random_sequences),
            check("forward", "one step and hundreds, tiny and huge", corners::forward),
            check("errors", "only the last step counts, against finite differences", errors_of_last),
            check("errors", "all steps count, against finite differences", errors_of_all),
            check("errors", "one step and hundreds, tiny and huge", corners::errors),
            check("gradients", "against finite differences", gradients_measured),
            check("gradients", "one step and hundreds, tiny and huge", corners::gradients),
            check("gradients", "all three train a net to remember", remembers::learns),
        ],
    }
    .otherwise(&[
        ("forward", "w x[t] + u h[t − 1] + b, then tanh: does the state go from each step to the next?"),
        (
            "errors",
            "from the last step to the first: δ[t] = (dh[t] + uᵀ δ[t + 1]) ∘ (1 − h[t]²): is everything of its own step?",
        ),
        ("gradients", "sums over all steps: δ[t] meets x[t] in ∂C/∂w, and h[t − 1] in ∂C/∂u, which is h0 at first"),
    ])
}

/// A made-up net with a sequence, and what the cost asks of each step.
struct Case {
    w: Array2<f64>,
    u: Array2<f64>,
    b: Array1<f64>,
    x: Array2<f64>,
    h0: Array1<f64>,
    dh: Array2<f64>,
}

impl Case {
    fn random(random: &mut Random, (steps, inputs, units): (usize, usize, usize)) -> Case {
        Case {
            w: random.array((units, inputs)),
            u: random.array((units, units)),
            b: random.array(units),
            x: random.array((steps, inputs)),
            h0: random.array(units),
            dh: random.array((steps, units)),
        }
    }

    fn several() -> impl Iterator<Item = Case> {
        (1..=6).map(|seed| {
            let random = &mut Random::new(2000 + seed);
            let shape = (random.integer(3, 7), random.integer(1, 4), random.integer(2, 5));
            Case::random(random, shape)
        })
    }

    /// Step by step, with something added to each z.
    fn unfolded(&self, added: &Array2<f64>) -> Array2<f64> {
        let mut h = added.clone();
        for t in 0..h.nrows() {
            let before = if t == 0 { self.h0.clone() } else { h.row(t - 1).to_owned() };
            for j in 0..h.ncols() {
                let z = self.b[j] + self.w.row(j).dot(&self.x.row(t)) + self.u.row(j).dot(&before);
                h[[t, j]] = (z + added[[t, j]]).tanh();
            }
        }
        h
    }

    fn h(&self) -> Array2<f64> {
        self.unfolded(&Array2::zeros(self.dh.raw_dim()))
    }

    /// A cost with that gradient with respect to h.
    fn cost(&self) -> f64 {
        (self.h() * &self.dh).sum()
    }

    /// How many there are of what, for messages.
    fn words(&self) -> String {
        let (steps, units) = self.dh.dim();
        format!("{steps} steps, x of {}, h of {units}", self.x.ncols())
    }

    /// The right errors, by finite differences.
    fn measured_errors(&self) -> Array2<f64> {
        measure(&Array2::zeros(self.dh.raw_dim()), |added| (self.unfolded(added) * &self.dh).sum())
    }
}

fn judge_forward(a: Answers, what: &str, expected: &Array2<f64>, case: &Case) -> Verdict {
    let Case { w, u, b, x, h0, .. } = case;
    let mistakes = FORWARD.map(|(f, why)| (f(w, u, b, x, h0), why));
    compare(what, expected, &(a.forward)(w, u, b, x, h0)).suspects(mistakes).verdict()
}

fn by_hand(a: Answers) -> Verdict {
    let case = Case {
        w: array![[2.0]],
        u: array![[-1.0]],
        b: array![0.5],
        x: array![[0.0], [1.0], [0.0]],
        h0: array![0.25],
        dh: Array2::zeros((3, 1)),
    };
    let first = 0.25f64.tanh();
    let second = (2.5 - first).tanh();
    let expected = array![[first], [second], [(0.5 - second).tanh()]];
    judge_forward(a, "forward(w = 2, u = -1, b = 0.5, x = [0, 1, 0], h0 = 0.25) → h", &expected, &case)
}

fn random_sequences(a: Answers) -> Verdict {
    Case::several().try_for_each(|case| judge_forward(a, &format!("forward({}) → h", case.words()), &case.h(), &case))
}

fn errors_of_last(a: Answers) -> Verdict {
    Case::several().try_for_each(|mut case| {
        let last = case.dh.nrows() - 1;
        case.dh.rows_mut().into_iter().take(last).for_each(|mut dh| dh.fill(0.0));
        judge_errors(a, &case)
    })
}

fn errors_of_all(a: Answers) -> Verdict {
    Case::several().try_for_each(|case| judge_errors(a, &case))
}

fn judge_errors(a: Answers, case: &Case) -> Verdict {
    let (u, h, dh) = (&case.u, &case.h(), &case.dh);
    let mistakes = ERRORS.map(|(f, why)| (f(u, h, dh), why));
    compare(&format!("errors({}) → δ", case.words()), &case.measured_errors(), &(a.errors)(u, h, dh))
        .within(1e-6)
        .suspects(mistakes)
        .verdict()
}

fn gradients_measured(a: Answers) -> Verdict {
    Case::several().try_for_each(|case| {
        let h = case.h();
        let delta = solution::errors(&case.u, &h, &case.dh);
        let expected = (
            measure(&case.w, |w| Case { w: w.clone(), ..case.copy() }.cost()),
            measure(&case.u, |u| Case { u: u.clone(), ..case.copy() }.cost()),
            measure(&case.b, |b| Case { b: b.clone(), ..case.copy() }.cost()),
            measure(&case.h0, |h0| Case { h0: h0.clone(), ..case.copy() }.cost()),
        );
        judge_gradients(a, &case, &h, &delta, &expected, (1e-6, 1.0))
    })
}

impl Case {
    fn copy(&self) -> Case {
        let Case { w, u, b, x, h0, dh } = self;
        Case { w: w.clone(), u: u.clone(), b: b.clone(), x: x.clone(), h0: h0.clone(), dh: dh.clone() }
    }
}

/// The four gradients, one after the other; `within` is the tolerance and the size of what is compared.
fn judge_gradients(
    a: Answers,
    case: &Case,
    h: &Array2<f64>,
    delta: &Array2<f64>,
    expected: &Gradients,
    within: (f64, f64),
) -> Verdict {
    let all = |(dw, du, db, dh0): Gradients| [dw.into_dyn(), du.into_dyn(), db.into_dyn(), dh0.into_dyn()];
    let names = ["dw", "du", "db", "dh0"];
    let mistakes = GRADIENTS.map(|(k, f, why)| (k, all(f(&case.u, &case.x, &case.h0, h, delta)), why));
    let got = all((a.gradients)(&case.u, &case.x, &case.h0, h, delta));
    for (k, (expected, got)) in all(expected.clone()).iter().zip(&got).enumerate() {
        // A mistake in one gradient says nothing about the others.
        let mistakes = mistakes.iter().filter(|(of, ..)| *of == names[k]).map(|(_, all, why)| (all[k].clone(), *why));
        compare(&format!("gradients({}) → {}", case.words(), names[k]), expected, got)
            .within(within.0)
            .of_size(within.1)
            .suspects(mistakes)
            .verdict()?;
    }
    Ok(())
}

/// h[t − 1] in row t.
fn before(h0: &Array1<f64>, h: &Array2<f64>) -> Array2<f64> {
    let mut before = h.clone();
    for t in 0..h.nrows() {
        before.row_mut(t).assign(&if t == 0 { h0.view() } else { h.index_axis(Axis(0), t - 1) });
    }
    before
}
