//! Max-pooling: of each window, only the largest activation goes on.

use crate::{
    Drawing, Figure, Sources,
    diagram::{HIDDEN, INK, LIT, Map, POOLED, WINDOW, arrow, drawing, rings, square, words},
};
use ndarray::{Array4, array};
use network3::{
    Pooling, Result, Shape, Ties,
    ops::{Pool, Window, pool},
};

const STEP: f64 = 9.0;
/// The window that is lit, by its place in the pooled map.
const PLACE: (usize, usize) = (3, 6);
/// Activations in that window.
const WINDOW_OF_FOUR: [[f32; 2]; 2] = [[0.1, 0.4], [0.9, 0.6]];

pub const FIGURE: Figure = Figure {
    name: "pooling",
    caption: "Max-pooling. Each unit of the pooled map stands for a window of the feature map, and takes the largest activation \
              in it. Below, one window up close.",
    alt: "Above, a grid of dots, divided into small square windows, and a grid with half as many dots in each direction. One \
          window is lit, and lines run from it to one dot of the smaller grid. Below, four circles with activations in them, of \
          which the largest stands out, and an arrow to a circle with that activation.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let map = Map { corner: (4.0, 4.0), side: HIDDEN, step: STEP };
    let pooled = Map { corner: (476.0 - POOLED as f64 * STEP, 4.0 + 6.0 * STEP), side: POOLED, step: STEP };
    let first = (WINDOW * PLACE.0, WINDOW * PLACE.1);
    let mut body = map.draw() + &map.rule(WINDOW) + &pooled.draw();
    body += &(map.lit(square(first, WINDOW)) + &map.frame(LIT, first, WINDOW));
    body += &(map.beam(first, WINDOW, pooled.at(PLACE)) + &pooled.star(PLACE));
    body += &words(map.below(20.0), [&format!("feature map, {HIDDEN}×{HIDDEN}")]);
    body += &words((pooled.below(0.0).0, map.below(20.0).1), [&format!("pooled, {POOLED}×{POOLED}")]);
    Ok(drawing(380.0, &(body + &close()?)))
}

/// One window, its activations, and what becomes of them.
fn close() -> Result<String> {
    let window = Map { corner: (64.0, 272.0), side: WINDOW, step: 48.0 };
    let x: Array4<f32> = array![WINDOW_OF_FOUR].insert_axis(ndarray::Axis(3));
    let op = Pool::new(
        Shape::image(1, WINDOW, WINDOW),
        Pooling::Max,
        Window::new((WINDOW, WINDOW), (WINDOW, WINDOW)),
        Ties::First,
    )?;
    let mut y = Array4::zeros((1, 1, 1, 1));
    pool::reference::forward(&op, x.view(), y.view_mut());
    let y = y[[0; 4]];

    let result = (380.0, window.corner.1 + 48.0);
    let mut body = window.frame(LIT, (0, 0), WINDOW);
    for place in window.places() {
        let (activation, centre) = (x[[0, place.0, place.1, 0]], window.at(place));
        body += &if activation == y { rings(LIT, 3.0, 19.0, [centre]) } else { rings(INK, 1.0, 19.0, [centre]) };
        body += &words(centre, [&activation.to_string()]);
    }
    body += &arrow(INK, (180.0, result.1), (result.0 - 40.0, result.1));
    body += &words((260.0, result.1 - 16.0), ["largest"]);
    Ok(body + &rings(LIT, 3.0, 19.0, [result]) + &words(result, [&y.to_string()]))
}
