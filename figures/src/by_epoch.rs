//! Test accuracy by epoch, experiment by experiment, with the range over all runs.

use crate::{
    Drawing, Figure, Sources,
    curves::{HEAD, Line, Panel, accuracy_mark, by_mistakes, epoch_marks, grid},
    runs,
    svg::{self, COLOURS, WIDTH},
};
use experiments::record::Record;
use network3::{Error, Result};
use plotters::style::RGBColor;

/// The height of a chart.
const PANEL: u32 = 170;
/// Ends of the axis: the first epochs may lie below it.
const LEAST: f64 = 0.96;
const MOST: f64 = 0.997;

pub const FIGURE: Figure = Figure {
    name: "by-epoch",
    caption: "Test accuracy in per cent after each epoch, for every experiment that has been run: a line for the mean of our runs, a band \
              from the worst to the best of them, and a ring for what Nielsen’s chapter reports. Each halving of the mistakes has \
              the same height. The first epochs may lie below the picture.",
    alt: "A grid of small line charts, one for each experiment, of accuracy against the epoch. All lines rise steeply and then flatten \
          out, most of them near the ring of the chapter.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let mut panels = vec![];
    for experiment in experiments::all().into_iter().filter(|e| e.networks == 1 && !e.name.contains("-lambda-")) {
        let runs = sources.runs(&experiment.name)?;
        if runs.is_empty() {
            continue;
        }
        let last = runs.iter().map(|run| run.epochs.len()).max().unwrap_or(1) as f64;
        let mut line = over_runs(&runs, COLOURS[0], |epoch| epoch.test_accuracy);
        line.rings = experiment.chapter.iter().map(|&chapter| (last * 1.05, by_mistakes(chapter))).collect();
        panels.push(Panel {
            title: experiment.name,
            x: 0.0..last * 1.1,
            y: by_mistakes(LEAST)..by_mistakes(MOST),
            x_marks: epoch_marks(last, 20),
            y_marks: [0.97, 0.98, 0.99, 0.995].map(accuracy_mark).into(),
            x_name: "",
            lines: vec![line],
        });
    }
    if panels.is_empty() {
        return Err(Error::input(
            "no experiment has a record yet; `cargo run --bin train -- --all --faithful` makes them",
        ));
    }
    let size = (WIDTH as u32, HEAD + PANEL * panels.len().div_ceil(2) as u32);
    Ok(Drawing {
        size,
        body: svg::chart(size, |area| grid(area, &[(COLOURS[0], "test accuracy, %, by epoch")], &panels))?,
    })
}

/// Mean and range over the runs, epoch by epoch.
pub fn over_runs(runs: &[Record], colour: RGBColor, of: impl Fn(&network3::train::Epoch) -> f64) -> Line {
    let epochs = runs.iter().map(|run| run.epochs.len()).max().unwrap_or(0);
    let at = |epoch: usize| runs::range(runs.iter().filter_map(|run| run.epochs.get(epoch)).map(&of));
    let ranges: Vec<_> = (0..epochs).filter_map(|epoch| Some((epoch as f64, at(epoch)?))).collect();
    let mut line = Line::new(colour, ranges.iter().map(|&(x, (_, mean, _))| (x, by_mistakes(mean))));
    if runs.len() > 1 {
        line.band = ranges.iter().map(|&(x, (least, _, most))| (x, by_mistakes(least), by_mistakes(most))).collect();
    }
    line
}
