//! KSH: the network of Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional neural
//! networks* (2012), known as AlexNet.
//!
//! [`network`] has it in full, and a small one built alike. The full one is counted, sent forward and trained for a
//! step ([`full`]); the small one is trained on [`pictures`] that are made by a rule, seen in the paper's ways
//! ([`views`], [`colours`]), once as it is and once without each of the paper's ideas.

pub mod colours;
pub mod full;
pub mod nearest;
pub mod network;
pub mod pictures;
pub mod train;
pub mod views;

use crate::kit::{Common, Findings, Setting, round};
use clap::Args;
use colours::Component;
use experiments::{record::Picture, say};
use full::Full;
use ndarray::Array2;
use network::Ideas;
use network3::{Error, Label, Network, Result, thousands};
use pictures::{Pictures, SIDE};
use serde::{Deserialize, Serialize};
use train::{Epoch, Material, Schedule, Top};
use views::{Variety, View};

/// KSH (AlexNet, 2012): in full for its sizes and times, and small on pictures of two-digit numbers
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    common: Common,
    /// Only train the variation of this name, and keep it for a run with --resume: whole, no-groups, no-normalisation,
    /// …
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Train for N epochs instead of as many as are usual
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    epochs: Option<u16>,
    /// Begin with this learning rate
    #[arg(long, value_name = "ETA")]
    eta: Option<f64>,
}

/// A network that is trained: the whole one, or one that lacks an idea.
pub struct Variation {
    /// What it is called.
    pub name: &'static str,
    /// Its layers follow from these.
    pub ideas: Ideas,
    /// How its pictures vary.
    pub variety: Variety,
}

/// The whole one, without each idea in turn, and with mirror images, which are no such pictures: a 2 in a mirror is no
/// digit.
pub fn variations() -> [Variation; 7] {
    let (all, varied) = (Ideas::ALL, Variety { crops: true, mirrors: false, colours: true });
    let still = Variety { crops: false, mirrors: false, colours: false };
    let of = |name, ideas, variety| Variation { name, ideas, variety };
    [
        of("whole", all, varied),
        of("no-groups", Ideas { groups: false, ..all }, varied),
        of("no-normalisation", Ideas { normalisation: false, ..all }, varied),
        of("no-overlap", Ideas { overlap: false, ..all }, varied),
        of("no-dropout", Ideas { dropout: false, ..all }, varied),
        of("no-augmentation", all, still),
        of("mirrors", all, Variety { mirrors: true, ..varied }),
    ]
}

/// What a trained network is worth on the test pictures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which variation it is.
    pub name: String,
    /// What it has learned.
    pub parameters: usize,
    /// Seen from the middle.
    pub middle: Top,
    /// The mean of the middle and the corners.
    pub five: Top,
    /// The mean of those and their mirror images.
    pub ten: Top,
    /// Top-1 on training pictures, as many as there are test pictures, seen from the middle.
    pub training: f64,
    /// Each epoch.
    pub epochs: Vec<Epoch>,
}

/// What somebody who knows the training pictures by heart would say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nearest {
    /// The label of the nearest picture, pixel by pixel, is right for this fraction.
    pub pixels: f64,
    /// The same by the mean colour alone.
    pub colour: f64,
}

/// A test picture and what the network says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// The number.
    pub label: Label,
    /// Red, green and blue.
    pub picture: [Picture; 3],
    /// The five most probable numbers, with their probabilities.
    pub guesses: Vec<(Label, f64)>,
}

/// What the record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The network of the paper.
    pub full: Full,
    /// Pictures to train with, to validate, to test.
    pub pictures: [usize; 3],
    /// How they were learned.
    pub schedule: Schedule,
    /// The part of the inputs of fully-connected layers that is dropped.
    pub dropout: f64,
    /// Seconds that cores were busy with training, all networks together.
    pub busy: f64,
    /// The principal components of their colours.
    pub components: [Component; 3],
    /// The nearest neighbour on the test pictures.
    pub nearest: Nearest,
    /// Top-1 of the whole network, seen from the middle, less that of the nearest neighbour.
    pub gain: f64,
    /// The networks.
    pub variations: Vec<Outcome>,
    /// Some test pictures.
    pub examples: Vec<Example>,
}

impl Findings for Found {
    fn check(&self) -> Result<()> {
        let tops = self.variations.iter().flat_map(|v| [v.middle, v.five, v.ten]);
        let shapes = network::SHAPES.map(|shape| shape.to_string());
        if self.full.parameters != network::PARAMETERS || !self.full.layers.iter().map(|line| &line.output).eq(&shapes)
        {
            return Err(Error::input("this is not the network of the paper"));
        }
        let possible = |top: &Top| 0.0 <= top.one && top.one <= top.five && top.five <= 1.0;
        match tops.clone().find(|top| !possible(top)) {
            Some(top) => Err(Error::input(format!("top-1 {} and top-5 {}", top.one, top.five))),
            None if self.variations.is_empty() => Err(Error::input("no network was trained")),
            None => Ok(()),
        }
    }
}

/// How much is done: pictures for training, validation and test, and how they are learned.
struct Plan {
    pictures: [usize; 3],
    schedule: Schedule,
    /// How many of the variations.
    variations: usize,
    /// Images that go through the full network together.
    images: usize,
}

impl Plan {
    fn new(quick: bool) -> Self {
        let schedule = |epochs| Schedule { epochs, batch: 32, eta: 0.02, momentum: 0.9, decay: 5e-4 };
        match quick {
            true => Plan { pictures: [8_000, 500, 500], schedule: schedule(6), variations: 1, images: 4 },
            false => Plan { pictures: [20_000, 1_000, 2_000], schedule: schedule(6), variations: 7, images: 8 },
        }
    }
}

/// Test pictures that are kept in the record.
const EXAMPLES: usize = 6;

/// Runs it.
///
/// # Errors
/// When images, checkpoints or records cannot be read or written, and when a network diverges.
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "ksh")?;
    let mut plan = Plan::new(setting.quick);
    plan.schedule.epochs = options.epochs.map_or(plan.schedule.epochs, usize::from);
    plan.schedule.eta = options.eta.unwrap_or(plan.schedule.eta);
    if !(plan.schedule.eta.is_finite() && plan.schedule.eta > 0.0) {
        return Err(Error::input(format!("the learning rate must be a positive number, not {}", plan.schedule.eta)));
    }
    let (material, test) = pictures(&setting, &plan)?;
    if let Some(name) = &options.only {
        let Some(variation) = variations().into_iter().find(|v| v.name == name) else {
            let names: Vec<_> = variations().iter().map(|v| v.name).collect();
            return Err(Error::input(format!("{name} is no variation: they are {}", names.join(", "))));
        };
        return trained(&setting, &plan, &variation, &material, &test).map(|_| ());
    }

    let full = full::measure(setting.thread_count(), plan.images, setting.seed, &mut setting.rng(0))?;
    tell(&full);
    let threads = setting.threads();
    let nearest = Nearest {
        pixels: nearest::by_pixels(&material.training, &test, &material.mean, &threads),
        colour: nearest::by_colour(&material.training, &test, &threads),
    };
    let [pixels, colour] = [nearest.pixels, nearest.colour].map(|part| 100.0 * part);
    say!("nearest neighbour: {pixels:.1} % by pixels, {colour:.1} % by mean colour");
    let (mut outcomes, mut examples) = (vec![], vec![]);
    for variation in variations().iter().take(plan.variations) {
        let (mut network, outcome) = trained(&setting, &plan, variation, &material, &test)?;
        if examples.is_empty() {
            examples = some_examples(&mut network, &test, &material.mean);
        }
        outcomes.push(outcome);
    }
    let busy = round(outcomes.iter().flat_map(|o| &o.epochs).map(|epoch| epoch.busy).sum(), 0);
    let gain = round(outcomes[0].middle.one - nearest.pixels, 4);
    say!("{:.1} points more than the nearest neighbour", 100.0 * gain);
    let Material { components, .. } = material;
    setting.finish(Found {
        full,
        pictures: plan.pictures,
        schedule: plan.schedule,
        dropout: network::DROPOUT,
        busy,
        components,
        nearest,
        gain,
        variations: outcomes,
        examples,
    })?;
    Ok(())
}

/// Pictures of the digits at hand: to train with and to validate, and those to test.
fn pictures(setting: &Setting, plan: &Plan) -> Result<(Material, Pictures)> {
    let digits = setting.splits()?;
    let [n, validation, test] = plan.pictures;
    // Seeds of their own, far from those of the next run.
    let seed = |k: u64| setting.seed.wrapping_mul(1000) + k;
    let training = Pictures::new(&digits.training, n, seed(1));
    let validation = Pictures::new(&digits.validation, validation, seed(2));
    let test = Pictures::new(&digits.test, test, seed(3));
    let components = colours::eigen(colours::covariance(&training));
    Ok((Material { mean: training.mean(), components, training, validation }, test))
}

/// Trains a variation, and asks it.
fn trained(
    setting: &Setting,
    plan: &Plan,
    variation: &Variation,
    material: &Material,
    test: &Pictures,
) -> Result<(Network<f32>, Outcome)> {
    let Variation { name, ideas, variety } = *variation;
    let specs = network::small(ideas);
    let mut network = train::network(&specs, setting.seed, setting.thread_count())?;
    let keeper = setting.keeper(name, &(&plan.schedule, plan.pictures, &specs))?;
    let epochs = train::train(&mut network, material, variety, &plan.schedule, (setting.seed, name), &keeper)?;
    let outcome = outcome(&mut network, name, epochs, material, test);
    let [one, five, views, ten] =
        [outcome.middle.one, outcome.middle.five, outcome.five.one, outcome.ten.one].map(|part| 100.0 * part);
    say!("{name}: top-1 {one:.1} %, top-5 {five:.1} %; top-1 with five views {views:.1} %, with ten {ten:.1} %");
    Ok((network, outcome))
}

/// The full network in a few lines.
pub fn tell(full: &Full) {
    let Full { parameters, limit, forward, step, .. } = full;
    say!("{} parameters; a core's limit is {limit} · 10⁹ multiplications a second", thousands(*parameters));
    for (what, rate) in [("forward", forward), ("a step of training", step)] {
        say!(
            "{what}, {} images: {:.2} s, of cores {:.2} s, {} · 10⁹ multiplications a second, {:.0} % of the limit",
            rate.images,
            rate.seconds,
            rate.busy,
            rate.per_second,
            100.0 * rate.share
        );
    }
}

/// Asks a network that has been trained.
fn outcome(
    network: &mut Network<f32>,
    name: &str,
    epochs: Vec<Epoch>,
    material: &Material,
    test: &Pictures,
) -> Outcome {
    let mut guess = |pictures: &Pictures, view| train::guess(network, pictures, &material.mean, view);
    let ten: Vec<Array2<f32>> = View::ten().into_iter().map(|view| guess(test, view)).collect();
    let of = |views: &[Array2<f32>]| train::top(&train::average(views), test.labels());
    let (middle, five, ten) = (of(&ten[..1]), of(&ten[..5]), of(&ten));
    let known = material.training.first(test.len());
    let training = train::top(&guess(&known, View::MIDDLE), known.labels()).one;
    Outcome { name: name.into(), parameters: network.parameter_count(), middle, five, ten, training, epochs }
}

/// The first test pictures, with five guesses each.
fn some_examples(network: &mut Network<f32>, test: &Pictures, mean: &[f32]) -> Vec<Example> {
    let some = test.first(EXAMPLES);
    let p: Array2<f32> = train::guess(network, &some, mean, View::MIDDLE);
    let example = |k: usize| {
        let picture = some.picture(k);
        let part = |c: usize| Picture::new(SIDE, &picture.iter().skip(c).step_by(3).copied().collect::<Vec<_>>());
        let mut guesses: Vec<(Label, f64)> =
            p.row(k).iter().enumerate().map(|(y, &p)| (y as Label, round(f64::from(p), 3))).collect();
        guesses.sort_by(|a, b| b.1.total_cmp(&a.1));
        guesses.truncate(5);
        Example { label: some.labels()[k], picture: [part(0), part(1), part(2)], guesses }
    };
    (0..some.len()).map(example).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use network3::data;

    /// A mini-batch is learned by heart with the layers of every variation: the first four have all that there are.
    #[test]
    fn every_variation_learns() {
        let digits = data::digits(200, 1, 1, 1).unwrap().training;
        let folder = tempfile::tempdir().unwrap();
        let material = Material {
            training: Pictures::new(&digits, 16, 1),
            validation: Pictures::new(&digits, 16, 1),
            mean: Pictures::new(&digits, 16, 1).mean(),
            components: colours::eigen(colours::covariance(&Pictures::new(&digits, 16, 1))),
        };
        let schedule = Schedule { epochs: 20, batch: 16, eta: 0.02, momentum: 0.9, decay: 0.0 };
        for variation in variations().iter().take(4) {
            // Dropout and other views make it slower, which is their purpose.
            let ideas = Ideas { dropout: false, ..variation.ideas };
            let variety = Variety { crops: false, colours: true, mirrors: false };
            let mut network = train::network(&network::small(ideas), 1, 2).unwrap();
            let setting = Common {
                quick: true,
                seed: 1,
                threads: Some(2),
                data: None,
                resume: false,
                replace: false,
                folder: folder.path().into(),
                record: None,
            };
            let keeper = Setting::start(&setting, "ksh").unwrap().keeper("test", &()).unwrap();
            let history =
                train::train(&mut network, &material, variety, &schedule, (1, variation.name), &keeper).unwrap();
            let (first, last) = (&history[0], &history[19]);
            assert!(last.cost < 0.85 * first.cost, "{}: {} and {}", variation.name, first.cost, last.cost);
        }
    }
}
