//! # Rotation, skew, elastic distortion, and a million images
//!
//! Whoever writes the same digit again turns it a little, leans it over, sets it down elsewhere, and the hand trembles.
//! If an image is worth learning from, so are the images that might have been written instead. Simard, Steinkraus and
//! Platt came to 99.6 percent in this way in 2003, with a network much like the chapter's. All those images do not fit
//! into memory. So here they are made one at a time, and forgotten.
//!
//! A *field* says for every pixel of the new image where it comes from. It is a pair of arrays of the image's shape,
//! and
//!
//! ```text
//! y[i, j] = x(i + field[0][i, j], j + field[1][i, j]),
//! ```
//!
//! rows (downwards) first. A place between pixels is interpolated. Mind the direction: to move the image to the left,
//! each pixel must be fetched from its right. Positions and moves are in pixels, angles in radians, and fields add up.

use ndarray::Array2;

/// For each pixel of the new image: how much further down, and how much further right, is the place that it comes from?
pub type Field = [Array2<f64>; 2];

/// The angle that `distorted` turns by, at most, either way: 15 degrees.
pub const ANGLE: f64 = std::f64::consts::PI / 12.0;
/// How far `distorted` leans an image over, at most, either way: pixels to the right for each pixel down.
pub const SKEW: f64 = 0.4;
/// How far `distorted` moves an image, at most, in each of the four directions.
pub const MOVE: f64 = 2.0;
/// How strong an elastic distortion is: the α of the paper, for images of 29×29.
pub const ALPHA: f64 = 34.0;
/// How smooth an elastic distortion is: the σ of the paper, in pixels.
pub const SIGMA: f64 = 4.0;

/// The image that the field makes of x, by bilinear interpolation: a place between four pixels takes from each as much
/// as it is near to it. At (1.25, 3), for example, it is 0.75 x\[1, 3\] + 0.25 x\[2, 3\]. Pixels outside of x are zero.
pub fn warp(x: &Array2<f64>, field: &Field) -> Array2<f64> {
    Array2::from_shape_fn(x.raw_dim(), |(i, j)| {
        let (row, column) = (i as f64 + field[0][[i, j]], j as f64 + field[1][[i, j]]);
        let (top, left) = (row.floor(), column.floor());
        let corners = [(top, left), (top, left + 1.0), (top + 1.0, left), (top + 1.0, left + 1.0)];
        let weight = |(r, c): (f64, f64)| (1.0 - (row - r).abs()) * (1.0 - (column - c).abs());
        corners.into_iter().map(|corner| weight(corner) * pixel(x, corner)).sum()
    })
}

/// The pixel with these whole numbers, or paper.
fn pixel(x: &Array2<f64>, (row, column): (f64, f64)) -> f64 {
    let outside = row < 0.0 || column < 0.0;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole, and not negative
    let inside = if outside { None } else { x.get((row as usize, column as usize)) };
    inside.copied().unwrap_or(0.0)
}

/// The field, for images of `shape` (height, width), that does three things, in this order: leans the image over, so
/// that what is u pixels below the centre gets `skew` · u pixels to the right; turns it about its centre by `angle`,
/// counter-clockwise; moves it by `(down, right)`. The centre is ((height − 1)/2, (width − 1)/2).
pub fn affine(shape: (usize, usize), skew: f64, angle: f64, (down, right): (f64, f64)) -> Field {
    let centre = ((shape.0 as f64 - 1.0) / 2.0, (shape.1 as f64 - 1.0) / 2.0);
    let (sin, cos) = angle.sin_cos();
    // From a pixel of the new image back to where it was: the three steps undone, the last one first.
    let from = |(i, j): (usize, usize)| {
        let (u, v) = (i as f64 - centre.0 - down, j as f64 - centre.1 - right);
        let (u, v) = (cos * u + sin * v, cos * v - sin * u);
        (u + centre.0, v - skew * u + centre.1)
    };
    [
        Array2::from_shape_fn(shape, |to| from(to).0 - to.0 as f64),
        Array2::from_shape_fn(shape, |to| from(to).1 - to.1 as f64),
    ]
}

/// One half of an elastic field, made of noise: α times the noise smoothed with a Gaussian, first down the columns and
/// then along the rows (or the other way round). To smooth a column means
///
/// ```text
/// s[i] = Σ g[k] · noise[i + k],  g[k] = exp(−k² / 2σ²) / Σ exp(−l² / 2σ²),
/// ```
///
/// all sums over the whole numbers from −R to R with R = 3σ, rounded up; noise outside of the array is zero. σ is
/// positive.
pub fn elastic(noise: &Array2<f64>, alpha: f64, sigma: f64) -> Array2<f64> {
    use ndarray::Axis;
    #[allow(clippy::cast_possible_truncation)] // σ is a few pixels
    let radius = (3.0 * sigma).ceil() as i32;
    let gauss = |k: i32| (-f64::from(k * k) / (2.0 * sigma * sigma)).exp();
    let total: f64 = (-radius..=radius).map(gauss).sum();
    let weights: Vec<f64> = (-radius..=radius).map(|k| gauss(k) / total).collect();
    let mut field = noise * alpha;
    for axis in [Axis(0), Axis(1)] {
        for mut lane in field.lanes_mut(axis) {
            let x = lane.to_vec();
            lane.assign(&smooth(&x, &weights));
        }
    }
    field
}

/// One column or row.
fn smooth(x: &[f64], weights: &[f64]) -> ndarray::Array1<f64> {
    let radius = weights.len() / 2;
    let sum = |i: usize| {
        let (from, to) = (i.saturating_sub(radius), x.len().min(i + radius + 1));
        x[from..to].iter().zip(&weights[from + radius - i..]).map(|(x, w)| x * w).sum()
    };
    (0..x.len()).map(sum).collect()
}

/// Each of the images once, in their order, and each distorted in a way of its own: an affine field plus an elastic
/// one. Skew, angle and the two moves are drawn uniformly from −limit to limit, limits being `strength` times [`SKEW`],
/// [`ANGLE`] and [`MOVE`]; so is the noise of both halves of the elastic field, from −1 to 1, with α = `strength` ·
/// [`ALPHA`] and σ = [`SIGMA`]. With a strength of 0 the images stay as they are.
///
/// Nothing is done before it is asked for: each image is taken from `images` when its distortion is, and not kept. The
/// same seed makes the same images. (`rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64` and `rand::RngExt::random_range`
/// make random numbers.)
pub fn distorted<'a>(
    images: Box<dyn Iterator<Item = Array2<f64>> + 'a>,
    strength: f64,
    seed: u64,
) -> Box<dyn Iterator<Item = Array2<f64>> + 'a> {
    use rand::RngExt;
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    Box::new(images.map(move |x| {
        let mut draw = || random.random_range(-1.0..1.0);
        let (skew, angle) = (strength * SKEW * draw(), strength * ANGLE * draw());
        let by = (strength * MOVE * draw(), strength * MOVE * draw());
        let field = affine(x.dim(), skew, angle, by);
        let field = field.map(|half| {
            let noise = Array2::from_shape_simple_fn(half.raw_dim(), &mut draw);
            half + elastic(&noise, strength * ALPHA, SIGMA)
        });
        warp(&x, &field)
    }))
}
