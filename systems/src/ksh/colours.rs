//! Principal components of colours, and pictures whose colours are shifted along them (section 4.1 of the paper).

use super::pictures::Pictures;
use rand::Rng;
use rand_distr::{Distribution, Normal};
use serde::{Deserialize, Serialize};

/// A number for each of red, green and blue.
pub type Colour = [f64; 3];

/// A principal component of the colours of all pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// λ: the variance of the colours along it.
    pub variance: f64,
    /// p: its direction, of length 1.
    pub direction: Colour,
}

/// The mean of (c − mean)(c − mean)ᵀ over the colours of all pixels, each from 0 to 1.
pub fn covariance(pictures: &Pictures) -> [Colour; 3] {
    let (mut n, mut mean, mut square) = (0.0, [0.0; 3], [[0.0; 3]; 3]);
    for pixel in pictures.pixels().chunks_exact(3) {
        let c: Colour = std::array::from_fn(|k| f64::from(pixel[k]) / 255.0);
        n += 1.0;
        for i in 0..3 {
            mean[i] += c[i];
            for j in 0..3 {
                square[i][j] += c[i] * c[j];
            }
        }
    }
    std::array::from_fn(|i| std::array::from_fn(|j| square[i][j] / n - mean[i] / n * (mean[j] / n)))
}

/// Sweeps of [`eigen`]: each squares what is left beside the diagonal, so that six are enough for all bits.
const SWEEPS: usize = 12;

/// The eigenvectors of a symmetric matrix with their eigenvalues, the largest first, by Jacobi's method (1846).
///
/// A rotation by θ in the plane of i and j makes the entries (i, j) and (j, i) zero, if tan 2θ = 2 a\[i\]\[j\] /
/// (a\[j\]\[j\] − a\[i\]\[i\]). It spoils those that an earlier rotation made zero, but the sum of the squares beside
/// the diagonal has become smaller by 2 a\[i\]\[j\]²; so they all go to zero, and what the rotations are together has
/// the eigenvectors as columns.
pub fn eigen(mut a: [Colour; 3]) -> [Component; 3] {
    let mut vectors = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..SWEEPS {
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            if a[i][j] == 0.0 {
                continue;
            }
            // t = tan θ is the smaller root of t² + 2ct − 1 = 0, where c = cot 2θ.
            let c = (a[j][j] - a[i][i]) / (2.0 * a[i][j]);
            let t = c.signum() / (c.abs() + (c * c + 1.0).sqrt());
            let (cos, sin) = (1.0 / (t * t + 1.0).sqrt(), t / (t * t + 1.0).sqrt());
            let rotate = |x: &mut Colour| (x[i], x[j]) = (cos * x[i] - sin * x[j], sin * x[i] + cos * x[j]);
            a.iter_mut().for_each(rotate);
            vectors.iter_mut().for_each(rotate);
            let (p, q) = (a[i], a[j]);
            a[i] = std::array::from_fn(|k| cos * p[k] - sin * q[k]);
            a[j] = std::array::from_fn(|k| sin * p[k] + cos * q[k]);
        }
    }
    let mut components: [Component; 3] =
        std::array::from_fn(|k| Component { variance: a[k][k], direction: vectors.map(|row| row[k]) });
    components.sort_by(|a, b| b.variance.total_cmp(&a.variance));
    components
}

/// How far a colour is shifted along a component: normally distributed, with this standard deviation times λ (section
/// 4.1).
const SHIFT: f64 = 0.1;

/// Σ αₖ λₖ pₖ: what is added to the colour of every pixel of a picture, with new α for each picture.
pub fn shift(components: &[Component; 3], random: &mut impl Rng) -> [f32; 3] {
    let normal = Normal::new(0.0, SHIFT).expect("a valid distribution");
    let mut sum = [0.0; 3];
    for Component { variance, direction } in components {
        let alpha = normal.sample(random);
        (0..3).for_each(|k| sum[k] += alpha * variance * direction[k]);
    }
    sum.map(|x| x as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::quickcheck;

    quickcheck! {
        /// A = Σ λₖ pₖ pₖᵀ, the p are orthonormal, and the λ fall.
        fn components_make_up_the_matrix(entries: Vec<i8>) -> bool {
            let e = |k: usize| entries.get(k).copied().map_or(0.0, f64::from) / 16.0;
            let a = [[e(0), e(1), e(2)], [e(1), e(3), e(4)], [e(2), e(4), e(5)]];
            let found = eigen(a);
            let dot = |p: &Component, q: &Component| (0..3).map(|k| p.direction[k] * q.direction[k]).sum::<f64>();
            let near = |x: f64, y: f64| (x - y).abs() < 1e-12;
            let place = |k: usize| (k / 3, k % 3);
            (0..9).map(place).all(|(i, j)| {
                let sum: f64 = found.iter().map(|p| p.variance * p.direction[i] * p.direction[j]).sum();
                near(sum, a[i][j]) && near(dot(&found[i], &found[j]), if i == j { 1.0 } else { 0.0 })
            }) && found.is_sorted_by(|p, q| p.variance >= q.variance)
        }
    }

    #[test]
    fn shifts_are_as_wide_as_the_paper_says() {
        let direction = |k: usize| std::array::from_fn(|i| if i == k { 1.0 } else { 0.0 });
        let components =
            [3.0, 2.0, 1.0].map(|variance| Component { variance, direction: direction(3 - variance as usize) });
        let mut random = crate::kit::rng(1, 0);
        let shifts: Vec<_> = (0..4000).map(|_| shift(&components, &mut random)).collect();
        for k in 0..3 {
            let square: f64 = shifts.iter().map(|s| f64::from(s[k]).powi(2)).sum::<f64>() / shifts.len() as f64;
            assert!((square.sqrt() / (SHIFT * components[k].variance) - 1.0).abs() < 0.05, "{k}: {square}");
        }
    }
}
