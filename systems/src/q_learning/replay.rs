//! What has been seen lately: the memory that learning draws from.

use super::game::Outcome;
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The last few screens: what a player can know who wants to see which way a ball flies.
#[derive(Clone, Debug, PartialEq)]
pub struct Frames {
    count: usize,
    /// `[pixels, count]`: of each pixel first the oldest, so that frames are the maps of an image.
    pixels: Vec<u8>,
}

impl Frames {
    /// So many frames, each the first screen of a game: what was before it belongs to another game.
    pub fn begin(count: usize, screen: &[u8]) -> Self {
        Frames { count, pixels: screen.iter().flat_map(|&p| std::iter::repeat_n(p, count)).collect() }
    }

    /// The next screen: the oldest is forgotten.
    pub fn push(&mut self, screen: &[u8]) {
        for (pixel, &new) in self.pixels.chunks_exact_mut(self.count).zip(screen) {
            pixel.rotate_left(1);
            pixel[self.count - 1] = new;
        }
    }

    /// All pixels, those of one place side by side.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// One step of a game.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// What was seen.
    pub before: Frames,
    /// Which move was made, by number.
    pub action: usize,
    /// What came of it.
    pub outcome: Outcome,
    /// What was seen then.
    pub after: Frames,
}

/// The latest transitions, up to a number.
///
/// What happens next in a game is much like what happens now. A network that learned from steps in the order in which
/// they come would learn a hundred times that the ball is on the left, and forget the right. Drawn at random from a
/// large memory, the steps of a mini-batch have little to do with each other, as images in a shuffled training set have
/// (Mnih and others 2013, section 4).
#[derive(Clone, Debug)]
pub struct Replay {
    capacity: usize,
    transitions: Vec<Transition>,
    oldest: usize,
}

impl Replay {
    /// Nothing, and room for so many.
    pub fn new(capacity: usize) -> Self {
        Replay { capacity, transitions: vec![], oldest: 0 }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.transitions.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.transitions.is_empty()
    }

    /// One more; when there is no room, in the place of the oldest.
    pub fn push(&mut self, transition: Transition) {
        if self.transitions.len() < self.capacity {
            return self.transitions.push(transition);
        }
        self.transitions[self.oldest] = transition;
        self.oldest = (self.oldest + 1) % self.capacity;
    }

    /// One of them, each as likely as any other; `None` when there is none.
    pub fn draw(&self, random: &mut Xoshiro256PlusPlus) -> Option<&Transition> {
        (!self.is_empty()).then(|| &self.transitions[random.random_range(0..self.len())])
    }
}
