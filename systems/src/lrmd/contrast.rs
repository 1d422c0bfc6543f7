//! Local contrast normalisation: every number is compared with those around it, in all maps.
//!
//! At place p of a grid with C maps, with weights G\[p, q\] of the places q within one step of p that add up to 1,
//!
//! * v\[p, c\] = x\[p, c\] − Σ_q G\[p, q\] · (1/C) Σ_c x\[q, c\]: less the local mean,
//! * y\[p, c\] = v\[p, c\] / m\[p\], &nbsp; m\[p\] = max(0.01, σ\[p\]), &nbsp; σ\[p\]² = Σ_q G\[p, q\] · (1/C) Σ_c v\[q, c\]²: by the local spread.
//!
//! So a stage hands on how much more a filter answers than others do there, and not how much ink there is.
//!
//! # Backward
//!
//! y depends on v directly, and through the spread of all places that p is near to. With t\[p\] = Σ_c dy\[p, c\]·v\[p, c\] / (m\[p\]² σ\[p\])
//! where σ\[p\] is above 0.01, and 0 elsewhere,
//!
//! * dv\[p, c\] = dy\[p, c\]/m\[p\] − v\[p, c\]/C · Σ_q G\[q, p\] t\[q\],
//! * dx\[p, c\] = dv\[p, c\] − (1/C) Σ_q G\[q, p\] Σ_c dv\[q, c\].

use network3::{Real, ops::Pair};

/// The least that is divided by, as in the paper: what hardly differs is not blown up.
const LEAST: f64 = 0.01;

/// The dimensions of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contrast {
    /// Height and width.
    pub grid: Pair,
    /// Numbers at each place.
    pub maps: usize,
}

impl Contrast {
    /// The places within one step of another, with their weights: 4 for itself, 2 beside it, 1 across a corner; divided by their
    /// sum, which is less at the edge of the grid.
    fn near(&self, place: usize) -> impl Iterator<Item = (usize, f64)> + use<> {
        let (height, width) = self.grid;
        let (i, j) = (place / width, place % width);
        let around = move |k: usize, n: usize| k.saturating_sub(1)..(k + 2).min(n);
        let weight = move |a: usize, b: usize| if a == b { 2.0 } else { 1.0 };
        let sum = |k, n| around(k, n).map(|a| weight(a, k)).sum::<f64>();
        let total = sum(i, height) * sum(j, width);
        around(i, height)
            .flat_map(move |a| around(j, width).map(move |b| (a * width + b, weight(a, i) * weight(b, j) / total)))
    }

    /// Σ_q G\[p, q\] u\[q\] for every place p.
    fn mean<R: Real>(&self, u: &[R]) -> Vec<R> {
        (0..u.len()).map(|p| self.near(p).map(|(q, g)| R::of(g) * u[q]).sum()).collect()
    }

    /// Σ_q G\[q, p\] u\[q\] for every place p: the adjoint of [`Contrast::mean`].
    fn spread<R: Real>(&self, u: &[R]) -> Vec<R> {
        let mut sums = vec![R::zero(); u.len()];
        for (q, &u) in u.iter().enumerate() {
            self.near(q).for_each(|(p, g)| sums[p] += R::of(g) * u);
        }
        sums
    }

    /// Each place's mean over its maps of f(number).
    fn over_maps<R: Real>(&self, x: &[R], f: impl Fn(R) -> R) -> Vec<R> {
        let n = R::of(self.maps as f64);
        x.chunks_exact(self.maps).map(|x| x.iter().map(|&x| f(x)).sum::<R>() / n).collect()
    }

    /// y for one grid, in place of x; v in its own place. Returns σ.
    pub fn forward<R: Real>(&self, x: &[R], v: &mut [R], y: &mut [R]) -> Vec<R> {
        let means = self.mean(&self.over_maps(x, |x| x));
        for ((v, x), &mean) in v.chunks_exact_mut(self.maps).zip(x.chunks_exact(self.maps)).zip(&means) {
            v.iter_mut().zip(x).for_each(|(v, &x)| *v = x - mean);
        }
        let mut sigma = self.mean(&self.over_maps(v, |v| v * v));
        sigma.iter_mut().for_each(|sigma| *sigma = sigma.sqrt());
        for ((y, v), &sigma) in y.chunks_exact_mut(self.maps).zip(v.chunks_exact(self.maps)).zip(&sigma) {
            let m = sigma.max(R::of(LEAST));
            y.iter_mut().zip(v).for_each(|(y, &v)| *y = v / m);
        }
        sigma
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
