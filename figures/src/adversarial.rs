//! Digits, changes that flip the answer, and both together.

use crate::{Drawing, Figure, Sources, digits::SIDE, pixels, svg};
use experiments::record::Picture;
use network3::{Label, Result};
use serde::Deserialize;

/// Examples beside each other.
const COLUMNS: usize = 2;
/// A pixel's side.
const SCALE: f64 = 2.1;
/// From one picture of an example to the next, and from one example to the next.
const STEP: f64 = 66.0;
const WIDE: f64 = 242.0;
const TALL: f64 = 90.0;

pub const FIGURE: Figure = Figure {
    name: "adversarial",
    caption: "A digit of each class that the network reads right, the change that was found for it, and the sum, which the network takes \
              for something else. Orange adds ink and blue takes it away; each change has a scale of its own, several times that of the \
              digits.",
    alt: "Ten rows of three small pictures, in two columns: a grey handwritten digit, orange and blue blots mostly around its strokes, and \
          the same digit with faint grey smudges. Below the first is what it is, below the last another digit.",
    draw,
};

#[derive(Deserialize)]
struct Record {
    examples: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    label: Label,
    target: Label,
    before: Picture,
    change: Picture,
    after: Picture,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let Record { examples } = sources.system("adversarial")?;
    let side = SIDE as f64 * SCALE;
    let mut body = String::new();
    for (k, Example { label, target, before, change, after }) in examples.iter().enumerate() {
        let (x, y) = ((k % COLUMNS) as f64 * WIDE + 4.0, (k / COLUMNS) as f64 * TALL + 2.0);
        let at = |n: usize| (x + n as f64 * STEP, y);
        for (n, picture) in [(0, before), (2, after)] {
            body += &pixels::picture(at(n), SCALE, pixels::of(picture, (SIDE, SIDE))?.view());
            body += &pixels::frame(at(n), SCALE, (SIDE, SIDE));
        }
        body += &pixels::signed(at(1), SCALE, pixels::of_signed(change, (SIDE, SIDE))?.view());
        for (n, words) in [(0, format!("a {label}")), (2, format!("“{target}”"))] {
            body += &svg::text(x + n as f64 * STEP + side / 2.0, y + side + 13.0, words);
        }
    }
    let height = examples.len().div_ceil(COLUMNS) as f64 * TALL + 4.0;
    Ok(Drawing { size: (svg::WIDTH as u32, height as u32), body })
}
