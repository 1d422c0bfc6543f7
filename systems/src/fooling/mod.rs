//! Fooling images: pictures of nothing, in which a network is certain to see a digit.
//!
//! Nguyen, Yosinski and Clune, *Deep neural networks are easily fooled: high confidence predictions for unrecognizable
//! images* (2014). Three ways lead there: [`mod@evolve`] changes pixels at random and keeps what the network likes,
//! [`pattern`] does so with small networks that draw, and [`ascent`] follows the gradient.

pub mod ascent;
pub mod evolve;
pub mod pattern;
pub mod record;

pub use record::{Picture, Results, Stalled, Way};

use crate::kit::{
    Common, Progress, Reader, Setting, bytes, gather, intensities, log_odds, probability, readers, rng, round,
};
use ascent::{Height, climb};
use evolve::{Genome, Goal, Pixels, evolve};
use experiments::{machine::seconds, record::Picture as Grey, say};
use network3::{
    Result,
    data::{DIGITS, Dataset},
};
use pattern::Pattern;
use rand::RngExt;

/// Options of this system.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What all systems take.
    #[command(flatten)]
    pub common: Common,
}

/// How sure the network has to be of each class.
const SURE: f64 = 0.9999;
/// Log-odds that are a little more than that: ln(0.9999/0.0001) = 9.21.
const GOAL: f64 = 9.3;
/// How sure the other network has to be to count as sure, too.
const ALSO_SURE: f64 = 0.99;
/// Streams of random numbers: both kinds of evolution, and the noise that gradients begin with.
const STREAMS: [u64; 3] = [1, 2, 3];
/// Generations at most. What is missing then is missing in the record.
const GENERATIONS: usize = 20_000;
/// How far a step along the gradient goes, and how many there are at most.
const ETA: f32 = 0.02;
const STEPS: usize = 400;

/// What one way has found: an image for each class, how long it took, and in what.
struct Images {
    name: &'static str,
    images: Vec<Vec<u8>>,
    effort: usize,
    unit: &'static str,
    seconds: f64,
}

/// Fools a trained reader in several ways, and writes down how.
///
/// # Errors
/// When images or networks are not to be had, and when the record cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "fooling")?;
    let splits = setting.splits()?;
    let mut readers = readers(&setting, 2)?;
    // The quick version compares with fewer digits; all else takes half a minute.
    let digits = if setting.quick { 5_000 } else { splits.training.len() };
    let (seed, threads) = (setting.seed, setting.threads());
    let results = threads.run(|| {
        let [first, second] = &mut readers[..] else { unreachable!("two were asked for") };
        let ways = [
            evolved::<Pixels>("evolution of pixels", seed, STREAMS[0], first),
            evolved::<Pattern>("evolution of patterns", seed, STREAMS[1], first),
            climbed("gradient, from noise", &noise(seed, first.pixels()), first),
            climbed("gradient, from white paper", &vec![0.0; DIGITS * first.pixels()], first),
        ];
        let ways = ways.iter().map(|found| way(found, first, second, &splits.training, digits)).collect();
        let stalled = stalled(&noise(seed, first.pixels()), first);
        Results {
            readers: [first, second].map(|r| r.name.clone()),
            sure: SURE,
            also_sure: ALSO_SURE,
            ways,
            stalled,
            a_digit: a_digit(&splits.test, &splits.training, digits),
        }
    });
    say!("\n{results}");
    setting.finish(results)?;
    Ok(())
}

fn evolved<G: Genome>(name: &'static str, seed: u64, stream: u64, reader: &mut Reader) -> Images {
    let mut progress = Progress::new(name, 0, GENERATIONS as u64);
    let start = seconds();
    let goal = Goal { log_odds: GOAL, generations: GENERATIONS };
    let (champions, effort) = evolve::<G>(reader, goal, &mut rng(seed, stream), |n| progress.at(n as u64));
    let images = champions.into_iter().map(|champion| champion.image).collect();
    Images { name, images, effort, unit: "generations", seconds: seconds() - start }
}

/// An image of noise for each class: every grey is as likely as any other.
fn noise(seed: u64, pixels: usize) -> Vec<f32> {
    let mut random = rng(seed, STREAMS[2]);
    let bytes: Vec<u8> = (0..DIGITS * pixels).map(|_| random.random()).collect();
    intensities(&bytes)
}

fn climbed(name: &'static str, start: &[f32], reader: &mut Reader) -> Images {
    let mut progress = Progress::new(name, 0, STEPS as u64);
    let begin = seconds();
    let climbed = climb(reader, start, Height::LogOdds, ETA, (GOAL, STEPS), |n| progress.at(n as u64));
    let effort = climbed.iter().map(|climbed| climbed.steps.unwrap_or(STEPS)).max().unwrap_or(0);
    let images = climbed.into_iter().map(|climbed| climbed.image).collect();
    Images { name, images, effort, unit: "steps", seconds: seconds() - begin }
}

/// The same climb up ln a_c: how many classes arrive, and how sure the network is of the least.
fn stalled(start: &[f32], reader: &mut Reader) -> Stalled {
    let climbed = climb(reader, start, Height::LogProbability, ETA, (GOAL, STEPS), |_| {});
    let reached = climbed.iter().filter(|climbed| climbed.steps.is_some()).count();
    let least = climbed.iter().map(|climbed| climbed.log_odds).fold(f64::INFINITY, f64::min);
    Stalled { steps: STEPS, reached, least: round(probability(least), 4) }
}

/// What there is to say of the images of one way.
fn way(found: &Images, first: &mut Reader, second: &mut Reader, training: &Dataset, digits: usize) -> Way {
    let mut pictures = vec![];
    let (mut agree, mut also_sure, mut distance) = (0, 0, 0.0);
    for (class, image) in found.images.iter().enumerate() {
        let x: Vec<f32> = intensities(image);
        let [here, there] = [&mut *first, &mut *second].map(|reader| {
            let z: Vec<f64> = reader.logits(&x).iter().map(|&z| z.into()).collect();
            log_odds(&z, class)
        });
        agree += usize::from(second.read(&x) == [class]);
        also_sure += usize::from(probability(there) >= ALSO_SURE);
        distance += nearest(&x, training, digits) / found.images.len() as f64;
        let picture = Grey::new(image.len().isqrt(), &bytes(&x));
        pictures.push(Picture { class, probability: round(probability(here), 6), picture });
    }
    Way {
        name: found.name.into(),
        reached: pictures.iter().filter(|picture| picture.probability >= SURE).count(),
        least: pictures.iter().map(|picture| picture.probability).fold(1.0, f64::min),
        effort: found.effort,
        unit: found.unit.into(),
        seconds: round(found.seconds, 1),
        agree,
        also_sure,
        nearest: round(distance, 3),
        pictures,
    }
}

/// How far the nearest of some digits is: root mean square, as a part of full scale.
fn nearest(x: &[f32], digits: &Dataset, count: usize) -> f64 {
    let pixels: Vec<i32> = bytes(x).into_iter().map(i32::from).collect();
    let distance = |i: usize| -> i64 {
        let squares = digits.image(i).iter().zip(&pixels).map(|(&a, &b)| (i32::from(a) - b).pow(2));
        i64::from(squares.sum::<i32>())
    };
    let least = (0..count.min(digits.len())).map(distance).min().unwrap_or(0);
    (least as f64 / pixels.len() as f64).sqrt() / 255.0
}

/// The same for real digits, on average over some of those that nobody has trained with.
fn a_digit(test: &Dataset, training: &Dataset, count: usize) -> f64 {
    const SOME: usize = 40;
    let some = SOME.min(test.len());
    let sum: f64 = (0..some).map(|i| nearest(&gather(test, &[i]), training, count)).sum();
    round(sum / some as f64, 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::rms;
    use network3::data::digits;

    #[test]
    fn the_nearest_is_found() {
        let splits = digits(20, 1, 1, 3).unwrap();
        let x = gather(&splits.training, &[13]);
        assert_eq!(nearest(&x, &splits.training, 20), 0.0);
        let others = (0..13).map(|i| rms(&x, &gather(&splits.training, &[i]))).fold(f64::INFINITY, f64::min);
        assert!((nearest(&x, &splits.training, 13) - others).abs() < 1e-6);
    }
}
