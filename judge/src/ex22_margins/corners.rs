//! Numbers, scores and counts that are easily overlooked.

use super::{Answers, judge_margins, judge_rank, judge_size, judge_top, order, solution};
use crate::{Random, Verdict};
use ndarray::{Array1, Array2, array};

const MAX: usize = usize::MAX;
const TOO_LARGE: &str =
    "does anything on the way become too large, or less than zero? And a kernel or a stride of 0 has no answer";

pub fn sizes(a: Answers) -> Verdict {
    let cases = [
        (0, 0, 1, (0, 0)),
        (0, 1, 1, (0, 0)),
        (0, 1, 1, (0, 1)),
        (0, 3, 1, (2, 1)),
        (5, 0, 1, (1, 1)),
        (5, 3, 0, (1, 1)),
        (5, 9, 2, (2, 1)),
        (5, 8, 2, (2, 1)),
        (MAX, 1, 1, (0, 0)),
        (MAX, 1, 1, (0, 1)),
        (MAX, 1, 1, (1, 0)),
        (MAX, 2, 1, (5, 0)),
        (MAX - 3, 2, 1, (2, 9)),
        (1, 3, 2, (MAX, 0)),
        (1, 3, 2, (0, MAX)),
        (1, 3, 2, (MAX - 1, 0)),
        (MAX, MAX, 1, (0, 0)),
        (MAX, 2, MAX, (0, 0)),
        (7, MAX, 1, (1, 1)),
        (7, 2, MAX, (1, 1)),
    ];
    cases.into_iter().try_for_each(|(input, kernel, stride, margins)| {
        let expected = solution::output_size(input, kernel, stride, margins);
        judge_size(a, (input, kernel, stride, margins), expected).map_err(|wrong| wrong.or_because(TOO_LARGE))
    })
}

pub fn margins(a: Answers) -> Verdict {
    let cases = [
        (0, 1, 1, 1),
        (0, 3, 1, 2),
        (4, 3, 1, 0),
        (4, 0, 1, 3),
        (4, 3, 0, 1),
        (4, 0, 0, 1),
        (4, 4, 0, 1),
        (9, 2, 1, 3),
        (9, 2, 7, 1),
        (9, 2, 7, 2),
        (9, 2, 8, 1),
        (MAX, 1, 1, MAX),
        (MAX, 1, 1, 5),
        (5, 1, 1, MAX),
        (5, 2, 1, MAX),
        (5, 1, 2, MAX),
        (0, MAX, 1, 1),
        (3, MAX, 7, 1),
        (3, MAX, 7, 2),
        (MAX - 1, 2, MAX, 1),
        (1, 1, MAX, 2),
    ];
    cases.into_iter().try_for_each(|(input, kernel, stride, output)| {
        let expected = solution::margins(input, kernel, stride, output);
        judge_margins(a, (input, kernel, stride, output), expected).map_err(|wrong| wrong.or_because(TOO_LARGE))
    })
}

const ANY: &str =
    "scores are any numbers, however large, small or close to each other, and only exact equals are equal";

/// Scores that are far apart, close together, infinite, and equal.
fn scores() -> Vec<Array1<f64>> {
    let random = &mut Random::new(2230);
    let mut all = vec![
        array![3.0],
        array![0.0, -0.0],
        array![f64::NEG_INFINITY, 0.0, f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY],
        array![1.0, 1.0 + f64::EPSILON, 1.0 - f64::EPSILON],
        array![-1e300, 1e300, -1e-300, 1e-300, 0.0],
        array![-2.0, -1.0, -3.0, -1.0],
    ];
    for size in [1e-200, 1e-12, 1e200] {
        let mut scores: Array1<f64> = size * random.array(9);
        scores[7] = scores[2];
        all.push(scores);
    }
    all
}

pub fn ranks(a: Answers) -> Verdict {
    scores().iter().try_for_each(|scores| {
        // −0 and 0 are equal, and sorted as if they were not.
        let scores = scores + 0.0;
        order(&scores)
            .into_iter()
            .enumerate()
            .try_for_each(|(place, class)| judge_rank(a, &scores, class, place).map_err(|wrong| wrong.or_because(ANY)))
    })?;
    [(0, 0), (1, 1)].into_iter().try_for_each(|(class, place)| judge_rank(a, &array![-0.0, 0.0], class, place))
}

pub fn accuracies(a: Answers) -> Verdict {
    let random = &mut Random::new(2231);
    for (examples, classes) in [(1, 1), (1, 6), (7, 2), (12, 10)] {
        for levels in [2, 1000] {
            let scores = Array2::from_shape_simple_fn((examples, classes), || random.integer(0, levels) as f64);
            let labels: Vec<usize> = (0..examples).map(|_| random.integer(0, classes)).collect();
            for k in [0, 1, 2, classes, classes + 3, MAX] {
                let what = format!("the top-{k} accuracy of {examples} examples and {classes} classes");
                judge_top(a, &what, &scores, &labels, k)
                    .map_err(|wrong| wrong.or_because("k may be 0, and more than there are classes"))?;
            }
        }
    }
    Ok(())
}
