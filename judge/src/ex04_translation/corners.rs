//! Images and moves that are easily overlooked.

use super::Answers;
use crate::{Random, Verdict, compare, number};
use ndarray::{Array2, array, s};
use solutions::ex04_translation as solution;

pub fn any_move(a: Answers) -> Verdict {
    let random = &mut Random::new(401);
    for shape in [(1, 1), (1, 6), (6, 1), (4, 4), (3, 8)] {
        let x: Array2<f64> = random.array(shape);
        for by in [-7, -4, -1, 0, 1, 3, 5, 1_000_000, isize::MAX, isize::MIN] {
            for (down, right) in [(by, 0), (0, by), (by, by), (by, 1)] {
                let what = format!("an image of {shape:?} moved {down} down and {right} right");
                compare(&what, &solution::translate(&x, down, right), &(a.translate)(&x, down, right))
                    .verdict()
                    .map_err(|wrong| wrong.or_because("any move will do, and what moves in is zero"))?;
            }
        }
    }
    Ok(())
}

pub fn any_images(a: Answers) -> Verdict {
    let random = &mut Random::new(402);
    let why =
        "any difference counts, and only images that are blank, all zero, are: sums may cancel, numbers may be small";
    for (shape, margin) in [((1, 1), 0), ((3, 3), 1), ((2, 9), 0), ((9, 4), 1), ((8, 6), 2)] {
        for (size, near) in [(1.0, 1.0), (1e-30, 1.0), (1e100, 1.0), (1.0, 1e-7), (1.0, 1e9)] {
            let x: Array2<f64> = size * random.array(shape);
            let y = &x + &(near * size * random.array(shape));
            let expected = solution::distance(&x, &y, margin);
            number(
                &format!("distance of two images of {shape:?}, of about {size}, margin {margin}"),
                expected,
                (a.distance)(&x, &y, margin),
            )
            .of_size(near.min(1.0))
            .within(1e-6)
            .verdict()
            .map_err(|wrong| wrong.or_because(why))?;
        }
    }
    let cancel = array![[3.0, -3.0], [-1.0, 1.0]];
    let blank = Array2::zeros((2, 2));
    for (x, y) in [(&cancel, &blank), (&blank, &cancel), (&cancel, &(2.0 * &cancel)), (&blank, &(1e-30 * &cancel))] {
        let what = format!("distance from {x} to {y}");
        number(&what, solution::distance(x, y, 0), (a.distance)(x, y, 0))
            .verdict()
            .map_err(|wrong| wrong.or_because(why))?;
    }
    let mut inside = Array2::ones((6, 6));
    inside.slice_mut(s![2..4, 2..4]).fill(0.0);
    let what = "distance from an image that is blank but for its margin to one that is not, margin 2";
    number(what, f64::INFINITY, (a.distance)(&inside, &Array2::ones((6, 6)), 2))
        .verdict()
        .map_err(|wrong| wrong.or_because("only the interior counts"))
}

pub fn any_reach(a: Answers) -> Verdict {
    let random = &mut Random::new(403);
    // It moves an image by (1, −2) and changes it a little.
    let f = |x: &Array2<f64>| solution::translate(x, 1, -2).mapv(|x| x + 0.1 * x * x);
    let biased = |x: &Array2<f64>| {
        Array2::from_shape_fn(x.raw_dim(), |(i, j)| x[[i, j]] * (1.0 + 0.1 * i as f64 - 0.05 * j as f64))
    };
    let x: Array2<f64> = random.array((13, 10));
    for (by, reach, margin) in [
        ((2, -2), 2, 2),
        ((-3, 3), 3, 3),
        ((0, 3), 2, 3),
        ((-1, 0), 0, 2),
        ((1, 1), 1, 0),
        ((0, 0), 3, 1),
        ((4, -1), 12, 3),
    ] {
        for (f, words) in
            [(&f as &dyn Fn(&Array2<f64>) -> Array2<f64>, "a map that moves"), (&biased, "a map that knows places")]
        {
            let expected = solution::shortfall(f, &x, by, reach, margin);
            number(
                &format!("{words}, x moved by {by:?}, reach {reach}, margin {margin}"),
                expected,
                (a.shortfall)(f, &x, by, reach, margin),
            )
            .verdict()
            .map_err(|wrong| {
                wrong.or_because(
                    "T′ may be any of (2·reach + 1)² moves, corners included; the smallest distance is asked for",
                )
            })?;
        }
    }
    just_out_of_reach(a)?;
    let nothing = |x: &Array2<f64>| x.mapv(|_| 0.0);
    number("a map to blank images", 0.0, (a.shortfall)(&nothing, &x, (1, 1), 1, 1)).verdict()
}

/// The move itself is the only T′ that fits, and lies one row or one column beyond the reach; then exactly at its end.
fn just_out_of_reach(a: Answers) -> Verdict {
    let x: Array2<f64> = Random::new(404).array((9, 11));
    let still = |x: &Array2<f64>| x.clone();
    for reach in [0, 1, 2] {
        for beyond in [1, 0] {
            let far = reach + beyond;
            for by in [(far, 0), (-far, 0), (0, far), (0, -far), (far, -reach), (-reach, far)] {
                let expected = solution::shortfall(&still, &x, by, reach, 3);
                let what = format!("f(x) = x, x moved by {by:?}, reach {reach}, margin 3");
                number(&what, expected, (a.shortfall)(&still, &x, by, reach, 3)).verdict().map_err(|wrong| {
                    wrong.or_because("T′ goes up to `reach` rows and columns, in all four directions, and no further")
                })?;
            }
        }
    }
    Ok(())
}
