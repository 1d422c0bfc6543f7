//! How networks learn to play, and a game that one plays.

use crate::{
    Drawing, Figure, Sources,
    curves::{HEAD, Line, Panel, grid},
    pixels,
    svg::{self, COLOURS, TEXT, WIDTH},
};
use experiments::record::Picture;
use network3::{Error, Result};
use serde::Deserialize;

const NAME: &str = "q-learning";
/// The height of a chart.
const PANEL: u32 = 240;
/// Rows and columns of the field of Breakout.
const FIELD: (usize, usize) = (10, 8);
/// Screens in a row, and rows.
const COLUMNS: usize = 8;
const ROWS: usize = 3;
/// From one screen that is shown to the next.
const EVERY: usize = 2;

pub const CURVES: Figure = Figure {
    name: "q-curves",
    caption: "The mean score of games without random moves, by steps of the game that the network has learned from: three networks on \
              the small field of Catch, one on the large one, and one on the small Breakout. The rule at the bottom of each chart is no score.",
    alt: "Three charts with rising lines. On the small field of Catch all three lines reach one and stay there; on the large field the line \
          rises later; in Breakout it rises, with setbacks, to most of the bricks.",
    draw: curves,
};

pub const SCREENS: Figure = Figure {
    name: "q-screens",
    caption: "What the network sees of Breakout, every second screen from the beginning of a game that it plays: the wall, the ball, and \
              below its paddle. Below each is its number.",
    alt: "Three rows of small screens. A grey wall of bricks is at the top of each, a black ball flies between it and a black \
          paddle at the bottom, and from screen to screen bricks are missing.",
    draw: screens,
};

/// What is drawn of the record.
#[derive(Deserialize)]
struct Record {
    small_catch: Played,
    catch: Option<Played>,
    breakout: Option<Played>,
}

#[derive(Deserialize)]
struct Played {
    most: f64,
    runs: Vec<Run>,
    screens: Vec<Picture>,
}

#[derive(Deserialize)]
struct Run {
    curve: Vec<(usize, f64)>,
}

fn curves(sources: &Sources) -> Result<Drawing> {
    let record: Record = sources.system(NAME)?;
    let games = [
        (Some(&record.small_catch), "Catch, 10×5: caught"),
        (record.catch.as_ref(), "Catch, 21×21: caught"),
        (record.breakout.as_ref(), "Breakout: bricks"),
    ];
    let panels: Vec<_> = games.into_iter().filter_map(|(played, title)| Some(panel(played?, title))).collect();
    let size = (WIDTH as u32, HEAD + PANEL * panels.len().div_ceil(2) as u32);
    let seeds = ["seed 1", "seed 2", "seed 3"];
    let names: Vec<_> = COLOURS.into_iter().zip(seeds).take(record.small_catch.runs.len()).collect();
    Ok(Drawing { size, body: svg::chart(size, |area| grid(area, &names, &panels))? })
}

fn panel(played: &Played, title: &str) -> Panel {
    let lines = played.runs.iter().zip(COLOURS);
    let lines =
        lines.map(|(run, colour)| Line::new(colour, run.curve.iter().map(|&(at, score)| (at as f64 / 1000.0, score))));
    let last = played.runs.iter().flat_map(|run| &run.curve).map(|&(at, _)| at as f64 / 1000.0).fold(1.0, f64::max);
    let marks = if played.most > 1.0 { vec![0.0, 6.0, 12.0, 18.0, 24.0] } else { vec![0.0, 0.25, 0.5, 0.75, 1.0] };
    Panel {
        title: title.to_string(),
        x: 0.0..last,
        y: 0.0..played.most * 1.02,
        x_marks: [0.0, last / 2.0, last].map(|at| (at, at.to_string())).to_vec(),
        y_marks: marks.into_iter().map(|m: f64| (m, m.to_string())).collect(),
        x_name: "thousand steps",
        lines: lines.collect(),
    }
}

fn screens(sources: &Sources) -> Result<Drawing> {
    let record: Record = sources.system(NAME)?;
    let Some(breakout) = record.breakout else {
        return Err(Error::input("the record is that of the quick version, which has no Breakout in it"));
    };
    let shown = breakout.screens.iter().step_by(EVERY).take(COLUMNS * ROWS);
    let shown = shown.map(|screen| pixels::of(screen, FIELD)).collect::<Result<Vec<_>>>()?;
    let (height, width) = FIELD;
    let step = WIDTH / COLUMNS as f64;
    let scale = ((step - 10.0) / width as f64).floor();
    let down = height as f64 * scale + 8.0 + TEXT;
    let mut body = String::new();
    for (k, screen) in shown.iter().enumerate() {
        let corner = ((k % COLUMNS) as f64 * step + 5.0, (k / COLUMNS) as f64 * down + 4.0);
        body += &pixels::picture(corner, scale, screen.view());
        body += &pixels::frame(corner, scale, FIELD);
        let below = corner.1 + height as f64 * scale + 2.0 + TEXT / 2.0;
        body += &svg::text(corner.0 + width as f64 * scale / 2.0, below, (EVERY * k + 1).to_string());
    }
    Ok(Drawing { size: (WIDTH as u32, (shown.len().div_ceil(COLUMNS) as f64 * down) as u32 + 2), body })
}
