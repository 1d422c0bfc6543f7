//! What goes wrong when images are distorted.

use super::{
    Answers, Images, exercise,
    fields::{pushed, truncated},
};
use crate::{Exercise, WrongAnswer};
use ndarray::Array2;
use solutions::ex08_distortion as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    warp: solution::warp,
    affine: solution::affine,
    elastic: solution::elastic,
    distorted: solution::distorted,
};

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "towards-zero",
            mistake: "Positions between pixels are rounded towards zero instead of down.",
            caught_by: ("warp", "beyond the edge"),
            exercise: exercise(Answers { warp: |x, field| truncated(x, field, true), ..RIGHT }),
        },
        WrongAnswer {
            name: "pushed-along",
            mistake: "Pixels are pushed along the field instead of fetched from where it points.",
            caught_by: ("warp", "whole pixels"),
            exercise: exercise(Answers { warp: pushed, ..RIGHT }),
        },
        WrongAnswer {
            name: "turned-other-way",
            mistake: "Rows count downwards, so a turn that looks counter-clockwise on paper is clockwise.",
            caught_by: ("affine", "a quarter turn"),
            exercise: exercise(Answers {
                affine: |shape, skew, angle, by| solution::affine(shape, skew, -angle, by),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "not-normalised",
            mistake: "The Gaussian's weights are not divided by their sum.",
            caught_by: ("elastic", "a single spot of noise"),
            exercise: exercise(Answers { elastic: without_sum, ..RIGHT }),
        },
        WrongAnswer {
            name: "seeded-each-time",
            mistake: "The random numbers begin anew for each image: all are distorted in the same way.",
            caught_by: ("distorted", "each image its own distortion"),
            exercise: exercise(Answers { distorted: seeded_each_time, ..RIGHT }),
        },
        WrongAnswer {
            name: "made-beforehand",
            mistake: "All images are distorted at once and stored.",
            caught_by: ("distorted", "nothing before it is asked for"),
            exercise: exercise(Answers { distorted: beforehand, ..RIGHT }),
        },
    ]
}

fn without_sum(noise: &Array2<f64>, alpha: f64, sigma: f64) -> Array2<f64> {
    let radius = (3.0 * sigma).ceil() as i32;
    let total: f64 = (-radius..=radius).map(|k| (-f64::from(k * k) / (2.0 * sigma * sigma)).exp()).sum();
    solution::elastic(noise, alpha, sigma) * (total * total)
}

fn seeded_each_time<'a>(images: Images<'a>, strength: f64, seed: u64) -> Images<'a> {
    Box::new(images.flat_map(move |x| solution::distorted(Box::new(std::iter::once(x)), strength, seed)))
}

fn beforehand<'a>(images: Images<'a>, strength: f64, seed: u64) -> Images<'a> {
    Box::new(solution::distorted(images, strength, seed).collect::<Vec<_>>().into_iter())
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    [
        Answers {
            warp: |x, _| Array2::zeros(x.raw_dim()),
            affine: |shape, _, _, _| [Array2::zeros(shape), Array2::zeros(shape)],
            elastic: |noise, _, _| Array2::zeros(noise.raw_dim()),
            distorted: |images, _, _| Box::new(images.map(|x| x * 0.0)),
        },
        Answers {
            warp: |x, _| x.clone(),
            affine: |_, _, _, _| [Array2::zeros((0, 0)), Array2::zeros((0, 0))],
            elastic: |noise, _, _| noise.clone(),
            distorted: |images, _, _| images,
        },
        Answers {
            warp: |x, _| Array2::ones(x.raw_dim()),
            affine: |shape, _, _, _| [Array2::ones(shape), Array2::ones(shape)],
            elastic: |noise, _, _| Array2::ones(noise.raw_dim()),
            distorted: |_, _, _| Box::new(std::iter::empty()),
        },
    ]
    .map(exercise)
    .into()
}
