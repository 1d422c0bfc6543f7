//! What expanding the training images does to one of them: the digit, and the same digit moved by a pixel.

use crate::{
    Drawing, Figure, Sources, digits, pixels,
    svg::{self, WIDTH},
};
use ndarray::{Array2, Zip};
use network3::{
    Label, Result, Shape,
    data::{Dataset, TrainingSet},
};

const DIGIT: Label = 5;
/// A pixel's side.
const SCALE: f64 = 3.0;
/// From one copy to the next.
const STEP: f64 = WIDTH / 5.0;
/// Room for the words above, and from a copy to what is new in it.
const TOP: f64 = 24.0;
const DOWN: f64 = 96.0;

pub const FIGURE: Figure = Figure {
    name: "translated",
    caption: "A training image and its four copies in the expanded data, each moved by a pixel. Below each copy is what is different: \
              orange where ink has come, blue where it has gone.",
    alt: "Five pictures of the same handwritten-looking digit in a row, hardly different to the eye. Below the four copies its outline in \
          orange on one side and blue on the other.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let digit = digits::one(DIGIT)?;
    let shape = Shape::image(1, digits::SIDE, digits::SIDE);
    let images = Dataset::new(shape, usize::from(DIGIT) + 1, digit.iter().copied().collect(), vec![DIGIT])?;
    let set = TrainingSet::expanded(&images);
    let mut body = String::new();
    let mut original = None;
    for example in 0..set.len() {
        let mut x = vec![0.0; digit.len()];
        set.write(example, &mut x);
        let copy = Array2::from_shape_vec(digit.dim(), x).expect("as many pixels as the digit has");
        let before = original.get_or_insert_with(|| copy.clone());
        let change = Zip::from(&copy).and(&*before).map_collect(|after, before| after - before);
        let left = example as f64 * STEP + 6.0;
        body += &svg::text(left + SCALE * digits::SIDE as f64 / 2.0, 10.0, direction(before, &copy));
        body += &pixels::picture((left, TOP), SCALE, pixels::inked(copy.view()).view());
        body += &pixels::frame((left, TOP), SCALE, copy.dim());
        if example > 0 {
            body += &pixels::signed((left, TOP + DOWN), SCALE, change.view());
        }
    }
    Ok(Drawing { size: (WIDTH as u32, (TOP + DOWN + SCALE * digits::SIDE as f64) as u32 + 6), body })
}

/// Where a copy has been moved to, by what its ink weighs on.
fn direction(before: &Array2<f32>, after: &Array2<f32>) -> &'static str {
    let centre = |image: &Array2<f32>| {
        let (mut down, mut right, mut ink) = (0.0, 0.0, f32::MIN_POSITIVE);
        for ((i, j), p) in image.indexed_iter() {
            (down, right, ink) = (down + i as f32 * p, right + j as f32 * p, ink + p);
        }
        (down / ink, right / ink)
    };
    let (from, to) = (centre(before), centre(after));
    match (to.0 - from.0, to.1 - from.1) {
        (down, _) if down > 0.5 => "down",
        (down, _) if down < -0.5 => "up",
        (_, right) if right > 0.5 => "right",
        (_, right) if right < -0.5 => "left",
        _ => "as it is",
    }
}
