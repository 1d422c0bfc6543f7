//! A network without its fully-connected layer, described and counted.

mod corners;
pub mod wrong;

use crate::plugged::small_network;
use crate::{Check, Exercise, Random, Verdict, Wrong, compare};
use ndarray::Array1;
use network3::ops::{Conv, Pool, Window};
use network3::train::{HyperParameters, Trainer};
use network3::{Activation, Cost, Error, Network, Pass, Pooling, Shape, Spec, Ties, data};
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
    .otherwise(&[
        ("layers", "convolution with pooling, and softmax: are the sizes those of the chapter?"),
        ("parameters", "is a factor missing, or a layer's biases? kernel² weights and a bias for each filter; for each class a weight for every pooled unit, and a bias"),
        ("multiplications", "is a factor missing? Each weight of a filter is used at (side − kernel + 1)² places, each of softmax once"),
    ])
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
    if got == expected || same_function(&expected, &got) {
        return Ok(());
    }
    let list = |layers: &[Spec]| match layers {
        [] => "no layers".to_string(),
        _ => layers.iter().map(|layer| layer.to_string()).collect::<Vec<_>>().join(" → "),
    };
    let wrong = Wrong::new(format!("layers():\n  expected {}\n  got      {}", list(&expected), list(&got)));
    Err(wrong.because(cause(&got)))
}

/// Do networks of these layers compute the same, whatever their parameters? The same filters may be written as one
/// layer or as two. All numbers that are learned are set to the same, in their order, and outputs are compared.
fn same_function(expected: &[Spec], got: &[Spec]) -> bool {
    let outputs = |layers: &[Spec]| {
        let mut network = Network::<f64>::reference(INPUT, layers, Cost::LogLikelihood).ok()?;
        let random = &mut Random::new(2);
        let mut counts = vec![];
        for (_, p) in network.parameters_mut() {
            p.w.iter_mut().chain(p.b.iter_mut()).for_each(|x| *x = 0.3 * random.number());
            counts.push((p.w.len(), p.b.len()));
        }
        let x: Array1<f64> = Random::new(3).array(2 * INPUT.len());
        let y = network.forward(x.as_slice()?, Pass::Evaluate).to_owned();
        Some((counts, y))
    };
    match (outputs(expected), outputs(got)) {
        (Some((counts, y)), Some((other_counts, other))) => {
            counts == other_counts && compare("outputs", &y, &other).agrees()
        }
        _ => false,
    }
}

/// What is likely to have led to these layers.
fn cause(layers: &[Spec]) -> &'static str {
    let any = |is: fn(&Spec) -> bool| layers.iter().any(is);
    if any(|layer| matches!(layer, Spec::FullyConnected { .. })) {
        "the fully-connected layer is still there"
    } else if !matches!(layers.last(), Some(Spec::Softmax { .. })) {
        "a network ends with a softmax layer: it turns what the others found into probabilities"
    } else if !any(|layer| matches!(layer, Spec::Conv { .. } | Spec::ConvPool { .. })) {
        "only the fully-connected layer goes: the convolution stays"
    } else if !any(|layer| matches!(layer, Spec::Pool { .. } | Spec::ConvPool { .. })) {
        "a convolution alone has no pooling: Spec::conv_pool has both"
    } else if any(
        |layer| matches!(layer, Spec::Pool { pooling, .. } | Spec::ConvPool { pooling, .. } if *pooling != Pooling::Max),
    ) {
        "the pooling is another one: the chapter's takes the maximum"
    } else if any(|layer| {
        use Activation::{Linear, Relu, Tanh};
        matches!(
            layer,
            Spec::Conv { activation: Relu | Tanh | Linear, .. }
                | Spec::ConvPool { activation: Relu | Tanh | Linear, .. }
        )
    }) {
        "the activation is another one: this network is from before rectified linear units, and has sigmoid neurons"
    } else if layers.len() > 3 {
        "there are more layers than convolution, pooling and softmax"
    } else {
        "the sizes are others: twenty filters of 5×5, windows of 2×2, ten classes, and nothing is left out at random"
    }
}

const INPUT: Shape = Shape::image(1, 28, 28);

/// Two epochs on a thousand of the built-in digits: sigmoid neurons are slow to start, and guessing would be a tenth
/// right.
fn learns(a: Answers) -> Verdict {
    let layers = (a.layers)();
    let failed =
        |e: Error| Wrong::new(format!("layers(): {e}")).because("no network can be built or trained with them");
    let mut network = small_network(INPUT, &layers).map_err(failed)?;
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
    let mistakes = mistakes.into_iter().map(|(would_be, why)| (why, would_be == got));
    let wrong = Wrong::new(format!("{what}: expected {expected}, got {got}")).suspect(mistakes);
    if got == expected { Ok(()) } else { wrong.verdict() }
}
