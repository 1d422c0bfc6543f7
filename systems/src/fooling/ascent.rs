//! Up the gradient of an answer.
//!
//! A step is x ← x + η ∂f/∂x, cut off at the box, for one image of each class. With f the probability's logarithm ln
//! a_c, this stops moving when it is about to arrive, or never begins: ∂ ln a_c/∂z_j = \[j = c\] − a_j. With the
//! log-odds it does not: their gradient is the same divided by 1 − a_c, and never less than 1 at z_c.

use crate::kit::{DARKEST, Reader, bytes, intensities, log_odds, log_odds_gradient};
use network3::ops::softmax;

/// What is to grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Height {
    /// ln a_c/(1 − a_c)
    LogOdds,
    /// ln a_c
    LogProbability,
}

impl Height {
    /// Its gradient with respect to the logits of an image.
    pub fn gradient(self, z: &[f32], class: usize, dz: &mut [f32]) {
        match self {
            Height::LogOdds => log_odds_gradient(z, class, dz),
            Height::LogProbability => {
                dz.copy_from_slice(z);
                softmax::forward(dz, z.len());
                dz.iter_mut().for_each(|a| *a = -*a);
                dz[class] += 1.0;
            }
        }
    }
}

/// An image after its climb.
#[derive(Clone, Debug)]
pub struct Climbed {
    /// The image.
    pub image: Vec<u8>,
    /// Log-odds of its class, for the image in bytes.
    pub log_odds: f64,
    /// Steps until these were as large as wanted; none if they never were.
    pub steps: Option<usize>,
}

/// Climbs from `start`, an image for each class, until the log-odds of the image *in bytes* are as large as `goal`, or
/// for so many steps.
pub fn climb(
    reader: &mut Reader,
    start: &[f32],
    height: Height,
    eta: f32,
    (goal, steps): (f64, usize),
    mut at: impl FnMut(usize),
) -> Vec<Climbed> {
    let (n, classes) = (reader.pixels(), reader.classes());
    let mut x = start.to_vec();
    let mut climbed: Vec<Climbed> =
        (0..classes).map(|_| Climbed { image: vec![], log_odds: f64::NEG_INFINITY, steps: None }).collect();
    for step in 0..=steps {
        // Who has arrived? What counts are bytes
        let in_bytes = bytes(&x);
        let logits = reader.logits(&intensities::<f32>(&in_bytes)).to_owned();
        for (class, (z, image)) in logits.rows().into_iter().zip(in_bytes.chunks_exact(n)).enumerate() {
            let z: Vec<f64> = z.iter().map(|&z| z.into()).collect();
            let there = &mut climbed[class];
            if there.steps.is_none() {
                (there.image, there.log_odds) = (image.to_vec(), log_odds(&z, class));
                there.steps = (there.log_odds >= goal).then_some(step);
            }
        }
        at(step);
        if climbed.iter().all(|climbed| climbed.steps.is_some()) {
            break;
        }

        // A step up
        let logits = reader.logits(&x).to_owned();
        let mut dz = logits.clone();
        for (class, (z, mut dz)) in logits.rows().into_iter().zip(dz.rows_mut()).enumerate() {
            let (z, dz) = (z.as_slice().expect("a row"), dz.as_slice_mut().expect("a row"));
            height.gradient(z, class, dz);
        }
        let dx = reader.backward(&x, dz.as_slice().expect("rows side by side"));
        x.iter_mut().zip(dx).for_each(|(x, dx)| *x = (*x + eta * dx).clamp(0.0, DARKEST as f32));
    }
    climbed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{rng, small};
    use ndarray::arr1;
    use network3::gradcheck::check;
    use rand::RngExt;

    #[test]
    fn both_gradients_point_the_same_way() {
        let z = [0.5_f32, 3.0, -1.0, 2.0];
        for class in 0..4 {
            let (mut odds, mut probability) = ([0.0; 4], [0.0; 4]);
            Height::LogOdds.gradient(&z, class, &mut odds);
            Height::LogProbability.gradient(&z, class, &mut probability);
            let a = 1.0 / z.iter().map(|other| (other - z[class]).exp()).sum::<f32>();
            assert!(odds.iter().zip(probability).all(|(o, p)| (o * (1.0 - a) - p).abs() < 1e-6));
            let f = |t: &[ndarray::ArrayD<f64>]| {
                let sum: f64 = t[0].iter().map(|z| z.exp()).sum();
                t[0][class] - sum.ln()
            };
            let [z, p] = [z, probability].map(|v| arr1(&v.map(f64::from)).into_dyn());
            assert!(check(&[("z", z)], &[p], f).unwrap().passes(1e-5)); // the gradient is in single precision
        }
    }

    #[test]
    fn ten_classes_from_noise() {
        let (mut reader, _) = small();
        let mut random = rng(1, 1);
        let noise: Vec<f32> = (0..7840).map(|_| random.random()).collect();
        let climbed = climb(&mut reader, &noise, Height::LogOdds, 0.05, (9.3, 300), |_| {});
        for (class, climbed) in climbed.iter().enumerate() {
            assert!(climbed.log_odds >= 9.3 && climbed.steps.is_some(), "{class}: {}", climbed.log_odds);
            assert_eq!(reader.read(&intensities(&climbed.image)), [class]);
        }
    }
}
