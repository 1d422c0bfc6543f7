//! Every operation, forward and backward.

use super::*;

#[test]
fn convolution() {
    fn property(seed: Seed) {
        let Some(device) = device() else { return };
        let mut backend = OpenCl::new(device, Kernels::Plain);
        let mut draw = Draw::new(seed);
        let (op, n) = (draw.conv(), draw.size(1..=3));
        let lengths = [n * op.input_len(), op.filters * op.taps(), n * op.output_len(), op.filters * op.taps()];
        let whole = lengths.map(|len| draw.integers(len));
        let whole = whole.each_ref().map(|a| &a[..]);
        let (want, got) = (conv_all(&mut Reference, &op, whole), conv_all(&mut backend, &op, whole));
        (0..3).for_each(|k| equal(&format!("{} of {op:?}", ["y", "dw", "dx"][k]), &got[k], &want[k]));
        let real = lengths.map(|len| draw.reals(len));
        let [a, b, c, d] = real.each_ref().map(|a| wide(a));
        let want = conv_all(&mut Reference, &op, [&a, &b, &c, &d]);
        let [a, b, c, d] = real.each_ref().map(|a| magnitudes(a));
        let sums = conv_all(&mut Reference, &op, [&a, &b, &c, &d]);
        let got = conv_all(&mut backend, &op, real.each_ref().map(|a| &a[..]));
        (0..3).for_each(|k| close(&format!("{} of {op:?}", ["y", "dw", "dx"][k]), &got[k], &want[k], &sums[k]));
    }
    for_all(10, property);
}

/// w, b and both velocities after a step of gradient descent.
fn conv_pool_step(
    backend: &mut dyn Backend<f32>,
    op: &ConvPool,
    [x, w, b, dy]: [&[f32]; 4],
    momentum: bool,
) -> [Vec<f32>; 4] {
    let (mut y, mut notes) = (nan(dy.len()), Notes::default());
    let (mut w, mut b, mut dy) = (w.to_vec(), b.to_vec(), dy.to_vec());
    let (mut vw, mut vb) = (vec![2.0; w.len()], vec![-2.0; b.len()]);
    backend.conv_pool_forward(op, x, Weights { w: &w, b: &b }, &mut y, &mut notes);
    let at = At { x, y: &y, dy: &mut dy, dx: None, dead_at_zero: false };
    let w_step = step(&mut w, momentum.then_some(&mut vw[..]), RULE.decay);
    let b_step = step(&mut b, momentum.then_some(&mut vb[..]), 0.0);
    backend.conv_pool_backward(op, at, Trainable { w: w_step, b: b_step }, &notes);
    [w, b, vw, vb]
}

const NAMES: [&str; 5] = ["y", "delta", "dw", "db", "dx"];

/// With integers there are ties in every other window: both rules must send the gradient to the same units.
#[test]
fn convolutional_layers_on_integers() {
    fn property(seed: Seed) {
        let Some(device) = device() else { return };
        let mut draw = Draw::new(seed);
        let mut op = draw.conv_pool(&[Activation::Relu, Activation::Linear]);
        op.pool.pooling = Pooling::Max; // the others divide and take roots: see the reals
        let (n, f) = (draw.size(1..=3), op.conv.filters);
        let (w, b, y) = (f * op.conv.taps(), f, n * op.output_shape().len());
        let all = [n * op.conv.input_len(), w, b, y, w, b].map(|len| draw.integers(len));
        let all = all.each_ref().map(|a| &a[..]);
        let [x, w, b, dy, ..] = all;
        let want = conv_pool_all(&mut Reference, &op, all);
        for (name, mut backend) in backends(&device) {
            let got = conv_pool_all(&mut backend, &op, all);
            (0..5).for_each(|k| equal(&format!("{name}: {} of {n} × {op:?}", NAMES[k]), &got[k], &want[k]));
            for momentum in [false, true] {
                let want = conv_pool_step(&mut Reference, &op, [x, w, b, dy], momentum);
                let got = conv_pool_step(&mut backend, &op, [x, w, b, dy], momentum);
                for (k, what) in ["w", "b", "velocity of w", "velocity of b"].into_iter().enumerate() {
                    equal(&format!("{name}: {what} after a step of {n} × {op:?}"), &got[k], &want[k]);
                }
            }
        }
    }
    for_all(12, property);
}

#[test]
fn convolutional_layers_on_reals() {
    fn property(seed: Seed) {
        use Activation::{Linear, Relu, Sigmoid, Tanh};
        let Some(device) = device() else { return };
        let mut draw = Draw::new(seed);
        let op = draw.conv_pool(&[Sigmoid, Tanh, Relu, Linear]);
        let (n, f) = (draw.size(1..=3), op.conv.filters);
        let (w, b, y) = (f * op.conv.taps(), f, n * op.output_shape().len());
        // Integers decide who wins, so that rounding cannot; the gradients that come back are real.
        let [x, w] = [n * op.conv.input_len(), w].map(|len| draw.integers(len));
        let [b, dy, dw, db] = [b, y, w.len(), b].map(|len| draw.reals(len));
        let all = [&x, &w, &b, &dy, &dw, &db];
        let [x, w, b, dy, dw, db] = all.map(|a| wide(a));
        let want = conv_pool_all(&mut Reference, &op, [&x, &w, &b, &dy, &dw, &db]);
        for (name, mut backend) in backends(&device) {
            let got = conv_pool_all(&mut backend, &op, all.map(|a| &a[..]));
            for (k, what) in NAMES.into_iter().enumerate() {
                // A derivative 1 − y² loses what y was rounded by, so it is the largest of an array that counts.
                let largest = want[k].iter().fold(1.0f64, |m, x| m.max(x.abs()));
                close(&format!("{name}: {what} of {op:?}"), &got[k], &want[k], &vec![largest; want[k].len()]);
            }
        }
    }
    for_all(8, property);
}

/// w, b and both velocities after a step.
fn affine_step(
    backend: &mut dyn Backend<f32>,
    op: &Affine,
    [x, w, b, dy]: [&[f32]; 4],
    momentum: bool,
) -> [Vec<f32>; 4] {
    let (mut w, mut b, mut dy) = (w.to_vec(), b.to_vec(), dy.to_vec());
    let (mut vw, mut vb) = (vec![2.0; w.len()], vec![-2.0; b.len()]);
    let at = At { x, y: &[], dy: &mut dy, dx: None, dead_at_zero: false };
    let w_step = step(&mut w, momentum.then_some(&mut vw[..]), RULE.decay);
    let b_step = step(&mut b, momentum.then_some(&mut vb[..]), 0.0);
    backend.affine_backward(op, at, Trainable { w: w_step, b: b_step });
    [w, b, vw, vb]
}

#[test]
fn fully_connected() {
    fn property(seed: Seed) {
        let Some(device) = device() else { return };
        let mut draw = Draw::new(seed);
        let op = Affine { inputs: draw.size(1..=40), outputs: draw.of(&[1, 2, 7, 8, 9, 10, 16, 33, 100]) };
        let n = draw.of(&[1, 2, 9, 10, 11, 23]);
        let (w, b) = (op.inputs * op.outputs, op.outputs);
        let lengths = [n * op.inputs, w, b, n * op.outputs, w, b];
        let whole = lengths.map(|len| draw.integers(len));
        let whole = whole.each_ref().map(|a| &a[..]);
        let want = affine_all(&mut Reference, &op, whole);
        let real = lengths.map(|len| draw.reals(len));
        let [x, w, b, dy, dw, db] = real.each_ref().map(|a| wide(a));
        let want_real = affine_all(&mut Reference, &op, [&x, &w, &b, &dy, &dw, &db]);
        let [x, w, b, dy, dw, db] = real.each_ref().map(|a| magnitudes(a));
        let sums = affine_all(&mut Reference, &op, [&x, &w, &b, &dy, &dw, &db]);
        for (name, mut backend) in backends(&device) {
            let what = |k: usize| format!("{name}: {} of {n} × {op:?}", ["y", "dw", "db", "dx"][k]);
            let got = affine_all(&mut backend, &op, whole);
            (0..4).for_each(|k| equal(&what(k), &got[k], &want[k]));
            let got = affine_all(&mut backend, &op, real.each_ref().map(|a| &a[..]));
            (0..4).for_each(|k| close(&what(k), &got[k], &want_real[k], &sums[k]));
            for momentum in [false, true] {
                let [x, w, b, dy, ..] = whole;
                let want = affine_step(&mut Reference, &op, [x, w, b, dy], momentum);
                let got = affine_step(&mut backend, &op, [x, w, b, dy], momentum);
                for (k, what) in ["w", "b", "velocity of w", "velocity of b"].into_iter().enumerate() {
                    equal(&format!("{name}: {what} after a step of {n} × {op:?}"), &got[k], &want[k]);
                }
            }
        }
    }
    for_all(10, property);
}

/// y and dx of pooling.
fn pool_all<R: Real>(backend: &mut dyn Backend<R>, op: &Pool, x: &[R], dy: &[R]) -> [Vec<R>; 2] {
    let (mut y, mut dx, mut notes) = (nan(dy.len()), nan(x.len()), Notes::default());
    backend.pool_forward(op, x, &mut y, &mut notes);
    let at = At { x, y: &y, dy: &mut dy.to_vec(), dx: Some(&mut dx), dead_at_zero: false };
    backend.pool_backward(op, at, &notes);
    [y, dx]
}

#[test]
fn pooling() {
    fn property(seed: Seed) {
        let Some(device) = device() else { return };
        let mut backend = OpenCl::new(device, Kernels::Plain);
        let mut draw = Draw::new(seed);
        let (op, n) = (draw.pool(), draw.size(1..=3));
        let lengths = [n * op.input_len(), n * op.output_shape().len()];
        if op.pooling == Pooling::Max {
            let [x, dy] = lengths.map(|len| draw.integers(len));
            let (want, got) = (pool_all(&mut Reference, &op, &x, &dy), pool_all(&mut backend, &op, &x, &dy));
            (0..2).for_each(|k| equal(&format!("{} of {op:?}", ["y", "dx"][k]), &got[k], &want[k]));
        }
        let [x, dy] = lengths.map(|len| draw.reals(len));
        let (want, got) = (pool_all(&mut Reference, &op, &wide(&x), &wide(&dy)), pool_all(&mut backend, &op, &x, &dy));
        for (k, what) in ["y", "dx"].into_iter().enumerate() {
            // At most 25 windows meet in a unit, each with a gradient below 1.
            close(&format!("{what} of {op:?}"), &got[k], &want[k], &vec![1.0; want[k].len()]);
        }
    }
    for_all(12, property);
}

#[test]
fn activations_of_every_size() {
    use Activation::{Linear, Relu, Sigmoid, Tanh};
    let Some(device) = device() else { return };
    let mut backend = OpenCl::new(device, Kernels::Plain);
    let mut z: Vec<f32> = (-4000..4000).map(|k| k as f32 * 0.01).collect();
    z.extend([0.0, -0.0, 1e-30, -1e-30, 1e30, -1e30, f32::MAX, f32::MIN, f32::INFINITY, f32::NEG_INFINITY]);
    let dy = Draw::new(Seed::new(1)).reals(z.len());
    for f in [Sigmoid, Tanh, Relu, Linear] {
        let (mut want, mut got) = (wide(&z), z.clone());
        Reference.activate(f, &mut want);
        backend.activate(f, &mut got);
        for (k, (got, want)) in got.iter().zip(&want).enumerate() {
            let same = f64::from(*got) == *want || (f64::from(*got) - want).abs() <= 1e-5 * want.abs() + 1e-30;
            assert!(same, "{f}({}): expected {want}, got {got}", z[k]);
        }
        let (mut want, mut back) = (dy.clone(), dy.clone());
        Reference.activate_backward(f, &got, &mut want);
        backend.activate_backward(f, &got, &mut back);
        close(&format!("the derivative of {f}"), &back, &wide(&want), &vec![1.0; want.len()]);
        let mut nan = [f32::NAN; 3];
        backend.activate(f, &mut nan);
        assert!(nan.iter().all(|y| y.is_nan()), "{f} of what is not a number is a number");
    }
}

#[test]
fn softmax() {
    fn property(seed: Seed) {
        let Some(device) = device() else { return };
        let mut backend = OpenCl::new(device, Kernels::Plain);
        let mut draw = Draw::new(seed);
        let (n, classes) = (draw.size(1..=5), draw.size(1..=40));
        let (mut a, mut da) = (draw.reals(n * classes), draw.reals(n * classes));
        let (mut want, mut want_da) = (wide(&a), wide(&da));
        backend.softmax(&mut a, classes);
        Reference.softmax(&mut want, classes);
        close("a", &a, &want, &want);
        backend.softmax_backward(&a, &mut da, classes);
        Reference.softmax_backward(&want, &mut want_da, classes);
        close("da", &da, &want_da, &want);
    }
    for_all(30, property);
}

/// The masks are the same on host and device, to the bit.
#[test]
fn dropout() {
    fn property(seed: Seed) {
        let Some(device) = device() else { return };
        let mut backend = OpenCl::new(device, Kernels::Plain);
        let mut draw = Draw::new(seed);
        let op = Dropout { inputs: draw.size(1..=70), p: draw.of(&[0.1, 0.5, 0.9]), stream: seed.seed };
        let n = draw.size(1..=12);
        let x: Vec<f32> = (0..n * op.inputs).map(|k| k as f32 + 1.0).collect();
        for pass in [Pass::Train { iteration: seed.seed >> 7 }, Pass::Train { iteration: 3 }, Pass::Evaluate] {
            let run = |backend: &mut dyn Backend<f32>| {
                let (mut y, mut dx, mut notes) = (nan(x.len()), x.clone(), Notes::default());
                backend.dropout_forward(&op, pass, &x, &mut y, &mut notes);
                backend.dropout_backward(&op, &mut dx, &notes);
                [y, dx]
            };
            let (want, got) = (run(&mut Reference), run(&mut backend));
            (0..2).for_each(|k| equal(&format!("{} of {op:?}", ["y", "dx"][k]), &got[k], &want[k]));
        }
    }
    for_all(30, property);
}

#[test]
fn normalisation() {
    fn all<R: Real>(backend: &mut dyn Backend<R>, op: &Normalise, x: &[R], dy: &[R]) -> [Vec<R>; 2] {
        let (mut y, mut dx, mut notes) = (nan(x.len()), nan(x.len()), Notes::default());
        backend.normalise_forward(op, x, &mut y, &mut notes);
        let at = At { x, y: &y, dy: &mut dy.to_vec(), dx: Some(&mut dx), dead_at_zero: false };
        backend.normalise_backward(op, at, &notes);
        [y, dx]
    }
    fn property(seed: Seed) {
        let Some(device) = device() else { return };
        let mut backend = OpenCl::new(device, Kernels::Plain);
        let mut draw = Draw::new(seed);
        let (maps, units) = (draw.of(&[1, 2, 3, 8, 20, 33]), draw.size(1..=30));
        let size = 2 * draw.size(0..=4) + 1; // as wide as all maps, and wider
        let op = Normalise::new(Shape::image(maps, units, 1), size, 1.5, 0.3, draw.of(&[0.75, 0.5, 1.0])).unwrap();
        let (x, dy) = (draw.reals(maps * units), draw.reals(maps * units));
        let want = all(&mut Reference, &op, &wide(&x), &wide(&dy));
        let got = all(&mut backend, &op, &x, &dy);
        (0..2).for_each(|k| close(["y", "dx"][k], &got[k], &want[k], &vec![1.0; x.len()]));
    }
    for_all(6, property);
}

#[test]
fn batch_normalisation() {
    fn property(seed: Seed) {
        let Some(device) = device() else { return };
        let mut backend = OpenCl::new(device, Kernels::Plain);
        let mut draw = Draw::new(seed);
        let (n, units) = (draw.of(&[1, 2, 3, 8, 20, 33]), draw.size(2..=100));
        let op = BatchNorm::new(Shape::image(n, units, 1)).unwrap();
        let (x, dy, w, b) = (draw.reals(n * units), draw.reals(n * units), draw.reals(n), draw.reals(n));
        let doubles = [&x, &w, &b, &dy].map(|a| wide(a));
        for of_batch in [true, false] {
            let want = batch_norm_all(&mut Reference, &op, doubles.each_ref().map(|a| &a[..]), of_batch);
            let got = batch_norm_all(&mut backend, &op, [&x, &w, &b, &dy], of_batch);
            // 1/√(σ² + ε), by which rounding of x grows, twice on the way back
            let r = want[1].iter().fold(1.0, |m: f64, v| m.max(1.0 / (v + op.epsilon).sqrt()));
            for (k, what) in ["mean", "variance", "y", "dw", "db", "dx"].into_iter().enumerate() {
                close(what, &got[k], &want[k], &vec![r * r * units as f64; got[k].len()]);
            }
        }
    }
    for_all(6, property);
}

#[test]
fn maps_side_by_side() {
    fn property(seed: Seed) {
        let Some(device) = device() else { return };
        let mut backend = OpenCl::new(device, Kernels::Plain);
        let mut draw = Draw::new(seed);
        let (units, maps) = (draw.size(1..=9), (0..draw.size(1..=4)).map(|_| draw.size(1..=9)).collect::<Vec<_>>());
        let parts: Vec<_> = maps.iter().map(|maps| (*maps, draw.integers(maps * units))).collect();
        let parts: Vec<_> = parts.iter().map(|(maps, part)| (*maps, &part[..])).collect();
        let len = units * maps.iter().sum::<usize>();
        let (mut want, mut got) = (nan(len), nan(len));
        Reference.concat(&parts, &mut want);
        backend.concat(&parts, &mut got);
        equal("y", &got, &want);
        let mut apart: Vec<_> = maps.iter().map(|maps| (*maps, nan(maps * units))).collect();
        backend.split(&got, &mut apart.iter_mut().map(|(maps, part)| (*maps, &mut part[..])).collect::<Vec<_>>());
        apart.iter().zip(&parts).for_each(|((_, got), (_, want))| equal("a part", got, want));
    }
    for_all(30, property);
}
