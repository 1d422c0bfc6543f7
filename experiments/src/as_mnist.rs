//! A picture of a digit, made into what a network has been trained on.
//!
//! MNIST's digits were not photographed as they are: each was scaled into a box of 20×20 pixels, its proportions kept,
//! and put into 28×28 so that its centre of mass is in the middle. A network that has seen nothing else reads nothing
//! else, so a picture goes the same way. Source: <http://yann.lecun.com/exdb/mnist/>.

use crate::image_file::{CONTRAST, Grey};
use network3::{Error, Result};

/// A picture as a network wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// Row by row, from 0, paper, to 255, ink.
    pub pixels: Vec<u8>,
    /// Was the ink darker than the paper?
    pub inverted: bool,
}

/// Before anything is measured, pictures are made this small: grain averages out, and strokes stay wide enough.
const WORKING: usize = 256;

/// From so much of full ink on a pixel counts as ink where the digit's edges are looked for.
const INK: f32 = 1.0 / 8.0;

/// What has less than this share of the ink pixels of the largest piece is a speck of dust, and not a stroke.
const SPECK: f64 = 1.0 / 50.0;

/// A digit that was drawn, scanned or photographed, dark on light or light on dark, as `height`×`width` pixels with ink
/// in white.
///
/// # Errors
/// When the picture shows nothing.
///
/// ```
/// use experiments::{as_mnist::prepare, image_file::Grey};
/// let mut page = vec![230; 100 * 60]; // a stroke of 5×40 on grey paper
/// (30..70).for_each(|y| page[60 * y + 10..][..5].fill(40));
/// let prepared = prepare(&Grey::new(60, page)?, 28, 28)?;
/// assert!(prepared.inverted);
/// let inked = |line: &[u8]| line.iter().any(|&p| p > 128);
/// assert_eq!(prepared.pixels.chunks(28).position(inked), Some(4)); // four rows of paper, then twenty of ink
/// assert_eq!(prepared.pixels.chunks(28).filter(|line| inked(line)).count(), 20);
/// # Ok::<(), network3::Error>(())
/// ```
pub fn prepare(picture: &Grey, height: usize, width: usize) -> Result<Prepared> {
    let pixels = picture.pixels.iter().map(|&p| f32::from(p)).collect();
    let picture = Field { width: picture.width, height: picture.height(), values: pixels };
    let shrink = (WORKING as f32 / picture.width.max(picture.height) as f32).min(1.0);
    let size = |n: usize| ((n as f32 * shrink).round() as usize).max(1);
    let whole = Frame { left: 0, top: 0, width: picture.width, height: picture.height };
    let small = picture.scaled(whole, size(picture.width), size(picture.height));
    let (ink, inverted) = small.ink()?;
    let frame = ink.digit();

    // The box takes 20 of 28, in other sizes as much.
    let fit = |n: usize, into: usize| (into * 20 / 28).max(1) as f32 / n as f32;
    let scale = fit(frame.width, width).min(fit(frame.height, height));
    let size = |n: usize| ((n as f32 * scale).round() as usize).max(1);
    let digit = ink.scaled(frame, size(frame.width), size(frame.height));
    Ok(Prepared { pixels: digit.centred(height, width), inverted })
}

/// Numbers in rows.
struct Field {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

/// A part of a field.
#[derive(Clone, Copy)]
struct Frame {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl Field {
    /// A part of it in another size. Each value is the mean over what lies under it, and over one value's width at
    /// least: that is linear interpolation where it grows.
    fn scaled(&self, from: Frame, width: usize, height: usize) -> Field {
        let across: Vec<_> = (0..width).map(|x| share(x, width, from.left, from.width, self.width)).collect();
        let down: Vec<_> = (0..height).map(|y| share(y, height, from.top, from.height, self.height)).collect();
        // First along all rows, then across them.
        let narrow: Vec<Vec<f32>> = (0..self.height)
            .map(|y| {
                let row = &self.values[y * self.width..][..self.width];
                across.iter().map(|share| share.iter().map(|&(x, part)| part * row[x]).sum()).collect()
            })
            .collect();
        let value = |share: &[(usize, f32)], x: usize| share.iter().map(|&(y, part)| part * narrow[y][x]).sum();
        let values = down.iter().flat_map(|share| (0..width).map(move |x| (share, x)));
        Field { width, height, values: values.map(|(share, x)| value(share, x)).collect() }
    }

    /// How much ink is on each pixel, from 0 to 1; and is it darker than the paper?
    ///
    /// # Errors
    /// When nothing differs enough from the paper.
    fn ink(&self) -> Result<(Field, bool)> {
        let (w, h) = (self.width, self.height);
        let at = |x: usize, y: usize| self.values[y * w + x];
        // The paper is what most of the margin shows: its four sides, for light seldom falls evenly.
        let left = median((0..h).map(|y| at(0, y)).collect());
        let right = median((0..h).map(|y| at(w - 1, y)).collect());
        let top = median((0..w).map(|x| at(x, 0)).collect());
        let bottom = median((0..w).map(|x| at(x, h - 1)).collect());
        let mean = (left + right + top + bottom) / 4.0;
        let part = |i: usize, n: usize| (i as f32 + 0.5) / n as f32 - 0.5;
        let paper = |x: usize, y: usize| mean + (right - left) * part(x, w) + (bottom - top) * part(y, h);
        let mut values: Vec<f32> = (0..w * h).map(|k| at(k % w, k / w) - paper(k % w, k / w)).collect();
        let (darkest, brightest) = values.iter().fold((0f32, 0f32), |(a, b), &v| (a.min(v), b.max(v)));
        let (inverted, most) = (-darkest >= brightest, brightest.max(-darkest));
        if most < f32::from(CONTRAST) {
            return Err(Error::input("the picture shows nothing: all of it is about equally bright"));
        }
        if inverted {
            values.iter_mut().for_each(|v| *v = -*v);
        }
        // Grain: nine tenths of the margin differ less from the paper than this, and hardly anything twice as much.
        let margin = (0..w * h).filter(|k| [0, w - 1].contains(&(k % w)) || [0, h - 1].contains(&(k / w)));
        let mut margin: Vec<f32> = margin.map(|k| values[k].abs()).collect();
        margin.sort_by(f32::total_cmp);
        let floor = (2.0 * margin[(margin.len() - 1) * 9 / 10]).min(most / 2.0);
        let ink = values.iter().map(|v| ((v - floor) / (most - floor)).clamp(0.0, 1.0)).collect();
        Ok((Field { width: w, height: h, values: ink }, inverted))
    }

    /// The smallest frame around all pieces of ink that are more than specks.
    fn digit(&self) -> Frame {
        let pieces = self.pieces();
        let largest = pieces.iter().map(|piece| piece.0).max().unwrap_or(0);
        let strokes = pieces.iter().filter(|piece| piece.0 as f64 >= SPECK * largest as f64);
        let [left, top, right, bottom] = strokes.fold([usize::MAX, usize::MAX, 0, 0], |all, &(_, piece)| {
            [all[0].min(piece[0]), all[1].min(piece[1]), all[2].max(piece[2]), all[3].max(piece[3])]
        });
        Frame { left, top, width: right + 1 - left, height: bottom + 1 - top }
    }

    /// Pixels of ink that touch each other: how many, and the first and last column and row, as left, top, right,
    /// bottom.
    fn pieces(&self) -> Vec<(usize, [usize; 4])> {
        let mut fresh: Vec<bool> = self.values.iter().map(|&v| v >= INK).collect();
        let mut pieces = vec![];
        for start in 0..fresh.len() {
            let (mut count, mut to_see) = (0, vec![start]);
            let mut frame = [usize::MAX, usize::MAX, 0, 0];
            while let Some(k) = to_see.pop() {
                if !std::mem::take(&mut fresh[k]) {
                    continue;
                }
                let (x, y) = (k % self.width, k / self.width);
                frame = [frame[0].min(x), frame[1].min(y), frame[2].max(x), frame[3].max(y)];
                count += 1;
                let around = |n: usize, end: usize| n.saturating_sub(1)..(n + 2).min(end);
                let neighbours = around(y, self.height).flat_map(|y| around(x, self.width).map(move |x| (x, y)));
                to_see.extend(neighbours.map(|(x, y)| y * self.width + x));
            }
            if count > 0 {
                pieces.push((count, frame));
            }
        }
        pieces
    }

    /// Put into a larger field of paper so that the centre of mass is in the middle, as bytes; as far as it fits. In
    /// the middle means, as for each digit of MNIST, on the pixel to the right of it and below.
    fn centred(&self, height: usize, width: usize) -> Vec<u8> {
        let most = self.values.iter().fold(f32::MIN_POSITIVE, |most, &v| most.max(v));
        let total: f32 = self.values.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let mass = |of: &dyn Fn(usize) -> usize| {
            self.values.iter().enumerate().map(|(k, v)| v * (of(k) as f32 + 0.5)).sum::<f32>() / total
        };
        let place = |side: usize, mass: f32, n: usize| {
            ((side as f32 / 2.0 - mass).ceil().max(0.0) as usize).min(side.saturating_sub(n))
        };
        let left = place(width, mass(&|k| k % self.width), self.width);
        let top = place(height, mass(&|k| k / self.width), self.height);
        let mut pixels = vec![0; height * width];
        for (row, y) in self.values.chunks(self.width).zip(top..height) {
            for (v, x) in row.iter().zip(left..width) {
                pixels[y * width + x] = (255.0 * v / most).round() as u8;
            }
        }
        pixels
    }
}

/// Which of the old values make the new value `i` of `n`, and how much of it each: `n` new ones lie on `len` old ones
/// from `start` on, of `end` that there are.
fn share(i: usize, n: usize, start: usize, len: usize, end: usize) -> Vec<(usize, f32)> {
    let each = len as f32 / n as f32;
    let (centre, half) = (start as f32 + (i as f32 + 0.5) * each, each.max(1.0) / 2.0);
    let (from, to) = ((centre - half).max(0.0), (centre + half).min(end as f32));
    let part = |k: usize| (to.min(k as f32 + 1.0) - from.max(k as f32)) / (to - from);
    (from as usize..(to.ceil() as usize).min(end)).map(|k| (k, part(k))).filter(|&(_, part)| part > 0.0).collect()
}

/// The middle one.
fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values[values.len() / 2]
}
