//! Operations, one by one.

use super::*;
use network3::cost::Start;

#[test]
fn affine() {
    let mut draw = Draw::new(Seed::new(1));
    for (n, inputs, outputs) in [(1, 1, 1), (3, 5, 4), (4, 2, 7)] {
        let op = Affine { inputs, outputs };
        let (x, w, b) = (draw.tensor(&[n, inputs]), draw.tensor(&[inputs, outputs]), draw.tensor(&[outputs]));
        let r = draw.numbers(n * outputs);
        let (mut dx, mut dw, mut db) = (zeros(x.len()), zeros(w.len()), zeros(b.len()));
        let at = At { x: flat(&x), y: &[], dy: &mut r.clone(), dx: Some(&mut dx), dead_at_zero: false };
        Reference.affine_backward(&op, at, Trainable { w: adding(flat(&w), &mut dw), b: adding(flat(&b), &mut db) });
        let gradients = [array(x.shape(), &dx), array(w.shape(), &dw), array(b.shape(), &db)];
        let report = check(&[("x", x), ("w", w), ("b", b)], &gradients, |t| {
            let mut y = zeros(r.len());
            Reference.affine_forward(&op, flat(&t[0]), Weights { w: flat(&t[1]), b: flat(&t[2]) }, &mut y);
            dot(&r, &y)
        });
        right(op, &report.unwrap());
    }
}

#[test]
fn conv() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (kernel, stride, (n, filters)) = (draw.pair(1..=4), draw.pair(1..=3), draw.pair(1..=3));
        let (height, width) = (kernel.0 + draw.size(1..=5) - 1, kernel.1 + draw.size(1..=5) - 1);
        let groups = draw.size(1..=2);
        let (maps, filters) = (draw.size(1..=3) * groups, filters * groups);
        let window = Window { size: kernel, stride, padding: draw.padding(kernel) };
        let op = Conv::with_window(Shape::image(maps, height, width), filters, window, groups).unwrap();
        let (x, w) = (draw.tensor(&[n, height, width, maps]), draw.tensor(&[filters, op.taps()]));
        let r = draw.numbers(n * op.output_len());
        let (mut dx, mut dw) = (zeros(x.len()), zeros(w.len()));
        let at = At { x: flat(&x), y: &[], dy: &mut r.clone(), dx: Some(&mut dx), dead_at_zero: false };
        Reference.conv_backward(&op, at, adding(flat(&w), &mut dw));
        let gradients = [array(x.shape(), &dx), array(w.shape(), &dw)];
        let report = check(&[("x", x), ("w", w)], &gradients, |t| {
            let mut y = zeros(r.len());
            Reference.conv_forward(&op, flat(&t[0]), flat(&t[1]), &mut y);
            dot(&r, &y)
        });
        right((seed, op), &report.unwrap());
    }
    // One of these takes some milliseconds.
    QuickCheck::new().tests(40).quickcheck(property as fn(Seed));
}

#[test]
fn pool() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (window, step) = (draw.pair(1..=3), draw.pair(1..=4)); // apart, touching, and overlapping
        let input = Shape::image(draw.size(1..=2), window.0 + draw.size(1..=5) - 1, window.1 + draw.size(1..=5) - 1);
        let padding = draw.padding(window);
        for pooling in POOLINGS {
            for ties in [Ties::All, Ties::First] {
                let op = Pool::new(input, pooling, Window { size: window, stride: step, padding }, ties).unwrap();
                let n = draw.size(1..=2);
                let (x, r) = (draw.numbers(n * input.len()), draw.numbers(n * op.output_shape().len()));
                right((seed, op), &check_pool(&op, &x, &r, |_| {}));
            }
        }
    }
    QuickCheck::new().tests(30).quickcheck(property as fn(Seed));
}

#[test]
fn activations() {
    let mut draw = Draw::new(Seed::new(2));
    for f in ACTIVATIONS {
        let z = draw.tensor(&[50]).mapv(|z| 6.0 * z);
        let r = draw.numbers(50);
        let (mut y, mut dz) = (flat(&z).to_vec(), r.clone());
        Reference.activate(f, &mut y);
        Reference.activate_backward(f, &y, &mut dz);
        let report = check(&[("z", z)], &[array(&[50], &dz)], |t| {
            let mut y = flat(&t[0]).to_vec();
            Reference.activate(f, &mut y);
            dot(&r, &y)
        });
        right(f, &report.unwrap());
    }
}

#[test]
fn softmax_and_cost() {
    let mut draw = Draw::new(Seed::new(3));
    for (n, classes) in [(1, 2), (3, 10), (5, 4)] {
        let z = draw.tensor(&[n, classes]).mapv(|z| 5.0 * z);
        let labels: Vec<Label> = (0..n).map(|_| draw.size(1..=classes) as Label - 1).collect();
        for cost in [Cost::LogLikelihood, Cost::Quadratic] {
            let (mut a, mut dz) = (flat(&z).to_vec(), zeros(z.len()));
            softmax::forward(&mut a, classes);
            if cost.gradient(&a, &labels, &mut dz) == Start::Output {
                softmax::backward(&a, &mut dz, classes);
            }
            let report = check(&[("z", z.clone())], &[array(&[n, classes], &dz)], |t| {
                let mut a = flat(&t[0]).to_vec();
                softmax::forward(&mut a, classes);
                cost.value(&a, &labels)
            });
            right((cost, &labels), &report.unwrap());
        }
    }
}

#[test]
fn normalisation() {
    let mut draw = Draw::new(Seed::new(11));
    for (maps, size, beta) in [(1, 1, 0.75), (4, 3, 0.75), (7, 5, 0.5), (3, 9, 1.0)] {
        let op = Normalise::new(Shape::image(maps, 2, 3), size, 1.5, 0.4, beta).unwrap();
        let (x, r) = (draw.tensor(&[2, 2, 3, maps]), draw.numbers(12 * maps));
        let forward = |x: &[f64]| {
            let mut y = zeros(x.len());
            Reference.normalise_forward(&op, x, &mut y, &mut Notes::default());
            y
        };
        let mut dx = zeros(x.len());
        let at = At { x: flat(&x), y: &forward(flat(&x)), dy: &mut r.clone(), dx: Some(&mut dx), dead_at_zero: false };
        Reference.normalise_backward(&op, at, &Notes::default());
        let report = check(&[("x", x.clone())], &[array(x.shape(), &dx)], |t| dot(&r, &forward(flat(&t[0]))));
        right(op, &report.unwrap());
    }
}

#[test]
fn batch_normalisation() {
    let mut draw = Draw::new(Seed::new(12));
    for (n, units) in [(1, 2), (3, 5), (4, 12)] {
        let op = BatchNorm::new(Shape::Flat(n)).unwrap();
        let (x, w, b) = (draw.tensor(&[units, n]), draw.tensor(&[n]), draw.tensor(&[n]));
        let r = draw.numbers(units * n);
        let given = [draw.numbers(n), draw.numbers(n).iter().map(|x| x.abs() + 0.1).collect()];
        for of_batch in [true, false] {
            let moments = |x: &[f64]| {
                let [mut mean, mut variance] = given.clone();
                if of_batch {
                    Reference.batch_moments(&op, x, &mut mean, &mut variance);
                }
                (mean, variance)
            };
            let (mean, variance) = moments(flat(&x));
            let (mut dx, mut dw, mut db) = (zeros(units * n), zeros(n), zeros(n));
            let at = At { x: flat(&x), y: &[], dy: &mut r.clone(), dx: Some(&mut dx), dead_at_zero: false };
            let p = Trainable { w: adding(flat(&w), &mut dw), b: adding(flat(&b), &mut db) };
            Reference.batch_norm_backward(&op, at, Moments { mean: &mean, variance: &variance, of_batch }, p);
            let gradients = [array(x.shape(), &dx), array(w.shape(), &dw), array(b.shape(), &db)];
            let point = [("x", x.clone()), ("γ", w.clone()), ("β", b.clone())];
            let report = check(&point, &gradients, |t| {
                let (mean, variance) = moments(flat(&t[0]));
                let moments = Moments { mean: &mean, variance: &variance, of_batch };
                let (mut y, p) = (zeros(units * n), Weights { w: flat(&t[1]), b: flat(&t[2]) });
                Reference.batch_norm_forward(&op, flat(&t[0]), moments, p, &mut y);
                dot(&r, &y)
            });
            right((op, of_batch), &report.unwrap());
        }
    }
}

#[test]
fn dropout_with_its_mask() {
    right("dropout", &check_dropout(true));
}

#[test]
fn conv_pool() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (kernel, stride, window, step) = (draw.pair(1..=3), draw.pair(1..=2), draw.pair(1..=3), draw.pair(1..=3));
        let (n, filters, maps) = (draw.size(1..=3), draw.size(1..=3), draw.size(1..=2));
        let side = |kernel, stride, window, more| kernel + (window + more - 2) * stride;
        let (height, width) = (
            side(kernel.0, stride.0, window.0, draw.size(1..=3)),
            side(kernel.1, stride.1, window.1, draw.size(1..=3)),
        );
        let conv = Conv::new(Shape::image(maps, height, width), filters, kernel, stride).unwrap();
        let (pooling, ties) = (draw.of(&POOLINGS), draw.of(&[Ties::All, Ties::First]));
        let op = ConvPool::new(conv, pooling, ties, Window::new(window, step), draw.of(&ACTIVATIONS)).unwrap();
        let x = draw.tensor(&[n, height, width, maps]);
        let (w, b) = (draw.tensor(&[filters, kernel.0, kernel.1, maps]), draw.tensor(&[filters]));
        let r = draw.numbers(n * op.output_shape().len());
        let forward = |t: [&ArrayD<f64>; 3], notes: &mut Notes| {
            let mut y = zeros(r.len());
            Reference.conv_pool_forward(&op, flat(t[0]), Weights { w: flat(t[1]), b: flat(t[2]) }, &mut y, notes);
            y
        };
        let mut notes = Notes::default();
        let (y, mut delta) = (forward([&x, &w, &b], &mut notes), r.clone());
        let (mut dx, mut dw, mut db) = (zeros(x.len()), zeros(w.len()), zeros(filters));
        let p = Trainable { w: adding(flat(&w), &mut dw), b: adding(flat(&b), &mut db) };
        let at = At { x: flat(&x), y: &y, dy: &mut delta, dx: Some(&mut dx), dead_at_zero: false };
        Reference.conv_pool_backward(&op, at, p, &notes);
        let gradients = [array(x.shape(), &dx), array(w.shape(), &dw), array(b.shape(), &db)];
        let report = check(&[("x", x), ("w", w), ("b", b)], &gradients, |t| {
            dot(&r, &forward([&t[0], &t[1], &t[2]], &mut Notes::default()))
        });
        right((seed, op), &report.unwrap());
    }
    QuickCheck::new().tests(40).quickcheck(property as fn(Seed));
}
