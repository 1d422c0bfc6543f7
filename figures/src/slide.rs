//! The slide: the field moves on by one neuron, and another hidden neuron listens to it.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FIELD, HIDDEN, INK, INPUT, LIT, Map, Place, dots, drawing, square, words},
};
use network3::Result;

const STEP: f64 = 6.5;
/// From one picture to the next.
const DOWN: f64 = 232.0;

pub const FIGURE: Figure = Figure {
    name: "slide",
    caption: "Above: the first hidden neuron listens to the field in the top left corner. Below: the field has moved by one \
              neuron to the right, and the second hidden neuron listens to it. So it goes on, row by row; there are fewer \
              hidden neurons than inputs because the field stops at the border.",
    alt: "Two pictures, one below the other. Each has a large grid of dots, the inputs, with a framed square of lit dots in the \
          top left corner, and lines from the frame to one lit dot in a smaller grid, the hidden neurons. In the lower picture \
          the frame and the lit hidden neuron are one dot further to the right.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let body = [0, 1].map(|k| picture(k as f64 * DOWN, (0, k)));
    Ok(drawing(2.0 * DOWN, &body.concat()))
}

/// The field at `first`, and the hidden neuron that listens to it; those before it are done.
fn picture(y: f64, first: Place) -> String {
    let input = Map { corner: (4.0, y + 4.0), side: INPUT, step: STEP };
    let hidden = Map { corner: (476.0 - HIDDEN as f64 * STEP, y + 4.0 + 2.0 * STEP), side: HIDDEN, step: STEP };
    let mut body = input.draw() + &input.lit(square(first, FIELD));
    body += &(hidden.draw() + &dots(INK, 0.6 * STEP, (0..first.1).map(|j| hidden.at((0, j)))));
    body += &(input.frame(LIT, first, FIELD) + &input.beam(first, FIELD, hidden.at(first)) + &hidden.star(first));
    body += &words(input.below(20.0), [&format!("{INPUT}×{INPUT} inputs")]);
    body + &words((hidden.below(0.0).0, input.below(20.0).1), [&format!("{HIDDEN}×{HIDDEN} hidden")])
}
