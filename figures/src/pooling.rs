//! Max-pooling: of each window, only the largest activation goes on.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FAINT, HIDDEN, INK, LIT, Map, POOLED, WINDOW, arrow, drawing, rings, words},
    digits,
    feature_maps::{DIGIT, EXPERIMENT},
    first_layer::FirstLayer,
    pixels,
};
use network3::Result;

const STEP: f64 = 9.0;
/// The window that is lit, by its place in the pooled map.
const PLACE: (usize, usize) = (5, 7);

pub const FIGURE: Figure = Figure {
    name: "pooling",
    caption: "Max-pooling of a feature map of a trained network. Each unit of the pooled map stands for a window of the feature map, \
              and takes the largest activation in it. Below, one window up close.",
    alt: "Above, a picture in which some strokes of a digit are dark, divided into small square windows, and a coarser picture half \
          as wide and high. One window is framed, and lines run from it to one place of the smaller picture. Below, four circles \
          with activations in them, of which the largest stands out, and an arrow to a circle with that activation.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let digit = digits::one(DIGIT)?;
    let mut layer = FirstLayer::of(sources, EXPERIMENT)?;
    let filter = *layer.live()?.first().ok_or_else(|| sources.useless(EXPERIMENT, "all its maps are dead"))?;
    let before = FirstLayer::map(&layer.active(digit.view()), filter);
    let after = FirstLayer::map(&layer.pooled(digit.view()), filter);

    let map = Map { corner: (4.0, 4.0), side: HIDDEN, step: STEP };
    let pooled = Map { corner: (476.0 - POOLED as f64 * STEP, 4.0 + 6.0 * STEP), side: POOLED, step: STEP };
    let first = (WINDOW * PLACE.0, WINDOW * PLACE.1);
    let mut body = String::new();
    for (map, numbers) in [(map, &before), (pooled, &after)] {
        body += &pixels::picture(map.corner, STEP, pixels::inked(numbers.view()).view());
        body += &map.frame(FAINT, (0, 0), map.side);
    }
    body += &(map.rule(WINDOW) + &map.frame(LIT, first, WINDOW));
    body += &(map.beam(first, WINDOW, pooled.at(PLACE)) + &pooled.frame(LIT, PLACE, 1));
    body += &words(map.below(20.0), [&format!("feature map, {HIDDEN}×{HIDDEN}")]);
    body += &words((pooled.below(0.0).0, map.below(20.0).1), [&format!("pooled, {POOLED}×{POOLED}")]);

    // One window, its activations, and what becomes of them.
    let window = Map { corner: (64.0, 272.0), side: WINDOW, step: 48.0 };
    let result = (380.0, window.corner.1 + 48.0);
    body += &window.frame(LIT, (0, 0), WINDOW);
    for place in window.places() {
        let (activation, centre) = (before[(first.0 + place.0, first.1 + place.1)], window.at(place));
        let wins = activation == after[PLACE];
        body += &if wins { rings(LIT, 3.0, 19.0, [centre]) } else { rings(INK, 1.0, 19.0, [centre]) };
        body += &words(centre, [&format!("{activation:.1}")]);
    }
    body += &arrow(INK, (180.0, result.1), (result.0 - 40.0, result.1));
    body += &words((260.0, result.1 - 16.0), ["largest"]);
    body += &(rings(LIT, 3.0, 19.0, [result]) + &words(result, [&format!("{:.1}", after[PLACE])]));
    Ok(drawing(380.0, &body))
}
