//! Edge detectors, made by hand, on a whole digit.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FAINT, Map, drawing, words},
    digits, pixels,
};
use ndarray::{Array2, ArrayView2};
use network3::{
    Label, Result, Shape,
    ops::{Backend, Conv, Reference},
};

const DIGIT: Label = 3;
const KERNEL: usize = 3;
/// What they look for, and their weights, row by row.
const DETECTORS: [([&str; 2], [i8; KERNEL * KERNEL]); 3] = [
    (["lower and", "upper edges"], [1, 1, 1, 0, 0, 0, -1, -1, -1]),
    (["right and", "left edges"], [1, 0, -1, 1, 0, -1, 1, 0, -1]),
    (["the outline", "of all"], [-1, -1, -1, -1, 8, -1, -1, -1, -1]),
];
/// The side of a pixel, and from one column to the next.
const SCALE: f64 = 4.0;
const COLUMN: f64 = 122.0;

pub const FIGURE: Figure = Figure {
    name: "edges",
    caption: "Three kernels that a person has made, and what they answer to a digit. Orange is above zero, blue below, and where nothing \
              changes the answer is zero.",
    alt: "A handwritten-looking digit, and three grids of nine weights, each above a picture of the digit in orange and blue. In the \
          first the lower edges of all strokes are orange and the upper ones blue, in the second the right and the left edges, and \
          the third has the outline of every stroke.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let digit = digits::one(DIGIT)?;
    let top = 150.0;
    let mut body = pixels::picture((0.0, top), SCALE, digit.view()) + &pixels::frame((0.0, top), SCALE, digit.dim());
    body += &words((SCALE * digit.ncols() as f64 / 2.0, top - 20.0), ["the digit"]);
    for (k, (name, weights)) in DETECTORS.into_iter().enumerate() {
        let map = answer(digit.view(), weights)?;
        let side = SCALE * map.ncols() as f64;
        let x = COLUMN * (k + 1) as f64 + 6.0;
        body += &words((x + side / 2.0, 12.0), name);
        let kernel = Map { corner: (x + side / 2.0 - 42.0, 50.0), side: KERNEL, step: 28.0 };
        body += &(kernel.rule(1) + &kernel.frame(FAINT, (0, 0), KERNEL));
        for ((row, column), weight) in kernel.places().zip(weights) {
            body += &words(kernel.at((row, column)), [&weight.to_string().replace('-', "−")]);
        }
        body += &pixels::signed((x, top), SCALE, map.view());
    }
    Ok(drawing(266.0, &body))
}

fn answer(digit: ArrayView2<u8>, weights: [i8; KERNEL * KERNEL]) -> Result<Array2<f32>> {
    let conv = Conv::new(Shape::image(1, digit.nrows(), digit.ncols()), 1, (KERNEL, KERNEL), (1, 1))?;
    let x: Vec<f32> = digit.iter().map(|&p| f32::from(p) / 256.0).collect();
    let mut y = Array2::zeros((conv.output_height(), conv.output_width()));
    Reference.conv_forward(&conv, &x, &weights.map(f32::from), y.as_slice_mut().expect("standard layout"));
    Ok(y)
}
