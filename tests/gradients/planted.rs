//! A test of the test: errors that people make, planted one by one, and the tensors that must be named for each.

use super::*;

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
    /// The gradient of the filters counts every image twice.
    WeightsTwice,
}

struct Planted(Mistake);

impl Backend<f64> for Planted {
    fn activate_backward(&mut self, f: Activation, y: &[f64], dy: &mut [f64]) {
        Reference.activate_backward(f, y, dy);
        if self.0 == Mistake::Sign && f == Activation::Sigmoid {
            dy.iter_mut().for_each(|dy| *dy = -*dy);
        }
    }

    fn conv_backward(&mut self, op: &Conv, At { x, dy, dx, .. }: At<f64>, w: Parameter<f64>) {
        let Parameter::Accumulate { value: w, gradient } = w else { panic!("nothing here makes a step") };
        let (mut wrong_w, mut wrong_dy, row) = (w.to_vec(), dy.to_vec(), op.output_width() * op.filters);
        let rows = wrong_dy.chunks_exact_mut(row);
        match self.0 {
            Mistake::ConvFirstExample => wrong_dy[op.output_len()..].fill(0.0),
            Mistake::UnflippedKernel => wrong_w.chunks_exact_mut(op.taps()).for_each(|w| w.reverse()),
            Mistake::WrongWinner => rows.for_each(|dy| dy.rotate_right(op.filters)),
            Mistake::LastRow => {
                rows.skip(op.output_height() - 1).step_by(op.output_height()).for_each(|dy| dy.fill(0.0))
            }
            Mistake::LastColumn => rows.for_each(|dy| dy[row - op.filters..].fill(0.0)),
            _ => {}
        }
        let both = matches!(self.0, Mistake::WrongWinner);
        let for_dw = both || matches!(self.0, Mistake::ConvFirstExample | Mistake::LastRow);
        let for_dx = both || matches!(self.0, Mistake::LastColumn);
        let mut right_dy = dy.to_vec();
        let dy = if for_dw { &mut wrong_dy.clone() } else { &mut right_dy.clone() };
        let at = At { x, y: &[], dy, dx: None, dead_at_zero: false };
        Reference.conv_backward(op, at, adding(w, gradient));
        let dy = if for_dx { &mut wrong_dy } else { &mut right_dy };
        let at = At { x, y: &[], dy, dx, dead_at_zero: false };
        Reference.conv_backward(op, at, adding(&wrong_w, &mut zeros(w.len())));
    }

    fn conv_pool_backward(&mut self, op: &ConvPool, at: At<f64>, p: Trainable<f64>, notes: &Notes) {
        p.with_gradients(|p, g| {
            let db = g.db.to_vec();
            let all = Trainable { w: adding(p.w, &mut *g.dw), b: adding(p.b, &mut *g.db) };
            ops::conv_pool::reference::backward(self, op, at, all, notes);
            match self.0 {
                Mistake::ConvForgottenBias => g.db.copy_from_slice(&db),
                Mistake::WeightsTwice => g.dw.iter_mut().for_each(|dw| *dw *= 2.0),
                _ => {}
            }
        });
    }

    fn affine_backward(&mut self, op: &Affine, At { x, dy, dx, .. }: At<f64>, p: Trainable<f64>) {
        let n = dy.len() / op.outputs;
        let mut wrong_dy = dy.to_vec();
        match self.0 {
            Mistake::AffineFirstExample => wrong_dy[op.outputs..].fill(0.0),
            Mistake::AffineMean => wrong_dy.iter_mut().for_each(|dy| *dy /= n as f64),
            _ => {}
        }
        p.with_gradients(|p, g| {
            let (w, mut db) = (p.w, g.db.to_vec());
            let columns: Vec<f64> = (0..w.len()).map(|k| w[k % op.inputs * op.outputs + k / op.inputs]).collect();
            let w = if self.0 == Mistake::Transposed { &columns } else { w };
            let at = At { x, y: &[], dy: &mut wrong_dy.clone(), dx: None, dead_at_zero: false };
            let (mut no_dw, mut no_db) = (zeros(w.len()), zeros(op.outputs));
            let for_dw = Trainable { w: adding(w, g.dw), b: adding(p.b, &mut no_db) };
            Reference.affine_backward(op, at, for_dw);
            let dy = if self.0 == Mistake::AffineMean { &mut wrong_dy } else { dy };
            let at = At { x, y: &[], dy, dx, dead_at_zero: false };
            let for_dx = Trainable { w: adding(w, &mut no_dw), b: adding(p.b, &mut db) };
            Reference.affine_backward(op, at, for_dx);
            if self.0 != Mistake::AffineForgottenBias {
                g.db.copy_from_slice(&db);
            }
        });
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
        let mut network = network(Shape::image(1, 6, 7), &layers, Habits::corrected()).with_backend(Planted(*mistake));
        let mut draw = Draw::new(Seed::new(8));
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
    let op = Pool::new(Shape::image(1, 2, 2), Pooling::Max, Window::new((2, 2), (2, 2)), Ties::First).unwrap();
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
        let at = [draw.size(1..=3) - 1, draw.size(1..=4) - 1];
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
    let mut network = network(Shape::Flat(3), &[Spec::softmax(2)], Habits::corrected());
    let mut ask =
        |x: &[f64], labels: &[Label]| check_network(&mut network, x, labels, Pass::Evaluate).unwrap_err().to_string();
    assert!(ask(&[], &[]).contains("at least one"));
    assert!(ask(&[0.0; 5], &[0, 1]).contains("2 inputs of 3, one for each label, and at least one, got 5 numbers"));
    assert!(ask(&[0.0; 6], &[0, 2]).contains("label 2 is not one of the 2 classes"));
}
