//! A network without its fully-connected layer, described and counted.

mod corners;
pub mod wrong;

use crate::plugged::small_network;
use crate::{Check, Exercise, Random, Verdict, Wrong};
use network3::ops::{Conv, Pool, Window};
use network3::train::{HyperParameters, Trainer};
use network3::{Activation, Error, Network, Pooling, Shape, Spec, Ties, data};
use wrong::{MULTIPLICATIONS, PARAMETERS};

/// Counts something, for side, filters, kernel, window and classes.
type Count<T> = fn(usize, usize, usize, usize, usize) -> T;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub layers: fn() -> Vec<Spec>,
    pub parameters: Count<usize>,
    pub multiplications: Count<(usize, usize)>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex02_no_fully_connected",
        read_on: "a second convolutional layer: \"Convolutional neural networks in practice\"",
        checks: vec![
            check("layers", "layer by layer", layer_by_layer),
            check("layers", "the network learns", learns),
            check("parameters", "the chapter's sizes", |a| judge_parameters(a, CHAPTER)),
            check("parameters", "other sizes", |a| others().try_for_each(|sizes| judge_parameters(a, sizes))),
            check("parameters", "sizes at the edge", corners::parameters),
            check("multiplications", "the chapter's sizes", |a| judge_multiplications(a, CHAPTER)),
            check("multiplications", "other sizes", |a| others().try_for_each(|sizes| judge_multiplications(a, sizes))),
            check("multiplications", "sizes at the edge", corners::multiplications),
        ],
    }
}

/// Side, filters, kernel, window and classes.
type Sizes = [usize; 5];

const CHAPTER: Sizes = [28, 20, 5, 2, 10];

/// Made-up sizes; in most of them, windows leave something over.
fn others() -> impl Iterator<Item = Sizes> {
    (1..=20).map(|seed| {
        let random = &mut Random::new(seed);
        let (kernel, window) = (random.integer(1, 6), random.integer(1, 5));
        let side = kernel - 1 + window + random.integer(0, 20);
        [side, random.integer(1, 30), kernel, window, random.integer(2, 20)]
    })
}

fn layer_by_layer(a: Answers) -> Verdict {
    let (expected, got) = (solutions::ex02_no_fully_connected::layers(), (a.layers)());
    if got == expected {
        return Ok(());
    }
    let list = |layers: &[Spec]| match layers {
        [] => "no layers".to_string(),
        _ => layers.iter().map(|layer| layer.to_string()).collect::<Vec<_>>().join(" → "),
    };
    let wrong = Wrong::new(format!("layers():\n  expected {}\n  got      {}", list(&expected), list(&got)));
    let cause = if got.iter().any(|layer| matches!(layer, Spec::FullyConnected { .. })) {
        Some("the fully-connected layer is still there")
    } else if !matches!(got.last(), Some(Spec::Softmax { .. })) {
        Some("a network ends with a softmax layer: it turns what the others found into probabilities")
    } else if got.len() < expected.len() {
        Some("only the fully-connected layer goes: the convolution stays")
    } else if got.iter().any(|layer| matches!(layer, Spec::Conv { .. })) {
        Some("a convolution alone has no pooling: Spec::conv_pool has both")
    } else if let [Spec::ConvPool { activation: Activation::Relu | Activation::Tanh | Activation::Linear, .. }, _] =
        got[..]
    {
        Some(
            "the activation is another one: this network is from before rectified linear units, and has sigmoid neurons",
        )
    } else {
        None
    };
    Err(cause.map_or(wrong.clone(), |cause| wrong.because(cause)))
}

/// Two epochs on a thousand of the built-in digits: sigmoid neurons are slow to start, and guessing would be a tenth right.
fn learns(a: Answers) -> Verdict {
    let layers = (a.layers)();
    let failed =
        |e: Error| Wrong::new(format!("layers(): {e}")).because("no network can be built or trained with them");
    let mut network = small_network(Shape::image(1, 28, 28), &layers).map_err(failed)?;
    if network.parameter_count() != 29_330 {
        let what = format!("a network of these layers: expected 29330 parameters, got {}", network.parameter_count());
        return Err(Wrong::new(what).because("these are not the chapter's layers"));
    }
    let splits = data::digits(1000, 100, 500, 1).map_err(failed)?;
    let hyper_parameters = HyperParameters::new(0.3).with_epochs(2);
    let mut trainer = Trainer::new(&splits, hyper_parameters).map_err(failed)?;
    while !trainer.is_over() {
        trainer.epoch(&mut network, &mut |_| {}).map_err(failed)?;
    }
    match trainer.best() {
        Some(best) if best.test_accuracy > 0.5 => Ok(()),
        best => {
            let right = best.map_or(0.0, |best| 100.0 * best.test_accuracy);
            let what =
                format!("trained on 1000 digits for two epochs: expected more than half right, got {right:.1} %");
            Err(Wrong::new(what).because("the layers have the right size, and yet do not learn"))
        }
    }
}

fn call(function: &str, [side, filters, kernel, window, classes]: Sizes) -> String {
    format!("{function}(side {side}, filters {filters}, kernel {kernel}, window {window}, classes {classes})")
}

/// What the library builds.
fn judge_parameters(a: Answers, sizes: Sizes) -> Verdict {
    let [side, filters, kernel, window, classes] = sizes;
    let convolution = Spec::conv_pool(filters, (kernel, kernel), (window, window), Activation::Sigmoid);
    let layers = [convolution, Spec::softmax(classes)];
    let network = Network::new(Shape::image(1, side, side), &layers);
    let expected = network.map_err(|e| Wrong::new(e.to_string()))?.parameter_count();
    let got = (a.parameters)(side, filters, kernel, window, classes);
    judge_count(&call("parameters", sizes), expected, got, PARAMETERS.map(|(f, why)| (f(sizes), why)))
}

fn judge_multiplications(a: Answers, sizes: Sizes) -> Verdict {
    let [side, filters, kernel, window, classes] = sizes;
    let failed = |e: Error| Wrong::new(e.to_string());
    let conv = Conv::new(Shape::image(1, side, side), filters, (kernel, kernel), (1, 1)).map_err(failed)?;
    let pool =
        Pool::new(conv.output_shape(), Pooling::Max, Window::new((window, window), (window, window)), Ties::First);
    let expected = (conv.output_len() * conv.taps(), pool.map_err(failed)?.output_shape().len() * classes);
    let got = (a.multiplications)(side, filters, kernel, window, classes);
    if got == (expected.1, expected.0) && got != expected {
        let what = format!("{}: expected {expected:?}, got {got:?}", call("multiplications", sizes));
        return Err(Wrong::new(what).because("convolution and softmax have changed places"));
    }
    let what = call("multiplications", sizes);
    let mistakes = MULTIPLICATIONS.map(|(f, why)| (f(sizes), why));
    judge_count(&format!("{what}, in the convolution"), expected.0, got.0, mistakes.map(|((c, _), why)| (c, why)))?;
    judge_count(&format!("{what}, in the softmax layer"), expected.1, got.1, mistakes.map(|((_, s), why)| (s, why)))
}

fn judge_count(
    what: &str,
    expected: usize,
    got: usize,
    mistakes: impl IntoIterator<Item = (usize, &'static str)>,
) -> Verdict {
    if got == expected {
        return Ok(());
    }
    let wrong = Wrong::new(format!("{what}: expected {expected}, got {got}"));
    let cause = mistakes.into_iter().find(|(would_be, _)| *would_be == got).map(|(_, why)| why);
    Err(cause.map_or(wrong.clone(), |cause| wrong.because(cause)))
}
