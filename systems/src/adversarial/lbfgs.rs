//! L-BFGS in a box: a quasi-Newton method that remembers only its last few steps.
//!
//! Newton's method goes along −H⁻¹∇f, with H the matrix of second derivatives. BFGS guesses H⁻¹ from how the gradient
//! has changed: after a step s, with y the difference of the gradients, H⁻¹y should be s. L-BFGS (Nocedal, 1980) keeps
//! no matrix, but the last m pairs (s, y), and computes H⁻¹∇f from them in two loops.
//!
//! The box is kept by projection: a variable at its bound whose gradient points outwards is left out of the direction,
//! and what a step carries out of the box is set down on its edge. (Byrd, Lu, Nocedal and Zhu's L-BFGS-B (1995), which
//! the paper used, takes more care with the bounds.)

/// Pairs (s, y) that are remembered.
const MEMORY: usize = 8;
/// A step must lower f by this part of what the slope promises (Armijo's rule).
const ENOUGH: f64 = 1e-4;
/// How often a step is halved before the search gives up.
const HALVINGS: usize = 12;

/// A step that was made, and by how much the gradient changed along it.
struct Pair {
    s: Vec<f64>,
    y: Vec<f64>,
    /// 1 / sᵀy
    rho: f64,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// −H⁻¹g, where the pairs say what H⁻¹ is.
fn direction(pairs: &[Pair], g: &[f64]) -> Vec<f64> {
    let mut q = g.to_vec();
    let mut alphas = vec![];
    for Pair { s, y, rho } in pairs.iter().rev() {
        let alpha = rho * dot(s, &q);
        q.iter_mut().zip(y).for_each(|(q, y)| *q -= alpha * y);
        alphas.push(alpha);
    }
    // What the last pair says of the scale of H⁻¹; before there is one, the first step has length 1.
    let scale = match pairs.last() {
        Some(Pair { s, y, .. }) => dot(s, y) / dot(y, y),
        None => 1.0 / dot(g, g).sqrt().max(f64::MIN_POSITIVE),
    };
    q.iter_mut().for_each(|q| *q *= scale);
    for (Pair { s, y, rho }, alpha) in pairs.iter().zip(alphas.into_iter().rev()) {
        let beta = rho * dot(y, &q);
        q.iter_mut().zip(s).for_each(|(q, s)| *q += (alpha - beta) * s);
    }
    q.iter_mut().for_each(|q| *q = -*q);
    q
}

/// Makes f small, beginning at `x` and within the bounds (least, most) of all variables; returns f where it ends. `f`
/// writes its gradient to its second argument.
pub fn minimise(mut f: impl FnMut(&[f64], &mut [f64]) -> f64, x: &mut [f64], bounds: (f64, f64), steps: usize) -> f64 {
    let inside = |x: f64| x.clamp(bounds.0, bounds.1);
    let mut g = vec![0.0; x.len()];
    let mut value = f(x, &mut g);
    let mut pairs: Vec<Pair> = vec![];
    for _ in 0..steps {
        // Leave out what is held by the box
        let held = |x: f64, g: f64| x <= bounds.0 && g > 0.0 || x >= bounds.1 && g < 0.0;
        let free: Vec<f64> = x.iter().zip(&g).map(|(&x, &g)| if held(x, g) { 0.0 } else { g }).collect();
        let mut d = direction(&pairs, &free);
        d.iter_mut().zip(&free).for_each(|(d, &free)| *d = if free == 0.0 { 0.0 } else { *d });
        if dot(&d, &free) >= 0.0 {
            // No descent: forget, and follow the gradient
            pairs.clear();
            d = direction(&pairs, &free);
        }

        // Halve the step until f has become small enough
        let (mut there, mut g_there) = (x.to_vec(), vec![0.0; x.len()]);
        let mut length = 1.0;
        let lower = (0..HALVINGS).find_map(|_| {
            there.iter_mut().zip(x.iter().zip(&d)).for_each(|(t, (x, d))| *t = inside(x + length * d));
            let promised: f64 = there.iter().zip(x.iter()).zip(&g).map(|((t, x), g)| g * (t - x)).sum();
            let value_there = f(&there, &mut g_there);
            length /= 2.0;
            (promised < 0.0 && value_there <= value + ENOUGH * promised).then_some(value_there)
        });
        let Some(lower) = lower else { return value };

        // Remember the pair, if it says that f bends upwards
        let s: Vec<f64> = there.iter().zip(x.iter()).map(|(t, x)| t - x).collect();
        let y: Vec<f64> = g_there.iter().zip(&g).map(|(t, g)| t - g).collect();
        if dot(&s, &y) > 1e-10 * dot(&y, &y) {
            let rho = 1.0 / dot(&s, &y);
            if pairs.len() == MEMORY {
                pairs.remove(0);
            }
            pairs.push(Pair { s, y, rho });
        }
        x.copy_from_slice(&there);
        (value, g) = (lower, g_there);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley, whose lowest point is (1, 1).
    fn valley(x: &[f64], g: &mut [f64]) -> f64 {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        g[0] = -2.0 * a - 400.0 * x[0] * b;
        g[1] = 200.0 * b;
        a * a + 100.0 * b * b
    }

    #[test]
    fn finds_the_lowest_point() {
        let mut x = [-1.2, 1.0];
        let value = minimise(valley, &mut x, (-5.0, 5.0), 100);
        assert!(value < 1e-12 && (x[0] - 1.0).abs() < 1e-5 && (x[1] - 1.0).abs() < 1e-5, "{value} {x:?}");
    }

    #[test]
    fn and_that_on_the_edge_of_the_box() {
        // Within [−0.5, 0.5]² it is at x₀ = ½, x₁ = ¼.
        let mut x = [-0.4, 0.4];
        minimise(valley, &mut x, (-0.5, 0.5), 200);
        assert!((x[0] - 0.5).abs() < 1e-6 && (x[1] - 0.25).abs() < 1e-6, "{x:?}");
    }

    /// A quadratic bowl with its centre outside of the box: each variable stops at its own bound.
    #[test]
    fn bounds_hold() {
        let centre = [3.0, -3.0, 0.2, 0.7];
        let bowl = |x: &[f64], g: &mut [f64]| {
            g.iter_mut().enumerate().for_each(|(i, g)| *g = 2.0 * (i + 1) as f64 * (x[i] - centre[i]));
            x.iter().enumerate().map(|(i, x)| (i + 1) as f64 * (x - centre[i]).powi(2)).sum()
        };
        let mut x = [0.5; 4];
        minimise(bowl, &mut x, (0.0, 1.0), 50);
        for (x, wanted) in x.iter().zip([1.0, 0.0, 0.2, 0.7]) {
            assert!((x - wanted).abs() < 1e-6, "{x} {wanted}");
        }
    }
}
