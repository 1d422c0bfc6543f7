//! Accuracy against epoch: how each idea of the chapter adds to the last.

use crate::{
    Drawing, Figure, Sources,
    svg::{self, Area, COLOURS, INK, TEXT},
};
use experiments::record::Record;
use network3::{Result, train::Epoch};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use std::error;

const EXPERIMENTS: [&str; 4] = ["shallow", "one-conv", "two-conv", "two-conv-relu"];
const SIZE: (u32, u32) = (760, 420);

pub const FIGURE: Figure = Figure {
    name: "accuracy",
    caption: "Accuracy after each epoch, on the validation and on the test images. A ring marks the epoch with the best \
              validation accuracy; its test accuracy is the result of the run. The marks at the right edge are the chapter's \
              results. What lies below the axis is left out.",
    alt: "Two line charts side by side, of accuracy in per cent against the epoch: on the left of the validation images, on the \
          right of the test images. Each has a line for every experiment, with markers of its own. At the right edge of the \
          second chart a mark for each experiment shows what the chapter reports.",
    draw,
};

/// A point of a curve: epoch and per cent.
type Point = (f64, f64);

/// The corners of a marker, seen from its middle: a square, a triangle, a diamond, a triangle upside down. So the curves differ
/// in shape too, not in colour alone.
const MARKERS: [&[(i32, i32)]; 4] = [
    &[(-4, -4), (4, -4), (4, 4), (-4, 4)],
    &[(0, -5), (5, 4), (-5, 4)],
    &[(0, -6), (6, 0), (0, 6), (-6, 0)],
    &[(0, 5), (5, -4), (-5, -4)],
];

fn draw(sources: &Sources) -> Result<Drawing> {
    let records: Vec<Record> = EXPERIMENTS.iter().map(|name| sources.record(name)).collect::<Result<_>>()?;
    let last = records.iter().map(|r| r.epochs.len()).fold(1, usize::max) as f64;
    // From just below the weakest result, so that the strong ones can be told apart.
    let results = records.iter().flat_map(|r| [r.best.validation_accuracy, r.best.test_accuracy]);
    let low = (100.0 * results.fold(0.96, f64::min)).floor() - 1.0;

    let body = svg::chart(SIZE, |area| {
        let (left, right) = area.split_horizontally(SIZE.0 / 2);
        panel(&left, &records, (last, low), "validation", |e| e.validation_accuracy)?;
        panel(&right, &records, (last, low), "test", |e| e.test_accuracy)
    })?;
    Ok(Drawing { size: SIZE, body })
}

/// One chart: a curve for each record.
fn panel(
    area: &Area,
    records: &[Record],
    (last, low): Point,
    images: &'static str,
    accuracy: fn(&Epoch) -> f64,
) -> Result<(), Box<dyn error::Error>> {
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..last * 1.06, low..100.0)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(INK.mix(0.2))
        .light_line_style(TRANSPARENT)
        .axis_style(INK)
        .x_labels(last.min(8.0) as usize)
        .x_desc("epoch")
        .y_desc(format!("accuracy on the {images} images (%)"))
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.1}"))
        .label_style(("sans-serif", TEXT))
        .draw()?;

    for (k, (record, name)) in records.iter().zip(EXPERIMENTS).enumerate() {
        let colour = COLOURS[k];
        let point = |e: &Epoch| (e.epoch as f64, 100.0 * accuracy(e));
        let curve: Vec<Point> = record.epochs.iter().map(point).filter(|p| p.1 >= low).collect();
        chart
            .draw_series(LineSeries::new(curve.iter().copied(), colour.stroke_width(2)))?
            .label(name)
            .legend(move |at| EmptyElement::at(at) + dash(10, colour) + marker(k, 10));
        let every = curve.len().div_ceil(8);
        let marked = curve.iter().skip(every / 2).step_by(every.max(1));
        chart.draw_series(marked.map(|&p| EmptyElement::at(p) + marker(k, 0)))?;
        let best = record.epochs.iter().filter(|e| e.epoch == record.best.epoch).map(point);
        chart.draw_series(best.map(|p| Circle::new(p, 8, colour.stroke_width(2))))?;
        if let ("test", Some(chapter)) = (images, experiments::find(name)?.chapter) {
            let mark = EmptyElement::at((last * 1.03, 100.0 * chapter)) + dash(0, colour) + marker(k, 0);
            chart.draw_series([mark])?;
        }
    }
    if images == "test" {
        let style = ("sans-serif", TEXT).into_text_style(area).pos(Pos::new(HPos::Right, VPos::Top));
        chart.draw_series([Text::new("chapter", (last * 1.06, 100.0), style)])?;
    } else {
        let position = SeriesLabelPosition::LowerRight;
        chart.configure_series_labels().position(position).label_font(("sans-serif", TEXT)).draw()?;
    }
    Ok(())
}

/// The marker of the `k`th curve, `x` to the right of where it is put.
fn marker(k: usize, x: i32) -> Polygon<(i32, i32)> {
    Polygon::new(MARKERS[k].iter().map(|&(dx, dy)| (x + dx, dy)).collect::<Vec<_>>(), COLOURS[k].filled())
}

/// A short line, its middle `x` to the right of where it is put.
fn dash(x: i32, colour: RGBColor) -> PathElement<(i32, i32)> {
    PathElement::new([(x - 10, 0), (x + 10, 0)], colour.stroke_width(2))
}
