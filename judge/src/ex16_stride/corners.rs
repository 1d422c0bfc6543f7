//! Sizes and strides that are easily overlooked.

use super::Answers;
use crate::{Random, Verdict, Wrong, compare};
use ndarray::{Array3, Array4};
use solutions::ex16_stride as solution;

pub fn sizes(a: Answers) -> Verdict {
    const MAX: usize = usize::MAX;
    let cases = [
        (0, 0, 0),
        (0, 0, 1),
        (0, 1, 0),
        (5, 0, 0),
        (MAX, 1, 1),
        (MAX, MAX, 1),
        (MAX, 2, MAX),
        (3, MAX, 1),
        (7, 3, MAX),
        (10, 10, 1),
        (1_000_000, 3, 7),
        (6, 2, 5),
        (70_000, 70_001, 2),
    ];
    cases.into_iter().try_for_each(|(input, kernel, stride)| {
        let (expected, got) = (solution::output_size(input, kernel, stride), (a.output_size)(input, kernel, stride));
        if expected == got {
            return Ok(());
        }
        Err(Wrong::new(format!("output_size({input}, {kernel}, {stride}): expected {expected:?}, got {got:?}"))
            .because("does anything on the way become too large, or less than zero?"))
    })
}

const WHY: &str =
    "kernels and strides may be oblong, of size one, and larger than what is left; numbers may be of any size";

/// x, w, dz and the stride.
fn layers(mut judge: impl FnMut(f64, &Array3<f64>, &Array4<f64>, &Array3<f64>, (usize, usize)) -> Verdict) -> Verdict {
    let random = &mut Random::new(1601);
    for (x, w, stride) in [
        ((1, 1, 1), (1, 1, 1), (1, 1)),
        ((6, 6, 2), (3, 2, 2), (2, 2)),
        ((9, 4, 1), (2, 5, 1), (1, 3)),
        ((4, 9, 3), (1, 1, 5), (3, 1)),
        ((7, 7, 2), (2, 7, 7), (4, 4)),
        ((8, 5, 1), (1, 1, 1), (3, 2)),
        ((5, 8, 2), (3, 2, 3), (9, 9)),
    ] {
        let (filters, height, width) = w;
        let size = |input, kernel, stride| solution::output_size(input, kernel, stride).unwrap_or(0);
        let z = (size(x.0, height, stride.0), size(x.1, width, stride.1), filters);
        for size in [1.0, 1e90, 1e-90] {
            let (x, w) = (size * random.array(x), random.array((filters, height, width, x.2)));
            judge(size, &x, &w, &random.array(z), stride)?;
        }
    }
    Ok(())
}

pub fn forward(a: Answers) -> Verdict {
    layers(|size, x, w, _, stride| {
        let what = format!("forward(x {:?}, of about {size}, w {:?}, {stride:?}) → z", x.shape(), w.shape());
        compare(&what, &solution::forward(x, w, stride), &(a.forward)(x, w, stride))
            .of_size(size)
            .verdict()
            .map_err(|wrong| wrong.or_because(WHY))
    })
}

pub fn weights(a: Answers) -> Verdict {
    layers(|size, x, w, dz, stride| {
        let kernel = (w.dim().1, w.dim().2);
        let what = format!(
            "weight_gradient(x {:?}, of about {size}, dz {:?}, {kernel:?}, {stride:?}) → dw",
            x.shape(),
            dz.shape()
        );
        let got = (a.weight_gradient)(x, dz, kernel, stride);
        compare(&what, &solution::weight_gradient(x, dz, kernel, stride), &got)
            .of_size(size)
            .verdict()
            .map_err(|wrong| wrong.or_because(WHY))
    })
}
