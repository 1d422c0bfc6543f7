//! A tape's parameters and what an optimiser remembers of them, for a checkpoint.

use super::Tape;
use ndarray::ArrayD;
use network3::{Error, Result, State, ops::Optimiser};

/// Parameter k as `k`, its moments as `k.m` and `k.v`, and the number of steps as `steps`.
pub fn state(tape: &mut Tape<f32>, optimiser: &Optimiser<f32>) -> State {
    let (steps, moments) = optimiser.state();
    let vector = |x: &[f32]| ArrayD::from_shape_vec(vec![x.len()], x.to_vec()).expect("as long as it is");
    let mut state = vec![("steps".to_string(), vector(&[steps as f32]))];
    for (k, (value, _)) in tape.parameters_mut().enumerate() {
        state.push((k.to_string(), vector(value)));
    }
    for (k, [m, v]) in moments.iter().enumerate() {
        state.push((format!("{k}.m"), vector(m)));
        state.push((format!("{k}.v"), vector(v)));
    }
    state
}

/// Puts them back.
///
/// # Errors
/// When something is missing, or has another length.
pub fn restore(state: &State, tape: &mut Tape<f32>, optimiser: &mut Optimiser<f32>) -> Result<()> {
    let find = |name: &str| {
        let found = state.iter().find(|(there, _)| there == name).and_then(|(_, tensor)| tensor.as_slice());
        found.ok_or_else(|| Error::input(format!("the checkpoint has no tensor {name}")))
    };
    let mut moments = vec![];
    for (k, (value, _)) in tape.parameters_mut().enumerate() {
        let kept = find(&k.to_string())?;
        if kept.len() != value.len() {
            return Err(Error::shape(format!("parameter {k} of the checkpoint"), value.len(), kept.len()));
        }
        value.copy_from_slice(kept);
        moments.push([find(&format!("{k}.m"))?.to_vec(), find(&format!("{k}.v"))?.to_vec()]);
    }
    optimiser.restore(find("steps")?.first().map_or(0, |&steps| steps as i32), moments);
    Ok(())
}
