//! # A file format of your own
//!
//! A network that took a night to train should be there in the morning. In this exercise you invent the file that it
//! sleeps in: which bytes stand for what is up to you. It is judged by two things alone. What has been saved comes back
//! to the last bit, and a file that is not what it should be is refused, with a reason, instead of becoming a network
//! that is subtly wrong.
//!
//! What is to be saved is a [`State`], the library's own type: a list of tensors, each with a name, in `f32`. A name is
//! any text, also an empty one, and no two tensors have the same; a tensor has any number of dimensions, also none, and
//! any lengths, also 0. An `f32` has four bytes, which `to_le_bytes` and `from_le_bytes` give and take, whatever it
//! holds: −0, infinities, all the kinds of NaN.
//!
//! Bytes are enough: `std::fs::write` and `std::fs::read` do the rest.

use network3::State;

/// The bytes that a state is saved as. The same state gives the same bytes, always.
pub fn to_bytes(state: &State) -> Vec<u8> {
    let mut bytes = SIGNATURE.to_vec();
    put(&mut bytes, state.len());
    for (name, tensor) in state {
        put(&mut bytes, name.len());
        bytes.extend(name.as_bytes());
        put(&mut bytes, tensor.ndim());
        tensor.shape().iter().for_each(|&side| put(&mut bytes, side));
        // In the order of the indices, however the numbers lie in memory.
        tensor.iter().for_each(|x| bytes.extend(x.to_le_bytes()));
    }
    let sum = checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// The state that these bytes were made of, to the last bit.
///
/// # Errors
/// In words, whenever the bytes are not exactly what [`to_bytes`] makes of a state: when the end is missing or
/// something follows it, when they are not of this format at all, and also when a single byte has been changed or two
/// neighbours have changed places, in the numbers, too. Whatever the bytes are, this neither panics nor asks for more
/// memory than they can fill.
pub fn from_bytes(bytes: &[u8]) -> Result<State, String> {
    let Some((content, sum)) = bytes.split_last_chunk() else { return Err("too short to be a network".into()) };
    if !content.starts_with(SIGNATURE) {
        return Err("not a network in this format: it begins otherwise".into());
    }
    if checksum(content) != u64::from_le_bytes(*sum) {
        return Err("damaged, or not complete: the check sum is wrong".into());
    }
    let mut rest = &content[SIGNATURE.len()..];
    let tensors = number(&mut rest)?;
    let state = (0..tensors).map(|_| tensor(&mut rest)).collect::<Result<State, String>>()?;
    if rest.is_empty() { Ok(state) } else { Err(format!("{} bytes too many", rest.len())) }
}

/// Puts the tensors that the bytes hold into a network's state, which has the right names and shapes already, in this
/// order.
///
/// # Errors
/// When the bytes are refused by [`from_bytes`], or when they hold other names, another order, other shapes, fewer or
/// more tensors than `state`; the message says which. Then `state` is what it was, all of it.
pub fn load(state: &mut State, bytes: &[u8]) -> Result<(), String> {
    let loaded = from_bytes(bytes)?;
    if loaded.len() != state.len() {
        return Err(format!("{} tensors for a network that has {}", loaded.len(), state.len()));
    }
    for ((name, tensor), (expected, place)) in loaded.iter().zip(state.iter()) {
        if name != expected {
            return Err(format!("a tensor named {name:?} where {expected:?} should be"));
        }
        if tensor.shape() != place.shape() {
            return Err(format!("{name} has the shape {:?}; it should be {:?}", tensor.shape(), place.shape()));
        }
    }
    *state = loaded;
    Ok(())
}

/// What every file begins with: nothing else does.
const SIGNATURE: &[u8] = b"deep nets by hand 1\n";

/// Adds a count, in eight bytes.
fn put(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend((count as u64).to_le_bytes());
}

/// Takes `n` bytes off the front.
fn take<'a>(rest: &mut &'a [u8], n: usize) -> Result<&'a [u8], String> {
    let (taken, left) = rest.split_at_checked(n).ok_or("it ends too early")?;
    *rest = left;
    Ok(taken)
}

/// Takes a count off the front.
fn number(rest: &mut &[u8]) -> Result<usize, String> {
    let (bytes, left) = rest.split_first_chunk().ok_or("it ends too early")?;
    *rest = left;
    usize::try_from(u64::from_le_bytes(*bytes)).map_err(|_| "a count that no computer could hold".into())
}

/// Takes a tensor off the front.
fn tensor(rest: &mut &[u8]) -> Result<(String, ndarray::ArrayD<f32>), String> {
    let length = number(rest)?;
    let name = str::from_utf8(take(rest, length)?).map_err(|e| e.to_string())?.to_string();
    let shape = (0..number(rest)?).map(|_| number(rest)).collect::<Result<Vec<usize>, String>>()?;
    let length = shape.iter().try_fold(4_usize, |length, &side| length.checked_mul(side));
    let bytes = take(rest, length.ok_or("a shape that no computer could hold")?)?;
    let numbers = bytes.chunks_exact(4).map(|x| f32::from_le_bytes([x[0], x[1], x[2], x[3]])).collect();
    let tensor = ndarray::ArrayD::from_shape_vec(shape, numbers).map_err(|e| e.to_string())?;
    Ok((name, tensor))
}

/// FNV-1a: every byte changes all that follows, so it notices bytes that have been changed or have changed places.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
