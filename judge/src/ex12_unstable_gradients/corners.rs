//! Networks that are easily overlooked.

use super::{Answers, at_rest, cured, how_many, network, outputs};
use crate::{Random, Verdict, compare, number};
use ndarray::{Array1, Array2};
use solutions::ex12_unstable_gradients as solution;

type Example = (Vec<Array2<f64>>, Vec<Array1<f64>>, Array1<f64>, Array1<f64>);

/// Single neurons, dead layers, z that are exactly 0.
fn examples() -> Vec<Example> {
    let random = &mut Random::new(1201);
    let mut all = vec![];
    for sizes in [&[1, 1][..], &[3, 1, 4], &[2, 2, 2, 2], &[1, 6, 1, 6]] {
        for bias in [0.3, -3.0, 0.0] {
            let weights: Vec<Array2<f64>> = sizes.windows(2).map(|s| random.array((s[1], s[0])) + 0.2).collect();
            let biases = weights.iter().map(|w| Array1::from_elem(w.nrows(), bias)).collect();
            let x: Array1<f64> = if bias == 0.0 { Array1::zeros(sizes[0]) } else { random.array(sizes[0]) };
            all.push((weights, biases, x, random.array(sizes[sizes.len() - 1])));
        }
    }
    all
}

const WHY: &str =
    "where z is 0 or less the derivative counts as 0, and then nothing gets through: no error, no gradient";

pub fn errors(a: Answers) -> Verdict {
    examples().iter().try_for_each(|(w, b, x, da)| {
        for size in [1.0, 1e-80, 1e80] {
            let da = size * da;
            let (expected, got) = (solution::errors(w, b, x, &da), (a.errors)(w, b, x, &da));
            how_many("errors", w.len(), got.len())?;
            for l in (0..w.len()).rev() {
                compare(
                    &format!("δ of layer {} of {}, x = {x:.3}, da of about {size}", l + 1, w.len()),
                    &expected[l],
                    &got[l],
                )
                .of_size(size)
                .verdict()
                .map_err(|wrong| wrong.or_because(WHY))?;
            }
        }
        Ok(())
    })
}

pub fn norms(a: Answers) -> Verdict {
    examples().iter().try_for_each(|(w, b, x, da)| {
        for size in [1.0, 1e-80, 1e80] {
            let da = size * da;
            let (expected, got) = (solution::gradient_norms(w, b, x, &da), (a.gradient_norms)(w, b, x, &da));
            how_many("gradient norms", w.len(), got.len())?;
            for (l, (e, g)) in expected.iter().zip(&got).enumerate() {
                let of = format!("of layer {} of {}, x = {x:.3}, da of about {size}", l + 1, w.len());
                number(&format!("‖∂C/∂b‖ {of}"), e.0, g.0)
                    .of_size(size)
                    .verdict()
                    .map_err(|wrong| wrong.or_because(WHY))?;
                number(&format!("‖∂C/∂w‖ {of}"), e.1, g.1)
                    .of_size(size)
                    .verdict()
                    .map_err(|wrong| wrong.or_because(WHY))?;
            }
        }
        Ok(())
    })
}

pub fn factors(a: Answers) -> Verdict {
    for norms in [
        vec![2.0, 1.0],
        vec![1e-120, 1e120],
        vec![1.0, 9.0, 1.0],
        vec![3.0; 50],
        vec![1e-9, 5.0, 1e-3, 7.0],
        vec![4.0, 1e6, 1e-6, 0.5],
    ] {
        let expected = solution::factor_per_layer(&norms);
        number(
            &format!("factor per layer, over {expected:e}, for norms of {norms:?}"),
            1.0,
            (a.factor_per_layer)(&norms) / expected,
        )
        .verdict()
        .map_err(|wrong| {
            wrong.or_because("from the last norm to the first it is this factor, as often as there are steps")
        })?;
    }
    Ok(())
}

/// Few layers, and layers of different widths; far too small, far too large, and of the right size.
pub fn cures(a: Answers) -> Verdict {
    let random = &mut Random::new(1202);
    for sizes in [&[40, 40][..], &[30, 90, 60], &[60, 30, 90, 40, 70]] {
        for scales in [[1.0, 1.0], [1e-6, 1e-6], [1e5, 1e5], [1e3, 1e-4]] {
            let weights = network(random, sizes, scales.into_iter().cycle());
            let x: Array2<f64> = random.array((25, sizes[0]));
            let of = format!("of layers of {sizes:?}, their weights {scales:?} times too large, in turn");
            let cured = cured(a, &weights, &x, &of)?;
            let all = |w: &[Array2<f64>]| -> Array1<f64> {
                x.rows().into_iter().flat_map(|x| outputs(w, &at_rest(w), &x.to_owned())).collect()
            };
            let (old, new) = (all(&weights), all(&cured));
            let factor = new.sum() / old.sum();
            compare(&format!("outputs {of}, over the factor {factor:.2e}"), &(&old / old.sum()), &(&new / new.sum()))
                .of_size(1e-3)
                .verdict()
                .map_err(|wrong| wrong.or_because("outputs are multiplied by one positive number, the same for all"))?;
        }
    }
    Ok(())
}
