//! What goes wrong with a stride.

use super::{Answers, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array3, Array4, Axis, s};
use network3::Pair;
use solutions::ex16_stride as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    output_size: solution::output_size,
    forward: solution::forward,
    weight_gradient: solution::weight_gradient,
};

/// A mistake, and words to tell it by what comes of it.
type Mistake<F> = (F, &'static str);
type Size = fn(usize, usize, usize) -> usize;
type Forward = fn(&Array3<f64>, &Array4<f64>, Pair) -> Array3<f64>;
type Weight = fn(&Array3<f64>, &Array3<f64>, Pair, Pair) -> Array4<f64>;

pub(super) const SIZE: [Mistake<Size>; 4] = [
    (|i, k, s| (i - k) / s, "one too few: the first receptive field needs no step to get to, so it comes on top"),
    (
        |i, k, s| (i - k + 1) / s,
        "the 1 belongs after the division: (input − kernel) / stride steps, and the first place",
    ),
    (|i, k, s| (i - k).div_ceil(s) + 1, "rounded up: a receptive field that does not fit as a whole does not count"),
    (
        |i, _, s| i / s,
        "what about the kernel? The last receptive field must end inside the input, not only begin there",
    ),
];

pub(super) const FORWARD: [Mistake<Forward>; 4] = [
    (|x, w, _| solution::forward(x, w, (1, 1)), "the stride is not used"),
    (|x, w, (s, t)| solution::forward(x, w, (t, s)), "the strides down and across have changed places"),
    (
        kernel_steps,
        "the stride is applied within the kernel: the field moves in steps, and its own pixels stay together",
    ),
    (kernel_turned, "the kernel is turned by 180°: in this book w[f, l, m, c] meets x[i·s + l, j·t + m, c]"),
];

pub(super) const WEIGHT: [Mistake<Weight>; 5] = [
    (stride_forgotten, "the stride is missing: unit (i, j) has not seen x[i + l, j + m], but x[i·s + l, j·t + m]"),
    (|x, dz, k, (s, t)| within(x, dz, k, (t, s)), "the strides down and across have changed places"),
    (kernel_from_shapes, "the shape was worked out from x and dz; with a stride they no longer tell the kernel's size"),
    (mean, "this is the mean over the map: every place where a weight is used adds its share"),
    (turned, "the gradient is turned by 180°"),
];

/// The field at (i, j) begins at (i, j)·stride, but its pixels are a stride apart, and those outside are zero.
fn kernel_steps(x: &Array3<f64>, w: &Array4<f64>, stride: Pair) -> Array3<f64> {
    let z = solution::forward(x, w, stride);
    Array3::from_shape_fn(z.raw_dim(), |(i, j, f)| {
        let pixel = |l: usize, m: usize, c| x.get([i + l * stride.0, j + m * stride.1, c]).copied().unwrap_or(0.0);
        w.index_axis(Axis(0), f).indexed_iter().map(|((l, m, c), w)| w * pixel(l, m, c)).sum()
    })
}

fn kernel_turned(x: &Array3<f64>, w: &Array4<f64>, stride: Pair) -> Array3<f64> {
    solution::forward(x, &w.slice(s![.., ..;-1, ..;-1, ..]).to_owned(), stride)
}

fn stride_forgotten(x: &Array3<f64>, dz: &Array3<f64>, kernel: Pair, _: Pair) -> Array4<f64> {
    solution::weight_gradient(x, dz, kernel, (1, 1))
}

/// The gradient with these strides, where pixels outside of x are zero.
fn within(x: &Array3<f64>, dz: &Array3<f64>, kernel: Pair, stride: Pair) -> Array4<f64> {
    Array4::from_shape_fn((dz.dim().2, kernel.0, kernel.1, x.dim().2), |(f, l, m, c)| {
        let seen = |i: usize, j: usize| x.get([i * stride.0 + l, j * stride.1 + m, c]).copied().unwrap_or(0.0);
        dz.index_axis(Axis(2), f).indexed_iter().map(|((i, j), dz)| dz * seen(i, j)).sum()
    })
}

/// As large as it would be if the stride were 1.
fn kernel_from_shapes(x: &Array3<f64>, dz: &Array3<f64>, _: Pair, stride: Pair) -> Array4<f64> {
    let (height, width, _) = x.dim();
    let (rows, columns, _) = dz.dim();
    within(x, dz, (height - rows + 1, width - columns + 1), stride)
}

fn mean(x: &Array3<f64>, dz: &Array3<f64>, kernel: Pair, stride: Pair) -> Array4<f64> {
    let (rows, columns, _) = dz.dim();
    solution::weight_gradient(x, dz, kernel, stride) / (rows * columns) as f64
}

fn turned(x: &Array3<f64>, dz: &Array3<f64>, kernel: Pair, stride: Pair) -> Array4<f64> {
    solution::weight_gradient(x, dz, kernel, stride).slice(s![.., ..;-1, ..;-1, ..]).to_owned()
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    let weight = |f: Weight| exercise(Answers { weight_gradient: f, ..RIGHT });
    vec![
        WrongAnswer {
            name: "rounded-up",
            mistake: "A receptive field that sticks out of the image is counted.",
            caught_by: ("output_size", "receptive fields counted"),
            exercise: exercise(Answers { output_size: |i, k, s| Some(i.checked_sub(k)?.div_ceil(s) + 1), ..RIGHT }),
        },
        WrongAnswer {
            name: "first-place-forgotten",
            mistake: "Steps are counted, not places: one is missing.",
            caught_by: ("output_size", "receptive fields counted"),
            exercise: exercise(Answers { output_size: |i, k, s| Some(i.checked_sub(k)? / s), ..RIGHT }),
        },
        WrongAnswer {
            name: "stride-within-kernel",
            mistake: "The stride spreads the kernel out (which is called dilation) instead of moving it.",
            caught_by: ("forward", "some units of stride 1"),
            exercise: exercise(Answers { forward: kernel_steps, ..RIGHT }),
        },
        WrongAnswer {
            name: "stride-forgotten-in-gradient",
            mistake: "The weight gradient looks at x[i + l, j + m] as if there were no stride.",
            caught_by: ("weight_gradient", "against finite differences"),
            exercise: weight(stride_forgotten),
        },
        WrongAnswer {
            name: "kernel-from-shapes",
            mistake: "The size of the kernel is worked out from the sizes of input and output.",
            caught_by: ("weight_gradient", "against finite differences"),
            exercise: weight(kernel_from_shapes),
        },
        WrongAnswer {
            name: "mean-for-sum",
            mistake: "The weight gradient is the mean over the map, not the sum.",
            caught_by: ("weight_gradient", "stride 1 agrees"),
            exercise: weight(mean),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers {
        output_size: |_, _, _| None,
        forward: |x, w, stride| Array3::zeros(solution::forward(x, w, stride).raw_dim()),
        weight_gradient: |x, dz, k, _| Array4::zeros((dz.dim().2, k.0, k.1, x.dim().2)),
    };
    let input = Answers {
        output_size: |input, _, _| Some(input),
        forward: |x, _, _| x.clone(),
        weight_gradient: |x, _, _, _| x.clone().insert_axis(Axis(0)),
    };
    let one = Answers {
        output_size: |_, _, _| Some(1),
        forward: |x, w, stride| Array3::ones(solution::forward(x, w, stride).raw_dim()),
        weight_gradient: |x, dz, k, _| Array4::ones((dz.dim().2, k.0, k.1, x.dim().2)),
    };
    [zero, input, one].map(exercise).into()
}
