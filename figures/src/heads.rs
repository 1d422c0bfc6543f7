//! Where the heads of a neural Turing machine are while it copies, once and several times.

use crate::{
    Drawing, Figure, Sources, pixels,
    svg::{self, WIDTH},
};
use experiments::record::Picture;
use ndarray::Array2;
use network3::{Error, Result};
use serde::Deserialize;

/// The side of a square, and where the pictures begin.
const SCALE: f64 = 8.5;
const LEFT: f64 = 96.0;
/// From one picture to the next.
const GAP: f64 = 14.0;

pub const COPY: Figure = Figure {
    name: "heads",
    caption: "A neural Turing machine copies a sequence that it has never seen. Time goes from left to right, a column for each moment: what it sees, what it answers, and \
              the weights of its two heads on the rows of its memory, as far as they are used.",
    alt: "Four pictures of squares, one above the other. First random bits that end with a mark, then the same bits again, later, as the answer. Below them a dark \
          diagonal line while the machine sees the bits, where it writes, and another along the same rows while it answers, where it reads.",
    draw: |sources| draw(sources, 0),
};

pub const REPEAT: Figure = Figure {
    name: "heads-repeat",
    caption: "Another machine says a short sequence several times, and then raises a flag, the last row of what it answers.",
    alt: "Four pictures of squares, one above the other. First a few columns of random bits and a mark, then the same bits five times in a row and a single dark square. \
          Below them where it writes, and where it reads: a row after the other while it answers, from the first to the last, and again from the first.",
    draw: |sources| draw(sources, 1),
};

/// What is drawn of the record.
#[derive(Deserialize)]
struct Record {
    heads: Vec<Heads>,
}

#[derive(Deserialize)]
struct Heads {
    moments: usize,
    inputs: Picture,
    outputs: Picture,
    write: Picture,
    read: Picture,
}

/// The heads of the machine that copies, or else of the one that repeats.
fn draw(sources: &Sources, which: usize) -> Result<Drawing> {
    let Record { heads } = sources.system("turing")?;
    let heads = heads.get(which).ok_or_else(|| Error::input("the record has no heads of that machine"))?;
    let rows = |picture: &Picture| picture.rows().collect::<Vec<_>>();
    let (write, read) = (rows(&heads.write), rows(&heads.read));
    // The heads go round the memory: begin with a row after the longest stretch that neither uses
    let used =
        |row: usize| [&write, &read].iter().any(|of| of.get(row).is_some_and(|row| row.iter().any(|&p| p > 127)));
    let (count, mut best, mut stretch) = (write.len(), (0, 0), 0);
    for k in 0..2 * count {
        stretch = if used(k % count) { 0 } else { stretch + 1 };
        if stretch > best.0 {
            best = (stretch, k + 1);
        }
    }
    let shown = count - best.0.min(count - 1);
    let turned = |of: &[Vec<u8>]| (0..shown).map(|k| of[(best.1 + k) % count].clone()).collect::<Vec<_>>();
    let parts = [
        ("sees", rows(&heads.inputs)),
        ("answers", rows(&heads.outputs)),
        ("writes", turned(&write)),
        ("reads", turned(&read)),
    ];
    let (mut body, mut y) = (String::new(), 2.0);
    for (name, rows) in parts {
        let mut grey = Array2::zeros((rows.len(), heads.moments));
        for (i, row) in rows.iter().enumerate() {
            for (j, &p) in row.iter().enumerate().take(heads.moments) {
                grey[(i, j)] = p;
            }
        }
        body += &pixels::picture((LEFT, y), SCALE, grey.view());
        body += &pixels::frame((LEFT, y), SCALE, grey.dim());
        body += &svg::text_to((LEFT - 8.0, y + SCALE * rows.len() as f64 / 2.0), name);
        y += SCALE * rows.len() as f64 + GAP;
    }
    body += &svg::text(LEFT + SCALE * heads.moments as f64 / 2.0, y + 4.0, "time");
    Ok(Drawing { size: (WIDTH as u32, y as u32 + 20), body })
}
