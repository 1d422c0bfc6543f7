//! How a net learns to add, by the order in which the sums come.

use crate::{
    Drawing, Figure, Sources,
    curves::{Line, Panel, one},
    svg::{self, COLOURS, WIDTH},
};
use network3::Result;
use serde::Deserialize;

const HEIGHT: u32 = 340;

pub const FIGURE: Figure = Figure {
    name: "curricula",
    caption: "Learning to add numbers of three digits: the share of held-out sums that are written without a wrong digit, after so many thousand sums learned \
              from, in four orders. The learning rate falls from three fifths of the way on.",
    alt: "A line chart with four lines, one for each order of the sums. All begin near zero. Those of mixed, \
          of none and of combined rise steeply, one after the other, to the top; that of the naive order stays low and ends at half the height.",
    draw,
};

/// What is drawn of the record.
#[derive(Deserialize)]
struct Record {
    batch: usize,
    sums: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    curriculum: String,
    steps: usize,
    every: usize,
    curve: Vec<f64>,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let record: Record = sources.system("execute")?;
    let thousands = |steps: usize| (steps * record.batch) as f64 / 1000.0;
    let (mut lines, mut names, mut last) = (vec![], vec![], 1.0_f64);
    for (run, colour) in record.sums.iter().zip(COLOURS) {
        last = last.max(thousands(run.steps));
        lines.push(Line::new(colour, (1..).zip(&run.curve).map(|(k, &share)| (thousands(k * run.every), share))));
        names.push((colour, run.curriculum.as_str()));
    }
    let panel = Panel {
        title: String::new(),
        x: 0.0..100.0 * (last / 100.0).ceil(),
        y: 0.0..1.0,
        x_marks: (0..=(last / 100.0).ceil() as u32).map(|k| (f64::from(100 * k), (100 * k).to_string())).collect(),
        y_marks: [0, 25, 50, 75, 100].map(|percent| (f64::from(percent) / 100.0, format!("{percent} %"))).into(),
        x_name: "thousand sums",
        lines,
    };
    let size = (WIDTH as u32, HEIGHT);
    Ok(Drawing { size, body: svg::chart(size, |area| one(area, &names, &panel))? })
}
