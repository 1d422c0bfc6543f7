//! A small network that draws: it is told where a pixel is, and says how dark it is.
//!
//! A *compositional pattern-producing network* (Stanley, 2007) has units of several kinds in it, and what they bring
//! along shows in its pictures: sines repeat, Gaussians are symmetric, absolute values make edges. So its pictures are
//! regular where pixels that change one by one are not. Ours has two hidden layers of fixed size; evolution changes
//! weights and kinds.

use super::evolve::Genome;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Units in a hidden layer.
const HIDDEN: usize = 10;
/// What it is told of a pixel: x, y, the distance from the middle, and 1.
const INPUTS: usize = 4;
/// How far a weight that changes moves: the standard deviation.
const MOVE: f32 = 0.5;

/// The kinds of hidden units.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Sine,
    Tanh,
    Gaussian,
    Absolute,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Sine, Kind::Tanh, Kind::Gaussian, Kind::Absolute];

    fn random(random: &mut Xoshiro256PlusPlus) -> Self {
        Kind::ALL[random.random_range(0..Kind::ALL.len())]
    }

    fn of(self, z: f32) -> f32 {
        match self {
            Kind::Sine => z.sin(),
            Kind::Tanh => z.tanh(),
            Kind::Gaussian => (-z * z).exp(),
            Kind::Absolute => z.abs(),
        }
    }
}

/// Weights of a layer, a row for each unit, and the units' kinds.
#[derive(Clone, Debug, PartialEq)]
struct Layer {
    inputs: usize,
    w: Vec<f32>,
    kinds: Vec<Kind>,
}

impl Layer {
    fn random(inputs: usize, units: usize, random: &mut Xoshiro256PlusPlus) -> Self {
        let w = (0..inputs * units).map(|_| StandardNormal.sample(random)).collect();
        Layer { inputs, w, kinds: (0..units).map(|_| Kind::random(random)).collect() }
    }

    fn change(&mut self, rate: f64, random: &mut Xoshiro256PlusPlus) {
        for w in self.w.iter_mut() {
            if random.random_bool(rate) {
                let normal: f32 = StandardNormal.sample(random);
                *w += MOVE * normal;
            }
        }
        for kind in self.kinds.iter_mut() {
            if random.random_bool(rate) {
                *kind = Kind::random(random);
            }
        }
    }

    fn forward(&self, x: &[f32]) -> Vec<f32> {
        let units = self.w.chunks_exact(self.inputs).zip(&self.kinds);
        units.map(|(w, kind)| kind.of(w.iter().zip(x).map(|(w, x)| w * x).sum())).collect()
    }
}

/// The indirect code: genes are the weights and units of a network that draws.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    hidden: [Layer; 2],
    /// Weights of the output, which is ½(1 + tanh z).
    output: Vec<f32>,
}

impl Genome for Pattern {
    fn random(random: &mut Xoshiro256PlusPlus) -> Self {
        let hidden = [Layer::random(INPUTS, HIDDEN, random), Layer::random(HIDDEN, HIDDEN, random)];
        Pattern { hidden, output: (0..HIDDEN).map(|_| StandardNormal.sample(random)).collect() }
    }

    fn child(&self, rate: f64, random: &mut Xoshiro256PlusPlus) -> Self {
        let mut child = self.clone();
        child.hidden.iter_mut().for_each(|layer| layer.change(rate, random));
        for w in &mut child.output {
            if random.random_bool(rate) {
                let normal: f32 = StandardNormal.sample(random);
                *w += MOVE * normal;
            }
        }
        child
    }

    fn draw(&self, side: usize) -> Vec<u8> {
        // From −3 to 3, so that a sine of weight one has nearly a whole wave in it.
        let place = |i: usize| 6.0 * (i as f32 + 0.5) / side as f32 - 3.0;
        let pixel = |i: usize| {
            let (x, y) = (place(i % side), place(i / side));
            let [first, second] = &self.hidden;
            let a = second.forward(&first.forward(&[x, y, x.hypot(y), 1.0]));
            let z: f32 = self.output.iter().zip(a).map(|(w, a)| w * a).sum();
            (255.0 * (1.0 + z.tanh()) / 2.0).round() as u8
        };
        (0..side * side).map(pixel).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::rng;

    /// A single Gaussian of the distance draws a spot: dark in the middle, alike in all four directions.
    #[test]
    fn a_gaussian_of_the_distance_is_a_spot() {
        let zero = |inputs: usize| Layer { inputs, w: vec![0.0; inputs * HIDDEN], kinds: vec![Kind::Tanh; HIDDEN] };
        let mut hidden = [zero(INPUTS), zero(HIDDEN)];
        (hidden[0].w[2], hidden[0].kinds[0]) = (1.0, Kind::Gaussian);
        hidden[1].w[0] = 1.0;
        let mut output = vec![0.0; HIDDEN];
        output[0] = 3.0;
        let image = Pattern { hidden, output }.draw(28);
        let at = |i: usize, j: usize| image[28 * i + j];
        assert!(at(13, 13) > 240 && at(0, 0) == 128);
        for (i, j) in [(3, 11), (9, 2), (13, 6)] {
            assert!(at(i, j) == at(27 - i, j) && at(i, j) == at(i, 27 - j) && at(i, j) == at(j, i));
        }
    }

    #[test]
    fn children_resemble_their_parents() {
        let mut random = rng(3, 1);
        let distance = |a: &Pattern, b: &Pattern| {
            a.draw(28).iter().zip(b.draw(28)).map(|(a, b)| f64::from(a.abs_diff(b))).sum::<f64>()
        };
        let (mut near, mut far) = (0.0, 0.0);
        for _ in 0..20 {
            let parent = Pattern::random(&mut random);
            near += distance(&parent, &parent.child(0.02, &mut random));
            far += distance(&parent, &Pattern::random(&mut random));
        }
        assert!(near < far / 2.0, "{near} {far}");
    }
}
