//! What a deep belief net learns, what it dreams of, and what its weights are good for.

use crate::{
    Drawing, Figure, Sources,
    curves::{HEAD, Line, Panel, grid},
    digits::SIDE,
    misclassified::pixels_of,
    pixels,
    svg::{self, COLOURS, WIDTH},
};
use experiments::record::Picture;
use network3::Result;
use serde::Deserialize;

const NAME: &str = "deep-belief";
/// From one digit to the next, in pixels of a digit.
const STEP: usize = 32;
/// Filters in a row.
const COLUMNS: usize = 8;
/// The height of a chart.
const PANEL: u32 = 260;

pub const DREAMS: Figure = Figure {
    name: "belief-dreams",
    caption: "A deep belief net, run backwards: dreams of the top layer after its last step of Gibbs sampling, each column with one label \
              held fixed, brought down to the pixels. They are the first of each class, not the best.",
    alt: "A grid of small grey pictures, ten columns and six rows. Most look like handwritten digits of the class above their \
          column, in various hands.",
    draw: dreams,
};

pub const FILTERS: Figure = Figure {
    name: "belief-filters",
    caption: "Weights of hidden units in the first machine, which saw no label; each to a scale of its own. Orange asks for ink, blue for \
              paper.",
    alt: "Three rows of square pictures in orange and blue. Many show a short stroke or a spot of orange beside blue, in \
          different places and directions.",
    draw: filters,
};

pub const CURVES: Figure = Figure {
    name: "belief-curves",
    caption: "Left: how many dreams a convolutional network reads as they were meant, by steps of Gibbs sampling. Right: test error by \
              epoch of gradient descent, begun with what was learned without labels, and with random weights.",
    alt: "Two charts. On the left a line of agreement over steps. On the right two falling lines of test error, of which the one with \
          learned weights lies below the other in every epoch.",
    draw: curves,
};

/// What is drawn of the record.
#[derive(Deserialize)]
struct Record {
    agreement: Vec<Agreement>,
    fine: Fine,
    dreams: Vec<Vec<Picture>>,
    filters: Vec<Picture>,
}

#[derive(Deserialize)]
struct Agreement {
    steps: usize,
    all: f64,
}

#[derive(Deserialize)]
struct Fine {
    pretrained: Vec<f64>,
    random: Vec<f64>,
}

fn dreams(sources: &Sources) -> Result<Drawing> {
    let record: Record = sources.system(NAME)?;
    let (scale, top) = (WIDTH / (record.dreams.len().max(1) * STEP) as f64, 24.0);
    let step = STEP as f64 * scale;
    let (mut body, mut rows) = (String::new(), 0);
    for (class, pictures) in record.dreams.iter().enumerate() {
        let x = class as f64 * step;
        body += &svg::text(x + SIDE as f64 / 2.0 * scale, svg::TEXT / 2.0 + 2.0, class);
        for (row, picture) in pictures.iter().enumerate() {
            body += &pixels::picture((x, top + row as f64 * step), scale, pixels_of(picture)?.view());
            rows = rows.max(row + 1);
        }
    }
    Ok(Drawing { size: (WIDTH as u32, (top + rows as f64 * step) as u32), body })
}

fn filters(sources: &Sources) -> Result<Drawing> {
    let record: Record = sources.system(NAME)?;
    let step = WIDTH / COLUMNS as f64;
    let scale = step / STEP as f64;
    let mut body = String::new();
    for (k, picture) in record.filters.iter().enumerate() {
        let corner = ((k % COLUMNS) as f64 * step + 2.0, (k / COLUMNS) as f64 * step + 2.0);
        // In a record, 8 of sixteen shades is 0.
        let weights = pixels_of(picture)?.mapv(|shade| f32::from(shade / 17) - 8.0);
        body += &pixels::signed(corner, scale, weights.view());
    }
    let height = record.filters.len().div_ceil(COLUMNS) as f64 * step;
    Ok(Drawing { size: (WIDTH as u32, height as u32 + 28), body: body + &pixels::legend(height + 12.0) })
}

fn curves(sources: &Sources) -> Result<Drawing> {
    let record: Record = sources.system(NAME)?;
    let percent = |marks: &[u32]| marks.iter().map(|&m| (f64::from(m), m.to_string())).collect::<Vec<_>>();
    let agreement = record.agreement.iter().map(|a| ((a.steps as f64).log10(), 100.0 * a.all)).collect::<Vec<_>>();
    let mut line = Line::new(COLOURS[2], agreement.iter().copied());
    line.dots = agreement;
    let x_marks = record.agreement.iter().map(|a| ((a.steps as f64).log10(), a.steps.to_string())).collect();
    let left = Panel {
        title: "dreams read as meant, %".to_string(),
        x: 1.95..3.1,
        y: 0.0..100.0,
        x_marks,
        y_marks: percent(&[0, 25, 50, 75, 100]),
        x_name: "steps of sampling",
        lines: vec![line],
    };
    let curve = |colour, errors: &[f64]| {
        let points: Vec<_> = errors.iter().enumerate().map(|(k, e)| ((k + 1) as f64, (100.0 * e).log10())).collect();
        let mut line = Line::new(colour, points.iter().copied());
        line.dots = if points.len() > 10 { vec![] } else { points };
        line
    };
    let (all, last) = (record.fine.pretrained.iter().chain(&record.fine.random), record.fine.pretrained.len());
    let (least, most) = all.fold((1.0_f64, 0.0_f64), |(least, most), &e| (least.min(e), most.max(e)));
    let y = (100.0 * least).log10() - 0.05..(100.0 * most).log10() + 0.05;
    let marks = [1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 50.0].into_iter().map(|m: f64| (m.log10(), m.to_string()));
    let right = Panel {
        title: "test error, %".to_string(),
        x: 0.8..last as f64 + 0.2,
        y_marks: marks.filter(|(at, _)| y.contains(at)).collect(),
        y,
        x_marks: (1..=last).step_by(if last > 10 { 5 } else { 1 }).map(|k| (k as f64, k.to_string())).collect(),
        x_name: "epochs",
        lines: vec![curve(COLOURS[0], &record.fine.pretrained), curve(COLOURS[1], &record.fine.random)],
    };
    let size = (WIDTH as u32, HEAD + PANEL);
    let names = [(COLOURS[0], "learned weights"), (COLOURS[1], "random weights")];
    Ok(Drawing { size, body: svg::chart(size, |area| grid(area, &names, &[left, right]))? })
}
