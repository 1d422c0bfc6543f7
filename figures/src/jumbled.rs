//! Digits, and the same digits with their pixels in a senseless order: who still reads them?

use crate::{
    Drawing, Figure, Sources, digits, pixels,
    svg::{self, WIDTH},
};
use experiments::jumble;
use ndarray::Array2;
use network3::{Label, Result, thousands};

const SHOWN: [Label; 5] = [3, 7, 1, 8, 4];
const SCALE: f64 = 3.0;
/// From the digits to the jumbled ones, and from those to the numbers.
const DOWN: f64 = 100.0;
/// The middles of the columns of numbers.
const COLUMNS: [f64; 2] = [270.0, 412.0];
/// The networks, and what they are called here.
const NETWORKS: [(&str, &str); 2] = [("shallow", "fully-connected"), ("two-conv-relu", "convolutional")];

pub const FIGURE: Figure = Figure {
    name: "jumbled",
    caption: "Five digits, and below them the same five with their pixels in another order, which is the same for all images. The \
              numbers are mistakes on the test images of MNIST, by networks that have learned from images of the one kind or of \
              the other: the fully-connected network does no worse on the jumbled ones, the convolutional network does.",
    alt: "A row of five handwritten-looking digits; below it a row of five squares of grey noise. A small table counts mistakes. \
          The fully-connected network makes about as many on the images as they are as on jumbled ones; the convolutional network \
          makes by far the fewest on the former, and many more on the latter.",
    draw,
};

fn draw(sources: &Sources) -> Result<Drawing> {
    let order = jumble::order(digits::SIDE * digits::SIDE);
    let mut body = String::new();
    for (k, class) in SHOWN.into_iter().enumerate() {
        let digit = digits::one(class)?;
        let jumbled: Vec<u8> = order.iter().filter_map(|&pixel| digit.iter().nth(pixel).copied()).collect();
        let jumbled = Array2::from_shape_vec(digit.dim(), jumbled).expect("as many pixels as before");
        let x = 6.0 + WIDTH / SHOWN.len() as f64 * k as f64;
        for (y, image) in [(2.0, &digit), (2.0 + DOWN, &jumbled)] {
            body += &pixels::picture((x, y), SCALE, image.view());
            body += &pixels::frame((x, y), SCALE, image.dim());
        }
    }
    let top = 2.0 * DOWN + 12.0;
    let mut all = 0;
    for (x, (network, name)) in COLUMNS.into_iter().zip(NETWORKS) {
        body += &svg::text(x, top, name);
        for (row, kind) in ["10-epochs", "jumbled"].into_iter().enumerate() {
            let record = sources.record(&format!("{network}-{kind}"))?;
            let wrong = record.misclassified.len();
            body += &svg::text(x, top + 26.0 + 24.0 * row as f64, format!("{} wrong", thousands(wrong)));
            all = record.configuration.test_images;
        }
    }
    let titles = [format!("of {} images", thousands(all)), "as they are".into(), "jumbled".into()];
    for (y, title) in [0.0, 26.0, 50.0].into_iter().zip(titles) {
        body += &svg::text_from((6.0, top + y), title);
    }
    Ok(Drawing { size: (WIDTH as u32, top as u32 + 62), body })
}
