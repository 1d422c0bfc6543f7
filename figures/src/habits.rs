//! What each habit of network3.py is worth: the same experiment with one of them changed.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FAINT, INK, LIT, dots, drawing, lines, round},
    runs,
    svg::{self, TEXT, WIDTH},
};
use network3::{Result, thousands};

const EXPERIMENTS: [&str; 2] = ["two-conv-relu", "expanded-100"];
/// From row to row.
const ROW: f64 = 28.0;
/// Where the axis begins and ends, right of the names.
const LEFT: f64 = 196.0;
const RIGHT: f64 = WIDTH - 44.0;

pub const FIGURE: Figure = Figure {
    name: "habits",
    caption: "Mistakes on the test images with the habits of Nielsen’s program, and with some of them given up; nothing else was changed on purpose. A dot is a \
              run. The band is as wide as the runs with all habits are apart, which differ in their seed alone: what lies within it \
              may be chance.",
    alt: "For each experiment a row of grey dots for the runs with all habits and a band behind them, and below it a row with an orange dot \
          for each change of habits. The number of mistakes stands at the right of each row.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let (mut body, mut y) = (String::new(), TEXT / 2.0 + 4.0);
    for name in EXPERIMENTS {
        let faithful = sources.runs(name)?;
        let Some(images) = faithful.first().map(|run| run.configuration.test_images) else { continue };
        let wrong = |accuracy: f64| (1.0 - accuracy) * images as f64;
        let ours: Vec<f64> = faithful.iter().map(|run| wrong(run.best.test_accuracy)).collect();
        let mut rows = vec![("all habits".to_string(), ours.clone(), FAINT)];
        for (changed, run) in sources.other_habits(name)? {
            let words =
                if changed.len() == 5 { "none of them".into() } else { format!("other {}", changed.join(", ")) };
            let count = wrong(run.best.test_accuracy);
            match rows.iter_mut().find(|(known, ..)| *known == words) {
                Some((_, counts, _)) => counts.push(count),
                None => rows.push((words, vec![count], LIT)),
            }
        }
        if rows.len() == 1 && name != EXPERIMENTS[0] {
            continue; // nothing is compared yet
        }
        let (least, _, most) =
            runs::range(rows.iter().flat_map(|(_, counts, _)| counts.iter().copied())).unwrap_or((0.0, 0.0, 1.0));
        let room = ((most - least) * 0.1).max(1.0);
        let x = |count: f64| round(LEFT + (RIGHT - LEFT) * (count - least + room) / (most - least + 2.0 * room));
        body += &svg::text_from((0.0, y), format!("{name}: mistakes of {}", thousands(images)));
        body += &svg::text_to((WIDTH, y), "mean");
        let top = y + 14.0;
        if let Some((first, _, last)) = runs::range(ours) {
            let (left, width) = (x(first) - 6.0, x(last) - x(first) + 12.0);
            let height = rows.len() as f64 * ROW;
            body += &format!(
                "<rect x=\"{left}\" y=\"{top}\" width=\"{width:.1}\" height=\"{height}\" fill-opacity=\"0.15\"/>\n"
            );
        }
        for (words, counts, pen) in &rows {
            y += ROW;
            body += &svg::text_from((8.0, y), words);
            body += &lines(FAINT, 0.5, [[(LEFT, y), (RIGHT, y)]]);
            body +=
                &dots(if words == "all habits" { INK } else { *pen }, 10.0, counts.iter().map(|&count| (x(count), y)));
            let (_, mean, _) = runs::range(counts.iter().copied()).unwrap_or_default();
            body += &svg::text_to((WIDTH, y), format!("{mean:.0}"));
        }
        y += ROW;
        let tens = (least / 10.0).ceil() as u32..=(most / 10.0) as u32;
        for mistakes in tens.map(|ten| 10 * ten) {
            let at = x(f64::from(mistakes));
            body += &lines(FAINT, 1.0, [[(at, top), (at, y - 12.0)]]);
            body += &svg::text(at, y, mistakes);
        }
        y += 1.4 * ROW;
    }
    if body.is_empty() {
        sources.record(EXPERIMENTS[0])?;
    }
    Ok(drawing(y - 10.0, &body))
}
