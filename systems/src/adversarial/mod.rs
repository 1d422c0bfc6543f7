//! Adversarial images: changes that nobody sees, and that flip the answer of a network.
//!
//! Szegedy, Zaremba, Sutskever, Bruna, Erhan, Goodfellow and Fergus, *Intriguing properties of neural networks* (2013):
//! near every image that a network reads right lies one that it takes for something else, whatever one wishes; and it
//! fools other networks, too. Goodfellow, Shlens and Szegedy, *Explaining and harnessing adversarial examples* (2014):
//! one step along the sign of the gradient is often enough, because networks are too linear.
//!
//! [`descent`] finds small changes, with Adam or with [`lbfgs`]; [`controls`] are changes of the same size that are not
//! aimed; [`sign`] is the single step, and training against it.

pub mod controls;
pub mod descent;
pub mod lbfgs;
pub mod record;
pub mod sign;

pub use record::{Attack, Example, Results, Sign, Training, Transfer};

use crate::kit::{
    Common, Progress, Reader, Setting, accuracy, bytes, gather, intensities, labels, networks, read_by_all, rms, rng,
    round, signed_bytes,
};
use experiments::{machine::seconds, record::Picture, say};
use network3::{Network, Result, data::Splits};
use rand::RngExt;

/// Options of this system.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What all systems take.
    #[command(flatten)]
    pub common: Common,
}

/// Streams of random numbers: targets, noise, shuffled changes, random signs, training.
const STREAMS: [u64; 5] = [1, 2, 3, 4, 5];
/// How far the single step goes: from what nobody sees to the quarter of full scale of the paper.
const EPSILONS: [f32; 9] = [0.0, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25];
/// The ε that is trained against, the paper's for MNIST.
const AGAINST: f32 = 0.25;

/// How much is done.
struct Size {
    /// Digits that are to be flipped, and how many of these L-BFGS tries.
    digits: usize,
    with_lbfgs: usize,
    /// Random changes for each digit.
    noises: usize,
    /// Digits for the single step.
    signed: usize,
    /// Mini-batches of training against it.
    steps: usize,
}

const QUICK: Size = Size { digits: 40, with_lbfgs: 10, noises: 5, signed: 500, steps: 500 };
const WHOLE: Size = Size { digits: 200, with_lbfgs: 200, noises: 10, signed: 2_000, steps: 5_000 };

/// Flips the answers of a trained reader, and writes down how.
///
/// # Errors
/// When images or networks are not to be had, when training diverges, and when the record cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "adversarial")?;
    let size = if setting.quick { &QUICK } else { &WHOLE };
    let splits = setting.splits()?;
    let mut networks = networks(&setting, 3)?;
    let names: Vec<&str> = networks.iter().map(|(name, _)| *name).collect();
    let mut accuracies = vec![];
    for (_, network) in &mut networks {
        accuracies.push(round(accuracy(network, &splits.test)?, 4));
    }
    let mut readers = vec![];
    for (name, network) in &networks {
        readers.push(Reader::of(name, network, setting.threads())?);
    }
    let (threads, seed) = (setting.threads(), setting.seed);
    let (attacks, sign) = threads.run(|| -> Result<_> {
        let attacks = flip(seed, size, splits, &mut readers)?;
        Ok((attacks, one_step(seed, size, splits, &mut readers)))
    })?;
    let training = train(&setting, size, splits, &mut networks[0].1)?;
    let Flipped { adam, lbfgs, noise, shuffled, transfer, examples } = attacks;
    let readers = names.iter().map(|name| name.to_string()).collect();
    let results = Results { readers, accuracies, adam, lbfgs, noise, shuffled, transfer, sign, training, examples };
    say!("\n{results}");
    setting.finish(results)?;
    Ok(())
}

/// What came of flipping answers.
struct Flipped {
    adam: Attack,
    lbfgs: Attack,
    noise: f64,
    shuffled: f64,
    transfer: Vec<Transfer>,
    examples: Vec<Example>,
}

/// Flips digits that all readers read right to random other classes, for the first of them, and looks what the others
/// say.
fn flip(seed: u64, size: &Size, splits: &Splits, readers: &mut [Reader]) -> Result<Flipped> {
    let images = &splits.test;
    let which = read_by_all(readers, images, size.digits)?;
    let (from, labels) = (gather(images, &which), labels(images, &which));
    let mut random = rng(seed, STREAMS[0]);
    let another = |&label: &u16| (usize::from(label) + random.random_range(1..images.classes())) % images.classes();
    let targets: Vec<usize> = labels.iter().map(another).collect();
    let n = readers[0].pixels();

    // Flip them, all at once with Adam and one by one with L-BFGS
    let mut progress = Progress::new("Adam", 0, 6);
    let start = seconds();
    let found = descent::adam(&mut readers[0], &from, &targets, |round| progress.at(round as u64));
    drop(progress);
    let adam = attack(&mut readers[0], &found, &targets, seconds() - start);
    let mut progress = Progress::new("L-BFGS", 0, size.with_lbfgs as u64);
    let start = seconds();
    let mut by_lbfgs = vec![];
    for (k, &target) in targets.iter().enumerate().take(size.with_lbfgs) {
        by_lbfgs.push(descent::with_lbfgs(&mut readers[0], &from[k * n..][..n], target));
        progress.at(k as u64 + 1);
    }
    drop(progress);
    let lbfgs = attack(&mut readers[0], &by_lbfgs, &targets, seconds() - start);

    // Changes that are as large, and not aimed: cut to bytes as these are
    let (mut random, mut places) = (rng(seed, STREAMS[1]), rng(seed, STREAMS[2]));
    let (mut noisy, mut jumbled, mut clean) = (vec![], vec![], vec![]);
    for (k, found) in found.iter().enumerate().filter_map(|(k, found)| Some((k, found.as_ref()?))) {
        let from = &from[k * n..][..n];
        for _ in 0..size.noises {
            noisy.extend(in_bytes(&controls::noise(from, found.rms, &mut random)));
            jumbled.extend(in_bytes(&controls::shuffled(from, &found.x, found.rms, &mut places)));
            clean.push(labels[k]);
        }
    }
    let mut flips = |x: &[f32]| round(sign::mistakes(&mut readers[0], x, &clean) as f64 / clean.len().max(1) as f64, 4);
    let (noise, shuffled) = (flips(&noisy), flips(&jumbled));

    // What other networks say to them, and to changes of twice the size
    let mut transfer = vec![];
    for reader in &mut readers[1..] {
        let [mut fooled, mut agree, mut doubled, mut doubled_noise, mut all] = [0; 5];
        for (k, found) in found.iter().enumerate().filter_map(|(k, found)| Some((k, found.as_ref()?))) {
            let twice: Vec<f32> = found.x.iter().zip(&from[k * n..]).map(|(x, from)| 2.0 * x - from).collect();
            let noise = controls::noise(&from[k * n..][..n], 2.0 * found.rms, &mut random);
            let read = reader.read(&[in_bytes(&found.x), in_bytes(&twice), in_bytes(&noise)].concat());
            fooled += usize::from(read[0] != usize::from(labels[k]));
            agree += usize::from(read[0] == targets[k]);
            doubled += usize::from(read[1] != usize::from(labels[k]));
            doubled_noise += usize::from(read[2] != usize::from(labels[k]));
            all += 1;
        }
        let control = sign::mistakes(reader, &noisy, &clean) as f64 / clean.len().max(1) as f64;
        let share = |count: usize| round(count as f64 / all.max(1) as f64, 4);
        transfer.push(Transfer {
            name: reader.name.clone(),
            fooled: share(fooled),
            agree: share(agree),
            noise: round(control, 4),
            doubled: share(doubled),
            doubled_noise: share(doubled_noise),
        });
    }

    // One of each class, for the figure
    let mut examples = vec![];
    for class in 0..images.classes() {
        let first = labels.iter().zip(&found).position(|(&l, found)| usize::from(l) == class && found.is_some());
        if let Some((k, found)) = first.and_then(|k| Some((k, found[k].as_ref()?))) {
            let from = &from[k * n..][..n];
            let width = n.isqrt();
            let change: Vec<f32> = found.x.iter().zip(from).map(|(x, from)| x - from).collect();
            examples.push(Example {
                image: which[k],
                label: labels[k],
                target: targets[k],
                rms: round(found.rms, 4),
                before: Picture::new(width, &bytes(from)),
                change: Picture::new(width, &signed_bytes(&change)),
                after: Picture::new(width, &bytes(&found.x)),
            });
        }
    }
    Ok(Flipped { adam, lbfgs, noise, shuffled, transfer, examples })
}

/// Pixels rounded to bytes, and back.
fn in_bytes(x: &[f32]) -> Vec<f32> {
    intensities(&bytes(x))
}

/// Sums up what was found: how many answers flip, as found and in bytes, and how large the changes are.
fn attack(reader: &mut Reader, found: &[Option<descent::Found<f32>>], targets: &[usize], seconds: f64) -> Attack {
    let (mut flipped, mut flipped_in_bytes, mut sizes) = (0, 0, vec![]);
    for (found, &target) in found.iter().zip(targets).filter_map(|(found, target)| Some((found.as_ref()?, target))) {
        flipped += usize::from(reader.read(&found.x) == [target]);
        flipped_in_bytes += usize::from(reader.read(&in_bytes(&found.x)) == [target]);
        sizes.push(found.rms);
    }
    sizes.sort_by(f64::total_cmp);
    let mean_rms = sizes.iter().sum::<f64>() / sizes.len().max(1) as f64;
    let [least_rms, most_rms] = [sizes.first(), sizes.last()].map(|x| round(x.copied().unwrap_or(0.0), 4));
    Attack {
        digits: found.len(),
        flipped,
        flipped_in_bytes,
        mean_rms: round(mean_rms, 4),
        least_rms,
        most_rms,
        seconds: round(seconds, 1),
    }
}

/// The single step, ever longer: how many digits the first reader then reads wrong, how many the others, and how many
/// after a step along random signs.
fn one_step(seed: u64, size: &Size, splits: &Splits, readers: &mut [Reader]) -> Vec<Sign> {
    let which: Vec<usize> = (0..splits.test.len().min(size.signed)).collect();
    let (x, labels) = (gather(&splits.test, &which), labels(&splits.test, &which));
    let direction = sign::directions(&mut readers[0], &x, &labels);
    let mut random = rng(seed, STREAMS[3]);
    let coins: Vec<f32> = x.iter().map(|_| if random.random::<bool>() { 1.0 } else { -1.0 }).collect();
    let share = |mistakes: usize| round(mistakes as f64 / which.len() as f64, 4);
    let at = |&epsilon: &f32| {
        let moved = in_bytes(&sign::moved(&x, &direction, epsilon));
        let errors = readers.iter_mut().map(|reader| share(sign::mistakes(reader, &moved, &labels))).collect();
        let confidence = round(sign::confidence(&mut readers[0], &moved), 4);
        let random = in_bytes(&sign::moved(&x, &coins, epsilon));
        let random = share(sign::mistakes(&mut readers[0], &random, &labels));
        Sign { epsilon: round(epsilon.into(), 3), rms: round(rms(&moved, &x), 4), errors, confidence, random }
    };
    EPSILONS.iter().map(at).collect()
}

/// Trains the first reader against the single step, and tries that again.
fn train(setting: &Setting, size: &Size, splits: &Splits, network: &mut Network<f32>) -> Result<Training> {
    /// The learning rate that readers are trained with here.
    const ETA: f64 = 0.1;
    let which: Vec<usize> = (0..splits.test.len().min(size.signed)).collect();
    let (x, labels) = (gather(&splits.test, &which), labels(&splits.test, &which));
    let share = |mistakes: usize| round(mistakes as f64 / which.len() as f64, 4);
    let errors = |network: &Network<f32>| -> Result<[f64; 2]> {
        let mut reader = Reader::of("", network, setting.threads())?;
        let direction = sign::directions(&mut reader, &x, &labels);
        let moved = in_bytes(&sign::moved(&x, &direction, AGAINST));
        Ok([&x, &moved].map(|x| share(sign::mistakes(&mut reader, x, &labels))))
    };
    let [clean_before, before] = errors(network)?;
    let start = seconds();
    let threads = network3::Learner::threads(network);
    let seed = setting.rng(STREAMS[4]).random();
    sign::train(network, &threads, &splits.training, (AGAINST, ETA), size.steps, seed)?;
    let seconds = round(seconds() - start, 1);
    let [clean_after, after] = errors(network)?;
    let epsilon = round(AGAINST.into(), 3);
    Ok(Training { epsilon, steps: size.steps, clean_before, before, clean_after, after, seconds })
}
