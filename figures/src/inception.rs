//! An inception module, and what its 1×1 convolutions save.

use crate::{
    Drawing, Figure, Sources,
    diagram::{self, FAINT, INK, Point},
    svg::{self, COLOURS, TEXT, WIDTH},
};
use network3::Result;
use serde::Deserialize;
use std::fmt::Write;

pub const FIGURE: Figure = Figure {
    name: "inception",
    caption: "An inception module. All four branches see the same maps; their own maps, side by side, are the output. The orange convolutions, \
              one pixel wide, make fewer maps of many.",
    alt: "A diagram, from top to bottom: a box with the word input; four branches; a box with the words maps side by side. The branches are \
          a 1×1 convolution; a 1×1 convolution and then 3×3; a 1×1 convolution and then 5×5; max-pooling 3×3 and then a 1×1 convolution.",
    draw,
};

pub const SAVINGS: Figure = Figure {
    name: "inception-savings",
    caption: "Multiplications that each module of GoogLeNet takes for one image, in millions: filled with the convolutions of \
              one pixel before the larger windows, in outline without them.",
    alt: "Horizontal bars, one for each of nine modules, each a short filled bar within a much longer outline, with both numbers at \
          the right.",
    draw: draw_savings,
};

/// The middles of the four branches.
const BRANCHES: [f64; 4] = [60.0, 180.0, 300.0, 420.0];
/// Half the width of a box, and half its height.
const BOX: (f64, f64) = (52.0, 17.0);
/// The middles of the rows, from above.
const ROWS: [f64; 4] = [20.0, 100.0, 170.0, 250.0];

fn draw(_: &Sources) -> Result<Drawing> {
    let mut body = wide(ROWS[0], "input") + &wide(ROWS[3], "maps side by side");
    let rows =
        [[None, Some("1×1")], [Some("1×1"), Some("3×3")], [Some("1×1"), Some("5×5")], [Some("max 3×3"), Some("1×1")]];
    for (k, (x, boxes)) in BRANCHES.into_iter().zip(rows).enumerate() {
        let mut from = (x, ROWS[0] + BOX.1);
        for (row, words) in boxes.into_iter().enumerate() {
            let Some(words) = words else { continue };
            let y = ROWS[row + 1];
            body += &diagram::arrow(FAINT, from, (x, y - BOX.1));
            let reduces = words == "1×1" && k > 0;
            body += &boxed((x, y), BOX.0, words, reduces);
            from = (x, y + BOX.1);
        }
        body += &diagram::arrow(FAINT, from, (x, ROWS[3] - BOX.1));
    }
    Ok(diagram::drawing(ROWS[3] + BOX.1 + 4.0, &body))
}

/// A box across all branches.
fn wide(y: f64, words: &str) -> String {
    boxed((WIDTH / 2.0, y), WIDTH / 2.0 - 8.0, words, false)
}

fn boxed((x, y): Point, half: f64, words: &str, reduces: bool) -> String {
    let (left, right, top, bottom) = (x - half, x + half, y - BOX.1, y + BOX.1);
    let frame = [[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]];
    match reduces {
        false => diagram::lines(INK, 1.5, frame) + &svg::text(x, y, words),
        true => diagram::lines(diagram::LIT, 2.5, frame) + &svg::lit(&svg::text(x, y, words)),
    }
}

#[derive(Deserialize)]
struct Record {
    savings: Vec<Saving>,
}

#[derive(Deserialize)]
struct Saving {
    name: String,
    with: f64,
    without: f64,
}

/// From one bar to the next.
const STEP: f64 = 28.0;
/// Where bars begin, and where they end at most.
const BARS: (f64, f64) = (40.0, 370.0);

fn draw_savings(sources: &Sources) -> Result<Drawing> {
    let Record { savings } = sources.system("googlenet")?;
    let most = savings.iter().fold(1.0_f64, |most, saving| most.max(saving.without));
    let blue = svg::hex(COLOURS[0]);
    let mut body = String::new();
    for (k, Saving { name, with, without }) in savings.iter().enumerate() {
        let y = STEP * (k as f64 + 0.5);
        let length = |n: f64| diagram::round(n / most * (BARS.1 - BARS.0));
        let (left, top) = (BARS.0, y - TEXT / 2.0);
        body += &svg::text_to((left - 8.0, y), name);
        let _ = writeln!(
            body,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{TEXT}\" fill=\"{blue}\"/>\n\
             <rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{TEXT}\" fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.6\"/>",
            length(*with),
            length(*without)
        ); // a String takes all
        body += &svg::text_to((WIDTH - 4.0, y), format!("{with:.0} of {without:.0}"));
    }
    Ok(Drawing { size: (WIDTH as u32, (STEP * savings.len() as f64) as u32), body })
}
