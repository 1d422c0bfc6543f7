//! Coloured numbers, and what the small network of KSH's kind takes them for.

use crate::{
    Drawing, Figure, Sources, pixels,
    svg::{self, WIDTH},
};
use experiments::record::Picture;
use network3::{Label, Result};
use plotters::style::RGBColor;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt::Write};

const COLUMNS: usize = 2;
/// A pixel's side.
const SCALE: f64 = 3.0;
/// From one picture to the next.
const STEP: (f64, f64) = (WIDTH / COLUMNS as f64, 128.0);
/// Guesses that are shown.
const GUESSES: usize = 5;
/// The length of a bar that stands for certainty.
const BAR: f64 = 76.0;

pub const FIGURE: Figure = Figure {
    name: "ksh-pictures",
    caption: "The first test pictures. Beside each stand the five numbers that the network finds most probable, with a bar as long as the \
              probability; the right one is orange and bold.",
    alt: "Six small coloured pictures, each of a handwritten number of two digits. The digits have different colours and stand on grounds \
          of other colours. To the right of each picture are five numbers with bars of falling length; mostly the first is the right one.",
    draw,
};

#[derive(Deserialize)]
struct Record {
    examples: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    label: Label,
    picture: [Picture; 3],
    guesses: Vec<(Label, f64)>,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let Record { examples } = sources.system("ksh")?;
    let mut body = String::new();
    for (k, example) in examples.iter().enumerate() {
        let (x, y) = ((k % COLUMNS) as f64 * STEP.0, (k / COLUMNS) as f64 * STEP.1);
        body += &coloured((x, y), SCALE, &example.picture);
        for (n, (label, p)) in example.guesses.iter().take(GUESSES).enumerate() {
            let (x, y) = (x + 122.0, y + 12.0 + 22.0 * n as f64);
            let word = svg::text_from((x, y), format!("{label:02}"));
            let width = ((p * BAR * 10.0).round() / 10.0).max(0.5);
            let bar = format!("<rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"8\"/>\n", x + 26.0, y - 4.0);
            let line = word + &bar;
            body += &if *label == example.label { svg::lit(&line) } else { line };
        }
    }
    let height = examples.len().div_ceil(COLUMNS) as f64 * STEP.1 - 14.0;
    Ok(Drawing { size: (WIDTH as u32, height as u32), body })
}

/// A picture from its red, green and blue: one path for each colour, in which neighbours in a row are one rectangle.
fn coloured((x, y): (f64, f64), scale: f64, parts: &[Picture; 3]) -> String {
    let rows: Vec<Vec<Vec<u8>>> = parts.iter().map(|part| part.rows().collect()).collect();
    let side = rows.iter().map(Vec::len).max().unwrap_or(0);
    // Sixteen shades of each, and zeros at the end of a row are not written.
    let at = |c: usize, i: usize, j: usize| rows[c].get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    let mut paths: BTreeMap<[u8; 3], String> = BTreeMap::new();
    for i in 0..side {
        let row: Vec<[u8; 3]> = (0..side).map(|j| [0, 1, 2].map(|c| at(c, i, j))).collect();
        let mut first = 0;
        for run in row.chunk_by(|a, b| a == b) {
            let n = run.len();
            let _ = write!(paths.entry(run[0]).or_default(), "M{first} {i}h{n}v1h-{n}z"); // a String takes all
            first += n;
        }
    }
    let mut squares = String::new();
    for ([r, g, b], path) in paths {
        let colour = svg::hex(RGBColor(r, g, b));
        let _ = writeln!(squares, "<path fill=\"{colour}\" d=\"{path}\"/>");
    }
    pixels::group((x, y), scale, "", squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_are_one_rectangle() {
        let part = |bytes: &[u8]| Picture::new(2, bytes);
        let svg = coloured((0.0, 0.0), 1.0, &[part(&[255, 255, 0, 255]), part(&[0, 0, 0, 0]), part(&[0, 0, 255, 0])]);
        assert!(svg.contains("<path fill=\"#FF0000\" d=\"M0 0h2v1h-2zM1 1h1v1h-1z\"/>"), "{svg}");
        assert!(svg.contains("<path fill=\"#0000FF\" d=\"M0 1h1v1h-1z\"/>"), "{svg}");
    }
}
