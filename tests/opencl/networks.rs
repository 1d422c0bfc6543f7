//! Networks that live on the device.

use super::*;
use network3::data::{Batches, Dataset, Distortion, Splits, TrainingSet, digits};
use network3::opencl::DeviceNetwork;
use network3::train::{HyperParameters, Trainer, evaluate};
use network3::{Cost, Habits, LastBatch, Learner, Network, Order, Spec, State, Step, model_file};

/// Every layer that there is.
pub fn layers() -> Vec<Spec> {
    let branch = |n: usize| vec![Spec::conv(n, (3, 3), Activation::Relu).padded(Padding::all(1))];
    let aside = vec![Spec::fully_connected(9, Activation::Tanh), Spec::softmax(10).with_dropout(0.2)];
    vec![
        Spec::conv_pool(6, (5, 5), (2, 2), Activation::Relu),
        Spec::Normalise { size: 3, k: 2.0, alpha: 0.1, beta: 0.75 },
        Spec::BatchNorm,
        Spec::Branches { rows: vec![branch(4), vec![Spec::conv(3, (1, 1), Activation::Tanh), branch(2).remove(0)]] },
        Spec::SideClassifier { weight: 0.3, layers: aside },
        Spec::conv(8, (3, 3), Activation::Relu).every(2, 2).grouped(2),
        Spec::pool(Pooling::Max, (2, 2)),
        Spec::fully_connected(30, Activation::Sigmoid).with_dropout(0.3),
        Spec::BatchNorm,
        Spec::softmax(10).with_dropout(0.5),
    ]
}

fn two_conv() -> Vec<Spec> {
    let conv = |filters| Spec::conv_pool(filters, (5, 5), (2, 2), Activation::Relu);
    vec![conv(20), conv(40), Spec::fully_connected(100, Activation::Relu), Spec::softmax(10)]
}

pub fn network(splits: &Splits, layers: &[Spec], habits: Habits) -> Network<f32> {
    Network::new(splits.training.shape(), layers).unwrap().with_habits(habits).with_seed(3)
}

/// Steps over the first mini-batches of a set: each one's cost, and the state at the end.
fn train(learner: &mut dyn Learner, set: TrainingSet, n: usize, momentum: f64) -> (Vec<f64>, State) {
    let mut batches = Batches::new(set, 10, Order::Shuffled, LastBatch::Used, 1).unwrap();
    let mut costs = vec![];
    while let (Some(examples), true) = (batches.next_batch(), costs.len() < n) {
        let step = Step { eta: 0.03, decay: 0.001, momentum, iteration: costs.len() as u64 };
        learner.train(&examples, &step).unwrap();
        costs.push(learner.mean_cost().unwrap());
    }
    (costs, learner.state())
}

#[track_caller]
fn near(what: &str, (costs, state): &(Vec<f64>, State), (want_costs, want): &(Vec<f64>, State)) {
    for (k, (got, want)) in costs.iter().zip(want_costs).enumerate() {
        assert!((got - want).abs() < 1e-3 * want, "{what}, step {k}: cost {got}, on the host {want}");
    }
    for ((name, got), (want_name, want)) in state.iter().zip(want) {
        assert_eq!((name, got.shape()), (want_name, want.shape()));
        for (k, (got, want)) in got.iter().zip(want).enumerate() {
            assert!((got - want).abs() < 1e-3, "{what}, {name}[{k}]: {got}, on the host {want}");
        }
    }
}

#[test]
fn a_network_of_all_layers_follows_the_host() {
    let Some(device) = device() else { return };
    let splits = digits(100, 20, 20, 1).unwrap();
    for (habits, momentum) in [(Habits::faithful(), 0.0), (Habits::corrected(), 0.9)] {
        let set = TrainingSet::expanded(&splits.training);
        let want = train(&mut network(&splits, &layers(), habits), set, 6, momentum);
        for kernels in [Kernels::Plain, Kernels::best(device.description())] {
            let network = network(&splits, &layers(), habits);
            let mut network = DeviceNetwork::with_kernels(network, &device, kernels).unwrap();
            near(&format!("{kernels:?}"), &train(&mut network, set, 6, momentum), &want);
        }
    }
}

#[test]
fn distorted_images_are_those_of_the_host() {
    let Some(device) = device() else { return };
    let splits = digits(60, 20, 20, 1).unwrap();
    let distortion = Distortion { alpha: 34.0, sigma: 4.0, rotation: 15.0, ..Distortion::NONE };
    let set = TrainingSet::distorted(&splits.training, distortion).unwrap();
    let want = train(&mut network(&splits, &two_conv(), Habits::corrected()), set, 6, 0.9);
    let on_device = network(&splits, &two_conv(), Habits::corrected());
    near("distorted", &train(&mut DeviceNetwork::new(on_device, &device).unwrap(), set, 6, 0.9), &want);
}

#[test]
fn the_quadratic_cost() {
    let Some(device) = device() else { return };
    let splits = digits(100, 20, 20, 1).unwrap();
    let layers = [Spec::fully_connected(20, Activation::Sigmoid), Spec::fully_connected(10, Activation::Sigmoid)];
    let network = || Network::for_cost(splits.training.shape(), &layers, Cost::Quadratic).unwrap();
    let set = TrainingSet::plain(&splits.training);
    let want = train(&mut network(), set, 8, 0.0);
    near("quadratic", &train(&mut DeviceNetwork::new(network(), &device).unwrap(), set, 8, 0.0), &want);
}

/// Schedules, stopping and histories are the trainer's; and a model goes from the device to the host and back.
#[test]
fn a_run_on_the_device() {
    let Some(device) = device() else { return };
    let splits = digits(600, 100, 100, 1).unwrap();
    let layers = [Spec::conv_pool(8, (5, 5), (2, 2), Activation::Relu), Spec::softmax(10)];
    let run = |learner: &mut dyn Learner| {
        let mut trainer = Trainer::new(&splits, HyperParameters::new(0.1).with_epochs(2).with_lambda(0.1)).unwrap();
        while !trainer.is_over() {
            trainer.epoch(learner, &mut |_| {}).unwrap();
        }
        trainer.history().to_vec()
    };
    let on_host = run(&mut network(&splits, &layers, Habits::corrected()));
    let mut on_device = DeviceNetwork::new(network(&splits, &layers, Habits::corrected()), &device).unwrap();
    for (got, want) in run(&mut on_device).iter().zip(&on_host) {
        assert!((got.train_cost - want.train_cost).abs() < 1e-3 * want.train_cost, "{got:?}, on the host {want:?}");
        assert!((got.test_accuracy - want.test_accuracy).abs() < 0.03, "{got:?}, on the host {want:?}");
        for (got, want) in got.norms.iter().zip(&want.norms) {
            assert_eq!(got.layer, want.layer);
            assert!((got.gradient - want.gradient).abs() < 1e-2 * want.gradient, "{got:?}, on the host {want:?}");
        }
    }
    let there = evaluate(&mut on_device, &splits.test, 100).unwrap();
    let bytes = model_file::to_bytes(on_device.host().unwrap()).unwrap();
    let mut here = model_file::from_bytes(&bytes).unwrap();
    assert_eq!(evaluate(&mut here, &splits.test, 100).unwrap().classes, there.classes);
    let mut again = DeviceNetwork::new(here, &device).unwrap();
    assert_eq!(evaluate(&mut again, &splits.test, 100).unwrap().classes, there.classes);
}

/// Same seed, same bits; also when a run is killed, and resumed by another learner.
#[test]
fn same_seed_same_bits() {
    let Some(device) = device() else { return };
    let splits = digits(205, 50, 50, 1).unwrap();
    let layers = [
        Spec::conv_pool(8, (5, 5), (2, 2), Activation::Relu),
        Spec::fully_connected(20, Activation::Relu).with_dropout(0.5),
        Spec::softmax(10),
    ];
    let new = || DeviceNetwork::new(network(&splits, &layers, Habits::corrected()), &device).unwrap();
    let hyper_parameters = HyperParameters::new(0.05).with_epochs(3).with_momentum(0.5);
    let run = |killed_after: Option<usize>| {
        let trainer = || Trainer::new(&splits, hyper_parameters.clone()).unwrap();
        let (mut trainer, mut learner) = (trainer(), new());
        while !trainer.is_over() {
            trainer.epoch(&mut learner, &mut |_| {}).unwrap();
            if killed_after == Some(trainer.history().len()) {
                let checkpoint = trainer.checkpoint(&learner, Default::default());
                (trainer, learner) = (Trainer::new(&splits, hyper_parameters.clone()).unwrap(), new());
                trainer.resume(checkpoint, &mut learner).unwrap();
            }
        }
        (trainer.history().to_vec(), learner.state())
    };
    let one = run(None);
    assert_eq!(run(None), one);
    assert_eq!(run(Some(1)), one);
    assert_eq!(run(Some(2)), one);
}

/// The first hundred mini-batches of the chapter's main network, on MNIST where it is to be had.
#[test]
fn two_conv_relu_follows_the_host() {
    let Some(device) = device() else { return };
    let Some(folder) = network3::data::mnist::find().unwrap() else {
        println!("skipped: no MNIST");
        return;
    };
    let splits = network3::data::mnist::load_dir(&folder).unwrap();
    let set = TrainingSet::plain(&splits.training);
    let (want, _) = train(&mut network(&splits, &two_conv(), Habits::corrected()), set, 100, 0.0);
    let mut learner = DeviceNetwork::new(network(&splits, &two_conv(), Habits::corrected()), &device).unwrap();
    let (got, _) = train(&mut learner, set, 100, 0.0);
    for (k, (got, want)) in got.iter().zip(&want).enumerate() {
        assert!((got - want).abs() < 1e-3 * want.max(1.0), "mini-batch {k}: cost {got}, on the host {want}");
    }
}

/// Trained on the device, asked here: the same answers to all test images, but for rounding.
#[test]
fn ten_thousand_answers() {
    let Some(device) = device() else { return };
    let Some(folder) = network3::data::mnist::find().unwrap() else {
        println!("skipped: no MNIST");
        return;
    };
    let splits = network3::data::mnist::load_dir(&folder).unwrap();
    let mut learner = DeviceNetwork::new(network(&splits, &two_conv(), Habits::corrected()), &device).unwrap();
    train(&mut learner, TrainingSet::plain(&splits.training), 300, 0.0);
    let there = evaluate(&mut learner, &splits.test, 10_000).unwrap();
    let here = evaluate(&mut learner.into_host().unwrap(), &splits.test, 10_000).unwrap();
    let differ = there.classes.iter().zip(&here.classes).filter(|(there, here)| there != here).count();
    println!("{differ} of {} answers differ", here.classes.len());
    assert!(there.accuracy > 0.8 && differ <= 5, "{differ} differ; accuracy {}", there.accuracy);
}

/// A data set that is gone makes room for another, and is not mistaken for it.
#[test]
fn data_sets_come_and_go() {
    let Some(device) = device() else { return };
    let network = Network::new(Shape::image(1, 1, 2), &[Spec::softmax(2)]).unwrap();
    let mut learner = DeviceNetwork::new(network, &device).unwrap();
    learner.restore(&vec![("0.w".into(), ndarray::arr2(&[[9.0, -9.0], [-9.0, 9.0]]).into_dyn())]).unwrap();
    for k in 0..20u8 {
        let pixels = if k % 2 == 0 { vec![255, 0] } else { vec![0, 255] };
        let images = Dataset::new(Shape::image(1, 1, 2), 2, pixels, vec![u16::from(k % 2)]).unwrap();
        assert_eq!(evaluate(&mut learner, &images, 1).unwrap().accuracy, 1.0, "{k}");
    }
}
