//! The gradient of each layer of a deep network, with batch normalisation and without.

use crate::{
    Drawing, Figure, Sources,
    curves::{HEAD, one},
    norms,
    svg::{self, COLOURS, WIDTH},
};
use network3::Result;

/// Networks of the same layers, and what they are called here.
const EXPERIMENTS: [(&str, &str); 3] =
    [("ten-deep", "sigmoid"), ("ten-deep-normalised", "sigmoid, normalised"), ("ten-deep-relu", "rectified")];

pub const FIGURE: Figure = Figure {
    name: "vanishing",
    caption: "The norm of the gradient of each layer’s weights in three networks of ten hidden layers, on one mini-batch after the first \
              epoch, on a logarithmic axis: of sigmoids, of sigmoids with batch normalisation, and of rectified linear units. The eleventh \
              layer is that of softmax; layers of normalisation are not counted.",
    alt: "A line chart with the layers along the bottom and the norm of the gradient upwards. For the sigmoids the line falls from the \
          last layer to the second by several powers of ten. With normalisation, and for rectified linear units, it is nearly level.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let mut lines = vec![];
    for ((experiment, _), colour) in EXPERIMENTS.into_iter().zip(COLOURS) {
        let record = sources.record(experiment)?;
        let norms = record.epochs.first().into_iter().flat_map(|epoch| &epoch.norms);
        let norms = norms.filter(|norm| !norm.layer.ends_with("BatchNorm")).map(|norm| norm.gradient);
        lines.push(norms::by_layer(colour, norms));
    }
    let names: Vec<_> = EXPERIMENTS.into_iter().zip(COLOURS).map(|((_, name), colour)| (colour, name)).collect();
    let size = (WIDTH as u32, HEAD + 240);
    let mut panel = norms::panel(String::new(), lines);
    panel.x_name = "layer";
    Ok(Drawing { size, body: svg::chart(size, |area| one(area, &names, &panel))? })
}
