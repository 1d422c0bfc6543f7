//! The files of a run: that they can be written, and that no other run's are lost by it.

use crate::run::Plan;
use experiments::{
    program::Lock,
    record::{Configuration, Record},
};
use network3::{
    Error, Result, files,
    train::{Checkpoint, Stopping, differences},
};
use std::path::{Path, PathBuf};

/// The files of one run are its own as long as this is there.
pub struct Claim {
    /// The run as it was left, if it is to go on from there.
    pub earlier: Option<Checkpoint>,
    /// So many epochs of this run are in a checkpoint that is better than any with fewer.
    pub kept_epochs: usize,
    _lock: Lock,
}

impl Plan<'_> {
    /// `runs/two-conv-1.safetensors`, `runs/two-conv-1.json`
    pub fn kept(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}-{}.{extension}", self.name, self.seed))
    }

    /// Takes possession of the files, before anything is trained.
    ///
    /// # Errors
    /// When a file cannot be written, or another program is at it; and, unless it may be replaced, when what is there
    /// is of another run, or of this one with more epochs. The message says what differs and what to do.
    pub fn claim(&self, configuration: &Configuration) -> Result<Claim> {
        let (checkpoint, kept) = (self.kept("safetensors"), self.kept("json"));
        self.check_files(&checkpoint, &kept)?;
        let lock = Lock::take(self.kept("lock"))?;
        for file in [Some(&checkpoint), Some(&kept), self.save.as_ref(), self.record.as_ref()].into_iter().flatten() {
            files::remove_leftovers(file);
        }
        if let Some(file) = &self.save
            && Checkpoint::load(file).is_ok()
        {
            let message = format!("{} holds a run that is not finished: give the network another name", file.display());
            return Err(Error::input(message));
        }
        let earlier =
            if checkpoint.exists() && !self.replace { self.earlier(&checkpoint, configuration)? } else { None };
        let kept_epochs = earlier.as_ref().map_or(0, |earlier| earlier.history.len());
        let earlier = earlier.filter(|_| self.resume);
        let done = earlier.as_ref().map_or(0, |earlier| earlier.history.len());
        for record in [Some(&kept), self.record.as_ref()].into_iter().flatten() {
            self.may_replace(record, configuration, done)?;
        }
        Ok(Claim { earlier, kept_epochs, _lock: lock })
    }

    /// This run as it was left.
    ///
    /// # Errors
    /// When the checkpoint is damaged, of another run, or has more epochs than are asked for.
    fn earlier(&self, checkpoint: &Path, configuration: &Configuration) -> Result<Option<Checkpoint>> {
        let refused = |message| Err(Error::input(message).advice(ways_out(self.folder)));
        let earlier = Checkpoint::load(checkpoint).map_err(|e| e.advice(ways_out(self.folder)))?;
        let differences = differences(&earlier.identity, &configuration.identity(self.seed)?);
        if !differences.is_empty() {
            return refused(format!("{} is of another run: {}", checkpoint.display(), in_words(&differences)));
        }
        let (done, most) = (earlier.history.len(), configuration.epochs);
        if done > most {
            return refused(format!(
                "{}: {done} epochs are done already, and {most} are asked for",
                checkpoint.display()
            ));
        }
        Ok(Some(earlier))
    }

    /// May this run, of which so many epochs are `done`, leave its record there?
    ///
    /// # Errors
    /// When there is a record of another run, or one of this run that has more epochs.
    pub fn may_replace(&self, record: &Path, configuration: &Configuration, done: usize) -> Result<()> {
        if self.replace || files::replaced(record).is_none() {
            return Ok(());
        }
        let refused = |message| Err(Error::input(message).advice(ways_out(self.folder)));
        // What is no record is no run's record.
        let Ok(there) = Record::read(record) else { return Ok(()) };
        let mut differences = configuration.differences(&there.configuration)?;
        if there.seed != self.seed {
            differences.push(format!("seed is {} there and {} here", there.seed, self.seed));
        }
        if !differences.is_empty() {
            return refused(format!("{} is of another run: {}", record.display(), in_words(&differences)));
        }
        let certain = match self.experiment.hyper_parameters.stopping {
            Stopping::Epochs(epochs) => epochs,
            Stopping::NoImprovement { patience, at_most } => patience.min(at_most),
        };
        let (has, will_have) = (there.epochs.len(), certain.max(done));
        if has > will_have && there.configuration.stopping != configuration.stopping {
            return refused(format!("{} has {has} epochs of this run, and would have {will_have}", record.display()));
        }
        Ok(())
    }

    /// Can all files be written, and no one over another?
    fn check_files(&self, checkpoint: &Path, kept: &Path) -> Result<()> {
        let copy = self.record.as_deref().filter(|&record| !same(record, kept));
        let mut so_far: Vec<&Path> = vec![];
        for file in [Some(checkpoint), Some(kept), self.save.as_deref(), copy].into_iter().flatten() {
            files::check(file, 0)?;
            if so_far.iter().any(|other| same(other, file)) {
                let message = format!("two things would be written to {}: give one another name", file.display());
                return Err(Error::input(message));
            }
            so_far.push(file);
        }
        Ok(())
    }
}

/// What differs, for a reader: nobody compares 64 digits.
pub fn in_words(differences: &[String]) -> String {
    let in_words = |difference: &String| match difference.starts_with("data_sha256 ") {
        true => "it learns from other images".to_string(),
        false => difference.clone(),
    };
    differences.iter().map(in_words).collect::<Vec<_>>().join("; ")
}

/// What to do about files that are in the way.
pub fn ways_out(folder: &Path) -> String {
    let folder = folder.display();
    format!("--replace trains anew in its place, and --folder DIR keeps this run elsewhere than in {folder}")
}

/// Are these one file? A device is not.
fn same(a: &Path, b: &Path) -> bool {
    files::replaced(a).is_some_and(|a| files::replaced(b) == Some(a))
}
