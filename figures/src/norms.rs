//! Norms of weights and gradients, layer by layer, of networks that begin differently.

use crate::{
    Drawing, Figure, Sources,
    curves::{HEAD, Line, Panel, grid, power_mark},
    svg::{self, COLOURS, WIDTH},
};
use network3::{LayerNorms, Result};
use plotters::style::RGBColor;

/// Networks of the same layers, and what they are called here.
const EXPERIMENTS: [(&str, &str); 3] =
    [("two-conv", "sigmoid"), ("two-conv-relu", "rectified"), ("two-conv-relu-corrected", "rectified, today’s start")];
/// The height of a chart.
const PANEL: u32 = 190;

pub const FIGURE: Figure = Figure {
    name: "norms",
    caption: "Norms of the weights and of their gradients in each layer, after the first epoch and after the last, on logarithmic axes: of \
              a network of sigmoids, of one of rectified linear units that begins as Nielsen’s program does, and of one with \
              today’s habits. Gradients are those on one mini-batch of ten. A layer without a dot has a gradient of zero.",
    alt: "Four line charts with the layers along the bottom: weights and gradients, early and late. The weights of the networks are of \
          similar size. The gradients of the trained rectified networks are smaller by powers of ten than in the beginning, \
          those of the sigmoid network less so.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let mut records = vec![];
    for (experiment, _) in EXPERIMENTS {
        records.push(sources.record(experiment)?);
    }
    let mut panels = vec![];
    for (when, last) in [("first epoch", false), ("last epoch", true)] {
        for (what, norm) in [("weights", (|n| n.weights) as fn(&LayerNorms) -> f64), ("gradient", |n| n.gradient)] {
            let lines = records.iter().zip(COLOURS).map(|(record, colour)| {
                let epoch = if last { record.epochs.last() } else { record.epochs.first() };
                by_layer(colour, epoch.iter().flat_map(|epoch| &epoch.norms).map(norm))
            });
            panels.push(panel(format!("{what}, {when}"), lines.collect()));
        }
    }
    let names: Vec<_> = EXPERIMENTS.into_iter().zip(COLOURS).map(|((_, name), colour)| (colour, name)).collect();
    let size = (WIDTH as u32, HEAD + PANEL * 2);
    Ok(Drawing { size, body: svg::chart(size, |area| grid(area, &names, &panels))? })
}

/// A dot for the norm of each layer, its logarithm upwards; none where it is zero.
pub fn by_layer(colour: RGBColor, norms: impl Iterator<Item = f64>) -> Line {
    let norms = norms.enumerate().filter(|(_, norm)| *norm > 0.0);
    let mut line = Line::new(colour, norms.map(|(k, norm)| (k as f64 + 1.0, norm.log10())));
    line.dots = line.points.clone();
    line
}

/// Such lines on axes of their own.
pub fn panel(title: String, lines: Vec<Line>) -> Panel {
    let points = || lines.iter().flat_map(|line| &line.points);
    let layers = points().map(|p| p.0).fold(1.0, f64::max);
    let least = points().map(|p| p.1).fold(f64::INFINITY, f64::min).clamp(-9.0, 0.0).floor();
    let most = points().map(|p| p.1).fold(least + 1.0, f64::max).ceil();
    let step = if most - least > 4.0 { 2 } else { 1 };
    let powers = (least as i32..=most as i32).step_by(step);
    Panel {
        title,
        x: 0.7..layers + 0.3,
        y: least..most,
        x_marks: (1..=layers as usize).map(|layer| (layer as f64, layer.to_string())).collect(),
        y_marks: powers.map(power_mark).collect(),
        x_name: "",
        lines,
    }
}
