//! What a network loses when a part of a digit is covered.

use crate::{
    Drawing, Figure, Sources,
    digits::SIDE,
    pixels,
    svg::{self, WIDTH},
};
use experiments::record::Picture;
use network3::{Label, Result};
use serde::Deserialize;

/// Digits side by side.
const COLUMNS: usize = 5;
/// A pixel's side.
const SCALE: f64 = 3.1;
/// From one picture to the next, across and down; and from one row of digits to the next.
const STEP: f64 = 96.0;
const TALL: f64 = 3.0 * 92.0 + 12.0;

pub const FIGURE: Figure = Figure {
    name: "occlusion",
    caption: "A digit of each class; below it, for every place that a patch of paper may lie on, how far the probability of that class falls \
              (dark: to nothing); and below that, which share of the activity is gone of the map that answers to the digit most.",
    alt: "Two rows of five columns of three pictures. Above is a handwritten digit. In the middle are a few dark spots on its strokes, each where one \
          could cover a part and make another digit. Below is a grey cloud along a part of the digit.",
    draw,
};

#[derive(Deserialize)]
struct Record {
    examples: Vec<Covered>,
}

#[derive(Deserialize)]
struct Covered {
    label: Label,
    digit: Picture,
    probability: Picture,
    activity: Picture,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let Record { examples } = sources.system("zeiler-fergus")?;
    let mut body = String::new();
    for (k, Covered { label, digit, probability, activity }) in examples.iter().enumerate() {
        let (x, y) = ((k % COLUMNS) as f64 * STEP + 2.0, (k / COLUMNS) as f64 * TALL + 2.0);
        body += &format!("<g aria-label=\"{label}\">\n");
        for (n, picture) in [digit, probability, activity].into_iter().enumerate() {
            let at = (x, y + 92.0 * n as f64);
            body += &pixels::picture(at, SCALE, pixels::of(picture, (SIDE, SIDE))?.view());
            body += &pixels::frame(at, SCALE, (SIDE, SIDE));
        }
        body += "</g>\n";
    }
    let y = examples.len().div_ceil(COLUMNS) as f64 * TALL;
    body += &svg::text(WIDTH / 2.0, y + 6.0, "digit; probability lost; activity lost");
    Ok(Drawing { size: (WIDTH as u32, y as u32 + 22), body })
}
