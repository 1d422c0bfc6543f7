//! Stopping today and going on tomorrow.
//!
//! A checkpoint holds everything that the next epoch depends on, to the last bit, so that a run that was killed and
//! resumed ends where it would have ended otherwise. The file is a safetensors file: the tensors of the learner as they
//! are now under `now/`, as they were after the best epoch under `best/`, and the rest as JSON in the metadata.

use super::{Epoch, Trainer};
use crate::{Error, Learner, Result, State, files};
use ndarray::{ArrayD, IxDyn};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
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
        let header = Header {
            identity: self.identity.clone(),
            history: self.history.clone(),
            tensors: self.now.iter().map(|(name, _)| name.clone()).collect(),
        };
        let json = serde_json::to_string(&header).map_err(|e| damaged(path, e))?;
        let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = [("now", &self.now), ("best", &self.best)]
            .into_iter()
            .flat_map(|(when, state)| state.iter().map(move |(name, tensor)| (format!("{when}/{name}"), tensor)))
            .map(|(name, tensor)| {
                (name, tensor.shape().to_vec(), tensor.iter().flat_map(|x| x.to_le_bytes()).collect())
            })
            .collect();
        let views: Result<Vec<_>, _> = tensors
            .iter()
            .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
            .collect();
        let bytes =
            views.and_then(|views| safetensors::serialize(views, Some(HashMap::from([(ENTRY.to_string(), json)]))));
        files::write(path, &bytes.map_err(|e| damaged(path, e))?)
    }

    /// Reads the file back.
    ///
    /// # Errors
    /// When there is no such file, or when it is not one that [`save`](Checkpoint::save) has written.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = files::read(path)?;
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|e| damaged(path, e))?;
        let entry = metadata.metadata().as_ref().and_then(|entries| entries.get(ENTRY));
        let json = entry.ok_or_else(|| damaged(path, "it holds no training run"))?;
        let header: Header = serde_json::from_str(json).map_err(|e| damaged(path, e))?;
        if header.history.is_empty() || header.history.iter().enumerate().any(|(i, epoch)| epoch.epoch != i) {
            return Err(damaged(path, "epochs are missing"));
        }
        let file = SafeTensors::deserialize(&bytes).map_err(|e| damaged(path, e))?;
        let state = |when: &str| -> Result<State> {
            let tensor = |name: &String| Ok((name.clone(), read_tensor(&file, &format!("{when}/{name}"))?));
            header.tensors.iter().map(tensor).collect::<Result<_>>().map_err(|e| damaged(path, e))
        };
        let (now, best) = (state("now")?, state("best")?);
        Ok(Checkpoint { identity: header.identity, history: header.history, now, best })
    }

    /// Is this a checkpoint of the run with this `identity`?
    ///
    /// # Errors
    /// When it is not: the message lists every setting that differs.
    pub fn expect(&self, identity: &Map<String, Value>) -> Result<()> {
        let mut names: Vec<_> = self.identity.keys().chain(identity.keys()).collect();
        names.sort();
        names.dedup();
        let value = |settings: &Map<String, Value>, name| settings.get(name).unwrap_or(&Value::Null).to_string();
        let differences: Vec<_> = names
            .into_iter()
            .filter(|&name| self.identity.get(name) != identity.get(name))
            .map(|name| format!("{name} is {} there and {} here", value(&self.identity, name), value(identity, name)))
            .collect();
        if differences.is_empty() { Ok(()) } else { Err(Error::input(differences.join("; "))) }
    }
}

impl Trainer<'_> {
    /// The run as it stands, to be saved.
    pub fn checkpoint(&self, learner: &dyn Learner, identity: Map<String, Value>) -> Checkpoint {
        Checkpoint { identity, history: self.history.clone(), now: learner.state(), best: self.best.clone() }
    }

    /// Goes on where a checkpoint stopped. Whether it belongs to this run is asked with [`Checkpoint::expect`].
    ///
    /// # Errors
    /// When its tensors are not this learner's.
    pub fn resume(&mut self, checkpoint: Checkpoint, learner: &mut dyn Learner) -> Result<()> {
        learner.restore(&checkpoint.best)?;
        learner.restore(&checkpoint.now)?;
        (self.history, self.best) = (checkpoint.history, checkpoint.best);
        Ok(())
    }
}

fn read_tensor(file: &SafeTensors, name: &str) -> Result<ArrayD<f32>> {
    let tensor = file.tensor(name).map_err(|e| Error::input(e.to_string()))?;
    if tensor.dtype() != Dtype::F32 {
        return Err(Error::input(format!("tensor {name} is {:?}, not F32", tensor.dtype())));
    }
    let (numbers, _) = tensor.data().as_chunks::<4>();
    let numbers = numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    ArrayD::from_shape_vec(IxDyn(tensor.shape()), numbers).map_err(|e| Error::input(format!("tensor {name}: {e}")))
}

fn damaged(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::input(format!("{} is no checkpoint of a run, or damaged ({why}); start without --resume", path.display()))
}
