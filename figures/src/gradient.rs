//! The way of a gradient back through pooling and convolution: Problem 1 of the chapter, as a picture.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FIELD, INK, LIT, Map, Place, WINDOW, arrow, dots, drawing, short_of, square, words},
    digits,
};
use ndarray::{Array4, ArrayView4, s};
use network3::{
    Label, Pooling, Result, Shape, Ties,
    ops::{At, Backend, Conv, Parameter, Pool, Reference, Window, pool},
};

const DIGIT: Label = 4;
/// The input is a part of the digit: where it begins, and its side.
const CROP: usize = 8;
const SIDE: usize = 12;
/// The kernel is shaped like an L: so one sees which way it lies.
const KERNEL: [f32; FIELD * FIELD] = {
    let mut kernel = [0.15; FIELD * FIELD];
    let mut k = 0;
    while k < FIELD {
        (kernel[k * FIELD], kernel[(FIELD - 1) * FIELD + k]) = (0.8, 0.8);
        k += 1;
    }
    kernel
};
/// The pooled unit whose δ is followed.
const UNIT: Place = (1, 3);
/// The input whose gradient is put together.
const PIXEL: Place = (6, 5);

const STEP: f64 = 13.0;
/// The left edges of the inputs, the feature map, the pooled map.
const COLUMNS: [f64; 3] = [4.0, 236.0, 420.0];
/// From the upper picture to the lower one.
const DOWN: f64 = 254.0;

pub const FIGURE: Figure = Figure {
    name: "gradient",
    caption: "Back through max-pooling and convolution. Above: the δ of a pooled unit goes to the winner of its window and to no \
              other, and from there to all inputs of the winner's field, each time multiplied by the weight between them. So it \
              stamps the kernel on the inputs. Below, the same from the side of one input: it hears from every winner (the large \
              dots) whose field it lies in. The further up and to the left the winner, the further down and to the right is the \
              weight between them: on the feature map, the kernel lies flipped.",
    alt: "Two rows of grids. Above, from right to left: a lit dot in the small pooled grid; an arrow from it to one dot in its window \
          of the feature map, where each window has one large dot, its winner; from there a beam to a framed square of inputs, \
          shaded in the shape of the letter L, like the kernel. Below: a framed square of the feature map, shaded like that L \
          turned by half a circle, and a beam from it to one lit input. Beside it stand the kernel and the flipped kernel.",
    draw,
};

fn draw(_: &Sources) -> Result<Drawing> {
    let example = Example::new()?;
    Ok(drawing(2.0 * DOWN - 16.0, &(example.where_one_delta_goes() + &example.what_one_input_gets())))
}

/// A small convolution and its pooling, computed by the library.
struct Example {
    conv: Conv,
    pool: Pool,
    x: Vec<f32>,
    /// The feature map.
    z: Vec<f32>,
}

impl Example {
    fn new() -> Result<Self> {
        let conv = Conv::new(Shape::image(1, SIDE, SIDE), 1, (FIELD, FIELD), (1, 1))?;
        let window = (WINDOW, WINDOW);
        let pool = Pool::new(conv.output_shape(), Pooling::Max, Window::new(window, window), Ties::First)?;
        let digit = digits::one(DIGIT)?;
        let x: Vec<f32> = digit.slice(s![CROP..CROP + SIDE, CROP..CROP + SIDE]).iter().map(|&p| p.into()).collect();
        let mut z = vec![0.0; conv.output_len()];
        Reference.conv_forward(&conv, &x, &KERNEL, &mut z);
        Ok(Example { conv, pool, x, z })
    }

    /// The winners of the windows that these pooled units stand for: there, something arrives from them.
    fn winners(&self, units: impl Iterator<Item = Place>) -> Vec<Place> {
        let mut delta = Array4::zeros((1, self.pool.output_height(), self.pool.output_width(), 1));
        units.for_each(|(i, j)| delta[[0, i, j, 0]] = 1.0);
        let z = ArrayView4::from_shape((1, self.pool.height, self.pool.width, 1), &self.z).expect("one feature map");
        let mut dz = Array4::zeros(z.dim());
        pool::reference::backward(&self.pool, z, delta.view(), dz.view_mut());
        square((0, 0), self.conv.output_height()).zip(dz).filter(|&(_, dz)| dz != 0.0).map(|(place, _)| place).collect()
    }

    /// What the inputs get from a gradient of 1 at one place of the feature map.
    fn dx(&self, (i, j): Place) -> Vec<f32> {
        let mut dz = vec![0.0; self.z.len()];
        dz[i * self.conv.output_width() + j] = 1.0;
        let (mut dw, mut dx) = ([0.0; FIELD * FIELD], vec![0.0; self.x.len()]);
        let at = At { x: &self.x, y: &[], dy: &mut dz, dx: Some(&mut dx), dead_at_zero: false };
        Reference.conv_backward(&self.conv, at, Parameter::Accumulate { value: &KERNEL, gradient: &mut dw });
        dx
    }

    /// The inputs and the feature map, its winners marked, below a title.
    fn maps(&self, down: f64, title: &str) -> (Map, Map, String) {
        let input = Map { corner: (COLUMNS[0], down + 28.0), side: SIDE, step: STEP };
        let hidden = Map { corner: (COLUMNS[1], down + 54.0), side: self.conv.output_height(), step: STEP };
        let winners = self.winners(square((0, 0), self.pool.output_height()));
        let body = words((240.0, down + 10.0), [title]) + &input.draw() + &hidden.draw() + &hidden.rule(WINDOW);
        (input, hidden, body + &dots(INK, 0.7 * STEP, winners.iter().map(|&place| hidden.at(place))))
    }

    fn where_one_delta_goes(&self) -> String {
        let (input, hidden, body) = self.maps(0.0, "where one δ goes");
        let pooled = Map { corner: (COLUMNS[2], 80.0), side: self.pool.output_height(), step: STEP };
        let first = (UNIT.0 * WINDOW, UNIT.1 * WINDOW);
        let mut body = body + &pooled.draw() + &dots(INK, 0.7 * STEP, pooled.places().map(|place| pooled.at(place)));
        for winner in self.winners([UNIT].into_iter()) {
            let (from, to) = (pooled.at(UNIT), hidden.at(winner));
            body += &(input.shade(&self.dx(winner)) + &input.frame(LIT, winner, FIELD));
            // The error flows to the left, from the winner to its field.
            let field = input.at((winner.0 + FIELD / 2, winner.1 + FIELD - 1));
            body += &arrow(LIT, short_of(field, to, STEP), (field.0 + STEP, field.1));
            body +=
                &(input.beam(winner, FIELD, to) + &hidden.star(winner) + &arrow(LIT, from, short_of(from, to, STEP)));
        }
        body += &(hidden.frame(LIT, first, WINDOW) + &pooled.star(UNIT));
        let labels = [["inputs:", "a field gets δ·w"], ["feature map:", "one gets δ"], ["pooled:", "δ"]];
        body + &[input, hidden, pooled]
            .iter()
            .zip(labels)
            .map(|(map, label)| below(&input, map, label))
            .collect::<String>()
    }

    fn what_one_input_gets(&self) -> String {
        let (input, hidden, body) = self.maps(DOWN, "what one input gets");
        // The field of the input on the feature map ends where the input itself is.
        let first = (PIXEL.0 + 1 - FIELD, PIXEL.1 + 1 - FIELD);
        let from: Vec<f32> = hidden.places().map(|place| self.dx(place)[PIXEL.0 * SIDE + PIXEL.1]).collect();
        let mut body = hidden.shade(&from) + &body + &hidden.frame(LIT, first, FIELD);
        body += &(hidden.beam(first, FIELD, input.at(PIXEL)) + &input.star(PIXEL));
        // The error flows to the left, from the map to the input.
        let middle = (hidden.at((first.0 + FIELD / 2, first.1)).0 - STEP, hidden.at((first.0 + FIELD / 2, first.1)).1);
        body += &arrow(LIT, middle, short_of(middle, input.at(PIXEL), STEP));
        body += &below(&input, &input, ["input:", "gets a sum"]);
        body += &below(&input, &hidden, ["feature map:", "winners send δ·w"]);
        let flipped: Vec<f32> = KERNEL.iter().rev().copied().collect();
        for (y, w, name) in [(16.0, &KERNEL[..], "kernel"), (116.0, &flipped, "flipped")] {
            let kernel = Map { corner: (COLUMNS[2] - 6.0, DOWN + y), side: FIELD, step: STEP };
            body += &(kernel.shade(w) + &kernel.frame(LIT, (0, 0), FIELD) + &words(kernel.below(14.0), [name]));
        }
        body
    }
}

/// Words below a map, as far down as those below the inputs.
fn below(input: &Map, map: &Map, label: [&str; 2]) -> String {
    words((map.below(0.0).0, input.below(18.0).1), label)
}
