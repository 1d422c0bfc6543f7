//! Images that might have been written instead.

mod chance;
mod corners;
mod elastic;
mod fields;
mod stream;
pub mod wrong;

use crate::{Check, Exercise, Verdict};
use ndarray::Array2;

/// For each pixel of the new image: how far down and how far right is the place that it comes from.
pub type Field = [Array2<f64>; 2];

/// Images, one at a time.
pub type Images<'a> = Box<dyn Iterator<Item = Array2<f64>> + 'a>;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub warp: fn(&Array2<f64>, &Field) -> Array2<f64>,
    pub affine: fn((usize, usize), f64, f64, (f64, f64)) -> Field,
    pub elastic: fn(&Array2<f64>, f64, f64) -> Array2<f64>,
    pub distorted: for<'a> fn(Images<'a>, f64, u64) -> Images<'a>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex08_distortion",
        read_on: "what more images are worth: \"Expanding the training data\"",
        checks: vec![
            check("warp", "whole pixels", fields::whole_pixels),
            check("warp", "between pixels", fields::between_pixels),
            check("warp", "beyond the edge", fields::beyond_the_edge),
            check("warp", "any place, any size", corners::any_place),
            check("affine", "a move", fields::a_move),
            check("affine", "a skew", fields::a_skew),
            check("affine", "a quarter turn", fields::a_quarter_turn),
            check("affine", "all three", fields::all_three),
            check("affine", "there and back", fields::there_and_back),
            check("affine", "even and odd, oblong and narrow", corners::any_shape),
            check("elastic", "a single spot of noise", elastic::a_single_spot),
            check("elastic", "near the edge", elastic::near_the_edge),
            check("elastic", "displacements with the paper's α and σ", elastic::displacements),
            check("elastic", "any σ, any shape", elastic::any_noise),
            check("distorted", "strength 0", stream::strength_0),
            check("distorted", "nothing before it is asked for", stream::lazy),
            check("distorted", "the same seed, the same images", stream::seeds),
            check("distorted", "each image its own distortion", stream::each_its_own),
            check("distorted", "how far things move", chance::how_far),
            check("distorted", "independence", chance::independence),
            check("distorted", "images of all shapes", stream::all_shapes),
            check("distorted", "an endless stream", stream::endless),
        ],
    }
    .otherwise(&[
        ("warp", "is a sign the other one, or do a neighbour and its weight not belong together? y[i, j] is x at (i + field[0][i, j], j + field[1][i, j])"),
        ("affine", "is a sign the other one, or sine for cosine? From the centre, for a pixel of the new image: take the move off, turn back, lean back, and take the pixel itself off"),
        ("elastic", "do the weights belong to the places around, are they divided by their sum, and are both directions smoothed?"),
        ("distorted", "is each of skew, angle, two moves and two halves of noise drawn, from −limit to limit, and used once?"),
    ])
}
