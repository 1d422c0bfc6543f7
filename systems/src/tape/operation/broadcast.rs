//! Two values of which one is stretched to the shape of the other: a dimension of 1 counts as any length.
//!
//! Forward, a stretched number is read again and again: its stride is 0. Backward, all that it has given comes
//! together, so the gradient of a stretched value is a *sum* over the dimensions in which it was stretched. In code
//! that is `+=` with the same stride 0.

use crate::tape::{Shape, gradient::Gradient};
use network3::Real;

/// The shape of a and b together.
///
/// # Panics
/// When a dimension of the two differs, and is 1 in neither.
pub fn shape(a: Shape, b: Shape) -> Shape {
    std::array::from_fn(|k| match (a[k], b[k]) {
        (m, n) if m == n || n == 1 => m,
        (1, n) => n,
        _ => panic!("{a:?} and {b:?} do not stretch to one shape"),
    })
}

/// Calls `f` for each row of `shape`, with the row's number and where it begins in a and in b.
fn rows(shape: Shape, [a, b]: [Shape; 2], mut f: impl FnMut(usize, usize, usize)) {
    let stride = |of: Shape, k: usize| if of[k] == 1 { 0 } else { of[k + 1..].iter().product() };
    for i in 0..shape[0] {
        for j in 0..shape[1] {
            let first = |of| i * stride(of, 0) + j * stride(of, 1);
            f(i * shape[1] + j, first(a), first(b));
        }
    }
}

/// y = f(a, b)
pub fn forward<R: Real>(y: (&mut [R], Shape), a: (&[R], Shape), b: (&[R], Shape), f: impl Fn(R, R) -> R) {
    if a.1 == b.1 {
        return y.0.iter_mut().zip(a.0.iter().zip(b.0)).for_each(|(y, (&a, &b))| *y = f(a, b));
    }
    let (shape, shapes, n) = (y.1, [a.1, b.1], y.1[2]);
    rows(shape, shapes, |row, first_a, first_b| {
        let y = y.0[row * n..][..n].iter_mut();
        let (a, b) = (&a.0[first_a..], &b.0[first_b..]);
        match (shapes[0][2] == n, shapes[1][2] == n) {
            (true, true) => y.zip(a.iter().zip(b)).for_each(|(y, (&a, &b))| *y = f(a, b)),
            (true, false) => y.zip(a).for_each(|(y, &a)| *y = f(a, b[0])),
            (false, true) => y.zip(b).for_each(|(y, &b)| *y = f(a[0], b)),
            (false, false) => y.for_each(|y| *y = f(a[0], b[0])),
        }
    });
}

/// da += dy · f(a, b), summed over where a was stretched. For the gradient of b, a and b change places.
pub fn backward<R: Real>(
    dy: (&[R], Shape),
    a: (&[R], Shape),
    b: (&[R], Shape),
    da: Gradient<R>,
    f: impl Fn(R, R) -> R,
) {
    if a.1 == b.1 {
        return da.add(dy.0.iter().zip(a.0.iter().zip(b.0)).map(|(&dy, (&a, &b))| dy * f(a, b)));
    }
    let (shape, shapes, n, da) = (dy.1, [a.1, b.1], dy.1[2], da.sums());
    rows(shape, shapes, |row, first_a, first_b| {
        let (dy, da) = (&dy.0[row * n..][..n], &mut da[first_a..]);
        let (a, b) = (&a.0[first_a..], &b.0[first_b..]);
        match (shapes[0][2] == n, shapes[1][2] == n) {
            (true, true) => {
                da.iter_mut().zip(dy).zip(a.iter().zip(b)).for_each(|((da, &dy), (&a, &b))| *da += dy * f(a, b));
            }
            (true, false) => da.iter_mut().zip(dy).zip(a).for_each(|((da, &dy), &a)| *da += dy * f(a, b[0])),
            (false, true) => da[0] += dy.iter().zip(b).map(|(&dy, &b)| dy * f(a[0], b)).sum::<R>(),
            (false, false) => da[0] += dy.iter().map(|&dy| dy * f(a[0], b[0])).sum::<R>(),
        }
    });
}
