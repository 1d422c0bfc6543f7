//! Random shapes and numbers for property tests.

use quickcheck::{Arbitrary, Gen};
use rand::RngExt;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use std::ops::RangeInclusive;

/// Where the shapes and the numbers of a case come from. Another seed is another case, not a smaller one; but
/// quickcheck only prints what it has shrunk, so a failing seed shrinks once, to itself.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    pub seed: u64,
    again: bool,
}

impl Seed {
    pub fn new(seed: u64) -> Self {
        Seed { seed, again: false }
    }
}

impl Arbitrary for Seed {
    fn arbitrary(g: &mut Gen) -> Self {
        Seed::new(u64::arbitrary(g))
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new((!self.again).then_some(Seed { again: true, ..*self }).into_iter())
    }
}

/// What is drawn with one seed.
pub struct Draw(pub Xoshiro256PlusPlus);

impl Draw {
    pub fn new(seed: Seed) -> Self {
        Draw(Xoshiro256PlusPlus::seed_from_u64(seed.seed))
    }

    pub fn size(&mut self, range: RangeInclusive<usize>) -> usize {
        self.0.random_range(range)
    }

    pub fn pair(&mut self, range: RangeInclusive<usize>) -> (usize, usize) {
        (self.size(range.clone()), self.size(range))
    }

    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.0.random_range(0..list.len())]
    }
}
