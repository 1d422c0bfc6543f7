//! Charts of lines over a common axis: what every figure of accuracies and costs by epoch is made of.

use crate::svg::{Area, CHART_TEXT, INK, TEXT};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use std::{error, ops::Range};

/// A line, and what belongs to it. All numbers are places on the axes.
pub struct Line {
    pub colour: RGBColor,
    pub points: Vec<(f64, f64)>,
    /// Place, lower end, upper end: the range of several runs.
    pub band: Vec<(f64, f64, f64)>,
    pub dots: Vec<(f64, f64)>,
    pub rings: Vec<(f64, f64)>,
}

/// One chart of a figure.
pub struct Panel {
    pub title: String,
    pub x: Range<f64>,
    pub y: Range<f64>,
    /// Where an axis has a number, and what it says there.
    pub x_marks: Vec<(f64, String)>,
    pub y_marks: Vec<(f64, String)>,
    pub x_name: &'static str,
    pub lines: Vec<Line>,
}

/// Room to the left, for the numbers of the axis.
const LEFT: u32 = 52;
/// A word's size on the page, by its letters.
const LETTER: f64 = 0.56 * TEXT;

impl Line {
    pub fn new(colour: RGBColor, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Line { colour, points: points.into_iter().collect(), band: vec![], dots: vec![], rings: vec![] }
    }
}

impl Panel {
    /// Draws it into an area of its own. What lies outside of the axes is drawn at their ends.
    pub fn draw(&self, area: &Area) -> Result<(), Box<dyn error::Error>> {
        let mut chart = ChartBuilder::on(area)
            .margin_top(if self.title.is_empty() { 0.6 } else { 2.3 } * TEXT)
            .margin_right(16) // half of the last number of the axis
            .margin_bottom(6)
            .x_label_area_size(if self.x_name.is_empty() { 26 } else { 46 })
            .y_label_area_size(LEFT)
            .build_cartesian_2d(self.x.clone(), self.y.clone())?;
        for (y, words) in &self.y_marks {
            let rule = [(self.x.start, *y), (self.x.end, *y)];
            chart.draw_series([PathElement::new(rule, INK.mix(0.2))])?;
            let number = Text::new(words.clone(), (-6, 0), style(HPos::Right, VPos::Center, &INK));
            chart.draw_series([EmptyElement::at((self.x.start, *y)) + number])?;
        }
        let axis = [(self.x.start, self.y.start), (self.x.end, self.y.start)];
        chart.draw_series([PathElement::new(axis, INK.mix(0.6))])?;
        for (x, words) in &self.x_marks {
            let number = Text::new(words.clone(), (0, 6), style(HPos::Center, VPos::Top, &INK));
            chart.draw_series([EmptyElement::at((*x, self.y.start)) + number])?;
        }
        let within = |(x, y): (f64, f64)| (x, y.clamp(self.y.start, self.y.end));
        for line in &self.lines {
            let lower = line.band.iter().map(|&(x, low, _)| within((x, low)));
            let upper = line.band.iter().rev().map(|&(x, _, high)| within((x, high)));
            let band: Vec<_> = lower.chain(upper).collect();
            chart.draw_series((!band.is_empty()).then(|| Polygon::new(band, line.colour.mix(0.25))))?;
            chart.draw_series(LineSeries::new(line.points.iter().copied().map(within), line.colour.stroke_width(2)))?;
            chart.draw_series(line.dots.iter().map(|&dot| Circle::new(within(dot), 4, line.colour.filled())))?;
            chart.draw_series(
                line.rings.iter().map(|&ring| Circle::new(within(ring), 6, line.colour.stroke_width(2))),
            )?;
        }
        area.draw(&Text::new(self.title.clone(), (4, TEXT as i32 / 2 + 2), style(HPos::Left, VPos::Center, &INK)))?;
        let (width, height) = area.dim_in_pixel();
        if !self.x_name.is_empty() {
            let middle = ((width as i32 + LEFT as i32) / 2, height as i32 - TEXT as i32 / 2 - 8);
            area.draw(&Text::new(self.x_name, middle, style(HPos::Center, VPos::Center, &INK)))?;
        }
        Ok(())
    }
}

/// A single panel below such a line.
pub fn one(area: &Area, names: &[(RGBColor, &str)], panel: &Panel) -> Result<(), Box<dyn error::Error>> {
    panel.draw(&below_legend(area, names)?)
}

/// Panels in two columns, below a line that says what the colours mean.
pub fn grid(area: &Area, names: &[(RGBColor, &str)], panels: &[Panel]) -> Result<(), Box<dyn error::Error>> {
    let below = below_legend(area, names)?;
    for (panel, cell) in panels.iter().zip(below.split_evenly((panels.len().div_ceil(2), 2))) {
        panel.draw(&cell)?;
    }
    Ok(())
}

/// Room for the legend.
pub const HEAD: u32 = 26;

/// Draws a short line in each colour, and its name; what is left below is for the panels.
fn below_legend<'a>(area: &Area<'a>, names: &[(RGBColor, &str)]) -> Result<Area<'a>, Box<dyn error::Error>> {
    let (mut x, y) = (6.0, TEXT as i32 / 2 + 2);
    for (colour, name) in names {
        let from = x as i32;
        area.draw(&PathElement::new([(from, y), (from + 18, y)], colour.stroke_width(3)))?;
        area.draw(&Text::new(*name, (from + 24, y), style(HPos::Left, VPos::Center, &INK)))?;
        x += 24.0 + LETTER * name.chars().count() as f64 + 14.0;
    }
    let (width, height) = area.dim_in_pixel();
    Ok(area.clone().shrink((0, HEAD), (width, height - HEAD)))
}

fn style(h: HPos, v: VPos, colour: &RGBColor) -> TextStyle<'_> {
    TextStyle::from(("sans-serif", CHART_TEXT).into_font()).pos(Pos::new(h, v)).color(colour)
}

/// An accuracy on an axis that gives each halving of the mistakes the same room.
pub fn by_mistakes(accuracy: f64) -> f64 {
    -(1.0 - accuracy).max(1e-4).log10() // one image of ten thousand
}

/// A mark of that axis: 0.995 is called 99.5.
pub fn accuracy_mark(accuracy: f64) -> (f64, String) {
    (by_mistakes(accuracy), format!("{}", (accuracy * 1e4).round() / 100.0))
}

/// A power of ten on a logarithmic axis: −3 is called 10⁻³.
pub fn power_mark(exponent: i32) -> (f64, String) {
    let raised = |digit: char| digit.to_digit(10).and_then(|d| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(d as usize)).unwrap_or('⁻');
    let words = match exponent {
        0 => "1".to_string(),
        _ => format!("10{}", exponent.to_string().chars().map(raised).collect::<String>()),
    };
    (f64::from(exponent), words)
}

/// Marks of an axis of epochs.
pub fn epoch_marks(last: f64, step: usize) -> Vec<(f64, String)> {
    (0..=last as usize).step_by(step).map(|epoch| (epoch as f64, epoch.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        assert_eq!([0, 1, -4, 12].map(|exponent| power_mark(exponent).1), ["1", "10¹", "10⁻⁴", "10¹²"]);
        assert_eq!(accuracy_mark(0.9925).1, "99.25");
        assert!((by_mistakes(0.99) - 2.0).abs() < 1e-12);
        assert!(by_mistakes(1.0).is_finite(), "a network without mistakes has a place, too");
    }
}
