//! Pictures made by a rule: two digits side by side are a number from 00 to 99, each in a colour of its own, on a
//! textured ground.

use crate::kit::rng;
use network3::{Label, data::Dataset};
use rand::{Rng, RngExt};

/// Height and width of a picture.
pub const SIDE: usize = 36;
/// Height and width of what the small network sees of it.
pub const CROP: usize = 32;
/// How many numbers there are: the classes.
pub const CLASSES: usize = 100;
/// Height and width of the digits that numbers are put together from.
const DIGIT: usize = 28;

/// Squares of the ground's pattern are so large: between them the colours run into each other.
const PATCH: usize = 6;
/// Each pixel differs from the pattern by so much at most.
const GRAIN: f32 = 0.06;
/// Each part of the ground's second colour differs from the first by so much at most.
const TEXTURE: f32 = 0.25;
/// How far a digit's colour is from both colours of the ground at least; black is √3 away from white.
const CONTRAST: f32 = 0.8;
/// Height and width of a digit, as a fraction of what they are in the data set.
const SCALE: (f32, f32) = (0.7, 0.95);
/// Where a digit's middle is at most, to all sides of the middle of its half: across, down.
const JITTER: (f32, f32) = (1.5, 4.0);

/// Coloured pictures with their labels.
pub struct Pictures {
    pixels: Vec<u8>,
    labels: Vec<Label>,
}

/// How many bytes a picture has: row by row, and red, green and blue side by side.
const BYTES: usize = SIDE * SIDE * 3;

impl Pictures {
    /// So many pictures of numbers, made of these digits. Each has random numbers of its own, from the seed and its
    /// place: a longer list begins with the shorter one.
    pub fn new(digits: &Dataset, count: usize, seed: u64) -> Self {
        let (mut pixels, mut labels) = (Vec::with_capacity(count * BYTES), Vec::with_capacity(count));
        for k in 0..count {
            let mut random = rng(seed, k as u64);
            let which = [0, 1].map(|_| random.random_range(0..digits.len()));
            pixels.extend_from_slice(&picture(which.map(|k| digits.image(k)), &mut random));
            let [tens, units] = which.map(|k| digits.labels()[k]);
            labels.push(10 * tens + units);
        }
        Pictures { pixels, labels }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The bytes of all of them.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The bytes of one of them.
    pub fn picture(&self, k: usize) -> &[u8] {
        &self.pixels[k * BYTES..][..BYTES]
    }

    /// The first so many, or all if there are fewer.
    pub fn first(&self, count: usize) -> Pictures {
        let count = count.min(self.len());
        Pictures { pixels: self.pixels[..count * BYTES].to_vec(), labels: self.labels[..count].to_vec() }
    }

    /// The numbers that they show.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// What each byte is on average, over 255: the paper subtracts it (section 2).
    pub fn mean(&self) -> Vec<f32> {
        let mut sum = vec![0.0_f64; BYTES];
        for picture in self.pixels.chunks_exact(BYTES) {
            sum.iter_mut().zip(picture).for_each(|(sum, &p)| *sum += f64::from(p));
        }
        sum.into_iter().map(|sum| (sum / self.len() as f64 / 255.0) as f32).collect()
    }
}

/// A colour, each part from 0 to 1.
type Rgb = [f32; 3];

/// Draws one: the ground, and then the two digits on it, as much as there is ink.
fn picture(digits: [&[u8]; 2], random: &mut impl Rng) -> Vec<u8> {
    let colour = |random: &mut dyn FnMut() -> f32| -> Rgb { [random(), random(), random()] };
    let mut unit = || random.random::<f32>();
    let first = colour(&mut unit);
    let ground = [first, first.map(|x| (x + TEXTURE * (2.0 * unit() - 1.0)).clamp(0.0, 1.0))];
    let inks = [(); 2].map(|()| {
        loop {
            let ink = colour(&mut unit);
            if ground.iter().all(|ground| distance(&ink, ground) >= CONTRAST) {
                break ink;
            }
        }
    });
    let boxes: [_; 2] = std::array::from_fn(|half| {
        let mut within = |low: f32, high: f32| low + (high - low) * unit();
        let scale = within(SCALE.0, SCALE.1);
        let middle = SIDE as f32 * (0.29 + 0.42 * half as f32);
        let (x, y) = (middle + within(-JITTER.0, JITTER.0), SIDE as f32 / 2.0 + within(-JITTER.1, JITTER.1));
        (scale, x, y)
    });
    let patches = SIDE / PATCH + 1;
    let pattern: Vec<f32> = (0..patches * patches).map(|_| unit()).collect();
    let mut bytes = Vec::with_capacity(BYTES);
    for (i, j) in (0..SIDE * SIDE).map(|k| (k / SIDE, k % SIDE)) {
        let part = |n: usize| n as f32 / PATCH as f32;
        let t = bilinear(part(i), part(j), |i, j| pattern[i.min(patches - 1) * patches + j.min(patches - 1)]);
        let grain = GRAIN * (2.0 * unit() - 1.0);
        let mut pixel: Rgb = std::array::from_fn(|c| ground[0][c] + t * (ground[1][c] - ground[0][c]) + grain);
        for ((digit, (scale, x, y)), ink) in digits.iter().zip(boxes).zip(&inks) {
            let back = |n: usize, middle: f32| (n as f32 + 0.5 - middle) / scale + DIGIT as f32 / 2.0 - 0.5;
            let (row, column) = (back(i, y), back(j, x));
            if row > 0.0 && column > 0.0 {
                let at =
                    |i: usize, j: usize| if i.max(j) < DIGIT { f32::from(digit[i * DIGIT + j]) / 255.0 } else { 0.0 };
                let cover = bilinear(row, column, at);
                (0..3).for_each(|c| pixel[c] += cover * (ink[c] - pixel[c]));
            }
        }
        bytes.extend(pixel.map(|x| (x.clamp(0.0, 1.0) * 255.0).round() as u8));
    }
    bytes
}

fn distance(a: &Rgb, b: &Rgb) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
}

/// What lies between four points of a grid.
fn bilinear(i: f32, j: f32, at: impl Fn(usize, usize) -> f32) -> f32 {
    let (row, column) = (i.floor(), j.floor());
    let (down, right) = (i - row, j - column);
    let (row, column) = (row as usize, column as usize);
    let along = |i| (1.0 - right) * at(i, column) + right * at(i, column + 1);
    (1.0 - down) * along(row) + down * along(row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use network3::data;

    #[test]
    fn a_longer_list_begins_with_the_shorter_one() {
        let digits = data::digits(50, 1, 1, 1).unwrap().training;
        let (short, long) = (Pictures::new(&digits, 3, 7), Pictures::new(&digits, 5, 7));
        assert_eq!((short.pixels(), short.labels()), (&long.pixels()[..3 * BYTES], &long.labels()[..3]));
        assert!(long.labels().iter().all(|&y| usize::from(y) < CLASSES));
    }

    /// The digits are there: where they have ink, the picture is far from what the ground alone would be.
    #[test]
    fn digits_stand_out() {
        let (blank, full) = (vec![0; DIGIT * DIGIT], vec![255; DIGIT * DIGIT]);
        let draw = |a: &[u8], b: &[u8]| picture([a, b], &mut rng(3, 1));
        let (ground, left) = (draw(&blank, &blank), draw(&full, &blank));
        let changed = |half: usize| {
            let columns = if half == 0 { 0..SIDE / 2 } else { SIDE / 2..SIDE };
            let places = (0..SIDE).flat_map(|i| columns.clone().map(move |j| (i * SIDE + j) * 3));
            places.filter(|&k| ground[k..k + 3] != left[k..k + 3]).count()
        };
        assert!(changed(0) > 200 && changed(0) > 2 * changed(1), "{} and {}", changed(0), changed(1));
    }
}
