//! What goes wrong when the dead are counted.

use super::{Answers, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array1, Array3, Axis, s};
use solutions::ex18_dead_units as solution;

type Dead = fn(&Array3<f64>, &Array1<f64>, &Array3<f64>) -> Vec<usize>;
type Hopeless = fn(&Array3<f64>, &Array1<f64>) -> Vec<usize>;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers { dead: solution::dead, hopeless: solution::hopeless };

/// Mistakes, with words to tell them.
pub const DEAD: [(Dead, &str); 4] = [
    (on_any_image, "a kernel that is off on one image may be active on another: it is dead when it is off on all"),
    (without_bias, "the bias is missing"),
    (flipped, "the kernel is flipped: z[i, j] has x[i + l, j + m], with a plus"),
    (
        last_windows_missing,
        "the last row and the last column of windows are missing: there are height − kernel height + 1",
    ),
];
/// Mistakes, with words to tell them.
pub const HOPELESS: [(Hopeless, &str); 3] = [
    (all_weights, "negative weights count too here: but the best image has no ink under them"),
    (bias_alone, "a negative bias alone is not hopeless: the weights may make up for it"),
    (largest_weight, "one weight counts here: the best image has ink under all that are positive"),
];

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "on-any-image",
            mistake: "A kernel counts as dead when it is off on one of the images.",
            caught_by: ("dead", "several images"),
            exercise: exercise(Answers { dead: on_any_image, ..RIGHT }),
        },
        WrongAnswer {
            name: "without-bias",
            mistake: "The weighted sum is looked at before the bias is added.",
            caught_by: ("dead", "one image"),
            exercise: exercise(Answers { dead: without_bias, ..RIGHT }),
        },
        WrongAnswer {
            name: "last-windows-missing",
            mistake: "Windows are counted up to height − kernel height, without the one that begins there.",
            caught_by: ("dead", "one image"),
            exercise: exercise(Answers { dead: last_windows_missing, ..RIGHT }),
        },
        WrongAnswer {
            name: "zero-is-active",
            mistake: "A z of zero counts as active, though max(0, z) and its slope are zero.",
            caught_by: ("dead", "exactly zero"),
            exercise: exercise(Answers {
                dead: |w, b, images| solution::dead(w, &b.mapv(|b| b + 1e-12), images),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "all-weights",
            mistake: "The best image is taken to be all black, though ink under a negative weight does harm.",
            caught_by: ("hopeless", "made-up kernels"),
            exercise: exercise(Answers { hopeless: all_weights, ..RIGHT }),
        },
        WrongAnswer {
            name: "bias-alone",
            mistake: "Every kernel with a negative bias is given up.",
            caught_by: ("hopeless", "made-up kernels"),
            exercise: exercise(Answers { hopeless: bias_alone, ..RIGHT }),
        },
    ]
}

fn on_any_image(w: &Array3<f64>, b: &Array1<f64>, images: &Array3<f64>) -> Vec<usize> {
    let off_on = |image| solution::dead(w, b, &images.index_axis(Axis(0), image).insert_axis(Axis(0)).to_owned());
    let off: Vec<Vec<usize>> = (0..images.len_of(Axis(0))).map(off_on).collect();
    (0..b.len()).filter(|f| off.iter().any(|off| off.contains(f))).collect()
}

fn without_bias(w: &Array3<f64>, b: &Array1<f64>, images: &Array3<f64>) -> Vec<usize> {
    solution::dead(w, &Array1::zeros(b.len()), images)
}

fn flipped(w: &Array3<f64>, b: &Array1<f64>, images: &Array3<f64>) -> Vec<usize> {
    solution::dead(&w.slice(s![.., ..;-1, ..;-1]).to_owned(), b, images)
}

fn last_windows_missing(w: &Array3<f64>, b: &Array1<f64>, images: &Array3<f64>) -> Vec<usize> {
    let (_, height, width) = images.dim();
    if height <= w.len_of(Axis(1)) || width <= w.len_of(Axis(2)) {
        return (0..b.len()).collect();
    }
    solution::dead(w, b, &images.slice(s![.., ..height - 1, ..width - 1]).to_owned())
}

fn all_weights(w: &Array3<f64>, b: &Array1<f64>) -> Vec<usize> {
    (0..b.len()).filter(|&f| b[f] + w.index_axis(Axis(0), f).sum() <= 0.0).collect()
}

fn bias_alone(_: &Array3<f64>, b: &Array1<f64>) -> Vec<usize> {
    (0..b.len()).filter(|&f| b[f] < 0.0).collect()
}

fn largest_weight(w: &Array3<f64>, b: &Array1<f64>) -> Vec<usize> {
    let largest = |f| w.index_axis(Axis(0), f).iter().fold(0.0, |largest: f64, &w| largest.max(w));
    (0..b.len()).filter(|&f| b[f] + largest(f) <= 0.0).collect()
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    [
        Answers { dead: |_, _, _| vec![], hopeless: |_, _| vec![] },
        Answers { dead: |_, b, _| (0..b.len()).collect(), hopeless: |_, b| (0..b.len()).collect() },
        Answers { dead: |_, _, _| vec![0], hopeless: |_, _| vec![0] },
    ]
    .map(exercise)
    .into()
}
