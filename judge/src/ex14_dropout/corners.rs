//! Masks, and shapes that are easily overlooked.

use super::{Answers, forward, geometric, layer, opinions};
use crate::{Random, Verdict, Wrong, compare, number};
use ndarray::{Array1, Array2};
use solutions::ex14_dropout as solution;

/// A mask must not depend on the inputs, nor one element on another: compared by means of products, over many elements.
pub fn independence(a: Answers) -> Verdict {
    let random = &mut Random::new(1401);
    for p in [0.5, 0.2, 0.7] {
        let (mut x, w, b) = layer(random, [400, 300, 1]);
        x.mapv_inplace(|x| if x.abs() < 0.3 { 0.0 } else { x });
        let (_, mask) = forward(a, (&x, &w, &b), p, random)?;
        let (n, m) = mask.dim();
        let dropped = mask.mapv(|m| (1.0 - m - p) / (p * (1.0 - p)).sqrt());
        let mean = |all: &mut dyn Iterator<Item = f64>| {
            let (mut sum, mut count) = (0.0, 0.0);
            all.for_each(|x| (sum, count) = (sum + x, count + 1.0));
            sum / count
        };
        let tell = |what: &str, got: f64, why: &str| {
            number(&format!("mask for p = {p}: {what}"), 0.0, got)
                .within(0.03)
                .verdict()
                .map_err(|wrong| wrong.because(why))
        };
        for (i, j) in [(0, 1), (0, 2), (0, 3), (0, m / 2), (1, 0), (2, 0), (n / 2, 0), (1, 1)] {
            let got = mean(
                &mut (0..n - i)
                    .flat_map(|r| (0..m - j).map(move |c| (r, c)))
                    .map(|(r, c)| dropped[[r, c]] * dropped[[r + i, c + j]]),
            );
            tell(
                &format!("correlation of elements that are {i} rows and {j} columns apart"),
                got,
                "each input of each example is left out independently of all others",
            )?;
        }
        for (words, pick) in
            [("zero", (|x| x == 0.0) as fn(f64) -> bool), ("positive", |x| x > 0.0), ("negative", |x| x < 0.0)]
        {
            let got = mean(&mut x.iter().zip(&dropped).filter(|(x, _)| pick(**x)).map(|(_, d)| *d));
            tell(
                &format!("left out more often, or less, where x is {words}"),
                got,
                "whether an input is left out does not depend on its value",
            )?;
        }
        for (lines, words, axis) in [(n, "rows", 1), (m, "columns", 0)] {
            let length = (n * m / lines) as f64;
            let spread = dropped.sum_axis(ndarray::Axis(axis)).mapv(|sum| sum * sum / length).sum() / lines as f64;
            number(
                &format!(
                    "mask for p = {p}: variance of how many are left out, over {words}, in units of what chance has"
                ),
                1.0,
                spread,
            )
            .within(0.5)
            .verdict()
            .map_err(|wrong| {
                wrong.because("how many are left out is chance, too: not the same number in each row or column")
            })?;
        }
    }
    // Of two inputs, both are left out now and then.
    let (x, w, b) = layer(random, [4000, 2, 1]);
    let (_, mask) = forward(a, (&x, &w, &b), 0.5, random)?;
    let [both, none] =
        [0.0, 2.0].map(|sum| mask.rows().into_iter().filter(|row| row.sum() == sum).count() as f64 / 4000.0);
    number("two inputs, p = 0.5: share of examples that have lost both", 0.25, both)
        .within(0.05)
        .verdict()
        .map_err(|wrong| wrong.because("an example may lose all of its inputs"))?;
    number("two inputs, p = 0.5: share of examples that have lost none", 0.25, none)
        .within(0.05)
        .verdict()
        .map_err(|wrong| wrong.because("an example may keep all of its inputs"))
}

/// p = 0 leaves out nothing, and p = 1 everything, whatever is drawn.
pub fn certain(a: Answers) -> Verdict {
    let random = &mut Random::new(1402);
    for sizes in [[1, 1, 1], [3, 5, 2]] {
        let (x, w, b) = layer(random, sizes);
        for (p, expected) in [(0.0, 1.0), (1.0, 0.0)] {
            for drawn in [0.0, 0.5, 1.0 - f64::EPSILON / 2.0] {
                let (z, mask) = (a.forward)(&x, &w, &b, p, &mut || drawn);
                let why = "uniform numbers go from 0 up to but not including 1: with p = 0 nothing is left out, with p = 1 everything is";
                let whole = Array2::from_elem(x.dim(), expected);
                compare(&format!("mask for p = {p}, when {drawn} is drawn"), &whole, &mask)
                    .verdict()
                    .map_err(|wrong| wrong.because(why))?;
                compare(&format!("z for p = {p}"), &super::masked(&x, &whole, &w, &b), &z).verdict()?;
            }
        }
    }
    Ok(())
}

pub fn gradients(a: Answers) -> Verdict {
    let random = &mut Random::new(1403);
    for sizes @ [n, inputs, outputs] in [[1, 1, 1], [5, 1, 4], [2, 7, 1], [1, 3, 3]] {
        let (x, w, _) = layer(random, sizes);
        let mask = Array2::from_shape_simple_fn((n, inputs), || f64::from(random.number() > 0.0));
        for size in [1.0, 1e-60] {
            let dz: Array2<f64> = size * random.array((n, outputs));
            let (expected, got) = (solution::backward(&x, &w, &mask, &dz), (a.backward)(&x, &w, &mask, &dz));
            compare(&format!("∂C/∂w, sizes {sizes:?}, dz of about {size}"), &expected.0, &got.0)
                .of_size(size)
                .verdict()?;
            compare(&format!("∂C/∂x, sizes {sizes:?}, dz of about {size}"), &expected.1, &got.1)
                .of_size(size)
                .verdict()?;
        }
    }
    Ok(())
}

pub fn shapes(a: Answers) -> Verdict {
    let random = &mut Random::new(1405);
    for sizes in [[1, 1, 1], [5, 1, 4], [2, 7, 1], [1, 3, 3]] {
        let (x, w, b) = layer(random, sizes);
        for p in [0.0, 1.0, 0.125, 0.9999] {
            compare(
                &format!("z of the whole layer, sizes {sizes:?}, p = {p}"),
                &solution::evaluate(&x, &w, &b, p),
                &(a.evaluate)(&x, &w, &b, p),
            )
            .within(1e-12)
            .verdict()
            .map_err(|wrong| wrong.or_because("1 − p of each input is left, on average; p may be 0 or 1"))?;
        }
    }
    Ok(())
}

pub fn means(a: Answers) -> Verdict {
    let random = &mut Random::new(1404);
    for (networks, classes) in [(1, 3), (4, 1), (2, 50), (6000, 2)] {
        let (p, weights) = opinions(random, networks, classes);
        compare(
            &format!("geometric mean of {networks} networks, {classes} classes"),
            &geometric(&p, &weights),
            &(a.geometric_mean)(&p, &weights),
        )
        .verdict()?;
    }
    let p = Array2::from_shape_fn((3, 2), |(i, j)| [[1e-200, 1.0], [1e-100, 1e-150], [0.5, 0.5]][i][j]);
    for weights in [Array1::from_elem(3, 1.0 / 3.0), Array1::from(vec![1e-9, 0.5, 0.5 - 1e-9])] {
        let got = (a.geometric_mean)(&p, &weights);
        if got.len() != 2 {
            return Err(Wrong::new(format!("geometric mean of 3 networks, 2 classes: got {} numbers", got.len())));
        }
        compare("geometric mean of tiny probabilities", &geometric(&p, &weights), &got)
            .of_size(1e-60)
            .verdict()
            .map_err(|wrong| wrong.or_because("a probability may be tiny, and still counts: nothing is added to it"))?;
    }
    Ok(())
}
