//! Learned filters: the weights of the first convolutional layer, of two networks that began differently.

use crate::{Drawing, Figure, Sources, diagram, first_layer::FirstLayer, pixels, svg};
use ndarray::Axis;
use network3::Result;

/// The experiment whose filters are shown, first with the habits of network3.py, then without.
const EXPERIMENTS: [(&str, &str); 2] =
    [("two-conv-relu", "begun as network3.py does"), ("two-conv-relu-corrected", "begun as one does today")];
/// Filters in a row.
const COLUMNS: usize = 10;
/// A weight's side.
const SCALE: f64 = 8.0;
/// From one filter to the next.
const STEP: f64 = 48.0;
/// Room for a heading, and between the networks.
const HEADING: f64 = 30.0;

pub const FIGURE: Figure = Figure {
    name: "filters",
    caption: "What the first convolutional layer has learned: one block of weights for each feature map, and the same network trained \
              from two beginnings. Orange asks for ink, blue for paper; each block has a scale of its own. A block that is crossed \
              out is dead: its map is active on no digit.",
    alt: "Two groups of small square blocks in orange and blue, one block for each filter and one square for each weight. Most blocks \
          have an orange side and a blue side. In the upper group more than half of the blocks are crossed out, in the lower \
          group none is.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let (mut body, mut y) = (String::new(), 0.0);
    for (experiment, beginning) in EXPERIMENTS {
        let layer = FirstLayer::of(sources, experiment)?;
        let dead = layer.dead()?;
        let n = layer.filters.len_of(Axis(0));
        let wrong = sources.record(experiment)?.misclassified.len();
        body += &svg::text_from((0.0, y + 10.0), format!("{beginning}: {} of {n} dead, {wrong} mistakes", dead.len()));
        y += HEADING;
        for (i, filter) in layer.filters.axis_iter(Axis(0)).enumerate() {
            let (x, y) = ((i % COLUMNS) as f64 * STEP + 4.0, y + (i / COLUMNS) as f64 * STEP);
            body += &pixels::signed((x, y), SCALE, filter);
            if dead.contains(&i) {
                let (right, bottom) = (x + filter.ncols() as f64 * SCALE, y + filter.nrows() as f64 * SCALE);
                let cross = [[(x, y), (right, bottom)], [(x, bottom), (right, y)]];
                body += &diagram::lines(diagram::INK, 2.0, cross);
            }
        }
        y += n.div_ceil(COLUMNS) as f64 * STEP + 12.0;
    }
    body += &pixels::legend(y + 6.0);
    Ok(Drawing { size: (svg::WIDTH as u32, y as u32 + 20), body })
}
