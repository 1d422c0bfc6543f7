//! Tensors by name, and a text beside them, in a file in which no flipped bit goes unnoticed.
//!
//! It is a safetensors file. Its metadata has one entry, because the order of several is not defined: the SHA-256 of
//! the file, without the digits of the checksum itself, a space, and the text.

use crate::{Error, Result, State, checksum};
use ndarray::{ArrayD, IxDyn};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::HashMap;

/// The bytes of such a file, with the text under the name of this `entry`.
///
/// # Errors
/// When it does not fit into a file: two tensors have one name, say.
///
/// ```
/// use network3::sealed;
/// let weights = vec![("w".to_string(), ndarray::arr1(&[0.5_f32, 2.0]).into_dyn())];
/// let bytes = sealed::to_bytes("example", "step 3", &weights)?;
/// assert_eq!(sealed::from_bytes("example", &bytes)?, ("step 3".to_string(), weights));
/// assert!(sealed::from_bytes("another", &bytes).is_err());
/// # Ok::<(), network3::Error>(())
/// ```
pub fn to_bytes(entry: &str, text: &str, tensors: &State) -> Result<Vec<u8>> {
    let failed = |e: &dyn std::fmt::Display| Error::input(format!("this does not fit into a file ({e})"));
    let bytes = |tensor: &ArrayD<f32>| tensor.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (name, tensor.shape(), bytes(tensor))).collect();
    let views: Result<Vec<_>, _> = tensors
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.to_vec(), bytes)?)))
        .collect();
    let metadata = HashMap::from([(entry.to_string(), format!("{} {text}", checksum::placeholder()))]);
    let bytes = views.and_then(|views| safetensors::serialize(views, Some(metadata)));
    let mut bytes = bytes.map_err(|e| failed(&e))?;
    match checksum::seal(&mut bytes, &before(entry)) {
        true => Ok(bytes),
        false => Err(failed(&"no place for a checksum")),
    }
}

/// The text and the tensors in the bytes of such a file, the tensors sorted by name.
///
/// # Errors
/// When it has no such entry, when one bit of it has changed, and when it holds anything but finite numbers in `f32`.
pub fn from_bytes(entry: &str, bytes: &[u8]) -> Result<(String, State)> {
    let foreign = |e: &dyn std::fmt::Display| Error::input(e.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| foreign(&e))?;
    let text = metadata.metadata().as_ref().and_then(|entries| entries.get(entry));
    let text = text.ok_or_else(|| Error::input(format!("it has no entry {entry:?}")))?;
    let parts = text.split_once(' ').filter(|(sum, _)| sum.len() == checksum::DIGITS);
    let (sum, text) =
        parts.ok_or_else(|| foreign(&"it has no checksum: an earlier version of this program wrote it"))?;
    if checksum::of_the_rest(bytes, &before(entry)).is_none_or(|(_, right)| right != sum) {
        return Err(foreign(&"its checksum is wrong"));
    }
    let file = SafeTensors::deserialize(bytes).map_err(|e| foreign(&e))?;
    let mut names = file.names();
    names.sort_unstable();
    let tensors = names.into_iter().map(|name| Ok((name.to_string(), tensor(&file, name)?))).collect::<Result<_>>()?;
    Ok((text.to_string(), tensors))
}

/// What stands before the checksum in the file.
fn before(entry: &str) -> String {
    format!("\"{entry}\":\"")
}

fn tensor(file: &SafeTensors, name: &str) -> Result<ArrayD<f32>> {
    let tensor = file.tensor(name).map_err(|e| Error::input(e.to_string()))?;
    if tensor.dtype() != Dtype::F32 {
        return Err(Error::input(format!("tensor {name} is {:?}, not F32", tensor.dtype())));
    }
    let (numbers, _) = tensor.data().as_chunks::<4>();
    let numbers: Vec<f32> = numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    if let Some(x) = numbers.iter().find(|x| !x.is_finite()) {
        return Err(Error::input(format!("tensor {name} holds {x}, and training goes on with finite numbers only")));
    }
    ArrayD::from_shape_vec(IxDyn(tensor.shape()), numbers).map_err(|e| Error::input(format!("tensor {name}: {e}")))
}
