//! What goes wrong with votes.

use super::{Answers, exercise, rules};
use crate::WrongAnswer;
use network3::ops::softmax::argmax;
use solutions::ex15_ensemble as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers {
    vote: solution::vote,
    largest_mean: solution::largest_mean,
    majority_accuracy: solution::majority_accuracy,
};

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "mean-for-vote",
            mistake: "The probabilities are added up, and nobody votes.",
            caught_by: ("vote", "one class has most votes"),
            exercise: exercise(Answers { vote: solution::largest_mean, ..RIGHT }),
        },
        WrongAnswer {
            name: "first-of-equals",
            mistake: "Between classes with equally many votes, the smaller digit wins at once.",
            caught_by: ("vote", "equally many votes"),
            exercise: exercise(Answers { vote: |p| solution::vote(p).map(|_| rules::leaders(p)[0]), ..RIGHT }),
        },
        WrongAnswer {
            name: "outsider-wins",
            mistake: "Between classes with equally many votes the mean decides, but over all classes: one without a \
                vote can win.",
            caught_by: ("vote", "equally many votes"),
            exercise: exercise(Answers {
                vote: |p| match &rules::leaders(p)[..] {
                    [winner] => Ok(*winner),
                    _ => solution::largest_mean(p),
                },
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "nobody-says-zero",
            mistake: "Without networks the answer is class 0, and not an error.",
            caught_by: ("vote", "nobody"),
            exercise: exercise(Answers { vote: |p| solution::vote(p).or(Ok(0)), ..RIGHT }),
        },
        WrongAnswer {
            name: "first-network-only",
            mistake: "The largest probability is looked for in the first row, not in the mean of all rows.",
            caught_by: ("largest_mean", "made-up networks"),
            exercise: exercise(Answers {
                largest_mean: |p| solution::largest_mean(p).map(|_| argmax(p.row(0))),
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "factorials",
            mistake: "Binomial coefficients from factorials, which are infinite from 171! on.",
            caught_by: ("majority_accuracy", "many networks"),
            exercise: exercise(Answers {
                majority_accuracy: |n, p| {
                    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
                    let ways = |k| factorial(n) / (factorial(k) * factorial(n - k));
                    (n / 2 + 1..=n).map(|k| ways(k) * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)).sum()
                },
                ..RIGHT
            }),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<crate::Exercise> {
    let answers = [
        Answers { vote: |_| Ok(0), largest_mean: |_| Ok(0), majority_accuracy: |_, _| 0.0 },
        Answers { vote: |p| Ok(p.nrows()), largest_mean: |p| Ok(p.nrows()), majority_accuracy: |_, p| p },
        Answers { vote: |_| Err(String::new()), largest_mean: |_| Err(String::new()), majority_accuracy: |_, _| 1.0 },
    ];
    answers.map(exercise).into()
}
