//! One image and one field.

use super::{Answers, Field};
use crate::{Random, Verdict, compare};
use ndarray::Array2;
use solutions::ex08_distortion as solution;
use std::f64::consts::PI;

const SHAPE: (usize, usize) = (5, 7);

/// What comes out when `at` makes whole numbers of the positions.
fn gather(x: &Array2<f64>, field: &Field, at: impl Fn(f64, f64) -> (f64, f64)) -> Array2<f64> {
    Array2::from_shape_fn(x.raw_dim(), |(i, j)| {
        let (row, column) = at(i as f64 + field[0][[i, j]], j as f64 + field[1][[i, j]]);
        let inside = row >= 0.0 && column >= 0.0;
        inside.then(|| x.get((row as usize, column as usize)).copied()).flatten().unwrap_or(0.0)
    })
}

/// The same with each position pushed back into the image.
fn clamped(x: &Array2<f64>, field: &Field) -> Array2<f64> {
    let (height, width) = x.dim();
    let push = |(half, side): (usize, usize)| {
        let at = |(i, j): (usize, usize)| {
            let from = if half == 0 { i } else { j } as f64;
            (from + field[half][[i, j]]).clamp(0.0, side as f64 - 1.0) - from
        };
        Array2::from_shape_fn(x.raw_dim(), at)
    };
    solution::warp(x, &[push((0, height)), push((1, width))])
}

fn negative(field: &Field) -> Field {
    [-&field[0], -&field[1]]
}

fn swapped(field: &Field) -> Field {
    [field[1].clone(), field[0].clone()]
}

pub fn whole_pixels(a: Answers) -> Verdict {
    let mut random = Random::new(8);
    let x: Array2<f64> = random.array(SHAPE);
    // Moved down by 1 and left by 2, then every pixel elsewhere, within the image.
    let moved = [Array2::from_elem(SHAPE, -1.0), Array2::from_elem(SHAPE, 2.0)];
    let mut from = |i: usize, side: usize| random.integer(0, side) as f64 - i as f64;
    let anywhere: Field = [
        Array2::from_shape_fn(SHAPE, |(i, _)| from(i, SHAPE.0)),
        Array2::from_shape_fn(SHAPE, |(_, j)| from(j, SHAPE.1)),
    ];
    let zero: Field = [Array2::zeros(SHAPE), Array2::zeros(SHAPE)];
    for (field, words) in
        [(&moved, "field (-1, 2) everywhere"), (&anywhere, "a field of whole numbers"), (&zero, "a field of zeros")]
    {
        compare(&format!("y, {words}"), &solution::warp(&x, field), &(a.warp)(&x, field))
            .suspect(&x, "the image itself: is the field used?")
            .suspect(
                &solution::warp(&x, &negative(field)),
                "the opposite direction: the field is added, y[i, j] comes from i + field[0][i, j]",
            )
            .suspect(&solution::warp(&x, &swapped(field)), "field[0] is for rows, field[1] for columns")
            .suspect(
                &pushed(&x, field),
                "pixels are pushed along the field: it says where a pixel of y comes from, not where one of x goes",
            )
            .suspect(&clamped(&x, field), "the edge is repeated; pixels outside of x are zero")
            .verdict()?;
    }
    Ok(())
}

/// What comes out when x is written where the field points.
pub fn pushed(x: &Array2<f64>, field: &Field) -> Array2<f64> {
    let mut y = Array2::zeros(x.raw_dim());
    for ((i, j), &x) in x.indexed_iter() {
        let (row, column) = (i as f64 + field[0][[i, j]], j as f64 + field[1][[i, j]]);
        let to = if row < 0.0 || column < 0.0 { None } else { y.get_mut((row as usize, column as usize)) };
        if let Some(to) = to {
            *to = x;
        }
    }
    y
}

pub fn between_pixels(a: Answers) -> Verdict {
    let mut random = Random::new(81);
    let x: Array2<f64> = random.array(SHAPE);
    // Places well inside.
    let mut from = |i: usize, side: usize| (random.number() * 0.45 + 0.5) * (side as f64 - 1.0) - i as f64;
    let field: Field = [
        Array2::from_shape_fn(SHAPE, |(i, _)| from(i, SHAPE.0)),
        Array2::from_shape_fn(SHAPE, |(_, j)| from(j, SHAPE.1)),
    ];
    // The fractions of the positions, turned round.
    let mirrored: Field = [0, 1].map(|half| {
        Array2::from_shape_fn(SHAPE, |(i, j)| {
            let start = if half == 0 { i } else { j } as f64;
            let at = start + field[half][[i, j]];
            2.0 * at.floor() + 1.0 - at - start
        })
    });
    compare("y, places between pixels", &solution::warp(&x, &field), &(a.warp)(&x, &field))
        .suspect(
            &gather(&x, &field, |i, j| (i.round(), j.round())),
            "this is the nearest pixel; what is between pixels should be interpolated",
        )
        .suspect(
            &gather(&x, &field, |i, j| (i.floor(), j.floor())),
            "the fractions are cut off; what is between pixels should be interpolated",
        )
        .suspect(&solution::warp(&x, &mirrored), "the weights are the wrong way round: the nearer pixel counts more")
        .verdict()
}

const TOWARDS_ZERO: &str =
    "left of column 0 and above row 0, `as` and `trunc` round towards zero: round down, with `floor`";

pub fn beyond_the_edge(a: Answers) -> Verdict {
    let mut random = Random::new(82);
    let x: Array2<f64> = random.array(SHAPE);
    let field: Field = [4.0 * random.array(SHAPE), 4.0 * random.array(SHAPE)];
    let all_or_nothing = Array2::from_shape_fn(SHAPE, |(i, j)| {
        let (row, column) = (i as f64 + field[0][[i, j]], j as f64 + field[1][[i, j]]);
        let inside = (0.0..=SHAPE.0 as f64 - 1.0).contains(&row) && (0.0..=SHAPE.1 as f64 - 1.0).contains(&column);
        if inside { solution::warp(&x, &field)[[i, j]] } else { 0.0 }
    });
    compare("y, some places outside of x", &solution::warp(&x, &field), &(a.warp)(&x, &field))
        .suspect(&clamped(&x, &field), "the edge is repeated; pixels outside of x are zero")
        .suspect(
            &all_or_nothing,
            "half a pixel beyond the edge there is half of the last pixel left: only the neighbours outside are zero",
        )
        .suspect(&truncated(&x, &field, true), TOWARDS_ZERO)
        .suspect(&truncated(&x, &field, false), TOWARDS_ZERO)
        .verdict()
}

/// `warp` with positions rounded towards zero instead of down; the weights of the corners are as in the solution, or,
/// with `signed`, 1 − d and d for the distance d from the first of them.
pub fn truncated(x: &Array2<f64>, field: &Field, signed: bool) -> Array2<f64> {
    Array2::from_shape_fn(x.raw_dim(), |(i, j)| {
        let (row, column) = (i as f64 + field[0][[i, j]], j as f64 + field[1][[i, j]]);
        let sides = [row, column].map(|at| {
            let (first, second) = (at.trunc(), at.trunc() + 1.0);
            let weights =
                if signed { (second - at, at - first) } else { (1.0 - (at - first).abs(), 1.0 - (second - at).abs()) };
            [(first, weights.0), (second, weights.1)]
        });
        let pixel = |r: f64, c: f64| {
            if r < 0.0 || c < 0.0 { 0.0 } else { x.get((r as usize, c as usize)).copied().unwrap_or(0.0) }
        };
        let corners = sides[0].iter().flat_map(|r| sides[1].iter().map(move |c| (r, c)));
        corners.map(|(r, c)| r.1 * c.1 * pixel(r.0, c.0)).sum()
    })
}

/// Both halves of a field.
pub fn compare_fields(what: &str, expected: &Field, got: &Field, suspects: &[(Field, &str)]) -> Verdict {
    for half in [0, 1] {
        let mut comparison = compare(&format!("field[{half}], {what}"), &expected[half], &got[half]);
        for (suspect, words) in suspects {
            // A half that is right anyway tells nothing.
            if suspect[half] != expected[half] {
                comparison = comparison.suspect(&suspect[half], words);
            }
        }
        comparison.verdict()?;
    }
    Ok(())
}

pub fn a_move(a: Answers) -> Verdict {
    let by = (2.0, -0.5);
    let expected = solution::affine(SHAPE, 0.0, 0.0, by);
    let suspects = [
        (negative(&expected), "the sign is wrong: to move the image down by 2, each pixel is fetched from 2 above it"),
        (swapped(&expected), "down and right have changed places: field[0] is for rows"),
    ];
    compare_fields("a move by (2, -0.5)", &expected, &(a.affine)(SHAPE, 0.0, 0.0, by), &suspects)
}

pub fn a_skew(a: Answers) -> Verdict {
    let still = (0.0, 0.0);
    let expected = solution::affine(SHAPE, 0.25, 0.0, still);
    let down = |(_, j): (usize, usize)| -0.25 * (j as f64 - 3.0);
    let from_corner = |(i, _): (usize, usize)| -0.25 * i as f64;
    let suspects = [
        (negative(&expected), "the sign is wrong: what goes to the right is fetched from the left"),
        (
            [Array2::from_shape_fn(SHAPE, down), Array2::zeros(SHAPE)],
            "this moves columns down; rows should go to the right",
        ),
        (
            [Array2::zeros(SHAPE), Array2::from_shape_fn(SHAPE, from_corner)],
            "measured from the corner: it should be the centre",
        ),
    ];
    compare_fields("a skew of 0.25", &expected, &(a.affine)(SHAPE, 0.25, 0.0, still), &suspects)
}

pub fn a_quarter_turn(a: Answers) -> Verdict {
    let shape = (5, 5);
    let x: Array2<f64> = Random::new(83).array(shape);
    let field = (a.affine)(shape, 0.0, PI / 2.0, (0.0, 0.0));
    for half in &field {
        compare("half a field, its shape", &Array2::zeros(shape), &(half * 0.0)).verdict()?;
    }
    // What was on the right is at the top now.
    let turned = |counter_clockwise: bool| {
        Array2::from_shape_fn(shape, |(i, j)| if counter_clockwise { x[[j, 4 - i]] } else { x[[4 - j, i]] })
    };
    let about_corner = [
        Array2::from_shape_fn(shape, |(i, j)| j as f64 - i as f64),
        Array2::from_shape_fn(shape, |(i, j)| -(i as f64) - j as f64),
    ];
    compare("an image after a quarter turn", &turned(true), &solution::warp(&x, &field))
        .suspect(&turned(false), "it turns clockwise: counter-clockwise takes what is on the right to the top, where rows have small numbers; and the field says where a pixel comes from")
        .suspect(&solution::warp(&x, &about_corner), "it turns about the corner: it should be the centre")
        .suspect(&x, "it does not turn: is the angle used, and in radians?")
        .suspect(&solution::warp(&x, &solution::affine(shape, 0.0, (PI / 2.0).to_radians(), (0.0, 0.0))), "the angle is in radians already")
        .verdict()
}

/// The three steps of `affine` on a position relative to the centre.
fn forwards(skew: f64, angle: f64, turn_first: bool) -> impl Fn(f64, f64) -> (f64, f64) {
    let (sin, cos) = angle.sin_cos();
    let lean = move |(u, v): (f64, f64)| (u, v + skew * u);
    let turn = move |(u, v): (f64, f64)| (cos * u - sin * v, cos * v + sin * u);
    move |u, v| if turn_first { lean(turn((u, v))) } else { turn(lean((u, v))) }
}

fn field_of(map: impl Fn(f64, f64) -> (f64, f64)) -> Field {
    let (u, v) = ((SHAPE.0 as f64 - 1.0) / 2.0, (SHAPE.1 as f64 - 1.0) / 2.0);
    let at = |(i, j): (usize, usize)| map(i as f64 - u, j as f64 - v);
    [
        Array2::from_shape_fn(SHAPE, |to| at(to).0 + u - to.0 as f64),
        Array2::from_shape_fn(SHAPE, |to| at(to).1 + v - to.1 as f64),
    ]
}

pub fn all_three(a: Answers) -> Verdict {
    let mut random = Random::new(84);
    for _ in 0..4 {
        let (skew, angle, down, right) = (random.number(), random.number(), random.number(), random.number());
        let expected = solution::affine(SHAPE, skew, angle, (down, right));
        let forward = forwards(skew, angle, false);
        let there = field_of(|u, v| (forward(u, v).0 + down, forward(u, v).1 + right));
        // A turn undone, and a skew undone, are a turn and a skew the other way.
        let (lean, turn) = (forwards(-skew, 0.0, false), forwards(0.0, -angle, false));
        let other_order = field_of(|u, v| {
            let (u, v) = lean(u - down, v - right);
            turn(u, v)
        });
        let moved_first = field_of(|u, v| {
            let (u, v) = turn(u, v);
            let (u, v) = lean(u, v);
            (u - down, v - right)
        });
        let suspects = [
            (
                there,
                "this says where a pixel goes; a field says where it comes from: undo the steps, the last one first",
            ),
            (other_order, "turned before it is leaned over: undone are the move first, then the turn, then the skew"),
            (moved_first, "moved before it is turned: undone are the move first, then the turn, then the skew"),
        ];
        let what = format!("skew {skew:.3}, angle {angle:.3}, move ({down:.3}, {right:.3})");
        compare_fields(&what, &expected, &(a.affine)(SHAPE, skew, angle, (down, right)), &suspects)?;
    }
    Ok(())
}

pub fn there_and_back(a: Answers) -> Verdict {
    // A blob that is smooth enough for interpolation to do it little harm.
    let shape = (33, 33);
    let x = Array2::from_shape_fn(shape, |(i, j)| {
        let (u, v) = (i as f64 - 12.0, j as f64 - 18.0);
        (-(u * u / 30.0 + v * v / 50.0)).exp()
    });
    for (angle, skew) in [(0.4, 0.0), (0.0, 0.3)] {
        let there = (a.affine)(shape, skew, angle, (0.0, 0.0));
        let back = (a.affine)(shape, -skew, -angle, (0.0, 0.0));
        let right = solution::affine(shape, skew, angle, (0.0, 0.0));
        let what = format!("skew {skew}, angle {angle}");
        compare(&format!("rows of the field, {what}"), &right[0], &there[0]).verdict()?;
        compare(&format!("columns of the field, {what}"), &right[1], &there[1]).verdict()?;
        compare(
            &format!("a blob after {what} and the opposite"),
            &x,
            &solution::warp(&solution::warp(&x, &there), &back),
        )
        .within(0.03)
        .verdict()?;
    }
    Ok(())
}
