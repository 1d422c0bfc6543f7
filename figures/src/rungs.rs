//! From rung to rung: our accuracy beside that of Nielsen's chapter, for every experiment that has one there.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FAINT, INK, LIT, RULE, dots, drawing, lines, rings, round},
    runs,
    svg::{self, TEXT, WIDTH},
};
use network3::Result;

/// From one rung to the next: a line of words, and below it the dots.
const STEP: f64 = 46.0;
/// Where the axis begins and ends.
const LEFT: f64 = 8.0;
const RIGHT: f64 = WIDTH - 8.0;
/// Accuracies at the ends of the axis, and those that it names.
const LEAST: f64 = 0.9745;
const MOST: f64 = 0.9975;
const MARKS: [f64; 4] = [0.98, 0.99, 0.995, 0.997];

pub const FIGURE: Figure = Figure {
    name: "rungs",
    caption: "Test accuracy from rung to rung. A dot is a run of ours, the orange dot what the chapter’s way of reporting makes of them, and the \
              ring what Nielsen’s chapter reports. Each halving of the mistakes has the same width, so the last steps are as wide as \
              they were hard.",
    alt: "A chart with a row for each experiment, one below the other. In each row stand its name, our test accuracy and Nielsen’s, and \
          below them dots and a ring on an axis of accuracy. Dots and rings lie close together and move to the right from row to row.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let x = |accuracy: f64| {
        let place = |accuracy: f64| (1.0 - accuracy).ln();
        let part = (place(LEAST) - place(accuracy.clamp(LEAST, MOST))) / (place(LEAST) - place(MOST));
        round(LEFT + (RIGHT - LEFT) * part)
    };
    let (mut body, mut y) = (String::new(), 28.0);
    body += &dots(FAINT, 9.0, [(14.0, 10.0)]);
    body += &svg::text_from((24.0, 10.0), "a run");
    body += &dots(LIT, 11.0, [(92.0, 10.0)]);
    body += &svg::text_from((104.0, 10.0), "ours");
    body += &rings(INK, 2.0, 7.0, [(160.0, 10.0)]);
    body += &svg::text_from((174.0, 10.0), "Nielsen’s chapter");
    let mut rows = String::new();
    for experiment in experiments::all() {
        let Some(chapter) = experiment.chapter else { continue };
        let runs = if experiment.networks > 1 { vec![] } else { sources.runs(&experiment.name)? };
        let ours = match experiment.networks {
            1 => runs::reported(&runs).map(|run| run.best.test_accuracy),
            _ => sources.summary(&experiment.name)?.ensemble.map(|vote| vote.vote_accuracy),
        };
        let (words, dot) = (y + TEXT / 2.0 + 6.0, y + 32.0);
        let number = ours.map_or("not run yet".into(), |ours| format!("{:.2}", 100.0 * ours));
        rows += &svg::text_from((0.0, words), &experiment.name);
        rows += &svg::text_to((WIDTH, words), format!("{number} ({:.2})", 100.0 * chapter));
        rows += &lines(RULE, 1.0, [[(LEFT, dot), (RIGHT, dot)]]);
        rows += &lines(FAINT, 1.0, MARKS.map(|mark| [(x(mark), dot - 6.0), (x(mark), dot + 6.0)]));
        rows += &dots(FAINT, 9.0, runs.iter().map(|run| (x(run.best.test_accuracy), dot)));
        rows += &dots(LIT, 11.0, ours.map(|ours| (x(ours), dot)));
        rows += &rings(INK, 2.0, 7.0, [(x(chapter), dot)]);
        y += STEP;
    }
    for mark in MARKS {
        body += &svg::text(x(mark).clamp(24.0, WIDTH - 24.0), y + 16.0, format!("{}", (mark * 1e4).round() / 100.0));
    }
    body += &svg::text(WIDTH / 2.0, y + 38.0, "test accuracy, per cent: ours (Nielsen’s)");
    Ok(drawing(y + 50.0, &(body + &rows)))
}
