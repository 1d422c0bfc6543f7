//! Noise that becomes a field.

use super::Answers;
use crate::{Random, Verdict, compare, number};
use ndarray::{Array1, Array2};
use solutions::ex08_distortion as solution;
use std::f64::consts::PI;

/// The solution, with another Gaussian: exp(−k²/d) over |k| ≤ radius, divided by `total` (`None`: by what it should
/// be).
fn smoothed(
    noise: &Array2<f64>,
    alpha: f64,
    (d, radius): (f64, i32),
    total: Option<f64>,
    axes: &[usize],
) -> Array2<f64> {
    let gauss = |k: i32| (-f64::from(k * k) / d).exp();
    let total = total.unwrap_or_else(|| (-radius..=radius).map(gauss).sum());
    let mut field = noise * alpha;
    for &axis in axes {
        field = Array2::from_shape_fn(noise.raw_dim(), |(i, j)| {
            let at = |k: i32| {
                let shifted = |n: usize| n.checked_add_signed(k as isize);
                let at = if axis == 0 { shifted(i).map(|i| (i, j)) } else { shifted(j).map(|j| (i, j)) };
                at.and_then(|at| field.get(at)).copied().unwrap_or(0.0)
            };
            (-radius..=radius).map(|k| gauss(k) / total * at(k)).sum()
        });
    }
    field
}

pub fn a_single_spot(a: Answers) -> Verdict {
    let mut noise = Array2::zeros((13, 15));
    noise[[6, 7]] = 1.0;
    let (alpha, sigma) = (10.0, 1.5);
    let d = 2.0 * sigma * sigma;
    let with = |d, radius, total, axes: &[usize]| smoothed(&noise, alpha, (d, radius), total, axes);
    compare("the field of one spot, α = 10, σ = 1.5", &with(d, 5, None, &[0, 1]), &(a.elastic)(&noise, alpha, sigma))
        .suspect(&with(sigma * sigma, 5, None, &[0, 1]), "exp(−k²/σ²): a Gaussian has 2σ² there")
        .suspect(&with(2.0 * sigma, 5, None, &[0, 1]), "exp(−k²/2σ): σ is not squared")
        .suspect(&with(d, 5, Some(1.0), &[0, 1]), "the weights are not divided by their sum")
        .suspect(
            &with(d, 5, Some((PI * d).sqrt()), &[0, 1]),
            "divided by σ√2π: that is nearly, but not exactly, the sum of the weights",
        )
        .suspect(&with(d, 5, None, &[0]), "smoothed down the columns only: along the rows, too")
        .suspect(&with(d, 5, None, &[1]), "smoothed along the rows only: down the columns, too")
        .suspect(&with(d, 4, None, &[0, 1]), "the Gaussian is cut off too early: 3σ is rounded up")
        .suspect(&(with(d, 5, None, &[0, 1]) * alpha), "α twice: once is enough, for both directions together")
        .suspect(&(with(d, 5, None, &[0, 1]) / alpha), "without α")
        .verdict()
}

pub fn near_the_edge(a: Answers) -> Verdict {
    let noise: Array2<f64> = Random::new(85).array((6, 9));
    let (alpha, sigma) = (3.0, 1.2);
    let expected = solution::elastic(&noise, alpha, sigma);
    // What is smoothed of ones alone: the sum of the weights that lie within.
    let within = solution::elastic(&Array2::ones(noise.raw_dim()), 1.0, sigma);
    compare("the field of 6×9 numbers, α = 3, σ = 1.2", &expected, &(a.elastic)(&noise, alpha, sigma))
        .suspect(
            &(&expected / &within),
            "near the edge the weights are divided by the sum of those within: it should be the sum of all",
        )
        .verdict()
}

pub fn displacements(a: Answers) -> Verdict {
    const FIELDS: usize = 500;
    let mut random = Random::new(86);
    let centres: Array1<f64> = (0..FIELDS)
        .map(|_| {
            let noise = random.array((29, 29));
            let field = (a.elastic)(&noise, solution::ALPHA, solution::SIGMA);
            field.get((14, 14)).copied().unwrap_or(f64::NAN)
        })
        .collect();
    // The variance of uniform noise is 1/3, and independent noise adds up with the squares of the weights: Σ g² is
    // about 1 / 2σ√π in each direction.
    let sd = solution::ALPHA / 3f64.sqrt() / (2.0 * solution::SIGMA * PI.sqrt());
    let got = (centres.iter().map(|d| d * d).sum::<f64>() / FIELDS as f64).sqrt();
    number("pixels that the centre of a 29×29 image is displaced by, root mean square of 500 fields", sd, got)
        .within(0.15)
        .suspect_number(1.0, "has the field been normalised? The paper's α belongs to a field that is not")
        .verdict()
}

/// Kernels of many widths, among them some whose 3σ is a whole number, on arrays of many shapes, some smaller than the
/// kernel.
pub fn any_noise(a: Answers) -> Verdict {
    let random = &mut Random::new(87);
    for shape in [(1, 1), (1, 9), (8, 1), (6, 6), (15, 4), (30, 31)] {
        for sigma in [0.2, 1.0, 2.0, 3.7, 4.0] {
            for alpha in [1.0, -2.5, 0.0, 1e-40, 1e40] {
                let noise: Array2<f64> = random.array(shape);
                compare(
                    &format!("the field of {shape:?} numbers, α = {alpha}, σ = {sigma}"),
                    &solution::elastic(&noise, alpha, sigma),
                    &(a.elastic)(&noise, alpha, sigma),
                )
                .of_size(if alpha == 0.0 { 1.0 } else { alpha.abs() })
                .suspect(
                    &smoothed(&noise, alpha, (2.0 * sigma * sigma, (3.0 * sigma).ceil() as i32 + 1), None, &[0, 1]),
                    "the Gaussian goes one pixel too far: where 3σ is whole, R is 3σ and not one more",
                )
                .verdict()
                .map_err(|wrong| {
                    wrong.or_because(
                        "R is 3σ rounded up, for any σ; the array may be smaller than the kernel, and α is any number",
                    )
                })?;
            }
        }
    }
    Ok(())
}
