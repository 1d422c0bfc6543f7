//! One step along the sign of the gradient, and training against it.
//!
//! Within a change of at most ε to any pixel, C grows fastest, to first order, along the signs of its gradient:
//!
//! x′ = x + ε · sign(∂C/∂x).
//!
//! For a linear unit wᵀx this adds ε Σ|wᵢ|: the more inputs, the more, although no pixel changes by more than ε.
//! (Goodfellow, Shlens and Szegedy, *Explaining and harnessing adversarial examples* (2014), section 3.)

use crate::kit::{DARKEST, Progress, Reader};
use ndarray::Axis;
use network3::{
    Label, LastBatch, Network, Order, Pass, Result, Step, Threads,
    data::{Batches, Dataset, TrainingSet},
    ops::softmax,
};
use std::sync::Arc;

/// x + ε·direction, for directions of −1, 0 and 1, and within the box.
pub fn moved(x: &[f32], direction: &[f32], epsilon: f32) -> Vec<f32> {
    let moved = |(x, d): (&f32, &f32)| (x + epsilon * d).clamp(0.0, DARKEST as f32);
    x.iter().zip(direction).map(moved).collect()
}

/// The sign of each number: −1, 0 or 1.
pub fn signs(numbers: &[f32]) -> Vec<f32> {
    numbers.iter().map(|&x| if x == 0.0 { 0.0 } else { x.signum() }).collect()
}

/// sign(∂C/∂x), with C the log-likelihood cost of the right labels.
pub fn directions(reader: &mut Reader, x: &[f32], labels: &[Label]) -> Vec<f32> {
    // ∂C/∂z = a − y
    let mut dz = reader.probabilities(x);
    for (mut dz, &y) in dz.axis_iter_mut(Axis(0)).zip(labels) {
        // Rounded to single precision a − 1 may be 0 where the others are not: take their sum for it.
        dz[usize::from(y)] = 0.0;
        let others = dz.sum();
        dz[usize::from(y)] = -others;
    }
    signs(reader.backward(x, dz.as_slice().expect("rows side by side")))
}

/// How many images are read wrong.
pub fn mistakes(reader: &mut Reader, x: &[f32], labels: &[Label]) -> usize {
    let read = reader.read(x);
    read.iter().zip(labels).filter(|&(&read, &label)| read != usize::from(label)).count()
}

/// Trains a network on each mini-batch and, at the same time, on what one step of size `epsilon` makes of it: the cost
/// is the mean of both. The learning rate is a tenth for the last quarter of the steps.
///
/// # Errors
/// When the images do not fit the network.
pub fn train(
    network: &mut Network<f32>,
    threads: &Arc<Threads>,
    images: &Dataset,
    (epsilon, eta): (f32, f64),
    steps: usize,
    seed: u64,
) -> Result<()> {
    // Of a mini-batch of 10 there are 20 images with those that are moved.
    let set = TrainingSet::plain(images);
    let mut batches = Batches::new(set, 10, Order::Shuffled, LastBatch::Dropped, seed)?;
    let (mut x, mut labels) = (vec![], vec![]);
    let mut progress = Progress::new("training against it", 0, steps as u64);
    threads.run(|| {
        let (mut step, mut epoch) = (0, 0);
        while step < steps {
            batches.start(epoch);
            while let Some(examples) = batches.next_batch().filter(|_| step < steps) {
                examples.gather(&mut x, &mut labels);
                let pass = Pass::Train { iteration: step as u64 };
                let direction = signs(network.gradient(&x, &labels, pass).1);
                let against = moved(&x, &direction, epsilon);
                x.extend(against);
                labels.extend_from_within(..);
                let eta = if 4 * step < 3 * steps { eta } else { eta / 10.0 };
                let rule = Step { eta, decay: 0.0, momentum: 0.0, iteration: step as u64 };
                network.step(&x, &labels, &rule);
                step += 1;
                progress.at(step as u64);
            }
            epoch += 1;
        }
    });
    Ok(())
}

/// The mean probability that a reader gives the answer it chooses.
pub fn confidence(reader: &mut Reader, x: &[f32]) -> f64 {
    let a = reader.probabilities(x);
    a.rows().into_iter().map(|a| f64::from(a[softmax::argmax(a)])).sum::<f64>() / a.nrows() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{gather, labels, small};

    #[test]
    fn no_pixel_moves_further() {
        let x = [0.0, 0.05, 0.5, 0.99];
        let moved = moved(&x, &signs(&[-3.0, -0.1, 0.0, 2.0]), 0.1);
        assert_eq!(moved, [0.0, 0.0, 0.5, DARKEST as f32]);
    }

    /// The signs make many more mistakes than the same step in directions that are right for another image.
    #[test]
    fn the_gradient_knows_the_way() {
        let (mut reader, splits) = small();
        let which: Vec<usize> = (0..100).collect();
        let (x, labels) = (gather(&splits.test, &which), labels(&splits.test, &which));
        let direction = directions(&mut reader, &x, &labels);
        let mut elsewhere = direction.clone();
        elsewhere.rotate_left(reader.pixels());
        let clean = mistakes(&mut reader, &x, &labels);
        let fooled = mistakes(&mut reader, &moved(&x, &direction, 0.15), &labels);
        let control = mistakes(&mut reader, &moved(&x, &elsewhere, 0.15), &labels);
        assert!(fooled > 60 && control < fooled / 2 && clean < 15, "{clean} {fooled} {control}");
    }
}
