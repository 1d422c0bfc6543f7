//! The checks of the exercises, and the wrong answers that they must catch.
//!
//! An exercise is a module here: `Answers`, a struct of function pointers, one for each function that the reader writes;
//! `checks`, which judge such answers; `WRONG`, answers that people give and that a check must catch. The solution is
//! judged by the same checks as the reader.

// Functions are data here, and their types are what the reader reads in the exercise: a name would hide them.
#![allow(clippy::type_complexity)]

mod check;
mod compare;
mod endless;
pub mod ex03_tanh;
pub mod ex04_translation;
pub mod ex05_early_stopping;
pub mod ex06_accuracy;
pub mod ex07_learning_rate;
pub mod ex08_distortion;
pub mod ex09_file_format;
mod random;

pub use check::{Check, Exercise, Verdict, Wrong, WrongAnswer};
pub use compare::{Compare, compare, list, number};
pub use endless::{enough, unless_endless};
pub use random::Random;

/// All exercises, with answers from the modules of a crate: `plug!(solutions)`, or `plug!(crate)` where the reader's are.
#[macro_export]
macro_rules! plug {
    ($from:tt) => {
        vec![
            $crate::ex03_tanh::exercise($crate::ex03_tanh::Answers { tanh: $from::ex03_tanh::tanh }),
            $crate::ex04_translation::exercise($crate::ex04_translation::Answers {
                translate: $from::ex04_translation::translate,
                distance: $from::ex04_translation::distance,
                shortfall: $from::ex04_translation::shortfall,
            }),
            $crate::ex05_early_stopping::exercise($crate::ex05_early_stopping::Answers {
                best_epoch: $from::ex05_early_stopping::best_epoch,
                is_over: $from::ex05_early_stopping::is_over,
                train: $from::ex05_early_stopping::train,
            }),
            $crate::ex06_accuracy::exercise($crate::ex06_accuracy::Answers {
                classes: $from::ex06_accuracy::classes,
                accuracy: $from::ex06_accuracy::accuracy,
            }),
            $crate::ex07_learning_rate::exercise($crate::ex07_learning_rate::Answers {
                exponential: $from::ex07_learning_rate::exponential,
                halving: $from::ex07_learning_rate::halving,
                train: $from::ex07_learning_rate::train,
            }),
            $crate::ex08_distortion::exercise($crate::ex08_distortion::Answers {
                warp: $from::ex08_distortion::warp,
                affine: $from::ex08_distortion::affine,
                elastic: $from::ex08_distortion::elastic,
                distorted: $from::ex08_distortion::distorted,
            }),
            $crate::ex09_file_format::exercise($crate::ex09_file_format::Answers {
                to_bytes: $from::ex09_file_format::to_bytes,
                from_bytes: $from::ex09_file_format::from_bytes,
                load: $from::ex09_file_format::load,
            }),
        ]
    };
}

/// Everything in the catalogue of wrong answers.
pub fn wrong_answers() -> Vec<WrongAnswer> {
    [
        ex03_tanh::wrong::wrong(),
        ex04_translation::wrong::wrong(),
        ex05_early_stopping::wrong::wrong(),
        ex06_accuracy::wrong::wrong(),
        ex07_learning_rate::wrong::wrong(),
        ex08_distortion::wrong::wrong(),
        ex09_file_format::wrong::wrong(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Answers that take no thought (zero, the input, a constant), exercise by exercise: no check may let them pass.
pub fn trivial_answers() -> Vec<Exercise> {
    [
        ex03_tanh::wrong::trivial(),
        ex04_translation::wrong::trivial(),
        ex05_early_stopping::wrong::trivial(),
        ex06_accuracy::wrong::trivial(),
        ex07_learning_rate::wrong::trivial(),
        ex08_distortion::wrong::trivial(),
        ex09_file_format::wrong::trivial(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Judges answers as `cargo test` does.
pub fn main(exercises: Vec<Exercise>) -> std::process::ExitCode {
    for exercise in exercises {
        for check in exercise.checks {
            println!("{}::{} {}: {:?}", exercise.name, check.function, check.name, (check.run)());
        }
    }
    std::process::ExitCode::SUCCESS
}
