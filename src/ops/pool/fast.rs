//! Pooling in `f32`, for any window. All maps of a unit lie side by side, so that they are pooled eight at a time.

use super::{Pool, Pooling, Ties};
use crate::cpu::simd::{F32x8, Kernel, load, nonzero, store};

/// Units of a window whose winners one word of notes holds: byte p has a bit for each of eight maps.
pub const WORD: usize = 4;

/// The units of a window that have won, for one of eight maps; only the first, if that is the rule.
pub struct Winners<'a> {
    words: &'a [u32],
    map: usize,
    first: bool,
    /// What is left of the word at hand: bit 8p is set where unit p of it has won.
    won: u32,
    /// Units in the words before.
    before: usize,
}

impl<'a> Winners<'a> {
    /// Those that the words name, for map `map` of eight.
    #[inline(always)]
    pub fn new(words: &'a [u32], map: usize, ties: Ties) -> Self {
        let (first, won) = (ties == Ties::First, words[0] >> map & 0x0101_0101);
        Winners { words: &words[1..], map, first, won, before: 0 }
    }
}

impl Iterator for Winners<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.won == 0 {
            let (word, rest) = self.words.split_first()?;
            (self.won, self.words, self.before) = (word >> self.map & 0x0101_0101, rest, self.before + WORD);
        }
        let unit = self.before + self.won.trailing_zeros() as usize / 8;
        if self.first {
            (self.won, self.words) = (0, &[]);
        } else {
            self.won &= self.won - 1;
        }
        Some(unit)
    }
}

/// Words of notes for one window and eight maps.
fn words(op: &Pool) -> usize {
    if op.pooling == Pooling::Max { (op.window.size.0 * op.window.size.1).div_ceil(WORD) } else { 0 }
}

/// Words of notes on one image, `[windows, vectors of maps, words]`: who won, where pooling takes the largest.
pub fn notes(op: &Pool) -> usize {
    op.output_height() * op.output_width() * op.maps.div_ceil(8) * words(op)
}

/// The units of windows, as places in the image.
struct Units<'a> {
    op: &'a Pool,
    /// Where the units of a window are that does not reach into the margin, counted from its first.
    whole: Vec<usize>,
    /// Those of the window at hand.
    here: Vec<usize>,
}

impl<'a> Units<'a> {
    fn new(op: &'a Pool) -> Self {
        let (height, width) = op.window.size;
        let unit = |p: usize| (p / width * op.width + p % width) * op.maps;
        Units { op, whole: (0..height * width).map(unit).collect(), here: vec![] }
    }

    /// Where the first unit of window k is, and where the others are, counted from it.
    #[inline(always)]
    fn of(&mut self, k: usize) -> (usize, &[usize]) {
        let (op, width) = (self.op, self.op.output_width());
        let (rows, columns) = op.window.inside((k / width, k % width), (op.height, op.width));
        let first = (rows.start * op.width + columns.start) * op.maps;
        if rows.len() * columns.len() == self.whole.len() {
            return (first, &self.whole);
        }
        self.here.clear();
        let unit = |i: usize, j: usize| ((i - rows.start) * op.width + j - columns.start) * op.maps;
        self.here.extend(rows.clone().flat_map(|i| columns.clone().map(move |j| unit(i, j))));
        (first, &self.here)
    }
}

/// One image: y sums up each window.
pub struct Forward<'a> {
    /// The operation.
    pub op: &'a Pool,
    /// `[height, width, maps]`
    pub x: &'a [f32],
    /// `[output height, output width, maps]`
    pub y: &'a mut [f32],
    /// Who won.
    pub notes: &'a mut [u32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let Forward { op, x, y, notes } = self;
        let (maps, words) = (op.maps, words(op));
        let mut units = Units::new(op);
        let mut notes = notes.chunks_exact_mut((maps.div_ceil(8) * words).max(1));
        for (k, y) in y.chunks_exact_mut(maps).enumerate() {
            let (first, units) = units.of(k);
            let x = &x[first..];
            match op.pooling {
                Pooling::Max => {
                    let notes = notes.next().unwrap_or_default();
                    for (v, (y, notes)) in y.chunks_mut(8).zip(notes.chunks_exact_mut(words)).enumerate() {
                        // Find the largest. (Lanes beyond the last map belong to the next unit, and are dropped.)
                        let mut max = V::splat(f32::NEG_INFINITY);
                        for unit in units {
                            max = load::<V>(&x[unit + 8 * v..]).max(max);
                        }
                        store(max, y);

                        // Note which units are as large
                        for (word, units) in notes.iter_mut().zip(units.chunks(WORD)) {
                            *word = 0;
                            for (p, unit) in units.iter().enumerate() {
                                *word |= u32::from(load::<V>(&x[unit + 8 * v..]).equal(max)) << (8 * p);
                            }
                        }
                    }
                }
                // Loops over all maps, which the compiler turns into vectors
                Pooling::L2 => {
                    y.fill(0.0);
                    for unit in units {
                        for (y, x) in y.iter_mut().zip(&x[*unit..]) {
                            *y += x * x;
                        }
                    }
                    for y in y {
                        *y = y.sqrt();
                    }
                }
                Pooling::Mean => {
                    y.fill(0.0);
                    for unit in units {
                        for (y, x) in y.iter_mut().zip(&x[*unit..]) {
                            *y += x;
                        }
                    }
                    for y in y {
                        *y /= units.len() as f32;
                    }
                }
            }
        }
    }
}

/// One image: hands each dy to the units of its window.
pub struct Backward<'a> {
    /// The operation.
    pub op: &'a Pool,
    /// `[height, width, maps]`
    pub x: &'a [f32],
    /// `[output height, output width, maps]`
    pub y: &'a [f32],
    /// `[output height, output width, maps]`
    pub dy: &'a [f32],
    /// `[height, width, maps]`
    pub dx: &'a mut [f32],
    /// Who won.
    pub notes: &'a [u32],
    /// Is ∂C/∂x wanted only where x ≠ 0?
    pub dead_at_zero: bool,
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let Backward { op, x, y, dy, dx, notes, dead_at_zero } = self;
        let (maps, words) = (op.maps, words(op));
        let mut units = Units::new(op);
        let mut notes = notes.chunks_exact((maps.div_ceil(8) * words).max(1));
        dx.fill(0.0);
        for (k, (y, dy)) in y.chunks_exact(maps).zip(dy.chunks_exact(maps)).enumerate() {
            let (first, units) = units.of(k);
            let (x, dx) = (&x[first..], &mut dx[first..]);
            match op.pooling {
                Pooling::Max => {
                    let notes = notes.next().unwrap_or_default();
                    for (block, (y, dy)) in y.chunks(64).zip(dy.chunks(64)).enumerate() {
                        // A bit says whether a winner gets a gradient
                        let mut alive = nonzero::<V>(dy);
                        if dead_at_zero {
                            alive &= nonzero::<V>(y);
                        }
                        while alive != 0 {
                            let c = alive.trailing_zeros() as usize;
                            alive &= alive - 1;
                            let (c, dy) = (64 * block + c, dy[c]);
                            for p in Winners::new(&notes[c / 8 * words..][..words], c % 8, op.ties) {
                                dx[units[p] + c] += dy;
                            }
                        }
                    }
                }
                Pooling::L2 => {
                    for unit in units {
                        for (((dx, x), y), dy) in dx[*unit..].iter_mut().zip(&x[*unit..]).zip(y).zip(dy) {
                            // Where all units are zero there is no derivative, and we take 0: 0 / 1
                            *dx += dy * x / if *y == 0.0 { 1.0 } else { *y };
                        }
                    }
                }
                Pooling::Mean => {
                    for unit in units {
                        for (dx, dy) in dx[*unit..].iter_mut().zip(dy) {
                            *dx += dy / units.len() as f32;
                        }
                    }
                }
            }
        }
    }
}
