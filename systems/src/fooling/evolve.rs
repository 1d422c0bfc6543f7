//! Evolution with a champion for each class.
//!
//! One population serves all ten classes (MAP-Elites, which the paper used): a child of any champion is tried on every
//! class, and takes the place of each champion that it beats. What a class has found may so become the beginning of
//! another's. No gradient is used: the network is only asked.

use crate::kit::{Reader, intensities, log_odds};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// What evolution works on: something that draws an image.
pub trait Genome: Clone {
    /// A first one, at random.
    fn random(random: &mut Xoshiro256PlusPlus) -> Self;

    /// A child: each of its genes is changed with this probability.
    fn child(&self, rate: f64, random: &mut Xoshiro256PlusPlus) -> Self;

    /// The image of `side` × `side` pixels that it draws, in bytes.
    fn draw(&self, side: usize) -> Vec<u8>;
}

/// The best image for a class so far.
#[derive(Clone, Debug)]
pub struct Champion<G> {
    /// What draws it.
    pub genome: G,
    /// The image.
    pub image: Vec<u8>,
    /// How sure the network is: [`log_odds`] of the class.
    pub log_odds: f64,
}

/// Where evolution ends.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// When all champions have these log-odds,
    pub log_odds: f64,
    /// or after so many generations.
    pub generations: usize,
}

/// Children in a generation.
const CHILDREN: usize = 200;
/// The probability that a gene changes, in the beginning; it is halved every thousand generations.
const RATE: f64 = 0.1;
const HALVED: usize = 1_000;

/// Evolves a champion for each class that the reader knows; returns them and how many generations it took.
pub fn evolve<G: Genome>(
    reader: &mut Reader,
    goal: Goal,
    random: &mut Xoshiro256PlusPlus,
    mut at: impl FnMut(usize),
) -> (Vec<Champion<G>>, usize) {
    let (side, classes) = (reader.pixels().isqrt(), reader.classes());
    let mut champions: Vec<Champion<G>> = vec![];
    for generation in 0..goal.generations {
        // Draw children: at first from nothing, then of champions
        let rate = RATE * 0.5_f64.powi((generation / HALVED) as i32);
        let child = |_| match champions.len() {
            0 => G::random(random),
            n => champions[random.random_range(0..n)].genome.child(rate, random),
        };
        let children: Vec<G> = (0..CHILDREN).map(child).collect();
        let images: Vec<Vec<u8>> = children.iter().map(|child| child.draw(side)).collect();

        // Ask the network about all of them, and let each class keep the best
        let x: Vec<f32> = images.iter().flat_map(|image| intensities(image)).collect();
        for ((z, genome), image) in reader.logits(&x).rows().into_iter().zip(&children).zip(&images) {
            let z: Vec<f64> = z.iter().map(|&z| f64::from(z)).collect();
            for class in 0..classes {
                let log_odds = log_odds(&z, class);
                let champion = || Champion { genome: genome.clone(), image: image.clone(), log_odds };
                match champions.get_mut(class) {
                    None => champions.push(champion()),
                    Some(best) if best.log_odds < log_odds => *best = champion(),
                    Some(_) => {}
                }
            }
        }
        at(generation + 1);
        if champions.iter().all(|champion| champion.log_odds >= goal.log_odds) {
            return (champions, generation + 1);
        }
    }
    (champions, goal.generations)
}

/// The direct code: a gene is a pixel.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels(Vec<f32>);

impl Pixels {
    /// As many as an image of 28×28 has.
    const COUNT: usize = 784;
    /// How close to the parent a changed pixel stays; the paper's strength of the polynomial mutation.
    const STRENGTH: f64 = 15.0;
}

impl Genome for Pixels {
    /// Every grey is as likely as any other.
    fn random(random: &mut Xoshiro256PlusPlus) -> Self {
        Pixels((0..Pixels::COUNT).map(|_| random.random()).collect())
    }

    /// Polynomial mutation (Deb): with u uniform, a gene moves by (2u)^(1/(η+1)) − 1 if u < ½, and by 1 − (2 −
    /// 2u)^(1/(η+1)) otherwise.
    fn child(&self, rate: f64, random: &mut Xoshiro256PlusPlus) -> Self {
        let mut child = self.clone();
        for gene in &mut child.0 {
            if random.random_bool(rate) {
                let u: f64 = random.random();
                let power = 1.0 / (Pixels::STRENGTH + 1.0);
                let by = if u < 0.5 { (2.0 * u).powf(power) - 1.0 } else { 1.0 - (2.0 - 2.0 * u).powf(power) };
                *gene = (*gene + by as f32).clamp(0.0, 1.0);
            }
        }
        child
    }

    fn draw(&self, side: usize) -> Vec<u8> {
        let byte = |gene: &f32| (gene * 255.0).round() as u8;
        self.0.iter().map(byte).chain(std::iter::repeat(0)).take(side * side).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{rng, small};

    #[test]
    fn champions_only_get_better() {
        let (mut reader, _) = small();
        let goal = |generations| Goal { log_odds: f64::INFINITY, generations };
        let run = |reader: &mut Reader, generations| {
            let (champions, took) = evolve::<Pixels>(reader, goal(generations), &mut rng(1, 1), |_| {});
            assert_eq!((champions.len(), took), (10, generations));
            champions.iter().map(|champion| champion.log_odds).collect::<Vec<_>>()
        };
        let (early, late) = (run(&mut reader, 2), run(&mut reader, 12));
        assert!(early.iter().zip(&late).all(|(early, late)| late >= early), "{early:?} {late:?}");
        assert!(late.iter().sum::<f64>() > early.iter().sum::<f64>() + 1.0);
    }

    #[test]
    fn what_a_champion_is_worth_is_what_the_network_says_of_its_image() {
        let (mut reader, _) = small();
        let goal = Goal { log_odds: f64::INFINITY, generations: 3 };
        let (champions, _) = evolve::<Pixels>(&mut reader, goal, &mut rng(1, 1), |_| {});
        for (class, champion) in champions.iter().enumerate() {
            assert_eq!(champion.genome.draw(28), champion.image);
            let z: Vec<f64> = reader.logits(&intensities(&champion.image)).iter().map(|&z| z.into()).collect();
            // One image alone and among two hundred may be added up differently.
            assert!((log_odds(&z, class) - champion.log_odds).abs() < 1e-3);
        }
    }

    #[test]
    fn a_child_differs_in_as_many_genes_as_it_should() {
        let mut random = rng(1, 2);
        let parent = Pixels::random(&mut random);
        let child = parent.child(0.1, &mut random);
        let changed = parent.0.iter().zip(&child.0).filter(|(a, b)| a != b).count();
        assert!((40..120).contains(&changed), "{changed}"); // 78 on average, with a deviation of 8
        assert_eq!(parent.child(0.0, &mut random), parent);
    }
}
