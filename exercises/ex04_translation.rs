//! # Why moved images help
//!
//! A convolutional layer looks for the same feature everywhere. So it might seem that to move an image by a pixel
//! teaches it nothing, and yet the chapter's network got better when it was trained with moved copies of its images. In
//! this exercise you measure what convolution and pooling really promise.
//!
//! Write T for a move: (T x)\[i, j\] = x\[i − down, j − right\], and zero, which is paper, where that lies outside of
//! x. A map f from images to images is
//!
//! - *invariant* when f(T x) = f(x): the output does not notice the move;
//! - *equivariant* when f(T x) = T′ f(x) for some move T′: the output moves along.
//!
//! Near the edge neither can hold, because ink moves out of the image there and paper moves in. So you compare the
//! interior only, and leave out a margin.

use ndarray::Array2;

/// The image moved `down` rows down and `right` columns to the right; negative numbers move it up and to the left. The
/// shape stays the same, and what moves in is zero. Any move will do, also one that leaves nothing of the image.
pub fn translate(x: &Array2<f64>, down: isize, right: isize) -> Array2<f64> {
    todo!()
}

/// How far b is from a: ‖b − a‖ / ‖a‖, where ‖a‖ = √(Σ a\[i, j\]²), both sums over the interior alone, which is what
/// remains when `margin` rows and columns are left out at each edge. 0 when the interiors are the same, even when both
/// are blank; infinite when only that of a is blank.
///
/// a and b have the same shape, and an interior.
pub fn distance(a: &Array2<f64>, b: &Array2<f64>, margin: usize) -> f64 {
    todo!()
}

/// How far f falls short of equivariance when x moves by `(down, right)`: the smallest distance from T′ f(x) to f(T x),
/// with this margin, over all moves T′ of at most `reach` rows up or down and at most `reach` columns left or right.
///
/// With a reach of 0, T′ stays where it is, and this is how far f falls short of *invariance*.
pub fn shortfall(
    f: &dyn Fn(&Array2<f64>) -> Array2<f64>,
    x: &Array2<f64>,
    (down, right): (isize, isize),
    reach: isize,
    margin: usize,
) -> f64 {
    todo!()
}
