//! What is drawn: how far, and independently of what.

use super::Answers;
use crate::{Verdict, Wrong, compare, number};
use ndarray::{Array1, Array2, Axis, s};
use solutions::ex08_distortion::{ALPHA, ANGLE, MOVE, SIGMA, SKEW};
use std::f64::consts::PI;

/// How many images are distorted.
const IMAGES: usize = 1000;
const SIDE: usize = 33;
/// How far two spots are from the centre.
const LEVER: usize = 10;

/// Where things come from in the distorted images, in six columns: the centre, how much further down, and how much
/// further right; the spot to its right, how much further down; the spot below it, how much further right; the spots to
/// its left and above it, likewise.
///
/// Fields are read off images whose pixels are their own row number, and their own column number: interpolation keeps
/// such a ramp as it is, so that each pixel says where it comes from.
fn moves(a: Answers, strength: f64) -> Result<Array2<f64>, Wrong> {
    let ramp = |axis: usize| Array2::from_shape_fn((SIDE, SIDE), |at| [at.0, at.1][axis] as f64);
    let stream = |axis| (a.distorted)(Box::new(std::iter::repeat_n(ramp(axis), IMAGES)), strength, 8);
    let (c, mut moves) = (SIDE / 2, vec![]);
    for (rows, columns) in stream(0).zip(stream(1)) {
        compare("a distorted image, its shape", &Array1::<f64>::zeros(2), &shape_error(&[&rows, &columns]))
            .verdict()?;
        let spots = [rows[[c, c + LEVER]], columns[[c + LEVER, c]], rows[[c, c - LEVER]], columns[[c - LEVER, c]]];
        moves.extend([rows[[c, c]], columns[[c, c]]].into_iter().chain(spots).map(|place| place - c as f64));
    }
    let images = moves.len() / 6;
    if images != IMAGES {
        return Err(Wrong::new(format!("{IMAGES} images went in, {images} came out")));
    }
    Ok(Array2::from_shape_vec((IMAGES, 6), moves).expect("six for each image"))
}

/// By how many pixels height and width are wrong.
fn shape_error(images: &[&Array2<f64>]) -> Array1<f64> {
    let error = |axis: usize| -> f64 { images.iter().map(|x| x.shape()[axis].abs_diff(SIDE) as f64).sum() };
    Array1::from(vec![error(0), error(1)])
}

pub fn how_far(a: Answers) -> Verdict {
    let words = format!(
        "moves of the centre (down, right), of what is {LEVER} to its right (down), of what is {LEVER} below it (right)"
    );
    for strength in [1.0, 0.5, 0.25] {
        let moves = moves(a, strength)?;
        let what = format!("of {IMAGES} {words}, strength {strength}");
        let mean = |f: fn(f64) -> f64| moves.slice(s![.., ..4]).mapv(f).sum_axis(Axis(0)) / IMAGES as f64;
        compare(&format!("mean {what}"), &Array1::zeros(4), &mean(|x| x))
            .within(0.5 * strength)
            .verdict()
            .map_err(|wrong| wrong.because("are numbers drawn from −limit to limit, and noise from −1 to 1?"))?;
        // Variances of what is drawn: uniform numbers have a third of their limit squared, Gaussians add up to 1/2σ√π.
        let rms = |[elastic, moved, turned, leaned]: [f64; 4]| {
            let lever = (LEVER * LEVER) as f64;
            let elastic = (elastic * ALPHA / (2.0 * SIGMA * PI.sqrt())).powi(2) / 3.0;
            let (moved, leaned) = ((moved * MOVE).powi(2) / 3.0, (leaned * SKEW).powi(2) / 3.0);
            let turned = if turned == 0.0 { 0.0 } else { 0.5 - (2.0 * turned * ANGLE).sin() / (4.0 * turned * ANGLE) };
            let centre = elastic + moved;
            let all = [centre, centre, centre + lever * turned, centre + lever * (turned + leaned)];
            Array1::from(all.map(f64::sqrt).to_vec())
        };
        let s = strength;
        let exchanged = [s, s, s * SKEW / ANGLE, s * ANGLE / SKEW];
        compare(&format!("root mean square {what}"), &rms([s; 4]), &mean(|x| x * x).mapv(f64::sqrt))
            .within(0.09)
            .of_size(strength)
            .suspect(&rms([0.0, s, s, s]), "without the elastic field")
            .suspect(&rms([s, 0.0, s, s]), "without the moves")
            .suspect(&rms([s, s, 0.0, s]), "without the turn")
            .suspect(&rms([s, s, s, 0.0]), "without the skew")
            .suspect(&rms([s, 0.0, 0.0, 0.0]), "without the affine field")
            .suspect(&rms([s / 2.0; 4]), "half as far as it should: from −limit to limit")
            .suspect(&rms(exchanged), "the limits of skew and angle have changed places")
            .suspect(&rms([1.0, s, s, s]), "the strength is for the elastic field, too")
            .suspect(&rms([s, 1.0, 1.0, 1.0]), "the strength is for the affine field, too")
            .suspect(&rms([s * s, s, s, s]), "the elastic field gets the strength twice")
            .suspect(&rms([1.0; 4]), "a strength says how much: it does not only switch on and off")
            .verdict()?;
    }
    Ok(())
}

/// Skew, angle, moves and both halves of the noise are numbers of their own, and so is what comes in the next image.
pub fn independence(a: Answers) -> Verdict {
    let moves = moves(a, 1.0)?;
    let column = |k: usize| moves.column(k).to_owned();
    // What a turn does to the spots right and left it does to those below and above, the other way; a skew moves these
    // alone.
    let turn = column(2) - column(4);
    let lean = column(3) - column(5) + &turn;
    let drawn = [(column(0), "moves down"), (column(1), "moves to the right"), (turn, "turns"), (lean, "leaning")];
    for (k, (x, name)) in drawn.iter().enumerate() {
        for (y, other) in &drawn[k + 1..] {
            // Half of the noise in `lean` is that in `turn`, which alone makes a correlation of a fifth.
            let alike = if (*name, *other) == ("turns", "leaning") { 0.2 } else { 0.0 };
            uncorrelated(&format!("{name} and {other} of {IMAGES} images"), x, y, alike)?;
        }
        for lag in [1, 2, 4] {
            let (first, second) = (x.slice(s![..IMAGES - lag]), x.slice(s![lag..]));
            let what = format!("{name} of an image and of the one that comes {lag} later");
            uncorrelated(&what, &first.to_owned(), &second.to_owned(), 0.0)?;
        }
    }
    Ok(())
}

fn uncorrelated(what: &str, x: &Array1<f64>, y: &Array1<f64>, alike: f64) -> Verdict {
    let correlation = x.dot(y) / (x.dot(x) * y.dot(y)).sqrt();
    number(&format!("correlation of {what}"), alike, correlation).within(0.25).verdict().map_err(|wrong| {
        wrong.because("each number is drawn anew: skew, angle, both moves, and the noise of either half")
    })
}
