//! Every gradient against finite differences, in `f64`, on every element; and the check itself against planted errors.
//!
//! An operation is made a scalar function by a random projection, C = Σ r·y, so that ∂C/∂y = r.

use ndarray::{Array1, ArrayD, IxDyn};
use network3::gradcheck::{Report, check, check_network};
use network3::layer::Parameters;
use network3::ops::{self, Affine, Conv, ConvPool, Gradients, Pool, Reference, Voice, Weights, dropout, softmax};
use network3::train::Step;
use network3::{Activation, Habits, Network, Pair, Pass, Pooling, Shape, Spec, Ties};
use quickcheck::{Arbitrary, Gen, QuickCheck};
use rand::RngExt;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

const TOLERANCE: f64 = 1e-6;
const ACTIVATIONS: [Activation; 4] = [Activation::Sigmoid, Activation::Tanh, Activation::Relu, Activation::Linear];
const POOLINGS: [Pooling; 3] = [Pooling::Max, Pooling::L2, Pooling::Mean];

/// Where the shapes and the numbers of a case come from. It does not shrink: another seed is another case.
#[derive(Clone, Copy, Debug)]
struct Seed(u64);

impl Arbitrary for Seed {
    fn arbitrary(g: &mut Gen) -> Self {
        Seed(u64::arbitrary(g))
    }
}

struct Draw(Xoshiro256PlusPlus);

impl Draw {
    fn new(Seed(seed): Seed) -> Self {
        Draw(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn size(&mut self, most: usize) -> usize {
        self.0.random_range(1..=most)
    }

    fn pair(&mut self, most: usize) -> Pair {
        (self.size(most), self.size(most))
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.0.random_range(0..list.len())]
    }

    /// Real numbers between −1 and 1: to be within 10⁻⁵ of a kink takes a hundred thousand of them.
    fn numbers(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.0.random_range(-1.0..1.0)).collect()
    }

    fn tensor(&mut self, shape: &[usize]) -> ArrayD<f64> {
        array(shape, &self.numbers(shape.iter().product()))
    }
}

fn array(shape: &[usize], x: &[f64]) -> ArrayD<f64> {
    Array1::from(x.to_vec()).into_shape_with_order(IxDyn(shape)).unwrap()
}

fn zeros(n: usize) -> Vec<f64> {
    vec![0.0; n]
}

fn flat(a: &ArrayD<f64>) -> &[f64] {
    a.as_slice().unwrap()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[track_caller]
fn right(what: impl std::fmt::Debug, report: &Report) {
    assert!(report.passes(TOLERANCE), "{what:?}\n{report}");
}

// Operations, one by one.

#[test]
fn affine() {
    let mut draw = Draw::new(Seed(1));
    for (n, inputs, outputs) in [(1, 1, 1), (3, 5, 4), (4, 2, 7)] {
        let op = Affine { inputs, outputs };
        let (x, w, b) = (draw.tensor(&[n, inputs]), draw.tensor(&[inputs, outputs]), draw.tensor(&[outputs]));
        let r = draw.numbers(n * outputs);
        let (mut dx, mut dw, mut db) = (zeros(x.len()), zeros(w.len()), zeros(b.len()));
        Reference.affine_backward(&op, flat(&x), flat(&w), &r, Gradients { dw: &mut dw, db: &mut db }, Some(&mut dx));
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
        let (kernel, stride, (n, filters)) = (draw.pair(4), draw.pair(3), draw.pair(3));
        let (height, width) = (kernel.0 + draw.size(5) - 1, kernel.1 + draw.size(5) - 1);
        let op = Conv::new(Shape::image(draw.size(3), height, width), filters, kernel, stride).unwrap();
        let (x, w) = (draw.tensor(&[n, height, width, op.maps]), draw.tensor(&[filters, kernel.0, kernel.1, op.maps]));
        let r = draw.numbers(n * op.output_len());
        let (mut dx, mut dw) = (zeros(x.len()), zeros(w.len()));
        Reference.conv_backward(&op, flat(&x), flat(&w), &r, &mut dw, Some(&mut dx));
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

/// The check of a pooling operation at `x`, with what `change` makes of its gradient.
fn check_pool(op: &Pool, x: &[f64], r: &[f64], change: impl FnOnce(&mut [f64])) -> Report {
    use ops::pool::reference::{backward, forward};
    let n = x.len() / (op.height * op.width * op.maps);
    let x = array(&[n, op.height, op.width, op.maps], x);
    let shape = (n, op.output_height(), op.output_width(), op.maps);
    let view = |x: &ArrayD<f64>| x.clone().into_dimensionality().unwrap();
    let mut dx = view(&x);
    let dy = ndarray::ArrayView4::from_shape(shape, r).unwrap();
    backward(op, view(&x).view(), dy, dx.view_mut());
    change(dx.as_slice_mut().unwrap());
    let report = check(&[("x", x)], &[dx.into_dyn()], |t| {
        let mut y = ndarray::Array4::zeros(shape);
        forward(op, view(&t[0]).view(), y.view_mut());
        dot(r, y.as_slice().unwrap())
    });
    report.unwrap()
}

#[test]
fn pool() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (window, step) = (draw.pair(3), draw.pair(4)); // apart, touching, and overlapping
        let input = Shape::image(draw.size(2), window.0 + draw.size(5) - 1, window.1 + draw.size(5) - 1);
        for pooling in POOLINGS {
            for ties in [Ties::All, Ties::First] {
                let op = Pool::new(input, pooling, window, step, ties).unwrap();
                let n = draw.size(2);
                let (x, r) = (draw.numbers(n * input.len()), draw.numbers(n * op.output_shape().len()));
                right((seed, op), &check_pool(&op, &x, &r, |_| {}));
            }
        }
    }
    QuickCheck::new().tests(30).quickcheck(property as fn(Seed));
}

#[test]
fn activations() {
    let mut draw = Draw::new(Seed(2));
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
    let mut draw = Draw::new(Seed(3));
    for (n, classes) in [(1, 2), (3, 10), (5, 4)] {
        let z = draw.tensor(&[n, classes]).mapv(|z| 5.0 * z);
        let labels: Vec<u8> = (0..n).map(|_| draw.size(classes) as u8 - 1).collect();
        let (mut a, mut dz) = (flat(&z).to_vec(), zeros(z.len()));
        softmax::forward(&mut a, classes);
        softmax::backward(&a, &labels, &mut dz);
        let report = check(&[("z", z)], &[array(&[n, classes], &dz)], |t| {
            let mut a = flat(&t[0]).to_vec();
            softmax::forward(&mut a, classes);
            softmax::cost(&a, &labels)
        });
        right(labels, &report.unwrap());
    }
}

/// C = Σ r·tanh(mask(x) w): with the mask applied on the way back, and without.
fn check_dropout(masked: bool) -> Report {
    let mut draw = Draw::new(Seed(4));
    let op = Affine { inputs: 6, outputs: 3 };
    let (x, w, r) = (draw.tensor(&[4, 6]), draw.numbers(18), draw.numbers(12));
    let mut mask = [true; 24];
    dropout::mask(&mut mask, 4, 0.5, 1, 0);
    assert!(mask.contains(&true) && mask.contains(&false));
    let forward = |x: &[f64]| {
        let (mut x, mut y) = (x.to_vec(), zeros(12));
        dropout::apply(&mask, &mut x);
        Reference.affine_forward(&op, &x, Weights { w: &w, b: &[0.0; 3] }, &mut y);
        Reference.activate(Activation::Tanh, &mut y);
        y
    };
    let (mut delta, mut dx) = (r.clone(), zeros(24));
    Reference.activate_backward(Activation::Tanh, &forward(flat(&x)), &mut delta);
    let g = Gradients { dw: &mut zeros(18), db: &mut zeros(3) };
    Reference.affine_backward(&op, flat(&x), &w, &delta, g, Some(&mut dx));
    if masked {
        dropout::apply(&mask, &mut dx);
    }
    check(&[("x", x)], &[array(&[4, 6], &dx)], |t| dot(&r, &forward(flat(&t[0])))).unwrap()
}

#[test]
fn dropout_with_its_mask() {
    right("dropout", &check_dropout(true));
}

#[test]
fn conv_pool() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (kernel, stride, window, step) = (draw.pair(3), draw.pair(2), draw.pair(3), draw.pair(3));
        let (n, filters, maps) = (draw.size(3), draw.size(3), draw.size(2));
        let side = |kernel, stride, window, more| kernel + (window + more - 2) * stride;
        let (height, width) =
            (side(kernel.0, stride.0, window.0, draw.size(3)), side(kernel.1, stride.1, window.1, draw.size(3)));
        let conv = Conv::new(Shape::image(maps, height, width), filters, kernel, stride).unwrap();
        let pooling = (draw.of(&POOLINGS), draw.of(&[Ties::All, Ties::First]));
        let op = ConvPool::new(conv, pooling, window, step, draw.of(&ACTIVATIONS)).unwrap();
        let x = draw.tensor(&[n, height, width, maps]);
        let (w, b) = (draw.tensor(&[filters, kernel.0, kernel.1, maps]), draw.tensor(&[filters]));
        let r = draw.numbers(n * op.output_shape().len());
        let forward = |t: [&ArrayD<f64>; 3]| {
            let (mut y, mut notes) = (zeros(r.len()), vec![0; n * op.notes()]);
            Reference.conv_pool_forward(&op, flat(t[0]), Weights { w: flat(t[1]), b: flat(t[2]) }, &mut y, &mut notes);
            y
        };
        let (y, mut delta) = (forward([&x, &w, &b]), r.clone());
        let (mut dx, mut dw, mut db) = (zeros(x.len()), zeros(w.len()), zeros(filters));
        let p = Weights { w: flat(&w), b: flat(&b) };
        let g = Gradients { dw: &mut dw, db: &mut db };
        Reference.conv_pool_backward(&op, flat(&x), p, (&y, &[]), &mut delta, g, Some(&mut dx));
        let gradients = [array(x.shape(), &dx), array(w.shape(), &dw), array(b.shape(), &db)];
        let report = check(&[("x", x), ("w", w), ("b", b)], &gradients, |t| dot(&r, &forward([&t[0], &t[1], &t[2]])));
        right((seed, op), &report.unwrap());
    }
    QuickCheck::new().tests(40).quickcheck(property as fn(Seed));
}

// Whole networks.

/// Softmax layers begin at zero, and would hide all that is below them.
fn randomise(network: &mut Network<f64>, draw: &mut Draw) {
    for p in network.layers_mut().iter_mut().filter_map(|layer| layer.parameters_mut()) {
        let scale = 2.0 / (p.w.len() as f64 / p.b.len() as f64).sqrt();
        p.w.mapv_inplace(|_| scale * draw.0.random_range(-1.0..1.0));
        p.b.mapv_inplace(|_| draw.0.random_range(-0.5..0.5));
    }
}

/// Layers at random, and an input that they fit. Ties go to the first winner: where windows overlap twice in a row, one
/// number reaches a window by two ways and ties with itself, and only that rule counts it once.
fn random_network(draw: &mut Draw) -> Network<f64> {
    loop {
        let mut specs = vec![];
        for _ in 1..draw.size(3) {
            let (filters, kernel, stride) = (draw.size(3), draw.pair(3), draw.pair(2));
            let (pooling, window, step) = (draw.of(&POOLINGS), draw.pair(3), draw.pair(3));
            let activation = draw.of(&ACTIVATIONS);
            specs.push(match draw.size(4) {
                1 => Spec::Conv { filters, kernel, stride, activation },
                2 => Spec::Pool { pooling, window, step },
                _ => Spec::ConvPool { filters, kernel, stride, pooling, window, step, activation },
            });
        }
        for _ in 1..draw.size(3) {
            let p = draw.of(&[0.0, 0.3, 0.6]);
            specs.push(Spec::fully_connected(draw.size(6), draw.of(&ACTIVATIONS)).with_dropout(p));
        }
        specs.push(Spec::softmax(draw.size(5) + 1).with_dropout(draw.of(&[0.0, 0.3])));
        let input = Shape::image(draw.size(2), draw.size(8), draw.size(8));
        if let Ok(mut network) = Network::new(input, &specs, Habits::corrected(), draw.0.random()) {
            randomise(&mut network, draw);
            return network;
        }
    }
}

fn random_batch(network: &Network<f64>, draw: &mut Draw) -> (Vec<f64>, Vec<u8>) {
    let n = draw.size(3);
    let classes = network.layers().last().unwrap().output_shape().len();
    (draw.numbers(n * network.input().len()), (0..n).map(|_| draw.size(classes) as u8 - 1).collect())
}

/// Which of the layers' parameters there are, one after the other.
fn parameters(network: &mut Network<f64>) -> impl Iterator<Item = &mut Parameters<f64>> {
    network.layers_mut().iter_mut().filter_map(|layer| layer.parameters_mut())
}

/// Checks what a step of gradient descent does: with η = 1 and nothing in motion yet, every number must move by the gradient
/// of the *regularised* cost, C + ½·decay·Σ‖w‖².
fn check_step(network: &mut Network<f64>, x: &[f64], labels: &[u8], step: &Step) -> Report {
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
    let mut draw = Draw::new(Seed(5));
    for f in ACTIVATIONS {
        let layers = [
            Spec::conv_pool(3, (3, 3), (2, 2), f),
            Spec::conv_pool(4, (2, 2), (2, 2), f),
            Spec::fully_connected(6, f).with_dropout(0.5),
            Spec::fully_connected(5, f).with_dropout(0.5),
            Spec::softmax(10).with_dropout(0.5),
        ];
        for habits in [Habits::faithful(), Habits::corrected()] {
            let mut network = Network::new(Shape::image(1, 10, 12), &layers, habits, 1).unwrap();
            randomise(&mut network, &mut draw);
            let x = draw.numbers(4 * 120);
            let report = check_network(&mut network, &x, &[3, 1, 4, 1], Pass::Train { iteration: 59 }).unwrap();
            right(f, &report);
            assert_eq!(report.elements().count(), 4 * 120 + 30 + 52 + (4 * 2) * 6 + 6 + 35 + 60);
            assert_eq!(report.kinks().count(), 0, "{report}");
        }
    }
}

// Kinks, on purpose.

#[test]
fn rectified_linear_units_at_zero_are_kinks() {
    let mut draw = Draw::new(Seed(6));
    let mut blank = |units| {
        let layers = [Spec::fully_connected(units, Activation::Relu), Spec::softmax(3)];
        let mut network = Network::new(Shape::Flat(5), &layers, Habits::corrected(), 1).unwrap();
        randomise(&mut network, &mut draw);
        parameters(&mut network).next().unwrap().b.fill(0.0);
        check_network(&mut network, &[0.0; 5], &[1], Pass::Evaluate).unwrap()
    };
    let count = |report: &Report, name: &str| report.kinks().filter(|(tensor, _)| *tensor == name).count();
    // Blank paper: the weighted input is zero, and stays zero when a weight is moved.
    let report = blank(1);
    right("blank", &report);
    assert_eq!(
        ["input", "1 FullyConnected.w", "1 FullyConnected.b"].map(|name| count(&report, name)),
        [5, 0, 1],
        "{report}"
    );
    for (_, e) in report.kinks() {
        let (left, right) = e.sides;
        assert!(e.analytic == 0.0 && (left - right).abs() > 1e-3, "{e:?}");
    }
    assert!(report.to_string().contains("6 at a kink, where there is no derivative:"), "{report}");
    // An input that switches some units on and others off has several kinks in one. Zero is right for each, and need not
    // lie between their sums: such an element is reported as wrong, with both sides, and not excused.
    let report = blank(6);
    assert_eq!((report.wrong(TOLERANCE), count(&report, "1 FullyConnected.b")), (vec!["input"], 6), "{report}");
    let (name, worst) = report.worst().unwrap();
    assert!(name == "input" && worst.analytic == 0.0 && worst.sides.0 * worst.sides.1 > 0.0, "{report}");
    assert!(report.to_string().contains("from the left"), "{report}");
}

/// Ties under both rules. The unit itself has a kink, and either rule picks one of the one-sided derivatives. But a *weight*
/// moves all units of the tie together, so the cost has a derivative there, and giving every one of them the whole gradient
/// makes it four times too large. The check must say so: the habit is the chapter's program's, and it is not the gradient.
#[test]
fn ties_are_kinks_for_units_and_not_for_weights() {
    let mut draw = Draw::new(Seed(7));
    for (ties, wrong) in [(Ties::First, vec![]), (Ties::All, vec!["1 ConvPool.w"])] {
        let layers = [Spec::conv_pool(1, (1, 1), (2, 2), Activation::Tanh), Spec::softmax(3)];
        let habits = Habits { ties, ..Habits::corrected() };
        let mut network = Network::new(Shape::image(1, 4, 4), &layers, habits, 1).unwrap();
        randomise(&mut network, &mut draw);
        let report = check_network(&mut network, &[0.5; 16], &[2], Pass::Evaluate).unwrap();
        assert_eq!(report.wrong(TOLERANCE), wrong, "{report}");
        assert!(report.kinks().all(|(name, _)| name == "input"), "{report}");
        assert_eq!(report.kinks().count(), 16, "{report}");
        for (_, e) in report.elements().filter(|_| ties == Ties::All).filter(|(name, _)| *name == "1 ConvPool.w") {
            assert!((e.analytic / e.numeric - 4.0).abs() < TOLERANCE, "{e:?}");
        }
    }
}

#[test]
fn an_l2_pool_of_zeros_is_a_kink_that_the_centred_difference_cannot_see() {
    let op = Pool::new(Shape::image(1, 2, 2), Pooling::L2, (2, 2), (2, 2), Ties::First).unwrap();
    let report = check_pool(&op, &[0.0; 4], &[0.7], |_| {});
    assert_eq!(report.kinks().count(), 4);
    for (_, e) in report.kinks() {
        assert!((e.sides.0 + 0.7).abs() < 1e-9 && (e.sides.1 - 0.7).abs() < 1e-9 && e.error < TOLERANCE, "{e:?}");
    }
    assert!(!report.passes(TOLERANCE), "there is nothing left to judge by");
}

#[test]
fn near_ties_are_judged() {
    let op = Pool::new(Shape::image(1, 1, 4), Pooling::Max, (1, 2), (1, 2), Ties::First).unwrap();
    for gap in [1e-2, 1e-4, 1e-6] {
        let x = [0.5, 0.5 + gap, 0.3 + gap, 0.3];
        right(gap, &check_pool(&op, &x, &[1.0, 1.0], |_| {}));
        assert!(!check_pool(&op, &x, &[1.0, 1.0], |dx| dx.swap(0, 1)).passes(TOLERANCE), "{gap}");
    }
}

// A test of the test: errors that people make, planted one by one, and the tensors that must be named for each.

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mistake {
    None,
    /// σ′ = a(a − 1)
    Sign,
    /// The gradient of the filters takes the first image of the mini-batch only.
    ConvFirstExample,
    AffineFirstExample,
    ConvForgottenBias,
    AffineForgottenBias,
    /// Means over the mini-batch, where sums are wanted.
    AffineMean,
    /// ∂C/∂x is a convolution with the kernel as it stands.
    UnflippedKernel,
    /// The unit to the right of the winner gets its gradient.
    WrongWinner,
    /// The last row of outputs adds nothing to the gradient of the filters.
    LastRow,
    /// The last column of outputs adds nothing to ∂C/∂x.
    LastColumn,
    /// dx = dy · w with the weights read by columns.
    Transposed,
    /// The gradient replaces the sum instead of adding to it, so that one of two images counts twice.
    WeightsTwice,
}

struct Planted(Mistake);

impl Voice<f64> for Planted {
    fn activate_backward(&mut self, f: Activation, y: &[f64], dy: &mut [f64]) {
        Reference.activate_backward(f, y, dy);
        if self.0 == Mistake::Sign && f == Activation::Sigmoid {
            dy.iter_mut().for_each(|dy| *dy = -*dy);
        }
    }

    fn conv_backward(&mut self, op: &Conv, x: &[f64], w: &[f64], dy: &[f64], dw: &mut [f64], dx: Option<&mut [f64]>) {
        let (mut wrong_w, mut wrong_dy, row) = (w.to_vec(), dy.to_vec(), op.output_width() * op.filters);
        let rows = wrong_dy.chunks_exact_mut(row).enumerate();
        match self.0 {
            Mistake::ConvFirstExample => wrong_dy[op.output_len()..].fill(0.0),
            Mistake::UnflippedKernel => wrong_w.chunks_exact_mut(op.taps()).for_each(|w| w.reverse()),
            Mistake::WrongWinner => rows.for_each(|(_, dy)| dy.rotate_right(op.filters)),
            Mistake::LastRow => {
                rows.filter(|(i, _)| (i + 1) % op.output_height() == 0).for_each(|(_, dy)| dy.fill(0.0))
            }
            Mistake::LastColumn => rows.for_each(|(_, dy)| dy[row - op.filters..].fill(0.0)),
            _ => {}
        }
        let both = matches!(self.0, Mistake::WrongWinner);
        let for_dw = both || matches!(self.0, Mistake::ConvFirstExample | Mistake::LastRow);
        let for_dx = both || matches!(self.0, Mistake::LastColumn);
        Reference.conv_backward(op, x, w, if for_dw { &wrong_dy } else { dy }, dw, None);
        Reference.conv_backward(op, x, &wrong_w, if for_dx { &wrong_dy } else { dy }, &mut zeros(w.len()), dx);
    }

    fn conv_pool_backward(
        &mut self,
        op: &ConvPool,
        x: &[f64],
        p: Weights<f64>,
        (y, _): (&[f64], &[u32]),
        dy: &mut [f64],
        g: Gradients<f64>,
        dx: Option<&mut [f64]>,
    ) {
        let db = g.db.to_vec();
        let all = Gradients { dw: &mut *g.dw, db: &mut *g.db };
        ops::conv_pool::reference::backward(self, op, x, p, y, dy, all, dx);
        match self.0 {
            Mistake::ConvForgottenBias => g.db.copy_from_slice(&db),
            Mistake::WeightsTwice => g.dw.iter_mut().for_each(|dw| *dw *= 2.0),
            _ => {}
        }
    }

    fn affine_backward(
        &mut self,
        op: &Affine,
        x: &[f64],
        w: &[f64],
        dy: &[f64],
        g: Gradients<f64>,
        dx: Option<&mut [f64]>,
    ) {
        let n = dy.len() / op.outputs;
        let mut wrong_dy = dy.to_vec();
        match self.0 {
            Mistake::AffineFirstExample => wrong_dy[op.outputs..].fill(0.0),
            Mistake::AffineMean => wrong_dy.iter_mut().for_each(|dy| *dy /= n as f64),
            _ => {}
        }
        let columns: Vec<f64> = (0..w.len()).map(|k| w[k % op.inputs * op.outputs + k / op.inputs]).collect();
        let w = if self.0 == Mistake::Transposed { &columns } else { w };
        let mut db = g.db.to_vec();
        Reference.affine_backward(op, x, w, &wrong_dy, Gradients { dw: g.dw, db: &mut zeros(op.outputs) }, None);
        let right = Gradients { dw: &mut zeros(w.len()), db: &mut db };
        Reference.affine_backward(op, x, w, if self.0 == Mistake::AffineMean { &wrong_dy } else { dy }, right, dx);
        if self.0 != Mistake::AffineForgottenBias {
            g.db.copy_from_slice(&db);
        }
    }
}

#[test]
fn planted_errors_are_caught_and_their_tensors_named() {
    const INPUT: &str = "input";
    const CONV: [&str; 2] = ["1 ConvPool.w", "1 ConvPool.b"];
    const HIDDEN: [&str; 2] = ["2 FullyConnected.w", "2 FullyConnected.b"];
    const LAST: [&str; 2] = ["3 Softmax.w", "3 Softmax.b"];
    let cases: &[(Mistake, &[&str])] = &[
        (Mistake::None, &[]),
        (Mistake::Sign, &[INPUT, CONV[0], CONV[1], HIDDEN[0], HIDDEN[1]]),
        (Mistake::ConvFirstExample, &[CONV[0]]),
        (Mistake::AffineFirstExample, &[HIDDEN[0], LAST[0]]),
        (Mistake::ConvForgottenBias, &[CONV[1]]),
        (Mistake::AffineForgottenBias, &[HIDDEN[1], LAST[1]]),
        (Mistake::AffineMean, &[INPUT, CONV[0], CONV[1], HIDDEN[0], HIDDEN[1], LAST[0], LAST[1]]),
        (Mistake::UnflippedKernel, &[INPUT]),
        (Mistake::WrongWinner, &[INPUT, CONV[0]]),
        (Mistake::LastRow, &[CONV[0]]),
        (Mistake::LastColumn, &[INPUT]),
        (Mistake::Transposed, &[INPUT, CONV[0], CONV[1], HIDDEN[0], HIDDEN[1]]),
        (Mistake::WeightsTwice, &[CONV[0]]),
    ];
    let layers = [
        Spec::conv_pool(3, (3, 2), (2, 2), Activation::Tanh),
        Spec::fully_connected(5, Activation::Sigmoid),
        Spec::softmax(4),
    ];
    for (mistake, wrong) in cases {
        let network = Network::new(Shape::image(1, 6, 7), &layers, Habits::corrected(), 1).unwrap();
        let mut network = network.with_voice(Planted(*mistake));
        let mut draw = Draw::new(Seed(8));
        randomise(&mut network, &mut draw);
        let report = check_network(&mut network, &draw.numbers(2 * 42), &[3, 0], Pass::Evaluate).unwrap();
        assert_eq!(report.wrong(TOLERANCE), *wrong, "{mistake:?}\n{report}");
        assert_eq!(report.passes(TOLERANCE), wrong.is_empty());
        assert!(
            report.worst().is_some_and(|(name, _)| wrong.is_empty() || wrong.contains(&name)),
            "{mistake:?}\n{report}"
        );
    }
}

#[test]
fn a_mask_forgotten_on_the_way_back_is_caught() {
    let report = check_dropout(false);
    assert_eq!(report.wrong(TOLERANCE), ["x"], "{report}");
}

#[test]
fn an_error_beside_a_kink_is_no_kink() {
    // Units 0 and 1 tie; the gradient goes to unit 3, which has nothing to do with it.
    let op = Pool::new(Shape::image(1, 2, 2), Pooling::Max, (2, 2), (2, 2), Ties::First).unwrap();
    let report = check_pool(&op, &[0.5, 0.5, 0.1, 0.2], &[1.0], |dx| dx.swap(0, 3));
    let (name, worst) = report.worst().unwrap();
    assert_eq!((name, &worst.index[..], report.kinks().count()), ("x", &[0, 1, 1, 0][..], 2), "{report}");
    // At the tie itself, twice the gradient is too much for either side.
    let report = check_pool(&op, &[0.5, 0.5, 0.1, 0.2], &[1.0], |dx| dx[0] = 2.0);
    let (_, worst) = report.worst().unwrap();
    assert_eq!((&worst.index[..], report.kinks().count()), (&[0, 0, 0, 0][..], 1), "{report}");
}

#[test]
fn mistakes_in_one_element_are_found() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (x, w) = (draw.tensor(&[3, 4]), draw.tensor(&[5]));
        let mut dx = x.mapv(|x: f64| x.cos());
        let at = [draw.size(3) - 1, draw.size(4) - 1];
        dx[&at[..]] += draw.of(&[1e-4, -1e-4, 1.0]);
        let f = |t: &[ArrayD<f64>]| t[0].mapv(f64::sin).sum() + t[1].mapv(|w| w * w).sum();
        let report = check(&[("x", x), ("w", w.clone())], &[dx, 2.0 * w], f).unwrap();
        let (name, worst) = report.worst().unwrap();
        assert_eq!((name, &worst.index[..]), ("x", &at[..]));
        assert_eq!(report.wrong(TOLERANCE), ["x"]);
        let line = format!("x{at:?}: analytic {:.9e}, numeric {:.9e}", worst.analytic, worst.numeric);
        assert!(report.to_string().contains(&line), "{line}\n{report}");
    }
    QuickCheck::new().tests(50).quickcheck(property as fn(Seed));
}

#[test]
fn questions_that_make_no_sense_are_errors() {
    let x = array(&[2, 3], &[1.0; 6]);
    let ask =
        |gradients: &[ArrayD<f64>]| check(&[("x", x.clone())], gradients, |t| t[0].sum()).unwrap_err().to_string();
    assert_eq!(ask(&[]), "gradient check: expected 1 gradients, one for each tensor, got 0");
    assert_eq!(ask(&[array(&[3, 2], &[1.0; 6])]), "gradient check: gradient of x: expected [2, 3], got [3, 2]");
    let mut network = Network::new(Shape::Flat(3), &[Spec::softmax(2)], Habits::corrected(), 1).unwrap();
    let mut ask =
        |x: &[f64], labels: &[u8]| check_network(&mut network, x, labels, Pass::Evaluate).unwrap_err().to_string();
    assert!(ask(&[], &[]).contains("at least one"));
    assert!(ask(&[0.0; 5], &[0, 1]).contains("2 inputs of 3, one for each label, and at least one, got 5 numbers"));
    assert!(ask(&[0.0; 6], &[0, 2]).contains("label 2 is not one of the 2 classes"));
}

// Whether a network is sane can be told before it is trained for long.

#[test]
fn an_untrained_network_costs_ln_10() {
    for habits in [Habits::faithful(), Habits::corrected()] {
        let layers = [
            Spec::conv_pool(20, (5, 5), (2, 2), Activation::Relu),
            Spec::fully_connected(100, Activation::Relu),
            Spec::softmax(10),
        ];
        let mut network = Network::<f64>::new(Shape::image(1, 28, 28), &layers, habits, 1).unwrap();
        let x: Vec<f64> = Draw::new(Seed(9)).numbers(3 * 784);
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
    let mut network = Network::fast(Shape::image(1, 10, 10), &layers, Habits::corrected(), 1, 1).unwrap();
    let x: Vec<f32> = Draw::new(Seed(10)).numbers(2000).into_iter().map(|x| x as f32).collect();
    let labels: Vec<u8> = (0..20).map(|k| (7 * k % 10) as u8).collect(); // noise, to be learned by heart
    let first = network.cost(&x, &labels, Pass::Evaluate);
    for iteration in 0..200 {
        network.step(&x, &labels, &Step { eta: 0.2, decay: 0.0, momentum: 0.5, iteration });
    }
    let last = network.cost(&x, &labels, Pass::Evaluate);
    let found: Vec<u8> = network
        .forward(&x, Pass::Evaluate)
        .rows()
        .into_iter()
        .map(|a| softmax::argmax(a.as_slice().unwrap()))
        .collect();
    assert!(first > 2.0 && last < 0.02, "cost {first} before, {last} after");
    assert_eq!(found, labels);
}

#[test]
fn softmax_of_huge_numbers_is_finite() {
    fn at<R: network3::Real>(largest: f64) {
        for z in [[largest, 0.0, -largest], [-largest, -largest, -largest], [largest, largest, 1.0]] {
            let (mut a, mut dz) = (z.map(R::of), [R::nan(); 3]);
            softmax::forward(&mut a, 3);
            softmax::backward(&a, &[0], &mut dz);
            assert!(a.iter().chain(&dz).all(|x| x.is_finite()), "{z:?}: {a:?} {dz:?}");
            assert!((a.iter().map(|a| a.f64()).sum::<f64>() - 1.0).abs() < 1e-6, "{z:?}: {a:?}");
            assert!(softmax::cost(&a, &[0]).is_finite(), "{z:?}");
        }
    }
    at::<f32>(3e38);
    at::<f64>(1e308);
}
