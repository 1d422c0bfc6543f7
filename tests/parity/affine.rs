//! Fully connected.

use super::*;

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
            // What a voice keeps from one call to the next holds NaN too.
            let ones = vec![1.0; x.len()];
            let junk = vec![f32::NAN; dy.len()];
            voice.affine_step(&op, &ones, &mut w.clone(), &mut b.clone(), &junk, sgd, Some(&mut nan(x.len())), false);
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
