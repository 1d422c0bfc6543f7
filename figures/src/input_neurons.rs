//! The input neurons, as a square: one for each pixel.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FAINT, INPUT, Map, drawing, words},
    digits,
};
use ndarray::array;
use network3::{Label, Result};

/// The digit that is shown.
const DIGIT: Label = 3;
const STEP: f64 = 13.0;

pub const FIGURE: Figure = Figure {
    name: "input-neurons",
    caption: "The input neurons, not as a column but as the square that the image is. The activation of each is the ink in its \
              pixel.",
    alt: "A square grid of small circles, one for each pixel of an image. Some are filled, more or less darkly, and together \
          they show a handwritten digit. Beside the grid a scale of circles goes from empty, for no ink, to full.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let map = Map { corner: (4.0, 4.0), side: INPUT, step: STEP };
    let mut body = map.activations(digits::one(DIGIT)?.view()) + &map.frame(FAINT, (0, 0), INPUT);
    body += &words(map.below(20.0), [&format!("{INPUT}×{INPUT} input neurons")]);

    for (k, (activation, number)) in [(255, "1"), (128, "½"), (0, "0")].into_iter().enumerate() {
        let one = Map { corner: (408.0, 150.0 + 24.0 * k as f64), side: 1, step: STEP };
        body += &one.activations(array![[activation]].view());
        body += &words((436.0, one.at((0, 0)).1), [number]);
    }
    body += &words((426.0, 126.0), ["activation"]);
    Ok(drawing(map.size() + 40.0, &body))
}
