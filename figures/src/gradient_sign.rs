//! Mistakes after one step along the sign of the gradient, against the length of the step.

use crate::{
    Drawing, Figure, Sources,
    curves::{Line, Panel, one},
    svg::{self, COLOURS, WIDTH},
};
use network3::{Error, Result};
use serde::Deserialize;

const HEIGHT: u32 = 330;
/// What the lines are called: the networks in the order of the record, and the control.
const NAMES: [&str; 3] = ["same network", "same layers", "one hidden layer"];

pub const FIGURE: Figure = Figure {
    name: "gradient-sign",
    caption: "The share of test digits that are misread when every pixel moves by ε along the sign of the gradient: by the network that the \
              gradient is of, by one with the same layers and other weights, and by one without convolutions. The dots below are \
              the first network’s mistakes when every pixel moves by as much in a random direction.",
    alt: "A line chart. Mistakes in per cent rise with the step. The line of the network itself rises steeply, the lines of the others later and \
          less; a row of dots stays at the bottom.",
    draw,
};

#[derive(Deserialize)]
struct Record {
    sign: Vec<Sign>,
}

#[derive(Deserialize)]
struct Sign {
    epsilon: f64,
    errors: Vec<f64>,
    random: f64,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let Record { sign } = sources.system("adversarial")?;
    if let Some(s) = sign.iter().find(|s| !(0.0..=1.0).contains(&s.epsilon)) {
        return Err(Error::input(format!(
            "the record of adversarial is of no use: no step goes as far as {}",
            s.epsilon
        )));
    }
    let mut lines: Vec<Line> = NAMES
        .iter()
        .zip(COLOURS)
        .enumerate()
        .map(|(k, (_, colour))| {
            let point = |s: &Sign| Some((s.epsilon, 100.0 * s.errors.get(k)?));
            Line::new(colour, sign.iter().filter_map(point))
        })
        .collect();
    let mut control = Line::new(COLOURS[3], []);
    control.dots = sign.iter().map(|s| (s.epsilon, 100.0 * s.random)).collect();
    lines.push(control);
    let most = sign.iter().map(|s| s.epsilon).fold(0.01, f64::max);
    let panel = Panel {
        title: "misread, in per cent".into(),
        x: 0.0..most * 1.02,
        y: 0.0..100.0,
        x_marks: (0..=5).map(|k| f64::from(k) * 0.05).filter(|x| *x <= most).map(|x| (x, format!("{x:.2}"))).collect(),
        y_marks: (0..=5).map(|k| (f64::from(20 * k), (20 * k).to_string())).collect(),
        x_name: "ε, as a part of full scale",
        lines,
    };
    let names: Vec<_> = COLOURS.into_iter().zip(NAMES).collect();
    let size = (WIDTH as u32, HEIGHT);
    Ok(Drawing { size, body: svg::chart(size, |area| one(area, &names, &panel))? })
}
