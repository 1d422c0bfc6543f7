//! What goes wrong in a cell.

use super::{Answers, Pair, exercise, sigmoid};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array1, Array2, s};
use solutions::ex21_lstm as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers { gates: solution::gates, step: solution::step, backward: solution::backward };

type Gates = fn(&Array2<f64>, &Array2<f64>, &Array1<f64>, &Array1<f64>, &Array1<f64>) -> Array2<f64>;
type Step = fn(&Array2<f64>, &Array1<f64>) -> Pair;
type Backward = fn(&Array2<f64>, &Array1<f64>, &Array1<f64>, &Array1<f64>) -> (Array2<f64>, Array1<f64>);

/// Mistakes, with words to tell them.
pub(super) const GATES: [(Gates, &str); 8] = [
    (|w, u, b, x, h| with_z(w, u, b, x, h, |_, z| sigmoid(z)), "g is a sigmoid here: it is tanh, and may be negative"),
    (|w, u, b, x, h| with_z(w, u, b, x, h, |_, z| z.tanh()), "gates are sigmoids, between 0 and 1; only g is tanh"),
    (|w, u, b, x, h| with_z(w, u, b, x, h, |_, z| z), "these are the z: no σ and no tanh has been taken"),
    (forget_first, "the rows are i, f, o and g, in this order: i and f have changed places"),
    (output_last, "the rows are i, f, o and g, in this order: o and g have changed places"),
    (interleaved, "w has all rows for i first, then all for f: here every unit has its four rows together"),
    (
        |w, u, b, x, h| solution::gates(w, &(0.0 * u), b, x, h),
        "u h is missing: the gates see what the cell said before",
    ),
    (|w, u, b, x, h| solution::gates(w, u, &(0.0 * b), x, h), "the biases are missing"),
];

/// Mistakes, with words to tell them.
pub(super) const STEP: [(Step, &str); 7] = [
    (gates_exchanged, "the gates have changed places: f keeps the old state, and i lets in the new"),
    (|gates, c| solution::step(gates, &(0.0 * c)), "nothing is kept: f ∘ c⁻ is missing"),
    (nothing_forgotten, "everything is kept: the old state goes through the forget gate"),
    (everything_let_in, "everything is let in: g goes through the input gate"),
    (no_tanh, "h is o times tanh(c), and not times c itself"),
    (old_state_shown, "h is made of the new c, not of the old one"),
    (no_output_gate, "h is shown as it is: the output gate is missing"),
];

/// Mistakes, with words to tell them.
pub(super) const BACKWARD: [(Backward, &str); 10] = [
    (output_forgotten, "h is made of c: what dh asks goes through o and tanh to c, and from there to the gates"),
    (
        |gates, c, dh, dc| solution::backward(gates, c, &(0.0 * dh), dc),
        "dh is not used: h is made of c, so c answers for it",
    ),
    (state_through_h_alone, "dc is not used: what the next step asks of c comes on top of what comes through h"),
    (tanh_not_derived, "what comes through h passes tanh(c): times 1 − tanh²(c)"),
    (output_gate_open, "what comes through h passes the output gate: times o"),
    (gates_not_derived, "the derivatives of σ and tanh are missing: dz is ∂C/∂z"),
    (g_like_a_gate, "g is tanh(z): its derivative is 1 − g², and not g (1 − g)"),
    (forget_gate_open, "the state of the step before went through the forget gate: its gradient is times f"),
    (new_state_for_f, "f met the old state, not the new one"),
    (state_for_shown, "o met tanh(c), not c"),
];

fn with_z(
    w: &Array2<f64>,
    u: &Array2<f64>,
    b: &Array1<f64>,
    x: &Array1<f64>,
    h: &Array1<f64>,
    f: fn(usize, f64) -> f64,
) -> Array2<f64> {
    let z = w.dot(x) + u.dot(h) + b;
    Array2::from_shape_fn((4, h.len()), |(gate, unit)| f(gate, z[gate * h.len() + unit]))
}

/// The gates are read in another order.
fn reordered(gates: &Array2<f64>, order: [usize; 4]) -> Array2<f64> {
    // σ and tanh stay with their rows, so each is taken back and the other applied.
    Array2::from_shape_fn(gates.raw_dim(), |(gate, unit)| {
        let from = gates[[order[gate], unit]];
        let z = if order[gate] == 3 { from.atanh() } else { (from / (1.0 - from)).ln() };
        if gate == 3 { z.tanh() } else { sigmoid(z) }
    })
}

fn forget_first(w: &Array2<f64>, u: &Array2<f64>, b: &Array1<f64>, x: &Array1<f64>, h: &Array1<f64>) -> Array2<f64> {
    reordered(&solution::gates(w, u, b, x, h), [1, 0, 2, 3])
}

fn output_last(w: &Array2<f64>, u: &Array2<f64>, b: &Array1<f64>, x: &Array1<f64>, h: &Array1<f64>) -> Array2<f64> {
    reordered(&solution::gates(w, u, b, x, h), [0, 1, 3, 2])
}

fn interleaved(w: &Array2<f64>, u: &Array2<f64>, b: &Array1<f64>, x: &Array1<f64>, h: &Array1<f64>) -> Array2<f64> {
    let z = w.dot(x) + u.dot(h) + b;
    Array2::from_shape_fn((4, h.len()), |(gate, unit)| {
        let z = z[4 * unit + gate];
        if gate == 3 { z.tanh() } else { sigmoid(z) }
    })
}

fn gates_exchanged(gates: &Array2<f64>, c: &Array1<f64>) -> Pair {
    let mut exchanged = gates.clone();
    exchanged.row_mut(0).assign(&gates.row(1));
    exchanged.row_mut(1).assign(&gates.row(0));
    solution::step(&exchanged, c)
}

fn with_row(gates: &Array2<f64>, c: &Array1<f64>, row: usize) -> Pair {
    let mut open = gates.clone();
    open.slice_mut(s![row, ..]).fill(1.0);
    solution::step(&open, c)
}

fn nothing_forgotten(gates: &Array2<f64>, c: &Array1<f64>) -> Pair {
    with_row(gates, c, 1)
}

fn everything_let_in(gates: &Array2<f64>, c: &Array1<f64>) -> Pair {
    with_row(gates, c, 0)
}

fn no_output_gate(gates: &Array2<f64>, c: &Array1<f64>) -> Pair {
    with_row(gates, c, 2)
}

fn no_tanh(gates: &Array2<f64>, c: &Array1<f64>) -> Pair {
    let (_, after) = solution::step(gates, c);
    (&gates.row(2) * &after, after)
}

fn old_state_shown(gates: &Array2<f64>, c: &Array1<f64>) -> Pair {
    let (_, after) = solution::step(gates, c);
    (&gates.row(2) * &c.mapv(f64::tanh), after)
}

/// One unit on its way back.
struct Unit {
    i: f64,
    f: f64,
    o: f64,
    g: f64,
    c: f64,
    after: f64,
    dh: f64,
    dc: f64,
}

impl Unit {
    fn shown(&self) -> f64 {
        self.after.tanh()
    }

    /// All of ∂C/∂c.
    fn whole(&self) -> f64 {
        self.dc + self.dh * self.o * (1.0 - self.shown().powi(2))
    }

    /// dz and dc of the step before, with this for all of ∂C/∂c.
    fn from(&self, dc: f64) -> ([f64; 4], f64) {
        let Unit { i, f, o, g, c, dh, .. } = *self;
        let of_o = dh * self.shown() * o * (1.0 - o);
        ([dc * g * i * (1.0 - i), dc * c * f * (1.0 - f), of_o, dc * i * (1.0 - g * g)], dc * f)
    }

    /// The right answer.
    fn right(&self) -> ([f64; 4], f64) {
        self.from(self.whole())
    }
}

/// Unit by unit.
fn units(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    (dh, dc): (&Array1<f64>, &Array1<f64>),
    back: fn(&Unit) -> ([f64; 4], f64),
) -> (Array2<f64>, Array1<f64>) {
    let (_, after) = solution::step(gates, c);
    let (mut dz, mut before) = (gates.clone(), c.clone());
    for k in 0..c.len() {
        let [i, f, o, g] = [0, 1, 2, 3].map(|gate| gates[[gate, k]]);
        let (of_z, of_c) = back(&Unit { i, f, o, g, c: c[k], after: after[k], dh: dh[k], dc: dc[k] });
        dz.column_mut(k).assign(&Array1::from(of_z.to_vec()));
        before[k] = of_c;
    }
    (dz, before)
}

fn output_forgotten(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    dh: &Array1<f64>,
    dc: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    units(gates, c, (dh, dc), |unit| unit.from(unit.dc))
}

fn state_through_h_alone(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    dh: &Array1<f64>,
    dc: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    units(gates, c, (dh, dc), |unit| unit.from(unit.whole() - unit.dc))
}

fn tanh_not_derived(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    dh: &Array1<f64>,
    dc: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    units(gates, c, (dh, dc), |unit| unit.from(unit.dc + unit.dh * unit.o))
}

fn output_gate_open(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    dh: &Array1<f64>,
    dc: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    units(gates, c, (dh, dc), |unit| unit.from(unit.dc + unit.dh * (1.0 - unit.shown().powi(2))))
}

fn gates_not_derived(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    dh: &Array1<f64>,
    dc: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    units(gates, c, (dh, dc), |unit| {
        let dc = unit.whole();
        ([dc * unit.g, dc * unit.c, unit.dh * unit.shown(), dc * unit.i], dc * unit.f)
    })
}

fn g_like_a_gate(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    dh: &Array1<f64>,
    dc: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    units(gates, c, (dh, dc), |unit| {
        let (mut dz, before) = unit.right();
        dz[3] = unit.whole() * unit.i * unit.g * (1.0 - unit.g);
        (dz, before)
    })
}

fn forget_gate_open(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    dh: &Array1<f64>,
    dc: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    units(gates, c, (dh, dc), |unit| (unit.right().0, unit.whole()))
}

fn new_state_for_f(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    dh: &Array1<f64>,
    dc: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    units(gates, c, (dh, dc), |unit| {
        let (mut dz, before) = unit.right();
        dz[1] = unit.whole() * unit.after * unit.f * (1.0 - unit.f);
        (dz, before)
    })
}

fn state_for_shown(
    gates: &Array2<f64>,
    c: &Array1<f64>,
    dh: &Array1<f64>,
    dc: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    units(gates, c, (dh, dc), |unit| {
        let (mut dz, before) = unit.right();
        dz[2] = unit.dh * unit.after * unit.o * (1.0 - unit.o);
        (dz, before)
    })
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    let back = |backward: Backward| exercise(Answers { backward, ..RIGHT });
    vec![
        WrongAnswer {
            name: "forget-gate-first",
            mistake: "The rows are taken for f, i, o and g.",
            caught_by: ("gates", "one unit"),
            exercise: exercise(Answers { gates: forget_first, ..RIGHT }),
        },
        WrongAnswer {
            name: "all-sigmoids",
            mistake: "g is a sigmoid, like the gates, so that nothing can be subtracted from a state.",
            caught_by: ("gates", "one unit"),
            exercise: exercise(Answers { gates: |w, u, b, x, h| with_z(w, u, b, x, h, |_, z| sigmoid(z)), ..RIGHT }),
        },
        WrongAnswer {
            name: "four-rows-together",
            mistake: "The four rows of a unit are looked for next to each other.",
            caught_by: ("gates", "random cells"),
            exercise: exercise(Answers { gates: interleaved, ..RIGHT }),
        },
        WrongAnswer {
            name: "gates-exchanged",
            mistake: "c = i ∘ c⁻ + f ∘ g.",
            caught_by: ("step", "one unit"),
            exercise: exercise(Answers { step: gates_exchanged, ..RIGHT }),
        },
        WrongAnswer {
            name: "state-shown-without-tanh",
            mistake: "h = o ∘ c.",
            caught_by: ("step", "one unit"),
            exercise: exercise(Answers { step: no_tanh, ..RIGHT }),
        },
        WrongAnswer {
            name: "state-through-output-alone",
            mistake: "What the next step asks of c is left out: then errors fade as in a plain net.",
            caught_by: ("backward", "dc alone, against finite differences"),
            exercise: back(state_through_h_alone),
        },
        WrongAnswer {
            name: "output-forgotten",
            mistake: "c answers for the next step only, and not for h.",
            caught_by: ("backward", "dh alone, against finite differences"),
            exercise: back(output_forgotten),
        },
        WrongAnswer {
            name: "tanh-not-differentiated",
            mistake: "What comes through h goes to c times o, without 1 − tanh²(c).",
            caught_by: ("backward", "dh alone, against finite differences"),
            exercise: back(tanh_not_derived),
        },
        WrongAnswer {
            name: "forget-gate-open",
            mistake: "∂C/∂c goes to the step before as it is, and not times f.",
            caught_by: ("backward", "dc alone, against finite differences"),
            exercise: back(forget_gate_open),
        },
        WrongAnswer {
            name: "new-state-for-old",
            mistake: "The forget gate's gradient has the new state in it.",
            caught_by: ("backward", "dc alone, against finite differences"),
            exercise: back(new_state_for_f),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers {
        gates: |_, _, _, _, h| Array2::zeros((4, h.len())),
        step: |_, c| (0.0 * c, 0.0 * c),
        backward: |gates, c, _, _| (0.0 * gates, 0.0 * c),
    };
    let input = Answers {
        gates: |w, _, _, _, _| w.clone(),
        step: |_, c| (c.clone(), c.clone()),
        backward: |gates, _, _, dc| (gates.clone(), dc.clone()),
    };
    let one = Answers {
        gates: |_, _, _, _, h| Array2::ones((4, h.len())),
        step: |_, c| (Array1::ones(c.len()), Array1::ones(c.len())),
        backward: |gates, c, _, _| (Array2::ones(gates.raw_dim()), Array1::ones(c.len())),
    };
    [zero, input, one].map(exercise).into()
}
