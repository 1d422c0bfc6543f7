//! One local receptive field: what a hidden neuron of a convolutional layer listens to.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FAINT, FIELD, INPUT, LIT, Map, dots, drawing, lines, rings, short_of, square, words},
    digits,
};
use network3::{Label, Result};

/// The digit that it is a part of.
const DIGIT: Label = 3;
const RADIUS: f64 = 9.0;
/// Where the field begins.
const FIRST: (usize, usize) = (12, 11);

pub const FIGURE: Figure = Figure {
    name: "receptive-field",
    caption: "A hidden neuron of a convolutional layer is connected to a small square of input neurons, its local receptive \
              field, and to no others. Each connection has a weight.",
    alt: "A square grid of circles, the input neurons, filled so that they show a handwritten digit. A small square of them is \
          framed, and a line runs from each neuron in it to one circle on the right, the hidden neuron.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let map = Map { corner: (4.0, 4.0), side: INPUT, step: 11.0 };
    let field = || square(FIRST, FIELD);
    let hidden = (420.0, 84.0);
    let connections = field().map(|place| [map.at(place), short_of(map.at(place), hidden, RADIUS)]);
    let mut body = map.activations(digits::one(DIGIT)?.view()) + &map.frame(FAINT, (0, 0), INPUT);
    body += &map.frame(LIT, FIRST, FIELD);
    body += &lines(LIT, 0.8, connections);
    body += &(rings(LIT, 1.5, RADIUS, [hidden]) + &dots(LIT, RADIUS, [hidden]));
    body += &words((hidden.0, hidden.1 + 28.0), ["one hidden", "neuron"]);
    let labels = [format!("{INPUT}×{INPUT} input neurons,"), format!("{FIELD}×{FIELD} of them in the field")];
    body += &words(map.below(20.0), labels.each_ref().map(|label| &label[..]));
    Ok(drawing(map.size() + 60.0, &body))
}
