//! Feature maps: several kernels slide over the same image.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FIELD, HIDDEN, INPUT, LIT, MAPS, Map, SHIFT, drawing, square, stack, words},
};
use network3::Result;

const STEP: f64 = 6.5;

pub const FIGURE: Figure = Figure {
    name: "feature-maps",
    caption: "A convolutional layer with several feature maps. All look at the same field, each with weights of its own, which all \
              neurons of the map share: so each map looks for one feature, everywhere in the image.",
    alt: "A grid of dots, the inputs, with a framed square of lit dots near its top right corner. Lines run from the frame to \
          the same place in three smaller grids, the feature maps, which stand behind each other.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let shift = (SHIFT * (MAPS - 1)) as f64 * STEP;
    let input = Map { corner: (4.0, 16.0), side: INPUT, step: STEP };
    let front = Map { corner: (476.0 - shift - HIDDEN as f64 * STEP, 4.0 + shift), side: HIDDEN, step: STEP };
    let place = (1, HIDDEN - SHIFT); // is seen in all maps
    let (maps, stack) = stack(front, MAPS);
    let mut body = input.draw() + &stack + &input.lit(square(place, FIELD)) + &input.frame(LIT, place, FIELD);
    for map in maps {
        body += &(input.beam(place, FIELD, map.at(place)) + &map.star(place));
    }
    body += &words((input.below(0.0).0, 228.0), [&format!("{INPUT}×{INPUT}"), "inputs"]);
    body += &words((front.below(0.0).0, 228.0), [&format!("{MAPS}×{HIDDEN}×{HIDDEN}"), "feature maps"]);
    Ok(drawing(262.0, &body))
}
