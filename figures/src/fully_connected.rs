//! A fully-connected network: every neuron listens to every neuron of the layer before.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FAINT, INK, INPUT, LIT, Point, dots, drawing, lines, rings, short_of, words},
};
use network3::{Network, Result, Shape, data::DIGITS};

/// The experiment that has this network.
const EXPERIMENT: &str = "shallow";
const RADIUS: f64 = 9.0;
/// The middle of the columns' height, and how high they are.
const MIDDLE: f64 = 200.0;
const HEIGHT: f64 = 306.0;

pub const FIGURE: Figure = Figure {
    name: "fully-connected",
    caption: "A fully-connected network. Every neuron is connected to all neurons of the layer before, as one hidden neuron \
              shows: it does not matter to it where in the image a pixel lies. Most neurons are left out.",
    alt: "Three columns of circles: inputs, hidden neurons and outputs. Lines run from every circle to every circle of the next \
          column. The lines into one hidden neuron stand out. Each output has a digit beside it.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let layers = experiments::find(EXPERIMENT)?.layers;
    let network = Network::new(Shape::image(1, INPUT, INPUT), &layers)?;
    let sizes = [network.input().len(), network.layers()[0].output_shape().len(), DIGITS];
    let [inputs, hidden, outputs] = [column(70.0, 9, true), column(238.0, 7, true), column(400.0, DIGITS, false)];
    let (one, others): (Vec<Point>, _) = hidden.iter().partition(|&&neuron| neuron == hidden[1]);

    let mut body = lines(FAINT, 0.8, connections(&inputs, &others));
    body += &lines(FAINT, 0.8, connections(&hidden, &outputs));
    body += &lines(LIT, 1.5, connections(&inputs, &one));
    body += &rings(INK, 1.5, RADIUS, [&inputs[..], &others, &outputs].concat());
    body += &(rings(LIT, 1.5, RADIUS, one.clone()) + &dots(LIT, RADIUS, one));
    for (x, size, what) in [(70.0, sizes[0], "inputs"), (238.0, sizes[1], "hidden"), (400.0, sizes[2], "outputs")] {
        body += &words((x, 16.0), [&format!("{size} {what}")]);
        if x < 400.0 {
            body += &dots(INK, 3.0, [-10.0, 0.0, 10.0].map(|dy| (x, MIDDLE + dy)));
        }
    }
    for (digit, (x, y)) in outputs.into_iter().enumerate() {
        body += &words((x + 24.0, y), [&digit.to_string()]);
    }
    Ok(drawing(MIDDLE + HEIGHT / 2.0 + 20.0, &body))
}

/// From each neuron to each, rim to rim.
fn connections(from: &[Point], to: &[Point]) -> Vec<[Point; 2]> {
    let line = |a, b| [short_of(b, a, RADIUS), short_of(a, b, RADIUS)];
    from.iter().flat_map(|&a| to.iter().map(move |&b| line(a, b))).collect()
}

/// Neurons below each other; with `gap`, the middle one is left out.
fn column(x: f64, slots: usize, gap: bool) -> Vec<Point> {
    let slot = |k: usize| (x, MIDDLE + HEIGHT * (k as f64 / (slots - 1) as f64 - 0.5));
    (0..slots).filter(|&k| !gap || k != slots / 2).map(slot).collect()
}
