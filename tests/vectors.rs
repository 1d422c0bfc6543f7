//! Which vectors compute a network changes how long it takes; of those with a fused multiply-add, none changes a bit.

use network3::cpu::simd::Level;
use network3::data::digits;
use network3::ops::Fast;
use network3::train::{HyperParameters, Trainer};
use network3::{Activation, Cost, Learner, Network, Shape, Spec, State, Step, Threads};
use std::sync::Arc;

/// A network after an epoch on these vectors.
fn trained(level: Level, layers: &[Spec], seed: u64) -> State {
    let splits = digits(120, 10, 10, seed).unwrap();
    let backend = Fast::with_level(Arc::new(Threads::new(2).unwrap()), level);
    let network = Network::new(splits.training.shape(), layers).unwrap().with_seed(seed);
    let mut network = network.with_backend(backend);
    let hyper_parameters = HyperParameters::new(0.1).with_epochs(1).with_mini_batch_size(10);
    let mut trainer = Trainer::new(&splits, hyper_parameters).unwrap();
    trainer.epoch(&mut network, &mut |_| {}).unwrap();
    network.state()
}

#[test]
fn fused_vectors_give_the_same_bits_and_plain_ones_others() {
    let levels = Level::all();
    assert!(levels[0] == Level::plain() && levels.contains(&Level::detect()), "{levels:?}");
    let convolutional = [
        Spec::conv_pool(9, (5, 5), (2, 2), Activation::Relu),
        Spec::fully_connected(33, Activation::Sigmoid).with_dropout(0.5),
        Spec::softmax(10),
    ];
    let shallow = [Spec::fully_connected(30, Activation::Sigmoid), Spec::softmax(10)];
    for (layers, seed) in [(&convolutional[..], 1), (&convolutional[..], 2), (&shallow[..], 1)] {
        let states: Vec<State> = levels.iter().map(|&level| trained(level, layers, seed)).collect();
        for (level, state) in levels.iter().zip(&states).skip(1) {
            assert!(*state == states[1], "{level} does not give the bits of {}", levels[1]);
            assert!(*state != states[0], "{level} gives the bits of plain vectors");
        }
        assert!(trained(levels[0], layers, seed) == states[0], "twice the same gives the same");
    }
}

/// Small enough for Miri, and with sizes that are no whole vectors: all that a step computes, on all vectors that there
/// are.
#[test]
fn a_step_on_any_vectors_is_the_step_of_the_definitions() {
    let input = Shape::image(1, 8, 9);
    let layers = [
        Spec::conv_pool(3, (3, 3), (2, 2), Activation::Relu),
        Spec::fully_connected(11, Activation::Sigmoid),
        Spec::softmax(4),
    ];
    let x: Vec<f32> = (0..3 * input.len()).map(|k| ((k * 37) % 64) as f32 / 64.0).collect();
    let step = Step { eta: 0.5, decay: 0.01, momentum: 0.9, iteration: 0 };
    let stepped = |mut network: Network<f32>| {
        let cost = network.step(&x, &[3, 0, 1], &step);
        (cost, network.state())
    };
    let (cost, expected) = stepped(Network::reference(input, &layers, Cost::LogLikelihood).unwrap());
    for level in Level::all() {
        let network = Network::reference(input, &layers, Cost::LogLikelihood).unwrap();
        let (c, state) = stepped(network.with_backend(Fast::with_level(Arc::new(Threads::one()), level)));
        assert!((c - cost).abs() < 1e-5, "{level}: a cost of {c}, expected {cost}");
        for ((name, got), (_, expected)) in state.iter().zip(&expected) {
            let near = got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5);
            assert!(near, "{level}: {name} is {got}, expected {expected}");
        }
    }
}
