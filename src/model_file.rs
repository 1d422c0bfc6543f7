//! Trained networks as files that other programs can read.
//!
//! A model is a [safetensors](https://github.com/huggingface/safetensors) file: a length, a header in JSON, and the
//! numbers. Weights and biases are the tensors `0.w`, `0.b`, `1.w` and so on, by layer, counted from 0, in `f32`; a
//! layer of batch normalisation has `mean` and `variance` beside them. What they mean stands in the header's
//! `__metadata__`, under the key `network3`, as one more piece of JSON: the format's version, the shape of the input,
//! the layers, the habits, and a sentence on the order of dimensions. The same network makes the same bytes.
//!
//! A file may come from anywhere, so nothing in it is believed: sizes are worked out from the layers, and compared with
//! the tensors that are really there, before any memory is asked for. It carries a SHA-256 of all the rest of it, which
//! older files do not have; where it is there, it must be right.

use crate::data::kind::kind;
use crate::layer::Plan;
use crate::network::{Network, plan, tensor_name};
use crate::{Cost, Error, Habits, Learner, Result, Shape, Spec, State, checksum, files};
use ndarray::{ArrayD, IxDyn};
use safetensors::tensor::{Dtype, SafeTensors, TensorInfo, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// Where the metadata has it.
const KEY: &str = "network3";
/// The version that is written, and the only one there is.
const VERSION: u64 = 1;
const LAYOUT: &str = "Tensors are row-major. An image is [height, width, maps]. w of a convolution is [filters, kernel \
    height, kernel width, maps] and is not flipped; any other w is [inputs, outputs], its inputs in the order of the image. \
    b is added to each filter or output.";

/// All of a network but its numbers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Architecture {
    version: u64,
    input: Shape,
    layers: Vec<Spec>,
    #[serde(default, skip_serializing_if = "is_usual")]
    cost: Cost,
    habits: Habits,
    layout: String,
    /// Of the whole file, but for its own digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// What stands before the digits in the file, where the metadata is a piece of text within JSON.
const BEFORE_SUM: &str = r#"\"sha256\":\""#;

/// The cost of a classifier goes without saying.
fn is_usual(cost: &Cost) -> bool {
    *cost == Cost::default()
}

/// Writes a network to a file: whole or not at all.
///
/// # Errors
/// When a parameter is not a finite number, or the operating system refuses; the message names the file.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("model.safetensors");
/// use network3::{Network, Shape, Spec, model_file};
/// let network = Network::new(Shape::image(1, 28, 28), &[Spec::softmax(10)])?;
/// model_file::save(&network, &path)?;
/// assert_eq!(model_file::load(&path)?.parameter_count(), 7850);
/// # Ok::<(), network3::Error>(())
/// ```
pub fn save(network: &Network<f32>, path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    files::write(path, &to_bytes(network).map_err(|e| e.context(path.display()))?)
}

/// Reads a network from a file, ready to be used or trained further, on all cores.
///
/// # Errors
/// When the file cannot be read or is not a model; the message names the file. And when no threads can be started.
pub fn load(path: impl AsRef<Path>) -> Result<Network<f32>> {
    let path = path.as_ref();
    from_bytes(&files::read(path)?).map_err(|e| e.context(path.display()))
}

/// What [`save`] writes.
///
/// # Errors
/// When a parameter is not a finite number.
pub fn to_bytes(network: &Network<f32>) -> Result<Vec<u8>> {
    let mut tensors = vec![];
    for (path, _, p) in network.parameters() {
        for (tensor, a) in p.model() {
            let name = tensor_name(&path, tensor);
            finite(&name, a)?;
            tensors.push((name, a.shape().to_vec(), a.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>()));
        }
    }
    let architecture = Architecture {
        version: VERSION,
        input: network.input(),
        layers: network.specs().to_vec(),
        cost: network.trained_for(),
        habits: *network.habits(),
        layout: LAYOUT.into(),
        sha256: Some(checksum::placeholder()),
    };
    let failed = |e: &dyn std::fmt::Display| Error::input(format!("this network does not fit into a file ({e})"));
    let metadata = serde_json::to_string(&architecture).map_err(|e| failed(&e))?;
    let views: Result<Vec<_>, _> = tensors
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect();
    let metadata = HashMap::from([(KEY.to_string(), metadata)]);
    let bytes = views.and_then(|views| safetensors::serialize(views, Some(metadata)));
    let mut bytes = bytes.map_err(|e| failed(&e))?;
    let sealed = checksum::seal(&mut bytes, BEFORE_SUM);
    if sealed { Ok(bytes) } else { Err(failed(&"no place for a checksum")) }
}

/// The network in the bytes of a model file.
///
/// # Errors
/// When they are not one: the message says what is wrong with them.
pub fn from_bytes(bytes: &[u8]) -> Result<Network<f32>> {
    let no_model = |e| {
        Error::input(match kind(bytes) {
            Some(kind) => format!("not a safetensors file but {kind}"),
            None => format!("not a safetensors file, or a damaged one ({e})"),
        })
    };
    let (header, metadata) = SafeTensors::read_metadata(bytes).map_err(no_model)?;
    let data = &bytes[8 + header..];
    let Architecture { input, layers, cost, habits, sha256, .. } = architecture(metadata.metadata().as_ref())?;
    let mut wanted = vec![];
    Plan::visit(&plan(input, &layers, cost, &habits)?, &mut vec![], &mut |path, arrays| {
        wanted.push((path[0], tensor_name(path, "w"), arrays.weights));
        wanted.push((path[0], tensor_name(path, "b"), vec![arrays.biases]));
        for moment in ["mean", "variance"].into_iter().filter(|_| arrays.moments > 0) {
            wanted.push((path[0], tensor_name(path, moment), vec![arrays.moments]));
        }
    });
    let mut found = metadata.tensors();
    let mut state = State::new();
    for (layer, name, shape) in wanted {
        let Some(info) = found.remove(&name) else {
            return Err(Error::input(format!("there is no tensor {name}, which layer {} needs", layer + 1)));
        };
        let tensor = tensor(&name, shape, info, data)?;
        state.push((name, tensor));
    }
    if let Some(name) = found.keys().min() {
        return Err(Error::input(format!("there is a tensor {name:?}, which belongs to no layer")));
    }
    if let Some(sum) = sha256
        && checksum::of_the_rest(bytes, BEFORE_SUM).is_none_or(|(_, right)| right != sum)
    {
        return Err(Error::input("its checksum is wrong: the file is damaged, or somebody has changed it"));
    }
    let mut network = Network::for_cost(input, &layers, cost)?.with_habits(habits);
    network.restore(&state)?;
    Ok(network)
}

/// What the metadata says.
fn architecture(metadata: Option<&HashMap<String, String>>) -> Result<Architecture> {
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    let Some(text) = metadata.and_then(|metadata| metadata.get(KEY)) else {
        return Err(Error::input(format!("a safetensors file without a network: its metadata has no {KEY:?}")));
    };
    let damaged = |e: serde_json::Error| Error::input(format!("the metadata under {KEY:?} makes no sense ({e})"));
    let Version { version } = serde_json::from_str(text).map_err(damaged)?;
    if version != VERSION {
        let expected = format!("version {VERSION}");
        return Err(Error::shape("model file", expected, format!("{version}; a newer network3 may read it")));
    }
    serde_json::from_str(text).map_err(damaged)
}

/// A tensor that must have this shape. The library has seen to it that all offsets lie within the data, and are as far
/// apart as the shape says.
fn tensor(name: &str, shape: Vec<usize>, info: &TensorInfo, data: &[u8]) -> Result<ArrayD<f32>> {
    if (info.dtype, &info.shape) != (Dtype::F32, &shape) {
        let got = format!("{:?} {:?}", info.dtype, info.shape);
        return Err(Error::shape(format!("tensor {name}"), format!("F32 {shape:?}"), got));
    }
    let (begin, end) = info.data_offsets;
    let (numbers, _) = data[begin..end].as_chunks();
    let numbers = numbers.iter().map(|&x| f32::from_le_bytes(x)).collect();
    let tensor = ArrayD::from_shape_vec(IxDyn(&shape), numbers).expect("as many as its shape says");
    finite(name, &tensor)?;
    Ok(tensor)
}

fn finite(name: &str, a: &ArrayD<f32>) -> Result<()> {
    match a.indexed_iter().find(|(_, x)| !x.is_finite()) {
        Some((index, x)) => {
            let index = ndarray::Dimension::slice(&index);
            Err(Error::input(format!("tensor {name} is {x} at {index:?}: all numbers of a model must be finite")))
        }
        None => Ok(()),
    }
}
