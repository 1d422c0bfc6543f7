//! Looking into a network: what a map answers to, and what an answer rests on.
//!
//! Zeiler and Fergus, *Visualizing and understanding convolutional networks* (2013). [`views`] lead a single activity
//! back down to the pixels, through the switches of max-pooling; [`occlusion`] covers parts of an image and looks what
//! is lost.

pub mod occlusion;
pub mod record;
pub mod strongest;
pub mod views;

pub use record::{Covered, Map, Occlusion, Patch, Results};

use crate::kit::{
    Common, Progress, Reader, Setting, bytes, gather, intensities, networks, read_by_all, rng, round, signed_bytes,
};
use experiments::{record::Picture, say};
use network3::{Cost, Error, Learner, Network, Pass, Result, Threads, data::Splits, ops::Fast};
use occlusion::{Falls, covered, falls, is_ink};
use rand::RngExt;
use std::sync::Arc;
use strongest::{Field, Strongest};
use views::{Stage, stages, view};

/// Options of this system.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What all systems take.
    #[command(flatten)]
    pub common: Common,
}

/// Maps that are shown, those that are the most active on average; and patches of each.
const MAPS: usize = 12;
const PATCHES: usize = 9;
/// The greys of the patches that cover a digit: paper, and half-way to ink.
const GREYS: [f32; 2] = [0.0, 0.5];

/// How much is done.
struct Size {
    /// Digits among which the strongest patches are looked for.
    searched: usize,
    /// Digits that are covered, place by place.
    covered: usize,
}

const QUICK: Size = Size { searched: 2_000, covered: 20 };
const WHOLE: Size = Size { searched: 10_000, covered: 200 };

/// Looks into a trained reader, and writes down what is there.
///
/// # Errors
/// When images or networks are not to be had, when the network does not begin with two layers that can be gone back
/// through, and when the record cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "zeiler-fergus")?;
    let size = if setting.quick { &QUICK } else { &WHOLE };
    let splits = setting.splits()?;
    let (name, network) = networks(&setting, 1)?.remove(0);
    let mut reader = Reader::of(name, &network, setting.threads())?;
    let stages = stages(&network)?;
    let mut below = up_to(&network, stages.len(), setting.threads())?;
    let (threads, seed) = (setting.threads(), setting.seed);
    let results = threads.run(|| {
        let (maps, energy_near_ink, area_near_ink) = look(&stages, &mut below, splits, size.searched)?;
        let (alike, unlike) = resemblance(&maps);
        let maps = maps.iter().map(Shown::record).collect();
        let occlusion = cover(&mut reader, splits, size.covered)?;
        let examples = examples(&mut reader, &mut below, splits)?;
        let adjoint_error = adjoint_error(&stages, &gather(&splits.test, &[0]), seed);
        Ok::<_, Error>(Results {
            reader: name.into(),
            searched: size.searched.min(splits.test.len()),
            adjoint_error,
            maps,
            energy_near_ink,
            area_near_ink,
            alike,
            unlike,
            occlusion,
            examples,
        })
    })?;
    say!("\n{results}");
    setting.finish(results)?;
    Ok(())
}

/// The first layers of a network, with their weights, as a network of their own.
fn up_to(network: &Network<f32>, layers: usize, threads: Arc<Threads>) -> Result<Network<f32>> {
    let specs = &network.specs()[..layers];
    let mut below = Network::for_cost(network.input(), specs, Cost::Quadratic)?.with_habits(*network.habits());
    let is_below = |name: &str| name.split('.').next().and_then(|k| k.parse().ok()).is_some_and(|k: usize| k < layers);
    let state = network.state().into_iter().filter(|(name, _)| is_below(name)).collect();
    below.restore(&state)?;
    Ok(below.with_backend(Fast::new(threads)))
}

/// A map, and the patches that it answers to most.
struct Shown {
    map: usize,
    /// What is seen: the field's pixels, and the view of them.
    patches: Vec<(Strongest, u16, Vec<f32>, Vec<f32>)>,
    field: Field,
}

impl Shown {
    fn record(&self) -> Map {
        let patch = |(strongest, label, pixels, view): &(Strongest, u16, Vec<f32>, Vec<f32>)| Patch {
            image: strongest.image,
            label: *label,
            activity: round(strongest.activity.into(), 2),
            pixels: Picture::new(self.field.side, &bytes(pixels)),
            view: Picture::new(self.field.side, &signed_bytes(view)),
        };
        Map { map: self.map, patches: self.patches.iter().map(patch).collect() }
    }
}

/// Finds the strongest patches of the most active maps, and leads each back down. Also says which share of the views'
/// energy, Σ v², lies on ink or beside it, and which share of the fields does.
fn look(
    stages: &[Stage<f32>],
    below: &mut Network<f32>,
    splits: &Splits,
    searched: usize,
) -> Result<(Vec<Shown>, f64, f64)> {
    let images = &splits.test;
    let field = Field::of(stages, below.input())?;
    let mut progress = Progress::new("the strongest patches", 0, searched.min(images.len()) as u64);
    let found = strongest::search(below, images, searched, PATCHES, |n| progress.at(n as u64));
    drop(progress);
    let (mut energy, mut all_energy, mut area, mut all_area) = (0.0, 0.0, 0, 0);
    let mut shown = vec![];
    for (map, strongest) in found.into_iter().take(MAPS) {
        let mut patches = vec![];
        for one in strongest {
            let x = gather(images, &[one.image]);
            let v = view(stages, &x, one.unit);
            let ink = near_ink(&x);
            for k in field.pixels(one.place) {
                let near = ink[k];
                area += usize::from(near);
                all_area += 1;
                let e = f64::from(v[k]).powi(2);
                all_energy += e;
                energy += if near { e } else { 0.0 };
            }
            let cut = |v: &[f32]| field.pixels(one.place).map(|k| v[k]).collect::<Vec<_>>();
            patches.push((one, images.labels()[one.image], cut(&x), cut(&v)));
        }
        shown.push(Shown { map, patches, field });
    }
    let energy = round(energy / f64::max(all_energy, f64::MIN_POSITIVE), 3);
    Ok((shown, energy, round(area as f64 / all_area.max(1) as f64, 3)))
}

/// Where there is ink, or within a pixel of it.
fn near_ink(x: &[f32]) -> Vec<bool> {
    let side = x.len().isqrt();
    let around = |c: usize| c.saturating_sub(1)..side.min(c + 2);
    let near = |k: usize| around(k / side).any(|i| around(k % side).any(|j| is_ink(x[i * side + j])));
    (0..x.len()).map(near).collect()
}

/// The mean cosine of the angle between two views of the same map, and between views of different maps.
fn resemblance(maps: &[Shown]) -> (f64, f64) {
    let views: Vec<(usize, &[f32])> =
        maps.iter().flat_map(|shown| shown.patches.iter().map(|(.., view)| (shown.map, &view[..]))).collect();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    let (mut same, mut other) = ((0.0, 0), (0.0, 0));
    for (k, (map, a)) in views.iter().enumerate() {
        for (another, b) in &views[..k] {
            let cosine = dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(f64::MIN_POSITIVE);
            let (sum, count) = if map == another { &mut same } else { &mut other };
            *sum += cosine;
            *count += 1;
        }
    }
    let mean = |(sum, count): (f64, usize)| round(sum / f64::from(count.max(1) as u32), 3);
    (mean(same), mean(other))
}

/// |⟨A x, y⟩ − ⟨x, Aᵀ y⟩| / ‖A x‖‖y‖ for all stages together, the trained weights, the switches of a digit, and
/// random x and y.
fn adjoint_error(stages: &[Stage<f32>], digit: &[f32], seed: u64) -> f64 {
    let mut random = rng(seed, 1);
    let mut numbers = |n: usize| -> Vec<f32> { (0..n).map(|_| random.random_range(-1.0..1.0)).collect() };
    let (mut above, mut switches) = (digit.to_vec(), vec![]);
    for stage in stages {
        let (y, s) = stage.up(&above);
        above = y;
        switches.push(s);
    }
    let (x, y) = (numbers(digit.len()), numbers(above.len()));
    let up = stages.iter().zip(&switches).fold(x.clone(), |x, (stage, s)| stage.up_linear(&x, s));
    let down = stages.iter().zip(&switches).rev().fold(y.clone(), |y, (stage, s)| stage.down_linear(&y, s));
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    (dot(&up, &y) - dot(&x, &down)).abs() / (dot(&up, &up) * dot(&y, &y)).sqrt()
}

/// Covers digits that are read right, and says how far the probability of the right class falls.
fn cover(reader: &mut Reader, splits: &Splits, count: usize) -> Result<Vec<Occlusion>> {
    let images = &splits.test;
    let which = read_by_all(std::slice::from_mut(reader), images, count)?;
    let mut progress = Progress::new("covering digits", 0, (GREYS.len() * count) as u64);
    let mut done = 0;
    let mut by_grey = vec![];
    for grey in GREYS {
        let mut all = Falls::default();
        for &image in &which {
            let x = gather(images, &[image]);
            all.add(&x, &falls(reader, &x, usize::from(images.labels()[image]), grey));
            done += 1;
            progress.at(done);
        }
        let (on_ink, beside) = all.means();
        by_grey.push(Occlusion {
            grey: grey.into(),
            digits: count,
            on_ink: round(on_ink, 4),
            beside: round(beside, 4),
        });
    }
    Ok(by_grey)
}

/// A digit of each class, and what it loses place by place when paper covers it: the probability of its class, and the
/// activity of the map that answers to it most.
fn examples(reader: &mut Reader, below: &mut Network<f32>, splits: &Splits) -> Result<Vec<Covered>> {
    let images = &splits.test;
    let some = read_by_all(std::slice::from_mut(reader), images, 100)?;
    let mut examples = vec![];
    for class in 0..images.classes() {
        let Some(&image) = some.iter().find(|&&i| usize::from(images.labels()[i]) == class) else { continue };
        let x = gather(images, &[image]);
        let (side, n) = (x.len().isqrt(), below.output().len());
        let lost = falls(reader, &x, class, GREYS[0]);
        // The map with the largest activity anywhere, and its sum
        let maps = match below.output() {
            network3::Shape::Image { maps, .. } => maps,
            network3::Shape::Flat(n) => n,
        };
        let whole: Vec<f32> = below.forward(&x, Pass::Evaluate).iter().copied().collect();
        let map = (0..n).fold(0, |best, k| if whole[k] > whole[best] { k } else { best }) % maps;
        let sum = |y: &[f32]| y.iter().skip(map).step_by(maps).sum::<f32>();
        let before = sum(&whole);
        let after = below.forward(&covered(&x, side, GREYS[0]), Pass::Evaluate);
        let falls: Vec<f32> =
            after.rows().into_iter().map(|y| 1.0 - sum(y.as_slice().expect("a row")) / before).collect();
        let ink = |x: &[f32]| Picture::new(side, &bytes(x));
        let inked = |falls: &[f32]| {
            ink(&intensities(&falls.iter().map(|f| (255.0 * f.clamp(0.0, 1.0)) as u8).collect::<Vec<_>>()))
        };
        examples.push(Covered {
            image,
            label: images.labels()[image],
            map,
            digit: ink(&x),
            probability: inked(&lost),
            activity: inked(&falls),
        });
    }
    Ok(examples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_means_one_pixel() {
        let mut x = vec![0.0; 49];
        x[24] = 0.9;
        let near = near_ink(&x);
        let found: Vec<usize> = (0..49).filter(|&k| near[k]).collect();
        assert_eq!(found, [16, 17, 18, 23, 24, 25, 30, 31, 32]);
    }
}
