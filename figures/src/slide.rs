//! The slide: the field moves over the input, and each place has a hidden neuron of its own.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FIELD, HIDDEN, INK, INPUT, LIT, Map, Place, dots, drawing, square, words},
    digits, pixels,
};
use ndarray::ArrayView2;
use network3::{Label, Result};

const DIGIT: Label = 3;
const STEP: f64 = 5.5;
/// From one picture to the next.
const DOWN: f64 = 168.0;
/// Where the field is, in one picture after the other: at first, moved on by one, somewhere in the middle.
const PLACES: [Place; 3] = [(0, 0), (0, 1), (9, 13)];

pub const FIGURE: Figure = Figure {
    name: "slide",
    caption: "The window at three places, and the hidden neuron that looks through it. Rows and columns are counted from zero at the \
              top left: the window that begins in some row and column belongs to the hidden neuron in the same row and column. \
              Neurons whose turn has been are drawn larger. There are fewer hidden neurons than inputs, because the window stops \
              at the border.",
    alt: "Three pictures, one below the other. Each has a handwritten digit with a small framed square somewhere on it, and lines from \
          the frame to one lit dot in a grid of dots, the hidden neurons. The frame is first in the top left corner, then one pixel \
          further to the right, then in the middle. Beside each stand row and column.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let digit = digits::one(DIGIT)?;
    let mut body = String::new();
    for (k, place) in PLACES.into_iter().enumerate() {
        body += &picture(k as f64 * DOWN, place, digit.view());
    }
    let (input, hidden) = maps(2.0 * DOWN);
    body += &words(input.below(18.0), [&format!("{INPUT}×{INPUT} inputs")]);
    body += &words((hidden.below(0.0).0, input.below(18.0).1), [&format!("{HIDDEN}×{HIDDEN} hidden")]);
    Ok(drawing(3.0 * DOWN + 20.0, &body))
}

fn maps(y: f64) -> (Map, Map) {
    let input = Map { corner: (4.0, y + 4.0), side: INPUT, step: STEP };
    let hidden = Map { corner: (262.0, y + 4.0 + 2.0 * STEP), side: HIDDEN, step: STEP };
    (input, hidden)
}

/// The field at `first`, and the hidden neuron that listens to it; those before it are done.
fn picture(y: f64, first: Place, digit: ArrayView2<u8>) -> String {
    let (input, hidden) = maps(y);
    let done = square((0, 0), HIDDEN).take_while(|&place| place != first);
    let mut body = pixels::picture(input.corner, STEP, digit) + &pixels::frame(input.corner, STEP, digit.dim());
    body += &(hidden.draw() + &dots(INK, 0.6 * STEP, done.map(|place| hidden.at(place))));
    body += &(input.frame(LIT, first, FIELD) + &input.beam(first, FIELD, hidden.at(first)) + &hidden.star(first));
    let (row, column) = first;
    body + &words((437.0, y + 70.0), [&format!("row {row},"), &format!("column {column}")])
}
