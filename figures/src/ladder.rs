//! The ladder: how much each idea adds to the speed of training.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FAINT, INK, LIT, RULE, dots, drawing, lines, round},
    svg::{self, TEXT, WIDTH},
};
use experiments::record::Ladder;
use network3::{Result, thousands};

/// From one rung to the next: a line of words, and below it the dot.
const STEP: f64 = 52.0;
/// Where the axis begins and ends.
const LEFT: f64 = 8.0;
const RIGHT: f64 = WIDTH - 8.0;
/// Room for the axis below the rungs.
const AXIS: f64 = 64.0;

/// From the top of a row to its dot.
const DOT: f64 = 34.0;

pub const FIGURE: Figure = Figure {
    name: "ladder",
    caption: "Training images a second, from plain loops to the fast backend. Every rung computes the same function, and is measured \
              on the same machine. A dot is the median of several measurements, the line through it reaches from the slowest to the \
              fastest, and beside it stands by what factor it differs from the rung above. The axis is logarithmic.",
    alt: "A chart with a row for each way of computing the same network, one below the other. In each row stands what is new, and \
          below it a dot on a logarithmic axis of training images a second, with its number and its factor over the row above. \
          The dots move to the right from row to row, with one exception.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let ladder = sources.ladder()?;
    let rates = ladder.rungs.iter().flat_map(|rung| [rung.least, rung.most]);
    let (low, high) = rates.fold((f64::INFINITY, 0.0), |(low, high), rate| (rate.min(low), rate.max(high)));
    // Right of the last dot there is room for its number
    let first = low.log10().floor();
    let last = first + (high.log10() - first) * (RIGHT - LEFT) / (RIGHT - LEFT - 130.0);
    let x = |rate: f64| LEFT + (RIGHT - LEFT) * (rate.log10() - first) / (last - first);
    let bottom = ladder.rungs.len() as f64 * STEP + 8.0;

    let powers = (0..=(last - first) as i32).map(|k| 10f64.powf(first + f64::from(k)));
    let rows = (0..ladder.rungs.len()).map(|k| k as f64 * STEP + DOT);
    let ticks = rows.chain([bottom]).flat_map(|y| powers.clone().map(move |rate| (rate, y)));
    let ticks = ticks.map(|(rate, y)| [(x(rate), y - 6.0), (x(rate), y + 6.0)]);
    let mut body = lines(RULE, 1.0, ticks) + &lines(FAINT, 1.5, [[(LEFT, bottom), (RIGHT, bottom)]]);
    for rate in powers {
        let (at, number) = ((x(rate), bottom + 16.0), thousands(rate as usize));
        body += &match rate {
            rate if x(rate) < LEFT + 1.0 => svg::text_from((0.0, at.1), number),
            _ => svg::text(round(at.0), at.1, number),
        };
    }
    body += &svg::text(WIDTH / 2.0, bottom + 40.0, "training images a second");
    body += &rungs(&ladder, x);
    Ok(drawing(bottom + AXIS, &body))
}

fn rungs(ladder: &Ladder, x: impl Fn(f64) -> f64) -> String {
    let mut body = String::new();
    let mut before: Option<f64> = None;
    for (k, rung) in ladder.rungs.iter().enumerate() {
        let (words, dot) = (k as f64 * STEP + TEXT / 2.0 + 4.0, k as f64 * STEP + DOT);
        body += &svg::text_from((0.0, words), format!("{}: {}", rung.name, rung.step.replace('\'', "’")));
        body += &lines(INK, 2.0, [[(x(rung.least), dot), (x(rung.most), dot)]]);
        body += &dots(LIT, 12.0, [(x(rung.median), dot)]);
        let factor = before.map_or(String::new(), |before| format!("  ×{}", short(rung.median / before)));
        body += &svg::text_from((round(x(rung.most) + 14.0), dot), format!("{}{factor}", count(rung.median)));
        before = Some(rung.median);
    }
    body
}

/// ×12.7, ×0.61: three digits say enough.
fn short(factor: f64) -> String {
    if factor >= 1.0 { format!("{factor:.1}") } else { format!("{factor:.2}") }
}

/// 12,300: three digits count, the others are noise.
fn count(rate: f64) -> String {
    let unit = 10f64.powf((rate.log10().floor() - 2.0).max(0.0));
    thousands(((rate / unit).round() * unit) as usize)
}
