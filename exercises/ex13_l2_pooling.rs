//! # L2 pooling
//!
//! Max-pooling keeps the strongest unit of each window and forgets the others. L2 pooling lets all of them count: the
//! pooled unit is the square root of the sum of the squares.
//!
//! ```text
//! y[i, j, c] = √ Σ x[k]²     the sum is over the units k of window (i, j) of map c
//! ```
//!
//! Write it, forward and backward. There is a trap: in the blank parts of an image a whole window can be zero.
//!
//! | array | its indices |
//! | --- | --- |
//! | `x` and the gradient with respect to it | height, width, maps |
//! | `y` and `dy` = ∂C/∂y | height / window height, width / window width, both rounded down; maps |
//!
//! Windows do not overlap. Rows and columns that are left over at the bottom and at the right belong to no window.

use ndarray::Array3;

/// `y`, from `x`; `window` is (height, width) of a window.
pub fn forward(x: &Array3<f64>, window: (usize, usize)) -> Array3<f64> {
    todo!()
}

/// ∂C/∂x, from `x` and ∂C/∂y. Where all units of a window are zero there is no derivative; take 0.
pub fn backward(x: &Array3<f64>, dy: &Array3<f64>, window: (usize, usize)) -> Array3<f64> {
    todo!()
}
