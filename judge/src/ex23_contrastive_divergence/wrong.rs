//! What goes wrong between an image and a dream.

use super::{Answers, Growth, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array1, Array2, Axis, Zip};
use solutions::ex23_contrastive_divergence as solution;

/// The solution, as the start of a wrong answer.
pub(super) const RIGHT: Answers = Answers {
    hidden: solution::hidden,
    visible: solution::visible,
    free_energy: solution::free_energy,
    contrastive_divergence: solution::contrastive_divergence,
};

type Layer = fn(&Array2<f64>, &Array1<f64>, &Array2<f64>) -> Array2<f64>;
type Energy = fn(&Array2<f64>, &Array1<f64>, &Array1<f64>, &Array2<f64>) -> Array1<f64>;
type Step = fn(&Array2<f64>, &Array1<f64>, &Array1<f64>, &Array2<f64>, &Array2<f64>) -> Growth;

/// Mistakes, with words to tell them.
pub(super) const HIDDEN: [(Layer, &str); 3] = [
    (|w, b, v| v.dot(w) + b, "this is z: σ is missing"),
    (|w, b, v| solution::hidden(w, &(0.0 * b), v), "the biases of the hidden units are missing"),
    (
        |w, b, v| solution::hidden(w, b, v).mapv(f64::round),
        "these are units that are on or off: the probabilities are asked for",
    ),
];

/// Mistakes, with words to tell them.
pub(super) const VISIBLE: [(Layer, &str); 3] = [
    (|w, a, h| h.dot(&w.t()) + a, "this is z: σ is missing"),
    (no_visible_biases, "the biases of the visible units are missing"),
    (
        |w, a, h| solution::visible(w, a, h).mapv(f64::round),
        "these are pixels that are black or white: the probabilities are asked for",
    ),
];

/// Mistakes, with words to tell them.
pub(super) const ENERGY: [(Energy, &str); 6] = [
    (
        |w, a, b, v| -solution::free_energy(w, a, b, v),
        "the sign is wrong: the more probable an image, the lower its free energy",
    ),
    (|w, a, b, v| solution::free_energy(w, &(0.0 * a), b, v), "the visible units' own term, −a·v, is missing"),
    (
        |w, a, b, v| solution::free_energy(w, a, b, v) + 2.0 * v.dot(a),
        "the term of the visible units has the wrong sign: it is −a·v",
    ),
    (z_alone, "this has Σ z in it, not Σ ln(1 + e^z): a hidden unit may also be off"),
    (
        one_state,
        "this is the energy with the hidden units at their probabilities; the free energy is for all of their states together",
    ),
    (
        |w, a, b, v| Array1::from_elem(v.nrows(), solution::free_energy(w, a, b, v).mean().unwrap_or(0.0)),
        "the mean over the examples: each has a free energy of its own",
    ),
];

/// Mistakes, with words to tell them.
pub(super) const GROWTH: [(Step, &str); 10] = [
    (minus, "the sign is wrong: this lowers what it has dreamt, and raises the image"),
    (sums, "these are sums over the examples: the means are asked for"),
    (not_drawn, "v′ was made of the probabilities p: it is made of h, units that are on or off"),
    (drawn_the_wrong_way, "a unit is on where the random number is less than p: here it is on where it is more"),
    (drawn_for_image, "for the image, w and b grow by p, and not by the h that was drawn: that is one only for v′"),
    (not_looked_at_again, "p′ belongs to v′: here the hidden units of the image stand in both terms"),
    (drawn_again, "p′ are probabilities: nothing is drawn at the end"),
    (dream_alone, "v′ p′ alone: how much more probable the image should become is missing"),
    (image_alone, "v p alone: without the dream nothing holds the weights back"),
    (pixels_drawn, "v′ are probabilities: here they are black or white"),
];

fn no_visible_biases(w: &Array2<f64>, a: &Array1<f64>, h: &Array2<f64>) -> Array2<f64> {
    solution::visible(w, &(0.0 * a), h)
}

fn z_alone(w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>, v: &Array2<f64>) -> Array1<f64> {
    -v.dot(a) - (v.dot(w) + b).sum_axis(Axis(1))
}

fn one_state(w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>, v: &Array2<f64>) -> Array1<f64> {
    -v.dot(a) - ((v.dot(w) + b) * solution::hidden(w, b, v)).sum_axis(Axis(1))
}

/// What there is before anything is subtracted.
struct Parts {
    p: Array2<f64>,
    h: Array2<f64>,
    dreamt: Array2<f64>,
    again: Array2<f64>,
}

/// With another way to draw the hidden units from their probabilities and random numbers.
fn parts(
    w: &Array2<f64>,
    a: &Array1<f64>,
    b: &Array1<f64>,
    v: &Array2<f64>,
    uniform: &Array2<f64>,
    draw: fn(f64, f64) -> f64,
) -> Parts {
    let p = solution::hidden(w, b, v);
    let h = Zip::from(&p).and(uniform).map_collect(|&p, &u| draw(p, u));
    let dreamt = solution::visible(w, a, &h);
    Parts { again: solution::hidden(w, b, &dreamt), p, h, dreamt }
}

fn drawn(p: f64, u: f64) -> f64 {
    if u < p { 1.0 } else { 0.0 }
}

/// v times p less v′ times p′, and so on.
fn growth(v: &Array2<f64>, p: &Array2<f64>, dreamt: &Array2<f64>, again: &Array2<f64>) -> Growth {
    let examples = v.nrows() as f64;
    let dw = (v.t().dot(p) - dreamt.t().dot(again)) / examples;
    (dw, (v - dreamt).sum_axis(Axis(0)) / examples, (p - again).sum_axis(Axis(0)) / examples)
}

fn minus(w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>, v: &Array2<f64>, uniform: &Array2<f64>) -> Growth {
    let (dw, da, db) = solution::contrastive_divergence(w, a, b, v, uniform);
    (-dw, -da, -db)
}

fn sums(w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>, v: &Array2<f64>, uniform: &Array2<f64>) -> Growth {
    let (dw, da, db) = solution::contrastive_divergence(w, a, b, v, uniform);
    let examples = v.nrows() as f64;
    (dw * examples, da * examples, db * examples)
}

fn not_drawn(w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>, v: &Array2<f64>, uniform: &Array2<f64>) -> Growth {
    let parts = parts(w, a, b, v, uniform, |p, _| p);
    growth(v, &parts.p, &parts.dreamt, &parts.again)
}

fn drawn_the_wrong_way(
    w: &Array2<f64>,
    a: &Array1<f64>,
    b: &Array1<f64>,
    v: &Array2<f64>,
    uniform: &Array2<f64>,
) -> Growth {
    let parts = parts(w, a, b, v, uniform, |p, u| 1.0 - drawn(p, u));
    growth(v, &parts.p, &parts.dreamt, &parts.again)
}

fn drawn_for_image(
    w: &Array2<f64>,
    a: &Array1<f64>,
    b: &Array1<f64>,
    v: &Array2<f64>,
    uniform: &Array2<f64>,
) -> Growth {
    let parts = parts(w, a, b, v, uniform, drawn);
    growth(v, &parts.h, &parts.dreamt, &parts.again)
}

fn not_looked_at_again(
    w: &Array2<f64>,
    a: &Array1<f64>,
    b: &Array1<f64>,
    v: &Array2<f64>,
    uniform: &Array2<f64>,
) -> Growth {
    let parts = parts(w, a, b, v, uniform, drawn);
    growth(v, &parts.p, &parts.dreamt, &parts.p)
}

fn drawn_again(w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>, v: &Array2<f64>, uniform: &Array2<f64>) -> Growth {
    let parts = parts(w, a, b, v, uniform, drawn);
    let again = Zip::from(&parts.again).and(uniform).map_collect(|&p, &u| drawn(p, u));
    growth(v, &parts.p, &parts.dreamt, &again)
}

fn dream_alone(w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>, v: &Array2<f64>, uniform: &Array2<f64>) -> Growth {
    let parts = parts(w, a, b, v, uniform, drawn);
    growth(&(0.0 * v), &(0.0 * &parts.p), &parts.dreamt, &parts.again)
}

fn image_alone(w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>, v: &Array2<f64>, uniform: &Array2<f64>) -> Growth {
    let parts = parts(w, a, b, v, uniform, drawn);
    growth(v, &parts.p, &(0.0 * v), &(0.0 * &parts.p))
}

fn pixels_drawn(w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>, v: &Array2<f64>, uniform: &Array2<f64>) -> Growth {
    let parts = parts(w, a, b, v, uniform, drawn);
    let dreamt = parts.dreamt.mapv(f64::round);
    growth(v, &parts.p, &dreamt, &solution::hidden(w, b, &dreamt))
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    let step = |name, mistake, check, step: Step| WrongAnswer {
        name,
        mistake,
        caught_by: ("contrastive_divergence", check),
        exercise: exercise(Answers { contrastive_divergence: step, ..RIGHT }),
    };
    const ONE: &str = "one example, against finite differences";
    vec![
        WrongAnswer {
            name: "no-visible-biases",
            mistake: "The visible units' biases are forgotten on the way down.",
            caught_by: ("visible", "two units and one"),
            exercise: exercise(Answers { visible: no_visible_biases, ..RIGHT }),
        },
        WrongAnswer {
            name: "hidden-units-all-on",
            mistake: "The free energy has z where it should have ln(1 + e^z).",
            caught_by: ("free_energy", "all states of small machines, one by one"),
            exercise: exercise(Answers { free_energy: z_alone, ..RIGHT }),
        },
        WrongAnswer {
            name: "energy-at-the-probabilities",
            mistake: "The energy of a single state, in which the hidden units are at their probabilities.",
            caught_by: ("free_energy", "all states of small machines, one by one"),
            exercise: exercise(Answers { free_energy: one_state, ..RIGHT }),
        },
        step("uphill", "The dream becomes more probable, and the image less.", ONE, minus),
        step(
            "nothing-drawn",
            "The dream is made of probabilities, and not of units that are on or off.",
            ONE,
            not_drawn,
        ),
        step("drawn-the-wrong-way", "A unit is on where the random number is larger than p.", ONE, drawn_the_wrong_way),
        step(
            "drawn-for-the-image",
            "The drawn units stand in the first term, too, where their probabilities belong.",
            ONE,
            drawn_for_image,
        ),
        step(
            "not-looked-at-again",
            "The hidden units are not worked out once more for the dream.",
            ONE,
            not_looked_at_again,
        ),
        step("drawn-at-the-end", "The hidden units of the dream are drawn, too.", ONE, drawn_again),
        step("sum-for-mean", "The examples are added up.", "several examples, against finite differences", sums),
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers {
        hidden: |w, _, v| Array2::zeros((v.nrows(), w.ncols())),
        visible: |w, _, h| Array2::zeros((h.nrows(), w.nrows())),
        free_energy: |_, _, _, v| Array1::zeros(v.nrows()),
        contrastive_divergence: |w, a, b, _, _| (0.0 * w, 0.0 * a, 0.0 * b),
    };
    let input = Answers {
        hidden: |_, _, v| v.clone(),
        visible: |_, _, h| h.clone(),
        free_energy: |_, _, _, v| v.sum_axis(Axis(1)),
        contrastive_divergence: |w, a, b, _, _| (w.clone(), a.clone(), b.clone()),
    };
    let half = Answers {
        hidden: |w, _, v| Array2::from_elem((v.nrows(), w.ncols()), 0.5),
        visible: |w, _, h| Array2::from_elem((h.nrows(), w.nrows()), 0.5),
        free_energy: |_, _, _, v| Array1::from_elem(v.nrows(), 0.5),
        contrastive_divergence: |w, a, b, _, _| {
            (Array2::from_elem(w.raw_dim(), 0.5), Array1::from_elem(a.len(), 0.5), Array1::from_elem(b.len(), 0.5))
        },
    };
    [zero, input, half].map(exercise).into()
}
