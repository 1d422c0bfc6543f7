//! A convolution by hand: a piece of a digit, a kernel, and every number of the map that they make.

use crate::{
    Drawing, Figure, Sources,
    diagram::{FAINT, LIT, Map, Place, arrow, drawing, words},
    digits, pixels, svg,
};
use ndarray::{Array2, s};
use network3::{
    Label, Result, Shape,
    ops::{Backend, Conv, Reference},
};

/// The digit, and the piece of it: where it begins, and its side.
const DIGIT: Label = 3;
const CROP: Place = (3, 9);
const SIDE: usize = 6;
/// The side of the kernel, and of the map that comes out.
const KERNEL: usize = 3;
const MAP: usize = SIDE - KERNEL + 1;
/// Above ones, in the middle zeros, below minus ones: is there ink above, and paper below?
const WEIGHTS: [f32; KERNEL * KERNEL] = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, -1.0, -1.0, -1.0];
/// The window that is spelled out, and the place of the map that is left to the reader.
const SPELLED: Place = (1, 1);
const ASKED: Place = (2, 0);
const STEP: f64 = 30.0;

pub const FIGURE: Figure = Figure {
    name: "by-hand",
    caption: "A convolution by hand. The piece of a digit on the left, its ink in ninths; in the middle the kernel; on the right the \
              map. Below, the sum for the window that is framed: each number under the kernel times its weight. One number of the \
              map is left to you.",
    alt: "A grid of numbers, shaded by their size, of which a square in the middle is framed; a smaller grid with ones in its upper row, \
          zeros in the middle, minus ones below; and a grid with the results, in orange where they are positive and blue where they are \
          negative, with a question mark in one place. Below them nine products are added up, line by line.",
    draw,
};

/// The piece of the digit, with ink from 0 to 9.
fn piece() -> Result<Array2<f32>> {
    let (row, column) = CROP;
    let digit = digits::one(DIGIT)?;
    Ok(digit.slice(s![row..row + SIDE, column..column + SIDE]).mapv(|p| (f32::from(p) * 9.0 / 255.0).round()))
}

fn draw(_: &Sources) -> Result<Drawing> {
    let piece = piece()?;
    let conv = Conv::new(Shape::image(1, SIDE, SIDE), 1, (KERNEL, KERNEL), (1, 1))?;
    let x: Vec<f32> = piece.iter().copied().collect();
    let mut y = Array2::zeros((MAP, MAP));
    Reference.conv_forward(&conv, &x, &WEIGHTS, y.as_slice_mut().expect("standard layout"));

    let input = Map { corner: (4.0, 28.0), side: SIDE, step: STEP };
    let kernel = Map { corner: (222.0, 28.0 + 1.5 * STEP), side: KERNEL, step: STEP };
    let map = Map { corner: (354.0, 28.0 + STEP), side: MAP, step: STEP };
    let mut body = format!(
        "<g opacity=\"0.45\">\n{}{}</g>\n",
        pixels::shades(input.corner, STEP, pixels::inked(piece.view()).mapv(|p| p / 2).view()),
        pixels::signed(map.corner, STEP, y.view())
    );
    for grid in [input, kernel, map] {
        body += &(grid.rule(1) + &grid.frame(FAINT, (0, 0), grid.side));
    }
    body += &numbers(input, |place| number(piece[place]));
    body += &numbers(kernel, |(i, j)| number(WEIGHTS[i * KERNEL + j]));
    body += &numbers(map, |place| if place == ASKED { "?".into() } else { number(y[place]) });
    body += &(input.frame(LIT, SPELLED, KERNEL) + &map.frame(LIT, SPELLED, 1));
    let middle = kernel.at((1, 1)).1;
    body += &format!("<g font-size=\"32\">\n{}</g>\n", words((203.0, middle), ["⋆"]));
    body += &arrow(FAINT, (320.0, middle), (346.0, middle));
    for (map, name) in [(input, "a piece of a digit"), (kernel, "kernel"), (map, "map")] {
        body += &words((map.below(0.0).0, 12.0), [name]);
    }

    let mut bottom = input.below(26.0).1;
    for i in 0..KERNEL {
        for j in 0..KERNEL {
            let (x, w) = (piece[(SPELLED.0 + i, SPELLED.1 + j)], WEIGHTS[i * KERNEL + j]);
            let sign = if (i, j) == (0, 0) { "" } else { "+ " };
            let factor = if w < 0.0 { format!("({})", number(w)) } else { number(w) };
            body += &svg::text_to((176.0 + 86.0 * j as f64, bottom), format!("{sign}{}·{factor}", number(x)));
        }
        bottom += 24.0;
    }
    body += &svg::text_from((366.0, bottom - 24.0), format!("= {}", number(y[SPELLED])));
    Ok(drawing(bottom, &body))
}

fn numbers(map: Map, number: impl Fn(Place) -> String) -> String {
    map.places().map(|place| words(map.at(place), [&number(place)])).collect()
}

/// With the minus sign of print.
fn number(x: f32) -> String {
    format!("{}", x as i32).replace('-', "−")
}
