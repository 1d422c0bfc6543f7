//! The temporal order problem: which came first?
//!
//! A sequence of symbols: E, then a, b, c or d at random, and at the end B. Only at two places there is an X or a Y,
//! and which of the four pairs it was, is the class. Everything else is there to be forgotten. The first of the two
//! lies between a tenth and a fifth of the way, the second between half and three fifths; then nothing happens until
//! the end, where the answer is wanted.
//!
//! (Hochreiter and Schmidhuber 1997, experiment 6a, where sequences have 100 to 110 symbols.)

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The symbols, in the order of their numbers.
pub const SYMBOLS: [char; 8] = ['E', 'B', 'a', 'b', 'c', 'd', 'X', 'Y'];
/// XX, XY, YX and YY.
pub const CLASSES: usize = 4;

/// Sequences of one length.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The symbols of each moment, one for each sequence: `[time][sequence]`.
    pub symbols: Vec<Vec<usize>>,
    /// The class of each sequence.
    pub classes: Vec<usize>,
}

impl Batch {
    /// So many sequences of `length` to 1.1 `length` symbols.
    pub fn draw(length: usize, count: usize, random: &mut Xoshiro256PlusPlus) -> Self {
        let length_here = random.random_range(length..=length + length / 10);
        let mut symbols = vec![vec![0; count]; length_here];
        let mut classes = vec![];
        for k in 0..count {
            let between = |random: &mut Xoshiro256PlusPlus, tenths: [usize; 2]| {
                random.random_range(tenths[0] * length / 10..=tenths[1] * length / 10)
            };
            let places = [between(random, [1, 2]), between(random, [5, 6])];
            let bits = [random.random_range(0..2), random.random_range(0..2)];
            for (t, symbols) in symbols.iter_mut().enumerate() {
                symbols[k] = match t {
                    0 => 0,
                    t if t + 1 == length_here => 1,
                    t if t == places[0] => 6 + bits[0],
                    t if t == places[1] => 6 + bits[1],
                    _ => random.random_range(2..6),
                };
            }
            classes.push(2 * bits[0] + bits[1]);
        }
        Batch { symbols, classes }
    }

    /// One sequence as it reads: EbdcXa…
    pub fn text(&self, sequence: usize) -> String {
        self.symbols.iter().map(|symbols| SYMBOLS[symbols[sequence]]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::rng;

    #[test]
    fn sequences_are_those_of_the_paper() {
        let mut seen = [0; CLASSES];
        for seed in 0..20 {
            let batch = Batch::draw(100, 10, &mut rng(seed, 0));
            for (k, &class) in batch.classes.iter().enumerate() {
                let text = batch.text(k);
                assert!((100..=110).contains(&text.len()) && text.starts_with('E') && text.ends_with('B'), "{text}");
                let places: Vec<_> = text.match_indices(['X', 'Y']).collect();
                let [(first, a), (second, b)] = places[..] else { panic!("{text}") };
                assert!((10..=20).contains(&first) && (50..=60).contains(&second), "{text}");
                assert_eq!(class, ["XX", "XY", "YX", "YY"].iter().position(|pair| *pair == a.to_owned() + b).unwrap());
                seen[class] += 1;
            }
        }
        assert!(seen.iter().all(|&n| n > 25), "{seen:?}");
    }
}
