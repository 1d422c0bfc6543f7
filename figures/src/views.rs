//! The patches that some maps answer to most, and their views through the switches.

use crate::{
    Drawing, Figure, Sources, pixels,
    svg::{self, WIDTH},
};
use experiments::record::Picture;
use ndarray::{Array2, s};
use network3::Result;
use serde::Deserialize;

/// The side of a patch, in pixels, and the patches of a map side by side.
const SIDE: usize = 16;
const ACROSS: usize = 3;
/// From one patch to the next, in pixels.
const STEP: usize = SIDE + 1;
/// Maps side by side.
const COLUMNS: usize = 2;
/// A pixel's side.
const SCALE: f64 = 2.1;
/// From one map to the next.
const WIDE: f64 = 242.0;
const TALL: f64 = 134.0;

pub const FIGURE: Figure = Figure {
    name: "views",
    caption: "Maps of the second convolutional layer. To the left the patches of test digits that a map answers to most, the strongest first, \
              one for each digit; to the right what the map has seen of each, sent back down through the switches of max-pooling. \
              Orange is ink that counts for the map, blue is ink that counts against it.",
    alt: "Twelve pairs of squares, each of nine small pictures. The left square of a pair has nine pieces of grey handwritten strokes that \
          resemble each other; the right one has nine orange strokes with some blue beside them, nearly the same nine times.",
    draw,
};

#[derive(Deserialize)]
struct Record {
    maps: Vec<Map>,
}

#[derive(Deserialize)]
struct Map {
    map: usize,
    patches: Vec<Patch>,
}

#[derive(Deserialize)]
struct Patch {
    pixels: Picture,
    view: Picture,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let Record { maps } = sources.system("zeiler-fergus")?;
    let mut body = String::new();
    for (k, Map { map, patches }) in maps.iter().enumerate() {
        let (x, y) = ((k % COLUMNS) as f64 * WIDE + 2.0, (k / COLUMNS) as f64 * TALL);
        body += &svg::text_from((x, y + 12.0), format!("map {map}"));
        let sheet = ACROSS * STEP;
        let (mut seen, mut views) = (Array2::<u8>::zeros((sheet, sheet)), Array2::<f32>::zeros((sheet, sheet)));
        for (n, Patch { pixels, view }) in patches.iter().take(ACROSS * ACROSS).enumerate() {
            let (i, j) = (n / ACROSS * STEP, n % ACROSS * STEP);
            let here = s![i..i + SIDE, j..j + SIDE];
            seen.slice_mut(here).assign(&pixels::of(pixels, (SIDE, SIDE))?);
            // Few shades, for a smaller file.
            views.slice_mut(here).assign(&pixels::of_signed(view, (SIDE, SIDE))?.mapv(|v| (2.5 * v).round() / 2.5));
        }
        let seen = seen.mapv(|p| ((u16::from(p) + 42) / 85 * 85) as u8);
        let right = x + sheet as f64 * SCALE + 6.0;
        body += &pixels::picture((x, y + 24.0), SCALE, seen.view());
        body += &pixels::frame((x, y + 24.0), SCALE, (sheet - 1, sheet - 1));
        body += &pixels::signed((right, y + 24.0), SCALE, views.slice(s![..sheet - 1, ..sheet - 1]));
    }
    let y = maps.len().div_ceil(COLUMNS) as f64 * TALL;
    body += &pixels::legend(y + 10.0);
    Ok(Drawing { size: (WIDTH as u32, y as u32 + 24), body })
}
