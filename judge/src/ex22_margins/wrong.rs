//! What goes wrong by one.

use super::{Answers, Pair, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array1, Array2};
use solutions::ex22_margins as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    output_size: solution::output_size,
    margins: solution::margins,
    rank: solution::rank,
    top_accuracy: solution::top_accuracy,
};

/// A mistake, and words to tell it by what comes of it.
type Mistake<F> = (F, &'static str);
type Size = fn(usize, usize, usize, Pair) -> Option<usize>;
type Margins = fn(usize, usize, usize, usize) -> Option<Pair>;
type Rank = fn(&Array1<f64>, usize) -> usize;
type Top = fn(&Array2<f64>, &[usize], usize) -> f64;

pub(super) const SIZE: [Mistake<Size>; 4] = [
    (first_twice, "the margin before is taken twice: the one after may be another"),
    (
        |i, k, s, (_, after)| solution::output_size(i, k, s, (after, after)),
        "the margin after is taken twice: the one before may be another",
    ),
    (|i, k, s, _| solution::output_size(i, k, s, (0, 0)), "the margins are not counted"),
    (
        |i, k, s, margins| Some(solution::output_size(i, k, s, margins)? - 1),
        "one too few: the first place needs no step to get to, so it comes on top",
    ),
];

pub(super) const MARGINS: [Mistake<Margins>; 5] = [
    (alike, "the same on both sides is one pixel too many: an odd number of them cannot be shared out evenly"),
    (odd_before, "the odd pixel goes after the input, not before it"),
    (all_after, "all of it is on one side: it belongs in equal parts before and after"),
    (exact_alone, "pixels that are left over do no harm: without any margin there are as many places as asked for"),
    (
        |i, k, s, output| {
            if output == 0 || k == 0 || s == 0 { None } else { split((output * s + k).saturating_sub(i)) }
        },
        "one step too many: from the first place to the last there are output − 1",
    ),
];

pub(super) const RANK: [Mistake<Rank>; 4] = [
    (generous, "equals are all put first here: of two with the same score only one can come before the other"),
    (last_of_equals, "of equals the last comes first here: it is the smaller number that does"),
    (
        harsh,
        "all equals are counted as coming before: one with a larger number does not, and a class not before itself",
    ),
    (
        |scores, class| scores.iter().filter(|&&s| s < scores[class]).count(),
        "counted from the smallest score: the largest has rank 0",
    ),
];

pub(super) const TOP: [Mistake<Top>; 5] = [
    (by_threshold, "whoever is as good as the k-th counts here, so that more than k classes are among the first k"),
    (one_more, "rank 0 is the first, so the first k have ranks less than k"),
    (
        |scores, labels, k| top(scores, labels, |rank| rank + 1 == k),
        "only the class at place k counts here: all before it do, too",
    ),
    (|scores, labels, _| solution::top_accuracy(scores, labels, 1), "only the first class counts here: the first k do"),
    (count, "this is how many are right: divided by the number of examples it is a fraction"),
];

fn first_twice(input: usize, kernel: usize, stride: usize, (before, _): Pair) -> Option<usize> {
    solution::output_size(input, kernel, stride, (before, before))
}

fn split(missing: usize) -> Option<Pair> {
    Some((missing / 2, missing - missing / 2))
}

fn alike(input: usize, kernel: usize, stride: usize, output: usize) -> Option<Pair> {
    let (_, after) = solution::margins(input, kernel, stride, output)?;
    Some((after, after))
}

fn odd_before(input: usize, kernel: usize, stride: usize, output: usize) -> Option<Pair> {
    let (before, after) = solution::margins(input, kernel, stride, output)?;
    Some((after, before))
}

fn all_after(input: usize, kernel: usize, stride: usize, output: usize) -> Option<Pair> {
    let (before, after) = solution::margins(input, kernel, stride, output)?;
    Some((0, before + after))
}

fn exact_alone(input: usize, kernel: usize, stride: usize, output: usize) -> Option<Pair> {
    let needed = output.checked_sub(1)?.checked_mul(stride)?.checked_add(kernel)?;
    solution::margins(input, kernel, stride, output)?;
    split(needed.checked_sub(input)?)
}

fn generous(scores: &Array1<f64>, class: usize) -> usize {
    scores.iter().filter(|&&score| score > scores[class]).count()
}

fn last_of_equals(scores: &Array1<f64>, class: usize) -> usize {
    let before =
        |&(other, score): &(usize, &f64)| if other > class { *score >= scores[class] } else { *score > scores[class] };
    scores.iter().enumerate().filter(before).count()
}

fn harsh(scores: &Array1<f64>, class: usize) -> usize {
    scores.iter().filter(|&&score| score >= scores[class]).count()
}

/// The fraction of the examples whose label has a rank that counts.
fn top(scores: &Array2<f64>, labels: &[usize], counts: impl Fn(usize) -> bool) -> f64 {
    let right =
        scores.rows().into_iter().zip(labels).filter(|(s, label)| counts(solution::rank(&s.to_owned(), **label)));
    right.count() as f64 / labels.len() as f64
}

fn by_threshold(scores: &Array2<f64>, labels: &[usize], k: usize) -> f64 {
    let right = scores.rows().into_iter().zip(labels).filter(|(s, label)| generous(&s.to_owned(), **label) < k);
    right.count() as f64 / labels.len() as f64
}

fn one_more(scores: &Array2<f64>, labels: &[usize], k: usize) -> f64 {
    top(scores, labels, |rank| rank <= k)
}

fn count(scores: &Array2<f64>, labels: &[usize], k: usize) -> f64 {
    solution::top_accuracy(scores, labels, k) * labels.len() as f64
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    let margins = |margins: Margins| exercise(Answers { margins, ..RIGHT });
    vec![
        WrongAnswer {
            name: "margin-before-twice",
            mistake: "The margins are taken to be alike.",
            caught_by: ("output_size", "the network of 2012, and small layers"),
            exercise: exercise(Answers { output_size: first_twice, ..RIGHT }),
        },
        WrongAnswer {
            name: "alike-on-both-sides",
            mistake: "The number of missing pixels is halved and rounded up, for both sides.",
            caught_by: ("margins", "the network of 2012"),
            exercise: margins(alike),
        },
        WrongAnswer {
            name: "odd-one-before",
            mistake: "The odd pixel comes before the image.",
            caught_by: ("margins", "the network of 2012"),
            exercise: margins(odd_before),
        },
        WrongAnswer {
            name: "nothing-left-over",
            mistake: "Where pixels are left over there is said to be no answer, though no margin is the answer.",
            caught_by: ("margins", "the network of 2012"),
            exercise: margins(exact_alone),
        },
        WrongAnswer {
            name: "equals-all-first",
            mistake: "Only larger scores are counted, so that equals share the best of their places.",
            caught_by: ("rank", "four classes"),
            exercise: exercise(Answers { rank: generous, ..RIGHT }),
        },
        WrongAnswer {
            name: "last-of-equals",
            mistake: "Of equals the one with the larger number comes first.",
            caught_by: ("rank", "four classes"),
            exercise: exercise(Answers { rank: last_of_equals, ..RIGHT }),
        },
        WrongAnswer {
            name: "as-good-as-the-fifth",
            mistake: "A label counts as found if its score is not below the k-th: a network that knows nothing is always right.",
            caught_by: ("top_accuracy", "a network that says the same of all"),
            exercise: exercise(Answers { top_accuracy: by_threshold, ..RIGHT }),
        },
        WrongAnswer {
            name: "one-more",
            mistake: "A rank of k counts, though ranks begin with 0.",
            caught_by: ("top_accuracy", "a network that says the same of all"),
            exercise: exercise(Answers { top_accuracy: one_more, ..RIGHT }),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let none = Answers {
        output_size: |_, _, _, _| None,
        margins: |_, _, _, _| None,
        rank: |_, _| 0,
        top_accuracy: |_, _, _| 0.0,
    };
    let input = Answers {
        output_size: |input, _, _, _| Some(input),
        margins: |_, _, _, _| Some((0, 0)),
        rank: |_, class| class,
        top_accuracy: |_, _, _| 1.0,
    };
    let one = Answers {
        output_size: |_, _, _, _| Some(1),
        margins: |_, _, _, _| Some((1, 1)),
        rank: |_, _| 1,
        top_accuracy: |_, _, k| k as f64,
    };
    [none, input, one].map(exercise).into()
}
