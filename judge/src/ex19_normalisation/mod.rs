//! Local response normalisation, there and back.

mod corners;
mod network;
pub mod wrong;

use crate::measure::measure;
use crate::plugged::{self, Note};
use crate::{Check, Exercise, Random, Verdict, Wrong, compare};
use ndarray::{Array3, array};
use network3::ops::{Normalise, normalise};
use network3::{Activation, Shape, Spec};
use solutions::ex19_normalisation as solution;
use std::ops::Range;
use wrong::{BACKWARD, FORWARD, NEIGHBOURS};

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub neighbours: fn(usize, usize, usize) -> Range<usize>,
    pub forward: fn(&Array3<f64>, usize, f64, f64, f64) -> Array3<f64>,
    pub backward: fn(&Array3<f64>, &Array3<f64>, usize, f64, f64, f64) -> Array3<f64>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex19_normalisation",
        read_on: "the library's own answer, src/ops/normalise/reference.rs, and its quick one beside it",
        checks: vec![
            check("neighbours", "few maps", few_maps),
            check("neighbours", "narrow, wide and very large", corners::neighbours),
            check("forward", "one place of four maps", one_place),
            check("forward", "random images", random_images),
            check("forward", "all shapes, sizes and constants", corners::forward),
            check("backward", "against finite differences", measured),
            check("backward", "all shapes, sizes and constants", corners::backward),
            check("backward", "both in a network, against finite differences", network_measured),
            check("backward", "both train a network", network_learns),
        ],
    }
    .otherwise(&[
        (
            "neighbours",
            "from c − ⌊size/2⌋ to c + ⌊size/2⌋, as far as there are maps: what is the first, and one past the last?",
        ),
        ("forward", "x[c] / (k + α Σ x[c′]²)^β: is the sum over maps, at one and the same place?"),
        (
            "backward",
            "dy[c]/s[c]^β − 2αβ x[c] Σ dy[c′] x[c′]/s[c′]^(β + 1): which of these belong to c, and which to c′?",
        ),
    ])
}

fn few_maps(a: Answers) -> Verdict {
    let cases = [(2, 3, 6), (0, 3, 6), (5, 3, 6), (3, 5, 7), (1, 5, 7), (5, 5, 7), (2, 1, 4), (1, 7, 3), (0, 3, 1)];
    judge_neighbours(a, &cases)
}

fn judge_neighbours(a: Answers, cases: &[(usize, usize, usize)]) -> Verdict {
    cases.iter().try_for_each(|&(c, size, maps)| {
        let (expected, got) = (solution::neighbours(c, size, maps), (a.neighbours)(c, size, maps));
        if got == expected {
            return Ok(());
        }
        let suspects = NEIGHBOURS.iter().map(|(f, why)| (*why, f(c, size, maps) == got));
        Wrong::new(format!("neighbours({c}, {size}, {maps}): expected {expected:?}, got {got:?}"))
            .suspect(suspects)
            .verdict()
    })
}

/// The constants: size, k, α and β.
type Constants = (usize, f64, f64, f64);

fn words((size, k, alpha, beta): Constants) -> String {
    format!("size {size}, k {k}, α {alpha}, β {beta}")
}

/// The library's normalisation of x.
fn library(x: &Array3<f64>, (size, k, alpha, beta): Constants) -> Array3<f64> {
    let (height, width, maps) = x.dim();
    let op = Normalise::new(Shape::image(maps, height, width), size, k, alpha, beta).expect("allowed constants");
    let mut y = Array3::zeros(x.raw_dim());
    let x = x.as_slice().expect("made in row-major order");
    normalise::reference::forward(&op, x, y.as_slice_mut().expect("made in row-major order"));
    y
}

fn one_place(a: Answers) -> Verdict {
    let x = array![[[2.0, 2.0, 4.0, -2.0]]];
    let expected = array![[[2.0 / 3.0, 2.0 / 5.0, 4.0 / 5.0, -2.0 / 21f64.sqrt()]]];
    let constants = (3, 1.0, 1.0, 0.5);
    let what = format!("forward([2, 2, 4, -2], {}) → y", words(constants));
    judge_forward(a, &what, &expected, &x, constants)
}

fn judge_forward(a: Answers, what: &str, expected: &Array3<f64>, x: &Array3<f64>, constants: Constants) -> Verdict {
    let (size, k, alpha, beta) = constants;
    let mistakes = FORWARD.map(|(f, why)| (f(x, constants), why));
    compare(what, expected, &(a.forward)(x, size, k, alpha, beta)).suspects(mistakes).verdict()
}

/// A made-up image, a gradient of what it is normalised to, and constants for which the neighbours matter.
fn several() -> impl Iterator<Item = (Array3<f64>, Array3<f64>, Constants)> {
    (1..=8).map(|seed| {
        let random = &mut Random::new(1900 + seed);
        let shape = (random.integer(1, 4), random.integer(1, 4), random.integer(4, 9));
        let constants = ([3, 5, 7][random.integer(0, 3)], 1.5, 0.75, 0.75);
        (2.0 * random.array(shape), random.array(shape), constants)
    })
}

fn random_images(a: Answers) -> Verdict {
    several().try_for_each(|(x, _, constants)| {
        let what = format!("forward(x {:?}, {}) → y", x.shape(), words(constants));
        judge_forward(a, &what, &library(&x, constants), &x, constants)
    })
}

fn measured(a: Answers) -> Verdict {
    several().try_for_each(|(x, dy, constants)| {
        let expected = measure(&x, |x| (&library(x, constants) * &dy).sum());
        let (size, k, alpha, beta) = constants;
        let what = format!("backward(x and dy {:?}, {}) → dx", x.shape(), words(constants));
        let mistakes = BACKWARD.map(|(f, why)| (f(&x, &dy, constants), why));
        let got = (a.backward)(&x, &dy, size, k, alpha, beta);
        compare(&what, &expected, &got).within(1e-6).suspects(mistakes).verdict()
    })
}

fn network_measured(a: Answers) -> Verdict {
    let conv = |filters| Spec::conv(filters, (3, 3), Activation::Tanh);
    let normalise = |size| Spec::Normalise { size, k: 0.5, alpha: 2.0, beta: 0.75 };
    let layers = [conv(5), normalise(3), conv(4), normalise(5), Spec::softmax(3)];
    let note = Note::default();
    let yours = network::Yours { answers: a, note: note.clone() };
    plugged::has_right_gradients(Shape::image(2, 7, 6), &layers, yours, &note)
}

fn network_learns(a: Answers) -> Verdict {
    let normalise = Spec::Normalise { size: 3, k: 1.0, alpha: 0.5, beta: 0.75 };
    let layers = [Spec::conv_pool(4, (5, 5), (2, 2), Activation::Relu), normalise, Spec::softmax(10)];
    let note = Note::default();
    let yours = network::Yours { answers: a, note: note.clone() };
    plugged::learns(&layers, yours, &note)
}
