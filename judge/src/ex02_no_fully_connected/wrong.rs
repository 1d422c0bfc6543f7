//! What goes wrong when parameters and multiplications are counted.

use super::{Answers, Sizes, exercise};
use crate::{Exercise, WrongAnswer};
use network3::{Activation, Spec};
use solutions::ex02_no_fully_connected as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers =
    Answers { layers: solution::layers, parameters: solution::parameters, multiplications: solution::multiplications };

/// A mistake, and words to tell it by what comes of it.
type Mistake<T> = (fn(Sizes) -> T, &'static str);

pub(super) const PARAMETERS: [Mistake<usize>; 7] = [
    (without_biases, "the biases are missing: one for each filter, and one for each class"),
    (bias_for_each_unit, "a bias for each unit of a feature map: the whole map shares one, as it shares its weights"),
    (not_shared, "a kernel for each place in the image: the whole map shares one"),
    (without_pooling, "softmax sees the units after pooling, and there are fewer of them"),
    (rounded_up, "a window that sticks out of the feature map does not count: what is left over is ignored"),
    (padded, "a kernel does not fit everywhere: along each side there are side − kernel + 1 places for it"),
    (with_fully_connected, "this is the network with its fully-connected layer of 100 neurons"),
];

pub(super) const MULTIPLICATIONS: [Mistake<(usize, usize)>; 4] = [
    (weights, "this is how many weights there are: each of them is used at every place where the kernel fits"),
    (pooled_first, "counted after pooling: all units of a window must be computed before one can win"),
    (padded_places, "a kernel does not fit everywhere: along each side there are side − kernel + 1 places for it"),
    (softmax_without_pooling, "softmax sees the units after pooling, and there are fewer of them"),
];

/// Along one side: where the kernel fits, and how many windows that makes.
fn along([side, _, kernel, window, _]: Sizes) -> (usize, usize) {
    (side - kernel + 1, (side - kernel + 1) / window)
}

fn right([side, filters, kernel, window, classes]: Sizes) -> (usize, (usize, usize)) {
    (
        solution::parameters(side, filters, kernel, window, classes),
        solution::multiplications(side, filters, kernel, window, classes),
    )
}

fn without_biases(sizes: Sizes) -> usize {
    right(sizes).0 - sizes[1] - sizes[4]
}

fn bias_for_each_unit(sizes: Sizes) -> usize {
    right(sizes).0 + sizes[1] * (along(sizes).0.pow(2) - 1)
}

fn not_shared(sizes: Sizes) -> usize {
    let [_, filters, kernel, ..] = sizes;
    right(sizes).0 + filters * (kernel * kernel + 1) * (along(sizes).0.pow(2) - 1)
}

fn without_pooling(sizes: Sizes) -> usize {
    let [side, filters, kernel, _, classes] = sizes;
    right([side, filters, kernel, 1, classes]).0
}

fn rounded_up([side, filters, kernel, window, classes]: Sizes) -> usize {
    filters * (kernel * kernel + 1) + (filters * (side - kernel + 1).div_ceil(window).pow(2) + 1) * classes
}

fn padded([side, filters, kernel, window, classes]: Sizes) -> usize {
    filters * (kernel * kernel + 1) + (filters * (side / window).pow(2) + 1) * classes
}

fn with_fully_connected(sizes: Sizes) -> usize {
    let [_, filters, kernel, _, classes] = sizes;
    filters * (kernel * kernel + 1) + (filters * along(sizes).1.pow(2) + 1) * 100 + (100 + 1) * classes
}

fn weights(sizes: Sizes) -> (usize, usize) {
    let [_, filters, kernel, ..] = sizes;
    (filters * kernel * kernel, right(sizes).1.1)
}

fn pooled_first(sizes: Sizes) -> (usize, usize) {
    let [_, filters, kernel, ..] = sizes;
    (filters * along(sizes).1.pow(2) * kernel * kernel, right(sizes).1.1)
}

fn padded_places([side, filters, kernel, window, classes]: Sizes) -> (usize, usize) {
    (filters * side * side * kernel * kernel, filters * (side / window).pow(2) * classes)
}

fn softmax_without_pooling(sizes: Sizes) -> (usize, usize) {
    let [side, filters, kernel, _, classes] = sizes;
    right([side, filters, kernel, 1, classes]).1
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "layer-still-there",
            mistake: "The fully-connected layer is made smaller, not left out.",
            caught_by: ("layers", "layer by layer"),
            exercise: exercise(Answers {
                layers: || {
                    let mut layers = solution::layers();
                    layers.insert(1, Spec::fully_connected(10, Activation::Sigmoid));
                    layers
                },
                ..RIGHT
            }),
        },
        WrongAnswer {
            name: "biases-forgotten",
            mistake: "Only weights are counted.",
            caught_by: ("parameters", "the chapter's sizes"),
            exercise: exercise(Answers { parameters: |s, f, k, w, c| without_biases([s, f, k, w, c]), ..RIGHT }),
        },
        WrongAnswer {
            name: "bias-for-each-unit",
            mistake: "Each unit of a feature map has a bias of its own.",
            caught_by: ("parameters", "the chapter's sizes"),
            exercise: exercise(Answers { parameters: |s, f, k, w, c| bias_for_each_unit([s, f, k, w, c]), ..RIGHT }),
        },
        WrongAnswer {
            name: "pooling-forgotten",
            mistake: "The softmax layer is connected to the units before pooling.",
            caught_by: ("parameters", "the chapter's sizes"),
            exercise: exercise(Answers { parameters: |s, f, k, w, c| without_pooling([s, f, k, w, c]), ..RIGHT }),
        },
        WrongAnswer {
            name: "left-over-rounded-up",
            mistake: "A pooling window that sticks out of the feature map is counted: the chapter's sizes do not show it.",
            caught_by: ("parameters", "other sizes"),
            exercise: exercise(Answers { parameters: |s, f, k, w, c| rounded_up([s, f, k, w, c]), ..RIGHT }),
        },
        WrongAnswer {
            name: "weights-for-multiplications",
            mistake: "Weights are counted, not how often they are used.",
            caught_by: ("multiplications", "the chapter's sizes"),
            exercise: exercise(Answers { multiplications: |s, f, k, w, c| weights([s, f, k, w, c]), ..RIGHT }),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers { layers: Vec::new, parameters: |_, _, _, _, _| 0, multiplications: |_, _, _, _, _| (0, 0) };
    let input = Answers {
        layers: || vec![Spec::softmax(10)],
        parameters: |side, _, _, _, _| side,
        multiplications: |side, filters, _, _, _| (side, filters),
    };
    let constant = Answers {
        layers: || vec![Spec::fully_connected(100, Activation::Sigmoid), Spec::softmax(10)],
        parameters: |_, _, _, _, _| 1,
        multiplications: |_, _, _, _, _| (1, 1),
    };
    [zero, input, constant].map(exercise).into()
}
