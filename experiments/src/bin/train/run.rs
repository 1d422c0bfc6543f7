//! One run: a network, trained from a seed, with a checkpoint after every epoch.

use crate::{
    device::Device,
    images,
    progress::{Progress, percent},
    say,
};
use experiments::{
    Experiment, machine,
    record::{Configuration, Misclassified, Record},
};
use network3::{
    Error, Habits, Learner, Network, Result,
    data::Splits,
    model_file,
    train::{Checkpoint, MiniBatch, Trainer, evaluate},
};
use std::path::{self, Path, PathBuf};

/// Where checkpoints and records are kept.
pub const FOLDER: &str = "runs";

/// One run, as asked for.
pub struct Plan<'a> {
    pub experiment: &'a Experiment,
    pub habits: Habits,
    pub seed: u64,
    pub threads: usize,
    /// Where it takes place; `None` is the processor.
    pub device: Option<Device>,
    /// Is the reader to be told what a mini-batch asks of the device?
    pub verbose: bool,
    pub resume: bool,
    /// Where to put the network of the best epoch.
    pub save: Option<PathBuf>,
    /// Where to put a copy of the record.
    pub record: Option<PathBuf>,
}

impl Plan<'_> {
    /// `runs/two-conv-1.safetensors`, `runs/two-conv-1.json`
    pub fn kept(&self, extension: &str) -> PathBuf {
        Path::new(FOLDER).join(format!("{}-{}.{extension}", self.experiment.name, self.seed))
    }

    /// Can all files be written, and no one over another?
    fn check_files(&self) -> Result<()> {
        let (checkpoint, kept) = (self.kept("safetensors"), self.kept("json"));
        let same = |a: &Path, b: &Path| path::absolute(a).ok() == path::absolute(b).ok();
        let copy = self.record.as_deref().filter(|record| !same(record, &kept));
        let mut files: Vec<&Path> = vec![];
        for file in [Some(&*checkpoint), Some(&*kept), self.save.as_deref(), copy].into_iter().flatten() {
            check_writable(file)?;
            if files.iter().any(|other| same(other, file)) {
                let message = format!("two things would be written to {}: give one another name", file.display());
                return Err(Error::input(message));
            }
            files.push(file);
        }
        Ok(())
    }

    /// The network on the device, if it is to be trained there; and what computes it, by name.
    #[cfg(feature = "opencl")]
    fn on_device(&self, new: &dyn Fn() -> Result<Network<f32>>) -> Result<(Option<Box<dyn Learner>>, String)> {
        let Some(device) = &self.device else { return Ok((None, machine::processor())) };
        let network = network3::opencl::DeviceNetwork::new(new()?, device)?;
        say!("on {}", device.description());
        Ok((Some(Box::new(network)), format!("{}, OpenCL", device.description())))
    }

    /// Without the feature it never is.
    #[cfg(not(feature = "opencl"))]
    fn on_device(&self, _: &dyn Fn() -> Result<Network<f32>>) -> Result<(Option<Box<dyn Learner>>, String)> {
        Ok((None, machine::processor()))
    }

    /// Trains to the end, and writes down what came of it.
    pub fn run(&self, splits: &Splits) -> Result<(Record, Network<f32>)> {
        let Experiment { name, shows, layers, hyper_parameters, expanded, chapter, .. } = self.experiment;
        let configuration = Configuration::new(self.experiment, splits, self.habits);
        let identity = configuration.identity(self.seed)?;
        let checkpoint = self.kept("safetensors");
        let new = || -> Result<Network<f32>> {
            let network = Network::new(splits.training.shape(), layers)?.with_habits(self.habits).with_seed(self.seed);
            network.with_threads(self.threads)
        };
        let mut network = new()?;
        let trainer = Trainer::new(splits, hyper_parameters.clone())?.with_habits(self.habits)?.with_seed(self.seed)?;
        let trainer = if *expanded { trainer.expanded()? } else { trainer };
        let mut trainer = trainer.with_clock(machine::seconds);
        self.check_files()?; // now, and not after hours of training
        say!("{name}: {shows}\n\n{}\n", network.to_string().trim_end());
        say!("{}", images::describe(splits));
        let Configuration { eta, lambda, momentum, mini_batch_size, stopping, .. } = &configuration;
        let momentum = if *momentum == 0.0 { String::new() } else { format!(", momentum {momentum}") };
        say!(
            "mini-batches of {mini_batch_size}, η = {eta}, λ = {lambda}{momentum}; {}\nstops {stopping}; seed {}",
            self.habits,
            self.seed
        );

        let (mut there, processor) = self.on_device(&new)?;
        let learner: &mut dyn Learner = there.as_deref_mut().unwrap_or(&mut network);
        if self.resume && checkpoint.exists() {
            let earlier = Checkpoint::load(&checkpoint)?;
            let differs = |e: Error| e.context(format_args!("{} is another run", checkpoint.display()));
            earlier.expect(&identity).map_err(differs)?;
            trainer.resume(earlier, learner)?;
            say!("{} epochs are done already", trainer.history().len());
        } else if self.resume {
            say!("no checkpoint in {}: starting from the beginning", checkpoint.display());
        } else if checkpoint.exists() {
            say!("{} is of an earlier run and will be replaced; --resume would go on with it", checkpoint.display());
        }

        let mut progress =
            Progress::new(trainer.history().len(), hyper_parameters.stopping.at_most(), trainer.images_per_epoch());
        while !trainer.is_over() {
            let mut counted = Counted::default();
            trainer.epoch(learner, &mut |done| {
                progress.mini_batch(&done);
                counted.mini_batch(self.device.as_ref(), &done);
            })?;
            trainer.checkpoint(learner, identity.clone()).save(&checkpoint)?;
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
            commit: machine::commit(),
            epochs: trainer.history().to_vec(),
            best,
            misclassified: Misclassified::all(&splits.test, &classes),
        };
        network.restore(trainer.best_state())?;
        record.write(self.kept("json"))?;
        if let Some(file) = &self.record {
            record.write(file)?;
        }
        if let Some(file) = &self.save {
            model_file::save(&network, file)?;
        }
        let chapter = match chapter {
            Some(accuracy) if splits.name == "MNIST" => format!(" (the chapter: {})", percent(*accuracy)),
            _ => String::new(),
        };
        let (validation, test) = (percent(best.validation_accuracy), percent(best.test_accuracy));
        say!("\nbest epoch {}: validation {validation}, test {test}{chapter}", best.epoch);
        Ok((record, network))
    }
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

/// Can a file be made there? Finds out by making one without a name.
pub fn check_writable(file: &Path) -> Result<()> {
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let (name, into) = (file.display(), folder.display());
    let refused = |e| Error::io(format_args!("{name} cannot be written: no file can be made in {into}"), e);
    std::fs::create_dir_all(folder).map_err(refused)?;
    tempfile::tempfile_in(folder).map_err(refused)?;
    if file.is_dir() || file.to_string_lossy().ends_with(path::is_separator) {
        return Err(Error::input(format!("{} is a folder: give the name of a file", file.display())));
    }
    Ok(())
}
