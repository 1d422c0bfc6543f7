//! How much of a gradient is left after so many steps back through time.

use crate::{
    Drawing, Figure, Sources,
    curves::{Line, Panel, grid, power_mark},
    svg::{self, COLOURS, WIDTH},
};
use network3::{Error, Result};
use serde::Deserialize;

const HEIGHT: u32 = 320;

pub const FIGURE: Figure = Figure {
    name: "fading",
    caption: "The gradient on its way back through time: the length of the derivative of the cost with respect to the state of a net, by the number of steps \
              from the end, over what it is at the end. On the left before learning, on the right after it.",
    alt: "Two line charts on a logarithmic axis. In both, the orange line of the plain net falls straight down by about twenty powers of ten. The blue line \
          of the LSTM stays level at one before learning, and rises a little after it.",
    draw,
};

/// What is drawn of the record.
#[derive(Deserialize)]
struct Record {
    gradients: Vec<Fading>,
}

#[derive(Deserialize)]
struct Fading {
    name: String,
    log10: Vec<f64>,
}

fn draw(sources: &Sources) -> Result<Drawing> {
    let Record { gradients } = sources.system("recurrent")?;
    let line = |kind: &str, when: &str, colour| {
        let name = format!("{kind}, {when}");
        let found = gradients.iter().find(|fading| fading.name == name);
        let found = found.ok_or_else(|| Error::input(format!("the record has no gradients of {name}")))?;
        Ok(Line::new(colour, (0..).zip(&found.log10).map(|(k, &y)| (f64::from(k), y))))
    };
    let panel = |when: &str, title: &str| {
        let lines = vec![line("Plain", when, COLOURS[1])?, line("Lstm", when, COLOURS[0])?];
        let last = lines.iter().map(|line| line.points.len()).max().unwrap_or(1) as f64;
        Ok(Panel {
            title: title.into(),
            x: 0.0..last,
            y: -25.0..3.0,
            x_marks: [0, 50, 100]
                .into_iter()
                .filter(|&x| f64::from(x) <= last)
                .map(|x| (f64::from(x), x.to_string()))
                .collect(),
            y_marks: [0, -10, -20].map(power_mark).into(),
            x_name: "steps back",
            lines,
        })
    };
    let panels: Vec<Panel> = vec![panel("untrained", "before learning")?, panel("trained", "after")?];
    let names = [(COLOURS[0], "LSTM"), (COLOURS[1], "plain recurrent net")];
    let size = (WIDTH as u32, HEIGHT);
    Ok(Drawing { size, body: svg::chart(size, |area| grid(area, &names, &panels))? })
}
