//! Zeros, and shapes that are easily overlooked.

use super::{Answers, Layer, judged, layer, same, solution, wrong::HOPELESS};
use crate::{Random, Verdict, Wrong};
use ndarray::{Array1, Array3, array};

const WHY: &str = "where z is exactly zero the unit is off: active means above zero, by however little";

/// A z of exactly zero is off.
pub fn zero(a: Answers) -> Verdict {
    let w = Array3::from_shape_fn((4, 2, 2), |(f, _, _)| if f < 2 { 0.25 } else { 0.0 });
    let b = array![-1.0, -0.5, 0.0, f64::MIN_POSITIVE];
    let images = Array3::from_elem((2, 3, 3), 1.0);
    judged(a, "z = 0, 0.5, 0 and hardly more than 0", &Layer { w, b, images }).map_err(|wrong| wrong.or_because(WHY))
}

/// Kernels and images of all shapes, up to a kernel that is as large as the image.
pub fn shapes(a: Answers) -> Verdict {
    let random = &mut Random::new(1830);
    for (kernel, image) in [((1, 1), (1, 1)), ((1, 4), (3, 4)), ((4, 1), (4, 5)), ((3, 3), (3, 3)), ((2, 5), (6, 5))] {
        for n in [1, 2] {
            let what = format!("dead kernels of 9, of {kernel:?}, on {n} images of {image:?}");
            let Layer { w, b, images } = layer(random, 9, kernel, (n, image.0, image.1));
            for size in [1.0, 1e-200, 1e200] {
                let (w, b, images) = (size * &w, size * &b, images.clone());
                judged(a, &format!("{what}, weights of about {size}"), &Layer { w, b, images }).map_err(|wrong| {
                    wrong.or_because("images may be narrow, a kernel as large as they are, and weights as small or large as they like")
                })?;
            }
        }
    }
    only_at_the_edge(a)
}

/// Ink in a single corner: only the last window, or the first, wakes a kernel.
fn only_at_the_edge(a: Answers) -> Verdict {
    let w = Array3::from_shape_fn((4, 2, 2), |(f, l, m)| if f == 2 * l + m { 1.0 } else { 0.0 });
    for corner in [(0, 0), (0, 4), (3, 0), (3, 4)] {
        let images = Array3::from_shape_fn((1, 4, 5), |(_, i, j)| if (i, j) == corner { 1.0 } else { 0.0 });
        let what = format!("an image with ink at {corner:?} alone");
        judged(a, &what, &Layer { w: w.clone(), b: Array1::from_elem(4, -0.5), images })?;
    }
    Ok(())
}

/// The bias takes away exactly what the best image could bring.
pub fn nothing_left(a: Answers) -> Verdict {
    let w = Array3::from_shape_fn((5, 2, 2), |(f, l, m)| if f == 4 { -1.0 } else { [0.5, -8.0, 0.25, 0.0][2 * l + m] });
    let b = array![-0.75, -0.5, -1.0, 0.0, 0.0];
    same("the best image brings 0, 0.25, -0.25, 0.75 and 0", &[0, 2, 4], &(a.hopeless)(&w, &b), &[])
        .map_err(|wrong| wrong.or_because(WHY))
}

/// The image that is black where a weight is positive, and white elsewhere, does the most that can be done.
pub fn the_best_image(a: Answers) -> Verdict {
    for seed in 1..=8 {
        let Layer { w, mut b, .. } = layer(&mut Random::new(1840 + seed), 10, (2, 3), (1, 2, 3));
        b *= 2.0;
        let hopeless = (a.hopeless)(&w, &b);
        let best = w.mapv(|w: f64| f64::from(u8::from(w > 0.0)));
        let dead = solution::dead(&w, &b, &best);
        let message =
            |f: &usize, expected: &str| format!("kernel {f} of 10, bias {:.3}: expected it {expected}", b[*f]);
        if let Some(f) = hopeless.iter().find(|f| !dead.contains(f)) {
            return Err(Wrong::new(message(f, "not to be hopeless")).because("an image wakes it: ink where w > 0"));
        }
        if let Some(f) = dead.iter().find(|f| !hopeless.contains(f)) {
            return Err(Wrong::new(message(f, "to be hopeless")).because("even ink where w > 0 alone does not wake it"));
        }
    }
    Ok(())
}

/// Kernels of all shapes, and weights of all sizes.
pub fn any_kernels(a: Answers) -> Verdict {
    let random = &mut Random::new(1850);
    for kernel in [(1, 1), (1, 5), (4, 1), (2, 3), (6, 6)] {
        for size in [1.0, 1e-200, 1e200] {
            let Layer { w, b, .. } = layer(random, 20, kernel, (1, kernel.0, kernel.1));
            let (w, b) = (size * w, 1.5 * size * b);
            let suspects = HOPELESS.map(|(f, why)| (f(&w, &b), why));
            let what = format!("hopeless kernels of 20, of {kernel:?}, weights of about {size}");
            same(&what, &solution::hopeless(&w, &b), &(a.hopeless)(&w, &b), &suspects).map_err(|wrong| {
                wrong.or_because("kernels may be narrow, and weights as small or large as they like")
            })?;
        }
    }
    Ok(())
}
