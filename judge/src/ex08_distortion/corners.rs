//! Shapes and places that are easily overlooked.

use super::{Answers, Field, fields::compare_fields};
use crate::{Random, Verdict, compare};
use ndarray::Array2;
use solutions::ex08_distortion as solution;

const SHAPES: [(usize, usize); 7] = [(1, 1), (1, 6), (5, 1), (2, 2), (4, 6), (7, 8), (9, 4)];

/// `affine` about another centre.
fn about(shape: (usize, usize), centre: (f64, f64), skew: f64, angle: f64, by: (f64, f64)) -> Field {
    let (sin, cos) = angle.sin_cos();
    let from = |(i, j): (usize, usize)| {
        let (u, v) = (i as f64 - centre.0 - by.0, j as f64 - centre.1 - by.1);
        let (u, v) = (cos * u + sin * v, cos * v - sin * u);
        (u + centre.0, v - skew * u + centre.1)
    };
    [
        Array2::from_shape_fn(shape, |to| from(to).0 - to.0 as f64),
        Array2::from_shape_fn(shape, |to| from(to).1 - to.1 as f64),
    ]
}

/// Heights and widths that are even, odd and 1; angles beyond a quarter turn.
pub fn any_shape(a: Answers) -> Verdict {
    const MIDDLE: &str = "the centre of an even number of rows lies between two of them, at (height − 1)/2: is that \
        computed with whole numbers?";
    for shape in SHAPES {
        let halves = (shape.0 as f64 / 2.0, shape.1 as f64 / 2.0);
        let below = (((shape.0 - 1) / 2) as f64, ((shape.1 - 1) / 2) as f64);
        for (skew, angle, by) in [
            (0.0, 0.0, (0.0, 0.0)),
            (0.0, 0.0, (0.25, -3.0)),
            (0.5, 0.0, (0.0, 0.0)),
            (0.0, -0.3, (0.0, 0.0)),
            (-0.7, 2.5, (1.5, 0.5)),
            (1e-9, 1e-9, (0.0, 0.0)),
        ] {
            let suspects = [
                (about(shape, below, skew, angle, by), MIDDLE),
                (
                    about(shape, halves, skew, angle, by),
                    "the centre is at (height − 1)/2: pixels are numbered from 0, so height/2 is half a pixel too far",
                ),
                (
                    about(shape, (below.1, below.0), skew, angle, by),
                    "rows and columns of the centre have changed places",
                ),
            ];
            let what = format!("shape {shape:?}, skew {skew}, angle {angle}, move {by:?}");
            let got = (a.affine)(shape, skew, angle, by);
            compare_fields(&what, &solution::affine(shape, skew, angle, by), &got, &suspects).map_err(|wrong| {
                wrong.or_because(
                    "an image may be oblong, of even height and a single column wide, and turn as far as it likes",
                )
            })?;
        }
    }
    Ok(())
}

/// Places on the last row, between the last row and paper, exactly on pixels, halfway, and far away; pixels of any
/// size.
pub fn any_place(a: Answers) -> Verdict {
    let random = &mut Random::new(88);
    for shape in SHAPES {
        for size in [1.0, 1e-150, 1e150] {
            let x: Array2<f64> = size * random.array(shape);
            for (what, step) in [
                ("a move by half a pixel", 0.5),
                ("a move by a hair", 1e-12),
                ("a move by a pixel", -1.0),
                ("a move out of sight", 1e6),
                ("a move the other way", -1e12),
            ] {
                let field = [Array2::from_elem(shape, step), Array2::from_elem(shape, -step)];
                judge_place(a, &format!("{what}, image {shape:?} of about {size}"), size, &x, &field)?;
            }
            let mut halves = || random.array(shape).mapv(|k: f64| (6.0 * k).round() / 2.0);
            let field = [halves(), halves()];
            judge_place(
                a,
                &format!("places on pixels and halfway, image {shape:?} of about {size}"),
                size,
                &x,
                &field,
            )?;
        }
    }
    Ok(())
}

fn judge_place(a: Answers, what: &str, size: f64, x: &Array2<f64>, field: &Field) -> Verdict {
    compare(&format!("y, {what}"), &solution::warp(x, field), &(a.warp)(x, field)).of_size(size).verdict().map_err(
        |wrong| {
            wrong.or_because("places may lie on the last row, beside it and far outside, and pixels be of any size")
        },
    )
}
