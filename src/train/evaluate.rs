//! How good a network is on images that it is not being trained with at the moment.

use crate::{
    Error, Label, LastBatch, Learner, Result,
    cost::surprise,
    data::{Batches, Dataset},
    ops::softmax::argmax,
};

/// What a network makes of some images.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The fraction that it gets right.
    pub accuracy: f64,
    /// The mean log-likelihood cost −ln a_y, in nats.
    pub cost: f64,
    /// The class that it finds most probable, image by image; the first of equals.
    pub classes: Vec<Label>,
}

/// How many images are classified at once. The answer does not depend on it.
const AT_ONCE: usize = 100;

/// Classifies the first `count` images, or all of them if there are fewer.
///
/// # Errors
/// When the learner does not take images of this size or knows fewer classes than they have, and when a probability is
/// not a number: then it has diverged.
pub fn evaluate(learner: &mut dyn Learner, images: &Dataset, count: usize) -> Result<Evaluation> {
    let count = count.min(images.len());
    let mut classes = Vec::with_capacity(count);
    let (mut right, mut cost) = (0, 0.0);
    let mut batches = Batches::sequential(images, AT_ONCE, LastBatch::Used)?;
    while let (Some(examples), true) = (batches.next_batch(), classes.len() < count) {
        let probabilities = learner.probabilities(&examples)?;
        for (row, &k) in probabilities.rows().into_iter().zip(examples.which()).take(count - classes.len()) {
            let label = images.labels()[k as usize];
            if usize::from(label) >= row.len() {
                let message = format!("image {k} is of class {label}, and the network knows {} classes", row.len());
                return Err(Error::input(message));
            }
            if row.iter().any(|p| p.is_nan()) {
                return Err(Error::diverged(format!("the probabilities of image {k} are not numbers")));
            }
            let class = argmax(row) as Label;
            classes.push(class);
            right += usize::from(class == label);
            cost += surprise(row[usize::from(label)]);
        }
    }
    let n = count.max(1) as f64;
    Ok(Evaluation { accuracy: right as f64 / n, cost: cost / n, classes })
}
