//! How an LSTM and a plain recurrent net learn which of two symbols came first.

use crate::{
    Drawing, Figure, Sources,
    curves::{Line, Panel, one},
    svg::{self, COLOURS, WIDTH},
};
use network3::Result;
use serde::Deserialize;

const HEIGHT: u32 = 320;

pub const FIGURE: Figure = Figure {
    name: "temporal-order",
    caption: "The temporal order problem: the share of fresh sequences that a net classifies, after so many thousand sequences learned \
              from. Each line is a net with another seed; an LSTM stops when it has learned the problem.",
    alt: "A line chart. Three blue lines, the LSTMs, stay near a quarter at first, then rise to the top within a third of the axis and end there. \
          Three orange lines, the plain nets, stay near a quarter all along.",
    draw,
};

/// What is drawn of the record.
#[derive(Deserialize)]
struct Record {
    budget: usize,
    lstm: Vec<Run>,
    plain: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    every: usize,
    curve: Vec<f64>,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let record: Record = sources.system("recurrent")?;
    let thousands = |n: usize| n as f64 / 1000.0;
    let line = |colour, run: &Run| {
        Line::new(colour, (1..).zip(&run.curve).map(|(k, &share)| (thousands(k * run.every), share)))
    };
    let plain = record.plain.iter().map(|run| line(COLOURS[1], run));
    let last = thousands(record.budget);
    let panel = Panel {
        title: String::new(),
        x: 0.0..last,
        y: 0.0..1.0,
        x_marks: (0..=4).map(|k| 0.25 * last * f64::from(k)).map(|x| (x, format!("{x:.0}"))).collect(),
        y_marks: [0, 25, 50, 75, 100].map(|percent| (f64::from(percent) / 100.0, format!("{percent} %"))).into(),
        x_name: "thousand sequences",
        lines: plain.chain(record.lstm.iter().map(|run| line(COLOURS[0], run))).collect(),
    };
    let names = [(COLOURS[0], "LSTM"), (COLOURS[1], "plain recurrent net")];
    let size = (WIDTH as u32, HEIGHT);
    Ok(Drawing { size, body: svg::chart(size, |area| one(area, &names, &panel))? })
}
