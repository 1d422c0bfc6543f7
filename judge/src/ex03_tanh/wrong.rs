//! What goes wrong with tanh.

use super::{Answers, exercise};
use crate::WrongAnswer;
use solutions::ex03_tanh as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers { tanh: solution::tanh };

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![WrongAnswer {
        name: "overflow",
        mistake: "(eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ) as it stands: infinity over infinity for large z.",
        caught_by: ("tanh", "large arguments"),
        exercise: exercise(Answers { tanh: |z| (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()), ..RIGHT }),
    }]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<crate::Exercise> {
    [Answers { tanh: |_| 0.0 }, Answers { tanh: |z| z }, Answers { tanh: |_| 1.0 }].map(exercise).into()
}
