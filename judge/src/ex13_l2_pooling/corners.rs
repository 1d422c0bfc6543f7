//! Windows that are easily overlooked.

use super::Answers;
use crate::{Random, Verdict, compare};
use ndarray::{Array3, Axis, array};
use solutions::ex13_l2_pooling as solution;

const WHY: &str =
    "only a window that is all zero is blank: units may cancel, and may be as small or as large as they like";

/// Images of all shapes and sizes, some with windows that are blank or whose units cancel.
fn images() -> Vec<(Array3<f64>, (usize, usize), f64)> {
    let random = &mut Random::new(1301);
    let cancel = array![[3.0, -3.0, 1.0, 0.0], [-1.0, 1.0, -1.0, 0.0]].insert_axis(Axis(2));
    let mut all = vec![(cancel, (2, 2), 1.0)];
    for (shape, window) in [
        ((1, 1, 1), (1, 1)),
        ((4, 4, 2), (4, 4)),
        ((3, 8, 1), (1, 3)),
        ((8, 3, 3), (3, 1)),
        ((6, 4, 2), (2, 2)),
        ((5, 7, 1), (3, 2)),
    ] {
        for size in [1.0, 1e-7, 1e-13, 1e-100, 1e100] {
            let mut x: Array3<f64> = size * random.array(shape);
            all.push((x.clone(), window, size));
            x.mapv_inplace(|x| if x < 0.0 { 0.0 } else { x });
            all.push((x.clone(), window, size));
            all.push((0.0 * x, window, size));
        }
    }
    all
}

pub fn forward(a: Answers) -> Verdict {
    images().iter().try_for_each(|(x, window, size)| {
        let what = format!("forward(x {:?}, of about {size}, {window:?}) → y", x.shape());
        compare(&what, &solution::forward(x, *window), &(a.forward)(x, *window))
            .of_size(*size)
            .verdict()
            .map_err(|wrong| wrong.or_because(WHY))
    })
}

pub fn backward(a: Answers) -> Verdict {
    let random = &mut Random::new(1302);
    images().iter().try_for_each(|(x, window, size)| {
        let dy: Array3<f64> = random.array(solution::forward(x, *window).raw_dim());
        let what = format!("backward(x {:?}, of about {size}, dy {:?}, {window:?}) → dx", x.shape(), dy.shape());
        compare(&what, &solution::backward(x, &dy, *window), &(a.backward)(x, &dy, *window))
            .verdict()
            .map_err(|wrong| wrong.or_because(WHY))
    })
}
