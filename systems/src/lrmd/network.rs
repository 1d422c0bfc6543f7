//! Three stages on top of each other, and the image that one of their units likes best.

use super::stage::{Make, Stage};
use crate::kit::rng;
use network3::{Pieces, Real, Result, Threads, ops::Pair};

/// Height and width of an image.
pub const IMAGE: Pair = (28, 28);

/// A stage, described: the side of its windows, how far they are apart, and how many filters each has.
pub const STAGES: [(usize, usize, usize); 3] = [(10, 3, 32), (4, 1, 64), (4, 1, 200)];

/// The network.
pub struct Stages<R>(pub Vec<Stage<R>>);

/// A unit: of which stage, and which number of its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The stage, counted from 0.
    pub stage: usize,
    /// Its place and pool.
    pub number: usize,
}

impl<R: Real> Stages<R> {
    /// The network with random filters.
    ///
    /// # Errors
    /// When the stages do not fit each other.
    pub fn new(image: Pair, stages: &[(usize, usize, usize)], make: &Make<R>, seed: u64) -> Result<Self> {
        let (mut grid, mut maps, mut all) = (image, 1, vec![]);
        for (k, &(side, stride, filters)) in stages.iter().enumerate() {
            let local = super::local::Local::new(grid, maps, side, stride, filters)?;
            let stage = Stage::new(local, make, &mut rng(seed, k as u64));
            (grid, maps) = (local.outputs(), stage.pools());
            all.push(stage);
        }
        Ok(Stages(all))
    }

    /// How many units there are.
    pub fn units(&self) -> usize {
        self.0.iter().map(Stage::output_len).sum()
    }

    /// A unit by its number among all, the first stage's first.
    pub fn unit(&self, mut number: usize) -> Unit {
        let mut stage = 0;
        while number >= self.0[stage].output_len() {
            number -= self.0[stage].output_len();
            stage += 1;
        }
        Unit { stage, number }
    }

    /// The answers of all units to some images: `[n, units]`.
    pub fn answers(&mut self, threads: &Threads, images: &[R]) -> Vec<R> {
        let n = images.len() / self.0[0].local.input_len();
        let units = self.units();
        let (mut answers, mut first, mut grids) = (vec![R::zero(); n * units], 0, images.to_vec());
        for stage in &mut self.0 {
            let len = stage.output_len();
            grids = stage.forward(threads, &grids).0;
            let grids = &grids;
            threads.for_each(Pieces(&mut answers, units), |k, answers| {
                answers[first..first + len].copy_from_slice(&grids[k * len..][..len]);
            });
            first += len;
        }
        answers
    }

    /// The answer of a unit to one image, and its gradient with respect to the pixels.
    pub fn gradient(&mut self, threads: &Threads, image: &[R], unit: Unit) -> (R, Vec<R>) {
        let (mut grid, mut traces) = (image.to_vec(), vec![]);
        for stage in &mut self.0[..=unit.stage] {
            let (y, trace) = stage.forward(threads, &grid);
            grid = y;
            traces.push(trace);
        }
        let answer = grid[unit.number];
        let mut d = vec![R::zero(); grid.len()];
        d[unit.number] = R::one();
        for (stage, trace) in self.0[..=unit.stage].iter_mut().zip(&traces).rev() {
            d = stage.backward(trace, d);
        }
        (answer, d)
    }
}

/// Steps of gradient ascent.
const STEPS: usize = 200;
/// How far each goes, as a part of the image's length.
const STEP: f32 = 0.05;
/// What each pixel keeps of its ink from step to step: so what the unit does not ask for fades.
const KEEP: f32 = 0.95;

/// Images, and their mean.
pub struct Typical<'a> {
    images: &'a [f32],
    mean: Vec<f32>,
}

impl<'a> Typical<'a> {
    /// Of images of so many pixels, one after the other.
    pub fn new(images: &'a [f32], pixels: usize) -> Self {
        Typical { images, mean: mean_image(images, pixels) }
    }

    /// Σ d, with Σ the covariance of the images: each image's difference from the mean, as much as it has of the
    /// direction d.
    fn along(&self, d: &[f32]) -> Vec<f32> {
        let mut sum = vec![0.0; d.len()];
        for x in self.images.chunks_exact(d.len()) {
            let difference = || x.iter().zip(&self.mean).map(|(x, mean)| x - mean);
            let share: f32 = difference().zip(d).map(|(difference, d)| difference * d).sum();
            sum.iter_mut().zip(difference()).for_each(|(sum, difference)| *sum += share * difference);
        }
        sum
    }
}

impl Stages<f32> {
    /// The image that a unit answers to most, among those as long as `start` and without negative ink: found by
    /// gradient ascent from there. Returns it with the answer.
    ///
    /// A step goes along the gradient times the covariance of images: a mixture of images, each with the weight by
    /// which it would raise the answer. Along the bare gradient one does better, but with an image that no pen could
    /// make: all ink is in the margin, where the unit does not look, and the little that is left in the middle is
    /// magnified by the contrast normalisation.
    pub fn best_stimulus(
        &mut self,
        threads: &Threads,
        unit: Unit,
        typical: &Typical,
        start: &[f32],
    ) -> (f32, Vec<f32>) {
        let (mut x, length) = (start.to_vec(), norm(start));
        let mut best = (f32::NEG_INFINITY, x.clone());
        for step in 0..STEPS {
            let (answer, dx) = self.gradient(threads, &x, unit);
            if answer > best.0 {
                best = (answer, x.clone());
            }
            let dx = typical.along(&dx);
            let left = (STEPS - step) as f32 / STEPS as f32;
            let scale = STEP * left * length / norm(&dx).max(f32::MIN_POSITIVE);
            x.iter_mut().zip(&dx).for_each(|(x, d)| *x = (KEEP * *x + scale * d).max(0.0));
            onto(&mut x, length);
        }
        best
    }
}

/// The mean of images of so many pixels, one after the other.
pub fn mean_image(images: &[f32], pixels: usize) -> Vec<f32> {
    let mut mean = vec![0.0; pixels];
    let n = (images.len() / pixels) as f32;
    for x in images.chunks_exact(pixels) {
        mean.iter_mut().zip(x).for_each(|(mean, x)| *mean += x / n);
    }
    mean
}

/// √Σx²
pub fn norm(x: &[f32]) -> f32 {
    x.iter().map(|x| x * x).sum::<f32>().sqrt()
}

/// Gives an image this length.
pub fn onto(x: &mut [f32], length: f32) {
    let scale = length / norm(x).max(f32::MIN_POSITIVE);
    x.iter_mut().for_each(|x| *x *= scale);
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::ArrayD;
    use network3::{gradcheck::check, ops::Reference};
    use rand::RngExt;

    fn small() -> Stages<f64> {
        Stages::new((8, 8), &[(4, 2, 4), (2, 1, 4), (2, 1, 6)], &|| Box::new(Reference), 1).unwrap()
    }

    #[test]
    fn the_gradient_of_a_unit_of_every_stage() {
        let (mut stages, one, mut random) = (small(), Threads::one(), rng(1, 9));
        let x = ArrayD::from_shape_simple_fn(&[8, 8][..], || random.random::<f64>());
        for number in [5, 20, 27] {
            let unit = stages.unit(number);
            let (answer, dx) = stages.gradient(&one, x.as_slice().unwrap(), unit);
            assert_eq!(answer, stages.answers(&one, x.as_slice().unwrap())[number]);
            let dx = ArrayD::from_shape_vec(&[8, 8][..], dx).unwrap();
            let f = |t: &[ArrayD<f64>]| stages.gradient(&one, t[0].as_slice().unwrap(), unit).0;
            let report = check(&[("x", x.clone())], &[dx], f).unwrap();
            assert!(report.passes(1e-6), "{unit:?}: {report}");
        }
    }

    #[test]
    fn a_direction_becomes_a_mixture_of_images() {
        // Two images with the mean (2, 1, 0): (1, 1, 0) and (−1, −1, 0) away from it
        let typical = Typical::new(&[3.0, 2.0, 0.0, 1.0, 0.0, 0.0], 3);
        assert_eq!(typical.along(&[0.5, 0.0, 9.0]), [1.0, 1.0, 0.0]);
        assert_eq!(typical.along(&[1.0, -1.0, 9.0]), [0.0; 3]);
    }

    #[test]
    fn the_best_stimulus_is_better_than_what_it_began_with() {
        let make = || -> Box<dyn network3::ops::Backend<f32>> { Box::new(Reference) };
        let mut stages = Stages::new((8, 8), &[(4, 2, 4), (2, 1, 4), (2, 1, 6)], &make, 1).unwrap();
        let (one, mut random) = (Threads::one(), rng(2, 9));
        // The last row is blank in all images, and so in the stimulus
        let images: Vec<f32> = (0..640).map(|k| if k % 64 < 56 { random.random() } else { 0.0 }).collect();
        let (typical, start) = (Typical::new(&images, 64), &images[..64]);
        for number in [5, 20, 27] {
            let unit = stages.unit(number);
            let (before, _) = stages.gradient(&one, start, unit);
            let (answer, x) = stages.best_stimulus(&one, unit, &typical, start);
            assert!(answer > before + 0.1 * before.abs(), "{before} {answer}");
            assert_eq!(stages.gradient(&one, &x, unit).0, answer);
            assert!((norm(&x) - norm(start)).abs() < 1e-4 * norm(start) && x.iter().all(|&x| x >= 0.0));
            assert!(x[56..].iter().all(|&x| x == 0.0));
        }
    }

    #[test]
    fn units_are_counted_through_all_stages() {
        let stages = small();
        // 3×3 places with 2 pools, 2×2 with 2, 1 with 3
        assert_eq!(stages.units(), 18 + 8 + 3);
        assert_eq!(stages.unit(17), Unit { stage: 0, number: 17 });
        assert_eq!(stages.unit(18), Unit { stage: 1, number: 0 });
        assert_eq!(stages.unit(28), Unit { stage: 2, number: 2 });
    }
}
