//! Stopping today and going on tomorrow.
//!
//! A checkpoint holds everything that the next epoch depends on, to the last bit, so that a run that was killed and
//! resumed ends where it would have ended otherwise. The file is a safetensors file: the tensors of the learner as they
//! are now under `now/`, as they were after the best epoch under `best/`, and the rest as JSON in the metadata.

use super::{Epoch, Trainer, check_history};
use crate::{Error, Learner, Result, State, files, sealed};
use ndarray::ArrayD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::HashMap, path::Path};

/// A run, as it stands after an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What the run is: every setting that a resumed run must share with it, by name.
    pub identity: Map<String, Value>,
    /// Every epoch so far.
    pub history: Vec<Epoch>,
    /// The learner now.
    pub now: State,
    /// The learner after the best epoch.
    pub best: State,
}

/// What goes into the metadata. One entry, because their order in the file is not defined; and the tensors' names in
/// the learner's own order, because safetensors sorts them.
#[derive(Serialize, Deserialize)]
struct Header {
    identity: Map<String, Value>,
    history: Vec<Epoch>,
    tensors: Vec<String>,
}

/// The name of that entry.
const ENTRY: &str = "network3-checkpoint";

impl Checkpoint {
    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// When the operating system refuses; the message names the file.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        files::write(path, &self.to_bytes().map_err(|e| e.context(path.display()))?)
    }

    /// What [`save`](Checkpoint::save) writes.
    ///
    /// # Errors
    /// When it does not fit into a file.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let failed = |e: &dyn std::fmt::Display| Error::input(format!("this run does not fit into a file ({e})"));
        let header = Header {
            identity: self.identity.clone(),
            history: self.history.clone(),
            tensors: self.now.iter().map(|(name, _)| name.clone()).collect(),
        };
        let json = serde_json::to_string(&header).map_err(|e| failed(&e))?;
        let parts = [("now", &self.now), ("best", &self.best)];
        let tensors = parts.into_iter().flat_map(|(when, state)| {
            state.iter().map(move |(name, tensor)| (format!("{when}/{name}"), tensor.clone()))
        });
        sealed::to_bytes(ENTRY, &json, &tensors.collect())
    }

    /// Reads the file back.
    ///
    /// # Errors
    /// When there is no such file, or when it is not what [`save`](Checkpoint::save) has written, to the last bit.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let damaged = |e| format!("{} is no checkpoint of a run, or damaged ({e})", path.display());
        Checkpoint::from_bytes(&files::read(path)?).map_err(|e| Error::input(damaged(e)))
    }

    /// The run in the bytes of such a file.
    ///
    /// # Errors
    /// When they are not what [`to_bytes`](Checkpoint::to_bytes) makes, or hold a number that no run can have.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (json, tensors) = sealed::from_bytes(ENTRY, bytes)?;
        let header: Header = serde_json::from_str(&json).map_err(|e| Error::input(e.to_string()))?;
        check_history(&header.history)?;
        if header.tensors.is_empty() || tensors.len() != 2 * header.tensors.len() {
            return Err(Error::input(format!("it has {} tensors, and names {}", tensors.len(), header.tensors.len())));
        }
        let mut tensors: HashMap<String, ArrayD<f32>> = tensors.into_iter().collect();
        let mut state = |when: &str| -> Result<State> {
            let mut take = |name: &String| {
                let tensor = tensors.remove(&format!("{when}/{name}"));
                tensor.ok_or_else(|| Error::input(format!("there is no tensor {when}/{name}")))
            };
            header.tensors.iter().map(|name| Ok((name.clone(), take(name)?))).collect()
        };
        let (now, best) = (state("now")?, state("best")?);
        Ok(Checkpoint { identity: header.identity, history: header.history, now, best })
    }
}

/// The settings in which two runs differ, given the [`identity`](Checkpoint::identity) of each, as sentences:
/// `lambda is 0.1 there and 0.5 here`. With none, the one may go on where the other stopped.
pub fn differences(there: &Map<String, Value>, here: &Map<String, Value>) -> Vec<String> {
    let mut names: Vec<_> = there.keys().chain(here.keys()).collect();
    names.sort();
    names.dedup();
    let value = |settings: &Map<String, Value>, name| settings.get(name).unwrap_or(&Value::Null).to_string();
    let differ = names.into_iter().filter(|&name| there.get(name) != here.get(name));
    differ.map(|name| format!("{name} is {} there and {} here", value(there, name), value(here, name))).collect()
}

impl Trainer<'_> {
    /// The run as it stands, to be saved.
    pub fn checkpoint(&self, learner: &dyn Learner, identity: Map<String, Value>) -> Checkpoint {
        Checkpoint { identity, history: self.history.clone(), now: learner.state(), best: self.best.clone() }
    }

    /// Goes on where a checkpoint stopped. Whether it belongs to this run is asked with [`differences`].
    ///
    /// # Errors
    /// When its tensors are not this learner's, or one of them is missing; and when the run would have ended, by its
    /// own stopping rule, before it came as far.
    pub fn resume(&mut self, checkpoint: Checkpoint, learner: &mut dyn Learner) -> Result<()> {
        let Checkpoint { history, now, best, .. } = checkpoint;
        let stopping = self.hyper_parameters.stopping;
        if let Some(end) = (1..history.len()).find(|&end| stopping.is_over(&history[..end])) {
            return Err(Error::input(format!(
                "{} epochs are done already, and a run that stops {stopping} would have ended with {end}",
                history.len()
            )));
        }
        let complete =
            |learner: &dyn Learner| [&now, &best].iter().try_for_each(|state| contains(state, &learner.state()));
        complete(learner)?;
        learner.restore(&best)?;
        learner.restore(&now)?;
        complete(learner)?; // and the velocities, of which a new learner has none
        (self.history, self.best) = (history, best);
        Ok(())
    }
}

/// # Errors
/// When one of the `wanted` tensors is missing, or has another shape.
fn contains(state: &State, wanted: &State) -> Result<()> {
    for (name, tensor) in wanted {
        let there = state.iter().find(|(there, _)| there == name).map(|(_, tensor)| tensor.shape());
        if there != Some(tensor.shape()) {
            let there = there.map_or("none".into(), |shape| format!("{shape:?}"));
            let expected = format!("{:?}", tensor.shape());
            return Err(Error::shape(format!("tensor {name} of the checkpoint"), expected, there));
        }
    }
    Ok(())
}
