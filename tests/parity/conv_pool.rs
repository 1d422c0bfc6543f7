//! Convolution and pooling in one: values, gradients, and who wins a tie.

use super::*;

/// w, b and the velocity of w after a step of gradient descent, and dx.
fn conv_pool_step(
    backend: &mut dyn Backend<f32>,
    op: &ConvPool,
    [x, w, b, dy]: [&[f32]; 4],
    momentum: bool,
) -> [Vec<f32>; 4] {
    let (mut y, mut notes) = (nan(dy.len()), Notes::default());
    let (mut w, mut b, mut dx, mut dy) = (w.to_vec(), b.to_vec(), nan(x.len()), dy.to_vec());
    let (mut vw, mut vb) = (vec![2.0; w.len()], vec![-2.0; b.len()]);
    backend.conv_pool_forward(op, x, Weights { w: &w, b: &b }, &mut y, &mut notes);
    let at = At { x, y: &y, dy: &mut dy, dx: Some(&mut dx), dead_at_zero: false };
    let w_step = step(&mut w, momentum.then_some(&mut vw[..]), RULE.decay);
    let b_step = step(&mut b, momentum.then_some(&mut vb[..]), 0.0);
    backend.conv_pool_backward(op, at, Trainable { w: w_step, b: b_step }, &notes);
    [w, b, vw, dx]
}

const NAMES: [&str; 5] = ["y", "delta", "dw", "db", "dx"];

/// With integers there are ties in every other window: both rules must send the gradient to the same units.
#[test]
fn conv_pool_on_integers() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let mut op = draw.conv_pool(&[Activation::Relu, Activation::Linear]);
        let n = draw.size(1..=9);
        if op.pool.pooling != Pooling::Max {
            op.pool.pooling = Pooling::Max; // the others divide and take roots: see the reals
        }
        let f = op.conv.filters;
        let mut x = draw.integers(n * op.conv.input_len());
        x.chunks_mut(op.conv.input_len()).for_each(|x| draw.margins(&op.conv, x));
        let (w, dw) = (draw.integers(f * op.conv.taps()), draw.integers(f * op.conv.taps()));
        let (b, db) = (draw.integers(f), draw.integers(f));
        let dy = draw.integers(n * op.output_shape().len());
        let all = [&x[..], &w, &b, &dy, &dw, &db];
        let want = conv_pool_all(&mut Reference, &op, all);
        for (name, mut backend) in backends() {
            let got = conv_pool_all(&mut backend, &op, all);
            (0..5).for_each(|k| equal(&format!("{name}: {} of {op:?}", NAMES[k]), &got[k], &want[k]));
        }
        let all = [&x[..], &w, &b, &dy];
        for momentum in [false, true] {
            let want = conv_pool_step(&mut Reference, &op, all, momentum);
            for (name, mut backend) in backends() {
                let got = conv_pool_step(&mut backend, &op, all, momentum);
                for (k, what) in ["w", "b", "velocity", "dx"].into_iter().enumerate() {
                    equal(&format!("{name}: {what} after a step of {op:?}"), &got[k], &want[k]);
                }
            }
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
        let got = backends().map(|(_, mut backend)| conv_pool_all(&mut backend, &op, [&x, &w, &b, &dy, &dw, &db]));
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

/// The map that weight k belongs to.
fn map_of(op: &Conv, k: usize) -> usize {
    k / op.taps() / op.group_filters() * op.group_maps() + k % op.group_maps()
}

/// Equal patches have equal outputs wherever they fall in a tile, whatever rounding does: the image repeats itself, so
/// all outputs a period apart must be the same, to the bit.
#[test]
fn equal_patches_tie() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let mut op = draw.conv();
        (op.height, op.width, op.window) = (op.height + 3, op.width + 4, Window::new(op.kernel(), (1, 1)));
        let (down, right) = draw.of(&[(1, 1), (1, 2), (2, 1), (2, 3)]);
        let tile = draw.reals(down * right * op.maps);
        let x: Vec<f32> = (0..op.height * op.width)
            .flat_map(|k| {
                let at = (k / op.width % down * right + k % op.width % right) * op.maps;
                tile[at..at + op.maps].to_vec()
            })
            .collect();
        let w = draw.reals(op.filters * op.taps());
        for (name, mut backend) in backends() {
            let mut y = nan(op.output_len());
            backend.conv_forward(&op, &x, &w, &mut y);
            let (width, f) = (op.output_width(), op.filters);
            for k in 0..op.output_height() * width {
                let first = k / width % down * width + k % width % right;
                same_bits(&format!("{name}: {op:?}, output {k}"), &y[k * f..][..f], &y[first * f..][..f]);
            }
            // Pooled, every window of a constant image is a tie of all its units: with one weight for each filter left
            // to count, dw of the first rule is the number of windows, and of the other four times that.
            if (down, right) == (1, 1) {
                for (ties, units) in [(Ties::First, 1.0), (Ties::All, 4.0)] {
                    let op =
                        ConvPool::new(op, Pooling::Max, ties, Window::new((2, 2), (2, 2)), Activation::Linear).unwrap();
                    let n = op.output_shape().len();
                    let all = [&x[..], &w, &vec![0.0; f], &vec![1.0; n], &vec![0.0; w.len()], &vec![0.0; f]];
                    let [_, _, dw, _, _] = conv_pool_all(&mut backend, &op, all);
                    let want: Vec<f64> =
                        (0..w.len()).map(|k| f64::from(tile[map_of(&op.conv, k)]) * (n / f) as f64 * units).collect();
                    let sums: Vec<f64> = want.iter().map(|x| x.abs()).collect();
                    close(&format!("{name}: dw of {op:?}"), &dw, &want, &sums, 4 * n / f);
                }
            }
        }
    }
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed));
}
