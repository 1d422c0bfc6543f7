//! Local contrast normalisation: every number is compared with those around it, in all maps.
//!
//! At place p of a grid with C maps, with weights G\[p, q\] of the places q within one step of p that add up to 1,
//!
//! * v\[p, c\] = x\[p, c\] − Σ_q G\[p, q\] · (1/C) Σ_c x\[q, c\]: less the local mean,
//! * y\[p, c\] = v\[p, c\] / m\[p\], &nbsp; m\[p\] = max(0.01, σ\[p\]), &nbsp; σ\[p\]² = Σ_q G\[p, q\] · (1/C) Σ_c
//!   v\[q, c\]²: by the local spread.
//!
//! So a stage hands on how much more a filter answers than others do there, and not how much ink there is.
//!
//! # Backward
//!
//! y depends on v directly, and through the spread of all places that p is near to. With t\[p\] = Σ_c dy\[p, c\]·v\[p,
//! c\] / (m\[p\]² σ\[p\]) where σ\[p\] is above 0.01, and 0 elsewhere,
//!
//! * dv\[p, c\] = dy\[p, c\]/m\[p\] − v\[p, c\]/C · Σ_q G\[q, p\] t\[q\],
//! * dx\[p, c\] = dv\[p, c\] − (1/C) Σ_q G\[q, p\] Σ_c dv\[q, c\].

use network3::{Real, ops::Pair};

/// The least that is divided by, as in the paper: what hardly differs is not blown up.
const LEAST: f64 = 0.01;

/// The normalisation of grids of one size.
#[derive(Clone, Debug)]
pub struct Contrast {
    maps: usize,
    /// For each place those within one step of it, with their weights.
    near: Vec<Vec<(usize, f64)>>,
}

impl Contrast {
    /// For grids of that height and width with so many numbers at each place.
    ///
    /// A place has the weight 4 in its own mean, those beside it 2, those across a corner 1; divided by their sum,
    /// which is less at the edge of the grid.
    pub fn new((height, width): Pair, maps: usize) -> Self {
        let around = |k: usize, n: usize| k.saturating_sub(1)..(k + 2).min(n);
        let weight = |a: usize, b: usize| if a == b { 2.0 } else { 1.0 };
        let near = (0..height * width).map(|place| {
            let (i, j) = (place / width, place % width);
            let near = around(i, height)
                .flat_map(|a| around(j, width).map(move |b| (a * width + b, weight(a, i) * weight(b, j))));
            let total: f64 = near.clone().map(|(_, weight)| weight).sum();
            near.map(|(place, weight)| (place, weight / total)).collect()
        });
        Contrast { maps, near: near.collect() }
    }

    /// Σ_q G\[p, q\] u\[q\] for every place p.
    fn mean<R: Real>(&self, u: &[R]) -> Vec<R> {
        (0..u.len()).map(|p| self.near[p].iter().map(|&(q, g)| R::of(g) * u[q]).sum()).collect()
    }

    /// Σ_q G\[q, p\] u\[q\] for every place p: the adjoint of [`Contrast::mean`].
    fn spread<R: Real>(&self, u: &[R]) -> Vec<R> {
        let mut sums = vec![R::zero(); u.len()];
        for (q, &u) in u.iter().enumerate() {
            self.near[q].iter().for_each(|&(p, g)| sums[p] += R::of(g) * u);
        }
        sums
    }

    /// Each place's mean over its maps of f(number).
    fn over_maps<R: Real>(&self, x: &[R], f: impl Fn(R) -> R) -> Vec<R> {
        let n = R::of(self.maps as f64);
        x.chunks_exact(self.maps).map(|x| x.iter().map(|&x| f(x)).sum::<R>() / n).collect()
    }

    /// y for one grid x, and on the way v and σ, which the way back needs.
    pub fn forward<R: Real>(&self, x: &[R], v: &mut [R], y: &mut [R], sigma: &mut [R]) {
        let means = self.mean(&self.over_maps(x, |x| x));
        for ((v, x), &mean) in v.chunks_exact_mut(self.maps).zip(x.chunks_exact(self.maps)).zip(&means) {
            v.iter_mut().zip(x).for_each(|(v, &x)| *v = x - mean);
        }
        let squares = self.mean(&self.over_maps(v, |v| v * v));
        sigma.iter_mut().zip(squares).for_each(|(sigma, square)| *sigma = square.sqrt());
        for ((y, v), &sigma) in y.chunks_exact_mut(self.maps).zip(v.chunks_exact(self.maps)).zip(&*sigma) {
            let m = sigma.max(R::of(LEAST));
            y.iter_mut().zip(v).for_each(|(y, &v)| *y = v / m);
        }
    }

    /// ∂C/∂y becomes ∂C/∂x, in place, for one grid with the v and σ of its forward pass.
    pub fn backward<R: Real>(&self, v: &[R], sigma: &[R], d: &mut [R]) {
        let (n, least) = (R::of(self.maps as f64), R::of(LEAST));
        let t: Vec<R> = (d.chunks_exact(self.maps).zip(v.chunks_exact(self.maps)).zip(sigma))
            .map(|((dy, v), &sigma)| match sigma > least {
                true => dy.iter().zip(v).map(|(&dy, &v)| dy * v).sum::<R>() / (sigma * sigma * sigma),
                false => R::zero(),
            })
            .collect();
        let t = self.spread(&t);
        for (((d, v), &sigma), &t) in d.chunks_exact_mut(self.maps).zip(v.chunks_exact(self.maps)).zip(sigma).zip(&t) {
            d.iter_mut().zip(v).for_each(|(d, &v)| *d = *d / sigma.max(least) - v / n * t);
        }
        let means = self.spread(&self.over_maps(d, |d| d));
        for (d, &mean) in d.chunks_exact_mut(self.maps).zip(&means) {
            d.iter_mut().for_each(|d| *d -= mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::rng;
    use ndarray::ArrayD;
    use network3::gradcheck::check;
    use rand::RngExt;

    /// Σ coefficient · y, and its gradient.
    fn weighted(contrast: &Contrast, x: &[f64], coefficients: &[f64]) -> (f64, Vec<f64>) {
        let (mut v, mut y, mut sigma) = (vec![0.0; x.len()], vec![0.0; x.len()], vec![0.0; contrast.near.len()]);
        contrast.forward(x, &mut v, &mut y, &mut sigma);
        let mut d = coefficients.to_vec();
        contrast.backward(&v, &sigma, &mut d);
        (y.iter().zip(coefficients).map(|(y, c)| y * c).sum(), d)
    }

    #[test]
    fn gradient() {
        let mut random = rng(1, 0);
        for (grid, maps) in [((3, 4), 3), ((1, 1), 5), ((2, 3), 1)] {
            let contrast = Contrast::new(grid, maps);
            let shape = [grid.0, grid.1, maps];
            // Some grids hardly differ from place to place: there the divisor is a constant.
            for scale in [1.0, 1e-4] {
                let x = ArrayD::from_shape_simple_fn(&shape[..], || scale * (2.0 * random.random::<f64>() - 1.0));
                let coefficients: Vec<f64> = (0..x.len()).map(|_| random.random::<f64>() - 0.5).collect();
                let (_, dx) = weighted(&contrast, x.as_slice().unwrap(), &coefficients);
                let dx = ArrayD::from_shape_vec(&shape[..], dx).unwrap();
                let f = |t: &[ArrayD<f64>]| weighted(&contrast, t[0].as_slice().unwrap(), &coefficients).0;
                let report = check(&[("x", x)], &[dx], f).unwrap();
                assert!(report.passes(1e-6), "{grid:?}, {maps} maps, {scale}: {report}");
            }
        }
    }

    #[test]
    fn what_does_not_differ_is_zero_and_contrast_does_not_matter() {
        let contrast = Contrast::new((3, 3), 2);
        let mut random = rng(2, 0);
        let x: Vec<f64> = (0..18).map(|_| random.random()).collect();
        let run = |x: &[f64]| {
            let (mut v, mut y) = (vec![0.0; 18], vec![0.0; 18]);
            contrast.forward(x, &mut v, &mut y, &mut [0.0; 9]);
            y
        };
        assert!(run(&[0.3; 18]).iter().all(|y| y.abs() < 1e-12));
        let other: Vec<f64> = x.iter().map(|x| 5.0 * x + 2.0).collect();
        assert!(run(&x).iter().zip(run(&other)).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}
