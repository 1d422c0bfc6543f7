//! The whole small network: convolution, pooling, and a fully-connected layer of outputs.

use crate::{
    Drawing, Figure, Sources, conv_and_pool,
    diagram::{FAINT, INK, POOLED, Point, drawing, lines, rings, short_of, words},
};
use network3::{Result, data::DIGITS};

const RADIUS: f64 = 6.0;
/// The outputs: the middle of the first one, and from one to the next.
const FIRST: Point = (448.0, 14.0);
const DOWN: f64 = 15.5;

pub const FIGURE: Figure = Figure {
    name: "whole-network",
    caption: "The whole network. Every pooled unit of every map is connected to every output; of these connections only a few are \
              drawn.",
    alt: "From left to right: a handwritten-looking digit, the inputs; three smaller pictures behind each other, the feature maps; three \
          still smaller ones, the pooled maps; a column of circles, the outputs, each with a digit beside it. Lines lead from a square \
          of inputs over the feature maps to the pooled maps, and from all pooled maps to every output.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let (pooled, mut body) = conv_and_pool::layers(sources, 4.2, 32.0)?;
    let outputs: Vec<Point> = (0..DIGITS).map(|k| (FIRST.0, FIRST.1 + DOWN * k as f64)).collect();
    // Of the last column, which is seen in all maps.
    let units = pooled.iter().flat_map(|map| [0, POOLED / 2, POOLED - 1].map(|i| map.at((i, POOLED - 1))));
    let connections = units.flat_map(|unit| outputs.iter().map(move |&output| [unit, short_of(unit, output, RADIUS)]));
    body += &(lines(FAINT, 0.5, connections) + &rings(INK, 1.5, RADIUS, outputs.iter().copied()));
    for (digit, (x, y)) in outputs.into_iter().enumerate() {
        body += &words((x + 18.0, y), [&digit.to_string()]);
    }
    Ok(drawing(214.0, &body))
}
