//! The chapter's layer in one pass: as many rows of outputs of the convolution at a time as a window has, and while
//! they are still in the first-level cache, the largest of each window is found and the bias added. What is kept is a
//! quarter of what was computed. Where a row of windows begins and ends with blank paper, nothing is computed at all.
//!
//! On the way it notes who won (argmax), a bit for each filter and each patch of a window, so that backward need not
//! compute the convolution again.

use super::ConvPool;
use crate::cpu::simd::{Aligned, F32x8, Kernel, Level, load, nonzero, store};
use crate::cpu::tuning::BLANK_ROW;
use crate::ops::activation;
use crate::ops::conv::{
    backward::Nonzero,
    forward::{Forward, Packed, with_strip},
    ink::Inked,
};
use crate::ops::pool::fast::{WORD, Winners};
use crate::ops::{Pooling, Ties};
use std::ops::Range;

/// Is it what this file is for: max-pooling without margin or groups, or no pooling at all? (The convolution has its
/// margin already.) Everything else is one operation after the other.
pub fn fits(op: &ConvPool) -> bool {
    op.pool.pooling == Pooling::Max && op.pool.window.padding.is_none() && op.conv.groups == 1
}

/// Patches in a window.
fn patches(op: &ConvPool) -> usize {
    op.pool.window.size.0 * op.pool.window.size.1
}

/// Words of notes for one window and eight filters. Where there is no pooling everyone wins.
fn words(op: &ConvPool) -> usize {
    if op.pool.window.is_identity() { 0 } else { patches(op).div_ceil(WORD) }
}

/// Words of notes on one image, `[windows, vectors of filters, words]`.
pub fn notes(op: &ConvPool) -> usize {
    op.pool.output_height() * op.pool.output_width() * op.conv.filters.div_ceil(8) * words(op)
}

/// Where the patches begin: those of the first window, then those of the second, and so on.
pub fn origins(op: &ConvPool) -> impl Iterator<Item = usize> {
    let ((height, width), (h, w), (s, t)) = (op.pool.outputs(), op.pool.window.size, op.pool.window.stride);
    let windows = (0..height * width).map(move |k| (k / width * s, k % width * t));
    windows.flat_map(move |(i, j)| (0..h * w).map(move |p| op.conv.origin(i + p / w, j + p % w)))
}

/// One image: y = f(max-pool(x ⋆ w) + b), and who won.
///
/// Each step is a kernel of its own: compiled together, they are too much for the compiler to find registers for.
pub fn forward(level: Level, op: &ConvPool, x: &[f32], w: &Packed, b: &[f32], y: &mut [f32], notes: &mut [u32]) {
    let (width, (height, across), (down, step)) = (op.pool.output_width(), op.pool.window.size, op.pool.window.stride);
    let row = op.conv.output_width() * w.vectors;
    let mut notes = notes.chunks_exact_mut((width * op.conv.filters.div_ceil(8) * words(op)).max(1));
    with_strip(&op.conv, w, height, |strip| {
        for (i, y) in y.chunks_exact_mut(width * op.conv.filters).enumerate() {
            // Keep the rows that the windows above have seen too, if they were computed across the whole width
            let overlap =
                if i > 0 && op.conv.width * op.conv.maps > BLANK_ROW { height.saturating_sub(down) } else { 0 };
            strip.copy_within((height - overlap) * row.., 0);

            // Convolve the other rows where the paper is not blank
            let inked = level.run(InkedWindows { op, x, i });
            let columns = if inked.is_empty() { 0..0 } else { inked.start * step..(inked.end - 1) * step + across };
            let strip_rows = &mut strip[overlap * row..];
            for row in strip_rows.chunks_exact_mut(row) {
                row[..columns.start * w.vectors].fill(Aligned::default());
                row[columns.end * w.vectors..].fill(Aligned::default());
            }
            let rows = i * down + overlap..i * down + height;
            level.run(Forward { op: &op.conv, x, w, rows, columns, y: strip_rows });

            // Find the winners, then add bias and activation
            let notes = notes.next().unwrap_or_default();
            level.run(PoolRow { op, vectors: w.vectors, strip, b, y, notes });
            level.run(activation::fast::Forward { f: op.activation, z: y });
        }
    });
}

/// A row of windows: y = max-pool(strip) + b.
struct PoolRow<'a> {
    op: &'a ConvPool,
    /// `[rows of a window, columns, vectors of filters]`
    strip: &'a [Aligned],
    vectors: usize,
    b: &'a [f32],
    y: &'a mut [f32],
    notes: &'a mut [u32],
}

impl Kernel for PoolRow<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        match (self.op.pool.window.size, words(self.op)) {
            (_, 0) => self.add_bias::<V>(),
            ((2, 2), _) => self.pool_four::<V>(),
            _ => self.pool::<V>(),
        }
    }
}

impl PoolRow<'_> {
    /// Windows of one unit.
    #[inline(always)]
    fn add_bias<V: F32x8>(self) {
        let filters = self.op.conv.filters;
        for (j, z) in self.strip.chunks_exact(self.vectors).enumerate() {
            for (v, z) in z[..filters.div_ceil(8)].iter().enumerate() {
                // What is beyond the last filter runs over into the next window, which comes next
                store(V::load(&z.0).add(load(&self.b[8 * v..])), &mut self.y[j * filters + 8 * v..]);
            }
        }
    }

    /// Windows of 2×2, all four units in registers.
    #[inline(always)]
    fn pool_four<V: F32x8>(self) {
        let PoolRow { op, strip, vectors, b, y, notes } = self;
        let (filters, step) = (op.conv.filters, op.pool.window.stride.1);
        let (upper, lower) = strip.split_at(strip.len() / 2);
        for (j, notes) in notes.chunks_exact_mut(filters.div_ceil(8)).enumerate() {
            let (left, right) = (j * step * vectors, (j * step + 1) * vectors);
            let patches = [&upper[left..], &upper[right..], &lower[left..], &lower[right..]];
            let patches = patches.map(|z| &z[..notes.len()]);
            for (v, notes) in notes.iter_mut().enumerate() {
                let mut z = [V::splat(0.0); 4];
                for p in 0..4 {
                    z[p] = V::load(&patches[p][v].0);
                }
                let max = z[0].max(z[1]).max(z[2].max(z[3]));
                store(max.add(load(&b[8 * v..])), &mut y[j * filters + 8 * v..]);
                *notes = u32::from_le_bytes([z[0].equal(max), z[1].equal(max), z[2].equal(max), z[3].equal(max)]);
            }
        }
    }

    /// Windows of any size.
    #[inline(always)]
    fn pool<V: F32x8>(self) {
        let PoolRow { op, strip, vectors, b, y, notes } = self;
        let (filters, words, step) = (op.conv.filters, words(op), op.pool.window.stride.1);
        let (row, across) = (op.conv.output_width() * vectors, op.pool.window.size.1 * vectors);
        for (j, notes) in notes.chunks_exact_mut(filters.div_ceil(8) * words).enumerate() {
            let window = &strip[j * step * vectors..];
            for (v, notes) in notes.chunks_exact_mut(words).enumerate() {
                // Find the largest, row by row of the window
                let mut max = V::splat(f32::NEG_INFINITY);
                for window in window.chunks(row).take(op.pool.window.size.0) {
                    for z in window[..across].chunks_exact(vectors) {
                        max = V::load(&z[v].0).max(max);
                    }
                }
                store(max.add(load(&b[8 * v..])), &mut y[j * filters + 8 * v..]);

                // Note which patches are as large
                let mut p = 0;
                notes.fill(0);
                for window in window.chunks(row).take(op.pool.window.size.0) {
                    for z in window[..across].chunks_exact(vectors) {
                        notes[p / WORD] |= u32::from(V::load(&z[v].0).equal(max)) << (8 * (p % WORD));
                        p += 1;
                    }
                }
            }
        }
    }
}

/// Of a row of windows, those from the first to the last that is not blank paper: in the others all numbers are zero.
struct InkedWindows<'a> {
    op: &'a ConvPool,
    /// The image.
    x: &'a [f32],
    /// The row of windows.
    i: usize,
}

impl Kernel for InkedWindows<'_> {
    type Output = Range<usize>;

    #[inline(always)]
    fn run<V: F32x8>(self) -> Range<usize> {
        let InkedWindows { op, x, i } = self;
        let ((height, width), (down, step)) = (op.pool.window.size, op.pool.window.stride);
        let columns = Inked { op: &op.conv, x, rows: i * down..i * down + height }.run::<V>();
        if columns.is_empty() {
            return 0..0;
        }
        // The first window that reaches the first column, and the last that begins before the last
        let (begin, end) = ((columns.start + 1).saturating_sub(width).div_ceil(step), (columns.end - 1) / step + 1);
        begin.min(op.pool.output_width())..end.min(op.pool.output_width())
    }
}

/// Finds every winner of one image whose unit has a gradient.
pub struct FindWinners<'a> {
    /// The operation.
    pub op: &'a ConvPool,
    /// Where the patches begin, window by window.
    pub origins: &'a [usize],
    /// The image.
    pub x: &'a [f32],
    /// `[windows, filters]`
    pub delta: &'a [f32],
    /// Who won.
    pub notes: &'a [u32],
    /// Are they to be listed by patch, too?
    pub by_patch: bool,
    /// Where they go.
    pub found: &'a mut Nonzero,
}

impl Kernel for FindWinners<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(self) {
        let FindWinners { op, origins, x, delta, notes, by_patch, found } = self;
        let (filters, words, patches) = (op.conv.filters, words(op), patches(op));
        let most = if op.pool.ties == Ties::All { origins.len() } else { origins.len() / patches };
        found.begin(&op.conv, most, if by_patch { origins.len() } else { 0 });
        let (width, vectors) = (op.pool.output_width(), filters.div_ceil(8));
        let mut inked = 0..width;
        for (k, (delta, notes)) in delta.chunks_exact(filters).zip(notes.chunks_exact(vectors * words)).enumerate() {
            found.add_to_biases(delta);
            // Where all patches of a window are blank paper no weight has a gradient. (Most ties are there, too.)
            if !by_patch && k % width == 0 {
                inked = InkedWindows { op, x, i: k / width }.run::<V>();
            }
            if !inked.contains(&(k % width)) {
                continue;
            }
            // Sixty-four filters at a time: a bit says whether a filter's unit has a gradient
            for (block, delta) in delta.chunks(64).enumerate() {
                let mut alive = nonzero::<V>(delta);
                while alive != 0 {
                    let unit = alive.trailing_zeros() as usize;
                    alive &= alive - 1;
                    let (f, delta) = (64 * block + unit, delta[unit]);
                    for p in Winners::new(&notes[f / 8 * words..][..words], f % 8, op.pool.ties) {
                        found.push(f, origins[patches * k + p], delta);
                        if by_patch {
                            found.push_patch(patches * k + p, f, delta);
                        }
                    }
                }
            }
        }
    }
}
