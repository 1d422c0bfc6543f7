//! Margins, each side its own, and the best five classes.

mod corners;
pub mod wrong;

use crate::{Check, Exercise, Random, Verdict, Wrong, number};
use ndarray::{Array1, Array2, array};
use solutions::ex22_margins as solution;
use wrong::{MARGINS, RANK, SIZE, TOP};

type Pair = (usize, usize);

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub output_size: fn(usize, usize, usize, Pair) -> Option<usize>,
    pub margins: fn(usize, usize, usize, usize) -> Option<Pair>,
    pub rank: fn(&Array1<f64>, usize) -> usize,
    pub top_accuracy: fn(&Array2<f64>, &[usize], usize) -> f64,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex22_margins",
        read_on: "the network of 2012 in full size: \"Recent progress in image recognition\"",
        checks: vec![
            check("output_size", "the network of 2012, and small layers", sizes),
            check("output_size", "zeros and the largest numbers", corners::sizes),
            check("margins", "the network of 2012", margins_of_2012),
            check("margins", "small layers, all margins tried", all_margins),
            check("margins", "zeros and the largest numbers", corners::margins),
            check("rank", "four classes", four_classes),
            check("rank", "random scores, many of them equal", equal_scores),
            check("rank", "any scores", corners::ranks),
            check("top_accuracy", "a network that says the same of all", all_the_same),
            check("top_accuracy", "random scores", random_scores),
            check("top_accuracy", "from none to all classes", corners::accuracies),
        ],
    }
    .otherwise(&[
        (
            "output_size",
            "(margin + input + margin − kernel) / stride + 1, rounded down: is a margin counted twice, or not at all?",
        ),
        (
            "margins",
            "(output − 1) · stride + kernel pixels are needed: how many are missing, and on which side is the odd one?",
        ),
        ("rank", "count those with a larger score, and of the equals those with a smaller number"),
        ("top_accuracy", "how many of the examples have a label of rank less than k?"),
    ])
}

fn sizes(a: Answers) -> Verdict {
    let known =
        [(224, 11, 4, (1, 2)), (224, 11, 4, (0, 0)), (55, 3, 2, (0, 0)), (27, 5, 1, (2, 2)), (13, 3, 1, (1, 1))];
    let small =
        (1..=7).flat_map(|input| (1..=9).flat_map(move |kernel| (1..=3).map(move |stride| (input, kernel, stride))));
    let small = small.flat_map(|(i, k, s)| [(0, 0), (0, 1), (2, 0), (1, 3)].map(|margins| (i, k, s, margins)));
    known.into_iter().chain(small).try_for_each(|(input, kernel, stride, margins)| {
        // Beyond the margins' end there is nothing to put a kernel on.
        let pixels = margins.0 + input + margins.1;
        let places = (0..pixels).step_by(stride).filter(|start| start + kernel <= pixels).count();
        judge_size(a, (input, kernel, stride, margins), (places > 0).then_some(places))
    })
}

fn judge_size(
    a: Answers,
    (input, kernel, stride, margins): (usize, usize, usize, Pair),
    expected: Option<usize>,
) -> Verdict {
    let got = (a.output_size)(input, kernel, stride, margins);
    if got == expected {
        return Ok(());
    }
    let suspects = SIZE.iter().map(|(f, why)| (*why, f(input, kernel, stride, margins) == got));
    Wrong::new(format!("output_size({input}, {kernel}, {stride}, {margins:?}): expected {expected:?}, got {got:?}"))
        .suspect(suspects)
        .verdict()
}

fn margins_of_2012(a: Answers) -> Verdict {
    let layers = [(224, 11, 4, 55), (227, 11, 4, 55), (55, 3, 2, 27), (27, 5, 1, 27), (13, 3, 1, 13), (224, 11, 4, 54)];
    layers.into_iter().try_for_each(|(input, kernel, stride, output)| {
        let expected = solution::margins(input, kernel, stride, output);
        judge_margins(a, (input, kernel, stride, output), expected)
    })
}

fn judge_margins(
    a: Answers,
    (input, kernel, stride, output): (usize, usize, usize, usize),
    expected: Option<Pair>,
) -> Verdict {
    let got = (a.margins)(input, kernel, stride, output);
    if got == expected {
        return Ok(());
    }
    let suspects = MARGINS.iter().map(|(f, why)| (*why, f(input, kernel, stride, output) == got));
    Wrong::new(format!("margins({input}, {kernel}, {stride}, {output}): expected {expected:?}, got {got:?}"))
        .suspect(suspects)
        .verdict()
}

/// All margins up to 40 pixels are tried, the smallest first.
fn all_margins(a: Answers) -> Verdict {
    let layers =
        (1..=7).flat_map(|input| (1..=4).flat_map(move |kernel| (1..=3).map(move |stride| (input, kernel, stride))));
    for (input, kernel, stride) in layers {
        for output in 1..=9 {
            let mut all = (0..=40).map(|both| (both / 2, both - both / 2));
            let fits = |margins: &Pair| solution::output_size(input, kernel, stride, *margins) == Some(output);
            judge_margins(a, (input, kernel, stride, output), all.find(fits))?;
        }
    }
    Ok(())
}

fn judge_rank(a: Answers, scores: &Array1<f64>, class: usize, expected: usize) -> Verdict {
    let got = (a.rank)(scores, class);
    if got == expected {
        return Ok(());
    }
    let suspects = RANK.iter().map(|(f, why)| (*why, f(scores, class) == got));
    Wrong::new(format!("rank of class {class} by {scores}: expected {expected}, got {got}")).suspect(suspects).verdict()
}

fn four_classes(a: Answers) -> Verdict {
    let scores = array![0.25, 0.5, 0.125, 0.0625];
    [1, 0, 2, 3].into_iter().enumerate().try_for_each(|(class, expected)| judge_rank(a, &scores, class, expected))?;
    let scores = array![0.25, 0.25, 0.5, 0.0, 0.0];
    [1, 2, 0, 3, 4].into_iter().enumerate().try_for_each(|(class, expected)| judge_rank(a, &scores, class, expected))
}

/// The order of the classes: a stable sort, from the largest score to the smallest, leaves equals as they were.
fn order(scores: &Array1<f64>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    order
}

fn equal_scores(a: Answers) -> Verdict {
    (1..=20).try_for_each(|seed| {
        let random = &mut Random::new(2200 + seed);
        let scores = Array1::from_shape_simple_fn(random.integer(2, 12), || random.integer(1, 5) as f64 / 8.0);
        order(&scores).into_iter().enumerate().try_for_each(|(place, class)| judge_rank(a, &scores, class, place))
    })
}

fn judge_top(a: Answers, what: &str, scores: &Array2<f64>, labels: &[usize], k: usize) -> Verdict {
    let right = |(scores, label): (ndarray::ArrayView1<f64>, &usize)| {
        order(&scores.to_owned()).iter().take(k).any(|c| c == label)
    };
    let right = scores.rows().into_iter().zip(labels).filter(|(scores, label)| right((*scores, *label))).count();
    let expected = right as f64 / labels.len() as f64;
    let suspects = TOP.iter().map(|(f, why)| (f(scores, labels, k), *why));
    let compared = number(what, expected, (a.top_accuracy)(scores, labels, k));
    suspects.fold(compared, |compared, (would_be, why)| compared.suspect_number(would_be, why)).verdict()
}

/// A network that has learned nothing yet.
fn all_the_same(a: Answers) -> Verdict {
    let labels: Vec<usize> = (0..20).collect();
    let what = "the top-5 accuracy when all 20 classes have the same score, and each is the label once";
    judge_top(a, what, &Array2::from_elem((20, 20), 0.05), &labels, 5)
}

fn random_scores(a: Answers) -> Verdict {
    (1..=8).try_for_each(|seed| {
        let random = &mut Random::new(2240 + seed);
        let (examples, classes) = (random.integer(5, 30), random.integer(8, 15));
        let scores = random.array((examples, classes));
        let labels: Vec<usize> = (0..examples).map(|_| random.integer(0, classes)).collect();
        let k = [1, 5, 3][random.integer(0, 3)];
        judge_top(a, &format!("the top-{k} accuracy of {examples} examples and {classes} classes"), &scores, &labels, k)
    })
}
