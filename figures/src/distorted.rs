//! What distorting the training images does to one of them: where its pixels go, and what becomes of it in several
//! epochs.

use crate::{
    Drawing, Figure, Sources,
    diagram::{LIT, Point, dots, drawing, lines},
    digits, pixels,
    svg::{self, TEXT, WIDTH},
};
use ndarray::{Array2, ArrayView2};
use network3::{
    Error, Label, Result, Shape,
    data::{Dataset, Distortion, TrainingSet},
};

const DIGIT: Label = 5;
/// The experiment whose distortion is shown.
const EXPERIMENT: &str = "perceptron-distorted";
/// The epoch of the first row; those of the second follow.
const EPOCH: usize = 1;
/// A pixel's side.
const SCALE: f64 = 3.0;
/// From one picture to the next.
const STEP: f64 = WIDTH / 5.0;
/// From the top of a row to its pictures, and to the next row.
const TOP: f64 = 24.0;
const DOWN: f64 = 128.0;
/// From one arrow to the next, in pixels: more would be too many to be told apart.
const ARROWS: usize = 3;

pub const FIGURE: Figure = Figure {
    name: "distorted",
    caption: "A training image, distorted. Above: as it is; where the ink goes in an elastic distortion, each line ending in a dot; the digit \
              bent so; another way to change it, turned, leaned over and stretched; and all of this at once. Below: the same image in five more \
              epochs.",
    alt: "Two rows of pictures of the same handwritten-looking digit. In the second picture of the first row short lines flow like currents \
          over it. In the others its strokes are bent, turned and stretched, each in a way of its own, and it can always be read.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let digit = digits::one(DIGIT)?;
    let shape = Shape::image(1, digits::SIDE, digits::SIDE);
    let images = Dataset::new(shape, usize::from(DIGIT) + 1, digit.iter().copied().collect(), vec![DIGIT])?;
    let all = experiments::find(EXPERIMENT)?.distortion;
    let all = all.ok_or_else(|| Error::input(format!("{EXPERIMENT} distorts nothing")))?;
    let elastic = Distortion { alpha: all.alpha, sigma: all.sigma, ..Distortion::NONE };
    let affine = Distortion { alpha: 0.0, ..all };
    let set = |distortion, epoch| Ok(TrainingSet::distorted(&images, distortion)?.in_epoch(1, epoch));
    let digit = |distortion, epoch| -> Result<Array2<u8>> {
        let mut x = vec![0.0; digit.len()];
        set(distortion, epoch)?.write(0, &mut x);
        let x = Array2::from_shape_vec(digit.dim(), x).expect("as many pixels as the digit has");
        Ok(pixels::inked(x.view()))
    };

    let mut body = String::new();
    let bent = set(elastic, EPOCH)?;
    body += &picture(0, 0, "as it is", digit(Distortion::NONE, EPOCH)?.view());
    body += &currents(corner(0, 1), "elastic", &bent.field(0));
    body += &picture(0, 2, "bent", digit(elastic, EPOCH)?.view());
    body += &picture(0, 3, "turned", digit(affine, EPOCH)?.view());
    body += &picture(0, 4, "both", digit(all, EPOCH)?.view());
    for column in 0..5 {
        let epoch = EPOCH + 1 + column;
        body += &picture(1, column, &format!("epoch {epoch}"), digit(all, epoch)?.view());
    }
    Ok(drawing(2.0 * DOWN + 4.0, &body))
}

/// The top left corner of a picture.
fn corner(row: usize, column: usize) -> Point {
    (column as f64 * STEP + 6.0, row as f64 * DOWN + TOP)
}

/// A digit and the word above it.
fn picture(row: usize, column: usize, word: &str, digit: ArrayView2<u8>) -> String {
    let at = corner(row, column);
    heading(at, word) + &pixels::picture(at, SCALE, digit) + &pixels::frame(at, SCALE, digit.dim())
}

fn heading((x, y): Point, word: &str) -> String {
    svg::text(x + SCALE * digits::SIDE as f64 / 2.0, y - TEXT, word)
}

/// From where each of some pixels is fetched, and to where, which has the dot.
fn currents(at: Point, word: &str, [down, right]: &[Vec<f32>; 2]) -> String {
    let side = digits::SIDE;
    let places = (1..side).step_by(ARROWS).flat_map(|i| (1..side).step_by(ARROWS).map(move |j| (i, j)));
    let place = |i: f64, j: f64| (at.0 + SCALE * (j + 0.5), at.1 + SCALE * (i + 0.5));
    let line = |(i, j): (usize, usize)| {
        let (down, right) = (f64::from(down[i * side + j]), f64::from(right[i * side + j]));
        [place(i as f64 + down, j as f64 + right), place(i as f64, j as f64)]
    };
    let ends = lines(LIT, 1.2, places.clone().map(line)) + &dots(LIT, 2.4, places.map(|place| line(place)[1]));
    heading(at, word) + &ends + &pixels::frame(at, SCALE, (side, side))
}
