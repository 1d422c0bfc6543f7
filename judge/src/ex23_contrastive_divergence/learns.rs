//! A machine learns what its images have in common.

use super::{Answers, solution, wrong::RIGHT};
use crate::{Random, Verdict, Wrong};
use ndarray::{Array1, Array2};

const SIDE: usize = 4;
const HIDDEN: usize = 8;
const EXAMPLES: usize = 20;
const STEPS: usize = 300;
const ETA: f64 = 0.5;

/// After training, images with stripes have less free energy than others with as much ink, and by as much as with the
/// solution.
pub fn stripes(a: Answers) -> Verdict {
    let (expected, got) = (gap(RIGHT)?, gap(a)?);
    if (expected - got).abs() < 1e-6 * expected.abs() {
        return Ok(());
    }
    Err(Wrong::new(format!(
        "a machine trained on images with stripes: expected their free energy to be {expected:.3} below that of images with as \
         much ink elsewhere, got {got:.3}"
    ))
    .because(match got {
        got if got.is_nan() => "the weights are no numbers any more: does something grow without limit?",
        got if got < 0.0 => "stripes are less probable than before: is a sign wrong?",
        _ => "it is trained in mini-batches of 20 examples: is something another for several examples than for one?",
    }))
}

/// Rows or columns of ink, each there or not.
fn striped(random: &mut Random) -> Array1<f64> {
    let upright = random.number() < 0.0;
    let ink: Vec<f64> = (0..SIDE).map(|_| if random.number() < 0.0 { 1.0 } else { 0.0 }).collect();
    Array1::from_shape_fn(SIDE * SIDE, |k| ink[if upright { k % SIDE } else { k / SIDE }])
}

/// The same pixels in another order, the same order for all.
fn scattered(image: &Array1<f64>) -> Array1<f64> {
    Array1::from_shape_fn(image.len(), |k| image[(7 * k + k / SIDE) % image.len()])
}

fn images(random: &mut Random, n: usize) -> Array2<f64> {
    let mut v = Array2::zeros((n, SIDE * SIDE));
    v.rows_mut().into_iter().for_each(|mut row| row.assign(&striped(random)));
    v
}

fn gap(a: Answers) -> Result<f64, Wrong> {
    let random = &mut Random::new(2390);
    let mut w: Array2<f64> = 0.1 * random.array((SIDE * SIDE, HIDDEN));
    let (mut of_v, mut of_h) = (Array1::zeros(SIDE * SIDE), Array1::zeros(HIDDEN));
    for _ in 0..STEPS {
        let v = images(random, EXAMPLES);
        let uniform = random.array((EXAMPLES, HIDDEN)).mapv(f64::abs);
        let (dw, da, db) = (a.contrastive_divergence)(&w, &of_v, &of_h, &v, &uniform);
        for (name, expected, got) in
            [("dw", w.shape(), dw.shape()), ("da", of_v.shape(), da.shape()), ("db", of_h.shape(), db.shape())]
        {
            if expected != got {
                return Err(Wrong::new(format!(
                    "contrastive_divergence → {name}: expected shape {expected:?}, got {got:?}"
                )));
            }
        }
        w.scaled_add(ETA, &dw);
        of_v.scaled_add(ETA, &da);
        of_h.scaled_add(ETA, &db);
    }
    let v = images(random, 200);
    let mut others = v.clone();
    others.rows_mut().into_iter().for_each(|mut row| {
        let scattered = scattered(&row.to_owned());
        row.assign(&scattered);
    });
    let energy = |v| solution::free_energy(&w, &of_v, &of_h, v).sum() / 200.0;
    Ok(energy(&others) - energy(&v))
}
