//! What becomes of the small network of KSH's kind without each of the paper's ideas.

use crate::{
    Drawing, Figure, Sources,
    svg::{self, COLOURS, WIDTH},
};
use network3::Result;
use serde::Deserialize;
use std::fmt::Write;

/// From one bar to the next.
const STEP: f64 = 30.0;
/// Where bars begin, and how long one is that stands for all pictures.
const LEFT: f64 = 186.0;
const LENGTH: f64 = WIDTH - LEFT - 62.0;

pub const FIGURE: Figure = Figure {
    name: "ksh-ideas",
    caption: "How many of the test pictures each network gets right, in per cent: the filled bar counts first guesses, the outline right \
              answers among the first five.",
    alt: "Horizontal bars, one for each network and one for the nearest neighbour, which is by far the shortest. Each network’s filled bar \
          lies in a longer outline. The numbers stand at the right.",
    draw,
};

#[derive(Deserialize)]
struct Record {
    nearest: Nearest,
    variations: Vec<Variation>,
}

#[derive(Deserialize)]
struct Nearest {
    pixels: f64,
}

#[derive(Deserialize)]
struct Variation {
    name: String,
    middle: Top,
}

#[derive(Deserialize)]
struct Top {
    one: f64,
    five: f64,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let Record { nearest, variations } = sources.system("ksh")?;
    let mut body = bar(0, "nearest neighbour", nearest.pixels, None);
    for (k, Variation { name, middle }) in variations.iter().enumerate() {
        body += &bar(k + 1, words(name), middle.one, Some(middle.five));
    }
    Ok(Drawing { size: (WIDTH as u32, (STEP * (variations.len() + 1) as f64) as u32), body })
}

/// What the figure calls a variation.
fn words(name: &str) -> &str {
    match name {
        "whole" => "all ideas",
        "no-groups" => "without groups",
        "no-normalisation" => "without normalisation",
        "no-overlap" => "without overlap",
        "no-dropout" => "without dropout",
        "no-augmentation" => "without augmentation",
        "mirrors" => "mirror images, too",
        other => other,
    }
}

fn bar(k: usize, name: &str, one: f64, five: Option<f64>) -> String {
    let y = STEP * (k as f64 + 0.5);
    let blue = svg::hex(COLOURS[0]);
    let mut svg = svg::text_to((LEFT - 8.0, y), name);
    let length = |part: f64| (part * LENGTH * 10.0).round() / 10.0;
    let top = y - 8.0;
    let _ = writeln!(svg, "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{}\" height=\"16\" fill=\"{blue}\"/>", length(one));
    if let Some(five) = five {
        let _ = writeln!(
            svg,
            "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{}\" height=\"16\" fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.6\"/>",
            length(five)
        );
    }
    svg + &svg::text_to((WIDTH - 4.0, y), format!("{:.1}", 100.0 * one))
}
