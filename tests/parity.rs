//! The voices compute the same functions.
//!
//! Two kinds of numbers are used. With *small integers* every sum is exact in `f32`, in whatever order it is taken, so fast
//! and reference must agree to the bit, and equal patches, the ties of max-pooling, are all over the place. With *real
//! numbers* the reference is run in `f64` on the same numbers, and its rounding bound is the tolerance: a sum of n products
//! may be wrong by n·ε·Σ|products|, whatever the order.
//!
//! Outputs hold NaN beforehand: forward writes all of y, backward all of dx, and adds to dw and db.

use network3::ops::{Affine, Conv, ConvPool, Fast, Gradients, Reference, Sgd, Voice, Weights};
use network3::simd::Level;
use network3::train::{Learner, Step};
use network3::{Activation, Habits, Network, Pooling, Shape, Spec, Threads, Ties};
use quickcheck::{Arbitrary, Gen, QuickCheck};
use rand::RngExt;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Where the shapes and the numbers of a case come from. It does not shrink: another seed is another case.
#[derive(Clone, Copy, Debug)]
struct Seed(u64);

impl Arbitrary for Seed {
    fn arbitrary(g: &mut Gen) -> Self {
        Seed(u64::arbitrary(g))
    }
}

/// Numbers at random.
struct Draw(Xoshiro256PlusPlus);

impl Draw {
    fn new(Seed(seed): Seed) -> Self {
        Draw(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn size(&mut self, range: RangeInclusive<usize>) -> usize {
        self.0.random_range(range)
    }

    fn pair(&mut self, range: RangeInclusive<usize>) -> (usize, usize) {
        (self.size(range.clone()), self.size(range))
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.0.random_range(0..list.len())]
    }

    /// From −4 to 4, every other one zero; now and then a zero with a sign.
    fn integers(&mut self, n: usize) -> Vec<f32> {
        let one = |_| match self.0.random_range(-12..=12) {
            x @ -4..=4 => x as f32,
            5 => -0.0,
            _ => 0.0,
        };
        (0..n).map(one).collect()
    }

    /// Between −1 and 1, a third of them zero.
    fn reals(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| if self.0.random_ratio(1, 3) { 0.0 } else { self.0.random_range(-1.0..1.0) }).collect()
    }

    /// A convolution of a small image. Its kernel fits, nothing else is promised.
    fn conv(&mut self) -> Conv {
        let (height, width) = self.pair(1..=11);
        let kernel = (self.size(1..=height.min(6)), self.size(1..=width.min(6)));
        let filters = if self.0.random_ratio(1, 2) { self.size(1..=9) } else { self.size(10..=50) };
        let maps = if self.0.random_ratio(1, 2) { self.size(1..=3) } else { self.size(4..=40) };
        let stride = if self.0.random_ratio(1, 2) { (1, 1) } else { self.pair(1..=3) };
        Conv { maps, height, width, filters, kernel, stride }
    }

    fn conv_pool(&mut self, activations: &[Activation]) -> ConvPool {
        let conv = self.conv();
        let (height, width) = (conv.output_height(), conv.output_width());
        let two = height > 1 && width > 1 && self.0.random_ratio(2, 3);
        let window = if two { (2, 2) } else { (self.size(1..=height.min(4)), self.size(1..=width.min(4))) };
        let step = if self.0.random_ratio(1, 2) { window } else { self.pair(1..=3) };
        let pooling = if self.0.random_ratio(3, 4) { Pooling::Max } else { self.of(&[Pooling::L2, Pooling::Mean]) };
        let ties = self.of(&[Ties::All, Ties::First]);
        ConvPool::new(conv, (pooling, ties), window, step, self.of(activations)).unwrap()
    }
}

/// All the fast voices there are: one and two threads, this processor's vectors and plain ones.
fn voices() -> [(&'static str, Fast); 4] {
    let threads = |n| Arc::new(Threads::new(n).unwrap());
    [
        ("1 thread", Fast::new(threads(1))),
        ("2 threads", Fast::new(threads(2))),
        ("1 thread, plain", Fast::with_level(threads(1), Level::plain())),
        ("2 threads, plain", Fast::with_level(threads(2), Level::plain())),
    ]
}

fn nan(n: usize) -> Vec<f32> {
    vec![f32::NAN; n]
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

fn magnitudes(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x).abs()).collect()
}

#[track_caller]
fn equal(what: &str, got: &[f32], want: &[f32]) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (k, (got, want)) in got.iter().zip(want).enumerate() {
        assert!(got == want, "{what}[{k}]: expected {want}, got {got}");
    }
}

/// `sums` are the same sums with all their terms positive, of at most `terms` products each.
#[track_caller]
fn close(what: &str, got: &[f32], want: &[f64], sums: &[f64], terms: usize) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (k, ((&got, want), sum)) in got.iter().zip(want).zip(sums).enumerate() {
        let most = (terms + 4) as f64 * f64::from(f32::EPSILON) * sum + 1e-30;
        assert!((f64::from(got) - want).abs() <= most, "{what}[{k}]: expected {want} ± {most:e}, got {got}");
    }
}

#[track_caller]
fn same_bits(what: &str, a: &[f32], b: &[f32]) {
    assert!(a.iter().map(|x| x.to_bits()).eq(b.iter().map(|x| x.to_bits())), "{what}: other bits");
}

/// y, dw and dx of a convolution.
fn conv_all<R: network3::Real>(voice: &mut dyn Voice<R>, op: &Conv, [x, w, dy, dw]: [&[R]; 4]) -> [Vec<R>; 3] {
    let (mut y, mut dw, mut dx) = (vec![R::nan(); dy.len()], dw.to_vec(), vec![R::nan(); x.len()]);
    voice.conv_forward(op, x, w, &mut y);
    voice.conv_backward(op, x, w, dy, &mut dw, Some(&mut dx));
    [y, dw, dx]
}

#[test]
fn conv_on_integers() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (op, n) = (draw.conv(), draw.size(1..=5));
        let x = draw.integers(n * op.input_len());
        let w = draw.integers(op.filters * op.taps());
        let dy = draw.integers(n * op.output_len());
        let dw = draw.integers(w.len());
        let all = [&x[..], &w, &dy, &dw];
        let [y, want_dw, dx] = conv_all(&mut Reference, &op, all);
        for (name, mut voice) in voices() {
            let got = conv_all(&mut voice, &op, all);
            equal(&format!("{name}: y of {op:?}"), &got[0], &y);
            equal(&format!("{name}: dw of {op:?}"), &got[1], &want_dw);
            equal(&format!("{name}: dx of {op:?}"), &got[2], &dx);
            let mut without_dx = dw.clone();
            voice.conv_backward(&op, &x, &w, &dy, &mut without_dx, None);
            equal(&format!("{name}: dw alone of {op:?}"), &without_dx, &want_dw);
        }
    }
    // The menus of the fast voice have some thirty branches, met with a tenth of the cases or more each.
    QuickCheck::new().tests(150).quickcheck(property as fn(Seed));
}

#[test]
fn conv_on_reals() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (op, n) = (draw.conv(), draw.size(1..=5));
        let x = draw.reals(n * op.input_len());
        let w = draw.reals(op.filters * op.taps());
        let dy = draw.reals(n * op.output_len());
        let dw = draw.reals(w.len());
        let all = [&x, &w, &dy, &dw];
        let want = all.map(|a| wide(a));
        let want = conv_all(&mut Reference, &op, [&want[0], &want[1], &want[2], &want[3]]);
        let sums = all.map(|a| magnitudes(a));
        let sums = conv_all(&mut Reference, &op, [&sums[0], &sums[1], &sums[2], &sums[3]]);
        let outputs = op.output_height() * op.output_width();
        let terms = [op.taps(), n * outputs + 1, op.filters * op.kernel.0 * op.kernel.1];
        let got = voices().map(|(_, mut voice)| conv_all(&mut voice, &op, [&x, &w, &dy, &dw]));
        for got in &got {
            for k in 0..3 {
                close(&format!("{} of {op:?}", ["y", "dw", "dx"][k]), &got[k], &want[k], &sums[k], terms[k]);
            }
        }
        for k in 0..3 {
            same_bits("1 and 2 threads", &got[0][k], &got[1][k]);
            same_bits("1 and 2 threads, plain", &got[2][k], &got[3][k]);
        }
    }
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed));
}

/// Every entry of the menus by name: vectors of filters in a block, rows of a patch in vectors, kernels of five rows.
#[test]
fn conv_menus() {
    let mut draw = Draw::new(Seed(1));
    for filters in (1..=49).step_by(4).chain([8, 16, 24, 32, 40, 48, 80]) {
        for (maps, kernel) in
            [(1, (5, 5)), (1, (5, 8)), (1, (5, 9)), (3, (2, 3)), (13, (1, 8)), (8, (3, 4)), (27, (2, 4))]
        {
            let op = Conv { maps, height: 7, width: 10, filters, kernel, stride: (1, 1) };
            let x = draw.integers(2 * op.input_len());
            let (w, dy) = (draw.integers(filters * op.taps()), draw.integers(2 * op.output_len()));
            let all = [&x[..], &w, &dy, &w];
            let want = conv_all(&mut Reference, &op, all);
            for (name, mut voice) in voices() {
                let got = conv_all(&mut voice, &op, all);
                (0..3).for_each(|k| equal(&format!("{name}, {op:?}: {}", ["y", "dw", "dx"][k]), &got[k], &want[k]));
            }
        }
    }
}

/// y, δ, dw, db and dx of a convolutional layer. Backward starts from this `y`, if it is given.
fn conv_pool_all<R: network3::Real>(
    voice: &mut dyn Voice<R>,
    op: &ConvPool,
    [x, w, b, dy, dw, db]: [&[R]; 6],
) -> [Vec<R>; 5] {
    let n = x.len() / op.conv.input_len();
    let (mut y, mut winners) = (vec![R::nan(); dy.len()], vec![u32::MAX; n * op.notes()]);
    let (mut delta, mut dw, mut db, mut dx) = (dy.to_vec(), dw.to_vec(), db.to_vec(), vec![R::nan(); x.len()]);
    voice.conv_pool_forward(op, x, Weights { w, b }, &mut y, &mut winners);
    let gradients = Gradients { dw: &mut dw, db: &mut db };
    voice.conv_pool_backward(op, x, Weights { w, b }, (&y, &winners), &mut delta, gradients, Some(&mut dx));
    [y, delta, dw, db, dx]
}

const NAMES: [&str; 5] = ["y", "delta", "dw", "db", "dx"];

/// With integers there are ties in every other window: both rules must send the gradient to the same units.
#[test]
fn conv_pool_on_integers() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let mut op = draw.conv_pool(&[Activation::Relu, Activation::Linear]);
        let n = draw.size(1..=5);
        if op.pool.pooling != Pooling::Max {
            op.pool.pooling = Pooling::Max; // the others divide and take roots: see the reals
        }
        let f = op.conv.filters;
        let x = draw.integers(n * op.conv.input_len());
        let (w, dw) = (draw.integers(f * op.conv.taps()), draw.integers(f * op.conv.taps()));
        let (b, db) = (draw.integers(f), draw.integers(f));
        let dy = draw.integers(n * op.output_shape().len());
        let all = [&x[..], &w, &b, &dy, &dw, &db];
        let want = conv_pool_all(&mut Reference, &op, all);
        for (name, mut voice) in voices() {
            let got = conv_pool_all(&mut voice, &op, all);
            (0..5).for_each(|k| equal(&format!("{name}: {} of {op:?}", NAMES[k]), &got[k], &want[k]));
        }
    }
    QuickCheck::new().tests(150).quickcheck(property as fn(Seed));
}

#[test]
fn conv_pool_on_reals() {
    fn property(seed: Seed) {
        use Activation::{Linear, Relu, Sigmoid, Tanh};
        let mut draw = Draw::new(seed);
        let op = draw.conv_pool(&[Sigmoid, Tanh, Relu, Linear]);
        let (n, f) = (draw.size(1..=4), op.conv.filters);
        // Integers decide who wins, so that rounding cannot; the gradients that come back are real.
        let x = draw.integers(n * op.conv.input_len());
        let w = draw.integers(f * op.conv.taps());
        let (b, dw, db) = (draw.reals(f), draw.reals(w.len()), draw.reals(f));
        let dy = draw.reals(n * op.output_shape().len());
        let [x64, w64, b64, dy64, dw64, db64] = [&x, &w, &b, &dy, &dw, &db].map(|a| wide(a));
        let want = conv_pool_all(&mut Reference, &op, [&x64, &w64, &b64, &dy64, &dw64, &db64]);
        let got = voices().map(|(_, mut voice)| conv_pool_all(&mut voice, &op, [&x, &w, &b, &dy, &dw, &db]));
        for got in &got {
            for (k, name) in NAMES.into_iter().enumerate() {
                // A derivative 1 − y² loses what y was rounded by; the sums are of a few hundred terms up to 4.
                let largest = want[k].iter().fold(1.0f64, |m, x| m.max(x.abs()));
                for (i, (got, want)) in got[k].iter().zip(&want[k]).enumerate() {
                    let error = (f64::from(*got) - want).abs() / largest;
                    assert!(error < 2e-5, "{name}[{i}] of {op:?}: expected {want}, got {got}");
                }
            }
        }
        for (k, name) in NAMES.into_iter().enumerate() {
            same_bits(&format!("{name}, 1 and 2 threads"), &got[0][k], &got[1][k]);
            same_bits(&format!("{name}, 1 and 2 threads, plain"), &got[2][k], &got[3][k]);
        }
    }
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed));
}

/// Equal patches have equal outputs wherever they fall in a tile, whatever rounding does: the image repeats itself, so all
/// outputs a period apart must be the same, to the bit.
#[test]
fn equal_patches_tie() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let mut op = draw.conv();
        (op.height, op.width, op.stride) = (op.height + 3, op.width + 4, (1, 1));
        let (down, right) = draw.of(&[(1, 1), (1, 2), (2, 1), (2, 3)]);
        let tile = draw.reals(down * right * op.maps);
        let x: Vec<f32> = (0..op.height * op.width)
            .flat_map(|k| {
                let at = (k / op.width % down * right + k % op.width % right) * op.maps;
                tile[at..at + op.maps].to_vec()
            })
            .collect();
        let w = draw.reals(op.filters * op.taps());
        for (name, mut voice) in voices() {
            let mut y = nan(op.output_len());
            voice.conv_forward(&op, &x, &w, &mut y);
            let (width, f) = (op.output_width(), op.filters);
            for k in 0..op.output_height() * width {
                let first = k / width % down * width + k % width % right;
                same_bits(&format!("{name}: {op:?}, output {k}"), &y[k * f..][..f], &y[first * f..][..f]);
            }
            // Pooled, every window of a constant image is a tie of all its units: with one weight for each filter left
            // to count, dw of the first rule is the number of windows, and of the other four times that.
            if (down, right) == (1, 1) {
                for (ties, units) in [(Ties::First, 1.0), (Ties::All, 4.0)] {
                    let op = ConvPool::new(op, (Pooling::Max, ties), (2, 2), (2, 2), Activation::Linear).unwrap();
                    let n = op.output_shape().len();
                    let all = [&x[..], &w, &vec![0.0; f], &vec![1.0; n], &vec![0.0; w.len()], &vec![0.0; f]];
                    let [_, _, dw, _, _] = conv_pool_all(&mut voice, &op, all);
                    let want: Vec<f64> =
                        (0..w.len()).map(|k| f64::from(tile[k % op.conv.maps]) * (n / f) as f64 * units).collect();
                    let sums: Vec<f64> = want.iter().map(|x| x.abs()).collect();
                    close(&format!("{name}: dw of {op:?}"), &dw, &want, &sums, 4 * n / f);
                }
            }
        }
    }
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed));
}

/// y, dw, db and dx of a fully-connected layer.
fn affine_all<R: network3::Real>(
    voice: &mut dyn Voice<R>,
    op: &Affine,
    [x, w, b, dy, dw, db]: [&[R]; 6],
) -> [Vec<R>; 4] {
    let (mut y, mut dw, mut db, mut dx) = (vec![R::nan(); dy.len()], dw.to_vec(), db.to_vec(), vec![R::nan(); x.len()]);
    voice.affine_forward(op, x, Weights { w, b }, &mut y);
    voice.affine_backward(op, x, w, dy, Gradients { dw: &mut dw, db: &mut db }, Some(&mut dx));
    [y, dw, db, dx]
}

fn affine_case(op: Affine, n: usize, draw: &mut Draw) {
    let (x, w, dw) =
        (draw.integers(n * op.inputs), draw.integers(op.inputs * op.outputs), draw.integers(op.inputs * op.outputs));
    let (b, db, dy) = (draw.integers(op.outputs), draw.integers(op.outputs), draw.integers(n * op.outputs));
    let all = [&x[..], &w, &b, &dy, &dw, &db];
    let want = affine_all(&mut Reference, &op, all);
    // A learning rate that keeps integers exact.
    let sgd = Sgd { eta: 0.5, decay: 0.25 };
    let (mut want_w, mut want_b, mut want_dx) = (w.clone(), b.clone(), nan(x.len()));
    Reference.affine_step(&op, &x, &mut want_w, &mut want_b, &dy, sgd, Some(&mut want_dx), false);
    let sparse_dx: Vec<f32> = want_dx.iter().zip(&x).map(|(&dx, &x)| if x == 0.0 { 0.0 } else { dx }).collect();
    for (name, mut voice) in voices() {
        let what = |tensor| format!("{name}: {tensor} of {n} × {op:?}");
        let got = affine_all(&mut voice, &op, all);
        (0..4).for_each(|k| equal(&what(["y", "dw", "db", "dx"][k]), &got[k], &want[k]));
        let mut without_dx = dw.clone();
        let g = Gradients { dw: &mut without_dx, db: &mut db.clone() };
        voice.affine_backward(&op, &x, &w, &dy, g, None);
        equal(&what("dw alone"), &without_dx, &want[1]);
        for sparse in [false, true] {
            let (mut w, mut b, mut dx) = (w.clone(), b.clone(), nan(x.len()));
            voice.affine_step(&op, &x, &mut w, &mut b, &dy, sgd, Some(&mut dx), sparse);
            equal(&what("w after a step"), &w, &want_w);
            equal(&what("b after a step"), &b, &want_b);
            // Where x is zero, dx may be left at zero, and not at anything else.
            let may: Vec<f32> =
                dx.iter().zip(&want_dx).map(|(&dx, &want)| if sparse && dx == 0.0 { dx } else { want }).collect();
            equal(&what("dx of a step"), &dx, &may);
            let needed: Vec<f32> = dx.iter().zip(&x).map(|(&dx, &x)| if x == 0.0 { 0.0 } else { dx }).collect();
            equal(&what("dx of a step, where x is not zero"), &needed, &sparse_dx);
        }
        let (mut w, mut b) = (w.clone(), b.clone());
        voice.affine_step(&op, &x, &mut w, &mut b, &dy, sgd, None, true);
        equal(&what("w after a step without dx"), &w, &want_w);
    }
}

#[test]
fn affine_on_integers() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let op = Affine { inputs: draw.size(1..=60), outputs: draw.size(1..=150) };
        let n = draw.size(1..=70);
        affine_case(op, n, &mut draw);
    }
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed));
}

/// Outputs beyond whole vectors, blocks and pieces; mini-batches beyond the lists on the stack.
#[test]
fn affine_menus() {
    let mut draw = Draw::new(Seed(2));
    for outputs in
        (1..=64).step_by(7).chain([8, 64, 65, 127, 128]).chain(129..=144).chain([257, 264, 520, 1024, 1025, 1033, 1100])
    {
        affine_case(Affine { inputs: draw.size(1..=20), outputs }, draw.size(1..=3), &mut draw);
    }
    for n in [1, 2, 3, 4, 5, 63, 64, 65, 70, 128, 129] {
        affine_case(Affine { inputs: 17, outputs: 11 }, n, &mut draw);
    }
}

#[test]
fn affine_on_reals() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let op = Affine { inputs: draw.size(1..=80), outputs: draw.size(1..=90) };
        let n = draw.size(1..=70);
        let (x, w, dw) =
            (draw.reals(n * op.inputs), draw.reals(op.inputs * op.outputs), draw.reals(op.inputs * op.outputs));
        let (b, db, dy) = (draw.reals(op.outputs), draw.reals(op.outputs), draw.reals(n * op.outputs));
        let all = [&x, &w, &b, &dy, &dw, &db];
        let [a, b, c, d, e, f] = all.map(|a| wide(a));
        let want = affine_all(&mut Reference, &op, [&a, &b, &c, &d, &e, &f]);
        let [a, b, c, d, e, f] = all.map(|a| magnitudes(a));
        let sums = affine_all(&mut Reference, &op, [&a, &b, &c, &d, &e, &f]);
        let got = voices().map(|(_, mut voice)| affine_all(&mut voice, &op, all.map(|a| &a[..])));
        for k in 0..4 {
            let terms = [op.inputs + 1, n + 1, n + 1, op.outputs][k];
            got.iter().for_each(|got| close(["y", "dw", "db", "dx"][k], &got[k], &want[k], &sums[k], terms));
            same_bits("1 and 2 threads", &got[0][k], &got[1][k]);
            same_bits("1 and 2 threads, plain", &got[2][k], &got[3][k]);
        }
    }
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed));
}

#[test]
fn activations_agree_at_every_size() {
    use Activation::{Linear, Relu, Sigmoid, Tanh};
    let mut z: Vec<f32> = (-4000..4000).map(|k| k as f32 * 0.01).collect();
    z.extend([
        0.0,
        -0.0,
        1e-30,
        -1e-30,
        1e30,
        -1e30,
        f32::MAX,
        f32::MIN,
        f32::MIN_POSITIVE,
        f32::INFINITY,
        f32::NEG_INFINITY,
    ]);
    for f in [Sigmoid, Tanh, Relu, Linear] {
        let mut want = wide(&z);
        Reference.activate(f, &mut want);
        for (name, mut voice) in voices() {
            let mut got = z.clone();
            voice.activate(f, &mut got);
            for ((z, &got), &want) in z.iter().zip(&got).zip(&want) {
                let close = f64::from(got) == want || (f64::from(got) - want).abs() <= 4e-7 * want.abs() + 1e-36;
                assert!(close, "{name}: {f}({z}): expected {want}, got {got}");
            }
            let mut nan = [f32::NAN; 9];
            voice.activate(f, &mut nan);
            assert!(nan.iter().all(|y| y.is_nan()), "{name}: {f} of what is not a number is a number");
        }
        let mut nan = [f64::NAN];
        Reference.activate(f, &mut nan);
        assert!(nan[0].is_nan(), "reference: {f} of what is not a number is a number");
    }
}

/// Huge inputs and weights, short of overflow, in few enough terms; and the ones that do overflow.
#[test]
fn huge_numbers_are_numbers() {
    let op = Affine { inputs: 3, outputs: 9 };
    let (x, w, b) = ([1e19f32, -0.0, -1e19], vec![1e18f32; 27], vec![1e37f32; 9]);
    for (name, mut voice) in voices() {
        let mut y = nan(9);
        voice.affine_forward(&op, &x, Weights { w: &w, b: &b }, &mut y);
        equal(name, &y, &b);
        voice.affine_forward(&op, &[1e30, 1e30, 0.0], Weights { w: &w, b: &b }, &mut y);
        assert!(y.iter().all(|y| *y == f32::INFINITY), "{name}: {y:?}");
    }
}

// Laws, which no voice can get right by agreeing with another.

#[test]
fn a_kernel_of_one_in_the_corner_is_the_identity() {
    let mut draw = Draw::new(Seed(3));
    let op = Conv { maps: 2, height: 6, width: 7, filters: 2, kernel: (3, 2), stride: (1, 1) };
    let x = draw.reals(2 * op.input_len());
    let mut w = vec![0.0; op.filters * op.taps()];
    (0..2).for_each(|f| w[f * op.taps() + f] = 1.0); // filter f: 1 at row 0, column 0 of map f
    let want: Vec<f32> = (0..2 * 4 * 6)
        .flat_map(|k| {
            let (n, i, j) = (k / 24, k / 6 % 4, k % 6);
            x[((n * 6 + i) * 7 + j) * 2..][..2].to_vec()
        })
        .collect();
    let mut y = nan(want.len());
    Voice::<f32>::conv_forward(&mut Reference, &op, &x, &w, &mut y);
    equal("reference", &y, &want);
    for (name, mut voice) in voices() {
        voice.conv_forward(&op, &x, &w, &mut y);
        equal(name, &y, &want);
    }
}

#[test]
fn an_identity_matrix_changes_nothing() {
    let mut draw = Draw::new(Seed(4));
    let op = Affine { inputs: 21, outputs: 21 };
    let x = draw.reals(5 * 21);
    let w: Vec<f32> = (0..441).map(|k| if k % 22 == 0 { 1.0 } else { 0.0 }).collect();
    for (name, mut voice) in voices() {
        let zero = vec![0.0; 21];
        let got = affine_all(&mut voice, &op, [&x, &w, &zero, &x, &vec![0.0; 441], &zero]);
        equal(name, &got[0], &x);
        equal(name, &got[3], &x);
    }
}

/// What moves in the image moves in the map, in the interior: the chapter's translation invariance.
#[test]
fn a_convolution_moves_with_its_image() {
    let mut draw = Draw::new(Seed(5));
    let op = Conv { maps: 3, height: 9, width: 10, filters: 11, kernel: (3, 4), stride: (1, 1) };
    let x = draw.reals(op.input_len());
    let w = draw.reals(op.filters * op.taps());
    let (row, wide_row) = (op.width * op.maps, op.output_width() * op.filters);
    let mut moved = vec![0.0; x.len()]; // down by one, right by two
    for i in 1..op.height {
        moved[i * row + 2 * op.maps..(i + 1) * row].copy_from_slice(&x[(i - 1) * row..i * row - 2 * op.maps]);
    }
    for (name, mut voice) in voices() {
        let (mut y, mut y_moved) = (nan(op.output_len()), nan(op.output_len()));
        voice.conv_forward(&op, &x, &w, &mut y);
        voice.conv_forward(&op, &moved, &w, &mut y_moved);
        for i in 1..op.output_height() {
            let (here, there) =
                (i * wide_row + 2 * op.filters..(i + 1) * wide_row, (i - 1) * wide_row..i * wide_row - 2 * op.filters);
            same_bits(name, &y_moved[here], &y[there]);
        }
    }
}

/// x ⋆ (2w + v) = 2(x ⋆ w) + x ⋆ v, exact on integers.
#[test]
fn a_convolution_is_linear_in_its_weights() {
    let mut draw = Draw::new(Seed(6));
    let op = Conv { maps: 4, height: 8, width: 7, filters: 19, kernel: (2, 3), stride: (2, 1) };
    let (x, w, v) = (draw.integers(op.input_len()), draw.integers(19 * op.taps()), draw.integers(19 * op.taps()));
    let sum = |a: &[f32], b: &[f32]| -> Vec<f32> { a.iter().zip(b).map(|(a, b)| 2.0 * a + b).collect() };
    for (name, mut voice) in voices() {
        let mut conv = |w: &[f32]| {
            let mut y = nan(op.output_len());
            voice.conv_forward(&op, &x, w, &mut y);
            y
        };
        let both = conv(&sum(&w, &v));
        equal(name, &both, &sum(&conv(&w), &conv(&v)));
    }
}

// Whole networks.

fn network(habits: Habits) -> Network<f32> {
    let layers = [
        Spec::conv_pool(10, (3, 3), (2, 2), Activation::Relu),
        Spec::conv_pool(9, (2, 3), (2, 2), Activation::Tanh),
        Spec::fully_connected(21, Activation::Sigmoid),
        Spec::fully_connected(19, Activation::Relu).with_dropout(0.3),
        Spec::softmax(5).with_dropout(0.5),
    ];
    Network::new(Shape::image(1, 12, 13), &layers, habits, 3).unwrap()
}

/// Eight steps on images with blank margins; the costs, and the parameters at the end.
fn train(mut network: Network<f32>, momentum: f64) -> (Vec<f64>, Vec<f32>) {
    let mut draw = Draw::new(Seed(7));
    let mut costs = vec![];
    for iteration in 0..8 {
        let mut x = draw.reals(10 * 156);
        x.iter_mut().enumerate().filter(|(k, _)| k % 13 < 4).for_each(|(_, x)| *x = 0.0);
        let labels: Vec<u8> = (0..10).map(|n| n % 5).collect();
        costs.push(network.step(&x, &labels, &Step { eta: 0.1, decay: 0.01, momentum, iteration }));
    }
    (costs, network.state().iter().flat_map(|(_, a)| a.iter().copied().collect::<Vec<_>>()).collect())
}

#[test]
fn networks_follow_the_reference_step_by_step() {
    for habits in [Habits::faithful(), Habits::corrected()] {
        for momentum in [0.0, 0.9] {
            let (costs, parameters) = train(network(habits), momentum);
            let runs = voices().map(|(name, voice)| (name, train(network(habits).with_voice(voice), momentum)));
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
fn the_seed_decides() {
    let of = |seed, threads| {
        let layers = network(Habits::corrected()).specs().to_vec();
        let network = Network::fast(Shape::image(1, 12, 13), &layers, Habits::corrected(), seed, threads).unwrap();
        train(network, 0.5)
    };
    assert_eq!(of(1, 1), of(1, 2));
    assert_ne!(of(1, 1), of(2, 1));
}
