//! GoogLeNet, layer by layer, and the same at a quarter of its width.

use network3::{Activation, Padding, Pair, Pooling, Spec, ops::Window};

/// Height and width of what GoogLeNet sees.
pub const SIDE: usize = 224;

const RELU: Activation = Activation::Relu;

/// The paper says only that there is local response normalisation; these are the constants of the version in Caffe's
/// model zoo.
const NORMALISE: Spec = Spec::Normalise { size: 5, k: 1.0, alpha: 1e-4, beta: 0.75 };

/// What the cost of a side classifier is multiplied by (section 5).
const SIDE_WEIGHT: f64 = 0.3;

/// An inception module of the paper's table 1, with its numbers of maps in the table's order: 1×1; 3×3 reduce, 3×3; 5×5
/// reduce, 5×5; after pooling.
pub struct Module {
    /// What the table calls it.
    pub name: &'static str,
    /// The six numbers.
    pub maps: [usize; 6],
}

/// All nine.
pub const MODULES: [Module; 9] = [
    Module { name: "3a", maps: [64, 96, 128, 16, 32, 32] },
    Module { name: "3b", maps: [128, 128, 192, 32, 96, 64] },
    Module { name: "4a", maps: [192, 96, 208, 16, 48, 64] },
    Module { name: "4b", maps: [160, 112, 224, 24, 64, 64] },
    Module { name: "4c", maps: [128, 128, 256, 24, 64, 64] },
    Module { name: "4d", maps: [112, 144, 288, 32, 64, 64] },
    Module { name: "4e", maps: [256, 160, 320, 32, 128, 128] },
    Module { name: "5a", maps: [256, 160, 320, 32, 128, 128] },
    Module { name: "5b", maps: [384, 192, 384, 48, 128, 128] },
];

/// An inception module: four ways to look at the same maps, side by side. The larger windows look at maps that a 1×1
/// convolution has made fewer before; and what is pooled is made fewer after.
pub fn inception([one, three_reduce, three, five_reduce, five, pooled]: [usize; 6]) -> Spec {
    Spec::Branches {
        rows: vec![
            vec![conv(one, 1)],
            vec![conv(three_reduce, 1), conv(three, 3)],
            vec![conv(five_reduce, 1), conv(five, 5)],
            vec![Spec::pool(Pooling::Max, (3, 3)).every(1, 1).padded(Padding::all(1)), conv(pooled, 1)],
        ],
    }
}

/// The same module with nothing before the larger windows: what the reductions save is the difference.
pub fn without_reductions([one, _, three, _, five, pooled]: [usize; 6]) -> Spec {
    Spec::Branches {
        rows: vec![
            vec![conv(one, 1)],
            vec![conv(three, 3)],
            vec![conv(five, 5)],
            vec![Spec::pool(Pooling::Max, (3, 3)).every(1, 1).padded(Padding::all(1)), conv(pooled, 1)],
        ],
    }
}

/// A convolution that keeps height and width.
fn conv(maps: usize, size: usize) -> Spec {
    Spec::conv(maps, (size, size), RELU).padded(Padding::all(size / 2))
}

/// A side classifier: average pooling, a 1×1 convolution, two fully-connected layers (section 5).
fn side_classifier(pool: Spec, divide: usize, classes: usize) -> Spec {
    let layers = vec![
        pool,
        conv(128 / divide, 1),
        Spec::fully_connected(1024 / divide, RELU),
        Spec::softmax(classes).with_dropout(0.7),
    ];
    Spec::SideClassifier { weight: SIDE_WEIGHT, layers }
}

/// Max-pooling that halves height and width.
fn halve(padding: Padding) -> Spec {
    let (window, step): (Pair, Pair) = ((3, 3), (2, 2));
    Spec::Pool { pooling: Pooling::Max, window, step, padding }
}

/// What comes before the modules; `divide` is what all numbers of maps are divided by.
fn stem(first: Spec, [one, two]: [Spec; 2], divide: usize) -> Vec<Spec> {
    vec![first, one, NORMALISE, conv(64 / divide, 1), conv(192 / divide, 3), NORMALISE, two]
}

/// The network of the paper's table 1 with its two side classifiers: 6,998,552 parameters, without counting these.
pub fn full() -> Vec<Spec> {
    of(inception)
}

/// The same with modules that have no reductions.
pub fn full_without_reductions() -> Vec<Spec> {
    of(without_reductions)
}

fn of(module: fn([usize; 6]) -> Spec) -> Vec<Spec> {
    // 112 becomes 56 with a row and a column beyond the image.
    let halve = |side: usize| halve(Window::new((3, 3), (2, 2)).covering((side, side)).padding);
    let first = Spec::conv(64, (7, 7), RELU).every(2, 2).padded(Padding::all(3));
    let mut layers = stem(first, [halve(112), halve(56)], 1);
    for Module { name, maps } in &MODULES {
        layers.push(module(*maps));
        match *name {
            "3b" => layers.push(halve(28)),
            "4a" | "4d" => {
                layers.push(side_classifier(Spec::pool(Pooling::Mean, (5, 5)).every(3, 3), 1, 1000));
            }
            "4e" => layers.push(halve(14)),
            _ => {}
        }
    }
    layers.push(Spec::pool(Pooling::Mean, (7, 7)));
    layers.push(Spec::softmax(1000).with_dropout(0.4));
    layers
}

/// The stem and the first three modules at a quarter of their width, for images of 28 × 28: the first convolution has 5
/// × 5 every pixel in place of 7 × 7 every other, and the side classifiers stand after the first two modules.
pub fn quarter() -> Vec<Spec> {
    let halve = || halve(Padding::all(1));
    let mut layers = stem(conv(16, 5), [halve(), halve()], 4);
    let side = || side_classifier(Spec::pool(Pooling::Mean, (5, 5)).every(2, 2), 4, 10);
    let module = |k: usize| inception(MODULES[k].maps.map(|n| n / 4));
    layers.extend([module(0), side(), module(1), side(), halve(), module(2)]);
    layers.push(Spec::pool(Pooling::Mean, (4, 4)));
    layers.push(Spec::softmax(10).with_dropout(0.4));
    layers
}

/// What goes into each module: maps, and height = width.
pub const INPUTS: [[usize; 2]; 9] =
    [[192, 28], [256, 28], [480, 14], [512, 14], [512, 14], [512, 14], [528, 14], [832, 7], [832, 7]];

/// What the layers of the paper's table 1 give, from the first convolution to the average, as (maps, height = width).
/// Normalisation, the 1×1 convolution before the second and the side classifiers have no line of their own there.
pub const SHAPES: [(usize, usize); 15] = [
    (64, 112),
    (64, 56),
    (192, 56),
    (192, 28),
    (256, 28),
    (480, 28),
    (480, 14),
    (512, 14),
    (512, 14),
    (512, 14),
    (528, 14),
    (832, 14),
    (832, 7),
    (832, 7),
    (1024, 7),
];

#[cfg(test)]
mod tests {
    use super::*;
    use network3::{Cost, Network, Pass, Shape, gradcheck::check_network};

    /// Two narrow modules with a side classifier between them, all of whose gradients are compared with finite
    /// differences.
    #[test]
    fn the_gradient_of_inception_is_right() {
        let aside = vec![Spec::pool(Pooling::Mean, (2, 2)), Spec::softmax(3).with_dropout(0.3)];
        let layers = [
            inception([1, 2, 2, 1, 2, 1]),
            Spec::SideClassifier { weight: SIDE_WEIGHT, layers: aside },
            halve(Padding::all(1)),
            inception([2, 1, 2, 2, 1, 1]),
            Spec::pool(Pooling::Mean, (2, 2)),
            Spec::softmax(3).with_dropout(0.4),
        ];
        let mut network = Network::<f64>::reference(Shape::image(2, 4, 4), &layers, Cost::LogLikelihood).unwrap();
        let mut wave = (1..).map(|k| (f64::from(k) * 0.7).sin());
        for (_, p) in network.parameters_mut() {
            p.w.iter_mut().chain(&mut p.b).for_each(|w| *w = wave.next().unwrap() / 2.0);
        }
        let x: Vec<f64> = wave.take(2 * 32).collect();
        let report = check_network(&mut network, &x, &[0, 2], Pass::Train { iteration: 1 }).unwrap();
        assert!(report.passes(1e-6), "{report}");
    }
}
