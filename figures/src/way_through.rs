//! One digit's way through a trained network: the activations of every unit of every layer.

use crate::{Drawing, Figure, Sources, digits, pixels, svg};
use ndarray::{Array2, ArrayView3, Axis};
use network3::{Label, Pass, Result, Shape, ops::Reference};

const EXPERIMENT: &str = "two-conv-relu-corrected";
const DIGIT: Label = 3;
/// Units of a layer without maps in a row.
const COLUMNS: usize = 25;
/// Room for the words above a layer, and between two of them.
const HEADING: f64 = 24.0;
const GAP: f64 = 12.0;

pub const FIGURE: Figure = Figure {
    name: "way-through",
    caption: "One digit on its way through a trained network, with the activation of every single unit: the darker, the more active. Each \
              layer has a scale of its own. The last row is the answer.",
    alt: "From top to bottom: a handwritten-looking three; twenty smaller pictures that trace parts of its outline; forty tiny coarse \
          pictures; four rows of squares, most of them clear; and ten squares with the digits below, of which one is black.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let mut network = sources.network(EXPERIMENT)?;
    let digit = digits::one(DIGIT)?;
    if network.input() != Shape::image(1, digits::SIDE, digits::SIDE) {
        return Err(sources.useless(EXPERIMENT, "its input is no digit of 28×28"));
    }
    let mut x: Vec<f32> = digit.iter().map(|&p| f32::from(p) / 256.0).collect();
    let scale = 3.0;
    let left = (svg::WIDTH - scale * digits::SIDE as f64) / 2.0;
    let mut body = pixels::picture((left, 2.0), scale, digit.view()) + &pixels::frame((left, 2.0), scale, digit.dim());
    let mut y = scale * digits::SIDE as f64 + GAP;
    let layers = network.layers_mut();
    let last = layers.len() - 1;
    for (k, layer) in layers.iter_mut().enumerate() {
        let shape = layer.output_shape();
        let mut out = vec![0.0; shape.len()];
        layer.forward(&mut Reference, &x, &mut out, Pass::Evaluate);
        let (name, drawn, height) = match shape {
            Shape::Image { maps, height, width } => {
                let (drawn, tall) = maps_of(&out, (maps, height, width), y + HEADING);
                (format!("{maps} maps of {height}×{width}"), drawn, tall)
            }
            Shape::Flat(n) if k == last => (format!("{n} classes"), classes(&out, y + HEADING), 48.0),
            Shape::Flat(n) => {
                let side = svg::WIDTH / COLUMNS as f64;
                let rows = n.div_ceil(COLUMNS);
                let mut units = Array2::zeros((rows, COLUMNS));
                units.iter_mut().zip(&out).for_each(|(unit, &a)| *unit = a);
                let picture = pixels::picture((0.0, y + HEADING), side, pixels::inked(units.view()).view());
                let frame = pixels::frame((0.0, y + HEADING), side, units.dim());
                (format!("{n} units"), picture + &frame, rows as f64 * side)
            }
        };
        body += &svg::text(svg::WIDTH / 2.0, y + HEADING / 2.0, name);
        body += &drawn;
        y += HEADING + height + GAP;
        x = out;
    }
    Ok(Drawing { size: (svg::WIDTH as u32, y as u32), body })
}

/// All maps of a layer in two rows, and how high they are together.
fn maps_of(a: &[f32], (maps, height, width): (usize, usize, usize), top: f64) -> (String, f64) {
    let columns = maps.div_ceil(2);
    let step = svg::WIDTH / columns as f64;
    let scale = (step - 4.0) / width as f64;
    let all = ArrayView3::from_shape((height, width, maps), a).expect("the layer's own shape");
    let largest = all.fold(f32::MIN_POSITIVE, |m, &a| m.max(a));
    let mut body = String::new();
    for (m, map) in all.axis_iter(Axis(2)).enumerate() {
        let corner = ((m % columns) as f64 * step + 2.0, top + (m / columns) as f64 * step);
        let grey = map.mapv(|a| (255.0 * a.max(0.0) / largest).round() as u8);
        body += &pixels::picture(corner, scale, grey.view());
        body += &pixels::frame(corner, scale, grey.dim());
    }
    (body, 2.0 * step)
}

/// The probabilities of the classes, and below each its digit.
fn classes(a: &[f32], top: f64) -> String {
    let step = svg::WIDTH / a.len() as f64;
    let mut body = String::new();
    for (class, &a) in a.iter().enumerate() {
        let corner = (class as f64 * step + (step - 24.0) / 2.0, top);
        let grey = Array2::from_elem((1, 1), (255.0 * a).round() as u8);
        body += &pixels::picture(corner, 24.0, grey.view());
        body += &pixels::frame(corner, 24.0, grey.dim());
        body += &svg::text((class as f64 + 0.5) * step, top + 38.0, class);
    }
    body
}
