//! Every operation against finite differences, on random shapes.

use super::*;
use ndarray::ArrayD;
use network3::Activation;
use network3::gradcheck::check;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::ops::Range;

type Random = Xoshiro256PlusPlus;

fn numbers(shape: Shape, random: &mut Random, range: Range<f64>) -> ArrayD<f64> {
    ArrayD::from_shape_simple_fn(&shape[..], || random.random_range(range.clone()))
}

/// Checks the gradients of Σ weight · f(parameters), with weights that are as random as the parameters.
fn holds(name: &str, inputs: &[ArrayD<f64>], f: impl Fn(&mut Tape<f64>, &[Var]) -> Var) {
    let run = |inputs: &[ArrayD<f64>], back: bool| {
        let mut tape = Tape::reference();
        let mut vars = vec![];
        for input in inputs {
            let shape: Shape = input.shape().try_into().unwrap();
            vars.push(tape.parameter(shape, input.iter().copied().collect()));
        }
        let y = f(&mut tape, &vars);
        let weights: Vec<f64> = (0..tape.value(y).len()).map(|k| (1.7 * k as f64 + 0.3).sin()).collect();
        let weights = tape.constant(tape.shape(y), &weights);
        let weighted = tape.mul(y, weights);
        let cost = tape.total(weighted);
        if back {
            tape.backward(cost);
        }
        let gradients = tape.parameters_mut().zip(inputs);
        let gradients: Vec<ArrayD<f64>> =
            gradients.map(|((_, d), x)| ArrayD::from_shape_vec(x.raw_dim(), d.to_vec()).unwrap()).collect();
        (tape.value(cost)[0], gradients)
    };
    let (_, gradients) = run(inputs, true);
    let named: Vec<_> = inputs.iter().enumerate().map(|(k, x)| (k, x.clone())).collect();
    let report = check(&named, &gradients, |inputs| run(inputs, false).0).unwrap();
    assert!(report.passes(1e-6), "{name} on {:?}\n{report}", inputs.iter().map(|x| x.shape()).collect::<Vec<_>>());
}

/// A few random shapes, each with its source of random numbers.
fn on_random_shapes(mut f: impl FnMut(Shape, &mut Random)) {
    for seed in 0..6 {
        let mut random = Random::seed_from_u64(seed);
        let shape = [random.random_range(1..4), random.random_range(1..4), random.random_range(1..6)];
        f(shape, &mut random);
    }
}

#[test]
fn functions_of_two_numbers_and_what_is_stretched() {
    on_random_shapes(|shape, random| {
        for (f, low) in
            [(Binary::Add, -1.0), (Binary::Sub, -1.0), (Binary::Mul, -1.0), (Binary::Div, 0.5), (Binary::Power, 0.5)]
        {
            for stretched in 0..8 {
                let small: Shape = std::array::from_fn(|k| if stretched >> k & 1 == 1 { 1 } else { shape[k] });
                let other: Shape =
                    std::array::from_fn(|k| if stretched >> k & 1 == 0 && k == 1 { 1 } else { shape[k] });
                let inputs = [numbers(small, random, low..2.0), numbers(other, random, low..2.0)];
                holds(&format!("{f:?}"), &inputs, |tape, x| tape.binary(f, x[0], x[1]));
                holds(&format!("{f:?} with itself"), &inputs[..1], |tape, x| tape.binary(f, x[0], x[0]));
            }
        }
    });
}

#[test]
fn functions_of_one_number() {
    on_random_shapes(|shape, random| {
        let linear = Unary::Linear { scale: -1.5, shift: 0.25 };
        for f in [Activation::Sigmoid, Activation::Tanh, Activation::Relu].map(Unary::Activation) {
            holds(&format!("{f:?}"), &[numbers(shape, random, -3.0..3.0)], |tape, x| tape.unary(f, x[0]));
        }
        for f in [linear, Unary::Softplus, Unary::Sqrt] {
            holds(&format!("{f:?}"), &[numbers(shape, random, 0.1..3.0)], |tape, x| tape.unary(f, x[0]));
        }
    });
}

#[test]
fn products_of_matrices() {
    on_random_shapes(|[n, p, q], random| {
        let r = random.random_range(1..5);
        let x = numbers([n, p, q], random, -1.0..1.0);
        let (w, b) = (numbers([1, q, r], random, -1.0..1.0), numbers([1, 1, r], random, -1.0..1.0));
        holds("affine", &[x.clone(), w.clone(), b], |tape, x| tape.affine(x[0], x[1], Some(x[2])));
        holds("affine, no bias", &[x.clone(), w.clone()], |tape, x| tape.affine(x[0], x[1], None));
        holds("affine, x used before and after", &[x.clone(), w], |tape, x| {
            let y = tape.affine(x[0], x[1], None);
            let (x, y) = (tape.total(x[0]), tape.total(y));
            tape.mul(x, y)
        });
        holds("affine of itself", &[numbers([1, q, q], random, -1.0..1.0)], |tape, x| tape.affine(x[0], x[0], None));
        holds(
            "affine, x as bias",
            &[numbers([1, 1, q], random, -1.0..1.0), numbers([1, q, q], random, -1.0..1.0)],
            |tape, x| tape.affine(x[0], x[1], Some(x[0])),
        );
        holds(
            "affine, w as bias",
            &[numbers([n, p, 1], random, -1.0..1.0), numbers([1, 1, r], random, -1.0..1.0)],
            |tape, x| tape.affine(x[0], x[1], Some(x[1])),
        );
        holds("product", &[x.clone(), numbers([n, q, r], random, -1.0..1.0)], |tape, x| tape.product(x[0], x[1]));
        let transposed = [x, numbers([n, r, q], random, -1.0..1.0)];
        holds("product, transposed", &transposed, |tape, x| tape.product_transposed(x[0], x[1]));
    });
}

#[test]
fn what_only_moves_numbers_or_adds_them_up() {
    on_random_shapes(|shape, random| {
        for axis in 0..3 {
            let mut longer = shape;
            longer[axis] += 2;
            let inputs = [numbers(shape, random, -1.0..1.0), numbers(longer, random, -1.0..1.0)];
            holds("concat", &inputs, |tape, x| tape.concat(&[x[0], x[1], x[0]], axis));
            holds("slice", &inputs[1..], |tape, x| tape.slice(x[0], axis, 1..longer[axis] - 1));
            holds("sum", &inputs[1..], |tape, x| tape.sum(x[0], axis));
        }
        holds("reshape", &[numbers(shape, random, -1.0..1.0)], |tape, x| {
            let x = tape.reshape(x[0], [shape[2], 1, shape[0] * shape[1]]);
            tape.mul(x, x)
        });
    });
}

#[test]
fn rows_of_probabilities() {
    on_random_shapes(|[p, q, n], random| {
        let x = numbers([p, q, n], random, -2.0..2.0);
        holds("softmax", std::slice::from_ref(&x), |tape, x| tape.softmax(x[0]));
        let labels: Vec<Option<usize>> = (0..p * q).map(|k| (k % 3 != 1).then_some(k % n)).collect();
        holds("log-likelihood", std::slice::from_ref(&x), |tape, x| tape.log_likelihood(x[0], &labels));
        let offsets = if n >= 3 { 3 } else { 1 };
        let inputs = [x, numbers([p, q, offsets], random, -1.0..1.0)];
        holds("rotate", &inputs, |tape, x| tape.rotate(x[0], x[1]));
    });
}

#[test]
fn rotation_moves_to_the_right_by_positive_offsets() {
    let mut tape = Tape::<f64>::reference();
    let (x, shift) = (tape.constant([1, 1, 4], &[1.0, 2.0, 3.0, 4.0]), tape.constant([1, 1, 3], &[0.0, 0.0, 1.0]));
    let y = tape.rotate(x, shift);
    assert_eq!(tape.value(y), [4.0, 1.0, 2.0, 3.0]);
}

#[test]
fn a_rewound_tape_computes_as_a_new_one_does() {
    let run = |tape: &mut Tape<f32>, w: Var, n: usize| {
        tape.rewind();
        let x: Vec<f32> = (0..n * 3).map(|k| k as f32 * 0.1).collect();
        let x = tape.constant([1, n, 3], &x);
        let (mut y, steps) = (x, if n == 2 { 3 } else { 1 });
        for _ in 0..steps {
            let z = tape.affine(y, w, None);
            y = tape.tanh(z);
        }
        let cost = tape.log_likelihood(y, &vec![Some(1); n]);
        tape.backward(cost);
        (tape.value(cost)[0], tape.gradient(w).to_vec())
    };
    let make = || {
        let mut tape = Tape::fast(Arc::new(Threads::one()));
        let w = tape.parameter([1, 3, 3], (0..9).map(|k| (k as f32).sin()).collect());
        (tape, w)
    };
    let (mut used, w) = make();
    for n in [2, 5, 2, 1, 5] {
        let (mut new, w_new) = make();
        assert_eq!(run(&mut used, w, n), run(&mut new, w_new, n), "{n} rows");
    }
}

#[test]
fn both_backends_agree() {
    let mut random = Random::seed_from_u64(7);
    let (w, x) = (numbers([1, 20, 24], &mut random, -0.5..0.5), numbers([1, 9, 20], &mut random, -1.0..1.0));
    fn run<R: Real>(mut tape: Tape<R>, w: &ArrayD<f64>, x: &ArrayD<f64>) -> Vec<f64> {
        let of = |a: &ArrayD<f64>| a.iter().map(|&x| R::of(x)).collect::<Vec<_>>();
        let (w, x) = (tape.parameter([1, 20, 24], of(w)), of(x));
        let x = tape.constant([1, 9, 20], &x);
        let z = tape.affine(x, w, None);
        let (open, value) = (tape.slice(z, 2, 0..12), tape.slice(z, 2, 12..24));
        let (open, value) = (tape.sigmoid(open), tape.tanh(value));
        let y = tape.mul(open, value);
        let cost = tape.log_likelihood(y, &[Some(3); 9]);
        tape.backward(cost);
        tape.gradient(w).iter().map(|d| d.f64()).collect()
    }
    let (fast, exact) = (run(Tape::fast(Arc::new(Threads::one())), &w, &x), run(Tape::<f64>::reference(), &w, &x));
    assert!(fast.iter().zip(&exact).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
#[should_panic(expected = "do not stretch to one shape")]
fn shapes_that_do_not_fit_are_named() {
    let mut tape = Tape::<f64>::reference();
    let (a, b) = (tape.constant([1, 1, 2], &[0.0; 2]), tape.constant([1, 1, 3], &[0.0; 3]));
    tape.add(a, b);
}

#[test]
fn what_is_watched_keeps_its_gradient() {
    let mut tape = Tape::<f64>::reference();
    let w = tape.parameter([1, 1, 3], vec![0.3, -0.2, 0.5]);
    let a = tape.tanh(w);
    let (b, c) = (tape.sigmoid(a), tape.add(a, a));
    let product = tape.mul(b, c);
    let cost = tape.total(product);
    tape.watch(a);
    tape.backward(cost);
    // C = Σ σ(a) 2a
    for ((&a, &da), (&w, &dw)) in
        tape.value(a).iter().zip(tape.gradient(a)).zip(tape.value(w).iter().zip(tape.gradient(w)))
    {
        let sigma = 1.0 / (1.0 + (-a).exp());
        let expected = 2.0 * sigma + 2.0 * a * sigma * (1.0 - sigma);
        assert!((da - expected).abs() < 1e-12 && (dw - expected * (1.0 - w.tanh().powi(2))).abs() < 1e-12);
    }
    assert!(tape.gradient(b).is_empty() && tape.gradient(c).is_empty() && tape.gradient(cost).is_empty());
}
