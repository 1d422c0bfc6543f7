//! A gallery of images that a network is certain of and that show nothing.

use crate::{
    Drawing, Figure, Sources,
    digits::SIDE,
    pixels,
    svg::{self, WIDTH},
};
use experiments::record::Picture;
use network3::Result;
use serde::Deserialize;

/// Images in a row.
const COLUMNS: usize = 5;
/// A pixel's side.
const SCALE: f64 = 1.5;
/// From one image to the next.
const STEP: f64 = 46.5;
/// Two ways stand beside each other, and below each other.
const WIDE: f64 = 252.0;
const TALL: f64 = 166.0;
/// Room for the name of a way, and for what an image is taken for.
const HEADING: f64 = 26.0;
const LABEL: f64 = 16.0;

pub const FIGURE: Figure = Figure {
    name: "fooling",
    caption: "For each way an image of each class, from zero to nine, of which the network is as certain as was asked for. Below each image \
              stands what it is taken for.",
    alt: "Four groups of ten small square pictures with a digit below each. In two groups the pictures are grey noise, in one they \
          are bands, waves and spots, and in one they are faint blots on paper.",
    draw,
};

#[derive(Deserialize)]
struct Record {
    ways: Vec<Way>,
}

#[derive(Deserialize)]
struct Way {
    name: String,
    pictures: Vec<Shown>,
}

#[derive(Deserialize)]
struct Shown {
    class: usize,
    picture: Picture,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let Record { ways } = sources.system("fooling")?;
    let mut body = String::new();
    for (k, Way { name, pictures }) in ways.iter().enumerate() {
        let (left, top) = ((k % 2) as f64 * WIDE, (k / 2) as f64 * TALL);
        body += &svg::text_from((left, top + 12.0), name);
        for (n, Shown { class, picture }) in pictures.iter().enumerate() {
            let (x, y) = (left + (n % COLUMNS) as f64 * STEP, top + HEADING + (n / COLUMNS) as f64 * (STEP + LABEL));
            // Four bits a pixel are many for noise: three shades are enough to see it, in a third of the bytes.
            let grey = pixels::of(picture, (SIDE, SIDE))?.mapv(|p| ((u16::from(p) + 63) / 127 * 127) as u8);
            body += &pixels::picture((x, y), SCALE, grey.view());
            body += &pixels::frame((x, y), SCALE, (SIDE, SIDE));
            body += &svg::text(x + SIDE as f64 * SCALE / 2.0, y + STEP + 4.0, class);
        }
    }
    let height = ways.len().div_ceil(2) as f64 * TALL;
    Ok(Drawing { size: (WIDTH as u32, height as u32), body })
}
