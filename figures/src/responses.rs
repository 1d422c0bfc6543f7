//! What feature maps answer to a digit: the live kernels of a trained network, and what each makes of it.

use crate::{Drawing, Figure, Sources, digits, first_layer::FirstLayer, pixels, svg};
use ndarray::Axis;
use network3::{Label, Result};

const EXPERIMENT: &str = "two-conv-relu";
const DIGIT: Label = 3;
/// Feature maps in a row, and how many are shown at most.
const COLUMNS: usize = 3;
const SHOWN: usize = 9;
/// From one map to the next.
const STEP: (f64, f64) = (162.0, 108.0);
/// The sides of a weight and of a number of a map.
const WEIGHT: f64 = 8.0;
const SCALE: f64 = 4.0;
/// The side of a pixel of the digit.
const PIXEL: f64 = 3.5;

pub const FIGURE: Figure = Figure {
    name: "responses",
    caption: "One digit as the live maps of a trained network see it. Beside each kernel stands what its convolution makes of the \
              digit: orange where the sum is above zero, blue where it is below. Each picture has a scale of its own.",
    alt: "Above, a handwritten-looking digit. Below it a grid of pictures, each a small block of weights and a large relief of the \
          digit in orange and blue. Each brings out other parts of the strokes: upper or lower, left or right edges.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let layer = FirstLayer::of(sources, EXPERIMENT)?;
    let digit = digits::one(DIGIT)?;
    let maps = layer.convolved(digit.view());
    let left = (svg::WIDTH - PIXEL * digit.ncols() as f64) / 2.0;
    let mut body = pixels::picture((left, 2.0), PIXEL, digit.view()) + &pixels::frame((left, 2.0), PIXEL, digit.dim());
    body += &svg::text_to((left - 12.0, 50.0), "the digit");
    let top = PIXEL * digit.nrows() as f64 + 20.0;
    let live = layer.live()?;
    for (k, &f) in live.iter().take(SHOWN).enumerate() {
        let (x, y) = ((k % COLUMNS) as f64 * STEP.0 + 4.0, top + (k / COLUMNS) as f64 * STEP.1);
        let kernel = layer.filters.index_axis(Axis(0), f);
        let middle = y + (SCALE * maps.len_of(Axis(0)) as f64 - WEIGHT * kernel.nrows() as f64) / 2.0;
        body += &pixels::signed((x, middle), WEIGHT, kernel);
        body += &pixels::signed((x + 48.0, y), SCALE, FirstLayer::map(&maps, f).view());
    }
    let y = top + live.len().min(SHOWN).div_ceil(COLUMNS) as f64 * STEP.1;
    body += &pixels::legend(y + 6.0);
    Ok(Drawing { size: (svg::WIDTH as u32, y as u32 + 20), body })
}
