//! Histories: made-up ones, and real ones.

use crate::plugged::small_network;
use network3::{
    Activation, LayerNorms, Spec, data,
    train::{Epoch, HyperParameters, Trainer},
};

/// An epoch: training, validation, test.
pub fn epoch(epoch: usize, accuracy: [f64; 3], cost: [f64; 3]) -> Epoch {
    Epoch {
        epoch,
        eta: 0.1,
        train_cost: cost[0],
        train_accuracy: accuracy[0],
        validation_cost: cost[1],
        validation_accuracy: accuracy[1],
        test_cost: cost[2],
        test_accuracy: accuracy[2],
        images_per_second: Some(10_000.0),
        norms: vec![],
    }
}

/// Epochs with these costs of training and validation images. The accuracies say nothing.
pub fn history(train: &[f64], validation: &[f64]) -> Vec<Epoch> {
    let costs = train.iter().zip(validation).enumerate();
    costs.map(|(k, (&train, &validation))| epoch(k, [0.9; 3], [train, validation, 0.5])).collect()
}

/// Thirty epochs that approach the accuracy `skill`. Training goes the same way whatever the `severity`, from 0 to 1,
/// with which it overfits: with that the validation images get worse, earlier and faster. The test images know nothing.
pub fn run(severity: f64, skill: f64) -> Vec<Epoch> {
    let epochs = (0..30).map(|k| {
        let t = k as f64 / 29.0;
        let (accuracy, cost) = (skill * (1.0 - 0.9 * (-20.0 * t).exp()), 3.0 * (1.0 - skill) + 2.0 * (-20.0 * t).exp());
        let harm = severity * (t - 0.8 + 0.6 * severity).max(0.0);
        let mut epoch = epoch(k, [accuracy, accuracy - 0.2 * harm, 0.9], [cost, cost + harm, 0.5]);
        epoch.norms = vec![LayerNorms { layer: "1 FullyConnected".into(), weights: 10.0, gradient: 0.1 }];
        epoch
    });
    epochs.collect()
}

/// A run that overfits, with a training cost of zero at its end.
pub fn memorised() -> Vec<Epoch> {
    let mut epochs = run(0.6, 0.98);
    for epoch in &mut epochs[20..] {
        (epoch.train_cost, epoch.train_accuracy) = (0.0, 1.0);
    }
    epochs
}

/// Fifteen epochs with so many drawn digits, in mini-batches of that size.
pub fn real(images: usize, mini_batch_size: usize) -> Vec<Epoch> {
    let learn = || {
        let splits = data::digits(images, 300, 10, 10)?;
        let layers = [Spec::fully_connected(30, Activation::Relu), Spec::softmax(10)];
        let mut network = small_network(splits.training.shape(), &layers)?;
        let hyper_parameters = HyperParameters::new(0.1).with_epochs(15).with_mini_batch_size(mini_batch_size);
        let mut trainer = Trainer::new(&splits, hyper_parameters)?;
        while !trainer.is_over() {
            trainer.epoch(&mut network, &mut |_| {})?;
        }
        Ok::<_, network3::Error>(trainer.history().to_vec())
    };
    learn().expect("nothing here depends on the reader")
}
