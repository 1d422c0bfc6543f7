//! A unit for a digit, found without labels: what each of ten units likes best, and how one of them tells ones from
//! others.

use crate::{
    Drawing, Figure, Sources,
    curves::{self, Line, Panel},
    misclassified::pixels_of,
    pixels,
    svg::{self, COLOURS, WIDTH},
};
use experiments::record::Picture;
use network3::Result;
use serde::Deserialize;

/// The side of a picture in pixels, that of a pixel, and from one picture to the next.
const SIDE: usize = 28;
const SCALE: f64 = 1.5;
const STEP: f64 = 48.0;
/// Where the best stimulus stands, the digits, and the accuracy.
const STIMULUS: f64 = 36.0;
const DIGITS: f64 = 106.0;
const ACCURACY: f64 = 474.0;
/// Of the digits in the record so many are drawn.
const MOST: usize = 5;
/// Room for the words above.
const TOP: f64 = 24.0;

pub const FIGURE: Figure = Figure {
    name: "lrmd-units",
    caption: "The unit that tells each digit best from all others, though nobody has told it what to look for. First the image that it answers to \
              most, found by gradient ascent; then the test digits that it answers to most; at the end its balanced accuracy.",
    alt: "Ten rows, one for each digit. At the left of each a soft picture, in many of which one sees the digit; then five handwritten digits, in most \
          rows all the same; then a number between a half and one, largest in the row of the one.",
    draw: draw_units,
};

pub const HISTOGRAM_FIGURE: Figure = Figure {
    name: "lrmd-histogram",
    caption: "What the unit that is best for ones answers to ones, and to all other digits.",
    alt: "Two curves. That of the other digits has its hill at the left, that of the ones further to the right; they hardly overlap.",
    draw: draw_histogram,
};

/// What the figures need of the record.
#[derive(Deserialize)]
struct Record {
    classes: Vec<OfClass>,
    histogram: Vec<Bar>,
}

#[derive(Deserialize)]
struct OfClass {
    class: usize,
    accuracy: f64,
    stimulus: Picture,
    digits: Vec<Picture>,
}

#[derive(Deserialize)]
struct Bar {
    answer: f64,
    ones: f64,
    others: f64,
}

fn draw_units(sources: &Sources) -> Result<Drawing> {
    let classes = sources.system::<Record>("lrmd")?.classes;
    let size = SCALE * SIDE as f64;
    let mut body = svg::text(STIMULUS + size / 2.0, 10.0, "likes best");
    body += &svg::text_from((DIGITS, 10.0), "answers most to");
    body += &svg::text_to((ACCURACY, 10.0), "right");
    for (k, OfClass { class, accuracy, stimulus, digits }) in classes.iter().enumerate() {
        let y = TOP + k as f64 * STEP;
        body += &svg::text(12.0, y + size / 2.0, class);
        body += &pixels::picture((STIMULUS, y), SCALE, pixels_of(stimulus)?.view());
        body += &pixels::frame((STIMULUS, y), SCALE, (SIDE, SIDE));
        for (j, digit) in digits.iter().take(MOST).enumerate() {
            body += &pixels::picture((DIGITS + j as f64 * STEP, y), SCALE, pixels_of(digit)?.view());
        }
        body += &svg::text_to((ACCURACY, y + size / 2.0), format!("{accuracy:.3}"));
    }
    Ok(Drawing { size: (WIDTH as u32, (TOP + classes.len() as f64 * STEP) as u32), body })
}

fn draw_histogram(sources: &Sources) -> Result<Drawing> {
    let bars = sources.system::<Record>("lrmd")?.histogram;
    let most = bars.iter().map(|bar| bar.ones.max(bar.others)).fold(0.1, f64::max);
    let ends = |k: usize| bars.get(k).map_or(0.0, |bar| bar.answer);
    let (low, high) = (ends(0), ends(bars.len().saturating_sub(1)));
    let percent = |y: f64| (y, format!("{:.0} %", 100.0 * y));
    let panel = Panel {
        title: "of the digits get this answer".into(),
        x: low..high,
        y: 0.0..most,
        x_marks: (low.ceil() as i32..=high.floor() as i32).map(|x| (f64::from(x), x.to_string())).collect(),
        y_marks: (0..).map(|k| 0.1 * f64::from(k)).take_while(|&y| y <= most).map(percent).collect(),
        x_name: "answer of the unit",
        lines: vec![
            Line::new(COLOURS[1], bars.iter().map(|bar| (bar.answer, bar.ones))),
            Line::new(COLOURS[0], bars.iter().map(|bar| (bar.answer, bar.others))),
        ],
    };
    let (size, names) = ((WIDTH as u32, 320), [(COLOURS[1], "ones"), (COLOURS[0], "other digits")]);
    Ok(Drawing { size, body: svg::chart(size, |area| curves::one(area, &names, &panel))? })
}
