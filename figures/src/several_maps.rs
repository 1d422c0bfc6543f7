//! A kernel over several maps: how a second convolutional layer looks at the first.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FAINT, FIELD, INK, LIT, Map, Place, arrow, drawing, rings, short_of, words},
    digits,
    first_layer::FirstLayer,
    pixels,
};
use ndarray::{Array2, Axis, Ix4};
use network3::{Label, Result};

const EXPERIMENT: &str = "two-conv-relu";
const DIGIT: Label = 3;
/// Maps that are shown, and the kernel of the second layer.
const SHOWN: usize = 3;
const FILTER: usize = 0;
/// The window that is framed.
const PLACE: Place = (3, 4);
/// The side of a number of a map, and of a weight.
const SCALE: f64 = 9.0;
const WEIGHT: f64 = 11.0;
const DOWN: f64 = 120.0;

pub const FIGURE: Figure = Figure {
    name: "several-maps",
    caption: "A kernel of the second layer has a slice of weights for every map of the first. Each slice slides over its own map, all at \
              the same place, and what they find is added up: one number. Here are three of the maps, the slices for them, and \
              what those alone make together.",
    alt: "Three small pictures below each other, in each of which some strokes of a digit are dark, and a square is framed at the same \
          place. Beside each a small block of weights in orange and blue. Arrows lead from all blocks to a plus sign, and from there \
          to a picture in orange and blue, in which one place is framed.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let mut layer = FirstLayer::of(sources, EXPERIMENT)?;
    let digit = digits::one(DIGIT)?;
    let pooled = layer.pooled(digit.view());
    let live: Vec<usize> = layer.live()?.into_iter().take(SHOWN).collect();
    let network = sources.network(EXPERIMENT)?;
    let second = network.layers().get(1).and_then(|layer| layer.parameters());
    let second = second.and_then(|p| p.w.clone().into_dimensionality::<Ix4>().ok());
    let second = second.filter(|w| w.dim().3 == pooled.len_of(Axis(2)));
    let second =
        second.ok_or_else(|| sources.useless(EXPERIMENT, "its second layer is no convolution of the first"))?;

    let side = pooled.len_of(Axis(0)) + 1 - FIELD;
    let mut sum = Array2::<f32>::zeros((side, side));
    let plus = (282.0, 60.0 + DOWN);
    let mut body = String::new();
    for (row, &map) in live.iter().enumerate() {
        let y = row as f64 * DOWN + 6.0;
        let (maps, slice) = (FirstLayer::map(&pooled, map), second.index_axis(Axis(0), FILTER));
        let slice = slice.index_axis(Axis(2), map);
        for ((i, j), sum) in sum.indexed_iter_mut() {
            *sum += slice.indexed_iter().map(|((l, m), w)| w * maps[(i + l, j + m)]).sum::<f32>();
        }
        let shown = Map { corner: (4.0, y), side: maps.nrows(), step: SCALE };
        body += &pixels::picture(shown.corner, SCALE, pixels::inked(maps.view()).view());
        body += &(shown.frame(FAINT, (0, 0), shown.side) + &shown.frame(LIT, PLACE, FIELD));
        let corner = (166.0, y + (shown.size() - WEIGHT * FIELD as f64) / 2.0);
        body += &format!("<g font-size=\"32\">\n{}</g>\n", words((138.0, y + shown.size() / 2.0), ["⋆"]));
        body += &pixels::signed(corner, WEIGHT, slice);
        let from = (228.0, y + shown.size() / 2.0);
        body += &arrow(FAINT, from, short_of(from, plus, 18.0));
    }
    body += &(rings(INK, 1.5, 14.0, [plus]) + &words(plus, ["+"]));
    let result = Map { corner: (356.0, plus.1 - side as f64 * 7.0), side, step: 14.0 };
    body += &arrow(FAINT, (plus.0 + 18.0, plus.1), (result.corner.0 - 8.0, plus.1));
    body += &(pixels::signed(result.corner, result.step, sum.view()) + &result.frame(LIT, PLACE, 1));
    let y = SHOWN as f64 * DOWN + 10.0;
    for (x, name) in [(58.0, "maps"), (194.0, "slices"), (412.0, "one map")] {
        body += &words((x, y), [name]);
    }
    Ok(drawing(y + 14.0, &body))
}
