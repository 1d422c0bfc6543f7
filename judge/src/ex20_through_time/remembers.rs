//! A net is trained with all that the reader has written.

use super::{Answers, wrong::RIGHT};
use crate::{Random, Verdict, Wrong};
use ndarray::{Array1, Array2};

const UNITS: usize = 8;
const STEPS: usize = 6;
const SEQUENCES: usize = 600;
const ETA: f64 = 0.1;

/// Does it learn as well as with the solution?
pub fn learns(a: Answers) -> Verdict {
    let (expected, got) = (train(RIGHT)?, train(a)?);
    if (expected.1 - got.1).abs() < 1e-6 {
        return Ok(());
    }
    let what = format!(
        "a net of {UNITS} units is to say at the end of {STEPS} steps what it saw at the first: its cost begins at {:.3} and \
         should come down to {:.3} within {SEQUENCES} sequences, but comes to {:.3}",
        expected.0, expected.1, got.1
    );
    let cause = match (expected.0 - got.0).abs() < 1e-9 {
        false => "the cost is another one before anything is learned: look at the forward pass",
        true => "not all of the errors and gradients are right",
    };
    Err(Wrong::new(what).because(cause))
}

/// The cost of the first sequence, before anything is learned, and the mean cost of the last fifty.
fn train(a: Answers) -> Result<(f64, f64), Wrong> {
    let random = &mut Random::new(2090);
    let (mut w, mut u): (Array2<f64>, Array2<f64>) = (random.array((UNITS, 2)), 0.5 * random.array((UNITS, UNITS)));
    let (mut b, mut h0) = (Array1::zeros(UNITS), Array1::zeros(UNITS));
    let mut costs = vec![];
    let mut start = 0.0;
    for k in 0..SEQUENCES {
        // What counts comes through the first input at the first step. The other input is noise.
        let sign = if random.number() < 0.0 { -1.0 } else { 1.0 };
        let x = Array2::from_shape_fn((STEPS, 2), |(t, i)| match (t, i) {
            (0, 0) => sign,
            (_, 0) => 0.0,
            _ => 0.5 * random.number(),
        });
        let h = (a.forward)(&w, &u, &b, &x, &h0);
        shape("forward", &[STEPS, UNITS], h.shape())?;
        let off = h[[STEPS - 1, 0]] - 0.8 * sign;
        costs.push(off * off / 2.0);
        if k == 0 {
            start = off * off / 2.0;
        }
        let mut dh = Array2::zeros((STEPS, UNITS));
        dh[[STEPS - 1, 0]] = off;
        let delta = (a.errors)(&u, &h, &dh);
        shape("errors", &[STEPS, UNITS], delta.shape())?;
        let (dw, du, db, dh0) = (a.gradients)(&u, &x, &h0, &h, &delta);
        shape("gradients", w.shape(), dw.shape())?;
        shape("gradients", u.shape(), du.shape())?;
        shape("gradients", b.shape(), db.shape())?;
        shape("gradients", h0.shape(), dh0.shape())?;
        w.scaled_add(-ETA, &dw);
        u.scaled_add(-ETA, &du);
        b.scaled_add(-ETA, &db);
        h0.scaled_add(-ETA, &dh0);
    }
    let last = &costs[SEQUENCES - 50..];
    Ok((start, last.iter().sum::<f64>() / last.len() as f64))
}

fn shape(what: &str, expected: &[usize], got: &[usize]) -> Verdict {
    if expected == got {
        return Ok(());
    }
    Err(Wrong::new(format!("{what}: expected shape {expected:?}, got {got:?}")))
}
