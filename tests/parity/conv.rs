//! Convolution.

use super::*;

#[test]
fn conv_on_integers() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (op, n) = (draw.conv(), draw.size(1..=5));
        let mut x = draw.integers(n * op.input_len());
        x.chunks_mut(op.input_len()).for_each(|x| draw.margins(&op, x));
        let w = draw.integers(op.filters * op.taps());
        // Of the outputs, a third has a gradient, or a twelfth: the fast backend has a kernel for each
        let mut dy = draw.integers(n * op.output_len());
        if draw.size(1..=2) == 1 {
            dy.iter_mut().enumerate().filter(|(k, _)| k % 4 != 0).for_each(|(_, dy)| *dy = 0.0);
        }
        let dw = draw.integers(w.len());
        let all = [&x[..], &w, &dy, &dw];
        let [y, want_dw, dx] = conv_all(&mut Reference, &op, all);
        for (name, mut backend) in backends() {
            let got = conv_all(&mut backend, &op, all);
            equal(&format!("{name}: y of {op:?}"), &got[0], &y);
            equal(&format!("{name}: dw of {op:?}"), &got[1], &want_dw);
            equal(&format!("{name}: dx of {op:?}"), &got[2], &dx);
            let mut without_dx = dw.clone();
            let at = At { x: &x, y: &[], dy: &mut dy.clone(), dx: None, dead_at_zero: false };
            backend.conv_backward(&op, at, adding(&w, &mut without_dx));
            equal(&format!("{name}: dw alone of {op:?}"), &without_dx, &want_dw);
        }
    }
    // The menus of the fast backend have some thirty branches, met with a tenth of the cases or more each.
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
        let terms = [op.taps(), n * outputs + 1, op.filters * op.kernel().0 * op.kernel().1];
        let got = backends().map(|(_, mut backend)| conv_all(&mut backend, &op, [&x, &w, &dy, &dw]));
        for got in &got {
            for k in 0..3 {
                close(&format!("{} of {op:?}", ["y", "dw", "dx"][k]), &got[k], &want[k], &sums[k], terms[k]);
            }
        }
        for pair in got.chunks(2) {
            pair[0].iter().zip(&pair[1]).for_each(|(one, two)| same_bits("1 and 2 threads", one, two));
        }
    }
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed));
}

/// Every entry of the menus by name: vectors of filters in a block, rows of a patch in vectors, kernels of five rows.
#[test]
fn conv_menus() {
    let mut draw = Draw::new(Seed::new(1));
    for filters in (1..=49).step_by(4).chain([8, 16, 24, 32, 40, 48, 80]) {
        for (maps, kernel) in
            [(1, (5, 5)), (1, (5, 8)), (1, (5, 9)), (3, (2, 3)), (13, (1, 8)), (8, (3, 4)), (27, (2, 4))]
        {
            let op = Conv::new(Shape::image(maps, 7, 10), filters, kernel, (1, 1)).unwrap();
            let x = draw.integers(2 * op.input_len());
            let (w, dy) = (draw.integers(filters * op.taps()), draw.integers(2 * op.output_len()));
            let all = [&x[..], &w, &dy, &w];
            let want = conv_all(&mut Reference, &op, all);
            for (name, mut backend) in backends() {
                let got = conv_all(&mut backend, &op, all);
                (0..3).for_each(|k| equal(&format!("{name}, {op:?}: {}", ["y", "dw", "dx"][k]), &got[k], &want[k]));
            }
        }
    }
}
