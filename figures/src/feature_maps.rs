//! Feature maps: several kernels slide over the same image.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FIELD, HIDDEN, INPUT, LIT, MAPS, Map, SHIFT, drawing, stack, words},
    digits,
    first_layer::FirstLayer,
    pixels,
};
use network3::{Label, Result};

/// The network whose maps are shown, and what they are shown.
pub const EXPERIMENT: &str = "two-conv-relu";
pub const DIGIT: Label = 3;
const STEP: f64 = 6.5;

pub const FIGURE: Figure = Figure {
    name: "feature-maps",
    caption: "A convolutional layer with several feature maps. All look at the same field, each with weights of its own, which all \
              neurons of the map share: so each map looks for one feature, everywhere in the image. These maps are those of a \
              trained network.",
    alt: "A handwritten-looking digit, with a framed square near its top right corner. Lines run from the frame to the same place in \
          three smaller pictures, the feature maps, which stand behind each other. In each of them other strokes of the digit are \
          dark.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let digit = digits::one(DIGIT)?;
    let [active, _] = FirstLayer::of(sources, EXPERIMENT)?.three(digit.view())?;
    let shift = (SHIFT * (MAPS - 1)) as f64 * STEP;
    let input = Map { corner: (4.0, 16.0), side: INPUT, step: STEP };
    let front = Map { corner: (476.0 - shift - HIDDEN as f64 * STEP, 4.0 + shift), side: HIDDEN, step: STEP };
    let place = (1, HIDDEN - SHIFT); // is seen in all maps
    let (maps, stack) = stack(front, &active);
    let mut body = pixels::picture(input.corner, STEP, digit.view()) + &pixels::frame(input.corner, STEP, digit.dim());
    body += &(stack + &input.frame(LIT, place, FIELD));
    for map in maps {
        body += &(input.beam(place, FIELD, map.at(place)) + &map.star(place));
    }
    body += &words((input.below(0.0).0, 228.0), [&format!("{INPUT}×{INPUT}"), "inputs"]);
    body += &words((front.below(0.0).0, 228.0), [&format!("{MAPS}×{HIDDEN}×{HIDDEN}"), "feature maps"]);
    Ok(drawing(262.0, &body))
}
