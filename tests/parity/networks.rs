//! Whole networks.

use super::*;

fn layers() -> [Spec; 5] {
    [
        Spec::conv_pool(10, (3, 3), (2, 2), Activation::Relu),
        Spec::conv_pool(9, (2, 3), (2, 2), Activation::Tanh),
        Spec::fully_connected(21, Activation::Sigmoid),
        Spec::fully_connected(19, Activation::Relu).with_dropout(0.3),
        Spec::softmax(5).with_dropout(0.5),
    ]
}

const INPUT: Shape = Shape::image(1, 12, 13);

/// Computed by the definitions.
fn reference(layers: &[Spec], habits: Habits) -> Network<f32> {
    Network::reference(INPUT, layers, Cost::LogLikelihood).unwrap().with_habits(habits).with_seed(3)
}

/// Eight steps on images with blank margins; the costs, and the parameters at the end.
fn train(mut network: Network<f32>, momentum: f64) -> (Vec<f64>, Vec<f32>) {
    let mut draw = Draw::new(Seed::new(7));
    let mut costs = vec![];
    for iteration in 0..8 {
        let mut x = draw.reals(10 * 156);
        x.iter_mut().enumerate().filter(|(k, _)| k % 13 < 4).for_each(|(_, x)| *x = 0.0);
        let labels: Vec<Label> = (0..10).map(|n| n % 5).collect();
        costs.push(network.step(&x, &labels, &Step { eta: 0.1, decay: 0.01, momentum, iteration }));
    }
    (costs, network.state().iter().flat_map(|(_, a)| a.iter().copied().collect::<Vec<_>>()).collect())
}

#[test]
fn networks_follow_the_reference_step_by_step() {
    for habits in [Habits::faithful(), Habits::corrected()] {
        for momentum in [0.0, 0.9] {
            let (costs, parameters) = train(reference(&layers(), habits), momentum);
            let runs = backends()
                .map(|(name, backend)| (name, train(reference(&layers(), habits).with_backend(backend), momentum)));
            for (name, (got_costs, got_parameters)) in &runs {
                for (k, (got, want)) in got_costs.iter().zip(&costs).enumerate() {
                    assert!((got - want).abs() < 1e-4 * want, "{name}, step {k}: cost {got}, reference {want}");
                }
                for (k, (got, want)) in got_parameters.iter().zip(&parameters).enumerate() {
                    assert!((got - want).abs() < 1e-3, "{name}: parameter {k} is {got}, reference {want}");
                }
            }
            same_bits("1 and 2 threads", &runs[0].1.1, &runs[1].1.1);
            same_bits("1 and 2 threads, plain", &runs[2].1.1, &runs[3].1.1);
            assert_eq!(runs[0].1.0, runs[1].1.0);
        }
    }
}

#[test]
fn with_batch_normalisation_too() {
    let layers = [
        Spec::conv_pool(10, (3, 3), (2, 2), Activation::Relu),
        Spec::BatchNorm,
        Spec::fully_connected(21, Activation::Relu),
        Spec::BatchNorm,
        Spec::softmax(5).with_dropout(0.5),
    ];
    let (costs, numbers) = train(reference(&layers, Habits::corrected()), 0.9);
    let runs = backends()
        .map(|(name, backend)| (name, train(reference(&layers, Habits::corrected()).with_backend(backend), 0.9)));
    for (name, (got_costs, got)) in &runs {
        let near = |got: f64, want: f64| (got - want).abs() < 2e-3 * want.abs().max(1.0);
        assert!(got_costs.iter().zip(&costs).all(|(a, b)| near(*a, *b)), "{name}: {got_costs:?}, reference {costs:?}");
        for (k, (&got, &want)) in got.iter().zip(&numbers).enumerate() {
            assert!(near(got.into(), want.into()), "{name}: number {k} is {got}, reference {want}");
        }
    }
    same_bits("1 and 2 threads", &runs[0].1.1, &runs[1].1.1);
}

#[test]
fn the_seed_decides() {
    let of = |seed, threads| {
        let network = Network::new(INPUT, &layers()).unwrap().with_seed(seed);
        train(network.with_threads(threads).unwrap(), 0.5)
    };
    let one = of(1, 1);
    (2..=4).for_each(|threads| assert_eq!(one, of(1, threads), "{threads} threads"));
    assert_ne!(one, of(2, 1));
}

/// A step goes against the gradient, for mini-batches that are no multiple of anything; and on any number of threads it
/// is the same step, to the bit.
#[test]
fn a_step_follows_the_gradient() {
    let (eta, decay) = (0.25, 0.5);
    for n in [1, 2, 3, 5, 10, 33, 70] {
        let x = Draw::new(Seed::new(n as u64)).reals(n * 156);
        let labels: Vec<Label> = (0..n).map(|n| (n % 5) as Label).collect();
        let of = |threads| {
            let mut network = Network::new(INPUT, &layers()).unwrap().with_seed(3).with_threads(threads).unwrap();
            // The softmax layer begins with zeros, through which no gradient comes.
            let softmax = network.layers_mut().last_mut().and_then(|layer| layer.parameters_mut()).unwrap();
            softmax.w.iter_mut().enumerate().for_each(|(k, w)| *w = (k % 7) as f32 - 3.0);
            network.gradient(&x, &labels, Pass::Train { iteration: 9 });
            let first = network.layers()[0].parameters().and_then(|p| p.gradient());
            assert!(first.is_some_and(|(dw, _)| dw.iter().any(|dw| dw.abs() > 1e-4)), "{n} images: nothing to compare");
            let expected = network.layers().iter().filter_map(|layer| layer.parameters()).flat_map(|p| {
                let (dw, db) = p.gradient().unwrap();
                let w = p.w.iter().zip(dw).map(|(w, dw)| w - eta * (dw + decay * w));
                w.chain(p.b.iter().zip(db).map(|(b, db)| b - eta * db)).collect::<Vec<_>>()
            });
            let expected: Vec<f32> = expected.collect();
            let sgd = Step { eta: eta.into(), decay: decay.into(), momentum: 0.0, iteration: 9 };
            network.step(&x, &labels, &sgd);
            let got: Vec<f32> =
                network.state().iter().flat_map(|(_, a)| a.iter().copied().collect::<Vec<_>>()).collect();
            assert_eq!(got.len(), expected.len());
            for (k, (got, want)) in got.iter().zip(&expected).enumerate() {
                assert!((got - want).abs() < 1e-6, "{n} images, parameter {k}: {got}, expected {want}");
            }
            got
        };
        let one = of(1);
        (2..=4).for_each(|threads| same_bits(&format!("{n} images, {threads} threads"), &of(threads), &one));
    }
}
