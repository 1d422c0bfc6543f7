//! Kinks, on purpose.

use super::*;

#[test]
fn rectified_linear_units_at_zero_are_kinks() {
    let mut draw = Draw::new(Seed::new(6));
    let mut blank = |units| {
        let layers = [Spec::fully_connected(units, Activation::Relu), Spec::softmax(3)];
        let mut network = network(Shape::Flat(5), &layers, Habits::corrected());
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
    // An input that switches some units on and others off has several kinks in one. Zero is right for each, and need
    // not lie between their sums: such an element is reported as wrong, with both sides, and not excused.
    let report = blank(6);
    assert_eq!((report.wrong(TOLERANCE), count(&report, "1 FullyConnected.b")), (vec!["input"], 6), "{report}");
    let (name, worst) = report.worst().unwrap();
    assert!(name == "input" && worst.analytic == 0.0 && worst.sides.0 * worst.sides.1 > 0.0, "{report}");
    assert!(report.to_string().contains("from the left"), "{report}");
}

/// Ties under both rules. The unit itself has a kink, and either rule picks one of the one-sided derivatives. But a
/// *weight* moves all units of the tie together, so the cost has a derivative there, and giving every one of them the
/// whole gradient makes it four times too large. The check must say so: the habit is the chapter's program's, and it is
/// not the gradient.
#[test]
fn ties_are_kinks_for_units_and_not_for_weights() {
    let mut draw = Draw::new(Seed::new(7));
    for (ties, wrong) in [(Ties::First, vec![]), (Ties::All, vec!["1 ConvPool.w"])] {
        let layers = [Spec::conv_pool(1, (1, 1), (2, 2), Activation::Tanh), Spec::softmax(3)];
        let habits = Habits { ties, ..Habits::corrected() };
        let mut network = network(Shape::image(1, 4, 4), &layers, habits);
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
    let op = Pool::new(Shape::image(1, 2, 2), Pooling::L2, Window::new((2, 2), (2, 2)), Ties::First).unwrap();
    let report = check_pool(&op, &[0.0; 4], &[0.7], |_| {});
    assert_eq!(report.kinks().count(), 4);
    for (_, e) in report.kinks() {
        assert!((e.sides.0 + 0.7).abs() < 1e-9 && (e.sides.1 - 0.7).abs() < 1e-9 && e.error < TOLERANCE, "{e:?}");
    }
    assert!(!report.passes(TOLERANCE), "there is nothing left to judge by");
}

#[test]
fn near_ties_are_judged() {
    let op = Pool::new(Shape::image(1, 1, 4), Pooling::Max, Window::new((1, 2), (1, 2)), Ties::First).unwrap();
    for gap in [1e-2, 1e-4, 1e-6] {
        let x = [0.5, 0.5 + gap, 0.3 + gap, 0.3];
        right(gap, &check_pool(&op, &x, &[1.0, 1.0], |_| {}));
        assert!(!check_pool(&op, &x, &[1.0, 1.0], |dx| dx.swap(0, 1)).passes(TOLERANCE), "{gap}");
    }
}
