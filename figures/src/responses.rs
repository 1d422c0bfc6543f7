//! What feature maps say to a digit: kernels of a trained network, and how they respond.

use crate::{
    Drawing, Figure, Sources,
    diagram::{drawing, words},
    digits, svg,
};
use ndarray::{Array4, ArrayView2, Axis, s};
use network3::{
    Label, Pass, Result, Shape, Spec,
    ops::{Backend, Conv, Reference, Window},
};

const EXPERIMENT: &str = "two-conv-relu";
const DIGIT: Label = 3;
/// Feature maps that are shown.
const SHOWN: usize = 3;
/// The height and width of a feature map, in the units of the drawing.
const SIZE: f64 = 108.0;
/// From one row to the next.
const DOWN: f64 = SIZE + 12.0;
/// Room for the titles.
const TOP: f64 = 24.0;
/// The left edges of the columns.
const COLUMNS: [f64; 4] = [1.0, 148.0, 236.0, 371.0];

pub const FIGURE: Figure = Figure {
    name: "responses",
    caption: "One digit as three feature maps of a trained network see it, those with the largest weights. Each row: the kernel, \
              the convolution, on both of which the middle grey is zero and darker is larger; then what is left after \
              max-pooling, bias and rectification, where white is zero.",
    alt: "On the left a handwritten digit. Beside it three rows of pictures, each with a small block of weights, a large blurred \
          relief of the digit in greys, and a coarser picture that is white but for dark spots along some of the strokes. Each \
          row brings out other parts of the strokes.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let mut network = sources.network(EXPERIMENT)?;
    let filters = sources.first_filters(EXPERIMENT)?;
    let digit = digits::one(DIGIT)?;
    let input = Shape::image(1, digit.nrows(), digit.ncols());
    let unfit = || sources.useless(EXPERIMENT, format!("it does not begin with convolution and pooling of {input}"));
    let &[Spec::ConvPool { kernel: size, stride, padding, .. }, ..] = network.specs() else { return Err(unfit()) };
    let Shape::Image { maps, height, width } = network.layers()[0].output_shape() else { return Err(unfit()) };
    if network.input() != input {
        return Err(unfit());
    }
    let x: Vec<f32> = digit.iter().map(|&p| f32::from(p) / 256.0).collect();

    // As the first layer computes it, and the convolution once more alone.
    let conv = Conv::with_window(input, filters.len_of(Axis(0)), Window { size, stride, padding }, 1)?;
    let mut convolved = Array4::zeros((1, conv.output_height(), conv.output_width(), conv.filters));
    let w: Vec<f32> = filters.iter().copied().collect();
    Reference.conv_forward(&conv, &x, &w, convolved.as_slice_mut().expect("standard layout"));
    let mut pooled = Array4::zeros((1, height, width, maps));
    let y = pooled.as_slice_mut().expect("standard layout");
    network.layers_mut()[0].forward(&mut Reference, &x, y, Pass::Evaluate);

    let square = |f: &usize| filters.index_axis(Axis(0), *f).iter().map(|w| w * w).sum::<f32>();
    let mut order: Vec<usize> = (0..maps).collect();
    order.sort_by(|a, b| square(b).total_cmp(&square(a)));
    let mut body = String::new();
    for (row, &f) in order.iter().take(SHOWN).enumerate() {
        let y = TOP + row as f64 * DOWN;
        let pooled = pooled.slice(s![0, .., .., f]);
        let largest = pooled.fold(f32::MIN_POSITIVE, |m, &y| m.max(y));
        let grey = pooled.mapv(|y| (255.0 * y.max(0.0) / largest).round() as u8);
        body += &signed((COLUMNS[1], y + SIZE / 2.0 - 30.0), 60.0, filters.index_axis(Axis(0), f));
        body += &signed((COLUMNS[2], y), SIZE, convolved.slice(s![0, .., .., f]));
        body += &svg::block((COLUMNS[3], y), SIZE / grey.nrows() as f64, grey.view());
    }
    let (bottom, scale) = (TOP + SHOWN as f64 * DOWN, 4.0);
    let y = (TOP + bottom - scale * digit.nrows() as f64) / 2.0 - 6.0;
    body += &svg::block((COLUMNS[0], y), scale, digit.view());
    body = format!("<g fill=\"#000\">\n{body}</g>\n");
    let titles = [(57.0, y - 14.0, "input"), (178.0, 9.0, "kernel"), (290.0, 9.0, "convolved"), (425.0, 9.0, "pooled")];
    body += &titles.map(|(x, y, title)| words((x, y), [title])).concat();
    Ok(drawing(bottom - 10.0, &body))
}

/// A square picture of numbers of either sign.
fn signed(corner: (f64, f64), size: f64, numbers: ArrayView2<f32>) -> String {
    let largest = numbers.fold(f32::MIN_POSITIVE, |m, x| m.max(x.abs()));
    svg::block(corner, size / numbers.nrows() as f64, svg::signed(numbers, largest).view())
}
