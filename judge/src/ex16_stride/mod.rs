//! Convolution with a stride.

mod corners;
mod network;
pub mod wrong;

use crate::measure::measure;
use crate::plugged::{self, Note};
use crate::{Check, Exercise, Random, Verdict, Wrong, compare};
use ndarray::{Array3, Array4, s};
use network3::ops::{Backend, Conv, Reference, Window};
use network3::{Activation, Pair, Shape, Spec};
use wrong::{FORWARD, SIZE, WEIGHT};

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub output_size: fn(usize, usize, usize) -> Option<usize>,
    pub forward: fn(&Array3<f64>, &Array4<f64>, Pair) -> Array3<f64>,
    pub weight_gradient: fn(&Array3<f64>, &Array3<f64>, Pair, Pair) -> Array4<f64>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex16_stride",
        read_on: "AlexNet, whose first layer has a stride of 4: \"Recent progress in image recognition\"",
        checks: vec![
            check("output_size", "receptive fields counted", sizes),
            check("output_size", "zeros and the largest numbers", corners::sizes),
            check("forward", "stride 1 agrees", forward_without),
            check("forward", "some units of stride 1", forward_with),
            check("forward", "all shapes and strides", corners::forward),
            check("weight_gradient", "stride 1 agrees", weight_without),
            check("weight_gradient", "against finite differences", weight_measured),
            check("weight_gradient", "all shapes and strides", corners::weights),
            check("weight_gradient", "in a network, against finite differences", network_measured),
            check("weight_gradient", "trains a network", network_learns),
        ],
    }
    .otherwise(&[
        (
            "output_size",
            "(input − kernel) / stride + 1, rounded down: is something added or taken off at another place?",
        ),
        ("forward", "is an index another one? Unit (i, j) sees x[i·s + l, j·t + m, c], with s down and t across"),
        (
            "weight_gradient",
            "is an index another one? dw[f, l, m, c] is the sum of dz[i, j, f] · x[i·s + l, j·t + m, c]",
        ),
    ])
}

fn sizes(a: Answers) -> Verdict {
    let stride_by_stride = |input: usize, kernel: usize, stride: usize| {
        (0..input).step_by(stride).filter(|start| start + kernel <= input).count()
    };
    let known = [(28, 5, 1), (28, 5, 2), (224, 11, 4), (7, 7, 3), (1, 1, 1), (9, 2, 9)];
    let more = (1..=12).flat_map(|input| (1..=input).flat_map(move |k| (1..=4).map(move |stride| (input, k, stride))));
    let fitting = known.into_iter().chain(more).map(|(i, k, s)| ((i, k, s), Some(stride_by_stride(i, k, s))));
    let without = [(4, 5, 1), (0, 1, 1), (4, 0, 1), (4, 2, 0)].map(|arguments| (arguments, None));
    fitting.chain(without).try_for_each(|((input, kernel, stride), expected)| {
        let got = (a.output_size)(input, kernel, stride);
        if got == expected {
            return Ok(());
        }
        let wrong = Wrong::new(format!("output_size({input}, {kernel}, {stride}): expected {expected:?}, got {got:?}"));
        let cause = match (expected, got) {
            (None, Some(_)) if kernel > input => Some("no receptive field fits: did input − kernel go below zero?"),
            (None, Some(_)) => Some("a kernel of nothing, or one that does not move, has no output size"),
            (Some(_), Some(got)) => SIZE.iter().find(|(f, _)| f(input, kernel, stride) == got).map(|(_, why)| *why),
            _ => None,
        };
        Err(cause.map_or(wrong.clone(), |cause| wrong.because(cause)))
    })
}

/// A convolution with made-up numbers.
struct Layer {
    conv: Conv,
    x: Array3<f64>,
    w: Array4<f64>,
    dz: Array3<f64>,
}

impl Layer {
    /// One with strides of at least 1 and less than `strides`, and pixels left over that no receptive field reaches.
    fn random(seed: u64, strides: usize) -> Layer {
        let random = &mut Random::new(seed);
        let (kernel, stride) = (
            (random.integer(1, 4), random.integer(2, 4)),
            (random.integer(1, strides), random.integer(strides - 1, strides)),
        );
        let mut side = |kernel, stride| kernel + stride * random.integer(1, 3) + random.integer(0, stride);
        let (height, width) = (side(kernel.0, stride.0), side(kernel.1, stride.1));
        let (maps, filters) = (random.integer(1, 4), random.integer(1, 4));
        let conv = Conv::new(Shape::image(maps, height, width), filters, kernel, stride).expect("the kernel fits");
        let (x, w) = (random.array((height, width, maps)), random.array((filters, kernel.0, kernel.1, maps)));
        let dz = random.array((conv.output_height(), conv.output_width(), filters));
        Layer { conv, x, w, dz }
    }
}

/// x ⋆ w, by the library.
fn convolve(conv: &Conv, x: &Array3<f64>, w: &Array4<f64>) -> Array3<f64> {
    let mut z = Array3::zeros((conv.output_height(), conv.output_width(), conv.filters));
    let [x, w] = [x.as_slice(), w.as_slice()].map(|a| a.expect("made in row-major order"));
    Reference.conv_forward(conv, x, w, z.as_slice_mut().expect("made in row-major order"));
    z
}

fn forward_without(a: Answers) -> Verdict {
    (1..=4).try_for_each(|seed| judge_forward(a, Layer::random(seed, 2)))
}

fn forward_with(a: Answers) -> Verdict {
    (1..=8).try_for_each(|seed| judge_forward(a, Layer::random(seed, 4)))
}

/// A stride leaves out units of the convolution without one, and changes nothing else.
fn judge_forward(a: Answers, Layer { conv, x, w, .. }: Layer) -> Verdict {
    let everywhere = convolve(&Conv { window: Window::new(conv.kernel(), (1, 1)), ..conv }, &x, &w);
    let expected = everywhere.slice(s![..;conv.stride().0, ..;conv.stride().1, ..]);
    let what = format!("forward(x {:?}, w {:?}, {:?}) → z", x.shape(), w.shape(), conv.stride());
    let mistakes = FORWARD.map(|(f, why)| (f(&x, &w, conv.stride()), why));
    compare(&what, &expected, &(a.forward)(&x, &w, conv.stride())).suspects(mistakes).verdict()
}

fn weight_without(a: Answers) -> Verdict {
    (1..=4).try_for_each(|seed| judge_weight(a, Layer::random(seed, 2)))
}

fn weight_measured(a: Answers) -> Verdict {
    (1..=8).try_for_each(|seed| judge_weight(a, Layer::random(seed, 4)))
}

fn judge_weight(a: Answers, Layer { conv, x, w, dz }: Layer) -> Verdict {
    let expected = measure(&w, |w| (&convolve(&conv, &x, w) * &dz).sum());
    let (shapes, kernel, stride) = ((x.shape(), dz.shape()), conv.kernel(), conv.stride());
    let what = format!("weight_gradient(x {:?}, dz {:?}, {kernel:?}, {stride:?}) → dw", shapes.0, shapes.1);
    let mistakes = WEIGHT.map(|(f, why)| (f(&x, &dz, kernel, stride), why));
    let got = (a.weight_gradient)(&x, &dz, kernel, stride);
    compare(&what, &expected, &got).within(1e-6).suspects(mistakes).verdict()
}

fn network_measured(a: Answers) -> Verdict {
    let conv = |filters, kernel, stride: Pair| Spec::conv(filters, kernel, Activation::Tanh).every(stride.0, stride.1);
    let layers = [conv(2, (3, 2), (2, 1)), conv(3, (2, 3), (1, 2)), Spec::softmax(3)];
    let note = Note::default();
    let yours = network::Yours { answers: a, note: note.clone() };
    plugged::has_right_gradients(Shape::image(2, 8, 7), &layers, yours, &note)
}

fn network_learns(a: Answers) -> Verdict {
    let conv = |filters, kernel, stride: Pair| Spec::conv(filters, kernel, Activation::Relu).every(stride.0, stride.1);
    let layers = [conv(6, (4, 4), (2, 2)), conv(12, (2, 2), (2, 2)), Spec::softmax(10)];
    let note = Note::default();
    let yours = network::Yours { answers: a, note: note.clone() };
    plugged::learns(&layers, yours, &note)
}
