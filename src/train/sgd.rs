//! Stochastic gradient descent, one epoch at a time.

use super::{Best, Epoch, Schedule, Stopping, evaluate};
use crate::{
    Error, Habits, LastBatch, Learner, Result, State, Step,
    data::{Batches, Distortion, Examples, Splits, TrainingSet},
};
use serde::{Deserialize, Serialize};

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

impl HyperParameters {
    /// Three epochs of plain gradient descent with this learning rate, in mini-batches of ten: what is to be otherwise
    /// is set afterwards.
    ///
    /// ```
    /// use network3::train::HyperParameters;
    /// let hyper_parameters = HyperParameters::new(0.03).with_epochs(60).with_lambda(0.1);
    /// assert_eq!(hyper_parameters.mini_batch_size, 10);
    /// ```
    pub fn new(eta: f64) -> Self {
        HyperParameters {
            mini_batch_size: 10,
            eta: Schedule::Constant(eta),
            lambda: 0.0,
            momentum: 0.0,
            stopping: Stopping::Epochs(3),
        }
    }

    /// The same for so many epochs.
    pub fn with_epochs(self, epochs: usize) -> Self {
        HyperParameters { stopping: Stopping::Epochs(epochs), ..self }
    }

    /// The same with that many images in a mini-batch.
    pub fn with_mini_batch_size(self, mini_batch_size: usize) -> Self {
        HyperParameters { mini_batch_size, ..self }
    }

    /// The same with L2 regularisation.
    pub fn with_lambda(self, lambda: f64) -> Self {
        HyperParameters { lambda, ..self }
    }

    /// The same with momentum.
    pub fn with_momentum(self, momentum: f64) -> Self {
        HyperParameters { momentum, ..self }
    }
}

/// Trains a [`Learner`], an epoch at a time; keeps the history, and the learner's state after the best epoch.
///
/// The caller owns the loop. So progress bars, checkpoints and Ctrl-C are the program's business, and this file is
/// about gradient descent alone.
///
/// ```
/// # use network3::{Learner, Result, data, train::{HyperParameters, Trainer}};
/// # fn run(learner: &mut dyn Learner) -> Result<()> {
/// let splits = data::digits(500, 100, 100, 1)?;
/// let mut trainer = Trainer::new(&splits, HyperParameters::new(0.1))?;
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
    set: TrainingSet<'a>,
    habits: Habits,
    seed: u64,
    pub(super) hyper_parameters: HyperParameters,
    batches: Batches<'a>,
    clock: Option<fn() -> f64>,
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
}

impl<'a> Trainer<'a> {
    /// Ready for epoch 0: each training image once, in an order that follows from seed 1, with today's habits. What is
    /// to be otherwise is set afterwards.
    ///
    /// # Errors
    /// When a hyper-parameter makes no sense, or not for so few images: each has its own message.
    pub fn new(splits: &'a Splits, hyper_parameters: HyperParameters) -> Result<Self> {
        hyper_parameters.check()?;
        let (set, habits, seed) = (TrainingSet::plain(&splits.training), Habits::corrected(), 1);
        let batches = batches(splits, set, &hyper_parameters, &habits, seed)?;
        let (history, best) = (vec![], vec![]);
        Ok(Trainer { splits, set, habits, seed, hyper_parameters, batches, clock: None, history, best })
    }

    /// The same with each training image also moved by one pixel, four ways.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn expanded(mut self) -> Result<Self> {
        self.set = TrainingSet::expanded(&self.splits.training);
        self.again()
    }

    /// The same with each training image distorted, in every epoch in another way.
    ///
    /// # Errors
    /// As [`Trainer::new`], and when the distortion is impossible.
    pub fn distorted(mut self, distortion: Distortion) -> Result<Self> {
        self.set = TrainingSet::distorted(&self.splits.training, distortion)?;
        self.again()
    }

    /// The same with these habits: the order of the images, and what becomes of the last, partial mini-batch.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn with_habits(mut self, habits: Habits) -> Result<Self> {
        self.habits = habits;
        self.again()
    }

    /// The same with another order of the images.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn with_seed(mut self, seed: u64) -> Result<Self> {
        self.seed = seed;
        self.again()
    }

    /// Measures how many images are trained in a second. `seconds` is a clock: this library has none, because a browser
    /// has no [`Instant`](std::time::Instant).
    pub fn with_clock(mut self, seconds: fn() -> f64) -> Self {
        self.clock = Some(seconds);
        self
    }

    fn again(mut self) -> Result<Self> {
        self.batches = batches(self.splits, self.set, &self.hyper_parameters, &self.habits, self.seed)?;
        Ok(self)
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
    pub fn epoch(&mut self, learner: &mut dyn Learner, observe: &mut (dyn FnMut(MiniBatch) + Send)) -> Result<&Epoch> {
        let threads = learner.threads();
        threads.run(|| self.train_and_take_stock(learner, observe))?;
        Ok(&self.history[self.history.len() - 1])
    }

    fn train_and_take_stock(
        &mut self,
        learner: &mut dyn Learner,
        observe: &mut (dyn FnMut(MiniBatch) + Send),
    ) -> Result<()> {
        let (epoch, of) = (self.history.len(), self.batches.per_epoch());
        let eta = self.hyper_parameters.eta.eta(&self.history);
        let HyperParameters { lambda, momentum, .. } = self.hyper_parameters;
        let step = |index| Step { eta, decay: lambda / of as f64, momentum, iteration: (epoch * of + index) as u64 };

        let (mut index, mut images) = (0, 0);
        let start = self.clock.map(|seconds| seconds());
        self.batches.start(epoch);
        while let Some(examples) = self.batches.next_batch() {
            let trained = learner.train(&examples, &step(index)).map_err(|e| advise(e, &step(index)));
            trained.map_err(|e| e.context(format_args!("epoch {epoch}, mini-batch {index}")))?;
            images += examples.len();
            observe(MiniBatch { epoch, index, of, images: examples.len() });
            index += 1;
        }
        let first: Vec<u32> =
            (0..self.hyper_parameters.mini_batch_size.min(self.splits.training.len()) as u32).collect();
        let first = Examples::new(TrainingSet::plain(&self.splits.training), &first)?;
        let cost = mean_cost(learner, &first, &step(of)).map_err(|e| e.context(format_args!("epoch {epoch}")))?;
        let seconds = self.clock.zip(start).map(|(seconds, start)| seconds() - start);
        let images_per_second = seconds.map(|seconds| images as f64 / seconds);

        let done = self.take_stock(learner, &first, &step(of), cost, images_per_second);
        let done = done.map_err(|e| advise(e, &step(of)).context(format_args!("after epoch {epoch}")));
        self.history.push(done?);
        if self.best().is_some_and(|best| best.epoch == epoch) {
            self.best = learner.state();
        }
        Ok(())
    }

    /// The epoch's line in the history, with the learner as it stands after it; norms are those on the first images.
    fn take_stock(
        &self,
        learner: &mut dyn Learner,
        first: &Examples,
        step: &Step,
        train_cost: f64,
        images_per_second: Option<f64>,
    ) -> Result<Epoch> {
        let Splits { training, validation, test, .. } = self.splits;
        let size = self.hyper_parameters.mini_batch_size;
        let whole = |n: usize| if self.habits.last_batch == LastBatch::Dropped { n / size * size } else { n };
        let of_training = evaluate(learner, training, whole(validation.len()))?;
        let of_validation = evaluate(learner, validation, whole(validation.len()))?;
        let of_test = evaluate(learner, test, whole(test.len()))?;
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
            norms: learner.norms(first, step)?,
        })
    }
}

/// The mini-batches of a run.
///
/// # Errors
/// When one is larger than the data.
fn batches<'a>(
    splits: &'a Splits,
    set: TrainingSet<'a>,
    hyper_parameters: &HyperParameters,
    habits: &Habits,
    seed: u64,
) -> Result<Batches<'a>> {
    let (size, last) = (hyper_parameters.mini_batch_size, habits.last_batch);
    for (images, of) in [(set.len(), "training"), (splits.validation.len(), "validation"), (splits.test.len(), "test")]
    {
        if size > images && (of == "training" || last == LastBatch::Dropped) {
            let message =
                format!("a mini-batch of {size} is larger than the {of} data, {images} images: make it smaller");
            return Err(Error::input(message));
        }
    }
    Batches::new(set, size, habits.order, last, seed)
}

/// The mean cost of what was trained; an error when it is not finite, which names the first layer whose numbers are
/// not.
fn mean_cost(learner: &mut dyn Learner, examples: &Examples, step: &Step) -> Result<f64> {
    let cost = learner.mean_cost().map_err(|e| advise(e, step))?;
    if cost.is_finite() {
        return Ok(cost);
    }
    let norms = learner.norms(examples, step).unwrap_or_default();
    let layer = norms.iter().find(|norms| !(norms.weights.is_finite() && norms.gradient.is_finite()));
    let layer = layer.map_or(String::new(), |norms| format!(", and layer {} is not finite", norms.layer));
    Err(advise(Error::diverged(format!("the cost is {cost}{layer}")), step))
}

/// Adds to the news that training has diverged what helps.
///
/// Regularisation multiplies every weight by 1 − ηλ/n in each step, n being the number of mini-batches. Once ηλ/n is
/// more than 1, that turns the signs of all weights around, and λ is to blame; else it is most often η.
fn advise(e: Error, step: &Step) -> Error {
    let shrinking = step.eta * step.decay;
    match e.is_diverged() {
        true if shrinking > 1.0 => e.advice(format_args!(
            "try a smaller λ: each step takes {shrinking:.1} times its own size away from every weight"
        )),
        true => e.advice("try a smaller learning rate"),
        false => e,
    }
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
