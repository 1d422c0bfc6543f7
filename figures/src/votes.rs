//! How the networks of the ensemble vote on the digits that they find hardest.

use crate::{
    Drawing, Figure, Sources,
    misclassified::pixels_of,
    pixels,
    svg::{self, WIDTH},
};
use experiments::record::{Picture, Record};
use network3::{Label, Result};
use std::collections::BTreeMap;

/// The experiment whose runs vote.
const EXPERIMENT: &str = "dropout-1000";
const COLUMNS: usize = 3;
/// Digits that are shown.
const SHOWN: usize = 15;
/// From one digit to the next.
const STEP: (f64, f64) = (WIDTH / COLUMNS as f64, 68.0);
/// A pixel's side.
const SCALE: f64 = 2.0;

pub const FIGURE: Figure = Figure {
    name: "votes",
    caption: "The votes of the networks of the ensemble on the digits that most of them misread. Beside each digit stands what it is, and below \
              that what the networks take it for, in orange where that is wrong. The last lines count the test images by how many \
              of the networks misread them.",
    alt: "A grid of small grey pictures of handwritten digits, most of them malformed. To the right of each stands its label and below it a \
          row of votes, nearly all in orange and mostly the same wrong digit. Two lines of numbers stand at the end.",
    draw,
};

/// What is known of an image that somebody misreads.
struct Image<'a> {
    label: Label,
    picture: Option<&'a Picture>,
    votes: Vec<Label>,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let runs = sources.some_runs(EXPERIMENT)?;
    let images = votes(&runs);
    let wrong = |image: &Image| image.votes.iter().filter(|&&vote| vote != image.label).count();
    let mut hardest: Vec<_> = images.values().filter_map(|image| Some((image, image.picture?))).collect();
    hardest.sort_by_key(|(image, _)| runs.len() - wrong(image)); // a stable sort: among equals, in the order of the test set
    hardest.truncate(SHOWN);
    let mut body = String::new();
    for (k, (image, picture)) in hardest.iter().enumerate() {
        let (x, y) = ((k % COLUMNS) as f64 * STEP.0 + 4.0, (k / COLUMNS) as f64 * STEP.1 + 2.0);
        body += &pixels::picture((x, y), SCALE, pixels_of(picture)?.view());
        body += &svg::text_from((x + 64.0, y + 14.0), format!("is a {}", image.label));
        for (n, vote) in image.votes.iter().enumerate() {
            let word = svg::text_from((x + 64.0 + 17.0 * n as f64, y + 40.0), vote);
            body += &if *vote == image.label { word } else { svg::lit(&word) };
        }
    }
    let y = hardest.len().div_ceil(COLUMNS) as f64 * STEP.1 + 12.0;
    body += &svg::text_from((4.0, y), "misread by so many networks:");
    body += &svg::text_from((4.0, y + 24.0), "so many images:");
    for n in 1..=runs.len() {
        let x = 270.0 + 40.0 * (n - 1) as f64;
        body += &svg::text(x, y, n);
        body += &svg::text(x, y + 24.0, images.values().filter(|image| wrong(image) == n).count());
    }
    Ok(Drawing { size: (WIDTH as u32, y as u32 + 38), body })
}

/// Every image that one of the runs misreads, with all their votes: who is not recorded as wrong was right.
fn votes(runs: &[Record]) -> BTreeMap<usize, Image<'_>> {
    let mut images: BTreeMap<usize, Image> = BTreeMap::new();
    for m in runs.iter().flat_map(|run| &run.misclassified) {
        let image = images.entry(m.image).or_insert(Image { label: m.label, picture: None, votes: vec![] });
        image.picture = image.picture.or(m.picture.as_ref());
    }
    for (number, image) in &mut images {
        let vote =
            |run: &Record| run.misclassified.iter().find(|m| m.image == *number).map_or(image.label, |m| m.predicted);
        image.votes = runs.iter().map(vote).collect();
    }
    images
}
