//! Which vectors compute a network changes how long it takes; of those with a fused multiply-add, none changes a bit.

use network3::cpu::simd::Level;
use network3::data::digits;
use network3::ops::Fast;
use network3::train::{HyperParameters, Trainer};
use network3::{Activation, Learner, Network, Spec, State, Threads};
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
