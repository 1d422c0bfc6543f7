//! Checkpoints: a run goes on from one as if it had never stopped, and nothing that is damaged is taken for one.
#![cfg(feature = "files")]

mod common;

use common::{Regression, hyper_parameters, small, trainer};
use network3::{
    Activation, Habits, Learner, Network, Shape, Spec, State,
    data::Splits,
    train::{Checkpoint, Epoch, HyperParameters, Stopping, Trainer, check_history, differences},
};
use serde_json::{Map, Value};

#[test]
fn killed_and_resumed_is_the_same_to_the_bit() {
    let splits = small();
    let identity = |seed: u64| serde_json::json!({ "seed": seed }).as_object().unwrap().clone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs/test.safetensors");

    let (mut straight, mut learner) = (trainer(&splits, hyper_parameters(6)), Regression::new(784));
    while !straight.is_over() {
        straight.epoch(&mut learner, &mut |_| {}).unwrap();
    }

    // One epoch at a time, each in a new "process" that knows nothing but the file.
    for epoch in 0..6 {
        let mut learner = Regression::new(784);
        let mut trainer = trainer(&splits, hyper_parameters(epoch + 1));
        if epoch > 0 {
            let checkpoint = Checkpoint::load(&path).unwrap();
            assert_eq!(differences(&checkpoint.identity, &identity(7)), [""; 0]);
            trainer.resume(checkpoint, &mut learner).unwrap();
        }
        assert!(!trainer.is_over(), "a finished run resumed with more epochs goes on");
        trainer.epoch(&mut learner, &mut |_| {}).unwrap();
        assert!(trainer.is_over());
        trainer.checkpoint(&learner, identity(7)).save(&path).unwrap();
    }

    let checkpoint = Checkpoint::load(&path).unwrap();
    assert_eq!(checkpoint.history, straight.history());
    let bits = |state: &State| -> Vec<u32> { state.iter().flat_map(|(_, t)| t.iter().map(|x| x.to_bits())).collect() };
    assert_eq!(bits(&checkpoint.now), bits(&learner.state()));
    assert_eq!(bits(&checkpoint.best), bits(straight.best_state()));
    assert_ne!(bits(&checkpoint.now), bits(&Regression::new(784).state()));

    assert_eq!(differences(&checkpoint.identity, &identity(8)), ["seed is 7 there and 8 here"]);
}

#[test]
fn damaged_checkpoints() {
    let splits = small();
    let (mut trainer, mut learner) = (trainer(&splits, hyper_parameters(1)), Regression::new(784));
    trainer.epoch(&mut learner, &mut |_| {}).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.safetensors");
    trainer.checkpoint(&learner, Default::default()).save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 4, 8, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let e = Checkpoint::load(&path).unwrap_err();
        assert!(e.is_input() && e.to_string().contains("c.safetensors"), "{length} bytes: {e}");
    }
    assert!(Checkpoint::load(folder.path().join("none")).unwrap_err().is_io());
    let e = trainer.checkpoint(&learner, Default::default()).save("/dev/null/runs/c.safetensors").unwrap_err();
    assert!(e.is_io() && e.to_string().contains("/dev/null/runs/c.safetensors"), "{e}");
}

/// A run of a small network, stopped after its first epoch.
fn stopped(splits: &Splits, momentum: f64) -> (Checkpoint, Network<f32>) {
    let mut network = network();
    let hyper = HyperParameters::new(0.1).with_momentum(momentum);
    let mut trainer = Trainer::new(splits, hyper).unwrap();
    trainer.epoch(&mut network, &mut |_| {}).unwrap();
    (trainer.checkpoint(&network, Map::from_iter([("seed".to_string(), 1.into())])), network)
}

fn network() -> Network<f32> {
    let layers = [Spec::conv_pool(3, (9, 9), (4, 4), Activation::Relu), Spec::softmax(10)];
    Network::new(Shape::image(1, 28, 28), &layers).unwrap().with_habits(Habits::corrected())
}

/// The whole file, bit by bit where there is something to read, and here and there among the numbers.
#[test]
fn one_flipped_bit_is_noticed_wherever_it_is() {
    let bytes = stopped(&small(), 0.5).0.to_bytes().unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize + 8;
    let places = (0..header).chain((header..bytes.len()).step_by(17));
    for at in places {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(Checkpoint::from_bytes(&damaged).is_err(), "byte {at} of {header} in the header");
    }
    let back = Checkpoint::from_bytes(&bytes).unwrap();
    assert_eq!(back.to_bytes().unwrap(), bytes, "the same run makes the same bytes");
}

#[test]
fn a_file_without_a_checksum_is_refused() {
    let bytes = stopped(&small(), 0.0).0.to_bytes().unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut parsed: Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    let entry = &mut parsed["__metadata__"]["network3-checkpoint"];
    *entry = entry.as_str().unwrap()[65..].into();
    let json = parsed.to_string();
    let older = [&(json.len() as u64).to_le_bytes(), json.as_bytes(), &bytes[8 + header..]].concat();
    let e = Checkpoint::from_bytes(&older).unwrap_err();
    assert_eq!(e.to_string(), "it has no checksum: an earlier version of this program wrote it");
}

/// What the checksum is right about, and no run can have left.
#[test]
fn impossible_numbers_are_refused() {
    let refused = |change: &dyn Fn(&mut Checkpoint), why: &str| {
        let mut checkpoint = stopped(&small(), 0.0).0;
        change(&mut checkpoint);
        let e = Checkpoint::from_bytes(&checkpoint.to_bytes().unwrap()).unwrap_err();
        assert!(e.is_input() && e.to_string().contains(why), "{e}, not {why}");
    };
    let epoch = |change: fn(&mut Epoch)| move |checkpoint: &mut Checkpoint| change(&mut checkpoint.history[0]);
    refused(&|c| c.history.clear(), "there is no epoch");
    refused(&|c| c.history.push(c.history[0].clone()), "epochs are missing, or not in order: 0 stands for 1");
    refused(&epoch(|e| e.epoch = 1), "1 stands for 0");
    refused(&epoch(|e| e.validation_accuracy = -1e308), "epoch 0: the validation accuracy is -1e308");
    refused(&epoch(|e| e.test_accuracy = 1.01), "the test accuracy is 1.01");
    refused(&epoch(|e| e.train_accuracy = -0.1), "the training accuracy is -0.1");
    refused(&epoch(|e| e.train_cost = -1.0), "the training cost is -1");
    refused(&epoch(|e| e.test_cost = 1e300), "the test cost is 1e300");
    refused(&epoch(|e| e.eta = 0.0), "the learning rate is 0");
    refused(&epoch(|e| e.images_per_second = Some(-5.0)), "images a second is -5");
    refused(&epoch(|e| e.norms[0].weights = -2.0), "a norm is -2");
    refused(&epoch(|e| e.validation_cost = f64::NAN), "invalid type: null"); // JSON has no NaN
    refused(&|c| c.now[0].1.fill(f32::NAN), "tensor now/0.w holds NaN");
    refused(&|c| c.best[1].1.fill(f32::INFINITY), "tensor best/0.b holds inf");
    refused(&|c| (c.now, c.best) = (vec![], vec![]), "it has 0 tensors");
    refused(&|c| c.best.truncate(2), "it has 6 tensors, and names 4");
    refused(&|c| c.best[0].0 = "other".into(), "best/0.w");
    assert!(check_history(&stopped(&small(), 0.0).0.history).is_ok());
}

#[test]
fn every_tensor_of_the_network_must_be_there() {
    let splits = small();
    let (checkpoint, trained) = stopped(&splits, 0.5);
    let resume = |change: &dyn Fn(&mut Checkpoint)| {
        let mut changed = checkpoint.clone();
        change(&mut changed);
        let mut again = network();
        let mut trainer = Trainer::new(&splits, HyperParameters::new(0.1).with_momentum(0.5)).unwrap();
        trainer.resume(changed, &mut again).map(|()| again.state()).map_err(|e| e.to_string())
    };
    assert_eq!(resume(&|_| {}).unwrap(), trained.state());
    for name in ["0.w", "0.b", "1.w", "1.b"] {
        let e = resume(&|c| c.now.retain(|(there, _)| there != name)).unwrap_err();
        assert!(e.contains(&format!("tensor {name} of the checkpoint")) && e.contains("got none"), "{e}");
        let e = resume(&|c| c.best.retain(|(there, _)| there != name)).unwrap_err();
        assert!(e.contains(&format!("tensor {name} of the checkpoint")), "{e}");
    }
    for name in ["0.velocity.w", "1.velocity.b"] {
        let e = resume(&|c| c.now.retain(|(there, _)| there != name)).unwrap_err();
        assert!(e.contains(name), "{e}");
    }
    let e = resume(&|c| (c.now[0].1, c.best[0].1) = (c.now[1].1.clone(), c.best[1].1.clone())).unwrap_err();
    assert!(e.contains("tensor 0.w of the checkpoint: expected [3, 9, 9, 1], got [3]"), "{e}");
    let e = resume(&|c| c.now.push(("7.w".into(), c.now[0].1.clone()))).unwrap_err();
    assert!(e.contains("no tensor \"7.w\""), "{e}");
}

/// Six epochs cannot be what a run came to that stops after two, nor, without improvement, what one came to that had
/// lost its patience before.
#[test]
fn a_run_that_would_have_ended_earlier_is_refused() {
    let splits = small();
    let (checkpoint, _) = stopped(&splits, 0.0);
    let mut longer = checkpoint.clone();
    longer.history = (0..6).map(|epoch| Epoch { epoch, ..checkpoint.history[0].clone() }).collect();
    let resume = |stopping| {
        let hyper = HyperParameters { stopping, ..HyperParameters::new(0.1) };
        let resumed = Trainer::new(&splits, hyper).unwrap().resume(longer.clone(), &mut network());
        resumed.map_err(|e| e.to_string())
    };
    let e = resume(Stopping::Epochs(2)).unwrap_err();
    assert_eq!(e, "6 epochs are done already, and a run that stops after 2 epochs would have ended with 2");
    let e = resume(Stopping::NoImprovement { patience: 3, at_most: 60 }).unwrap_err();
    assert!(e.contains("would have ended with 4"), "{e}");
    assert_eq!(resume(Stopping::Epochs(6)), Ok(()));
    assert_eq!(resume(Stopping::NoImprovement { patience: 5, at_most: 60 }), Ok(()));
}
