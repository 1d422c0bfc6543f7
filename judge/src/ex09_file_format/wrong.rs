//! What goes wrong when a network is saved.

use super::{Answers, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::ArrayD;
use network3::State;
use solutions::ex09_file_format as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers { to_bytes: solution::to_bytes, from_bytes: solution::from_bytes, load: solution::load };

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "shape-forgotten",
            mistake: "How many numbers a tensor has is saved, but not its shape.",
            caught_by: ("to_bytes", "different states, different bytes"),
            exercise: exercise(Answers { to_bytes: flat, ..RIGHT }),
        },
        WrongAnswer {
            name: "rounded",
            mistake: "Numbers are written as text, with six digits after the point.",
            caught_by: ("to_bytes", "different states, different bytes"),
            exercise: exercise(Answers { to_bytes: six_digits, ..RIGHT }),
        },
        WrongAnswer {
            name: "memory-order",
            mistake: "Numbers are written in the order in which they lie in memory.",
            caught_by: ("from_bytes", "tensors that lie across"),
            exercise: exercise(Answers { to_bytes: memory_order, ..RIGHT }),
        },
        WrongAnswer {
            name: "rest-ignored",
            mistake: "What follows the last tensor is not looked at.",
            caught_by: ("from_bytes", "something follows"),
            exercise: exercise(Answers { from_bytes: ignore_rest, ..RIGHT }),
        },
        WrongAnswer {
            name: "no-check-sum",
            mistake: "A number that has been damaged is read as another number.",
            caught_by: ("from_bytes", "a byte has been changed"),
            exercise: exercise(Answers { to_bytes: bare, from_bytes: read_bare, load: load_bare }),
        },
        WrongAnswer {
            name: "half-loaded",
            mistake: "Tensors are taken one by one, until one does not fit: half the network is another then.",
            caught_by: ("load", "wrong names and shapes"),
            exercise: exercise(Answers { load: one_by_one, ..RIGHT }),
        },
    ]
}

/// A state with other tensors.
fn with(state: &State, change: impl Fn(&ArrayD<f32>) -> ArrayD<f32>) -> State {
    state.iter().map(|(name, tensor)| (name.clone(), change(tensor))).collect()
}

fn flat(state: &State) -> Vec<u8> {
    solution::to_bytes(&with(state, |tensor| tensor.iter().copied().collect::<ndarray::Array1<f32>>().into_dyn()))
}

fn six_digits(state: &State) -> Vec<u8> {
    let rounded = |x: f32| format!("{x:.6}").parse().unwrap_or(f32::NAN);
    solution::to_bytes(&with(state, |tensor| tensor.mapv(rounded)))
}

fn memory_order(state: &State) -> Vec<u8> {
    let as_it_lies = |tensor: &ArrayD<f32>| {
        let numbers = tensor.as_slice_memory_order().map(<[f32]>::to_vec).unwrap_or_default();
        ArrayD::from_shape_vec(tensor.raw_dim(), numbers).unwrap_or_else(|_| tensor.clone())
    };
    solution::to_bytes(&with(state, as_it_lies))
}

fn ignore_rest(bytes: &[u8]) -> Result<State, String> {
    let state = (0..=bytes.len()).find_map(|n| solution::from_bytes(&bytes[..n]).ok());
    state.ok_or_else(|| "not a network".into())
}

/// The solution's format without the eight bytes of its check sum.
fn bare(state: &State) -> Vec<u8> {
    let mut bytes = solution::to_bytes(state);
    bytes.truncate(bytes.len() - 8);
    bytes
}

fn read_bare(bytes: &[u8]) -> Result<State, String> {
    // The check sum of whatever is there: it cannot be wrong.
    let sum: u64 =
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    solution::from_bytes(&[bytes, &sum.to_le_bytes()].concat())
}

fn load_bare(state: &mut State, bytes: &[u8]) -> Result<(), String> {
    solution::load(state, &solution::to_bytes(&read_bare(bytes)?))
}

fn one_by_one(state: &mut State, bytes: &[u8]) -> Result<(), String> {
    let loaded = solution::from_bytes(bytes)?;
    if loaded.len() != state.len() {
        return Err("another number of tensors".into());
    }
    for (place, from) in state.iter_mut().zip(loaded) {
        if place.0 != from.0 || place.1.shape() != from.1.shape() {
            return Err(format!("{} does not fit", from.0));
        }
        *place = from;
    }
    Ok(())
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    [
        Answers { to_bytes: |_| vec![], from_bytes: |_| Err("no".into()), load: |_, _| Err("no".into()) },
        Answers { to_bytes: |_| vec![1, 2, 3], from_bytes: |_| Ok(vec![]), load: |_, _| Ok(()) },
        Answers {
            to_bytes: |state| vec![0; state.len()],
            from_bytes: |bytes| Ok(vec![("x".into(), ArrayD::zeros(vec![bytes.len()]))]),
            load: |state, _| {
                state.clear();
                Ok(())
            },
        },
    ]
    .map(exercise)
    .into()
}
