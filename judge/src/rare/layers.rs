//! Single layers: exercises 01, 02, 13, 14, 16 and 18.

use super::rare;
use crate::{
    WrongAnswer, ex01_backpropagation as ex01, ex02_no_fully_connected as ex02, ex13_l2_pooling as ex13,
    ex14_dropout as ex14, ex16_stride as ex16, ex18_dead_units as ex18,
};
use ndarray::{Array1, Array2, Array3, s};
use solutions::{
    ex01_backpropagation as backpropagation, ex02_no_fully_connected as counts, ex13_l2_pooling as l2,
    ex14_dropout as dropout, ex16_stride as stride, ex18_dead_units as units,
};

const BACK: ex01::Answers = ex01::Answers {
    delta_through_max_pooling: backpropagation::delta_through_max_pooling,
    bias_gradient: backpropagation::bias_gradient,
    weight_gradient: backpropagation::weight_gradient,
    input_gradient: backpropagation::input_gradient,
};
const COUNTS: ex02::Answers =
    ex02::Answers { layers: counts::layers, parameters: counts::parameters, multiplications: counts::multiplications };
const L2: ex13::Answers = ex13::Answers { forward: l2::forward, backward: l2::backward };
const DROPOUT: ex14::Answers = ex14::Answers {
    forward: dropout::forward,
    backward: dropout::backward,
    evaluate: dropout::evaluate,
    geometric_mean: dropout::geometric_mean,
};
const STRIDE: ex16::Answers = ex16::Answers {
    output_size: stride::output_size,
    forward: stride::forward,
    weight_gradient: stride::weight_gradient,
};
const UNITS: ex18::Answers = ex18::Answers { dead: units::dead, hopeless: units::hopeless };

type Uniform<'a> = &'a mut dyn FnMut() -> f64;

pub fn wrong() -> Vec<WrongAnswer> {
    let backward = |backward| ex13::exercise(ex13::Answers { backward, ..L2 });
    let forward = |forward| ex14::exercise(ex14::Answers { forward, ..DROPOUT });
    vec![
        rare(
            "nearly-equal-is-equal",
            "Units that differ by less than 1e-12 share the maximum.",
            ("delta_through_max_pooling", "ties and extremes"),
            ex01::exercise(ex01::Answers {
                delta_through_max_pooling: |z, delta, window| {
                    backpropagation::delta_through_max_pooling(&z.mapv(|z| (z * 1e12).round()), delta, window)
                },
                ..BACK
            }),
        ),
        rare(
            "thirty-two-bits",
            "Counts are kept in 32 bits.",
            ("multiplications", "sizes at the edge"),
            ex02::exercise(ex02::Answers {
                multiplications: |s, f, k, w, c| {
                    let (convolution, softmax) = counts::multiplications(s, f, k, w, c);
                    (convolution & 0xffff_ffff, softmax)
                },
                ..COUNTS
            }),
        ),
        rare(
            "cancels-to-blank",
            "A window counts as blank when its units add up to zero: 3 and −3 do.",
            ("backward", "all shapes and sizes"),
            backward(|x, dy, window| {
                let mut dx = l2::backward(x, dy, window);
                for (i, j, c) in ndarray::indices(dy.dim()) {
                    let (top, left) = (i * window.0, j * window.1);
                    let place = s![top..top + window.0, left..left + window.1, c];
                    if x.slice(place).sum() == 0.0 {
                        dx.slice_mut(place).fill(0.0);
                    }
                }
                dx
            }),
        ),
        rare(
            "faint-is-blank",
            "A window whose y is below 1e-6 is taken for blank.",
            ("backward", "near zero"),
            backward(|x, dy, window| {
                let y = l2::forward(x, window);
                l2::backward(
                    x,
                    &ndarray::Zip::from(dy).and(&y).map_collect(|&d, &y| if y < 1e-6 { 0.0 } else { d }),
                    window,
                )
            }),
        ),
        rare(
            "square-overflows",
            "x divided by the square root of y², which is infinite or zero for extreme units.",
            ("backward", "all shapes and sizes"),
            backward(|x, dy, window| {
                let y = l2::forward(x, window);
                let scaled = ndarray::Zip::from(dy).and(&y).map_collect(|&d, &y| {
                    let fourth = (y * y * y * y).sqrt().sqrt();
                    if fourth > 0.0 { d * y / fourth } else { 0.0 }
                });
                l2::backward(x, &scaled, window)
            }),
        ),
        rare(
            "fixed-count",
            "Each example loses the same number of inputs.",
            ("forward", "independence"),
            forward(|x, w, b, p, uniform| masked(x, w, b, fixed_count(x, p, uniform))),
        ),
        rare(
            "neighbours-share",
            "Two neighbouring inputs are left out together.",
            ("forward", "independence"),
            forward(|x, w, b, p, uniform| {
                let mut mask = Array2::ones(x.dim());
                for mut row in mask.rows_mut() {
                    for mut pair in row.axis_chunks_iter_mut(ndarray::Axis(0), 2) {
                        pair.fill(f64::from(u8::from(uniform() >= p)));
                    }
                }
                masked(x, w, b, mask)
            }),
        ),
        rare(
            "never-all",
            "An example that would lose all of its inputs keeps the first.",
            ("forward", "independence"),
            forward(|x, w, b, p, uniform| {
                let (_, mut mask) = dropout::forward(x, w, b, p, uniform);
                mask.rows_mut().into_iter().filter(|row| row.sum() == 0.0).for_each(|mut row| row[0] = 1.0);
                masked(x, w, b, mask)
            }),
        ),
        rare(
            "looks-at-x",
            "Inputs that are zero are never left out: it would change nothing.",
            ("forward", "independence"),
            forward(|x, w, b, p, uniform| {
                let mask = x.mapv(|x| f64::from(u8::from(uniform() >= p || x == 0.0)));
                masked(x, w, b, mask)
            }),
        ),
        rare(
            "wraps-at-the-largest",
            "input − kernel + stride, which can be more than a number holds.",
            ("output_size", "zeros and the largest numbers"),
            ex16::exercise(ex16::Answers {
                output_size: |input, kernel, stride| {
                    stride::output_size(input, kernel, stride)?;
                    Some((input - kernel).wrapping_add(stride) / stride)
                },
                ..STRIDE
            }),
        ),
        rare(
            "hardly-active-is-dead",
            "A z of less than 1e-9 counts as zero.",
            ("dead", "exactly zero"),
            ex18::exercise(ex18::Answers {
                dead: |w, b, images| units::dead(w, &b.mapv(|b| b - 1e-9), images),
                ..UNITS
            }),
        ),
        rare(
            "hardly-hopeful",
            "The best that an image can bring counts only above 1e-9.",
            ("hopeless", "all shapes and sizes"),
            ex18::exercise(ex18::Answers {
                hopeless: |w: &Array3<f64>, b| units::hopeless(w, &b.mapv(|b| b - 1e-9)),
                ..UNITS
            }),
        ),
    ]
}

fn masked(x: &Array2<f64>, w: &Array2<f64>, b: &Array1<f64>, mask: Array2<f64>) -> (Array2<f64>, Array2<f64>) {
    ((&mask * x).dot(&w.t()) + b, mask)
}

/// Leaves out p of each row, at places that are drawn.
fn fixed_count(x: &Array2<f64>, p: f64, uniform: Uniform) -> Array2<f64> {
    let mut mask = Array2::ones(x.dim());
    for mut row in mask.rows_mut() {
        let mut order: Vec<(f64, usize)> = (0..row.len()).map(|k| (uniform(), k)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let out = (p * row.len() as f64).round() as usize;
        order[..out].iter().for_each(|&(_, k)| row[k] = 0.0);
    }
    mask
}
