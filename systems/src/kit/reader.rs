//! Networks that read digits, for the systems that deceive one or look into it.

use super::{Progress, Setting};
use experiments::say;
use ndarray::{Array2, ArrayView2};
use network3::{
    Activation, Cost, Error, Label, Learner, Network, Pass, Real, Result, Spec, Threads,
    data::{Dataset, MNIST_SHA256, Splits},
    model_file,
    ops::{Fast, softmax},
    train::{HyperParameters, Trainer, evaluate},
};
use std::{path::Path, sync::Arc};

/// A trained classifier that is asked for its *logits*: the weighted inputs z of its softmax layer.
///
/// Probabilities are softmax(z). Where one of them is nearly 1 it no longer moves, and z still does; so whoever wants
/// to change an answer follows the gradient of z.
pub struct Reader<R: Real = f32> {
    /// What it is, for people.
    pub name: String,
    network: Network<R>,
}

impl Reader<f32> {
    /// The network without the softmax of its last layer, on these threads.
    ///
    /// # Errors
    /// When its last layer is not softmax.
    pub fn of(name: &str, network: &Network<f32>, threads: Arc<Threads>) -> Result<Self> {
        let specs = without_softmax(network.specs())?;
        let mut logits = Network::for_cost(network.input(), &specs, Cost::Quadratic)?.with_habits(*network.habits());
        logits.restore(&network.state())?;
        Ok(Reader::new(name, logits.with_backend(Fast::new(threads))))
    }
}

/// Layers that end in softmax, with a linear layer in its place.
///
/// # Errors
/// When they do not.
pub fn without_softmax(specs: &[Spec]) -> Result<Vec<Spec>> {
    match specs.split_last() {
        Some((&Spec::Softmax { classes, dropout }, before)) => {
            let last = Spec::FullyConnected { neurons: classes, activation: Activation::Linear, dropout };
            Ok(before.iter().cloned().chain([last]).collect())
        }
        _ => Err(Error::input("a reader is a network that ends with a softmax layer")),
    }
}

impl<R: Real> Reader<R> {
    /// A network whose outputs are logits.
    pub fn new(name: &str, network: Network<R>) -> Self {
        Reader { name: name.into(), network }
    }

    /// Numbers in one image.
    pub fn pixels(&self) -> usize {
        self.network.input().len()
    }

    /// How many classes it knows.
    pub fn classes(&self) -> usize {
        self.network.output().len()
    }

    /// z for images one after the other: `[n, classes]`.
    pub fn logits(&mut self, x: &[R]) -> ArrayView2<'_, R> {
        self.network.forward(x, Pass::Evaluate)
    }

    /// ∂C/∂x for any C of the logits of `x`, which were asked for last: `dz` is ∂C/∂z.
    pub fn backward(&mut self, x: &[R], dz: &[R]) -> &[R] {
        // The gradients of the weights come along with it, and nobody reads them; but a sum of thousands could
        // overflow.
        self.network.parameters_mut().into_iter().for_each(|(_, p)| p.clear_gradients());
        self.network.backward(x, dz, None)
    }

    /// The class with the largest logit, image by image.
    pub fn read(&mut self, x: &[R]) -> Vec<usize> {
        self.logits(x).rows().into_iter().map(softmax::argmax).collect()
    }

    /// The probabilities of all classes, image by image.
    pub fn probabilities(&mut self, x: &[R]) -> Array2<R> {
        let mut a = self.logits(x).to_owned();
        let classes = a.ncols();
        softmax::forward(a.as_slice_mut().expect("rows side by side"), classes);
        a
    }
}

/// ln p/(1 − p) of a class, from the logits: z_c − ln Σ_{j≠c} eᶻʲ. Where p rounds to 1, this still grows.
///
/// ```
/// use systems::kit::log_odds;
/// assert_eq!(log_odds(&[0.0, 0.0], 1), 0.0); // as likely as not
/// assert!((log_odds(&[0.0, 0.0, 20.0], 2) - (20.0 - 2f64.ln())).abs() < 1e-12);
/// ```
pub fn log_odds<R: Real>(z: &[R], class: usize) -> R {
    let others = || z.iter().enumerate().filter(|&(j, _)| j != class).map(|(_, &z)| z);
    let largest = others().fold(R::neg_infinity(), R::max);
    z[class] - largest - others().map(|z| (z - largest).exp()).sum::<R>().ln()
}

/// The probability with these log-odds: 1/(1 + e⁻ˡ).
pub fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The gradient of [`log_odds`]: 1 for the class, and −softmax of the others for those.
pub fn log_odds_gradient<R: Real>(z: &[R], class: usize, dz: &mut [R]) {
    dz.copy_from_slice(z);
    dz[class] = R::neg_infinity();
    softmax::forward(dz, z.len());
    dz.iter_mut().for_each(|dz| *dz = -*dz);
    dz[class] = R::one();
}

/// The darkest a pixel can be: byte 255 of [`Dataset`], in which p means p/256.
pub const DARKEST: f64 = 255.0 / 256.0;

/// Intensities as the bytes of an image.
pub fn bytes<R: Real>(x: &[R]) -> Vec<u8> {
    x.iter().map(|x| (x.f64() * 256.0).round().clamp(0.0, 255.0) as u8).collect()
}

/// Bytes of images as intensities p/256.
pub fn intensities<R: Real>(bytes: &[u8]) -> Vec<R> {
    bytes.iter().map(|&p| R::of(f64::from(p) / 256.0)).collect()
}

/// Numbers of either sign as the bytes of a picture: 136 is zero, and the largest is 17 or 255. (In sixteen greys these
/// are 8, 1 and 15.)
pub fn signed_bytes(numbers: &[f32]) -> Vec<u8> {
    let largest = numbers.iter().fold(f32::MIN_POSITIVE, |m, x| m.max(x.abs()));
    numbers.iter().map(|x| (136.0 + 119.0 * x / largest).round() as u8).collect()
}

/// The root mean square of a difference, as a part of full scale.
pub fn rms<R: Real>(a: &[R], b: &[R]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a.f64() - b.f64()).powi(2)).sum();
    (squares / a.len() as f64).sqrt() / DARKEST
}

/// Images of a data set, one after the other.
pub fn gather(images: &Dataset, which: &[usize]) -> Vec<f32> {
    which.iter().flat_map(|&i| intensities(images.image(i))).collect()
}

/// Which layers a reader has, and where it comes from.
struct Kind {
    name: &'static str,
    layers: fn() -> Vec<Spec>,
    /// The network of `figures/models` that has these layers and has learned MNIST.
    model: Option<&'static str>,
    /// Where its weights come from when it is trained here.
    seed: u64,
    epochs: usize,
}

/// The one that systems work with, the same layers with other weights, and one without any convolution. MNIST's first
/// two are those whose training the book tells of.
const KINDS: [Kind; 3] = [
    Kind {
        name: "two convolutional layers",
        layers: two_convolutions,
        model: Some("two-conv-relu-corrected"),
        seed: 1,
        epochs: 5,
    },
    Kind {
        name: "the same layers, other weights",
        layers: two_convolutions,
        model: Some("two-conv-relu"),
        seed: 2,
        epochs: 5,
    },
    Kind { name: "one hidden layer", layers: one_hidden_layer, model: None, seed: 3, epochs: 5 },
];

fn two_convolutions() -> Vec<Spec> {
    vec![
        Spec::conv_pool(20, (5, 5), (2, 2), Activation::Relu),
        Spec::conv_pool(40, (5, 5), (2, 2), Activation::Relu),
        Spec::fully_connected(100, Activation::Relu),
        Spec::softmax(10),
    ]
}

fn one_hidden_layer() -> Vec<Spec> {
    vec![Spec::fully_connected(100, Activation::Relu), Spec::softmax(10)]
}

/// Trained networks for the images of a run. MNIST's are those that are kept with the book's figures, where there is
/// one; the others are trained, once, and kept in the folder of runs.
///
/// # Errors
/// When a file cannot be read or written, or when training fails.
pub fn networks(setting: &Setting, how_many: usize) -> Result<Vec<(&'static str, Network<f32>)>> {
    KINDS.iter().take(how_many).map(|kind| Ok((kind.name, network_of(setting, kind)?))).collect()
}

/// The first of them, with which systems work.
///
/// # Errors
/// As [`networks`].
pub fn network(setting: &Setting) -> Result<Network<f32>> {
    network_of(setting, &KINDS[0])
}

fn network_of(setting: &Setting, kind: &Kind) -> Result<Network<f32>> {
    let splits = setting.splits()?;
    let sha256 = splits.sha256();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../figures/models");
    match kind.model.filter(|_| sha256 == MNIST_SHA256) {
        Some(model) => model_file::load(kept.join(model).with_extension("safetensors")),
        None => kept_or_trained(setting, kind, splits, &sha256),
    }
}

/// The same as readers, all on the run's threads.
///
/// # Errors
/// As [`networks`].
pub fn readers(setting: &Setting, how_many: usize) -> Result<Vec<Reader>> {
    let networks = networks(setting, how_many)?;
    networks.iter().map(|(name, network)| Reader::of(name, network, setting.threads())).collect()
}

fn kept_or_trained(setting: &Setting, kind: &Kind, splits: &Splits, sha256: &str) -> Result<Network<f32>> {
    // Eight digits of the checksum tell the images of one machine apart.
    let file = setting.path(&format!("reader-{}-{}.safetensors", &sha256[..8], kind.seed));
    if file.exists() {
        let network = model_file::load(&file)?;
        if network.specs() == (kind.layers)() && network.input() == splits.training.shape() {
            return Ok(network);
        }
        return Err(Error::input(format!("{} is another network: move it away", file.display())));
    }
    say!("training a reader, {}: it is kept in {}", kind.name, file.display());
    let (network, accuracy) = train(splits, &(kind.layers)(), kind.seed, kind.epochs, setting.thread_count())?;
    say!("it reads {:.2} % of the test images", 100.0 * accuracy);
    model_file::save(&network, &file)?;
    Ok(network)
}

/// Trains a network that reads digits, and says how well it reads the test images: at the epoch that is best on the
/// validation images.
///
/// # Errors
/// When the images do not fit the layers, and when training diverges.
pub fn train(
    splits: &Splits,
    layers: &[Spec],
    seed: u64,
    epochs: usize,
    threads: usize,
) -> Result<(Network<f32>, f64)> {
    let mut network = Network::new(splits.training.shape(), layers)?.with_seed(seed).with_threads(threads)?;
    // The learning rate of the book's rectified networks, tripled: there are few epochs.
    let hyper_parameters = HyperParameters::new(0.1).with_epochs(epochs);
    let mut trainer = Trainer::new(splits, hyper_parameters)?.with_seed(seed)?;
    let images = trainer.images_per_epoch();
    let mut progress = Progress::new("a reader", 0, (epochs * images) as u64);
    while !trainer.is_over() {
        trainer.epoch(&mut network, &mut |batch| {
            progress.at((batch.epoch * images + (batch.index + 1) * batch.images) as u64);
        })?;
    }
    drop(progress);
    let best = trainer.best().ok_or_else(|| Error::input("a reader needs an epoch at least"))?;
    network.restore(trainer.best_state())?;
    Ok((network, best.test_accuracy))
}

/// The share of images that a network reads right.
///
/// # Errors
/// When it does not fit the images.
pub fn accuracy(network: &mut Network<f32>, images: &Dataset) -> Result<f64> {
    Ok(evaluate(network, images, images.len())?.accuracy)
}

/// The first images that all of some readers read right.
///
/// # Errors
/// When there are not so many.
pub fn read_by_all(readers: &mut [Reader], images: &Dataset, count: usize) -> Result<Vec<usize>> {
    const AT_ONCE: usize = 100;
    let mut right = vec![];
    let all: Vec<usize> = (0..images.len()).collect();
    for some in all.chunks(AT_ONCE) {
        let x = gather(images, some);
        let answers: Vec<_> = readers.iter_mut().map(|reader| reader.read(&x)).collect();
        let is_right = |k: &usize| answers.iter().all(|a| a[*k] == usize::from(images.labels()[some[*k]]));
        right.extend((0..some.len()).filter(is_right).map(|k| some[k]));
        if right.len() >= count {
            right.truncate(count);
            return Ok(right);
        }
    }
    Err(Error::input(format!("{count} digits are wanted, and the readers agree on {} only", right.len())))
}

/// The labels of some images.
pub fn labels(images: &Dataset, which: &[usize]) -> Vec<Label> {
    which.iter().map(|&i| images.labels()[i]).collect()
}

/// A small reader and what it has learned from, for tests: trained once in each test program.
#[cfg(test)]
pub(crate) fn small() -> (Reader, Splits) {
    use network3::data::digits;
    use std::sync::LazyLock;
    static MODEL: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let layers = [Spec::conv_pool(8, (5, 5), (2, 2), Activation::Relu), Spec::softmax(10)];
        let splits = digits(2_000, 100, 300, 1).expect("digits");
        let (network, accuracy) = train(&splits, &layers, 1, 3, 1).expect("trained");
        assert!(accuracy > 0.85, "{accuracy}");
        model_file::to_bytes(&network).expect("a model")
    });
    let network = model_file::from_bytes(&MODEL).expect("a model");
    let reader = Reader::of("small", &network, Arc::new(Threads::one())).expect("a reader");
    (reader, digits(200, 10, 100, 2).expect("digits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use network3::{Shape, gradcheck::check};

    #[test]
    fn a_reader_answers_as_its_network_does() {
        let layers = [Spec::fully_connected(6, Activation::Relu), Spec::softmax(4).with_dropout(0.5)];
        let mut network = Network::new(Shape::Flat(5), &layers).unwrap().with_threads(1).unwrap();
        let x: Vec<f32> = (0..15).map(|i| (i * 7 % 11) as f32 / 11.0).collect();
        let mut reader = Reader::of("a", &network, Arc::new(Threads::one())).unwrap();
        assert_eq!(reader.probabilities(&x), network.forward(&x, Pass::Evaluate));
        assert!(Reader::of("a", &linear(), Arc::new(Threads::one())).is_err());
    }

    fn linear() -> Network<f32> {
        let layers = [Spec::fully_connected(6, Activation::Linear)];
        Network::for_cost(Shape::Flat(5), &layers, Cost::Quadratic).unwrap()
    }

    #[test]
    fn the_gradient_of_log_odds() {
        let z = ndarray::arr1(&[0.3, -1.2, 2.0, 0.7]);
        for class in 0..4 {
            let mut dz = [0.0; 4];
            log_odds_gradient(z.as_slice().unwrap(), class, &mut dz);
            let f = |t: &[ndarray::ArrayD<f64>]| log_odds(t[0].as_slice().unwrap(), class);
            let report = check(&[("z", z.clone().into_dyn())], &[ndarray::arr1(&dz).into_dyn()], f).unwrap();
            assert!(report.passes(1e-8), "{report}");
            let p = 1.0 / z.iter().map(|other| (other - z[class]).exp()).sum::<f64>();
            assert!((probability(log_odds(z.as_slice().unwrap(), class)) - p).abs() < 1e-14);
        }
    }

    #[test]
    fn bytes_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&intensities::<f32>(&all)), all);
        assert_eq!(bytes(&[-0.1, 0.5, 1.0]), [0, 128, 255]);
        assert_eq!(signed_bytes(&[0.0, -2.0, 1.0, 2.0]), [136, 17, 196, 255]);
        assert!((rms(&[0.0, DARKEST], &[0.0, 0.0]) - 0.5_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn only_what_all_read_right_is_taken() {
        let (reader, splits) = small();
        let mut readers = [reader];
        let which = read_by_all(&mut readers, &splits.test, 20).unwrap();
        let read = readers[0].read(&gather(&splits.test, &which));
        assert!(labels(&splits.test, &which).iter().zip(read).all(|(&label, read)| usize::from(label) == read));
        assert!(read_by_all(&mut readers, &splits.test, 101).is_err());
    }
}
