use super::rbm::{Label, Pace, Rbm, sample};
use crate::kit::rng;
use network3::ops::Reference;
use rand::RngExt;

/// A small machine with weights that matter.
fn machine(sizes: (usize, usize), label: Option<Label>) -> Rbm<f64> {
    let mut random = rng(3, 0);
    let mut rbm = Rbm::new(sizes, label, Reference, &mut random);
    let Rbm { w, a, b, .. } = &mut rbm;
    w.iter_mut().chain(a).chain(b).for_each(|x| *x = random.random::<f64>() * 2.0 - 1.0);
    rbm.transpose();
    rbm
}

fn bits(number: usize, n: usize) -> Vec<f64> {
    (0..n).map(|k| f64::from((number >> k & 1) as u8)).collect()
}

#[test]
fn the_free_energy_sums_over_all_hidden_states() {
    let mut rbm = machine((3, 4), None);
    for v in (0..8).map(|number| bits(number, 3)) {
        let weight = |h: Vec<f64>| {
            let pairs = (0..3).flat_map(|i| (0..4).map(move |j| (i, j)));
            let interaction: f64 = pairs.map(|(i, j)| v[i] * rbm.w[4 * i + j] * h[j]).sum();
            let biases: f64 = v.iter().zip(&rbm.a).chain(h.iter().zip(&rbm.b)).map(|(x, bias)| x * bias).sum();
            (interaction + biases).exp()
        };
        let sum: f64 = (0..16).map(|number| weight(bits(number, 4))).sum();
        assert!((rbm.free_energy(&v)[0] + sum.ln()).abs() < 1e-12);
    }
}

#[test]
fn a_step_goes_down_the_gradient_of_the_difference_of_free_energies() {
    let label = Some(Label { classes: 3, copies: 2 });
    let mut random = rng(4, 0);
    let n = 2 * 8;
    let mut rows = || (0..n).map(|_| random.random::<f64>()).collect::<Vec<_>>();
    let (v, dream) = (rows(), rows());
    let mut rbm = machine((5, 4), label);
    let cost = |rbm: &mut Rbm<f64>| {
        let sum = |energies: Vec<f64>| energies.iter().sum::<f64>();
        (sum(rbm.free_energy(&v)) - sum(rbm.free_energy(&dream))) / 2.0
    };
    let before = [rbm.w.clone(), rbm.a.clone(), rbm.b.clone()];
    let mut expected = before.clone();
    let epsilon = 1e-6;
    for k in 0..3 {
        for i in 0..before[k].len() {
            let mut at = |x: f64| {
                [&mut rbm.w, &mut rbm.a, &mut rbm.b][k][i] = x;
                cost(&mut rbm)
            };
            let x = before[k][i];
            let slope = (at(x + epsilon) - at(x - epsilon)) / (2.0 * epsilon);
            at(x);
            expected[k][i] = x - 0.5 * slope;
        }
    }
    let (mut h, mut dreamed) = (vec![], vec![]);
    rbm.hidden(&v, &mut h);
    rbm.hidden(&dream, &mut dreamed);
    rbm.learn((&v, &h), (&dream, &dreamed), &Pace { eta: 0.5, momentum: 0.9, decay: 0.0 });
    for (got, expected) in [&rbm.w, &rbm.a, &rbm.b].into_iter().zip(&expected) {
        assert!(got.iter().zip(expected).all(|(got, expected)| (got - expected).abs() < 1e-8), "{got:?}\n{expected:?}");
    }
    // And the next one remembers: by momentum it goes on by 0.9 of that, even if there is nothing to learn.
    let w = rbm.w.clone();
    rbm.learn((&v, &h), (&v, &h), &Pace { eta: 0.5, momentum: 0.9, decay: 0.0 });
    for ((w2, w1), w0) in rbm.w.iter().zip(&w).zip(&before[0]) {
        assert!((w2 - w1 - 0.9 * (w1 - w0)).abs() < 1e-12);
    }
}

#[test]
fn dreams_have_the_probabilities_that_the_energy_says() {
    let label = Label { classes: 2, copies: 1 };
    let mut rbm = machine((2, 3), Some(label));
    let states: Vec<Vec<f64>> = (0..8).map(|k| [bits(k & 3, 2), bits(1 << (k >> 2), 2)].concat()).collect();
    let weights: Vec<f64> = rbm.free_energy(&states.concat()).iter().map(|f| (-f).exp()).collect();
    let total: f64 = weights.iter().sum();
    let (mut random, chains) = (rng(5, 0), 4000);
    let mut v = [0.0, 0.0, 1.0, 0.0].repeat(chains);
    for _ in 0..30 {
        rbm.gibbs(&mut v, &mut random);
    }
    for (state, weight) in states.iter().zip(weights) {
        let seen = v.chunks_exact(4).filter(|v| v == state).count() as f64 / chains as f64;
        // Four standard deviations of a share of 4,000 are at most 0.032.
        assert!((seen - weight / total).abs() < 0.032, "{state:?}: {seen} of {}", weight / total);
    }
}

#[test]
fn copies_of_a_label_count_as_often() {
    let mut one = machine((2, 3), Some(Label { classes: 2, copies: 3 }));
    let mut v = vec![1.0, 0.0, 9.0, 9.0];
    one.clamp(&mut v, [1]);
    assert_eq!(v, [1.0, 0.0, 0.0, 3.0]);
    let mut h = vec![];
    one.hidden(&v, &mut h);
    let z = one.b[0] + one.w[0] + 3.0 * one.w[9];
    assert!((h[0] - 1.0 / (1.0 + (-z).exp())).abs() < 1e-12);
    one.visible(&h, &mut v);
    assert!((v[2] + v[3] - 3.0).abs() < 1e-12, "all copies are somewhere");
    one.sample_visible(&mut v, &mut rng(1, 1));
    assert!(v[2] + v[3] == 3.0 && v[2].fract() == 0.0 && v[0].fract() == 0.0);
}

#[test]
fn a_machine_learns_two_patterns_and_dreams_of_nothing_else() {
    let mut rbm = Rbm::new((6, 8), None, Reference, &mut rng(1, 0));
    let (patterns, mut random) = ([[1.0, 1.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]], rng(1, 1));
    let batch: Vec<f64> = (0..10).flat_map(|k| patterns[k % 2]).collect();
    for _ in 0..1500 {
        rbm.contrastive_divergence(&batch, &Pace { eta: 0.1, momentum: 0.5, decay: 1e-4 }, &mut random);
    }
    let mut v = vec![0.5; 6 * 200];
    sample(&mut v, &mut random);
    (0..50).for_each(|_| rbm.gibbs(&mut v, &mut random));
    let right = v.chunks_exact(6).filter(|v| patterns.iter().any(|pattern| v == pattern)).count();
    assert!(right > 170, "{right} of 200");
}
