//! The filters of the second convolutional layer: a block of weights for each pair of maps.

use crate::{Drawing, Figure, Sources, pixels, svg};
use ndarray::{Array2, ArrayView4, Axis, Ix4, s};
use network3::Result;

/// The experiment whose filters are shown: all maps of its first layer are alive.
const EXPERIMENT: &str = "two-conv-relu-corrected";
/// Room for the words above.
const TOP: f64 = 26.0;
/// Weights that are smaller than this part of the largest of their filter are left clear: they would be specks.
const SPECK: f32 = 0.25;

pub const FIGURE: Figure = Figure {
    name: "second-layer",
    caption: "What the second convolutional layer has learned. A row is a filter; in it stands a block of weights for each map of the first \
              layer. Orange asks for activity in that map, blue for silence; each row has a scale of its own.",
    alt: "A large grid of small blocks in orange and blue, with a row for each filter of the second layer and a column for each map of the \
          first. Most blocks are patchy; few show a shape that could be named.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let network = sources.network(EXPERIMENT)?;
    let weights = network.layers().get(1).and_then(|layer| layer.parameters());
    let weights = weights.and_then(|p| p.w.clone().into_dimensionality::<Ix4>().ok());
    let weights = weights.ok_or_else(|| sources.useless(EXPERIMENT, "its second layer is not made of filters"))?;
    let (filters, height, width, maps) = weights.dim();
    let grid = blocks(weights.view());
    let scale = svg::WIDTH / ((width + 1) * maps) as f64;
    let mut body = svg::text(svg::WIDTH / 2.0, 10.0, format!("{filters} filters, each with a block for {maps} maps"));
    let at = |row: usize, column: usize| {
        let (left, top) = (column * (width + 1), row * (height + 1));
        format!("M{left} {top}h{width}v{height}h-{width}z")
    };
    let paper: String = (0..filters).flat_map(|row| (0..maps).map(move |column| at(row, column))).collect();
    body += &format!("<path transform=\"translate(0 {TOP}) scale({scale})\" fill-opacity=\"0.08\" d=\"{paper}\"/>\n");
    body += &pixels::signed((0.0, TOP), scale, grid.view());
    let bottom = TOP + ((height + 1) * filters) as f64 * scale;
    body += &pixels::legend(bottom + 14.0);
    Ok(Drawing { size: (svg::WIDTH as u32, bottom as u32 + 28), body })
}

/// All blocks in one picture, with room for a weight between them: a row for each filter, on a scale of its own, a
/// column for each map.
fn blocks(weights: ArrayView4<f32>) -> Array2<f32> {
    let (filters, height, width, maps) = weights.dim();
    let mut grid = Array2::zeros(((height + 1) * filters, (width + 1) * maps));
    for (f, filter) in weights.axis_iter(Axis(0)).enumerate() {
        let largest = filter.fold(f32::MIN_POSITIVE, |m, w| m.max(w.abs()));
        for (m, block) in filter.axis_iter(Axis(2)).enumerate() {
            let (top, left) = (f * (height + 1), m * (width + 1));
            let place = s![top..top + height, left..left + width];
            grid.slice_mut(place).assign(&block.mapv(|w| if w.abs() < SPECK * largest { 0.0 } else { w / largest }));
        }
    }
    grid
}
