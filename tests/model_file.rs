//! Model files: what goes in comes out, and whatever else comes in is refused with one sentence.
#![cfg(feature = "files")]

use network3::{
    Activation, Cost, Habits, Learner, Network, Padding, Pass, Pooling, Shape, Spec, Step, Ties, model_file,
};
use quickcheck::QuickCheck;
use serde_json::{Value, json};

/// A small network with a layer of every kind.
fn network() -> Network<f32> {
    let layers = [
        Spec::conv_pool(3, (3, 3), (2, 2), Activation::Relu),
        Spec::conv(2, (2, 2), Activation::Tanh),
        Spec::pool(Pooling::L2, (2, 2)).every(1, 1),
        Spec::fully_connected(5, Activation::Sigmoid).with_dropout(0.25),
        Spec::softmax(4).with_dropout(0.5),
    ];
    let habits = Habits { ties: Ties::First, ..Habits::faithful() };
    let mut network = Network::new(Shape::image(2, 10, 9), &layers).unwrap().with_habits(habits).with_seed(7);
    let last = network.layers_mut()[4].parameters_mut().unwrap();
    last.w.iter_mut().enumerate().for_each(|(k, w)| *w = (k as f32).sin());
    network
}

/// A model file taken apart: its header, and its numbers.
fn parts(bytes: &[u8]) -> (Value, Vec<u8>) {
    let n = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (serde_json::from_slice(&bytes[8..8 + n]).unwrap(), bytes[8 + n..].to_vec())
}

/// And put together again.
fn whole((header, data): (Value, Vec<u8>)) -> Vec<u8> {
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()
}

/// The message that these bytes are refused with.
fn refused(bytes: &[u8]) -> String {
    let e = model_file::from_bytes(bytes).err().expect("refused");
    assert!(!e.to_string().contains('\n'), "{e}");
    e.to_string()
}

/// The message after a change to the header.
fn with_header(change: impl FnOnce(&mut Value)) -> String {
    let mut parts = parts(&model_file::to_bytes(&network()).unwrap());
    change(&mut parts.0);
    refused(&whole(parts))
}

/// The message after a change to the description of the network.
fn with_network(change: impl FnOnce(&mut Value)) -> String {
    with_header(|header| {
        let text = &mut header["__metadata__"]["network3"];
        let mut description: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
        change(&mut description);
        *text = description.to_string().into();
    })
}

#[test]
fn a_network_comes_back_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/model.safetensors");
    let mut network = network();
    model_file::save(&network, &path).unwrap();
    let mut back = model_file::load(&path).unwrap();
    assert_eq!(back.specs(), network.specs());
    assert_eq!(back.input(), network.input());
    assert_eq!(back.habits(), network.habits());
    let bits = |n: &Network<f32>| -> Vec<_> {
        n.state()
            .into_iter()
            .map(|(name, a)| (name, a.shape().to_vec(), a.mapv(f32::to_bits).into_raw_vec_and_offset().0))
            .collect()
    };
    assert_eq!(bits(&back), bits(&network));
    let x: Vec<f32> = (0..3 * 180).map(|k| (k as f32).cos()).collect();
    assert_eq!(back.forward(&x, Pass::Evaluate), network.forward(&x, Pass::Evaluate));
    // The same network makes the same bytes, and nothing is left beside the file.
    assert_eq!(model_file::to_bytes(&back).unwrap(), std::fs::read(&path).unwrap());
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

/// Layers within layers have their places in a tensor's name.
#[test]
fn branches_and_another_cost_come_back_too() {
    let conv = |n, side| Spec::conv(n, (side, side), Activation::Relu).padded(Padding::all(side / 2));
    let side = vec![Spec::fully_connected(3, Activation::Tanh), Spec::softmax(2)];
    let layers = [
        conv(4, 3).grouped(2),
        Spec::Normalise { size: 3, k: 2.0, alpha: 1e-4, beta: 0.75 },
        Spec::Branches { rows: vec![vec![conv(2, 1)], vec![conv(1, 1), conv(3, 3)]] },
        Spec::SideClassifier { weight: 0.3, layers: side },
        Spec::fully_connected(2, Activation::Linear),
    ];
    let network = Network::for_cost(Shape::image(2, 4, 4), &layers, Cost::Quadratic).unwrap();
    let bytes = model_file::to_bytes(&network).unwrap();
    let names: Vec<_> = parts(&bytes).0.as_object().unwrap().keys().cloned().collect();
    let expected = ["0", "2.0.0", "2.1.0", "2.1.1", "3.0", "3.1", "4"];
    let expected: Vec<_> = expected.iter().flat_map(|path| [format!("{path}.b"), format!("{path}.w")]).collect();
    assert_eq!(names[..names.len() - 1], expected[..]);
    let back = model_file::from_bytes(&bytes).unwrap();
    assert_eq!((back.state(), back.trained_for(), back.specs()), (network.state(), Cost::Quadratic, &layers[..]));
    let message = with_network(|network| network["layers"][4]["layer"] = json!("other"));
    assert!(message.contains("unknown variant"), "{message}");
}

#[test]
fn running_moments_come_back_too() {
    let layers = [Spec::conv(4, (3, 3), Activation::Relu), Spec::BatchNorm, Spec::softmax(2)];
    let mut network = Network::new(Shape::image(2, 4, 4), &layers).unwrap();
    let x: Vec<f32> = (0..3 * 32).map(|k| (k as f32).sin()).collect();
    network.step(&x, &[0, 1, 1], &Step { eta: 0.1, decay: 0.0, momentum: 0.0, iteration: 0 });
    let bytes = model_file::to_bytes(&network).unwrap();
    let names: Vec<_> = parts(&bytes).0.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names[..8], ["0.b", "0.w", "1.b", "1.mean", "1.variance", "1.w", "2.b", "2.w"]);
    let mut back = model_file::from_bytes(&bytes).unwrap();
    assert_eq!((back.state(), back.specs()), (network.state(), &layers[..]));
    assert_eq!(back.forward(&x, Pass::Evaluate), network.forward(&x, Pass::Evaluate));
    let mut parts = parts(&bytes);
    let mean = parts.0.as_object_mut().unwrap().remove("1.mean").unwrap();
    parts.0["1.meen"] = mean;
    let message = refused(&whole(parts));
    assert!(message.contains("there is no tensor 1.mean, which layer 2 needs"), "{message}");
}

#[test]
fn other_programs_find_their_way() {
    let (header, data) = parts(&model_file::to_bytes(&network()).unwrap());
    assert_eq!(header["0.w"]["shape"], json!([3, 3, 3, 2]));
    assert_eq!(header["0.w"]["dtype"], "F32");
    assert_eq!(header["3.w"]["shape"], json!([4, 5]));
    let names: Vec<_> = header.as_object().unwrap().keys().collect();
    assert_eq!(names, ["0.b", "0.w", "1.b", "1.w", "3.b", "3.w", "4.b", "4.w", "__metadata__"]);
    let at = header["4.w"]["data_offsets"][0].as_u64().unwrap() as usize + 4;
    assert_eq!(data[at..at + 4], 1f32.sin().to_le_bytes());
    let description: Value = serde_json::from_str(header["__metadata__"]["network3"].as_str().unwrap()).unwrap();
    assert_eq!(description["version"], 1);
    assert_eq!(
        description["layers"][3],
        json!({
            "layer": "fully-connected", "neurons": 5, "activation": "sigmoid", "dropout": 0.25
        })
    );
}

/// The whole header, bit by bit, and the numbers here and there.
#[test]
fn one_flipped_bit_is_noticed() {
    let bytes = model_file::to_bytes(&network()).unwrap();
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for at in (0..header).chain((header..bytes.len()).step_by(5)) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        refused(&damaged);
    }
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&damaged), "its checksum is wrong: the file is damaged, or somebody has changed it");
    // Files from before there were checksums are as good as they always were.
    let (mut header, data) = parts(&bytes);
    let text = &mut header["__metadata__"]["network3"];
    let mut description: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
    assert!(description.as_object_mut().unwrap().remove("sha256").is_some());
    *text = description.to_string().into();
    let older = model_file::from_bytes(&whole((header, data))).unwrap();
    assert_eq!(older.state(), network().state());
}

#[test]
fn velocities_stay_at_home() {
    let mut network = network();
    let step = Step { eta: 0.1, decay: 0.0, momentum: 0.9, iteration: 0 };
    network.step(&[0.5; 180], &[1], &step);
    assert!(network.state().iter().any(|(name, _)| name.contains("velocity")));
    let back = model_file::from_bytes(&model_file::to_bytes(&network).unwrap()).unwrap();
    assert_eq!(back.parameter_count(), network.parameter_count());
}

#[test]
fn what_is_not_a_network_is_refused_in_one_sentence() {
    let bytes = model_file::to_bytes(&network()).unwrap();
    for end in (0..bytes.len()).step_by(7).chain(bytes.len() - 4..bytes.len()) {
        assert!(refused(&bytes[..end]).starts_with("not a safetensors file, or a damaged one"), "{end}");
    }
    assert!(refused(&[&bytes[..], &[0]].concat()).starts_with("not a safetensors file"));
    for lie in [u64::MAX, u64::MAX - 7, 99_999_999, 0, bytes.len() as u64] {
        assert!(refused(&[&lie.to_le_bytes(), &bytes[8..]].concat()).starts_with("not a safetensors file"));
    }
    let plain = safetensors::serialize(Vec::<(String, safetensors::tensor::TensorView)>::new(), None).unwrap();
    assert_eq!(refused(&plain), "a safetensors file without a network: its metadata has no \"network3\"");
}

#[test]
fn tensors_are_those_of_the_layers() {
    let renamed = |from: &'static str, to: &'static str| {
        with_header(move |h| {
            let info = h[from].take();
            h.as_object_mut().unwrap().remove(from);
            h[to] = info;
        })
    };
    assert_eq!(renamed("3.b", "3.bias"), "there is no tensor 3.b, which layer 4 needs");
    let extra = with_header(|h| h["2.w"] = json!({"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}));
    assert_eq!(extra, "there is a tensor \"2.w\", which belongs to no layer");
    let wrong_shape = with_header(|h| h["3.w"]["shape"] = json!([5, 4]));
    assert_eq!(wrong_shape, "tensor 3.w: expected F32 [4, 5], got F32 [5, 4]");
    let wrong_type = with_header(|h| h["3.w"]["dtype"] = "I32".into());
    assert_eq!(wrong_type, "tensor 3.w: expected F32 [4, 5], got I32 [4, 5]");
    assert!(with_header(|h| h["3.w"]["shape"] = json!([4, 6])).starts_with("not a safetensors file"));
}

#[test]
fn numbers_are_finite() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let (header, mut data) = parts(&model_file::to_bytes(&network()).unwrap());
        let at = header["4.b"]["data_offsets"][0].as_u64().unwrap() as usize + 8;
        data[at..at + 4].copy_from_slice(&bad.to_le_bytes());
        let expected = format!("tensor 4.b is {bad} at [2]: all numbers of a model must be finite");
        assert_eq!(refused(&whole((header, data))), expected);
        // And nobody writes what nobody could read.
        let mut network = network();
        network.layers_mut()[4].parameters_mut().unwrap().b[2] = bad;
        assert_eq!(model_file::to_bytes(&network).unwrap_err().to_string(), expected);
    }
}

#[test]
fn descriptions_must_describe_a_network_of_this_size() {
    assert!(with_network(|d| d["version"] = 2.into()).contains("expected version 1, got 2"));
    assert!(with_network(|d| d["colour"] = "red".into()).contains("unknown field `colour`"));
    assert!(with_network(|d| d["layers"][0]["layer"] = "attention".into()).contains("unknown variant `attention`"));
    assert!(with_network(|d| d["layers"][0]["filters"] = json!(-1)).contains("makes no sense"));
    assert!(with_network(|d| *d = json!([1, 2])).contains("makes no sense"));
    assert!(with_network(|d| d["layers"] = json!([])).contains("at least a softmax layer"));
    assert!(with_network(|d| d["layers"][0]["kernel"] = json!([30, 3])).contains("layer 1"));
    assert!(with_network(|d| d["layers"][3]["dropout"] = json!(1.5)).contains("dropout is a probability"));
    assert!(with_network(|d| d["layers"][3]["neurons"] = json!(6)).contains("tensor 3.w: expected F32 [4, 6]"));
    // Sizes that no memory could hold are found out by arithmetic.
    for huge in [u64::MAX, u64::MAX / 2, 1 << 40] {
        let e = with_network(|d| d["layers"][3]["neurons"] = json!(huge));
        assert!(e.contains("tensor 3.w: expected") || e.contains("too large"), "{e}");
        with_network(|d| d["layers"][0]["filters"] = json!(huge));
        with_network(|d| d["input"] = json!({"Image": {"maps": huge, "height": huge, "width": huge}}));
        with_network(|d| d["layers"][0]["stride"] = json!([huge, huge]));
        with_network(|d| d["layers"][2]["window"] = json!([huge, huge]));
    }
    assert!(with_network(|d| d["input"] = json!({"Flat": 0})).contains("at least one unit"));
}

#[test]
fn offsets_must_lie_in_the_file() {
    for offsets in [json!([0, u64::MAX]), json!([u64::MAX, 4]), json!([80, 40]), json!([1, 81]), json!([-1, 79])] {
        assert!(with_header(|h| h["3.w"]["data_offsets"] = offsets).starts_with("not a safetensors file"));
    }
    let vast = json!({"dtype": "U8", "shape": [1u64 << 60], "data_offsets": [0, 1u64 << 60]});
    assert!(with_header(|h| h["3.w"] = vast).starts_with("not a safetensors file"));
}

#[test]
fn files_are_named_and_unwritable_ones_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none.safetensors");
    let e = model_file::load(&missing).err().unwrap();
    assert!(e.is_io() && e.to_string().contains("none.safetensors"), "{e}");
    let broken = folder.path().join("broken.safetensors");
    std::fs::write(&broken, b"not a model").unwrap();
    let e = model_file::load(&broken).err().unwrap();
    assert!(e.is_input() && e.to_string().contains("broken.safetensors: not a safetensors file"), "{e}");
    // A file stands where a folder is needed.
    let e = model_file::save(&network(), broken.join("model.safetensors")).unwrap_err();
    assert!(e.is_io() && e.to_string().contains("broken.safetensors"), "{e}");
    assert_eq!(std::fs::read(&broken).unwrap(), b"not a model");
    // What cannot be saved does not harm what was there.
    let mut diverged = network();
    diverged.layers_mut()[0].parameters_mut().unwrap().b[0] = f32::NAN;
    let e = model_file::save(&diverged, &broken).unwrap_err();
    assert!(e.to_string().contains("broken.safetensors: tensor 0.b is NaN"), "{e}");
    assert_eq!(std::fs::read(&broken).unwrap(), b"not a model");
}

// A few thousand files of a few kilobytes each are read in a second.

#[test]
fn random_bytes_never_panic() {
    fn property(bytes: Vec<u8>) -> bool {
        let header = [&(bytes.len() as u64).to_le_bytes(), &bytes[..]].concat();
        model_file::from_bytes(&bytes).is_err() && model_file::from_bytes(&header).is_err()
    }
    QuickCheck::new().tests(2000).quickcheck(property as fn(Vec<u8>) -> bool);
}

#[test]
fn random_damage_never_panics_and_leaves_a_network_or_a_sentence() {
    fn property(changes: Vec<(usize, u8)>, cut: Option<u16>) -> bool {
        let mut bytes = model_file::to_bytes(&network()).unwrap();
        let n = bytes.len();
        // Half of the changes go to the header, where they do most.
        for (k, (at, byte)) in changes.into_iter().enumerate() {
            bytes[at % if k % 2 == 0 { 1400 } else { n }] = byte;
        }
        bytes.truncate(n - cut.map_or(0, usize::from) % n);
        match model_file::from_bytes(&bytes) {
            Ok(mut network) => {
                let x = vec![0.5; network.input().len()];
                x.len() > 10_000 || network.forward(&x, Pass::Evaluate).iter().all(|p| !p.is_infinite())
            }
            Err(e) => !e.to_string().is_empty(),
        }
    }
    QuickCheck::new().tests(2000).quickcheck(property as fn(Vec<(usize, u8)>, Option<u16>) -> bool);
}

/// Damage that is still JSON: digits of the header become other digits.
#[test]
fn lying_digits_never_panic() {
    fn property(at: usize, digit: u8) -> bool {
        let mut bytes = model_file::to_bytes(&network()).unwrap();
        let n = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let digits: Vec<usize> = (8..8 + n).filter(|&k| bytes[k].is_ascii_digit()).collect();
        bytes[digits[at % digits.len()]] = b'0' + digit % 10;
        model_file::from_bytes(&bytes).map_or(true, |mut network| {
            let x = vec![0.5; network.input().len()];
            network.forward(&x, Pass::Evaluate).iter().all(|p| p.is_finite())
        })
    }
    QuickCheck::new().tests(2000).quickcheck(property as fn(usize, u8) -> bool);
}
