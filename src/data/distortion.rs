//! Images as another hand might have written them: bent, turned, leaned over, stretched and moved.

use super::stream;
use crate::{Error, Result};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How strongly training images are distorted: each of these limits is reached in both directions, and 0 leaves it out.
///
/// Pixel u of the new image, measured from the centre, is fetched from the place
///
/// ```text
/// u + (A − 1)u + t + α (G_σ ∗ n)(u),   A = R · S · D,
/// ```
///
/// by bilinear interpolation, where D stretches down and across, S leans over and R turns; n is noise, a pair of
/// numbers between −1 and 1 for each pixel, and G_σ a Gaussian that makes neighbours move alike. The last term is the
/// *elastic* distortion of [Simard, Steinkraus and Platt (2003)](http://dx.doi.org/10.1109/ICDAR.2003.1227801); the
/// affine ones, too, are used by [Cireșan et al. (2010)](http://arxiv.org/abs/1003.0358).
///
/// ```
/// use network3::data::Distortion;
/// let bent = Distortion { alpha: 34.0, sigma: 4.0, ..Distortion::NONE };
/// let [down, right] = bent.field((28, 28), 1, 0);
/// assert_eq!((down.len(), right.len()), (784, 784));
/// assert!(down.iter().all(|d| d.abs() < 10.0)); // pixels
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distortion {
    /// α: what the smoothed noise is multiplied by, in pixels.
    pub alpha: f64,
    /// σ: how wide the Gaussian is, in pixels.
    pub sigma: f64,
    /// The largest angle, in degrees.
    pub rotation: f64,
    /// The largest lean: pixels to the side for each pixel down.
    pub shear: f64,
    /// The largest change of height, and of width, as a fraction.
    pub scaling: f64,
    /// The largest move down, and to the right, in pixels.
    pub shift: f64,
}

/// More than any image is high, so nothing is left to be seen; and far from where single precision ends.
const MOST: f64 = 1000.0;

impl Distortion {
    /// None at all: the image as it is, to the bit.
    pub const NONE: Self = Distortion { alpha: 0.0, sigma: 1.0, rotation: 0.0, shear: 0.0, scaling: 0.0, shift: 0.0 };

    /// # Errors
    /// When a limit is no number, negative, or absurdly large.
    pub fn check(&self) -> Result<()> {
        let Distortion { alpha, sigma, rotation, shear, scaling, shift } = *self;
        let limits = [
            ("α", alpha, MOST),
            ("σ", sigma, MOST),
            ("rotation", rotation, 90.0),
            ("shear", shear, MOST),
            ("scaling", scaling, 0.9),
            ("shift", shift, MOST),
        ];
        for (name, limit, most) in limits {
            if !(0.0..=most).contains(&limit) {
                return Err(Error::input(format!("a distortion's {name} is between 0 and {most}, and not {limit}")));
            }
        }
        if alpha > 0.0 && sigma < 0.1 {
            let message =
                format!("a Gaussian of σ = {sigma} smooths nothing: an elastic distortion needs at least 0.1");
            return Err(Error::input(message));
        }
        Ok(())
    }

    /// For each pixel of an image of height × width, row by row, how much further down and how much further right is
    /// the place that it comes from: a function of the limits, the seed and the number alone.
    pub fn field(&self, (height, width): (usize, usize), seed: u64, number: u64) -> [Vec<f32>; 2] {
        let mut random = stream(seed, number);
        let affine = self.affine(&mut random);
        let (mut down, mut right) = self.elastic((height, width), &mut random);
        let centre = ((height as f32 - 1.0) / 2.0, (width as f32 - 1.0) / 2.0);
        for i in 0..height {
            let u = i as f32 - centre.0;
            for j in 0..width {
                let v = j as f32 - centre.1;
                let [[a, b, s], [c, d, t]] = affine;
                down[i * width + j] += a * u + b * v + s;
                right[i * width + j] += c * u + d * v + t;
            }
        }
        [down, right]
    }

    /// A − 1 and t, side by side. The rotation is drawn by its sine, evenly: only a square root is needed for its
    /// cosine, which has the same bits everywhere.
    fn affine(&self, random: &mut impl Rng) -> [[f32; 3]; 2] {
        let mut within = |limit: f64| (2.0 * random.random::<f64>() - 1.0) * limit;
        let (height, across) = (1.0 + within(self.scaling), 1.0 + within(self.scaling));
        let lean = within(self.shear);
        let sine = within(self.rotation.to_radians().sin());
        let (down, right) = (within(self.shift), within(self.shift));
        let cosine = (1.0 - sine * sine).sqrt();
        // S · D has the rows (height, 0) and (lean · height, across), down first.
        let a = [
            [cosine * height - sine * lean * height - 1.0, -sine * across, down],
            [sine * height + cosine * lean * height, cosine * across - 1.0, right],
        ];
        a.map(|row| row.map(|x| x as f32))
    }

    /// α times smoothed noise, downwards and to the right.
    fn elastic(&self, (height, width): (usize, usize), random: &mut impl Rng) -> (Vec<f32>, Vec<f32>) {
        let (mut down, mut right) = (vec![0.0; height * width], vec![0.0; height * width]);
        if self.alpha == 0.0 {
            return (down, right);
        }
        for (down, right) in down.iter_mut().zip(&mut right) {
            // The halves of 64 random bits are two numbers from −1 to 1.
            let (bits, unit) = (random.next_u64(), (1u32 << 31) as f32);
            *down = (bits >> 32) as u32 as i32 as f32 / unit;
            *right = bits as u32 as i32 as f32 / unit;
        }
        let g = gaussian(self.sigma);
        let alpha = self.alpha as f32;
        let smooth = |noise: Vec<f32>| {
            let columns = smooth_columns(&noise, width, &g, 1.0);
            smooth_columns(&columns, height, &g, alpha)
        };
        (smooth(down), smooth(right))
    }
}

impl fmt::Display for Distortion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Distortion { alpha, sigma, rotation, shear, scaling, shift } = self;
        write!(
            f,
            "elastic α = {alpha}, σ = {sigma}; up to {rotation}° turned, {shear} leaned, {scaling} stretched, {shift} moved"
        )
    }
}

/// exp(−k²/2σ²) for k = 0, 1, … up to 3σ, divided by their sum over −3σ to 3σ.
fn gaussian(sigma: f64) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as usize;
    let g: Vec<f64> = (0..=reach).map(|k| (-((k * k) as f64) / (2.0 * sigma * sigma)).exp()).collect();
    let sum = 2.0 * g.iter().sum::<f64>() - g[0];
    g.into_iter().map(|g| (g / sum) as f32).collect()
}

/// Each column of `x`, whose rows have `width` numbers, smoothed with `g` and times `scale`; zero is what lies outside.
/// The result is transposed, so that smoothing it again smooths the rows and turns it back.
fn smooth_columns(x: &[f32], width: usize, g: &[f32], scale: f32) -> Vec<f32> {
    let height = x.len() / width;
    let mut y = vec![0.0; x.len()];
    let mut sums = vec![0.0; width];
    for i in 0..height {
        sums.fill(0.0);
        for k in i.saturating_sub(g.len() - 1)..height.min(i + g.len()) {
            let g = g[k.abs_diff(i)];
            sums.iter_mut().zip(&x[k * width..][..width]).for_each(|(sum, x)| *sum += g * x);
        }
        sums.iter().enumerate().for_each(|(j, sum)| y[j * height + i] = scale * sum);
    }
    y
}

/// Fetches every pixel of the image `y` from `x`, intensities p/256, where the field says: from between four pixels in
/// proportion to how near it is to each. Outside of `x` there is paper. `maps` numbers are one pixel.
pub fn warp(x: &[u8], (height, width, maps): (usize, usize, usize), [down, right]: &[Vec<f32>; 2], y: &mut [f32]) {
    // A margin of paper, one pixel at the left and above, two at the right and below: nothing need be asked then.
    let row = (width + 3) * maps;
    let mut paper = vec![0.0; (height + 3) * row];
    for (i, x) in x.chunks_exact(width * maps).enumerate() {
        let to = &mut paper[(i + 1) * row + maps..][..width * maps];
        to.iter_mut().zip(x).for_each(|(to, &p)| *to = f32::from(p) / 256.0);
    }
    let (bottom, edge) = ((height + 1) as f32, (width + 1) as f32);
    // For each pixel of a row: the upper left one of the four, and how far it is from there. A loop of its own makes
    // vectors of it.
    let mut places = vec![(0, 0.0, 0.0); width];
    for (i, y) in y.chunks_exact_mut(width * maps).enumerate() {
        let moves = down[i * width..].iter().zip(&right[i * width..]);
        for (j, (place, (down, right))) in places.iter_mut().zip(moves).enumerate() {
            let i = (1.0 + i as f32 + down).max(0.0).min(bottom);
            let j = (1.0 + j as f32 + right).max(0.0).min(edge);
            let (above, left) = (i as i32, j as i32);
            *place = (above * row as i32 + left * maps as i32, i - above as f32, j - left as f32);
        }
        for (y, &(corner, i, j)) in y.chunks_exact_mut(maps).zip(&places) {
            let four = &paper[corner as usize..][..row + 2 * maps];
            let (upper, lower) = (&four[..2 * maps], &four[row..]);
            for (map, y) in y.iter_mut().enumerate() {
                let upper = (1.0 - j) * upper[map] + j * upper[maps + map];
                let lower = (1.0 - j) * lower[map] + j * lower[maps + map];
                *y = (1.0 - i) * upper + i * lower;
            }
        }
    }
}
