//! The digits that a network gets wrong, or an ensemble, with what they are and what they were taken for.

use crate::{Drawing, Figure, Sources, digits::SIDE, pixels, svg};
use experiments::record::{Configuration, Misclassified, PICTURES, Picture};
use ndarray::Array2;
use network3::{Error, Result, thousands};

/// The experiments whose mistakes are shown.
const EXPERIMENT: &str = "two-conv-relu";
const ENSEMBLE: &str = "ensemble";
/// Digits in a row.
const COLUMNS: usize = 8;
/// A pixel's side.
const SCALE: f64 = 1.5;
/// From one digit to the next, across and down: room for the labels to the right, and for some air.
const STEP: (f64, f64) = (60.5, 52.0); // a digit, its labels, and a little more than they are apart

const ALT: &str = "A grid of small grey pictures of handwritten digits. To the right of each are two digits: above, the correct \
                   label; below, another one, which was predicted. The last line says how many images are misread.";

pub const FIGURE: Figure = Figure {
    name: "misclassified",
    caption: "Test images that the network gets wrong. At the top right of each stands what it is, at the bottom right what \
              the network takes it for.",
    alt: ALT,
    draw,
};

pub const ENSEMBLE_FIGURE: Figure = Figure {
    name: "ensemble-mistakes",
    caption: "Test images that the ensemble gets wrong, in the arrangement of Nielsen’s chapter: at the top right what each is, at the \
              bottom right what the ensemble takes it for.",
    alt: ALT,
    draw: draw_ensemble,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let record = sources.record(EXPERIMENT)?;
    grid(&record.misclassified, &record.configuration)
}

fn draw_ensemble(sources: &Sources) -> Result<Drawing> {
    let summary = sources.summary(ENSEMBLE)?;
    let vote = summary.ensemble.ok_or_else(|| Error::input("the summary of the ensemble has no vote in it"))?;
    grid(&vote.misclassified, &summary.configuration)
}

fn grid(misclassified: &[Misclassified], configuration: &Configuration) -> Result<Drawing> {
    let shown = misclassified.iter().filter_map(|m| Some((m, m.picture.as_ref()?))).take(PICTURES);
    let (mut body, mut n) = (String::new(), 0);
    for (m, picture) in shown {
        let (x, y) = ((n % COLUMNS) as f64 * STEP.0, (n / COLUMNS) as f64 * STEP.1);
        body += &pixels::picture((x, y), SCALE, pixels_of(picture)?.view());
        body += &pixels::frame((x, y), SCALE, (SIDE, SIDE));
        body += &svg::text(x + 49.0, y + 10.0, m.label);
        body += &svg::lit(&svg::text(x + 49.0, y + 34.0, m.predicted));
        n += 1;
    }
    let (width, height) = (svg::WIDTH, n.div_ceil(COLUMNS) as f64 * STEP.1);
    let (wrong, all) = (misclassified.len(), configuration.test_images);
    let first = if n < wrong { format!("; here are {n}") } else { String::new() };
    let sum = format!("{}: {wrong} of {} are misread{first}", configuration.data, thousands(all));
    body += &svg::text(width / 2.0, height + 10.0, sum);
    Ok(Drawing { size: (width as u32, height as u32 + 24), body })
}

/// The picture of a record as an image.
pub fn pixels_of(picture: &Picture) -> Result<Array2<u8>> {
    pixels::of(picture, (SIDE, SIDE))
}
