//! The checks of the exercises, and the wrong answers that they must catch.
//!
//! An exercise is a module here: `Answers`, a struct of function pointers, one for each function that the reader writes;
//! `checks`, which judge such answers; `WRONG`, answers that people give and that a check must catch. The solution is
//! judged by the same checks as the reader.

mod check;
mod compare;
pub mod ex03_tanh;
mod harness;
mod random;

pub use check::{Check, Exercise, Verdict, Wrong, WrongAnswer};
pub use compare::{Compare, compare, number};
pub use harness::{Limits, judge};
pub use random::Random;

/// All exercises, with answers from the modules of a crate: `plug!(solutions)`, or `plug!(crate)` where the reader's are.
#[macro_export]
macro_rules! plug {
    ($from:tt) => {
        vec![$crate::ex03_tanh::exercise($crate::ex03_tanh::Answers { tanh: $from::ex03_tanh::tanh })]
    };
}

/// Everything in the catalogue of wrong answers.
pub fn wrong_answers() -> Vec<WrongAnswer> {
    [ex03_tanh::wrong::wrong()].into_iter().flatten().collect()
}

/// Answers that take no thought (zero, the input, a constant), exercise by exercise: no check may let them pass.
pub fn trivial_answers() -> Vec<Exercise> {
    [ex03_tanh::wrong::trivial()].into_iter().flatten().collect()
}

/// Judges answers as `cargo test` does. The limits are generous: the checks of a whole exercise take less than five seconds.
pub fn main(answers: Vec<Exercise>) -> std::process::ExitCode {
    let limits = Limits { time: std::time::Duration::from_secs(10), memory: 2_000_000_000 };
    judge(answers, plug!(solutions), limits)
}
