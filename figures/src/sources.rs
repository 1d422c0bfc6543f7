//! Where figures come from.

use experiments::{
    Experiment,
    record::{Ladder, Record},
};
use network3::{Error, Network, Result, files, model_file};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The folder that figures are drawn from: `records/NAME.json` and `models/NAME.safetensors` lie in it.
#[derive(Clone, Debug)]
pub struct Sources {
    pub(crate) folder: PathBuf,
}

impl Sources {
    /// Records and models below `folder`, which is `figures` for the book.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Sources { folder: folder.into() }
    }

    /// The record of an experiment, or of a variation of it: of `shallow`, `shallow-2`, `shallow-jumbled`.
    ///
    /// # Errors
    /// When it is not there, is damaged, or is the record of another experiment under this name.
    pub(crate) fn record(&self, name: &str) -> Result<Record> {
        // A name may have a dot in it, and what follows it is no extension: λ = 0.001.
        let path = self.folder.join("records").join(format!("{name}.json"));
        let experiment = experiment(name)?;
        let habits = if experiments::beyond().contains(&experiment) { "" } else { " --faithful" };
        let record = read(&path, &format!("--bin train -- {}{habits} --record", experiment.name), Record::read)?;
        let Record { configuration, experiment: of, .. } = &record;
        if *of != experiment.name || configuration.layers != experiment.layers {
            return Err(damaged(&path, format_args!("it is the record of {of}, and not of {}", experiment.name)));
        }
        if configuration.data.ends_with(", jumbled") != name.ends_with("-jumbled") {
            let data = &configuration.data;
            return Err(damaged(&path, format_args!("the run learned from {data}, which is not what its name says")));
        }
        Ok(record)
    }

    /// What a figure draws of the record of a system: `T` has the fields that it needs, and no others.
    ///
    /// # Errors
    /// When the record is not there, is damaged, or is that of another system under this name.
    pub(crate) fn system<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let path = self.folder.join("records").join(format!("{name}.json"));
        let record: Value = read(&path, &format!("--bin systems -- {name} --record"), |path| {
            serde_json::from_slice(&files::read(&path)?).map_err(|e| damaged(&path, e))
        })?;
        match record["system"].as_str() {
            Some(system) if system == name => {}
            _ => return Err(damaged(&path, format_args!("it is not the record of {name}"))),
        }
        serde_json::from_value(record).map_err(|e| damaged(&path, e))
    }

    /// The record of the ladder.
    pub(crate) fn ladder(&self) -> Result<Ladder> {
        read(&self.folder.join("records/ladder.json"), "--example ladder -- --record", Ladder::read)
    }

    /// A trained experiment.
    pub(crate) fn network(&self, experiment: &str) -> Result<Network<f32>> {
        let maker = format!("--bin train -- {experiment} --faithful --save");
        read(&self.model(experiment), &maker, model_file::load)
    }

    /// The error that says why the model of an experiment cannot be drawn.
    pub(crate) fn useless(&self, experiment: &str, why: impl std::fmt::Display) -> Error {
        damaged(&self.model(experiment), why)
    }

    fn model(&self, experiment: &str) -> PathBuf {
        self.folder.join("models").join(format!("{experiment}.safetensors"))
    }
}

/// Reads a file that a run leaves behind, and says how to make it when it is not there:
/// `cargo run --release MAKER PATH`.
fn read<T>(path: &Path, maker: &str, read: fn(PathBuf) -> Result<T>) -> Result<T> {
    if path.try_exists().is_ok_and(|there| !there) {
        let path = path.display();
        return Err(Error::input(format!("{path} is not there; `cargo run --release {maker} {path}` makes it")));
    }
    read(path.into())
}

/// The experiment that a record is of, by its name: the longest that the name begins with.
fn experiment(name: &str) -> Result<Experiment> {
    let begins =
        |e: &Experiment| name.strip_prefix(&e.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let all = experiments::all().into_iter().chain(experiments::beyond());
    let longest = all.filter(begins).max_by_key(|experiment| experiment.name.len());
    longest.ok_or_else(|| Error::input(format!("{name} is the name of no experiment")))
}

fn damaged(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::input(format!("{} is of no use: {why}", path.display()))
}
