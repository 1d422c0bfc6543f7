//! The gap between the costs of training and validation images, and where it begins to widen.

use crate::{
    Drawing, Figure, Sources,
    curves::{HEAD, Line, Panel, epoch_marks, grid, power_mark},
    svg::{self, COLOURS, WIDTH},
};
use experiments::record::Record;
use network3::Result;

const EXPERIMENTS: [&str; 4] = ["shallow", "one-conv", "two-conv-relu", "expanded-100"];
/// The height of a chart.
const PANEL: u32 = 200;
/// Ends of the axis, as powers of ten.
const LEAST: f64 = -4.0;
const MOST: f64 = 0.0;

pub const FIGURE: Figure = Figure {
    name: "overfitting",
    caption: "Mean cost of an image, by epoch, on a logarithmic axis: of the training images and of the validation images. The dot is the \
              epoch with the lowest validation cost: from there on the network grows surer of the ones, and of its mistakes on the others.",
    alt: "Four line charts, each with a line for training cost that falls and falls and a line for validation cost that falls, has a \
          lowest point, marked by a dot, and rises a little again. With moved images the lowest point is lower.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let mut panels = vec![];
    for name in EXPERIMENTS {
        if let Some(run) = sources.runs(name)?.first() {
            panels.push(panel(name, run));
        }
    }
    if panels.is_empty() {
        sources.record(EXPERIMENTS[0])?;
    }
    let size = (WIDTH as u32, HEAD + PANEL * panels.len().div_ceil(2) as u32);
    let names = [(COLOURS[0], "training cost"), (COLOURS[1], "validation cost")];
    Ok(Drawing { size, body: svg::chart(size, |area| grid(area, &names, &panels))? })
}

fn panel(name: &str, run: &Record) -> Panel {
    let line = |colour, cost: fn(&network3::train::Epoch) -> f64| {
        Line::new(colour, run.epochs.iter().map(|epoch| (epoch.epoch as f64, cost(epoch).max(1e-9).log10())))
    };
    let mut validation = line(COLOURS[1], |epoch| epoch.validation_cost);
    let lowest = validation.points.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
    validation.dots = lowest.into_iter().collect();
    let onset = lowest.map_or(String::new(), |(epoch, _)| format!(": epoch {epoch}"));
    let last = run.epochs.len() as f64;
    Panel {
        title: format!("{name}{onset}"),
        x: 0.0..last,
        y: LEAST..MOST,
        x_marks: epoch_marks(last, 20),
        y_marks: (LEAST as i32..=MOST as i32).map(power_mark).collect(),
        x_name: "",
        lines: vec![line(COLOURS[0], |epoch| epoch.train_cost), validation],
    }
}
