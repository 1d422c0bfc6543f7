//! Pooling on its own, and local response normalisation.

use super::*;

/// y and dx of pooling.
fn pool_all<R: network3::Real>(backend: &mut dyn Backend<R>, op: &Pool, x: &[R], dy: &[R]) -> [Vec<R>; 2] {
    let (mut y, mut dx, mut notes) = (vec![R::nan(); dy.len()], vec![R::nan(); x.len()], Notes::default());
    backend.pool_forward(op, x, &mut y, &mut notes);
    let at = At { x, y: &y, dy: &mut dy.to_vec(), dx: Some(&mut dx), dead_at_zero: false };
    backend.pool_backward(op, at, &notes);
    [y, dx]
}

fn random_pool(draw: &mut Draw) -> Pool {
    let ((height, width), maps) = (draw.pair(1..=9), draw.of(&[1, 2, 7, 8, 9, 20, 65, 70]));
    let window = draw.window(height, width, 5);
    let pooling = draw.of(&[Pooling::Max, Pooling::Max, Pooling::L2, Pooling::Mean]);
    Pool::new(Shape::image(maps, height, width), pooling, window, draw.of(&[Ties::All, Ties::First])).unwrap()
}

#[test]
fn pool_on_integers() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let op = Pool { pooling: Pooling::Max, ..random_pool(&mut draw) }; // the others divide and take roots
        let n = draw.size(1..=4);
        let (x, dy) = (draw.integers(n * op.input_len()), draw.integers(n * op.output_shape().len()));
        let want = pool_all(&mut Reference, &op, &x, &dy);
        for (name, mut backend) in backends() {
            let got = pool_all(&mut backend, &op, &x, &dy);
            (0..2).for_each(|k| equal(&format!("{name}: {} of {op:?}", ["y", "dx"][k]), &got[k], &want[k]));
        }
    }
    QuickCheck::new().tests(200).quickcheck(property as fn(Seed));
}

#[test]
fn pool_on_reals() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let op = random_pool(&mut draw);
        let n = draw.size(1..=4);
        let (x, dy) = (draw.reals(n * op.input_len()), draw.reals(n * op.output_shape().len()));
        let want = pool_all(&mut Reference, &op, &wide(&x), &wide(&dy));
        let got = backends().map(|(_, mut backend)| pool_all(&mut backend, &op, &x, &dy));
        for got in &got {
            for (k, what) in ["y", "dx"].into_iter().enumerate() {
                // A sum of at most 25 terms up to 1, or its root; overlapping windows add up 25 of them at most.
                for (i, (got, want)) in got[k].iter().zip(&want[k]).enumerate() {
                    assert!((f64::from(*got) - want).abs() < 1e-5, "{what}[{i}] of {op:?}: expected {want}, got {got}");
                }
            }
        }
        (0..2).for_each(|k| same_bits("1 and 2 threads", &got[0][k], &got[1][k]));
    }
    QuickCheck::new().tests(100).quickcheck(property as fn(Seed));
}

#[test]
fn normalisation_on_reals() {
    fn all<R: network3::Real>(backend: &mut dyn Backend<R>, op: &Normalise, x: &[R], dy: &[R]) -> [Vec<R>; 2] {
        let (mut y, mut dx, mut notes) = (vec![R::nan(); x.len()], vec![R::nan(); x.len()], Notes::default());
        backend.normalise_forward(op, x, &mut y, &mut notes);
        let at = At { x, y: &y, dy: &mut dy.to_vec(), dx: Some(&mut dx), dead_at_zero: false };
        backend.normalise_backward(op, at, &notes);
        [y, dx]
    }
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (maps, units) = (draw.of(&[1, 2, 3, 8, 20, 33]), draw.of(&[1, 9, 256, 257]));
        let size = 2 * draw.size(0..=4) + 1; // as wide as all maps, and wider
        let op = Normalise::new(Shape::image(maps, units, 1), size, 1.5, 0.3, draw.of(&[0.75, 0.5, 1.0])).unwrap();
        let (x, dy) = (draw.reals(maps * units), draw.reals(maps * units));
        let want = all(&mut Reference, &op, &wide(&x), &wide(&dy));
        let got = backends().map(|(_, mut backend)| all(&mut backend, &op, &x, &dy));
        for got in &got {
            for (k, what) in ["y", "dx"].into_iter().enumerate() {
                for (i, (got, want)) in got[k].iter().zip(&want[k]).enumerate() {
                    assert!((f64::from(*got) - want).abs() < 1e-5, "{what}[{i}] of {op:?}: expected {want}, got {got}");
                }
            }
        }
        (0..2).for_each(|k| same_bits("1 and 2 threads", &got[0][k], &got[1][k]));
    }
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed));
}

#[test]
fn batch_normalisation_on_reals() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (n, units) = (draw.of(&[1, 2, 3, 8, 20, 33]), draw.of(&[2, 9, 256, 257, 1000]));
        let op = BatchNorm::new(Shape::image(n, units, 1)).unwrap();
        let (mut x, dy, w, b) = (draw.reals(n * units), draw.reals(n * units), draw.reals(n), draw.reals(n));
        // Far from zero, where a difference of large sums would have few digits left
        let far = draw.of(&[0.0, 100.0]);
        x.iter_mut().for_each(|x| *x += far);
        let wide = [&x, &w, &b, &dy].map(|a| wide(a));
        for of_batch in [true, false] {
            let want = batch_norm_all(&mut Reference, &op, wide.each_ref().map(|a| &a[..]), of_batch);
            let got = backends().map(|(_, mut b2)| batch_norm_all(&mut b2, &op, [&x, &w, &b, &dy], of_batch));
            for got in &got {
                for (k, what) in ["mean", "variance", "y", "dw", "db", "dx"].into_iter().enumerate() {
                    // Rounding of x itself, 10⁻⁵ at 100, as large as it is in x̂; and sums of as many terms as units
                    let largest = want[k].iter().fold(1.0, |m: f64, x| m.max(x.abs()));
                    let r = want[1].iter().fold(1.0, |m: f64, v| m.max(1.0 / (v + op.epsilon).sqrt()));
                    let tolerance = 1e-6 * (1.0 + f64::from(far)) * r * r * largest * (units as f64).sqrt();
                    for (i, (got, want)) in got[k].iter().zip(&want[k]).enumerate() {
                        let error = (f64::from(*got) - want).abs();
                        assert!(error < tolerance, "{what}[{i}] of {op:?}, {units} units: expected {want}, got {got}");
                    }
                }
            }
            (0..6).for_each(|k| same_bits("1 and 2 threads", &got[0][k], &got[1][k]));
        }
    }
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed));
}
