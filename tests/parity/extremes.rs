//! Activations at every size, huge numbers, and what is not a number.

use super::*;

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
        for (name, mut backend) in all() {
            let mut got = z.clone();
            backend.activate(f, &mut got);
            for ((z, &got), &want) in z.iter().zip(&got).zip(&want) {
                let close = f64::from(got) == want || (f64::from(got) - want).abs() <= 4e-7 * want.abs() + 1e-36;
                assert!(close, "{name}: {f}({z}): expected {want}, got {got}");
            }
            let mut nan = [f32::NAN; 9];
            backend.activate(f, &mut nan);
            assert!(nan.iter().all(|y| y.is_nan()), "{name}: {f} of what is not a number is a number");
        }
        let mut nan = [f64::NAN];
        Reference.activate(f, &mut nan);
        assert!(nan[0].is_nan(), "reference: {f} of what is not a number is a number");
    }
}

/// A layer whose weights are not numbers says so, through pooling and whatever activation: no backend turns it into
/// zeros.
#[test]
fn what_is_not_a_number_comes_through() {
    for (pooling, f) in [Pooling::Max, Pooling::L2, Pooling::Mean]
        .into_iter()
        .flat_map(|p| [Activation::Relu, Activation::Sigmoid].map(|f| (p, f)))
    {
        let conv = Conv::new(Shape::image(1, 5, 5), 2, (2, 2), (1, 1)).unwrap();
        let op = ConvPool::new(conv, pooling, Ties::First, Window::new((2, 2), (2, 2)), f).unwrap();
        let (mut w, x, b) = (vec![1.0; 8], vec![0.5; 25], [0.0; 2]);
        w[6] = f32::NAN; // of the second filter
        let check = |name: &str, backend: &mut dyn Backend<f32>| {
            let (mut y, mut notes) = (nan(8), Notes::default());
            backend.conv_pool_forward(&op, &x, Weights { w: &w, b: &b }, &mut y, &mut notes);
            let right = y.chunks_exact(2).all(|y| y[0].is_finite() && y[1].is_nan());
            assert!(right, "{name}: {pooling}, {f}: {y:?}");
        };
        all().into_iter().for_each(|(name, mut backend)| check(name, &mut *backend));
    }
}

/// Huge inputs and weights, short of overflow, in few enough terms; and the ones that do overflow.
#[test]
fn huge_numbers_are_numbers() {
    let op = Affine { inputs: 3, outputs: 9 };
    let (x, w, b) = ([1e19f32, -0.0, -1e19], vec![1e18f32; 27], vec![1e37f32; 9]);
    for (name, mut backend) in all() {
        let mut y = nan(9);
        backend.affine_forward(&op, &x, Weights { w: &w, b: &b }, &mut y);
        equal(name, &y, &b);
        backend.affine_forward(&op, &[1e30, 1e30, 0.0], Weights { w: &w, b: &b }, &mut y);
        assert!(y.iter().all(|y| *y == f32::INFINITY), "{name}: {y:?}");
    }
}
