//! The λ sweeps: how many mistakes each amount of regularisation leaves.

use crate::{
    Drawing, Figure, Sources,
    curves::{Line, Panel, one, power_mark},
    svg::{self, COLOURS, WIDTH},
};
use experiments::LAMBDAS;
use network3::{Error, Result};

const SWEEPS: [(&str, &str); 2] = [("two-conv-relu", "rectified linear"), ("two-conv", "sigmoid")];
const HEIGHT: u32 = 320;

pub const FIGURE: Figure = Figure {
    name: "regularisation",
    caption: "Mistakes on the test images against the regularisation parameter λ, on a logarithmic axis; a dot for each run, at its best \
              epoch on the validation images. What has no dot has not been run yet.",
    alt: "A chart with the values of λ from zero to a hundred along the bottom and mistakes on a logarithmic axis. The dots of small λ \
          lie level beside each other.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let mut lines = vec![];
    for ((name, _), colour) in SWEEPS.into_iter().zip(COLOURS) {
        let mut line = Line::new(colour, []);
        for (place, experiment) in experiments::sweep(name).into_iter().enumerate() {
            let runs = sources.runs(&experiment.name)?;
            let wrong = runs.iter().map(|run| (1.0 - run.best.test_accuracy) * run.configuration.test_images as f64);
            let wrong: Vec<f64> = wrong.map(|wrong| wrong.max(1.0).log10()).collect();
            line.dots.extend(wrong.iter().map(|&y| (place as f64, y)));
            line.points.extend(wrong.first().map(|&y| (place as f64, y)));
        }
        lines.push(line);
    }
    let all = || lines.iter().flat_map(|line| &line.dots).map(|dot| dot.1);
    if all().next().is_none() {
        let makes = "`cargo run --bin train -- two-conv-relu-lambda-0 --faithful --record` makes the first";
        return Err(Error::input(format!("no run of a sweep is recorded; {makes}")));
    }
    let (least, most) = all().fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), y| (least.min(y), most.max(y)));
    let y = least - 0.08..most + 0.08;
    let marks = [50, 60, 70, 80, 90, 100, 120, 150, 200, 300, 500, 1000, 2000, 5000];
    let wide = y.end - y.start > 1.0; // then every second mark is enough
    let marks = marks.into_iter().filter(|mark| !wide || [50, 100, 200, 500, 1000, 2000, 5000].contains(mark));
    let y_marks =
        marks.map(|mark| (f64::from(mark).log10(), mark.to_string())).filter(|(at, _)| y.contains(at)).collect();
    let panel = Panel {
        title: String::new(),
        x: -0.4..LAMBDAS.len() as f64 - 0.6,
        y,
        x_marks: LAMBDAS.iter().enumerate().map(|(place, &lambda)| (place as f64, power(lambda))).collect(),
        y_marks,
        x_name: "λ",
        lines,
    };
    let names: Vec<_> = SWEEPS.into_iter().zip(COLOURS).map(|((_, name), colour)| (colour, name)).collect();
    let size = (WIDTH as u32, HEIGHT);
    let chart = svg::chart(size, |area| one(area, &names, &panel))?;
    Ok(Drawing { size, body: chart })
}

/// 0.00001 is 10⁻⁵; what has no more than two digits stays.
fn power(lambda: f64) -> String {
    if lambda == 0.0 || lambda >= 0.01 {
        return lambda.to_string();
    }
    power_mark(lambda.log10().round() as i32).1
}

#[cfg(test)]
mod tests {
    #[test]
    fn small_numbers_are_powers() {
        assert_eq!([0.0, 1e-5, 1e-3, 0.01, 0.1, 100.0].map(super::power), ["0", "10⁻⁵", "10⁻³", "0.01", "0.1", "100"]);
    }
}
