//! Mistakes against epoch: how each idea of the chapter adds to the last.

use crate::{
    Drawing, Figure, Sources,
    curves::epoch_marks,
    svg::{self, Area, CHART_TEXT, COLOURS, INK, TEXT, WIDTH},
};
use experiments::record::Record;
use network3::Result;
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use std::{error, ops::Range};

/// Each with the records of two further seeds, and what it is called at its line.
const EXPERIMENTS: [(&str, [&str; 2]); 4] = [
    ("shallow", ["shallow-2", "shallow-3"]),
    ("one-conv", ["one-conv-2", "one-conv-3"]),
    ("two-conv", ["two-conv-2", "two-conv-3"]),
    ("two-conv-relu", ["two-conv-relu-2", "two-conv-relu-3"]),
];
const HEIGHT: u32 = 440;
/// Room for the names at the lines, as a part of all epochs.
const NAMES: f64 = 0.80;

pub const FIGURE: Figure = Figure {
    name: "mistakes",
    caption: "Mistakes on the test images after each epoch, on a logarithmic axis. To the right of each line: dots for the results of \
              three runs from three seeds, each taken at the epoch with the best validation accuracy, and a ring for what \
              Nielsen’s chapter reports. The first epochs may lie above the picture.",
    alt: "A line chart of mistakes against the epoch, with a line for each of four networks, and its name at its end. The lines fall \
          steeply and then flatten out, one below the other. Beside each, three dots and a ring lie close together.",
    draw,
};

/// A network's first run, and what it is compared with: all in mistakes.
struct Line {
    name: &'static str,
    curve: Vec<(f64, f64)>,
    results: Vec<f64>,
    chapter: Option<f64>,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let mut lines = vec![];
    for (name, others) in EXPERIMENTS {
        let first = sources.record(name)?;
        let images = first.configuration.test_images as f64;
        let wrong = |accuracy: f64| (1.0 - accuracy) * images;
        let mut results = vec![first.best.test_accuracy];
        for other in others {
            results.push(sources.record(other)?.best.test_accuracy);
        }
        lines.push(Line {
            name,
            curve: curve(&first, wrong),
            results: results.into_iter().map(wrong).collect(),
            chapter: experiments::find(name)?.chapter.map(wrong),
        });
    }
    let epochs = lines.iter().flat_map(|line| &line.curve).fold(1.0, |last: f64, p| last.max(p.0));
    let all = || lines.iter().flat_map(|line| line.results.iter().copied().chain(line.chapter));
    // A little room below the best, and twice the worst above: what the first epochs do is another story.
    let range = all().fold(f64::INFINITY, f64::min) * 0.85..all().fold(1.0, f64::max) * 2.0;
    let size = (WIDTH as u32, HEIGHT);
    Ok(Drawing { size, body: svg::chart(size, |area| chart(area, &lines, epochs, range))? })
}

fn curve(record: &Record, wrong: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    record.epochs.iter().map(|e| (e.epoch as f64, wrong(e.test_accuracy))).collect()
}

fn chart(area: &Area, lines: &[Line], epochs: f64, range: Range<f64>) -> Result<(), Box<dyn error::Error>> {
    let mut chart = ChartBuilder::on(area)
        .margin_top(2.2 * TEXT)
        .margin_right(4)
        .x_label_area_size(48)
        .y_label_area_size(44)
        .build_cartesian_2d(0.0..epochs * (1.0 + NAMES), range.clone().log_scale())?;
    let style = |h, colour: &RGBColor| {
        let centred = Pos::new(h, VPos::Center);
        TextStyle { color: colour.to_backend_color(), pos: centred, ..("sans-serif", CHART_TEXT).into_text_style(area) }
    };
    // The axis ends with the epochs; what stands to the right of it has none
    let bottom = range.start;
    chart.draw_series([PathElement::new([(0.0, bottom), (epochs, bottom)], INK)])?;
    for (epoch, words) in epoch_marks(epochs + 1.0, 20) {
        let number = Text::new(words, (0, 16), style(HPos::Center, &INK));
        chart.draw_series([EmptyElement::at((epoch, bottom)) + number])?;
    }
    let name = Text::new("epoch", (0, 36), style(HPos::Center, &INK));
    chart.draw_series([EmptyElement::at((epochs / 2.0, bottom)) + name])?;
    for mistakes in [50, 70, 100, 150, 200, 300, 400].map(f64::from).into_iter().filter(|y| range.contains(y)) {
        chart.draw_series([PathElement::new([(0.0, mistakes), (epochs * 1.18, mistakes)], INK.mix(0.2))])?;
        let number = Text::new(format!("{mistakes:.0}"), (-6, 0), style(HPos::Right, &INK));
        chart.draw_series([EmptyElement::at((0.0, mistakes)) + number])?;
    }
    for (k, line) in lines.iter().enumerate() {
        let colour = COLOURS[k];
        let within = line.curve.iter().copied().filter(|p| p.1 <= range.end);
        chart.draw_series(LineSeries::new(within, colour.stroke_width(2)))?;
        let beside = epochs * (1.03 + 0.03 * k as f64); // or they hide each other
        chart.draw_series(line.results.iter().map(|&y| Circle::new((beside, y), 4, colour.filled())))?;
        chart.draw_series(line.chapter.iter().map(|&y| Circle::new((epochs * 1.16, y), 6, colour.stroke_width(2))))?;
        let middle = (epochs * 1.21, line.results[0]);
        let name = Text::new(format!("{}: {:.0}", line.name, line.results[0]), (0, 0), style(HPos::Left, &INK));
        chart.draw_series([EmptyElement::at(middle) + name])?;
    }
    let (x, y) = (WIDTH as i32 - 190, TEXT as i32);
    area.draw(&Circle::new((x, y), 4, INK.filled()))?;
    area.draw(&Text::new("three seeds", (x + 12, y), style(HPos::Left, &INK)))?;
    area.draw(&Circle::new((x, y + 22), 6, INK.stroke_width(2)))?;
    area.draw(&Text::new("Nielsen’s chapter", (x + 12, y + 22), style(HPos::Left, &INK)))?;
    area.draw(&Text::new("mistakes on the test images", (4, TEXT as i32 / 2 + 2), style(HPos::Left, &INK)))?;
    Ok(())
}
