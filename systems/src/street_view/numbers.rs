//! House numbers made by a rule: digits of a data set beside each other, touching, moved, faint, and in noise.

use crate::kit;
use network3::{
    Error, Label, Pieces, Result, Shape, Threads,
    data::{DIGITS, Dataset},
};
use rand::{Rng, RngExt};

/// The most digits of a number, as in the paper.
pub const PLACES: usize = 5;
/// Height of an image.
pub const HEIGHT: usize = 28;
/// Width of an image: five digits, and some room for them to move.
pub const WIDTH: usize = 104;
/// The side of what is cut out of a digit's image, which is 28: MNIST's digits fill 20 of them.
const CROP: usize = 22;
/// From one digit to the next: three columns less than a crop, so that neighbours touch.
const PITCH: usize = 19;
/// How far a digit is moved to either side, and up or down.
const JITTER: (usize, usize) = (1, 3);
/// How light the ground is: from 0 to this, where 1 is full ink.
const GROUND: f32 = 0.3;
/// How much darker than the ground full ink is: between these.
const CONTRAST: (f32, f32) = (0.5, 0.7);
/// Noise of every pixel is uniform, up to this on either side in the noisiest image.
const NOISE: f32 = 0.15;

/// A number of one to five digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// How many digits it has.
    pub length: usize,
    /// The digits, from the left; what lies beyond the length means nothing.
    pub digits: [Label; PLACES],
}

impl Number {
    /// Its digits.
    pub fn digits(&self) -> &[Label] {
        &self.digits[..self.length]
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.digits().iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

/// Makes numbers out of the digits of a data set.
pub struct Composer<'a> {
    digits: &'a Dataset,
    seed: u64,
    /// Numbers of one purpose; see [`kit::rng`].
    stream: u64,
}

impl<'a> Composer<'a> {
    /// Numbers for one purpose. Their streams of random numbers begin at `stream`.
    ///
    /// # Errors
    /// When the images are not 28×28, or have more classes than there are digits.
    pub fn new(digits: &'a Dataset, seed: u64, stream: u64) -> Result<Self> {
        let wanted = Shape::image(1, HEIGHT, HEIGHT);
        if digits.shape() != wanted {
            return Err(Error::shape("street-view", format!("digits of {wanted}"), digits.shape()));
        }
        if digits.classes() > DIGITS {
            return Err(Error::input(format!(
                "street-view: these images have {} classes, and there are ten digits",
                digits.classes()
            )));
        }
        Ok(Composer { digits, seed, stream })
    }

    /// Numbers `first`, `first` + 1 and so on: their images one after the other, and what they are.
    pub fn write(&self, threads: &Threads, first: u64, x: &mut [f32], numbers: &mut [Number]) {
        threads.for_each((Pieces(x, HEIGHT * WIDTH), Pieces(numbers, 1)), |k, (x, number)| {
            number[0] = self.compose(&mut kit::rng(self.seed, self.stream + first + k as u64), x);
        });
    }

    /// One number, and its image.
    fn compose(&self, random: &mut impl Rng, x: &mut [f32]) -> Number {
        let mut number = Number { length: random.random_range(1..=PLACES), ..Number::default() };
        let width = PITCH * number.length + (CROP - PITCH);
        // One column is kept free on either side, for the jitter.
        let left = JITTER.0 + random.random_range(0..=WIDTH - width - 2 * JITTER.0);
        x.fill(0.0);
        for place in 0..number.length {
            let k = random.random_range(0..self.digits.len());
            number.digits[place] = self.digits.labels()[k];
            let column = left + PITCH * place + random.random_range(0..=2 * JITTER.0) - JITTER.0;
            let row = random.random_range(0..=2 * JITTER.1);
            self.put(self.digits.image(k), (row, column), x);
        }
        let ground = GROUND * random.random::<f32>();
        let contrast = CONTRAST.0 + (CONTRAST.1 - CONTRAST.0) * random.random::<f32>();
        let noise = NOISE * random.random::<f32>();
        for x in x {
            *x = ground + contrast * *x + noise * (2.0 * random.random::<f32>() - 1.0);
        }
        number
    }

    /// Puts a digit with its corner at (row, column). Where it lies over another, the darker ink stays.
    fn put(&self, digit: &[u8], (row, column): (usize, usize), x: &mut [f32]) {
        let margin = (HEIGHT - CROP) / 2;
        for i in 0..CROP {
            let digit = &digit[(margin + i) * HEIGHT + margin..][..CROP];
            let x = &mut x[(row + i) * WIDTH + column..][..CROP];
            x.iter_mut().zip(digit).for_each(|(x, &p)| *x = x.max(f32::from(p) / 256.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use network3::data::digits;

    #[test]
    fn numbers_of_every_length_stay_on_the_paper_and_are_the_same_on_any_number_of_threads() {
        let splits = digits(50, 10, 10, 1).unwrap();
        let composer = Composer::new(&splits.training, 1, 0).unwrap();
        let make = |threads: usize| {
            let (mut x, mut numbers) = (vec![f32::NAN; 200 * HEIGHT * WIDTH], vec![Number::default(); 200]);
            composer.write(&Threads::new(threads).unwrap(), 7, &mut x, &mut numbers);
            (x, numbers)
        };
        let (x, numbers) = make(1);
        assert_eq!((&x, &numbers), (&make(2).0, &make(2).1));
        assert!(x.iter().all(|x| (-NOISE..=GROUND + CONTRAST.1 + NOISE).contains(x)));
        for length in 1..=PLACES {
            assert!(numbers.iter().any(|number| number.length == length), "none of length {length}");
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        let set = Dataset::new(Shape::image(1, 2, 2), 10, vec![0; 8], vec![3, 1]).unwrap();
        let e = Composer::new(&set, 1, 0).err().unwrap().to_string();
        assert!(e.contains("28×28"), "{e}");
    }
}
