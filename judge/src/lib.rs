//! The checks of the exercises, and the wrong answers that they must catch.
//!
//! An exercise is a module here: `Answers`, a struct of function pointers, one for each function that the reader writes;
//! `checks`, which judge such answers; `WRONG`, answers that people give and that a check must catch. The solution is
//! judged by the same checks as the reader.

mod check;
mod compare;
pub mod ex01_backpropagation;
pub mod ex02_no_fully_connected;
pub mod ex03_tanh;
pub mod ex13_l2_pooling;
pub mod ex16_stride;
mod measure;
mod plugged;
mod random;

pub use check::{Check, Exercise, Verdict, Wrong, WrongAnswer};
pub use compare::{Compare, compare, number};
pub use random::Random;

/// All exercises, with answers from the modules of a crate: `plug!(solutions)`, or `plug!(crate)` where the reader's are.
#[macro_export]
macro_rules! plug {
    ($from:tt) => {
        vec![
            $crate::ex01_backpropagation::exercise($crate::ex01_backpropagation::Answers {
                delta_through_max_pooling: $from::ex01_backpropagation::delta_through_max_pooling,
                bias_gradient: $from::ex01_backpropagation::bias_gradient,
                weight_gradient: $from::ex01_backpropagation::weight_gradient,
                input_gradient: $from::ex01_backpropagation::input_gradient,
            }),
            $crate::ex02_no_fully_connected::exercise($crate::ex02_no_fully_connected::Answers {
                layers: $from::ex02_no_fully_connected::layers,
                parameters: $from::ex02_no_fully_connected::parameters,
                multiplications: $from::ex02_no_fully_connected::multiplications,
            }),
            $crate::ex03_tanh::exercise($crate::ex03_tanh::Answers {
                tanh: $from::ex03_tanh::tanh,
                tanh_prime: $from::ex03_tanh::tanh_prime,
                tanh_network: $from::ex03_tanh::tanh_network,
                learning_rates: $from::ex03_tanh::learning_rates,
                tanh_step: $from::ex03_tanh::tanh_step,
            }),
            $crate::ex13_l2_pooling::exercise($crate::ex13_l2_pooling::Answers {
                forward: $from::ex13_l2_pooling::forward,
                backward: $from::ex13_l2_pooling::backward,
            }),
            $crate::ex16_stride::exercise($crate::ex16_stride::Answers {
                output_size: $from::ex16_stride::output_size,
                forward: $from::ex16_stride::forward,
                weight_gradient: $from::ex16_stride::weight_gradient,
            }),
        ]
    };
}

/// Everything in the catalogue of wrong answers.
pub fn wrong_answers() -> Vec<WrongAnswer> {
    [
        ex01_backpropagation::wrong::wrong(),
        ex02_no_fully_connected::wrong::wrong(),
        ex03_tanh::wrong::wrong(),
        ex13_l2_pooling::wrong::wrong(),
        ex16_stride::wrong::wrong(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Answers that take no thought (zero, the input, a constant), exercise by exercise: no check may let them pass.
pub fn trivial_answers() -> Vec<Exercise> {
    [
        ex01_backpropagation::wrong::trivial(),
        ex02_no_fully_connected::wrong::trivial(),
        ex03_tanh::wrong::trivial(),
        ex13_l2_pooling::wrong::trivial(),
        ex16_stride::wrong::trivial(),
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
