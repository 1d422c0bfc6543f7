//! The network of Krizhevsky, Sutskever and Hinton (KSH), and a small one built like it.

use network3::{Activation, Padding, Pair, Pooling, Shape, Spec};

/// Height and width of what KSH's network sees.
pub const SIDE: usize = 224;

/// "We apply the ReLU non-linearity to the output of every convolutional and fully-connected layer" (section 3.5).
const RELU: Activation = Activation::Relu;

/// Section 3.3: k = 2, n = 5, α = 10⁻⁴, β = 0.75.
pub const NORMALISE: Spec = Spec::Normalise { size: 5, k: 2.0, alpha: 1e-4, beta: 0.75 };

/// The network of the paper, section 3.5, layer by layer: 60,965,224 parameters.
///
/// The paper's image has 224 × 224 pixels, and 11 × 11 every 4 pixels make 55 × 55 of it only with a margin of three
/// pixels in all, of which it says nothing: 1 at the top and the left, 2 at the other sides, as in the authors' own
/// program.
pub fn full() -> Vec<Spec> {
    let around = |margin| Padding::all(margin);
    let uneven = Padding { top: 1, left: 1, bottom: 2, right: 2 };
    vec![
        Spec::conv(96, (11, 11), RELU).every(4, 4).padded(uneven),
        NORMALISE,
        overlapping(Padding::NONE),
        Spec::conv(256, (5, 5), RELU).padded(around(2)).grouped(2),
        NORMALISE,
        overlapping(Padding::NONE),
        Spec::conv(384, (3, 3), RELU).padded(around(1)),
        Spec::conv(384, (3, 3), RELU).padded(around(1)).grouped(2),
        Spec::conv(256, (3, 3), RELU).padded(around(1)).grouped(2),
        overlapping(Padding::NONE),
        Spec::fully_connected(4096, RELU).with_dropout(0.5),
        Spec::fully_connected(4096, RELU).with_dropout(0.5),
        Spec::softmax(1000),
    ]
}

/// All weights and biases of the full network.
pub const PARAMETERS: usize = 60_965_224;

/// What a layer of the full network gives, as the paper has it.
pub const SHAPES: [Shape; 13] = [
    Shape::image(96, 55, 55),
    Shape::image(96, 55, 55),
    Shape::image(96, 27, 27),
    Shape::image(256, 27, 27),
    Shape::image(256, 27, 27),
    Shape::image(256, 13, 13),
    Shape::image(384, 13, 13),
    Shape::image(384, 13, 13),
    Shape::image(256, 13, 13),
    Shape::image(256, 6, 6),
    Shape::Flat(4096),
    Shape::Flat(4096),
    Shape::Flat(1000),
];

/// Pooling whose windows are wider than the way from one to the next (section 3.4).
fn overlapping(margin: Padding) -> Spec {
    Spec::pool(Pooling::Max, (3, 3)).every(2, 2).padded(margin)
}

/// Which of the paper's ideas a small network has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ideas {
    /// Two halves that know nothing of each other in the second, fourth and fifth layer.
    pub groups: bool,
    /// Local response normalisation.
    pub normalisation: bool,
    /// Pooling windows of 3 × 3 instead of 2 × 2, both every 2.
    pub overlap: bool,
    /// Some inputs of the fully-connected layers dropped while training.
    pub dropout: bool,
}

impl Ideas {
    /// All of them.
    pub const ALL: Ideas = Ideas { groups: true, normalisation: true, overlap: true, dropout: true };
}

/// Normalisation for the small network. The paper's inputs are bytes less their mean, with a deviation of some 65, and
/// activations grow with them; ours have a deviation of 1, and α Σ x² would be nothing beside k. With these constants
/// it is about half of k.
pub const NORMALISE_SMALL: Spec = Spec::Normalise { size: 5, k: 1.0, alpha: 0.1, beta: 0.75 };

/// The part of the inputs of its fully-connected layers that is dropped while training. The paper drops a half, for
/// ninety epochs; in a hundredth of the time a network with a half of its signals has not yet begun to learn.
pub const DROPOUT: f64 = 0.2;

/// The same layers with fewer and smaller maps, for pictures of 32 × 32 pixels and a hundred classes. The first filters
/// are 5 × 5 every 2: a digit there is fifteen pixels high, where a dog in the paper is two hundred.
pub fn small(ideas: Ideas) -> Vec<Spec> {
    let groups = if ideas.groups { 2 } else { 1 };
    let conv =
        |filters, size, groups| Spec::conv(filters, (size, size), RELU).padded(Padding::all(size / 2)).grouped(groups);
    // With a margin below and at the right both kinds of window halve 16 and 8 alike.
    let last = Padding { bottom: 1, right: 1, ..Padding::NONE };
    let window: Pair = if ideas.overlap { (3, 3) } else { (2, 2) };
    let pool = || Spec::Pool {
        pooling: Pooling::Max,
        window,
        step: (2, 2),
        padding: if ideas.overlap { last } else { Padding::NONE },
    };
    let normalise = || ideas.normalisation.then_some(NORMALISE_SMALL);
    let p = if ideas.dropout { DROPOUT } else { 0.0 };
    let layers = [
        Some(conv(16, 5, 1).every(2, 2)),
        normalise(),
        Some(pool()),
        Some(conv(32, 5, groups)),
        normalise(),
        Some(pool()),
        Some(conv(64, 3, 1)),
        Some(conv(64, 3, groups)),
        Some(conv(64, 3, groups)),
        Some(pool()),
        Some(Spec::fully_connected(256, RELU).with_dropout(p)),
        Some(Spec::fully_connected(256, RELU).with_dropout(p)),
        Some(Spec::softmax(100)),
    ];
    layers.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ksh::pictures::CROP;
    use network3::{Cost, Label, Network, Pass, gradcheck::check_network};

    #[test]
    fn both_kinds_of_window_halve_alike() {
        let shapes = |ideas| -> Vec<Shape> {
            let network = Network::new(Shape::image(3, CROP, CROP), &small(ideas)).unwrap();
            network.layers().iter().map(|layer| layer.output_shape()).collect()
        };
        let all = shapes(Ideas::ALL);
        assert_eq!(all, shapes(Ideas { overlap: false, ..Ideas::ALL }));
        assert_eq!((all[0], all[9]), (Shape::image(16, 16, 16), Shape::image(64, 2, 2)));
        assert_eq!(all[12], Shape::Flat(100));
    }

    /// The paper's kinds of layer in the paper's order, narrow enough for finite differences.
    #[test]
    fn its_gradient_is_right() {
        let relu = Activation::Relu;
        let layers = [
            Spec::conv(4, (5, 5), relu).every(2, 2).padded(Padding { top: 1, left: 1, bottom: 2, right: 2 }),
            Spec::Normalise { size: 3, k: 1.0, alpha: 0.5, beta: 0.75 },
            overlapping(Padding::NONE),
            Spec::conv(4, (3, 3), relu).padded(Padding::all(1)).grouped(2),
            Spec::fully_connected(5, relu).with_dropout(0.5),
            Spec::softmax(3).with_dropout(0.5),
        ];
        let mut network = Network::<f64>::reference(Shape::image(2, 10, 10), &layers, Cost::LogLikelihood).unwrap();
        let mut wave = (1..).map(|k| (f64::from(k) * 0.7).sin() / 2.0);
        for (_, p) in network.parameters_mut() {
            p.w.iter_mut().chain(&mut p.b).for_each(|w| *w = wave.next().unwrap());
        }
        let x: Vec<f64> = wave.take(2 * 200).collect();
        let labels: [Label; 2] = [0, 2];
        let report = check_network(&mut network, &x, &labels, Pass::Train { iteration: 3 }).unwrap();
        assert!(report.passes(1e-6), "{report}");
    }

    /// The sizes alone: nothing is allocated for sixty million parameters.
    #[test]
    fn it_has_the_paper_s_multiplications() {
        let count = network3::layer::multiplications(Shape::image(3, SIDE, SIDE), &full()).unwrap();
        let conv = 55 * 55 * 96 * 363 + 27 * 27 * 256 * 1200 + 169 * (384 * 2304 + 384 * 1728 + 256 * 1728);
        assert_eq!(count, conv + 9216 * 4096 + 4096 * 4096 + 4096 * 1000);
    }
}
