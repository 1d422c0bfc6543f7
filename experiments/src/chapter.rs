//! All of the chapter's experiments, as data.
//!
//! [`all`] has them in the order of the chapter. Each trains with the chapter's own hyper-parameters, mini-batches of
//! ten, and, when its figures are set beside the chapter's, [`Habits::faithful`](network3::Habits::faithful).

use crate::beyond;
use Activation::{Relu, Sigmoid, Tanh};
use network3::{
    Activation, Error, Habits, Pair, Result, Shape, Spec,
    data::{DIGITS, Distortion, MNIST_SHA256, Splits},
    ensemble::Views,
    layer,
    train::{HyperParameters, Schedule, Stopping},
};

/// One experiment: what is trained, how, on what, and what came of it in the chapter.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// What it is called on the command line and in the book: `two-conv-relu`.
    pub name: String,
    /// What it is there to show, in a line.
    pub shows: &'static str,
    /// The network, layer by layer.
    pub layers: Vec<Spec>,
    /// How it is trained.
    pub hyper_parameters: HyperParameters,
    /// Are the training images also moved by one pixel, up, down, left and right?
    pub expanded: bool,
    /// Is each training image distorted, in every epoch in another way, and how strongly?
    pub distortion: Option<Distortion>,
    /// How many networks, each from a seed of its own, vote together; 1 for all experiments but ensembles.
    pub networks: usize,
    /// The experiment whose runs these networks are.
    pub ensemble_of: Option<&'static str>,
    /// How they look at a test image, if not once and as it is.
    pub views: Option<Views>,
    /// The test accuracy that the chapter reports, as a fraction; `None` where it leaves the answer to the reader.
    pub chapter: Option<f64>,
}

/// The regularisation parameters of the chapter's sweep.
pub const LAMBDAS: [f64; 9] = [0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0];

/// Every experiment of the chapter, in its order.
pub fn all() -> Vec<Experiment> {
    let mut all = vec![
        experiment("shallow", "100 sigmoid neurons: where we start", shallow(), 0.1, 0.978),
        experiment("one-conv", "what a convolutional layer adds", conv(1, Sigmoid, &[100]), 0.1, 0.9878),
        experiment("conv-only", "exercise: no fully-connected layer", conv(1, Sigmoid, &[]), 0.1, None),
        experiment("two-conv", "what a second convolutional layer adds", conv(2, Sigmoid, &[100]), 0.1, 0.9906),
        experiment("two-conv-tanh", "problem: tanh in place of the sigmoid", conv(2, Tanh, &[100]), 0.1, None),
        experiment("two-conv-relu", "rectified linear units, and λ = 0.1", conv(2, Relu, &[100]), 0.03, 0.9923)
            .lambda(0.1),
    ];
    for name in ["two-conv-relu", "two-conv"] {
        all.extend(sweep(name).into_iter().filter(|experiment| experiment.name != name));
    }
    for (n, chapter) in [(100, 0.9937), (300, 0.9946), (1000, 0.9943)] {
        let shows = match n {
            100 => "five times the images, moved by a pixel",
            _ => "a wider fully-connected layer",
        };
        all.push(experiment(format!("expanded-{n}"), shows, conv(2, Relu, &[n]), 0.03, chapter).lambda(0.1).expanded());
    }
    for (n, chapter) in [(100, 0.9943), (300, 0.9948), (1000, 0.9947)] {
        let (name, shows) = (format!("expanded-two-fc-{n}"), "a second fully-connected layer");
        all.push(experiment(name, shows, conv(2, Relu, &[n, n]), 0.03, chapter).lambda(0.1).expanded());
    }
    for (n, chapter) in [(300, None), (1000, Some(0.996))] {
        all.push(dropout(format!("dropout-{n}"), "dropout in the fully-connected layers", n, chapter));
    }
    let ensemble = dropout("ensemble".into(), "five dropout-1000 networks take a vote", 1000, Some(0.9967));
    all.push(Experiment { networks: 5, ensemble_of: Some("dropout-1000"), ..ensemble });
    all
}

/// The same network trained with each λ of [`LAMBDAS`]: `two-conv-relu`, as in the chapter's own program, or
/// `two-conv`, the sigmoid network, which it left out. The λ that the plain experiment has keeps its name, so that
/// nothing is trained twice; the others are called `two-conv-relu-lambda-0.001`.
///
/// ```
/// let sweep = experiments::sweep("two-conv-relu");
/// assert_eq!(sweep[0].name, "two-conv-relu-lambda-0");
/// assert_eq!(sweep[5].name, "two-conv-relu"); // its λ is 0.1
/// ```
pub fn sweep(name: &str) -> Vec<Experiment> {
    let (activation, eta, own, chapter) = match name {
        "two-conv-relu" => (Relu, 0.03, 0.1, 0.9923),
        "two-conv" => (Sigmoid, 0.1, 0.0, 0.9906),
        _ => return vec![],
    };
    let one = |lambda: f64| {
        let (name, chapter) = match lambda == own {
            true => (name.to_string(), Some(chapter)),
            false => (format!("{name}-lambda-{lambda}"), None),
        };
        experiment(name, "how much regularisation", conv(2, activation, &[100]), eta, chapter).lambda(lambda)
    };
    LAMBDAS.map(one).into()
}

/// The experiment of that name, in the chapter or [`beyond`](crate::beyond()) it.
///
/// # Errors
/// When there is none: suggests the names that come nearest.
///
/// ```
/// use experiments::find;
/// assert_eq!(find("shallow")?.chapter, Some(0.978));
/// let e = find("two-conv-rellu").unwrap_err();
/// let expected = "no experiment is called \"two-conv-rellu\"; did you mean two-conv-relu? --list shows all";
/// assert_eq!(e.to_string(), expected);
/// # Ok::<(), network3::Error>(())
/// ```
pub fn find(name: &str) -> Result<Experiment> {
    let mut all = all();
    all.extend(beyond());
    if let Some(i) = all.iter().position(|experiment| experiment.name == name) {
        return Ok(all.swap_remove(i));
    }
    let distances: Vec<_> = all.iter().map(|e| strsim::levenshtein(name, &e.name)).collect();
    let nearest = distances.iter().copied().min().unwrap_or(0);
    let near = all.iter().zip(&distances).filter(|(_, d)| **d == nearest).map(|(e, _)| e.name.as_str());
    let near = near.take(3).collect::<Vec<_>>().join(" or ");
    Err(Error::input(format!("no experiment is called \"{name}\"; did you mean {near}? --list shows all")))
}

impl Experiment {
    /// About how much work it is: multiplications in the forward pass of an image, times images, times epochs, taking
    /// MNIST's 28×28 and 50,000. Good enough to run the quick ones first.
    pub fn cost(&self) -> f64 {
        let multiplications = layer::multiplications(Shape::image(1, 28, 28), &self.layers).unwrap_or(0);
        let images = if self.expanded { 250_000 } else { 50_000 } * self.hyper_parameters.stopping.at_most();
        multiplications as f64 * images as f64 * self.networks as f64
    }

    /// What one run of it trains: the experiment itself, or, of an ensemble, the one that its networks are runs of.
    pub fn member(&self) -> Experiment {
        let Some(name) = self.ensemble_of else { return self.clone() };
        let chapter = find(name).ok().and_then(|one| one.chapter);
        Experiment { name: name.to_string(), networks: 1, ensemble_of: None, views: None, chapter, ..self.clone() }
    }

    /// The test accuracy that the chapter reports for just this: for this experiment with its own layers and
    /// hyper-parameters, on all of MNIST, with the habits of the chapter's program. `None` beside any other run.
    pub fn chapter_beside(&self, splits: &Splits, habits: Habits) -> Option<f64> {
        let own = find(&self.name).ok()?;
        let images = |e: &Experiment| (e.expanded, e.distortion);
        let settings = |e: &Experiment| (e.layers.clone(), e.hyper_parameters.clone(), images(e), e.networks);
        let is_own = settings(&own) == settings(self) && habits == Habits::faithful();
        own.chapter.filter(|_| is_own && splits.sha256() == MNIST_SHA256)
    }

    fn lambda(mut self, lambda: f64) -> Self {
        self.hyper_parameters.lambda = lambda;
        self
    }

    fn expanded(self) -> Self {
        Experiment { expanded: true, ..self }
    }
}

/// An experiment as most are: 60 epochs, no regularisation, images as they are.
pub(crate) fn experiment(
    name: impl Into<String>,
    shows: &'static str,
    layers: Vec<Spec>,
    eta: f64,
    chapter: impl Into<Option<f64>>,
) -> Experiment {
    let hyper_parameters = HyperParameters {
        mini_batch_size: 10,
        eta: Schedule::Constant(eta),
        lambda: 0.0,
        momentum: 0.0,
        stopping: Stopping::Epochs(60),
    };
    let (name, chapter) = (name.into(), chapter.into());
    Experiment {
        name,
        shows,
        layers,
        hyper_parameters,
        expanded: false,
        distortion: None,
        networks: 1,
        ensemble_of: None,
        views: None,
        chapter,
    }
}

/// Two fully-connected layers of `n`, half of the inputs dropped from each and from the softmax layer; 40 epochs.
fn dropout(name: String, shows: &'static str, n: usize, chapter: Option<f64>) -> Experiment {
    let layers = conv(2, Relu, &[n, n]).into_iter().map(|layer| layer.with_dropout(0.5)).collect();
    let mut experiment = experiment(name, shows, layers, 0.03, chapter).expanded();
    experiment.hyper_parameters.stopping = Stopping::Epochs(40);
    experiment
}

fn shallow() -> Vec<Spec> {
    vec![Spec::fully_connected(100, Sigmoid), Spec::softmax(DIGITS)]
}

/// One or two convolutional layers, of 20 and 40 filters of 5×5 with pooling over 2×2; fully-connected layers of the
/// given sizes; softmax.
fn conv(convolutions: usize, activation: Activation, fully_connected: &[usize]) -> Vec<Spec> {
    const KERNEL: Pair = (5, 5);
    const WINDOW: Pair = (2, 2);
    let filters = [20, 40].into_iter().take(convolutions);
    let mut layers: Vec<_> = filters.map(|n| Spec::conv_pool(n, KERNEL, WINDOW, activation)).collect();
    layers.extend(fully_connected.iter().map(|&n| Spec::fully_connected(n, activation)));
    layers.push(Spec::softmax(DIGITS));
    layers
}
