//! The ladder: how much each idea adds to the speed of training.

use crate::{
    Drawing, Figure, Sources,
    svg::{self, COLOURS, INK, TEXT},
};
use experiments::record::Ladder;
use network3::{Result, thousands};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use std::error;

/// From one bar to the next.
const STEP: u32 = 44;
/// Between the middle of a bar and its edge, as a part of the way to the next bar.
const HALF: f64 = 0.22;
/// Room for the axis below the bars.
const AXIS: u32 = 40;
const WIDTH: u32 = 760;

pub const FIGURE: Figure = Figure {
    name: "ladder",
    caption: "Training images a second, from plain loops to the fast backend. Every rung computes the same function, and is measured \
              on the same machine; whiskers reach from the slowest to the fastest window, the bar to the median. Dashed lines \
              are other programs. The axis is logarithmic.",
    alt: "A bar chart with horizontal bars, one below the other, one for each way of computing the same network. Each bar is as long \
          as the logarithm of the training images a second; the figure stands at its end, and above it what is new in that way. \
          Dashed vertical lines show other programs, with their names above.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let ladder = sources.ladder()?;
    // One line for the name of each mark, then the rungs.
    let top = (TEXT + 6) * ladder.marks.len() as u32 + 8;
    let size = (WIDTH, top + STEP * ladder.rungs.len() as u32 + AXIS);
    let body = svg::chart(size, |area| bars(area, &ladder, top))?;
    Ok(Drawing { size, body })
}

fn bars(area: &svg::Area, ladder: &Ladder, top: u32) -> Result<(), Box<dyn error::Error>> {
    let rates = ladder.rungs.iter().flat_map(|rung| [rung.least, rung.most]);
    let rates = rates.chain(ladder.marks.iter().map(|mark| mark.rate));
    let (low, high) = rates.fold((f64::INFINITY, 0.0), |(low, high), rate| (rate.min(low), rate.max(high)));
    // Whole powers of ten on the left, so that bars begin at a round number, and room for the last figure on the right.
    let (left, right) = (10f64.powf((0.9 * low).log10().floor()), high * (high / low).powf(0.15).max(1.5));
    let rungs = ladder.rungs.len() as f64;
    let mut chart = ChartBuilder::on(area)
        .margin_top(top)
        .margin_right(12)
        .x_label_area_size(AXIS)
        .y_label_area_size(110)
        .build_cartesian_2d((left..right).log_scale(), 0.0..rungs)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .bold_line_style(INK.mix(0.2))
        .light_line_style(TRANSPARENT)
        .axis_style(INK)
        .x_desc("training images a second (logarithmic)")
        .x_label_formatter(&|x| count(*x))
        .label_style(("sans-serif", TEXT))
        .draw()?;

    let style = |h, v| ("sans-serif", TEXT).into_text_style(area).pos(Pos::new(h, v));
    // The fastest on the topmost line: then no mark runs through the name of another.
    let mut marks: Vec<_> = ladder.marks.iter().collect();
    marks.sort_by(|a, b| b.rate.total_cmp(&a.rate));
    for (k, mark) in marks.into_iter().enumerate() {
        let (x, _) = chart.backend_coord(&(mark.rate, 0.0));
        let begin = (TEXT + 6) as i32 * k as i32 + TEXT as i32 / 2 + 4;
        let dashes = (begin + 8..(STEP * ladder.rungs.len() as u32 + top) as i32).step_by(8);
        let line = |y: i32| PathElement::new([(x, y), (x, y + 4)], COLOURS[1].stroke_width(2));
        dashes.map(line).try_for_each(|dash| area.draw(&dash))?;
        // To the side where there is more room.
        let (side, dx) = if x > WIDTH as i32 / 3 { (HPos::Right, -4) } else { (HPos::Left, 4) };
        let words = format!("{}: {}", mark.name, count(mark.rate));
        area.draw(&Text::new(words, (x + dx, begin), style(side, VPos::Center)))?;
    }
    for (k, rung) in ladder.rungs.iter().enumerate() {
        let y = rungs - k as f64 - 0.68;
        let bar = Rectangle::new([(left, y - HALF), (rung.median, y + HALF)], COLOURS[0].mix(0.55).filled());
        chart.draw_series([bar])?;
        chart.draw_series([PathElement::new([(rung.least, y), (rung.most, y)], INK.stroke_width(2))])?;
        let ends = [rung.least, rung.most].map(|x| EmptyElement::at((x, y)) + upright());
        chart.draw_series(ends)?;
        let after = (rung.most.max(rung.median), y);
        let figure = Text::new(count(rung.median), (8, 0), style(HPos::Left, VPos::Center));
        chart.draw_series([EmptyElement::at(after) + figure])?;
        let name = Text::new(rung.name.clone(), (-8, 0), style(HPos::Right, VPos::Center));
        chart.draw_series([EmptyElement::at((left, y)) + name])?;
        let what = Text::new(rung.step.clone(), (4, 0), style(HPos::Left, VPos::Bottom));
        chart.draw_series([EmptyElement::at((left, y + HALF)) + what])?;
    }
    Ok(())
}

/// The end of a whisker.
fn upright() -> PathElement<(i32, i32)> {
    PathElement::new([(0, -4), (0, 4)], INK.stroke_width(2))
}

/// 12,300: three digits count, the others are noise.
fn count(rate: f64) -> String {
    let unit = 10f64.powf((rate.log10().floor() - 2.0).max(0.0));
    thousands(((rate / unit).round() * unit) as usize)
}
