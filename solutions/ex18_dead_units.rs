//! # Dead units
//!
//! A rectified linear unit that is off for every image gets no gradient, and stays off. In a convolutional layer it is
//! a whole kernel that dies: it is *active* at a place of an image where
//!
//! ```text
//! z[f, i, j] = b[f] + Σ w[f, l, m] · x[i + l, j + m]     the sum is over l and m
//! ```
//!
//! is above zero, and *dead* if that is so nowhere, in no image. Max-pooling changes nothing about it: the largest of
//! four numbers is above zero when one of them is.
//!
//! Find the dead ones of a layer in two ways. One tries images. The other knows only that the activation of a pixel is
//! never less than 0 and never more than 1, and finds the kernels that *no* image can wake. All of these are dead, but
//! not all that are dead are beyond help.
//!
//! | array | its indices |
//! | --- | --- |
//! | `w` | filters, kernel height, kernel width |
//! | `b` | filters |
//! | `images` | images, height, width |
//!
//! The image has one map, there is no padding, and the stride is 1. Both functions return the numbers of filters, from
//! 0, the smallest first.

use ndarray::{Array1, Array3};

/// The kernels that are active on none of these images. An image is never smaller than a kernel.
pub fn dead(w: &Array3<f64>, b: &Array1<f64>, images: &Array3<f64>) -> Vec<usize> {
    use ndarray::Axis;
    let (filters, height, width) = w.dim();
    let wakes = |f: usize| {
        let kernel = w.index_axis(Axis(0), f);
        images.outer_iter().any(|image| {
            let windows = image.windows((height, width));
            windows.into_iter().any(|window| b[f] + (&window * &kernel).sum() > 0.0)
        })
    };
    (0..filters).filter(|&f| !wakes(f)).collect()
}

/// The kernels that no image can wake, whatever its pixels, each from 0 to 1.
pub fn hopeless(w: &Array3<f64>, b: &Array1<f64>) -> Vec<usize> {
    use ndarray::Axis;
    let most = |f: usize| b[f] + w.index_axis(Axis(0), f).iter().map(|w| w.max(0.0)).sum::<f64>();
    (0..b.len()).filter(|&f| most(f) <= 0.0).collect()
}
