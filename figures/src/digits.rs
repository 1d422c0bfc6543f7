//! Sample digits: what the built-in data set looks like.

use crate::{
    Drawing, Figure, Sources, pixels,
    svg::{self, WIDTH},
};
use ndarray::{Array2, ArrayView2, s};
use network3::{
    Error, Label, Result,
    data::{DIGITS, Dataset, digits},
};

/// The side of an image, in pixels.
pub const SIDE: usize = 28;
const ROWS: usize = 4;
/// From one digit to the next, in pixels.
const STEP: usize = 32;
/// A pixel's side.
const SCALE: f64 = WIDTH / (DIGITS * STEP) as f64;
/// Room for the labels.
const TOP: f64 = 24.0;

pub const FIGURE: Figure = Figure {
    name: "digits",
    caption: "Digits of the built-in set, equally many of each class. They are drawn by strokes that vary in slant, thickness, size, \
              position and wobble.",
    alt: "A grid of small grey pictures of handwritten-looking digits. Each column holds one digit in several hands, from zero \
          on the left to nine on the right.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let test = digits(1, 1, 50 * ROWS, 1)?.test; // plenty: each class comes up often enough
    let mut grid = Array2::zeros((ROWS * STEP, DIGITS * STEP));
    for class in 0..DIGITS {
        let images = (0..test.len()).filter(|&i| usize::from(test.labels()[i]) == class);
        for (row, i) in images.take(ROWS).enumerate() {
            let place = s![row * STEP..row * STEP + SIDE, class * STEP..class * STEP + SIDE];
            grid.slice_mut(place).assign(&image(&test, i)?);
        }
    }
    let column = |class: usize| ((class * STEP) as f64 + SIDE as f64 / 2.0) * SCALE;
    let labels: String = (0..DIGITS).map(|class| svg::text(column(class), LINE, class)).collect();
    let height = (ROWS * STEP) as f64 * SCALE + TOP;
    Ok(Drawing { size: (WIDTH as u32, height as u32), body: labels + &pixels::picture((0.0, TOP), SCALE, grid.view()) })
}

/// The middle of a line of text at the upper edge.
const LINE: f64 = svg::TEXT / 2.0 + 2.0;

/// One image of a class, for figures that need one.
pub fn one(class: Label) -> Result<Array2<u8>> {
    let test = digits(1, 1, 50, 1)?.test; // plenty, as above
    let i = test.labels().iter().position(|&label| label == class);
    image(&test, i.ok_or_else(|| Error::input(format!("no digit is a {class}")))?).map(|image| image.to_owned())
}

/// One image of a data set, as rows and columns.
pub fn image(set: &Dataset, i: usize) -> Result<ArrayView2<'_, u8>> {
    ArrayView2::from_shape((SIDE, SIDE), set.image(i)).map_err(|e| Error::input(e.to_string()))
}
