//! A convolutional layer, and the pooling of each of its feature maps.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FIELD, HIDDEN, INPUT, LIT, MAPS, Map, POOLED, SHIFT, WINDOW, drawing, stack, words},
    digits,
    feature_maps::{DIGIT, EXPERIMENT},
    first_layer::FirstLayer,
    pixels,
};
use network3::Result;

pub const FIGURE: Figure = Figure {
    name: "conv-and-pool",
    caption: "Convolution, then pooling. Each feature map is pooled on its own.",
    alt: "From left to right: a handwritten-looking digit, the inputs; three smaller pictures behind each other, the feature maps; three \
          half as wide and high, the pooled maps. Lines run from a framed square of inputs to one place in each feature map, and \
          from a small window around that to one dot in each pooled map.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let (_, body) = layers(sources, 5.1, 42.0)?;
    Ok(drawing(224.0, &body))
}

/// The input, the feature maps and the pooled maps, with what leads from one to the next and what they are called. Also
/// returns the pooled maps.
pub fn layers(sources: &Sources, step: f64, gap: f64) -> Result<(Vec<Map>, String)> {
    let digit = digits::one(DIGIT)?;
    let [active, pooled] = FirstLayer::of(sources, EXPERIMENT)?.three(digit.view())?;
    let shift = (SHIFT * (MAPS - 1)) as f64 * step;
    let map = |x: f64, side: usize, drop: f64| Map { corner: (x, 4.0 + drop), side, step };
    let input = map(4.0, INPUT, shift / 2.0);
    let front = map(4.0 + input.size() + gap, HIDDEN, shift);
    let behind = map(front.corner.0 + front.size() + shift + gap, POOLED, shift + front.size() / 4.0);
    let ((maps, a), (pooled, b)) = (stack(front, &active), stack(behind, &pooled));

    // Both are seen in all maps of their stacks.
    let place = (1, HIDDEN - SHIFT);
    let unit = (place.0 / WINDOW, place.1 / WINDOW);
    let first = (unit.0 * WINDOW, unit.1 * WINDOW);
    let mut body = pixels::picture(input.corner, step, digit.view()) + &pixels::frame(input.corner, step, digit.dim());
    body += &(a + &b + &input.frame(LIT, place, FIELD));
    for (map, pooled) in maps.iter().zip(&pooled) {
        body += &(input.beam(place, FIELD, map.at(place)) + &map.star(place) + &map.frame(LIT, first, WINDOW));
        body += &(map.beam(first, WINDOW, pooled.at(unit)) + &pooled.star(unit));
    }
    let y = front.below(24.0).1;
    body += &words((input.below(0.0).0, y), [&format!("{INPUT}×{INPUT}"), "inputs"]);
    body += &words((front.below(0.0).0, y), [&format!("{MAPS}×{HIDDEN}×{HIDDEN}"), "feature maps"]);
    body += &words((pooled[0].below(0.0).0 + shift / 2.0, y), [&format!("{MAPS}×{POOLED}×{POOLED}"), "pooled"]);
    Ok((pooled, body))
}
