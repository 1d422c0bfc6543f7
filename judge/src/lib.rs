//! The checks of the exercises, and the wrong answers that they must catch.
//!
//! An exercise is a module here: `Answers`, a struct of function pointers, one for each function that the reader writes;
//! `checks`, which judge such answers; `WRONG`, answers that people give and that a check must catch. The solution is
//! judged by the same checks as the reader.

mod check;
mod compare;
pub mod ex03_tanh;
pub mod ex10_overfitting;
pub mod ex11_rescaling;
pub mod ex12_unstable_gradients;
pub mod ex14_dropout;
pub mod ex15_ensemble;
pub mod ex17_deep_big_simple;
mod random;

pub use check::{Check, Exercise, Verdict, Wrong, WrongAnswer};
pub use compare::{Compare, compare, number};
pub use random::Random;

/// All exercises, with answers from the modules of a crate: `plug!(solutions)`, or `plug!(crate)` where the reader's are.
#[macro_export]
macro_rules! plug {
    ($from:tt) => {
        vec![
            $crate::ex03_tanh::exercise($crate::ex03_tanh::Answers { tanh: $from::ex03_tanh::tanh }),
            $crate::ex10_overfitting::exercise($crate::ex10_overfitting::Answers {
                gap: $from::ex10_overfitting::gap,
                onset: $from::ex10_overfitting::onset,
                overfitting: $from::ex10_overfitting::overfitting,
            }),
            $crate::ex11_rescaling::exercise($crate::ex11_rescaling::Answers {
                forward: $from::ex11_rescaling::forward,
                rescale: $from::ex11_rescaling::rescale,
                rescale_probabilities: $from::ex11_rescaling::rescale_probabilities,
                initial_weights: $from::ex11_rescaling::initial_weights,
            }),
            $crate::ex12_unstable_gradients::exercise($crate::ex12_unstable_gradients::Answers {
                errors: $from::ex12_unstable_gradients::errors,
                gradient_norms: $from::ex12_unstable_gradients::gradient_norms,
                factor_per_layer: $from::ex12_unstable_gradients::factor_per_layer,
                cure: $from::ex12_unstable_gradients::cure,
            }),
            $crate::ex14_dropout::exercise($crate::ex14_dropout::Answers {
                forward: $from::ex14_dropout::forward,
                backward: $from::ex14_dropout::backward,
                evaluate: $from::ex14_dropout::evaluate,
                geometric_mean: $from::ex14_dropout::geometric_mean,
            }),
            $crate::ex15_ensemble::exercise($crate::ex15_ensemble::Answers {
                vote: $from::ex15_ensemble::vote,
                largest_mean: $from::ex15_ensemble::largest_mean,
                majority_accuracy: $from::ex15_ensemble::majority_accuracy,
            }),
            $crate::ex17_deep_big_simple::exercise($crate::ex17_deep_big_simple::Answers {
                parameter_count: $from::ex17_deep_big_simple::parameter_count,
                first_parameters: $from::ex17_deep_big_simple::first_parameters,
                scaled_tanh: $from::ex17_deep_big_simple::scaled_tanh,
                eta: $from::ex17_deep_big_simple::eta,
            }),
        ]
    };
}

/// Everything in the catalogue of wrong answers.
pub fn wrong_answers() -> Vec<WrongAnswer> {
    let wrong = [
        ex03_tanh::wrong::wrong(), //
        ex10_overfitting::wrong::wrong(),
        ex11_rescaling::wrong::wrong(),
        ex12_unstable_gradients::wrong::wrong(),
        ex14_dropout::wrong::wrong(),
        ex15_ensemble::wrong::wrong(),
        ex17_deep_big_simple::wrong::wrong(),
    ];
    wrong.into_iter().flatten().collect()
}

/// Answers that take no thought (zero, the input, a constant), exercise by exercise: no check may let them pass.
pub fn trivial_answers() -> Vec<Exercise> {
    let trivial = [
        ex03_tanh::wrong::trivial(), //
        ex10_overfitting::wrong::trivial(),
        ex11_rescaling::wrong::trivial(),
        ex12_unstable_gradients::wrong::trivial(),
        ex14_dropout::wrong::trivial(),
        ex15_ensemble::wrong::trivial(),
        ex17_deep_big_simple::wrong::trivial(),
    ];
    trivial.into_iter().flatten().collect()
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
