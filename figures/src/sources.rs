//! Where figures come from.

use experiments::record::{Ladder, Record};
use network3::{Error, Network, Result, model_file};
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

    /// The record of an experiment.
    pub(crate) fn record(&self, experiment: &str) -> Result<Record> {
        let path = self.folder.join("records").join(experiment).with_extension("json");
        read(&path, &format!("--bin train -- {experiment} --faithful --record"), Record::read)
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
        self.folder.join("models").join(experiment).with_extension("safetensors")
    }
}

/// Reads a file that a run leaves behind, and says how to make it when it is not there: `cargo run --release MAKER PATH`.
fn read<T>(path: &Path, maker: &str, read: fn(PathBuf) -> Result<T>) -> Result<T> {
    if path.try_exists().is_ok_and(|there| !there) {
        let path = path.display();
        return Err(Error::input(format!("{path} is not there; `cargo run --release {maker} {path}` makes it")));
    }
    read(path.into())
}

fn damaged(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::input(format!("{} is of no use: {why}", path.display()))
}
