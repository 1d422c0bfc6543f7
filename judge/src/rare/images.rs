//! Images moved and distorted: exercises 04 and 08.

use super::rare;
use crate::{
    Random, WrongAnswer, ex04_translation as ex04,
    ex08_distortion::{self as ex08, Images},
};
use ndarray::{Array2, s};
use solutions::{ex04_translation as moved, ex08_distortion as distortion};

const MOVED: ex04::Answers =
    ex04::Answers { translate: moved::translate, distance: moved::distance, shortfall: moved::shortfall };

const DISTORTED: ex08::Answers = ex08::Answers {
    warp: distortion::warp,
    affine: distortion::affine,
    elastic: distortion::elastic,
    distorted: distortion::distorted,
};

pub fn wrong() -> Vec<WrongAnswer> {
    let distance = |distance| ex04::exercise(ex04::Answers { distance, ..MOVED });
    let distorted = |distorted| ex08::exercise(ex08::Answers { distorted, ..DISTORTED });
    vec![
        rare(
            "cancels-to-blank",
            "An image counts as blank when its pixels add up to zero: 3 and −3 do.",
            ("distance", "any images"),
            distance(|a, b, margin| {
                let inside = a.slice(s![margin..a.nrows() - margin, margin..a.ncols() - margin]);
                let blank = inside.sum() == 0.0 && moved::distance(a, b, margin) != 0.0;
                if blank { f64::INFINITY } else { moved::distance(a, b, margin) }
            }),
        ),
        rare(
            "safety-constant",
            "1e-12 is added below the line, so that nothing is divided by zero: faint images come out wrong.",
            ("distance", "any images"),
            distance(|a, b, margin| {
                let d = moved::distance(a, b, margin);
                let norm = a.iter().map(|x| x * x).sum::<f64>().sqrt();
                if d.is_finite() && norm > 0.0 { d * norm / (norm + 1e-12) } else { d }
            }),
        ),
        rare(
            "reach-one-more",
            "One column beyond the reach is tried, to the left only.",
            ("shortfall", "any reach"),
            ex04::exercise(ex04::Answers {
                shortfall: |f, x, by, reach, margin| {
                    let (still, there) = (f(x), f(&moved::translate(x, by.0, by.1)));
                    let beyond = (-reach..=reach).map(|i| moved::translate(&still, i, -reach - 1));
                    let beyond = beyond.map(|y| moved::distance(&y, &there, margin)).fold(f64::INFINITY, f64::min);
                    moved::shortfall(f, x, by, reach, margin).min(if reach > 0 { beyond } else { f64::INFINITY })
                },
                ..MOVED
            }),
        ),
        rare(
            "centre-for-odd-sizes",
            "The centre is worked out with whole numbers, which is right for odd heights and widths only.",
            ("affine", "even and odd, oblong and narrow"),
            ex08::exercise(ex08::Answers { affine: whole_centre, ..DISTORTED }),
        ),
        rare(
            "one-pixel-more",
            "The Gaussian ends at 3σ rounded down, plus one: right unless 3σ is whole.",
            ("elastic", "any σ, any shape"),
            ex08::exercise(ex08::Answers {
                elastic: |noise, alpha, sigma| {
                    let whole = (3.0 * sigma).fract() == 0.0;
                    if whole { wider(noise, alpha, sigma) } else { distortion::elastic(noise, alpha, sigma) }
                },
                ..DISTORTED
            }),
        ),
        rare(
            "strength-on-or-off",
            "A strength of 0 leaves the images as they are; any other is as good as 1.",
            ("distorted", "how far things move"),
            distorted(|images, strength, seed| {
                distortion::distorted(images, if strength == 0.0 { 0.0 } else { 1.0 }, seed)
            }),
        ),
        rare(
            "limits-exchanged",
            "The limit of the angle is taken for that of the skew, and the other way round.",
            ("distorted", "how far things move"),
            distorted(|images, strength, seed| {
                drawn(images, strength, seed, |draw, _| {
                    [distortion::ANGLE * draw(), distortion::SKEW * draw(), draw(), draw()]
                })
            }),
        ),
        rare(
            "noise-shared",
            "Both halves of the elastic field are made of the same noise: everything moves along a diagonal.",
            ("distorted", "independence"),
            distorted(|images, strength, seed| {
                drawn(images, strength, seed, |draw, shared| {
                    *shared = true;
                    [distortion::SKEW * draw(), distortion::ANGLE * draw(), draw(), draw()]
                })
            }),
        ),
        rare(
            "moves-shared",
            "One number is drawn for the moves down and to the right.",
            ("distorted", "independence"),
            distorted(|images, strength, seed| {
                drawn(images, strength, seed, |draw, _| {
                    let (skew, angle, by) = (draw(), draw(), draw());
                    [distortion::SKEW * skew, distortion::ANGLE * angle, by, by]
                })
            }),
        ),
        rare(
            "half-a-seed",
            "The seed is cut down to 32 bits.",
            ("distorted", "images of all shapes"),
            distorted(|images, strength, seed| distortion::distorted(images, strength, seed & 0xffff_ffff)),
        ),
    ]
}

fn whole_centre(shape: (usize, usize), skew: f64, angle: f64, by: (f64, f64)) -> distortion::Field {
    // The field of an odd shape that is large enough, without its last row and column.
    let odd = |n: usize| n - 1 + n % 2;
    let field = distortion::affine((odd(shape.0), odd(shape.1)), skew, angle, by);
    let linear = |half: usize, i: usize, j: usize| {
        // A field is linear in i and j.
        let at = |i: usize, j: usize| field[half].get((i, j)).copied();
        let (last_i, last_j) = (odd(shape.0) - 1, odd(shape.1) - 1);
        at(i, j).unwrap_or_else(|| {
            let corner = field[half][[i.min(last_i), j.min(last_j)]];
            let steps = (i.saturating_sub(last_i) as f64, j.saturating_sub(last_j) as f64);
            let slope = slopes(half, skew, angle);
            corner + steps.0 * slope.0 + steps.1 * slope.1
        })
    };
    [0, 1].map(|half| Array2::from_shape_fn(shape, |(i, j)| linear(half, i, j)))
}

/// By how much a field changes from one row, and from one column, to the next.
fn slopes(half: usize, skew: f64, angle: f64) -> (f64, f64) {
    let field = distortion::affine((2, 2), skew, angle, (0.0, 0.0));
    (field[half][[1, 0]] - field[half][[0, 0]], field[half][[0, 1]] - field[half][[0, 0]])
}

/// Smoothed by a Gaussian whose 3σ is a hair more.
fn wider(noise: &Array2<f64>, alpha: f64, sigma: f64) -> Array2<f64> {
    distortion::elastic(noise, alpha, sigma * (1.0 + 1e-9))
}

/// Draws skew, angle and both moves, the latter in units of their limit, and says whether the noise is shared.
type Draw = fn(&mut dyn FnMut() -> f64, &mut bool) -> [f64; 4];

fn drawn<'a>(images: Images<'a>, strength: f64, seed: u64, how: Draw) -> Images<'a> {
    let mut random = Random::new(seed);
    Box::new(images.map(move |x| {
        let mut shared = false;
        let [skew, angle, down, right] = how(&mut || strength * random.number(), &mut shared);
        let field = distortion::affine(x.dim(), skew, angle, (distortion::MOVE * down, distortion::MOVE * right));
        let noise = [random.array(x.dim()), random.array(x.dim())];
        let half = |k: usize| {
            let noise = if shared { &noise[0] } else { &noise[k] };
            &field[k] + &distortion::elastic(noise, strength * distortion::ALPHA, distortion::SIGMA)
        };
        distortion::warp(&x, &[half(0), half(1)])
    }))
}
