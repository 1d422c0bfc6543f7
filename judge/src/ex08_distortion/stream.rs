//! Many images, one at a time.

use super::{Answers, Images};
use crate::{Random, Verdict, Wrong, compare, enough, number, unless_endless};
use ndarray::Array2;
use network3::data;
use solutions::ex08_distortion as solution;
use std::cell::Cell;

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

/// Images of other shapes, and each of another one; seeds that differ in their last or their first bits alone.
pub fn all_shapes(a: Answers) -> Verdict {
    let random = &mut Random::new(89);
    let images: Vec<Array2<f64>> =
        [(6, 4), (5, 9), (1, 1), (1, 12), (28, 28)].map(|shape| random.array(shape)).into_iter().collect();
    for (k, (x, y)) in images.iter().zip(all(a, &images, 0.0, 5)?).enumerate() {
        compare(&format!("image {k} of {:?} with strength 0", x.shape()), x, &y)
            .verdict()
            .map_err(|wrong| wrong.or_because("each image of a stream may have a shape of its own"))?;
    }
    for (k, (x, y)) in images.iter().zip(all(a, &images, 1.0, 5)?).enumerate() {
        if x.shape() != y.shape() {
            let what = format!("image {k}: expected shape {:?}, got {:?}", x.shape(), y.shape());
            return Err(Wrong::new(what).because("each image of a stream may have a shape of its own"));
        }
    }
    let seeds = [0, 1, 1 << 32, 1 << 63, u64::MAX];
    let streams = seeds.map(|seed| all(a, &images[4..], 1.0, seed));
    for (k, first) in streams.iter().enumerate() {
        for (other, second) in streams.iter().enumerate().skip(k + 1) {
            if first.as_ref().ok() == second.as_ref().ok() {
                let what = format!("seeds {} and {} make the same images", seeds[k], seeds[other]);
                return Err(Wrong::new(what).because("all 64 bits of the seed count"));
            }
        }
    }
    Ok(())
}
