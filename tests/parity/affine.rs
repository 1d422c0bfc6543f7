//! Fully connected.

use super::*;

fn affine_case(op: Affine, n: usize, draw: &mut Draw) {
    let (x, w, dw) =
        (draw.integers(n * op.inputs), draw.integers(op.inputs * op.outputs), draw.integers(op.inputs * op.outputs));
    let (b, db, dy) = (draw.integers(op.outputs), draw.integers(op.outputs), draw.integers(n * op.outputs));
    let all = [&x[..], &w, &b, &dy, &dw, &db];
    let want = affine_all(&mut Reference, &op, all);
    let want_dx = &want[3];
    let sparse_dx: Vec<f32> = want_dx.iter().zip(&x).map(|(&dx, &x)| if x == 0.0 { 0.0 } else { dx }).collect();
    for (name, mut backend) in backends() {
        let what = |tensor| format!("{name}: {tensor} of {n} × {op:?}");
        let got = affine_all(&mut backend, &op, all);
        (0..4).for_each(|k| equal(&what(["y", "dw", "db", "dx"][k]), &got[k], &want[k]));
        let mut without_dx = dw.clone();
        let mut without_db = db.clone();
        let p = Trainable { w: adding(&w, &mut without_dx), b: adding(&b, &mut without_db) };
        let at = At { x: &x, y: &[], dy: &mut dy.clone(), dx: None, dead_at_zero: false };
        backend.affine_backward(&op, at, p);
        equal(&what("dw alone"), &without_dx, &want[1]);
        for (dead_at_zero, momentum) in [(false, false), (true, false), (false, true), (true, true)] {
            // What a backend keeps from one call to the next holds NaN too.
            let junk = [vec![1.0; x.len()], w.clone(), b.clone(), nan(dy.len())];
            affine_step(&mut backend, &op, junk.each_ref().map(|a| &a[..]), true, false, false);
            let [want_w, want_b, want_v, _] =
                affine_step(&mut Reference, &op, [&x, &w, &b, &dy], true, false, momentum);
            let [got_w, got_b, got_v, dx] =
                affine_step(&mut backend, &op, [&x, &w, &b, &dy], true, dead_at_zero, momentum);
            equal(&what("w after a step"), &got_w, &want_w);
            equal(&what("b after a step"), &got_b, &want_b);
            equal(&what("velocity after a step"), &got_v, &want_v);
            // Where x is zero, dx may be left at zero, and not at anything else.
            let may: Vec<f32> =
                dx.iter().zip(want_dx).map(|(&dx, &want)| if dead_at_zero && dx == 0.0 { dx } else { want }).collect();
            equal(&what("dx of a step"), &dx, &may);
            let needed: Vec<f32> = dx.iter().zip(&x).map(|(&dx, &x)| if x == 0.0 { 0.0 } else { dx }).collect();
            equal(&what("dx of a step, where x is not zero"), &needed, &sparse_dx);
            let [without_dx, ..] = affine_step(&mut backend, &op, [&x, &w, &b, &dy], false, dead_at_zero, momentum);
            equal(&what("w after a step without dx"), &without_dx, &want_w);
        }
    }
}

/// w, b, the velocity of w, and dx of a step.
fn affine_step(
    backend: &mut dyn Backend<f32>,
    op: &Affine,
    [x, w, b, dy]: [&[f32]; 4],
    to_input: bool,
    dead_at_zero: bool,
    momentum: bool,
) -> [Vec<f32>; 4] {
    let (mut w, mut b, mut dx, mut dy) = (w.to_vec(), b.to_vec(), nan(x.len()), dy.to_vec());
    let (mut vw, mut vb) = (vec![2.0; w.len()], vec![-2.0; b.len()]);
    let at = At { x, y: &[], dy: &mut dy, dx: to_input.then_some(&mut dx[..]), dead_at_zero };
    let w_step = step(&mut w, momentum.then_some(&mut vw[..]), RULE.decay);
    let b_step = step(&mut b, momentum.then_some(&mut vb[..]), 0.0);
    backend.affine_backward(op, at, Trainable { w: w_step, b: b_step });
    [w, b, vw, dx]
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
    let mut draw = Draw::new(Seed::new(2));
    for outputs in
        (1..=64).step_by(7).chain([8, 64, 65, 127, 128]).chain(129..=144).chain([257, 264, 520, 1024, 1025, 1033, 1100])
    {
        affine_case(Affine { inputs: draw.size(1..=20), outputs }, draw.size(1..=3), &mut draw);
    }
    for n in [1, 2, 3, 4, 5, 63, 64, 65, 70, 128, 129] {
        affine_case(Affine { inputs: 17, outputs: 11 }, n, &mut draw);
    }
    for inputs in [63, 64, 65, 255, 256, 257, 300, 785] {
        for n in [1, 10, 33] {
            affine_case(Affine { inputs, outputs: 13 }, n, &mut draw);
        }
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
        let got = backends().map(|(_, mut backend)| affine_all(&mut backend, &op, all.map(|a| &a[..])));
        for k in 0..4 {
            let terms = [op.inputs + 1, n + 1, n + 1, op.outputs][k];
            got.iter().for_each(|got| close(["y", "dw", "db", "dx"][k], &got[k], &want[k], &sums[k], terms));
            same_bits("1 and 2 threads", &got[0][k], &got[1][k]);
            same_bits("1 and 2 threads, plain", &got[2][k], &got[3][k]);
        }
    }
    QuickCheck::new().tests(60).quickcheck(property as fn(Seed));
}
