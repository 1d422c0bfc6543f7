//! Shapes, sizes and constants that are easily overlooked.

use super::{Answers, Constants, judge_neighbours, words};
use crate::{Random, Verdict, compare};
use ndarray::{Array3, array, s};
use solutions::ex19_normalisation as solution;

pub fn neighbours(a: Answers) -> Verdict {
    const MAX: usize = usize::MAX;
    let cases = [
        (0, 1, 1),
        (4, 1, 5),
        (2, MAX, 5),
        (0, MAX, MAX),
        (MAX - 1, 3, MAX),
        (MAX - 1, MAX, MAX),
        (50, 99, 96),
        (95, 5, 96),
        (1, 3, 2),
    ];
    judge_neighbours(a, &cases)
        .map_err(|wrong| wrong.or_because("does anything on the way become too large, or less than zero?"))
}

const WHY: &str = "images may have one map or place, units may be as small, large and unlike as they like, size may be more \
    than there are maps, and α and β zero";

/// Images of all shapes and sizes, with constants.
fn images() -> Vec<(Array3<f64>, Constants)> {
    let random = &mut Random::new(1930);
    let mut all = vec![];
    let constants =
        [(1, 2.0, 1e-4, 0.75), (3, 1.0, 1.0, 2.0), (5, 0.1, 3.0, 0.5), (9, 7.0, 0.0, 1.0), (3, 2.0, 1.0, 0.0)];
    for shape in [(1, 1, 1), (1, 1, 2), (1, 4, 3), (3, 1, 6), (2, 2, 10)] {
        for constants in constants {
            for size in [1.0, 0.0, 1e-7, 1e-100, 1e60] {
                all.push((size * random.array(shape), constants));
            }
            // A loud map beside soft ones.
            let mut x: Array3<f64> = random.array(shape);
            x.slice_mut(s![.., .., 0]).fill(1e10);
            all.push((x, constants));
        }
    }
    all.push((array![[[3.0, -3.0, 3.0]], [[0.0, -1.0, 0.0]]], (3, 1.0, 1.0, 0.75)));
    all
}

fn largest(x: &Array3<f64>) -> f64 {
    x.fold(0.0, |largest: f64, x| largest.max(x.abs()))
}

pub fn forward(a: Answers) -> Verdict {
    images().into_iter().try_for_each(|(x, constants)| {
        let (size, k, alpha, beta) = constants;
        let what = format!("forward(x {:?}, up to {:.0e}, {}) → y", x.shape(), largest(&x), words(constants));
        let expected = solution::forward(&x, size, k, alpha, beta);
        compare(&what, &expected, &(a.forward)(&x, size, k, alpha, beta))
            .of_size(0.0)
            .verdict()
            .map_err(|wrong| wrong.or_because(WHY))
    })
}

pub fn backward(a: Answers) -> Verdict {
    let random = &mut Random::new(1931);
    images().into_iter().try_for_each(|(x, constants)| {
        let (size, k, alpha, beta) = constants;
        let what = format!("backward(x {:?}, up to {:.0e}, {}) → dx", x.shape(), largest(&x), words(constants));
        let dy = random.array(x.raw_dim());
        let expected = solution::backward(&x, &dy, size, k, alpha, beta);
        compare(&what, &expected, &(a.backward)(&x, &dy, size, k, alpha, beta))
            .of_size(largest(&expected))
            .verdict()
            .map_err(|wrong| wrong.or_because(WHY))
    })
}
