//! Many images, one at a time.

use super::{Answers, Images};
use crate::{Verdict, Wrong, compare, enough, number, unless_endless};
use ndarray::{Array1, Array2};
use network3::data;
use solutions::ex08_distortion as solution;
use std::{cell::Cell, f64::consts::PI};

/// Digits as the library draws them.
fn digits(count: usize) -> Result<Vec<Array2<f64>>, Wrong> {
    let splits = data::digits(count, 1, 1, 8).map_err(|e| Wrong::new(e.to_string()))?;
    let pixel = |image: usize, (i, j): (usize, usize)| f64::from(splits.training.image(image)[28 * i + j]) / 256.0;
    Ok((0..count).map(|image| Array2::from_shape_fn((28, 28), |at| pixel(image, at))).collect())
}

/// All that an answer makes of these images; one more than there should be, if it goes on.
fn all(a: Answers, images: &[Array2<f64>], strength: f64, seed: u64) -> Result<Vec<Array2<f64>>, Wrong> {
    let distorted: Vec<_> =
        (a.distorted)(Box::new(images.iter().cloned()), strength, seed).take(images.len() + 1).collect();
    match distorted.len() {
        n if n == images.len() => Ok(distorted),
        n if n > images.len() => Err(Wrong::new(format!("{} images went in, and more came out", images.len()))
            .because("each image is distorted once; who wants more of them hands in an iterator that repeats")),
        n => Err(Wrong::new(format!("{} images went in, {n} came out", images.len()))),
    }
}

pub fn strength_0(a: Answers) -> Verdict {
    let images = digits(5)?;
    for (k, (x, y)) in images.iter().zip(all(a, &images, 0.0, 1)?).enumerate() {
        compare(&format!("image {k} with strength 0"), x, &y).verdict()?;
    }
    for (k, (x, y)) in images.iter().zip(all(a, &images, 1.0, 1)?).enumerate() {
        if *x == y {
            return Err(Wrong::new(format!("image {k} with strength 1 is what it was")).because("is the field used?"));
        }
    }
    Ok(())
}

pub fn lazy(a: Answers) -> Verdict {
    let taken = Cell::new(0);
    // An iterator that notices when somebody takes more than a thousand.
    let image = || {
        taken.set(taken.get() + 1);
        (taken.get() <= 1000).then(|| Array2::from_elem((8, 8), 0.5))
    };
    let mut distorted = (a.distorted)(Box::new(std::iter::from_fn(image)), 1.0, 8);
    for asked in 0..5 {
        if taken.get() != asked {
            let cause = match (taken.get() > 1000, asked) {
                (true, _) => "all of them are made beforehand, and stored: a million would not fit",
                (false, 0) => "one is made before it is asked for",
                _ => "how many images are taken for each that is made?",
            };
            let what = format!("{asked} images asked for: expected {asked} to be taken, got {}", taken.get());
            return Err(Wrong::new(what).because(cause));
        }
        let Some(image) = distorted.next() else {
            return Err(Wrong::new(format!("no image comes out after {asked}, although there are more")));
        };
        // Of a grey image, something moves out of sight, but not all.
        let ink = image.sum() / (0.5 * 64.0);
        if ink <= 0.0 || ink >= 1.0 {
            return Err(Wrong::new(format!(
                "image {asked} is not distorted: there is {ink} times as much ink as before"
            )));
        }
    }
    Ok(())
}

pub fn seeds(a: Answers) -> Verdict {
    let images = digits(4)?;
    let (first, again, other) = (all(a, &images, 1.0, 7)?, all(a, &images, 1.0, 7)?, all(a, &images, 1.0, 8)?);
    for (k, (x, y)) in first.iter().zip(&again).enumerate() {
        compare(&format!("image {k} of seed 7, again"), x, y)
            .verdict()
            .map_err(|wrong| wrong.because("all chance should come from the seed"))?;
    }
    if first == other {
        return Err(Wrong::new("seeds 7 and 8 make the same images").because("is the seed used?"));
    }
    Ok(())
}

pub fn each_its_own(a: Answers) -> Verdict {
    let images = vec![digits(1)?.remove(0); 3];
    let distorted = all(a, &images, 1.0, 3)?;
    for (k, pair) in distorted.windows(2).enumerate() {
        if pair[0] == pair[1] {
            return Err(Wrong::new(format!(
                "the same image three times: {} and {} are distorted in the same way",
                k,
                k + 1
            ))
            .because("are the random numbers started afresh for each image?"));
        }
    }
    Ok(())
}

/// Where things come from in a distorted image: the centre, a spot to its right and one below it.
struct Moves {
    /// The mean over many images: of the centre, down and right; of the spot on the right, down; of the spot below, right.
    mean: Array1<f64>,
    /// Their root mean squares.
    rms: Array1<f64>,
}

const SIDE: usize = 33;
/// How far the two spots are from the centre.
const LEVER: usize = 8;

/// Reads the fields off images whose pixels are their own row number, and their own column number: interpolation keeps
/// such a ramp as it is, so that each pixel says where it comes from.
fn moves(a: Answers) -> Result<Moves, Wrong> {
    const IMAGES: usize = 1000;
    let ramp = |axis: usize| Array2::from_shape_fn((SIDE, SIDE), |at| [at.0, at.1][axis] as f64);
    let stream = |axis| (a.distorted)(Box::new(std::iter::repeat_n(ramp(axis), IMAGES)), 1.0, 8);
    let (mut sum, mut squares, mut images) = (Array1::zeros(4), Array1::<f64>::zeros(4), 0);
    for (rows, columns) in stream(0).zip(stream(1)) {
        compare("a distorted image, its shape", &Array1::<f64>::zeros(2), &shape_error(&[&rows, &columns]))
            .verdict()?;
        let c = SIDE / 2;
        let (u, v) = (c as f64, c as f64);
        let moves = Array1::from(vec![
            rows[[c, c]] - u,
            columns[[c, c]] - v,
            rows[[c, c + LEVER]] - u,
            columns[[c + LEVER, c]] - v,
        ]);
        squares += &(&moves * &moves);
        sum += &moves;
        images += 1;
    }
    if images != IMAGES {
        return Err(Wrong::new(format!("{IMAGES} images went in, {images} came out")));
    }
    Ok(Moves { mean: sum / IMAGES as f64, rms: (squares / IMAGES as f64).mapv(f64::sqrt) })
}

/// By how many pixels height and width are wrong.
fn shape_error(images: &[&Array2<f64>]) -> Array1<f64> {
    let error = |axis: usize| -> f64 { images.iter().map(|x| x.shape()[axis].abs_diff(SIDE) as f64).sum() };
    Array1::from(vec![error(0), error(1)])
}

pub fn how_far(a: Answers) -> Verdict {
    use solution::{ALPHA, ANGLE, MOVE, SIGMA, SKEW};
    let moves = moves(a)?;
    let what = "moves of the centre (down, right), of what is 8 to its right (down), of what is 8 below it (right)";
    compare(&format!("mean of 1000 {what}"), &Array1::zeros(4), &moves.mean)
        .within(0.5)
        .verdict()
        .map_err(|wrong| wrong.because("are numbers drawn from −limit to limit, and noise from −1 to 1?"))?;
    // Variances of what is drawn: uniform numbers have a third of their limit squared, Gaussians add up to 1/2σ√π.
    let elastic = (ALPHA / (2.0 * SIGMA * PI.sqrt())).powi(2) / 3.0;
    let (moved, turned) = (MOVE.powi(2) / 3.0, 0.5 - (2.0 * ANGLE).sin() / (4.0 * ANGLE));
    let leaned = SKEW.powi(2) / 3.0;
    let rms = |elastic: f64, moved: f64, turned: f64, leaned: f64| {
        let (centre, lever) = (elastic + moved, (LEVER * LEVER) as f64);
        let all = [centre, centre, centre + lever * turned, centre + lever * (turned + leaned)];
        Array1::from(all.to_vec()).mapv(f64::sqrt)
    };
    compare(&format!("root mean square of 1000 {what}"), &rms(elastic, moved, turned, leaned), &moves.rms)
        .within(0.09)
        .suspect(&rms(0.0, moved, turned, leaned), "without the elastic field")
        .suspect(&rms(elastic, 0.0, turned, leaned), "without the moves")
        .suspect(&rms(elastic, moved, 0.0, leaned), "without the turn")
        .suspect(&rms(elastic, moved, turned, 0.0), "without the skew")
        .suspect(&rms(elastic, 0.0, 0.0, 0.0), "without the affine field")
        .suspect(
            &rms(elastic / 4.0, moved / 4.0, turned / 4.0, leaned / 4.0),
            "half as far as it should: from −limit to limit",
        )
        .verdict()
}

pub fn endless(a: Answers) -> Verdict {
    const ASKED: usize = 10_000;
    // Twice as many as are asked for is a sign that all are wanted.
    let mean = |distorted: fn(Images, f64, u64) -> Images| {
        let mut taken = 0;
        let image = || {
            taken += 1;
            if taken > 2 * ASKED {
                enough();
            }
            Some(Array2::ones((3, 3)))
        };
        unless_endless(|| {
            let images = distorted(Box::new(std::iter::from_fn(image)), 1.0, 8).take(ASKED);
            images.map(|x| x.mean().unwrap_or(f64::NAN)).sum::<f64>() / ASKED as f64
        })
    };
    let Some(got) = mean(a.distorted) else {
        return Err(Wrong::new(format!("{ASKED} images asked for, and twice as many taken"))
            .because("all of them are made beforehand, and stored; of an endless stream, that is too much"));
    };
    let what = format!("mean pixel of {ASKED} images of 3×3 ones, part of which moves out of sight");
    number(&what, mean(solution::distorted).unwrap_or(f64::NAN), got).within(0.03).verdict()
}
