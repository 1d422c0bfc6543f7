//! Going on where a run was stopped.

use super::Clock;
use experiments::say;
use network3::{Error, Result, State, files, sealed, train::differences};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use std::{path::PathBuf, sync::Arc};

/// The entry of the file's metadata.
const ENTRY: &str = "network3-system";

/// Keeps a run on disk while it goes on: after which step, with which numbers, and with what notes.
///
/// Random numbers are not kept: a step draws its own, from a [stream](super::rng) with the step's number.
pub struct Keeper {
    path: PathBuf,
    identity: Map<String, Value>,
    resume: bool,
    clock: Arc<Clock>,
}

/// What was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept<N> {
    /// So many steps were done.
    pub step: u64,
    /// Parameters, and whatever else a step depends on, by name.
    pub tensors: State,
    /// What had been found out by then.
    pub notes: N,
}

impl Keeper {
    pub(super) fn new(path: PathBuf, identity: Map<String, Value>, resume: bool, clock: Arc<Clock>) -> Result<Self> {
        files::check(&path, 0)?;
        files::remove_leftovers(&path);
        Ok(Keeper { path, identity, resume, clock })
    }

    /// The run as it was left, if it is to go on from there and there is such a run.
    ///
    /// # Errors
    /// When the file is damaged, or of a run with other settings; the message says which.
    pub fn earlier<N: DeserializeOwned>(&self) -> Result<Option<Kept<N>>> {
        let path = self.path.display();
        if !self.resume {
            return Ok(None);
        }
        if !self.path.exists() {
            say!("no checkpoint in {path}: starting from the beginning");
            return Ok(None);
        }
        let advice = "without --resume it starts from the beginning";
        let damaged = |e: &dyn std::fmt::Display| Error::input(format!("{path} is damaged ({e})")).advice(advice);
        let (text, tensors) = sealed::from_bytes(ENTRY, &files::read(&self.path)?).map_err(|e| damaged(&e))?;
        let mut header: Map<String, Value> = serde_json::from_str(&text).map_err(|e| damaged(&e))?;
        let mut take = |name: &str| header.remove(name).ok_or_else(|| damaged(&format_args!("it has no {name}")));
        let (step, notes, identity) = (take("step")?, take("notes")?, take("identity")?);
        let identity = identity.as_object().ok_or_else(|| damaged(&"it does not say of which run it is"))?;
        let differ = differences(identity, &self.identity);
        if !differ.is_empty() {
            return Err(Error::input(format!("{path} is of another run: {}", differ.join("; "))).advice(advice));
        }
        let step = step.as_u64().ok_or_else(|| damaged(&"its step is no number"))?;
        let notes = serde_json::from_value(notes).map_err(|e| damaged(&e))?;
        self.clock.goes_on_from(header.get("seconds").and_then(Value::as_f64).unwrap_or_default());
        say!("going on after step {step}");
        Ok(Some(Kept { step, tensors, notes }))
    }

    /// Keeps the run as it is now, whole or not at all.
    ///
    /// # Errors
    /// When the operating system refuses, and when a tensor holds anything but finite numbers.
    pub fn keep(&self, step: u64, tensors: &State, notes: &impl Serialize) -> Result<()> {
        if let Some((name, _)) = tensors.iter().find(|(_, tensor)| tensor.iter().any(|x| !x.is_finite())) {
            return Err(Error::diverged(format!("after step {step}, {name} has left the finite numbers")));
        }
        let notes = serde_json::to_value(notes).map_err(|e| Error::input(format!("{}: {e}", self.path.display())))?;
        let seconds = super::round(self.clock.seconds(), 1);
        let header = json!({ "identity": self.identity, "step": step, "notes": notes, "seconds": seconds }).to_string();
        let bytes = sealed::to_bytes(ENTRY, &header, tensors).map_err(|e| e.context(self.path.display()))?;
        files::write(&self.path, &bytes)
    }
}

/// The tensor of this name among those that were kept.
///
/// # Errors
/// When there is none, or it has another shape.
pub fn restore(tensors: &State, name: &str, to: &mut ndarray::ArrayD<f32>) -> Result<()> {
    let found = tensors.iter().find(|(there, _)| there == name).map(|(_, tensor)| tensor);
    match found {
        Some(tensor) if tensor.shape() == to.shape() => {
            to.assign(tensor);
            Ok(())
        }
        Some(tensor) => Err(Error::shape(name, format!("{:?}", to.shape()), format!("{:?}", tensor.shape()))),
        None => Err(Error::input(format!("the checkpoint has no tensor {name}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeper(folder: &std::path::Path, eta: f64) -> Keeper {
        let identity = json!({ "eta": eta }).as_object().unwrap().clone();
        Keeper::new(folder.join("a.safetensors"), identity, true, Arc::new(Clock::start())).unwrap()
    }

    #[test]
    fn what_was_kept_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let one = keeper(folder.path(), 0.1);
        assert_eq!(one.earlier::<Vec<f64>>().unwrap(), None);
        let tensors: State = vec![("w".into(), ndarray::arr1(&[1.5_f32, -2.0]).into_dyn())];
        one.keep(7, &tensors, &[0.25]).unwrap();
        assert_eq!(one.earlier().unwrap(), Some(Kept { step: 7, tensors: tensors.clone(), notes: vec![0.25] }));
        let e = keeper(folder.path(), 0.2).earlier::<Vec<f64>>().unwrap_err().to_string();
        assert!(e.contains("eta is 0.1 there and 0.2 here"), "{e}");
        let mut w = ndarray::arr1(&[0.0_f32; 2]).into_dyn();
        restore(&tensors, "w", &mut w).unwrap();
        assert_eq!(w, tensors[0].1);
        assert!(restore(&tensors, "v", &mut w).is_err());
        let infinite: State = vec![("w".into(), ndarray::arr1(&[f32::INFINITY]).into_dyn())];
        assert!(one.keep(8, &infinite, &[0.25]).is_err());
    }

    #[test]
    fn the_time_of_what_was_stopped_counts() {
        let folder = tempfile::tempdir().unwrap();
        let one = keeper(folder.path(), 0.1);
        one.clock.goes_on_from(100.0);
        one.keep(7, &vec![], &()).unwrap();
        let next = keeper(folder.path(), 0.1);
        assert!(next.clock.seconds() < 100.0);
        next.earlier::<()>().unwrap();
        assert!(next.clock.seconds() >= 100.0);
    }

    #[test]
    fn damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let one = keeper(folder.path(), 0.1);
        one.keep(7, &vec![("w".into(), ndarray::arr1(&[1.5_f32]).into_dyn())], &()).unwrap();
        let mut bytes = std::fs::read(&one.path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&one.path, bytes).unwrap();
        let e = one.earlier::<()>().unwrap_err().to_string();
        assert!(e.contains("checksum"), "{e}");
    }
}
