//! Right answers in another style: every check lets them pass.

use judge::{
    Exercise, ex02_no_fully_connected as ex02, ex03_tanh as ex03, ex10_overfitting as ex10,
    ex12_unstable_gradients as ex12,
};
use network3::{Activation, Pooling, Spec, train::Epoch};

/// What is refused, of what should pass.
fn refused(exercise: Exercise, function: &str, words: &str) -> Vec<String> {
    let checks = exercise.checks.iter().filter(|check| check.function == function);
    checks.filter_map(|check| Some(format!("{words}: {}: {}", check.name, check.judge().err()?))).collect()
}

#[track_caller]
fn passes(exercise: Exercise, function: &str, words: &str) {
    let refused = refused(exercise, function, words);
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn the_same_network_in_other_layers() {
    let layers: [(&str, fn() -> Vec<Spec>); 2] = [
        ("two layers", || {
            vec![Spec::conv(20, (5, 5), Activation::Sigmoid), Spec::pool(Pooling::Max, (2, 2)), Spec::softmax(10)]
        }),
        ("nothing left out", || {
            vec![Spec::conv_pool(20, (5, 5), (2, 2), Activation::Sigmoid), Spec::softmax(10).with_dropout(0.0)]
        }),
    ];
    for (words, layers) in layers {
        let answers = ex02::Answers {
            layers,
            parameters: solutions::ex02_no_fully_connected::parameters,
            multiplications: solutions::ex02_no_fully_connected::multiplications,
        };
        passes(ex02::exercise(answers), "layers", words);
    }
}

#[test]
fn other_layers_are_told_what_is_wrong_with_them() {
    let told = |layers: fn() -> Vec<Spec>| {
        let answers = ex02::Answers {
            layers,
            parameters: solutions::ex02_no_fully_connected::parameters,
            multiplications: solutions::ex02_no_fully_connected::multiplications,
        };
        let wrong = ex02::exercise(answers).checks[0].judge().unwrap_err();
        wrong.cause().unwrap().clone()
    };
    let pooling = "a convolution alone has no pooling: Spec::conv_pool has both";
    assert_eq!(told(|| vec![Spec::conv(20, (5, 5), Activation::Sigmoid), Spec::softmax(10)]), pooling);
    let mean =
        || vec![Spec::conv(20, (5, 5), Activation::Sigmoid), Spec::pool(Pooling::Mean, (2, 2)), Spec::softmax(10)];
    assert_eq!(told(mean), "the pooling is another one: the chapter's takes the maximum");
    let other =
        || vec![Spec::conv(20, (5, 5), Activation::Sigmoid), Spec::pool(Pooling::Max, (4, 4)), Spec::softmax(10)];
    assert!(told(other).starts_with("the sizes are others"), "{}", told(other));
}

#[test]
fn tanh_in_other_words() {
    let ways: [(&str, fn(f64) -> f64); 4] = [
        ("by the sigmoid", |z| 2.0 / (1.0 + (-2.0 * z).exp()) - 1.0),
        ("by 1 − 2/(1 + e²ᶻ)", |z| 1.0 - 2.0 / (1.0 + (2.0 * z).exp())),
        ("by two cases", |z| {
            let e = (-2.0 * z.abs()).exp();
            if z < 0.0 { (e - 1.0) / (1.0 + e) } else { (1.0 - e) / (1.0 + e) }
        }),
        ("by sinh and cosh", |z| if z.abs() > 300.0 { z.signum() } else { z.sinh() / z.cosh() }),
    ];
    use solutions::ex03_tanh::{learning_rates, tanh_network, tanh_prime, tanh_step};
    for (words, tanh) in ways {
        passes(
            ex03::exercise(ex03::Answers { tanh, tanh_prime, tanh_network, learning_rates, tanh_step }),
            "tanh",
            words,
        );
    }
    let ways: [(&str, fn(f64) -> f64); 2] = [
        ("by e", |z| {
            let e = (-2.0 * z.abs()).exp();
            4.0 * e / (1.0 + e).powi(2)
        }),
        ("by cosh", |z| if z.abs() > 300.0 { 0.0 } else { z.cosh().powi(-2) }),
    ];
    use solutions::ex03_tanh::tanh;
    for (words, tanh_prime) in ways {
        let answers = ex03::Answers { tanh, tanh_prime, tanh_network, learning_rates, tanh_step };
        passes(ex03::exercise(answers), "tanh_prime", words);
    }
}

fn end(h: &[Epoch]) -> &Epoch {
    &h[h.len() - 1]
}

fn lowest(h: &[Epoch]) -> f64 {
    h.iter().map(|epoch| epoch.validation_cost).fold(f64::INFINITY, f64::min)
}

#[test]
fn any_sound_measure_of_overfitting() {
    let measures: [(&str, fn(&[Epoch]) -> f64); 12] = [
        ("gap of the costs", |h| end(h).validation_cost - end(h).train_cost),
        ("gap of the accuracies", |h| end(h).train_accuracy - end(h).validation_accuracy),
        ("rise of the validation cost", |h| end(h).validation_cost - lowest(h)),
        ("the same, relative", |h| end(h).validation_cost / lowest(h) - 1.0),
        ("gap, relative", |h| {
            let (v, t) = (end(h).validation_cost, end(h).train_cost);
            if v + t == 0.0 { 0.0 } else { (v - t) / (v + t) }
        }),
        ("logarithm of the ratio of costs", |h| ((end(h).validation_cost + 1e-3) / (end(h).train_cost + 1e-3)).ln()),
        ("mean gap", |h| h.iter().map(|e| e.validation_cost - e.train_cost).sum::<f64>() / h.len() as f64),
        ("mean gap of the last ten", |h| {
            let last = &h[h.len().saturating_sub(10)..];
            last.iter().map(|e| e.train_accuracy - e.validation_accuracy).sum::<f64>() / last.len() as f64
        }),
        ("growth of the gap", |h| {
            let gap = |e: &Epoch| e.validation_cost - e.train_cost;
            gap(end(h)) - gap(&h[0])
        }),
        ("errors, relative", |h| (1.01 - end(h).validation_accuracy) / (1.01 - end(h).train_accuracy)),
        ("epochs since the onset", |h| {
            solutions::ex10_overfitting::onset(h).map_or(0.0, |onset| (h.len() - onset) as f64)
        }),
        ("how much the training cost fell while the other rose", |h| {
            let best = (0..h.len()).rev().min_by(|&a, &b| h[a].validation_cost.total_cmp(&h[b].validation_cost));
            let best = &h[best.unwrap_or(0)];
            (end(h).validation_cost - best.validation_cost) + 0.1 * (best.train_cost - end(h).train_cost)
        }),
    ];
    use solutions::ex10_overfitting::{gap, onset};
    let all = measures.iter().flat_map(|&(words, overfitting)| {
        refused(ex10::exercise(ex10::Answers { gap, onset, overfitting }), "overfitting", words)
    });
    let all: Vec<String> = all.collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn any_cure_that_keeps_the_network() {
    use ndarray::Array2;
    use solutions::ex12_unstable_gradients::{errors, factor_per_layer, gradient_norms};
    type Cure = fn(&[Array2<f64>], &Array2<f64>) -> Vec<Array2<f64>>;
    let ways: [(&str, Cure); 3] = [
        ("by the deviation of the weights", |weights, _| {
            weights.iter().map(|w| w * ((2.0 / w.ncols() as f64).sqrt() / w.std(0.0))).collect()
        }),
        ("by the norm of the weights", |weights, _| {
            let norm = |w: &Array2<f64>| w.iter().map(|w| w * w).sum::<f64>().sqrt();
            weights.iter().map(|w| w * ((2.0 * w.nrows() as f64).sqrt() / norm(w))).collect()
        }),
        ("by the norm of signals", |weights, x| {
            let norm = |a: &Array2<f64>| a.iter().map(|a| a * a).sum::<f64>().sqrt();
            let mut a = x / norm(x);
            let mut cured = vec![];
            for w in weights {
                let next = a.dot(&w.t()).mapv(|z| z.max(0.0));
                let size = norm(&next);
                cured.push(w / size);
                a = next / size;
            }
            cured
        }),
    ];
    for (words, cure) in ways {
        let answers = ex12::Answers { errors, gradient_norms, factor_per_layer, cure };
        passes(ex12::exercise(answers), "cure", words);
    }
}
