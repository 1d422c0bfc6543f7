//! Stochastic gradient descent, one epoch at a time.

use super::{Best, Epoch, Learner, Schedule, State, Step, Stopping, evaluate};
use crate::{
    Error, Habits, LastBatch, Order, Result,
    data::{Batch, Batches, Splits, TrainingSet},
};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// What one chooses before training begins, beside the network and the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HyperParameters {
    /// Images in a mini-batch.
    pub mini_batch_size: usize,
    /// The learning rate η.
    pub eta: Schedule,
    /// The regularisation parameter λ: the cost has ½λ‖w‖² / (number of mini-batches) added to it, over all weights
    /// (not biases) of all layers, as `network3.py` has it.
    pub lambda: f64,
    /// The momentum co-efficient μ; 0 for plain gradient descent.
    pub momentum: f64,
    /// When training ends.
    pub stopping: Stopping,
}

/// Trains a [`Learner`], an epoch at a time; keeps the history, and the learner's state after the best epoch.
///
/// The caller owns the loop. So progress bars, checkpoints and Ctrl-C are the program's business, and this file is
/// about gradient descent alone.
///
/// ```
/// # use network3::{Result, Habits, data, train::{Learner, Trainer, HyperParameters, Schedule, Stopping}};
/// # fn run(learner: &mut dyn Learner) -> Result<()> {
/// let splits = data::digits(500, 100, 100, 1)?;
/// let hyper_parameters = HyperParameters {
///     mini_batch_size: 10,
///     eta: Schedule::Constant(0.1),
///     lambda: 0.0,
///     momentum: 0.0,
///     stopping: Stopping::Epochs(3),
/// };
/// let mut trainer = Trainer::new(&splits, false, hyper_parameters, Habits::corrected(), 1)?;
/// while !trainer.is_over() {
///     let epoch = trainer.epoch(learner, &mut |_| {})?;
///     println!("epoch {}: {:.2} %", epoch.epoch, 100.0 * epoch.validation_accuracy);
/// }
/// learner.restore(trainer.best_state())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Trainer<'a> {
    splits: &'a Splits,
    batches: Batches<'a>,
    hyper_parameters: HyperParameters,
    last_batch: LastBatch,
    pub(super) history: Vec<Epoch>,
    pub(super) best: State,
}

/// A mini-batch has been trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MiniBatch {
    /// Counted from 0.
    pub epoch: usize,
    /// Which one of the epoch, from 0.
    pub index: usize,
    /// How many the epoch has.
    pub of: usize,
    /// How many images it had.
    pub images: usize,
    /// Its mean cost before the step.
    pub cost: f64,
}

impl<'a> Trainer<'a> {
    /// Ready for epoch 0. `expanded` says whether each training image comes also moved by one pixel, four ways; `seed`
    /// settles the order of the images.
    ///
    /// # Errors
    /// When a hyper-parameter makes no sense, or not for so few images: each has its own message.
    pub fn new(splits: &'a Splits, expanded: bool, hyper: HyperParameters, habits: Habits, seed: u64) -> Result<Self> {
        hyper.check()?;
        let (size, last) = (hyper.mini_batch_size, habits.last_batch);
        let set = match expanded {
            true => TrainingSet::expanded(&splits.training),
            false => TrainingSet::plain(&splits.training),
        };
        for (images, of) in
            [(set.len(), "training"), (splits.validation.len(), "validation"), (splits.test.len(), "test")]
        {
            if size > images && (of == "training" || last == LastBatch::Dropped) {
                let message =
                    format!("a mini-batch of {size} is larger than the {of} data, {images} images: make it smaller");
                return Err(Error::input(message));
            }
        }
        let batches = Batches::new(set, size, habits.order, last, seed)?;
        Ok(Trainer { splits, batches, hyper_parameters: hyper, last_batch: last, history: vec![], best: vec![] })
    }

    /// Has the run come to its end, by its own stopping rule?
    pub fn is_over(&self) -> bool {
        self.hyper_parameters.stopping.is_over(&self.history)
    }

    /// All epochs so far.
    pub fn history(&self) -> &[Epoch] {
        &self.history
    }

    /// The epoch with the best validation accuracy; `None` before the first has been trained.
    pub fn best(&self) -> Option<Best> {
        Best::of(&self.history)
    }

    /// The learner's state after that epoch, for [`Learner::restore`].
    pub fn best_state(&self) -> &State {
        &self.best
    }

    /// How many images are trained in an epoch.
    pub fn images_per_epoch(&self) -> usize {
        self.batches.images_per_epoch()
    }

    /// Trains one epoch, calls `observe` after every mini-batch, and adds a line to the history.
    ///
    /// # Errors
    /// When the cost is no longer finite: names the epoch, the mini-batch, and the layer where that is known.
    pub fn epoch(&mut self, learner: &mut dyn Learner, observe: &mut dyn FnMut(MiniBatch)) -> Result<&Epoch> {
        let (epoch, of) = (self.history.len(), self.batches.per_epoch());
        let eta = self.hyper_parameters.eta.eta(&self.history);
        let HyperParameters { lambda, momentum, .. } = self.hyper_parameters;
        let step = |index| Step { eta, decay: lambda / of as f64, momentum, iteration: (epoch * of + index) as u64 };

        let (mut index, mut images, mut total) = (0, 0, 0.0);
        let start = Instant::now();
        self.batches.start(epoch);
        while let Some(batch) = self.batches.next_batch() {
            let cost = step_checked(learner, &batch, &step(index));
            let cost = cost.map_err(|e| e.context(format_args!("epoch {epoch}, mini-batch {index}")))?;
            total += cost * batch.labels.len() as f64;
            images += batch.labels.len();
            observe(MiniBatch { epoch, index, of, images: batch.labels.len(), cost });
            index += 1;
        }
        let images_per_second = images as f64 / start.elapsed().as_secs_f64();

        let done = self.take_stock(learner, &step(of), total / images as f64, images_per_second);
        self.history.push(done.map_err(|e| e.context(format_args!("after epoch {epoch}")))?);
        if self.best().is_some_and(|best| best.epoch == epoch) {
            self.best = learner.state();
        }
        Ok(&self.history[epoch])
    }

    /// The epoch's line in the history, with the learner as it stands after it.
    fn take_stock(
        &self,
        learner: &mut dyn Learner,
        step: &Step,
        train_cost: f64,
        images_per_second: f64,
    ) -> Result<Epoch> {
        let Splits { training, validation, test, .. } = self.splits;
        let size = self.hyper_parameters.mini_batch_size;
        let whole = |n: usize| if self.last_batch == LastBatch::Dropped { n / size * size } else { n };
        let of_training = evaluate(learner, training, whole(validation.len()))?;
        let of_validation = evaluate(learner, validation, whole(validation.len()))?;
        let of_test = evaluate(learner, test, whole(test.len()))?;
        let mut first = Batches::new(TrainingSet::plain(training), size, Order::Fixed, LastBatch::Used, 0)?;
        Ok(Epoch {
            epoch: self.history.len(),
            eta: step.eta,
            train_cost,
            train_accuracy: of_training.accuracy,
            validation_cost: of_validation.cost,
            validation_accuracy: of_validation.accuracy,
            test_cost: of_test.cost,
            test_accuracy: of_test.accuracy,
            images_per_second,
            norms: first.next_batch().map_or(Ok(vec![]), |batch| learner.norms(&batch, step))?,
        })
    }
}

/// One step; an error when its cost is not finite, which names the first layer whose numbers are not.
fn step_checked(learner: &mut dyn Learner, batch: &Batch, step: &Step) -> Result<f64> {
    let cost = learner.train(batch, step).map_err(advise)?;
    if cost.is_finite() {
        return Ok(cost);
    }
    let norms = learner.norms(batch, step).unwrap_or_default();
    let layer = norms.iter().find(|norms| !(norms.weights.is_finite() && norms.gradient.is_finite()));
    let layer = layer.map_or(String::new(), |norms| format!(", and layer {} is not finite", norms.layer));
    Err(advise(Error::diverged(format!("the cost is {cost}{layer}"))))
}

/// Adds to the news that training has diverged what helps most often.
fn advise(e: Error) -> Error {
    if e.is_diverged() { Error::diverged(format!("{e}; try a smaller learning rate")) } else { e }
}

impl HyperParameters {
    /// # Errors
    /// When one of them makes no sense.
    fn check(&self) -> Result<()> {
        self.eta.check()?;
        self.stopping.check()?;
        if self.mini_batch_size == 0 {
            return Err(Error::input("a mini-batch of 0 images trains nothing: make it at least 1"));
        }
        if !(self.lambda.is_finite() && self.lambda >= 0.0) {
            return Err(Error::input(format!("λ must be a number that is not negative, not {}", self.lambda)));
        }
        if !(0.0..1.0).contains(&self.momentum) {
            return Err(Error::input(format!(
                "the momentum must be at least 0 and less than 1, not {}",
                self.momentum
            )));
        }
        Ok(())
    }
}
