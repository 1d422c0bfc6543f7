//! Networks that are trained by the same launches compute, to the bit, what each computes alone.

use super::networks::{layers, network};
use super::*;
use network3::data::{Distortion, Examples, Splits, TrainingSet, digits};
use network3::opencl::{DeviceNetwork, Neighbour, side_by_side};
use network3::train::{Epoch, HyperParameters, Trainer};
use network3::{Error, Habits, Learner, Result, Spec, State, Step};

/// A run of `epochs` from this seed: its history, and the state at its end.
fn run(learner: &mut dyn Learner, splits: &Splits, epochs: usize, seed: u64) -> Result<(Vec<Epoch>, State)> {
    let hyper_parameters = HyperParameters::new(0.05).with_epochs(epochs).with_momentum(0.5).with_lambda(0.1);
    let mut trainer = Trainer::new(splits, hyper_parameters)?.with_seed(seed)?;
    while !trainer.is_over() {
        trainer.epoch(learner, &mut |_| {})?;
    }
    Ok((trainer.history().to_vec(), learner.state()))
}

/// Every neighbour on a thread of its own.
fn each<T: Send>(neighbours: Vec<Neighbour>, f: impl Fn(usize, Neighbour) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let start = |(k, neighbour)| {
            scope.spawn({
                let f = &f;
                move || f(k, neighbour)
            })
        };
        let threads: Vec<_> = neighbours.into_iter().enumerate().map(start).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Every layer that there is; mini-batches that do not divide the data set; and one network that stops before the
/// others.
#[test]
fn side_by_side_is_alone_to_the_bit() {
    let Some(device) = device() else { return };
    let splits = digits(75, 30, 30, 1).unwrap();
    let epochs = |seed: u64| if seed == 2 { 1 } else { 2 };
    let networks = || (1..=3).map(|seed| network(&splits, &layers(), Habits::corrected()).with_seed(seed)).collect();
    let neighbours = side_by_side(networks(), &device).unwrap();
    let together = each(neighbours, |k, mut neighbour| {
        let seed = k as u64 + 1;
        let (history, state) = run(&mut neighbour, &splits, epochs(seed), seed).unwrap();
        assert!(neighbour.into_host().unwrap().state() == state);
        (history, state)
    });
    for (k, (network, together)) in networks().into_iter().zip(&together).enumerate() {
        let seed = k as u64 + 1;
        let alone = run(&mut DeviceNetwork::new(network, &device).unwrap(), &splits, epochs(seed), seed).unwrap();
        assert!(alone == *together, "network {k}");
    }
}

/// What one of them is given back, it goes on with.
#[test]
fn a_state_that_is_restored() {
    let Some(device) = device() else { return };
    let splits = digits(20, 10, 10, 1).unwrap();
    let layers = [Spec::fully_connected(5, Activation::Relu), Spec::softmax(10)];
    let one = |seed| network(&splits, &layers, Habits::corrected()).with_seed(seed);
    let want = run(&mut DeviceNetwork::new(one(7), &device).unwrap(), &splits, 1, 1).unwrap().1;
    let neighbours = side_by_side(vec![one(1), one(2)], &device).unwrap();
    let got = each(neighbours, |k, mut neighbour| {
        if k == 1 {
            neighbour.restore(&one(7).state()).unwrap();
        }
        run(&mut neighbour, &splits, 1, 1).unwrap().1
    });
    assert!(got[1] == want && got[0] != want);
}

#[test]
fn what_cannot_be_side_by_side() {
    let Some(device) = device() else { return };
    let splits = digits(20, 10, 10, 1).unwrap();
    let one = || network(&splits, &[Spec::softmax(10)], Habits::corrected());
    let message = |e: Option<Error>| e.map(|e| e.to_string()).unwrap_or_default();
    let other = network(&splits, &[Spec::fully_connected(5, Activation::Relu), Spec::softmax(10)], Habits::corrected());
    let e = message(side_by_side(vec![one(), other], &device).err());
    assert!(e.contains("must have the same layers and habits") && e.contains("number 2"), "{e}");
    assert!(message(side_by_side(vec![], &device).err()).contains("no network"));

    // Steps that differ are refused, to both of them and for good.
    let set = TrainingSet::plain(&splits.training);
    let errors = each(side_by_side(vec![one(), one()], &device).unwrap(), |k, mut neighbour| {
        let step = Step { eta: 0.1 * (k + 1) as f64, decay: 0.0, momentum: 0.0, iteration: 0 };
        let examples = Examples::new(set, &[1, 2]).unwrap();
        [0, 1].map(|_| message(neighbour.train(&examples, &step).err()))
    });
    assert!(errors.iter().flatten().all(|e| e.contains("one learning rate")), "{errors:?}");

    // Each has a seed of its own, and would distort the images in its own way.
    let mut alone = side_by_side(vec![one()], &device).unwrap().remove(0);
    let set = TrainingSet::distorted(&splits.training, Distortion::NONE).unwrap();
    let step = Step { eta: 0.1, decay: 0.0, momentum: 0.0, iteration: 0 };
    let e = message(alone.train(&Examples::new(set, &[1, 2]).unwrap(), &step).err());
    assert!(e.contains("one after the other"), "{e}");
}
