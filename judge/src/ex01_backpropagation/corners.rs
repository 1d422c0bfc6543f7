//! Shapes and numbers that are easily overlooked.

use super::Answers;
use crate::{Random, Verdict, compare};
use ndarray::{Array3, Array4};
use solutions::ex01_backpropagation as solution;

const SHAPES: &str = "shapes may be odd or even, oblong, and of size one";
const SIZES: &str = "numbers may be of any size, and the result is as large as they are";

pub fn windows(a: Answers) -> Verdict {
    let random = &mut Random::new(101);
    for (shape, window) in [
        ((1, 1, 1), (1, 1)),
        ((4, 4, 1), (4, 4)),
        ((5, 8, 3), (1, 3)),
        ((8, 5, 2), (3, 1)),
        ((7, 3, 2), (2, 3)),
        ((6, 6, 2), (5, 2)),
    ] {
        for (what, number) in [
            ("all negative", (|x| x - 2.0) as fn(f64) -> f64),
            ("with many ties", |x| (2.0 * x).round()),
            ("with ties below zero", |x| (2.0 * x).round() - 5.0),
            ("that differ in their last digits", |x| 1.0 + 1e-14 * (9.0 * x).round()),
            ("that are huge", |x| 1e200 * x),
            ("that are tiny", |x| 1e-200 * x),
        ] {
            let z: Array3<f64> = random.array(shape).mapv(number);
            let mut delta: Array3<f64> = random.array((shape.0 / window.0, shape.1 / window.1, shape.2));
            delta[[0, 0, 0]] = 0.0;
            let expected = solution::delta_through_max_pooling(&z, &delta, window);
            let what = format!("delta_through_max_pooling(z {shape:?} {what}, windows {window:?}) → dz");
            compare(&what, &expected, &(a.delta_through_max_pooling)(&z, &delta, window)).verdict().map_err(
                |wrong| {
                    wrong.or_because(
                        "the first unit that is as large as any other of its window wins, whatever its sign and size",
                    )
                },
            )?;
        }
    }
    Ok(())
}

/// Height, width, maps, filters, kernel.
const LAYERS: [(usize, usize, usize, usize, (usize, usize)); 6] = [
    (1, 1, 1, 1, (1, 1)),
    (4, 4, 2, 1, (4, 4)),
    (2, 7, 1, 3, (1, 4)),
    (8, 3, 3, 2, (5, 1)),
    (6, 6, 2, 2, (2, 2)),
    (5, 5, 1, 2, (1, 1)),
];

fn layers(mut judge: impl FnMut(f64, &Array3<f64>, &Array4<f64>, &Array3<f64>) -> Verdict) -> Verdict {
    let random = &mut Random::new(102);
    for (height, width, maps, filters, kernel) in LAYERS {
        for size in [1.0, 1e100, 1e-100] {
            let mut x: Array3<f64> = random.array((height, width, maps));
            x[[0, 0, 0]] = 0.0;
            let w = random.array((filters, kernel.0, kernel.1, maps));
            let dz: Array3<f64> = random.array((height - kernel.0 + 1, width - kernel.1 + 1, filters));
            judge(size, &x, &w, &(size * dz))?;
        }
    }
    Ok(())
}

fn why(size: f64) -> &'static str {
    if size == 1.0 { SHAPES } else { SIZES }
}

pub fn biases(a: Answers) -> Verdict {
    layers(|size, _, _, dz| {
        let got = (a.bias_gradient)(dz);
        let what = format!("bias_gradient(delta {:?}, of about {size}) → db", dz.shape());
        compare(&what, &solution::bias_gradient(dz), &got)
            .of_size(size)
            .verdict()
            .map_err(|wrong| wrong.or_because(why(size)))
    })
}

pub fn weights(a: Answers) -> Verdict {
    layers(|size, x, _, dz| {
        let got = (a.weight_gradient)(x, dz);
        let what = format!("weight_gradient(x {:?}, dz {:?}, of about {size}) → dw", x.shape(), dz.shape());
        compare(&what, &solution::weight_gradient(x, dz), &got)
            .of_size(size)
            .verdict()
            .map_err(|wrong| wrong.or_because(why(size)))
    })
}

pub fn inputs(a: Answers) -> Verdict {
    layers(|size, _, w, dz| {
        let got = (a.input_gradient)(w, dz);
        let what = format!("input_gradient(w {:?}, dz {:?}, of about {size}) → dx", w.shape(), dz.shape());
        compare(&what, &solution::input_gradient(w, dz), &got)
            .of_size(size)
            .verdict()
            .map_err(|wrong| wrong.or_because(why(size)))
    })
}
