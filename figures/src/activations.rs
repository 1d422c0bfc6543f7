//! Sigmoid, tanh and rectified linear units in the same network: validation accuracy by epoch.

use crate::{
    Drawing, Figure, Sources,
    by_epoch::over_runs,
    curves::{Panel, accuracy_mark, by_mistakes, epoch_marks, one},
    svg::{self, COLOURS, WIDTH},
};
use network3::Result;

/// The experiments, and what is called what.
const EXPERIMENTS: [(&str, &str); 3] =
    [("two-conv", "sigmoid"), ("two-conv-tanh", "tanh"), ("two-conv-relu", "rectified linear")];
const HEIGHT: u32 = 340;

pub const FIGURE: Figure = Figure {
    name: "activations",
    caption: "The network of two convolutional layers with three activation functions: validation accuracy in per cent after each epoch, \
              the mean of our runs, and a band from the worst to the best of them.",
    alt: "A line chart with a line and a band for each of sigmoid, tanh and rectified linear. The sigmoid starts lowest and rises most \
          slowly. Tanh and rectified linear start high; in the end the rectified linear line is a little above the two others.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let (mut lines, mut names, mut last) = (vec![], vec![], 1.0_f64);
    for ((experiment, name), colour) in EXPERIMENTS.into_iter().zip(COLOURS) {
        let runs = sources.some_runs(experiment)?;
        last = runs.iter().map(|run| run.epochs.len()).fold(last, |last, epochs| last.max(epochs as f64));
        lines.push(over_runs(&runs, colour, |epoch| epoch.validation_accuracy));
        names.push((colour, name));
    }
    let panel = Panel {
        title: String::new(),
        x: 0.0..last,
        y: by_mistakes(0.97)..by_mistakes(0.993),
        x_marks: epoch_marks(last, 10),
        y_marks: [0.97, 0.975, 0.98, 0.985, 0.99, 0.9925].map(accuracy_mark).into(),
        x_name: "epoch",
        lines,
    };
    let size = (WIDTH as u32, HEIGHT);
    let chart = svg::chart(size, |area| one(area, &names, &panel))?;
    Ok(Drawing { size, body: chart })
}
