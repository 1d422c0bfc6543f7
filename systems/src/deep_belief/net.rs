//! Machines on top of each other: a deep belief net.
//!
//! Below, each machine has learned to describe what the one under it makes of an image: its hidden units are the
//! visible ones of the next. The last is told the label as well, and so learns how features and labels go together.
//! Only this one dreams in both directions. From a dream of its, an image is made by going down: p(v | h), layer by
//! layer.

use super::rbm::{Label, Pace, Rbm, sample};
use crate::kit::{Progress, rng};
use network3::{
    Threads,
    data::{DIGITS, Dataset, TrainingSet},
    ops::Fast,
};
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::Arc;

/// Images at a time, as in the paper's successor (Hinton and Salakhutdinov 2006).
pub const BATCH: usize = 100;
/// Copies of each label unit. With one, dreams follow their label less often: see the page.
pub const COPIES: usize = 4;

/// A deep belief net for labelled images.
pub struct BeliefNet {
    /// From the pixels up.
    pub features: Vec<Rbm<f32>>,
    /// Over the last features, and the label.
    pub top: Rbm<f32>,
    threads: Arc<Threads>,
}

/// How the top layer learns in an epoch.
pub enum Way<'a> {
    /// Contrastive divergence.
    Once,
    /// Persistent contrastive divergence, from these dreams.
    Persistent(&'a mut Vec<f32>),
}

impl BeliefNet {
    /// Machines that know nothing, for images of `pixels`.
    pub fn new(pixels: usize, features: &[usize], top: usize, threads: Arc<Threads>, seed: u64) -> Self {
        let mut random = rng(seed, 0);
        let mut below = pixels;
        let mut machine = |hidden, label| {
            let rbm = Rbm::new((below, hidden), label, Fast::new(threads.clone()), &mut random);
            below = hidden;
            rbm
        };
        let features = features.iter().map(|&hidden| machine(hidden, None)).collect();
        let top = machine(top, Some(Label { classes: DIGITS, copies: COPIES }));
        BeliefNet { features, top, threads }
    }

    /// Features of images, as the first `layers` machines describe them, in place.
    fn describe(&mut self, layers: usize, x: &mut Vec<f32>) {
        let mut h = vec![];
        for rbm in &mut self.features[..layers] {
            rbm.hidden(x, &mut h);
            std::mem::swap(x, &mut h);
        }
    }

    /// An epoch of contrastive divergence for machine `layer`, on what those below it make of the images. Returns the
    /// mean error of reconstructions.
    pub fn learn_features(
        &mut self,
        layer: usize,
        images: &Dataset,
        pace: &Pace,
        random: &mut Xoshiro256PlusPlus,
        progress: &mut Progress,
    ) -> f64 {
        let (threads, order, mut x) = (self.threads.clone(), order(images, random), vec![]);
        let batches = order.chunks_exact(BATCH).len();
        threads.run(|| {
            let mut error = 0.0;
            for which in order.chunks_exact(BATCH) {
                gather(images, which, &mut x);
                self.describe(layer, &mut x);
                if layer > 0 {
                    // States, of which most are 0; pixels are mostly 0 as they are
                    sample(&mut x, random);
                }
                error += self.features[layer].contrastive_divergence(&x, pace, random);
                progress.step();
            }
            error / batches as f64
        })
    }

    /// An epoch for the top layer, on features and labels of the images.
    pub fn learn_top(
        &mut self,
        images: &Dataset,
        mut way: Way,
        pace: &Pace,
        random: &mut Xoshiro256PlusPlus,
        progress: &mut Progress,
    ) {
        let (threads, order, mut x, mut v) = (self.threads.clone(), order(images, random), vec![], vec![]);
        threads.run(|| {
            for which in order.chunks_exact(BATCH) {
                gather(images, which, &mut x);
                self.describe(self.features.len(), &mut x);
                // Its dreams are states, not probabilities: so what it learns from is, too.
                sample(&mut x, random);
                let labels = which.iter().map(|&k| usize::from(images.labels()[k as usize]));
                self.with_labels(&x, labels, &mut v);
                match &mut way {
                    Way::Once => _ = self.top.contrastive_divergence(&v, pace, random),
                    Way::Persistent(chains) => self.top.persistent(&v, chains, pace, random),
                }
                progress.step();
            }
        });
    }

    /// Features, each with a label behind.
    fn with_labels(&self, x: &[f32], labels: impl IntoIterator<Item = usize>, v: &mut Vec<f32>) {
        v.clear();
        for x in x.chunks_exact(self.top.data_units()) {
            v.extend_from_slice(x);
            v.resize(v.len() + DIGITS, 0.0);
        }
        self.top.clamp(v, labels);
    }

    /// The beginning of dreams that have these labels: each feature is on in half of them.
    pub fn chains(&self, labels: &[usize], random: &mut Xoshiro256PlusPlus) -> Vec<f32> {
        let mut x = vec![0.5; labels.len() * self.top.data_units()];
        sample(&mut x, random);
        let mut v = vec![];
        self.with_labels(&x, labels.iter().copied(), &mut v);
        v
    }

    /// Runs the net backwards: dreams with labels that do not change. `see` is shown the images after each so many
    /// steps of Gibbs sampling, which rise from entry to entry.
    pub fn dream(
        &mut self,
        labels: &[usize],
        steps: &[usize],
        random: &mut Xoshiro256PlusPlus,
        mut see: impl FnMut(usize, &[f32]) + Send,
    ) {
        let (threads, mut v, mut done) = (self.threads.clone(), self.chains(labels, random), 0);
        threads.run(|| {
            for &until in steps {
                for _ in done..until {
                    self.top.gibbs(&mut v, random);
                    self.top.clamp(&mut v, labels.iter().copied());
                }
                done = until;
                see(until, &self.images_of(&v));
            }
        });
    }

    /// From states of the top layer's visible units down to the pixels.
    fn images_of(&mut self, v: &[f32]) -> Vec<f32> {
        let (units, data) = (self.top.visible_units(), self.top.data_units());
        let mut h: Vec<f32> = v.chunks_exact(units).flat_map(|v| &v[..data]).copied().collect();
        let mut below = vec![];
        for rbm in self.features.iter_mut().rev() {
            rbm.visible(&h, &mut below);
            std::mem::swap(&mut h, &mut below);
        }
        h
    }

    /// What the net itself reads: of all labels that which, together with the features, has the least free energy.
    pub fn read(&mut self, images: &Dataset) -> Vec<usize> {
        let (threads, mut x, mut v, mut classes) = (self.threads.clone(), vec![], vec![], vec![]);
        let all: Vec<u32> = (0..images.len() as u32).collect();
        threads.run(|| {
            for which in all.chunks(BATCH) {
                gather(images, which, &mut x);
                self.describe(self.features.len(), &mut x);
                let energies: Vec<Vec<f64>> = (0..DIGITS)
                    .map(|class| {
                        self.with_labels(&x, std::iter::repeat_n(class, which.len()), &mut v);
                        self.top.free_energy(&v)
                    })
                    .collect();
                let least = |n: usize| (0..DIGITS).min_by(|&i, &j| energies[i][n].total_cmp(&energies[j][n]));
                classes.extend((0..which.len()).filter_map(least));
            }
        });
        classes
    }
}

/// All images in a new order.
fn order(images: &Dataset, random: &mut Xoshiro256PlusPlus) -> Vec<u32> {
    let mut order: Vec<u32> = (0..images.len() as u32).collect();
    order.shuffle(random);
    order
}

/// The pixels of some images.
fn gather(images: &Dataset, which: &[u32], x: &mut Vec<f32>) {
    let (set, pixels) = (TrainingSet::plain(images), images.shape().len());
    x.resize(which.len() * pixels, 0.0);
    for (x, &k) in x.chunks_exact_mut(pixels).zip(which) {
        set.write(k as usize, x);
    }
}
