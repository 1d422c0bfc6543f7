//! One run: a network, trained from a seed, with a checkpoint after every epoch.

use crate::{
    device::Device,
    images,
    keep::{Claim, ways_out},
    progress::{Progress, percent},
    say,
};
use experiments::{
    Experiment, machine,
    record::{Configuration, Misclassified, Record},
};
use network3::{
    Error, Habits, Learner, Network, Result, State,
    data::Splits,
    files, model_file,
    train::{MiniBatch, Trainer, evaluate},
};
use std::path::{Path, PathBuf};

/// One run, as asked for.
pub struct Plan<'a> {
    pub experiment: &'a Experiment,
    /// What its files are called, but for the seed.
    pub name: String,
    pub habits: Habits,
    pub seed: u64,
    pub threads: usize,
    /// Where it takes place; `None` is the processor.
    pub device: Option<Device>,
    /// Is the reader to be told what a mini-batch asks of the device?
    pub verbose: bool,
    pub resume: bool,
    /// May it replace what another run has left?
    pub replace: bool,
    /// Where checkpoints and records are kept.
    pub folder: &'a Path,
    /// Where to put the network of the best epoch.
    pub save: Option<PathBuf>,
    /// Where to put a copy of the record.
    pub record: Option<PathBuf>,
}

/// What came of a run, and its network.
pub type Run = (Record, Network<f32>);

impl Plan<'_> {
    /// The network on the device, if it is to be trained there; and what computes it, by name.
    #[cfg(feature = "opencl")]
    fn on_device(&self, splits: &Splits) -> Result<(Option<Box<dyn Learner>>, String)> {
        let Some(device) = &self.device else { return Ok((None, machine::processor())) };
        let network = network3::opencl::DeviceNetwork::new(self.network(splits)?, device)?;
        say!("on {}", device.description());
        Ok((Some(Box::new(network)), format!("{}, OpenCL", device.description())))
    }

    /// Without the feature it never is.
    #[cfg(not(feature = "opencl"))]
    fn on_device(&self, _: &Splits) -> Result<(Option<Box<dyn Learner>>, String)> {
        Ok((None, machine::processor()))
    }

    /// The network before it has learned anything.
    pub fn network(&self, splits: &Splits) -> Result<Network<f32>> {
        let network = Network::new(splits.training.shape(), &self.experiment.layers)?;
        network.with_habits(self.habits).with_seed(self.seed).with_threads(self.threads)
    }

    /// Says what is to be done, with which seeds.
    pub fn announce(&self, splits: &Splits, configuration: &Configuration, network: &Network<f32>, seeds: &str) {
        let Experiment { name, shows, .. } = self.experiment;
        say!("{name}: {shows}\n\n{}\n", network.to_string().trim_end());
        say!("{}", images::describe(splits));
        if let Some(distortion) = configuration.distortion {
            say!("distorted anew in every epoch: {distortion}");
        }
        let Configuration { eta, lambda, momentum, mini_batch_size, stopping, .. } = configuration;
        let momentum = if *momentum == 0.0 { String::new() } else { format!(", momentum {momentum}") };
        let habits = self.habits;
        say!(
            "mini-batches of {mini_batch_size}, η = {eta}, λ = {lambda}{momentum}; {habits}\nstops {stopping}; {seeds}"
        );
    }

    /// Trains to the end, and writes down what came of it.
    pub fn run(&self, splits: &Splits, configuration: Configuration, claim: Claim) -> Result<Run> {
        let mut network = self.network(splits)?;
        self.check_room(&network)?; // now, and not after hours of training
        self.announce(splits, &configuration, &network, &format!("seed {}", self.seed));
        let (mut there, processor) = self.on_device(splits)?;
        let learner: &mut dyn Learner = there.as_deref_mut().unwrap_or(&mut network);
        let trained = self.train(splits, configuration, claim, (learner, processor), |progress| {
            Progress::head("");
            progress
        })?;
        let run = self.keep(trained, network)?;
        let chapter = beside(self.experiment.chapter_beside(splits, self.habits));
        let best = run.0.best;
        let (validation, test) = (percent(best.validation_accuracy), percent(best.test_accuracy));
        say!("\nbest epoch {}: validation {validation}, test {test}{chapter}", best.epoch);
        Ok(run)
    }

    /// Trains a learner to the end, and gives its record and its best state.
    pub fn train(
        &self,
        splits: &Splits,
        configuration: Configuration,
        claim: Claim,
        (learner, processor): (&mut dyn Learner, String),
        shown: impl FnOnce(Progress) -> Progress,
    ) -> Result<(Record, State)> {
        let Experiment { name, hyper_parameters, expanded, distortion, .. } = self.experiment;
        // Of the program as it is now: the source may change during the hours to come.
        let commit = machine::commit();
        let identity = configuration.identity(self.seed)?;
        let checkpoint = self.kept("safetensors");
        let trainer = Trainer::new(splits, hyper_parameters.clone())?.with_habits(self.habits)?.with_seed(self.seed)?;
        let trainer = if *expanded { trainer.expanded()? } else { trainer };
        let trainer = if let Some(distortion) = distortion { trainer.distorted(*distortion)? } else { trainer };
        let mut trainer = trainer.with_clock(machine::seconds);
        if let Some(earlier) = claim.earlier {
            let refused = |e: Error| e.context(checkpoint.display()).advice(ways_out(self.folder));
            trainer.resume(earlier, learner).map_err(refused)?;
            say!("{} epochs are done already", trainer.history().len());
        } else if self.resume {
            say!("no checkpoint in {}: starting from the beginning", checkpoint.display());
        } else if claim.kept_epochs > 0 {
            let (file, epochs) = (checkpoint.display(), claim.kept_epochs);
            say!(
                "{file} has epochs of this run, {epochs}, and stays until there are more; --resume would go on with it"
            );
        }

        let (done, most) = (trainer.history().len(), hyper_parameters.stopping.at_most());
        let mut progress = shown(Progress::new(done, most, trainer.images_per_epoch()));
        while !trainer.is_over() {
            let mut counted = Counted::default();
            trainer.epoch(learner, &mut |done| {
                progress.mini_batch(&done);
                counted.mini_batch(self.device.as_ref(), &done);
            })?;
            if trainer.history().len() > claim.kept_epochs {
                trainer.checkpoint(learner, identity.clone()).save(&checkpoint)?;
            }
            trainer.history().last().into_iter().for_each(|epoch| progress.epoch(epoch, trainer.best()));
            if self.verbose {
                counted.report();
            }
        }
        drop(progress);

        let best = trainer.best().ok_or_else(|| Error::input("no epoch has been trained"))?;
        learner.restore(trainer.best_state())?;
        let classes = evaluate(learner, &splits.test, splits.test.len())?.classes;
        let record = Record {
            experiment: name.clone(),
            configuration,
            seed: self.seed,
            threads: self.threads,
            processor,
            commit,
            epochs: trainer.history().to_vec(),
            best,
            misclassified: Misclassified::all(&splits.test, &classes),
        };
        Ok((record, trainer.best_state().clone()))
    }

    /// Writes down what came of a run, and gives the network its best state.
    pub fn keep(&self, (record, state): (Record, State), mut network: Network<f32>) -> Result<Run> {
        network.restore(&state)?;
        record.write(self.kept("json"))?;
        if let Some(file) = &self.record {
            // Another run may have ended since the beginning.
            self.may_replace(file, &record.configuration, record.epochs.len())?;
            record.write(file)?;
        }
        if let Some(file) = &self.save {
            model_file::save(&network, file)?;
        }
        Ok((record, network))
    }

    /// Is there room for a checkpoint, and for the network that is to be saved?
    pub fn check_room(&self, network: &Network<f32>) -> Result<()> {
        // An epoch in the history takes less than a kilobyte, and so does the rest; nobody waits for more than a
        // thousand.
        let rest = (self.experiment.hyper_parameters.stopping.at_most().min(1000) + 8) << 10;
        let numbers = size_of::<f32>() * network.parameter_count();
        // A checkpoint has the network as it is and as it was at its best, and with momentum as many velocities.
        let states = if self.experiment.hyper_parameters.momentum == 0.0 { 2 } else { 4 };
        files::check(&self.kept("safetensors"), states * numbers + rest)?;
        self.save.as_deref().map_or(Ok(()), |file| files::check(file, numbers + rest))
    }
}

/// ` (the chapter: 99.23 %)`
pub fn beside(chapter: Option<f64>) -> String {
    chapter.map_or(String::new(), |accuracy| format!(" (the chapter: {})", percent(accuracy)))
}

/// What the mini-batches of an epoch, all but the first, ask of a device.
#[derive(Default)]
struct Counted {
    mini_batches: u64,
    /// Launches, bytes to the device, bytes from it: after the first mini-batch, and now.
    first: [u64; 3],
    now: [u64; 3],
}

impl Counted {
    fn mini_batch(&mut self, device: Option<&Device>, done: &MiniBatch) {
        self.now = counts(device);
        match done.index {
            0 => self.first = self.now,
            _ => self.mini_batches += 1,
        }
    }

    fn report(&self) {
        let mean = |k: usize| (self.now[k] - self.first[k]) as f64 / self.mini_batches.max(1) as f64;
        say!("a mini-batch: {:.1} launches, {:.0} bytes to the device, {:.0} bytes from it", mean(0), mean(1), mean(2));
    }
}

#[cfg(feature = "opencl")]
fn counts(device: Option<&Device>) -> [u64; 3] {
    let counts = device.map(|device| device.counts()).unwrap_or_default();
    [counts.launches, counts.written, counts.read]
}

#[cfg(not(feature = "opencl"))]
fn counts(_: Option<&Device>) -> [u64; 3] {
    [0; 3]
}
