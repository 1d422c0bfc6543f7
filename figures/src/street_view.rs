//! Street View numbers: what was read, how much is answered, and where each head looks.

use crate::{
    Drawing, Figure, Sources,
    curves::{Line, Panel},
    pixels,
    svg::{self, COLOURS, WIDTH},
};
use experiments::record::Picture;
use network3::Result;
use serde::Deserialize;

/// Height and width of a number's image.
const IMAGE: (usize, usize) = (28, 104);
/// Numbers side by side, a pixel's side, and from one to the next.
const COLUMNS: usize = 2;
const SCALE: f64 = 2.1;
const STEP: (f64, f64) = (WIDTH / COLUMNS as f64, 92.0);
/// Numbers that are shown of the first in the record, and of the last: noise takes many bytes.
const SHOWN: usize = 3;

pub const FIGURE: Figure = Figure {
    name: "street-view-numbers",
    caption: "Numbers that the network has not seen, and what it reads, with the probability that it gives its reading. The first ones come \
              as they are made; the last ones are misread, and what they are stands behind.",
    alt: "Grey pictures of one to five handwritten digits in a row, touching each other, on grounds that are more or less grey and noisy. \
          Below each stands a number and a probability; below the last ones also the right number.",
    draw: draw_numbers,
};

pub const COVERAGE_FIGURE: Figure = Figure {
    name: "street-view-coverage",
    caption: "How many of the answers are right if only the surest are given, from the left, where few are, to the right, where the network \
              answers always.",
    alt: "A line that begins near a hundred per cent on the left and stays there for half of the way, then falls slowly, and faster at the right \
          end.",
    draw: draw_coverage,
};

pub const LOOKS_FIGURE: Figure = Figure {
    name: "street-view-looks",
    caption: "Where the five heads for digits look, in numbers of five digits: for each head, how its squared gradient is distributed over the \
              columns of the image.",
    alt: "Five rows of bars below each other, one for each place. In each row there is one hill; from row to row it moves to the right, from the left \
          end of the image to the right end.",
    draw: draw_looks,
};

/// What the figures need of the record.
#[derive(Deserialize)]
struct Record {
    samples: Vec<Sample>,
    surest: Vec<Surest>,
    looks: Looks,
}

#[derive(Deserialize)]
struct Sample {
    picture: Picture,
    label: String,
    read: String,
    probability: f64,
}

#[derive(Deserialize)]
struct Surest {
    answered: f64,
    accuracy: f64,
}

#[derive(Deserialize)]
struct Looks {
    by_columns: Vec<Vec<f64>>,
}

fn record(sources: &Sources) -> Result<Record> {
    sources.system("street-view")
}

fn draw_numbers(sources: &Sources) -> Result<Drawing> {
    let samples = record(sources)?.samples;
    let last = samples.len().saturating_sub(SHOWN);
    let samples: Vec<_> = samples.iter().enumerate().filter(|(k, _)| *k < SHOWN || *k >= last).collect();
    let mut body = String::new();
    for (k, (_, Sample { picture, label, read, probability })) in samples.iter().enumerate() {
        let (x, y) = ((k % COLUMNS) as f64 * STEP.0, (k / COLUMNS) as f64 * STEP.1);
        let corner = (x + (STEP.0 - SCALE * IMAGE.1 as f64) / 2.0, y + 2.0);
        body += &pixels::picture(corner, SCALE, pixels::of(picture, IMAGE)?.view());
        body += &pixels::frame(corner, SCALE, IMAGE);
        let right = if read == label { String::new() } else { format!(", is {label}") };
        let words = format!("{read} ({probability:.2}){right}");
        body += &svg::text(x + STEP.0 / 2.0, corner.1 + SCALE * IMAGE.0 as f64 + 14.0, words);
    }
    let rows = samples.len().div_ceil(COLUMNS);
    Ok(Drawing { size: (WIDTH as u32, (rows as f64 * STEP.1) as u32), body })
}

fn draw_coverage(sources: &Sources) -> Result<Drawing> {
    let surest = record(sources)?.surest;
    let least = surest.iter().map(|s| s.accuracy).fold(1.0, f64::min);
    // A whole number of per cent, two below the least
    let bottom = (100.0 * least).floor() / 100.0 - 0.02;
    let percent = |x: f64| (x, format!("{:.0}", 100.0 * x));
    let marks = (0..).map(|k| 1.0 - 0.02 * f64::from(k)).take_while(|&y| y >= bottom);
    let panel = Panel {
        title: "per cent of the answers are right".into(),
        // Room at the right for half of the last mark
        x: 0.0..1.03,
        y: bottom..1.0,
        x_marks: [0.0, 0.25, 0.5, 0.75, 1.0].map(percent).to_vec(),
        y_marks: marks.map(percent).collect(),
        x_name: "per cent of all numbers are answered, the surest first",
        lines: vec![Line::new(COLOURS[0], surest.iter().map(|s| (s.answered, s.accuracy)))],
    };
    let size = (WIDTH as u32, 300);
    Ok(Drawing { size, body: svg::chart(size, |area| panel.draw(area))? })
}

fn draw_looks(sources: &Sources) -> Result<Drawing> {
    let Looks { by_columns } = record(sources)?.looks;
    let (left, height, gap) = (70.0, 60.0, 14.0);
    let most = by_columns.iter().flatten().fold(f64::MIN_POSITIVE, |m, &x| m.max(x));
    let mut body = String::new();
    for (place, columns) in by_columns.iter().enumerate() {
        let base = (place + 1) as f64 * (height + gap);
        let width = (WIDTH - left - 6.0) / columns.len() as f64;
        body += &svg::text_to((left - 8.0, base - height / 2.0), format!("place {}", place + 1));
        let blue = svg::hex(COLOURS[0]);
        let mut d = String::new();
        for (k, x) in columns.iter().enumerate() {
            let (x0, tall) = (left + k as f64 * width, height * x / most);
            d += &format!("M{x0:.1} {base:.1}h{:.1}v-{tall:.1}h-{:.1}z", width - 0.6, width - 0.6);
        }
        body += &format!("<path fill=\"{blue}\" d=\"{d}\"/>\n");
        body += &format!(
            "<path stroke=\"currentColor\" stroke-opacity=\"0.4\" d=\"M{left} {base:.1}H{:.1}\"/>\n",
            WIDTH - 6.0
        );
    }
    let bottom = by_columns.len() as f64 * (height + gap);
    body += &svg::text(left + (WIDTH - left) / 2.0, bottom + 16.0, "columns of the image, from left to right");
    Ok(Drawing { size: (WIDTH as u32, bottom as u32 + 30), body })
}
