//! How the small network is trained and asked.

use super::{
    colours::Component,
    pictures::{CROP, Pictures},
    views::{Variety, View},
};
use crate::kit::{Keeper, Progress, limit::Clock, rng, round};
use ndarray::Array2;
use network3::{Error, Label, Learner, Network, Pass, Result, Spec, Step};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

/// What is chosen before training begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// How often each picture is seen.
    pub epochs: usize,
    /// Pictures in a mini-batch.
    pub batch: usize,
    /// The learning rate η at the beginning.
    pub eta: f64,
    /// The momentum co-efficient: 0.9 in the paper.
    pub momentum: f64,
    /// Weight decay: 0.0005 in the paper.
    pub decay: f64,
}

/// After these parts of the training the learning rate is divided by ten. The paper does that three times, whenever the
/// validation error no longer falls; a plan that is known beforehand gives all networks the same.
const FALLS: [f64; 2] = [0.7, 0.9];

impl Schedule {
    /// η at a step of so many.
    pub fn eta(&self, step: u64, steps: u64) -> f64 {
        let part = step as f64 / steps as f64;
        FALLS.iter().filter(|&&fall| part >= fall).fold(self.eta, |eta, _| eta / 10.0)
    }
}

/// How often the right number is the first guess, and how often it is among the first five.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Top {
    /// The fraction whose first guess is right.
    pub one: f64,
    /// The fraction with the right answer among the first five.
    pub five: f64,
}

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// The mean cost of the mini-batches, each before its step, in nats.
    pub cost: f64,
    /// On the validation pictures, seen from the middle.
    pub validation: Top,
    /// Seconds that cores were busy with it, together.
    pub busy: f64,
}

/// Pictures, and what the network is told of them beside.
pub struct Material {
    /// To train with.
    pub training: Pictures,
    /// To watch the training by.
    pub validation: Pictures,
    /// The mean picture of the training set.
    pub mean: Vec<f32>,
    /// The principal components of its colours.
    pub components: [Component; 3],
}

/// Trains a network from wherever it was kept, and returns its history.
///
/// # Errors
/// When the cost is no longer finite, and when a checkpoint cannot be read or written.
pub fn train(
    network: &mut Network<f32>,
    material: &Material,
    variety: Variety,
    schedule: &Schedule,
    (seed, name): (u64, &str),
    keeper: &Keeper,
) -> Result<Vec<Epoch>> {
    let Material { training, validation, mean, components } = material;
    let batches = training.len().div_ceil(schedule.batch) as u64;
    let steps = batches * schedule.epochs as u64;
    let (mut step, mut history) = (0, vec![]);
    if let Some(kept) = keeper.earlier::<Vec<Epoch>>()? {
        network.restore(&kept.tensors)?;
        (step, history) = (kept.step, kept.notes);
    }
    let threads = network.threads().count();
    let mut progress = Progress::new(name, step, steps);
    let (mut x, mut labels): (Vec<f32>, Vec<Label>) = (vec![], vec![]);
    while step < steps {
        let epoch = step / batches;
        let mut order: Vec<usize> = (0..training.len()).collect();
        order.shuffle(&mut rng(seed, epoch));
        let (mut cost, clock) = (0.0, Clock::start());
        for batch in order.chunks(schedule.batch) {
            // A stream for each step, behind those of the epochs.
            let mut random = rng(seed, (1 << 32) + step);
            x.resize(batch.len() * CROP * CROP * 3, 0.0);
            for (&k, x) in batch.iter().zip(x.chunks_exact_mut(CROP * CROP * 3)) {
                variety.view(components, &mut random).write(training, k, mean, x);
            }
            labels.clear();
            labels.extend(batch.iter().map(|&k| training.labels()[k]));
            let (momentum, decay) = (schedule.momentum, schedule.decay);
            let now = Step { eta: schedule.eta(step, steps), decay, momentum, iteration: step };
            let mean_cost = network.threads().run(|| network.step(&x, &labels, &now));
            if !mean_cost.is_finite() {
                return Err(Error::diverged(format!("{name}: after step {step} the cost is {mean_cost}")));
            }
            cost += mean_cost * batch.len() as f64;
            step += 1;
            progress.at(step);
        }
        let found = top(&guess(network, validation, mean, View::MIDDLE), validation.labels());
        let cost = round(cost / training.len() as f64, 4);
        progress.say(format_args!(
            "{name}, epoch {}: cost {cost:.3}, {:.1} % of the validation pictures right, {:.1} % among five",
            epoch + 1,
            100.0 * found.one,
            100.0 * found.five
        ));
        history.push(Epoch { cost, validation: found, busy: round(clock.stop().busy(threads), 1) });
        keeper.keep(step, &network.state(), &history)?;
    }
    Ok(history)
}

/// Pictures that are looked at together.
const AT_ONCE: usize = 100;

/// The probabilities of all classes for what one sees of each picture: `[pictures, classes]`.
pub fn guess(network: &mut Network<f32>, pictures: &Pictures, mean: &[f32], view: View) -> Array2<f32> {
    let threads = network.threads();
    let mut all = Array2::zeros((pictures.len(), network.output().len()));
    let mut x = vec![];
    for first in (0..pictures.len()).step_by(AT_ONCE) {
        let some = first..pictures.len().min(first + AT_ONCE);
        x.resize(some.len() * CROP * CROP * 3, 0.0);
        for (k, x) in some.clone().zip(x.chunks_exact_mut(CROP * CROP * 3)) {
            view.write(pictures, k, mean, x);
        }
        let network = &mut *network;
        let p = threads.run(|| network.forward(&x, Pass::Evaluate).to_owned());
        all.slice_mut(ndarray::s![some, ..]).assign(&p);
    }
    all
}

/// The mean of what a network says to several views of each picture.
pub fn average(guesses: &[Array2<f32>]) -> Array2<f32> {
    let sum = guesses.iter().fold(Array2::zeros(guesses[0].dim()), |sum, p| sum + p);
    sum / guesses.len() as f32
}

/// The rank of the right class in each row, 0 for the first: how many classes are more probable, or as probable and
/// before it.
pub fn rank(p: ndarray::ArrayView1<f32>, label: Label) -> usize {
    let y = usize::from(label);
    p.iter().enumerate().filter(|&(k, &other)| other > p[y] || (other == p[y] && k < y)).count()
}

/// Top-1 and top-5 accuracy.
pub fn top(p: &Array2<f32>, labels: &[Label]) -> Top {
    let ranks: Vec<usize> = p.rows().into_iter().zip(labels).map(|(row, &label)| rank(row, label)).collect();
    let within = |n: usize| ranks.iter().filter(|&&rank| rank < n).count() as f64 / labels.len() as f64;
    Top { one: round(within(1), 4), five: round(within(5), 4) }
}

/// A network whose layers these are.
///
/// # Errors
/// When they do not fit the pictures.
pub fn network(specs: &[Spec], seed: u64, threads: usize) -> Result<Network<f32>> {
    let shape = network3::Shape::image(3, CROP, CROP);
    Ok(Network::new(shape, specs)?.with_threads(threads)?.with_seed(seed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn ranks_and_tops() {
        let p = array![[0.1, 0.2, 0.0, 0.3, 0.15, 0.25], [0.5, 0.5, 0.0, 0.0, 0.0, 0.0]];
        assert_eq!((rank(p.row(0), 3), rank(p.row(0), 2), rank(p.row(1), 1)), (0, 5, 1));
        assert_eq!(top(&p, &[2, 1]), Top { one: 0.0, five: 0.5 });
        assert_eq!(top(&p, &[3, 1]), Top { one: 0.5, five: 1.0 });
        assert_eq!(average(&[array![[0.25, 0.75]], array![[0.75, 0.25]]]), array![[0.5, 0.5]]);
    }

    #[test]
    fn the_rate_falls_twice() {
        let schedule = Schedule { epochs: 1, batch: 1, eta: 0.1, momentum: 0.9, decay: 0.0 };
        let eta = |step| schedule.eta(step, 100);
        assert_eq!((eta(0), eta(69), eta(70), eta(89)), (0.1, 0.1, 0.01, 0.01));
        assert!((eta(90) - 0.001).abs() < 1e-15);
    }
}
