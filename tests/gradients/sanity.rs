//! Whether a network is sane can be told before it is trained for long.

use super::*;

#[test]
fn an_untrained_network_costs_ln_10() {
    for habits in [Habits::faithful(), Habits::corrected()] {
        let layers = [
            Spec::conv_pool(20, (5, 5), (2, 2), Activation::Relu),
            Spec::fully_connected(100, Activation::Relu),
            Spec::softmax(10),
        ];
        let mut network = network(Shape::image(1, 28, 28), &layers, habits);
        let x: Vec<f64> = Draw::new(Seed::new(9)).numbers(3 * 784);
        let cost = network.cost(&x, &[0, 5, 9], Pass::Evaluate);
        assert!((cost - 10f64.ln()).abs() < 1e-12, "{cost}");
    }
}

#[test]
fn a_sane_network_overfits_twenty_examples() {
    let layers = [
        Spec::conv_pool(6, (3, 3), (2, 2), Activation::Relu),
        Spec::fully_connected(30, Activation::Relu),
        Spec::softmax(10),
    ];
    let mut network = Network::new(Shape::image(1, 10, 10), &layers).unwrap();
    let x: Vec<f32> = Draw::new(Seed::new(10)).numbers(2000).into_iter().map(|x| x as f32).collect();
    let labels: Vec<Label> = (0..20).map(|k| 7 * k % 10).collect(); // noise, to be learned by heart
    let first = network.cost(&x, &labels, Pass::Evaluate);
    for iteration in 0..200 {
        network.step(&x, &labels, &Step { eta: 0.2, decay: 0.0, momentum: 0.5, iteration });
    }
    let last = network.cost(&x, &labels, Pass::Evaluate);
    let found: Vec<Label> =
        network.forward(&x, Pass::Evaluate).rows().into_iter().map(|a| softmax::argmax(a) as Label).collect();
    assert!(first > 2.0 && last < 0.02, "cost {first} before, {last} after");
    assert_eq!(found, labels);
}

#[test]
fn softmax_of_huge_numbers_is_finite() {
    fn at<R: network3::Real>(largest: f64) {
        for z in [[largest, 0.0, -largest], [-largest, -largest, -largest], [largest, largest, 1.0]] {
            let (mut a, mut dz) = (z.map(R::of), [R::nan(); 3]);
            softmax::forward(&mut a, 3);
            Cost::LogLikelihood.gradient(&a, &[0], &mut dz);
            assert!(a.iter().chain(&dz).all(|x| x.is_finite()), "{z:?}: {a:?} {dz:?}");
            assert!((a.iter().map(|a| a.f64()).sum::<f64>() - 1.0).abs() < 1e-6, "{z:?}: {a:?}");
            assert!(Cost::LogLikelihood.value(&a, &[0]).is_finite(), "{z:?}");
        }
    }
    at::<f32>(3e38);
    at::<f64>(1e308);
}
