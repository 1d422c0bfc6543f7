use super::cell::Kind;
use super::learn::{Net, Task, both_ways};
use super::task::Batch;
use super::{agreement, by_hand};
use crate::kit::rng;
use ndarray::{ArrayD, arr1};
use network3::gradcheck::check;

#[test]
fn by_hand_and_by_tape_agree_to_the_twelfth_digit() {
    for kind in [Kind::Plain, Kind::Lstm] {
        for (length, units, seed) in [(10, 1, 1), (20, 3, 2), (40, 7, 3)] {
            let batch = Batch::draw(length, 1, &mut rng(seed, 0));
            let ([a, b], hand, tape) = both_ways(kind, units, &batch, seed);
            assert!((a - b).abs() <= 1e-12 * b, "{kind:?}: cost {a} by hand, {b} by tape");
            for (hand, tape) in hand.iter().zip(&tape) {
                assert_eq!(hand.len(), tape.len());
                for (h, t) in hand.iter().zip(tape) {
                    assert!((h - t).abs() <= 1e-12 * t.abs().max(1e-3), "{kind:?}, {length} steps: {h:e} and {t:e}");
                }
            }
        }
    }
    assert!(agreement(100, 1) < 1e-12);
}

#[test]
fn by_hand_agrees_with_finite_differences() {
    let mut random = rng(5, 0);
    for (kind, width) in [(Kind::Plain, 1), (Kind::Lstm, 4)] {
        let units = 3;
        let batch = Batch::draw(10, 1, &mut random);
        let symbols: Vec<usize> = batch.symbols.iter().map(|symbols| symbols[0]).collect();
        let mut draw = |len| arr1(&super::cell::uniform::<f64>(len, 1, &mut random)).into_dyn();
        let lens = [8 * width * units, units * width * units, width * units, units * 4, 4];
        let tensors: Vec<(&str, ArrayD<f64>)> =
            ["w", "u", "b", "v", "a"].into_iter().zip(lens).map(|(name, len)| (name, draw(len))).collect();
        let net = |t: &[ArrayD<f64>]| {
            let [w, u, b, v, a] = [0, 1, 2, 3, 4].map(|k| t[k].iter().copied().collect());
            by_hand::Net { w, u, b, v, a }
        };
        let point: Vec<_> = tensors.iter().map(|(_, x)| x.clone()).collect();
        let (_, gradient) = by_hand::gradient(kind, &net(&point), &symbols, 2);
        let by_hand::Net { w, u, b, v, a } = gradient;
        let gradients = [w, u, b, v, a].map(|g| arr1(&g).into_dyn());
        let report = check(&tensors, &gradients, |t| by_hand::gradient(kind, &net(t), &symbols, 2).0).unwrap();
        assert!(report.passes(1e-6), "{kind:?}\n{report}");
    }
}

#[test]
fn an_untrained_plain_net_loses_the_gradient_and_lstm_does_not() {
    let task = Task { length: 60, budget: 0 };
    let [plain, lstm] = [Kind::Plain, Kind::Lstm].map(|kind| {
        let fading = task.fading(&mut Net::new(kind, task.hyper(kind), 1), 1);
        assert_eq!((fading[0], fading.len()), (0.0, 60));
        fading[50]
    });
    assert!(plain < -6.0 && lstm > -2.0, "after 50 steps: plain 10^{plain}, LSTM 10^{lstm}");
}
