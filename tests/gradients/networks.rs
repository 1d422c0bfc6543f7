//! Whole networks.

use super::*;

/// One layer at random that makes images of images.
fn image_layer(draw: &mut Draw) -> Spec {
    let (filters, kernel, stride) = (draw.size(1..=3), draw.pair(1..=3), draw.pair(1..=2));
    let (pooling, window, step) = (draw.of(&POOLINGS), draw.pair(1..=3), draw.pair(1..=3));
    let (activation, padding, groups) = (draw.of(&ACTIVATIONS), draw.padding(kernel), draw.of(&[1, 1, 2]));
    let filters = filters * groups;
    match draw.size(1..=6) {
        1 => Spec::Conv { filters, kernel, stride, padding, groups, activation },
        2 => Spec::Pool { pooling, window, step, padding: draw.padding(window) },
        3 => Spec::Normalise { size: 3, k: 1.2, alpha: 0.3, beta: 0.75 },
        _ => Spec::ConvPool { filters, kernel, stride, padding, groups, pooling, window, step, activation },
    }
}

/// Rows of layers that keep height and width, so that they can stand side by side.
fn branches(draw: &mut Draw) -> Spec {
    let conv = |side: usize, activation| Spec::conv(2, (side, side), activation).padded(Padding::all(side / 2));
    let f = Activation::Tanh;
    let pool = Spec::pool(Pooling::Max, (3, 3)).every(1, 1).padded(Padding::all(1));
    let mut rows =
        vec![vec![conv(1, Activation::Relu)], vec![conv(1, f), conv(3, Activation::Relu)], vec![pool, conv(1, f)]];
    rows.truncate(draw.size(1..=3));
    Spec::Branches { rows }
}

/// Layers at random, and an input that they fit. Ties go to the first winner: where windows overlap twice in a row, one
/// number reaches a window by two ways and ties with itself, and only that rule counts it once.
fn random_network(draw: &mut Draw) -> Network<f64> {
    loop {
        let mut specs = vec![];
        for _ in 1..draw.size(1..=3) {
            specs.push(if draw.size(1..=5) == 1 { branches(draw) } else { image_layer(draw) });
        }
        let classes = draw.size(1..=5) + 1;
        if draw.size(1..=4) == 1 {
            let layers = vec![Spec::fully_connected(3, Activation::Tanh), Spec::softmax(classes).with_dropout(0.3)];
            specs.push(Spec::SideClassifier { weight: 0.3, layers });
        }
        for _ in 1..draw.size(1..=3) {
            let p = draw.of(&[0.0, 0.3, 0.6]);
            specs.push(Spec::fully_connected(draw.size(1..=6), draw.of(&ACTIVATIONS)).with_dropout(p));
        }
        let cost = draw.of(&[Cost::LogLikelihood, Cost::LogLikelihood, Cost::Quadratic]);
        specs.push(match (cost, draw.size(1..=2)) {
            (Cost::Quadratic, 1) => Spec::fully_connected(classes, draw.of(&ACTIVATIONS)),
            _ => Spec::softmax(classes).with_dropout(draw.of(&[0.0, 0.3])),
        });
        let input = Shape::image(draw.size(1..=2), draw.size(1..=8), draw.size(1..=8));
        if let Ok(network) = Network::reference(input, &specs, cost) {
            let mut network = network.with_seed(draw.0.random());
            randomise(&mut network, draw);
            return network;
        }
    }
}

fn random_batch(network: &Network<f64>, draw: &mut Draw) -> (Vec<f64>, Vec<Label>) {
    let n = draw.size(1..=3);
    let classes = network.output().len();
    (draw.numbers(n * network.input().len()), (0..n).map(|_| draw.size(1..=classes) as Label - 1).collect())
}

/// Checks what a step of gradient descent does: with η = 1 and nothing in motion yet, every number must move by the
/// gradient of the *regularised* cost, C + ½·decay·Σ‖w‖².
fn check_step(network: &mut Network<f64>, x: &[f64], labels: &[Label], step: &Step) -> Report {
    let copy = |network: &mut Network<f64>| -> Vec<(String, ArrayD<f64>)> {
        let all = parameters(network).enumerate();
        all.flat_map(|(k, p)| [(format!("{k}.w"), p.w.clone()), (format!("{k}.b"), p.b.clone())]).collect()
    };
    let before = copy(network);
    network.step(x, labels, step);
    let moved: Vec<_> = before.iter().zip(copy(network)).map(|((_, w), (_, after))| w - after).collect();
    let report = check(&before, &moved, |point| {
        for (p, point) in parameters(network).zip(point.chunks(2)) {
            p.w.assign(&point[0]);
            p.b.assign(&point[1]);
        }
        network.cost(x, labels, Pass::Train { iteration: step.iteration })
            + 0.5 * step.decay * network.weights_squared()
    });
    report.unwrap()
}

#[test]
fn networks_of_random_shape() {
    fn property(seed: Seed, iteration: u64) {
        let mut draw = Draw::new(seed);
        let mut network = random_network(&mut draw);
        let (x, labels) = random_batch(&network, &mut draw);
        for pass in [Pass::Train { iteration }, Pass::Evaluate] {
            let report = check_network(&mut network, &x, &labels, pass).unwrap();
            assert!(report.passes(TOLERANCE), "{seed:?}, {pass:?}\n{network}\n{report}");
        }
        // The term of regularisation off, then on. The first step of momentum is a step like any other.
        for (decay, momentum) in [(0.0, 0.0), (0.3, 0.0), (0.3, 0.9)] {
            let report = check_step(&mut network, &x, &labels, &Step { eta: 1.0, decay, momentum, iteration });
            assert!(report.passes(TOLERANCE), "{seed:?}, decay {decay}, momentum {momentum}\n{network}\n{report}");
        }
    }
    // Some two hundred elements each: a second in all.
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed, u64));
}

#[test]
fn the_chapters_network_in_small() {
    let mut draw = Draw::new(Seed::new(5));
    for f in ACTIVATIONS {
        let layers = [
            Spec::conv_pool(3, (3, 3), (2, 2), f),
            Spec::conv_pool(4, (2, 2), (2, 2), f),
            Spec::fully_connected(6, f).with_dropout(0.5),
            Spec::fully_connected(5, f).with_dropout(0.5),
            Spec::softmax(10).with_dropout(0.5),
        ];
        for habits in [Habits::faithful(), Habits::corrected()] {
            let mut network = network(Shape::image(1, 10, 12), &layers, habits);
            randomise(&mut network, &mut draw);
            let x = draw.numbers(4 * 120);
            let report = check_network(&mut network, &x, &[3, 1, 4, 1], Pass::Train { iteration: 59 }).unwrap();
            right(f, &report);
            assert_eq!(report.elements().count(), 4 * 120 + 30 + 52 + (4 * 2) * 6 + 6 + 35 + 60);
            assert_eq!(report.kinks().count(), 0, "{report}");
        }
    }
}

/// Of maps and of a flat signal; a mini-batch of six leaves no variance near ε, where finite differences would be far
/// from straight.
#[test]
fn batch_normalisation_in_a_network() {
    let mut draw = Draw::new(Seed::new(6));
    let layers = [
        Spec::conv_pool(3, (3, 3), (2, 2), Activation::Relu),
        Spec::BatchNorm,
        Spec::fully_connected(4, Activation::Linear).with_dropout(0.3),
        Spec::BatchNorm,
        Spec::softmax(3),
    ];
    let mut network = network(Shape::image(1, 8, 8), &layers, Habits::corrected());
    randomise(&mut network, &mut draw);
    let (x, labels) = (draw.numbers(6 * 64), [0, 1, 2, 0, 1, 2]);
    for pass in [Pass::Train { iteration: 5 }, Pass::Evaluate] {
        right(pass, &check_network(&mut network, &x, &labels, pass).unwrap());
    }
    let report = check_step(&mut network, &x, &labels, &Step { eta: 1.0, decay: 0.3, momentum: 0.9, iteration: 5 });
    right("a step", &report);
    // Now that the running moments have moved
    right("after a step", &check_network(&mut network, &x, &labels, Pass::Evaluate).unwrap());
}
