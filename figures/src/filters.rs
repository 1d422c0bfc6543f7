//! Learned filters: the weights of the first convolutional layer.

use crate::{Drawing, Figure, Sources, svg};
use ndarray::{Array2, Axis};
use network3::Result;

/// The experiment whose filters are shown.
const EXPERIMENT: &str = "two-conv-relu";
/// Filters in a row.
const COLUMNS: usize = 10;
/// A weight's side.
const SCALE: f64 = 10.0;
/// Between two filters.
const GAP: f64 = 14.0;

pub const FIGURE: Figure = Figure {
    name: "filters",
    caption: "What the first convolutional layer has learned: one block of weights for each feature map. Darker is larger: \
              the map responds more to ink there. All blocks share one scale, on which zero is the middle grey.",
    alt: "Rows of small square blocks in shades of grey, one block for each filter and one square for each weight. Below \
          them is a scale, from white for the smallest weight to black for the largest.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let filters = sources.first_filters(EXPERIMENT)?;
    let (n, height, width) = filters.dim();
    let largest = filters.iter().fold(f32::MIN_POSITIVE, |m, w| m.max(w.abs()));
    let (across, down) = (width as f64 * SCALE, height as f64 * SCALE);
    let mut body = String::new();
    for (i, filter) in filters.axis_iter(Axis(0)).enumerate() {
        let (x, y) = ((i % COLUMNS) as f64 * (across + GAP) + 1.0, (i / COLUMNS) as f64 * (down + GAP) + 1.0);
        body += &svg::block((x, y), SCALE, svg::signed(filter, largest).view());
    }
    let (width, y) = (COLUMNS as f64 * (across + GAP) - GAP + 2.0, n.div_ceil(COLUMNS) as f64 * (down + GAP));
    let scale = Array2::from_shape_fn((1, 17), |(_, i)| (i * 255 / 16) as u8);
    let middle = width / 2.0;
    body += &svg::block((middle - 8.5 * SCALE, y), SCALE, scale.view());
    let body = format!("<g fill=\"#000\">\n{body}</g>\n")
        + &svg::text(middle - 140.0, y + SCALE / 2.0, format!("weight: −{largest:.2}"))
        + &svg::text(middle + 110.0, y + SCALE / 2.0, format!("{largest:.2}"));
    Ok(Drawing { size: (width as u32, y as u32 + 20), body })
}
