//! Where figures come from.

use crate::{
    Error, Network, Result, model_file,
    record::{Ladder, Record},
};
use ndarray::{Array3, Axis, Ix4};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The folder that figures are drawn from: `records/NAME.json` and `models/NAME.safetensors` lie in it.
#[derive(Clone, Debug)]
pub struct Sources {
    folder: PathBuf,
}

impl Sources {
    /// Records and models below `folder`, which is `figures` for the book.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Sources { folder: folder.into() }
    }

    /// The record of an experiment.
    pub(super) fn record(&self, experiment: &str) -> Result<Record> {
        let path = self.folder.join("records").join(experiment).with_extension("json");
        let bytes = read(&path, &format!("--bin train -- {experiment} --faithful --record"))?;
        serde_json::from_slice(&bytes).map_err(|e| damaged(&path, e))
    }

    /// The record of the ladder. All its rates are positive numbers, and there is at least one rung.
    pub(super) fn ladder(&self) -> Result<Ladder> {
        let path = self.folder.join("records/ladder.json");
        let bytes = read(&path, "--example ladder -- --record")?;
        let ladder: Ladder = serde_json::from_slice(&bytes).map_err(|e| damaged(&path, e))?;
        let mut rates = ladder
            .rungs
            .iter()
            .flat_map(|rung| [rung.least, rung.median, rung.most])
            .chain(ladder.marks.iter().map(|mark| mark.rate));
        if ladder.rungs.is_empty() || !rates.all(|rate| rate.is_finite() && rate > 0.0) {
            return Err(damaged(&path, "it has no rungs, or a rate that is not above 0"));
        }
        Ok(ladder)
    }

    /// A trained experiment.
    pub(super) fn network(&self, experiment: &str) -> Result<Network<f32>> {
        let path = self.model(experiment);
        let bytes = read(&path, &format!("--bin train -- {experiment} --faithful --save"))?;
        model_file::from_bytes(&bytes).map_err(|e| damaged(&path, e))
    }

    /// The error that says why the model of an experiment cannot be drawn.
    pub(super) fn useless(&self, experiment: &str, why: impl std::fmt::Display) -> Error {
        damaged(&self.model(experiment), why)
    }

    fn model(&self, experiment: &str) -> PathBuf {
        self.folder.join("models").join(experiment).with_extension("safetensors")
    }

    /// The filters of a trained experiment whose first layer is a convolution: \[filters, kernel height, kernel width\].
    pub(super) fn first_filters(&self, experiment: &str) -> Result<Array3<f32>> {
        let (path, network) = (self.model(experiment), self.network(experiment)?);
        let weights = network.layers().first().and_then(|layer| layer.parameters()).map(|p| p.w.clone());
        let filters = weights.and_then(|w| w.into_dimensionality::<Ix4>().ok()).filter(|w| w.dim().3 == 1);
        let filters = filters.ok_or_else(|| damaged(&path, "its first layer is not made of filters over one map"))?;
        Ok(filters.index_axis_move(Axis(3), 0))
    }
}

/// Reads a file that a run leaves behind, and says which when it is not there: `cargo run --release MAKER PATH`.
fn read(path: &Path, maker: &str) -> Result<Vec<u8>> {
    fs::read(path).map_err(|e| {
        let path = path.display();
        if e.kind() == io::ErrorKind::NotFound {
            let make = format!("cargo run --release {maker} {path}");
            return Error::input(format!("{path} is not there; `{make}` makes it"));
        }
        Error::io(format!("reading {path}"), e)
    })
}

fn damaged(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::input(format!("{} is of no use: {why}", path.display()))
}
