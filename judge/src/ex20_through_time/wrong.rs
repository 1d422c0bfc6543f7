//! What goes wrong in time.

use super::{Answers, Gradients, before, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array1, Array2, s};
use solutions::ex20_through_time as solution;

/// The solution, as the start of a wrong answer.
pub(super) const RIGHT: Answers =
    Answers { forward: solution::forward, errors: solution::errors, gradients: solution::gradients };

type Forward = fn(&Array2<f64>, &Array2<f64>, &Array1<f64>, &Array2<f64>, &Array1<f64>) -> Array2<f64>;
type Errors = fn(&Array2<f64>, &Array2<f64>, &Array2<f64>) -> Array2<f64>;
type AllGradients = fn(&Array2<f64>, &Array2<f64>, &Array1<f64>, &Array2<f64>, &Array2<f64>) -> Gradients;

/// Mistakes, with words to tell them.
pub(super) const FORWARD: [(Forward, &str); 5] = [
    (always_anew, "every step begins with h0: what the step before has left is not used"),
    (
        |w, u, b, x, h0| solution::forward(w, &Array2::zeros(u.raw_dim()), b, x, h0),
        "nothing is remembered: u h[t − 1] is missing",
    ),
    (|w, u, b, x, h0| solution::forward(w, u, b, x, &Array1::zeros(h0.len())), "it begins with zeros: h0 is not used"),
    (
        |w, u, b, x, h0| solution::forward(w, &u.t().to_owned(), b, x, h0),
        "u is transposed: u[j, k] goes from unit k to unit j",
    ),
    (|w, u, b, x, h0| solution::forward(w, u, &Array1::zeros(b.len()), x, h0), "the bias is missing"),
];

/// Mistakes, with words to tell them.
pub(super) const ERRORS: [(Errors, &str); 10] = [
    (last_row_only, "only the last row of dh is used: each step has a say of its own in the cost"),
    (on_their_own, "each step stands on its own here: h[t] has a part in the next step, and answers for that, too"),
    (one_step_ahead, "this looks one step ahead: errors come back from all later steps, each through the next"),
    (not_transposed, "u is not transposed: forward, u goes from h[t − 1] to z[t], and back, uᵀ from δ[t] to h[t − 1]"),
    (later_not_derived, "what comes back from the next step has to pass through tanh as well: times 1 − h²"),
    (|u, h, dh| with_slope(u, h, dh, |_| 1.0), "the derivative of tanh is missing: δ is ∂C/∂z, not ∂C/∂h"),
    (|u, h, dh| with_slope(u, h, dh, |h| 1.0 - h), "the derivative of tanh is 1 − h², with a square"),
    (
        |u, h, dh| with_slope(u, h, dh, |h| 1.0 - h.tanh().powi(2)),
        "tanh is taken once more: h is tanh(z) already, and its derivative 1 − h²",
    ),
    (slope_of_next, "1 − h² is that of the next step: what goes back through tanh at step t takes h[t]"),
    (
        |u, h, dh| solution::errors(u, h, &dh.slice(s![..;-1, ..]).to_owned()),
        "time runs the wrong way: dh[t] belongs to h[t]",
    ),
];

/// Mistakes, with the gradient that they are in, and words to tell them.
pub(super) const GRADIENTS: [(&str, AllGradients, &str); 9] = [
    ("dw", mean, "these are means over the steps: each step where a weight is used adds its share"),
    ("dw", last_only, "only the last step counts here: the weights are used at each"),
    ("du", state_after, "δ[t] meets h[t] here; what u was multiplied by at step t is h[t − 1]"),
    ("du", h0_forgotten, "the first step is missing: there u was multiplied by h0"),
    ("du", du_transposed, "this is transposed: u[j, k] goes from unit k to unit j, so it is δ[j] times what k said"),
    ("du", mean, "these are means over the steps: each step where a weight is used adds its share"),
    ("db", mean, "these are means over the steps: each step where a bias is used adds its share"),
    ("dh0", no_way_back, "this is δ of the first step itself: h0 goes through u, and the error back through uᵀ"),
    ("dh0", through_all, "h0 goes into the first step alone: the others answer for it through δ of the first"),
];

fn always_anew(w: &Array2<f64>, u: &Array2<f64>, b: &Array1<f64>, x: &Array2<f64>, h0: &Array1<f64>) -> Array2<f64> {
    (x.dot(&w.t()) + u.dot(h0) + b).mapv(f64::tanh)
}

fn last_row_only(u: &Array2<f64>, h: &Array2<f64>, dh: &Array2<f64>) -> Array2<f64> {
    let mut last = dh.clone();
    last.slice_mut(s![..-1, ..]).fill(0.0);
    solution::errors(u, h, &last)
}

fn on_their_own(u: &Array2<f64>, h: &Array2<f64>, dh: &Array2<f64>) -> Array2<f64> {
    solution::errors(&Array2::zeros(u.raw_dim()), h, dh)
}

fn one_step_ahead(u: &Array2<f64>, h: &Array2<f64>, dh: &Array2<f64>) -> Array2<f64> {
    let alone = on_their_own(u, h, dh);
    let mut delta = dh.clone();
    for t in 0..h.nrows().saturating_sub(1) {
        let mut row = delta.row_mut(t);
        row += &u.t().dot(&alone.row(t + 1));
    }
    delta * h.mapv(|h| 1.0 - h * h)
}

fn not_transposed(u: &Array2<f64>, h: &Array2<f64>, dh: &Array2<f64>) -> Array2<f64> {
    solution::errors(&u.t().to_owned(), h, dh)
}

fn later_not_derived(u: &Array2<f64>, h: &Array2<f64>, dh: &Array2<f64>) -> Array2<f64> {
    let mut delta = dh * h.mapv(|h| 1.0 - h * h);
    for t in (1..h.nrows()).rev() {
        let later = u.t().dot(&delta.row(t));
        let mut row = delta.row_mut(t - 1);
        row += &later;
    }
    delta
}

fn with_slope(u: &Array2<f64>, h: &Array2<f64>, dh: &Array2<f64>, slope: fn(f64) -> f64) -> Array2<f64> {
    let mut delta = Array2::zeros(h.raw_dim());
    let mut later = Array1::zeros(h.ncols());
    for t in (0..h.nrows()).rev() {
        let error = (&dh.row(t) + &later) * h.row(t).mapv(slope);
        later = u.t().dot(&error);
        delta.row_mut(t).assign(&error);
    }
    delta
}

fn slope_of_next(u: &Array2<f64>, h: &Array2<f64>, dh: &Array2<f64>) -> Array2<f64> {
    let mut next = h.clone();
    for t in 1..h.nrows() {
        next.row_mut(t - 1).assign(&h.row(t));
    }
    solution::errors(u, &next, dh)
}

fn mean(u: &Array2<f64>, x: &Array2<f64>, h0: &Array1<f64>, h: &Array2<f64>, delta: &Array2<f64>) -> Gradients {
    let (dw, du, db, dh0) = solution::gradients(u, x, h0, h, delta);
    let steps = x.nrows() as f64;
    (dw / steps, du / steps, db / steps, dh0)
}

fn last_only(u: &Array2<f64>, x: &Array2<f64>, h0: &Array1<f64>, h: &Array2<f64>, delta: &Array2<f64>) -> Gradients {
    let mut last = delta.clone();
    last.slice_mut(s![..-1, ..]).fill(0.0);
    solution::gradients(u, x, h0, h, &last)
}

fn state_after(u: &Array2<f64>, x: &Array2<f64>, h0: &Array1<f64>, h: &Array2<f64>, delta: &Array2<f64>) -> Gradients {
    let (dw, _, db, dh0) = solution::gradients(u, x, h0, h, delta);
    (dw, delta.t().dot(h), db, dh0)
}

fn h0_forgotten(u: &Array2<f64>, x: &Array2<f64>, h0: &Array1<f64>, h: &Array2<f64>, delta: &Array2<f64>) -> Gradients {
    solution::gradients(u, x, &Array1::zeros(h0.len()), h, delta)
}

fn du_transposed(
    u: &Array2<f64>,
    x: &Array2<f64>,
    h0: &Array1<f64>,
    h: &Array2<f64>,
    delta: &Array2<f64>,
) -> Gradients {
    let (dw, _, db, dh0) = solution::gradients(u, x, h0, h, delta);
    (dw, before(h0, h).t().dot(delta), db, dh0)
}

fn no_way_back(u: &Array2<f64>, x: &Array2<f64>, h0: &Array1<f64>, h: &Array2<f64>, delta: &Array2<f64>) -> Gradients {
    let (dw, du, db, _) = solution::gradients(u, x, h0, h, delta);
    (dw, du, db, delta.row(0).to_owned())
}

fn through_all(u: &Array2<f64>, x: &Array2<f64>, h0: &Array1<f64>, h: &Array2<f64>, delta: &Array2<f64>) -> Gradients {
    let (dw, du, db, _) = solution::gradients(u, x, h0, h, delta);
    let dh0 = u.t().dot(&db);
    (dw, du, db, dh0)
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    let errors = |errors: Errors| exercise(Answers { errors, ..RIGHT });
    let gradients = |gradients: AllGradients| exercise(Answers { gradients, ..RIGHT });
    vec![
        WrongAnswer {
            name: "always-anew",
            mistake: "Every step begins with the initial state.",
            caught_by: ("forward", "one unit, three steps"),
            exercise: exercise(Answers { forward: always_anew, ..RIGHT }),
        },
        WrongAnswer {
            name: "steps-on-their-own",
            mistake: "The error of a step has nothing in it of what comes after.",
            caught_by: ("errors", "only the last step counts, against finite differences"),
            exercise: errors(on_their_own),
        },
        WrongAnswer {
            name: "u-not-transposed",
            mistake: "Errors go back through u, not through its transpose.",
            caught_by: ("errors", "only the last step counts, against finite differences"),
            exercise: errors(not_transposed),
        },
        WrongAnswer {
            name: "later-not-derived",
            mistake: "1 − h² multiplies dh alone, and not what comes back from the next step.",
            caught_by: ("errors", "only the last step counts, against finite differences"),
            exercise: errors(later_not_derived),
        },
        WrongAnswer {
            name: "last-step-alone",
            mistake: "The cost is taken to depend on the last step only.",
            caught_by: ("errors", "all steps count, against finite differences"),
            exercise: errors(last_row_only),
        },
        WrongAnswer {
            name: "state-after",
            mistake: "∂C/∂u is made of δ[t] and h[t], which was not there yet.",
            caught_by: ("gradients", "against finite differences"),
            exercise: gradients(state_after),
        },
        WrongAnswer {
            name: "initial-state-forgotten",
            mistake: "∂C/∂u begins with the second step, as if h0 were zero.",
            caught_by: ("gradients", "against finite differences"),
            exercise: gradients(h0_forgotten),
        },
        WrongAnswer {
            name: "mean-over-steps",
            mistake: "Gradients are means over the steps, not sums.",
            caught_by: ("gradients", "against finite differences"),
            exercise: gradients(mean),
        },
        WrongAnswer {
            name: "no-way-back",
            mistake: "∂C/∂h0 is the error of the first step, which has not gone back through u.",
            caught_by: ("gradients", "against finite differences"),
            exercise: gradients(no_way_back),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers {
        forward: |_, _, b, x, _| Array2::zeros((x.nrows(), b.len())),
        errors: |_, h, _| Array2::zeros(h.raw_dim()),
        gradients: |u, x, _, _, _| constant(u, x, 0.0),
    };
    let input = Answers {
        forward: |_, _, _, x, _| x.clone(),
        errors: |_, _, dh| dh.clone(),
        gradients: |u, x, h0, _, delta| (x.clone(), u.clone(), h0.clone(), delta.row(0).to_owned()),
    };
    let one = Answers {
        forward: |_, _, b, x, _| Array2::ones((x.nrows(), b.len())),
        errors: |_, h, _| Array2::ones(h.raw_dim()),
        gradients: |u, x, _, _, _| constant(u, x, 1.0),
    };
    [zero, input, one].map(exercise).into()
}

fn constant(u: &Array2<f64>, x: &Array2<f64>, value: f64) -> Gradients {
    let (units, inputs) = (u.nrows(), x.ncols());
    let row = Array1::from_elem(units, value);
    (Array2::from_elem((units, inputs), value), Array2::from_elem((units, units), value), row.clone(), row)
}
