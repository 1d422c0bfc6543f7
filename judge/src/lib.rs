//! The checks of the exercises, and the wrong answers that they must catch.
//!
//! An exercise is a module here: `Answers`, a struct of function pointers, one for each function that the reader
//! writes; `exercise`, the checks that judge such answers; `wrong`, answers that people give and that a check must
//! catch. The solution is judged by the same checks as the reader.

mod check;
mod compare;
mod endless;
pub mod ex01_backpropagation;
pub mod ex02_no_fully_connected;
pub mod ex03_tanh;
pub mod ex04_translation;
pub mod ex05_early_stopping;
pub mod ex06_accuracy;
pub mod ex07_learning_rate;
pub mod ex08_distortion;
pub mod ex09_file_format;
pub mod ex10_overfitting;
pub mod ex11_rescaling;
pub mod ex12_unstable_gradients;
pub mod ex13_l2_pooling;
pub mod ex14_dropout;
pub mod ex15_ensemble;
pub mod ex16_stride;
pub mod ex17_deep_big_simple;
pub mod ex18_dead_units;
pub mod ex19_normalisation;
pub mod ex20_through_time;
pub mod ex21_lstm;
pub mod ex22_margins;
pub mod ex23_contrastive_divergence;
pub mod ex24_adversarial;
pub mod ex25_batch_normalisation;
mod explain;
mod harness;
mod measure;
mod pattern;
mod plugged;
mod random;
mod rare;

pub use check::{Check, Exercise, Verdict, Wrong, WrongAnswer};
pub use compare::{Compare, compare, list, number, show};
pub use endless::{enough, unless_endless};
pub use harness::{Limits, cause_of_panic, judge};
pub use random::Random;

/// For `reader::answers!`, which has a solution judged in the place of a function that is not there.
pub use solutions;

/// All exercises, with answers from the modules of a crate: `plug!(solutions)`, or `plug!(crate)` where they are
/// modules here. (`reader::answers!` does the same for the reader's, and minds what has become of them.)
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
            $crate::ex13_l2_pooling::exercise($crate::ex13_l2_pooling::Answers {
                forward: $from::ex13_l2_pooling::forward,
                backward: $from::ex13_l2_pooling::backward,
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
            $crate::ex16_stride::exercise($crate::ex16_stride::Answers {
                output_size: $from::ex16_stride::output_size,
                forward: $from::ex16_stride::forward,
                weight_gradient: $from::ex16_stride::weight_gradient,
            }),
            $crate::ex17_deep_big_simple::exercise($crate::ex17_deep_big_simple::Answers {
                parameter_count: $from::ex17_deep_big_simple::parameter_count,
                first_parameters: $from::ex17_deep_big_simple::first_parameters,
                scaled_tanh: $from::ex17_deep_big_simple::scaled_tanh,
                eta: $from::ex17_deep_big_simple::eta,
            }),
            $crate::ex18_dead_units::exercise($crate::ex18_dead_units::Answers {
                dead: $from::ex18_dead_units::dead,
                hopeless: $from::ex18_dead_units::hopeless,
            }),
            $crate::ex19_normalisation::exercise($crate::ex19_normalisation::Answers {
                neighbours: $from::ex19_normalisation::neighbours,
                forward: $from::ex19_normalisation::forward,
                backward: $from::ex19_normalisation::backward,
            }),
            $crate::ex20_through_time::exercise($crate::ex20_through_time::Answers {
                forward: $from::ex20_through_time::forward,
                errors: $from::ex20_through_time::errors,
                gradients: $from::ex20_through_time::gradients,
            }),
            $crate::ex21_lstm::exercise($crate::ex21_lstm::Answers {
                gates: $from::ex21_lstm::gates,
                step: $from::ex21_lstm::step,
                backward: $from::ex21_lstm::backward,
            }),
            $crate::ex22_margins::exercise($crate::ex22_margins::Answers {
                output_size: $from::ex22_margins::output_size,
                margins: $from::ex22_margins::margins,
                rank: $from::ex22_margins::rank,
                top_accuracy: $from::ex22_margins::top_accuracy,
            }),
            $crate::ex23_contrastive_divergence::exercise($crate::ex23_contrastive_divergence::Answers {
                hidden: $from::ex23_contrastive_divergence::hidden,
                visible: $from::ex23_contrastive_divergence::visible,
                free_energy: $from::ex23_contrastive_divergence::free_energy,
                contrastive_divergence: $from::ex23_contrastive_divergence::contrastive_divergence,
            }),
            $crate::ex24_adversarial::exercise($crate::ex24_adversarial::Answers {
                fast_gradient_sign: $from::ex24_adversarial::fast_gradient_sign,
                within: $from::ex24_adversarial::within,
                iterated: $from::ex24_adversarial::iterated,
                smallest_epsilon: $from::ex24_adversarial::smallest_epsilon,
            }),
            $crate::ex25_batch_normalisation::exercise($crate::ex25_batch_normalisation::Answers {
                moments: $from::ex25_batch_normalisation::moments,
                forward: $from::ex25_batch_normalisation::forward,
                parameter_gradients: $from::ex25_batch_normalisation::parameter_gradients,
                input_gradient: $from::ex25_batch_normalisation::input_gradient,
            }),
        ]
    };
}

/// What a function of their module `wrong` has to say, from all exercises.
macro_rules! from_all {
    ($function:ident) => {
        [
            ex01_backpropagation::wrong::$function(),
            ex02_no_fully_connected::wrong::$function(),
            ex03_tanh::wrong::$function(),
            ex04_translation::wrong::$function(),
            ex05_early_stopping::wrong::$function(),
            ex06_accuracy::wrong::$function(),
            ex07_learning_rate::wrong::$function(),
            ex08_distortion::wrong::$function(),
            ex09_file_format::wrong::$function(),
            ex10_overfitting::wrong::$function(),
            ex11_rescaling::wrong::$function(),
            ex12_unstable_gradients::wrong::$function(),
            ex13_l2_pooling::wrong::$function(),
            ex14_dropout::wrong::$function(),
            ex15_ensemble::wrong::$function(),
            ex16_stride::wrong::$function(),
            ex17_deep_big_simple::wrong::$function(),
            ex18_dead_units::wrong::$function(),
            ex19_normalisation::wrong::$function(),
            ex20_through_time::wrong::$function(),
            ex21_lstm::wrong::$function(),
            ex22_margins::wrong::$function(),
            ex23_contrastive_divergence::wrong::$function(),
            ex24_adversarial::wrong::$function(),
            ex25_batch_normalisation::wrong::$function(),
        ]
        .into_iter()
        .flatten()
        .collect()
    };
}

/// Everything in the catalogue of wrong answers.
pub fn wrong_answers() -> Vec<WrongAnswer> {
    let mut all: Vec<WrongAnswer> = from_all!(wrong);
    all.extend(rare::wrong());
    all
}

/// Answers that take no thought (zero, the input, a constant), exercise by exercise: no check may let them pass.
pub fn trivial_answers() -> Vec<Exercise> {
    from_all!(trivial)
}

/// Judges answers as `cargo test` does. The limits are generous: the checks of a whole exercise take less than five
/// seconds.
pub fn main(answers: Vec<Exercise>) -> std::process::ExitCode {
    let limits = Limits { time: std::time::Duration::from_secs(10), memory: 2_000_000_000 };
    judge(answers, plug!(solutions), limits)
}
