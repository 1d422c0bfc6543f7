//! Pooling: one number for each window of a feature map.
//!
//! With W(i, j) the window of output (i, j), rows i·s … i·s + h − 1 and columns j·t … j·t + w − 1 of one map:
//!
//! | pooling | y\[i, j\] | ∂y\[i, j\]/∂x\[k\], for k in W(i, j) |
//! | --- | --- | --- |
//! | max | max x\[k\] | 1 for the winner, 0 for the others |
//! | L2 | √(Σ x\[k\]²) | x\[k\] / y\[i, j\], and 0 where y = 0 |
//! | mean | Σ x\[k\] / count | 1 / count |
//!
//! Windows may overlap; an input then collects from every window it lies in. A window that reaches into the margin is
//! cut off there: only the units that it sees count. Shapes: x `[n, height, width, maps]`, y
//! `[n, output height, output width, maps]`, for a [`Window`] as that module says.
//!
//! Two units of a window may share the maximum, and in the blank margins of a digit they do all the time. There the
//! derivative does not exist; [`Ties`] says what to take for it. The L2 pool has a kink too, where the whole window is
//! 0.

pub mod fast;
pub mod reference;

use super::{Pair, Window, stacks, stacks_mut};
use crate::{Result, Shape};
use ndarray::{ArrayView4, ArrayViewMut4};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a pooling window is summed up in one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// The largest activation in the window.
    Max,
    /// The square root of the sum of the squares.
    L2,
    /// The average.
    Mean,
}

impl fmt::Display for Pooling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Pooling::Max => "max-pooling",
            Pooling::L2 => "L2 pooling",
            Pooling::Mean => "mean pooling",
        })
    }
}

/// Which unit of a max-pooling window gets the gradient when several share the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ties {
    /// Every one of them gets the whole gradient, as in Theano 0.7.
    All,
    /// The first in reading order gets it.
    First,
}

/// The dimensions of a pooling operation, and its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Feature maps; each is pooled on its own.
    pub maps: usize,
    /// Height of the input.
    pub height: usize,
    /// Width of the input.
    pub width: usize,
    /// Which units are summed up together.
    pub window: Window,
    /// What becomes of a window.
    pub pooling: Pooling,
    /// Who gets the gradient when several units share the maximum.
    pub ties: Ties,
}

impl Pool {
    /// Pooling of an input of that shape.
    ///
    /// # Errors
    /// When the input is not an image, when the window does not fit onto it, or when a dimension is zero.
    ///
    /// ```
    /// use network3::{Pooling, Shape, Ties, ops::{Pool, Window}};
    /// let window = Window::new((2, 2), (2, 2));
    /// let pool = Pool::new(Shape::image(20, 24, 24), Pooling::Max, window, Ties::First).unwrap();
    /// assert_eq!(pool.output_shape(), Shape::image(20, 12, 12));
    /// ```
    pub fn new(input: Shape, pooling: Pooling, window: Window, ties: Ties) -> Result<Self> {
        let [maps, height, width] = window.check("pooling", input)?;
        Ok(Pool { maps, height, width, window, pooling, ties })
    }

    /// Rows and columns of the output.
    pub fn outputs(&self) -> Pair {
        self.window.outputs((self.height, self.width))
    }

    /// Height of the output.
    pub fn output_height(&self) -> usize {
        self.outputs().0
    }

    /// Width of the output.
    pub fn output_width(&self) -> usize {
        self.outputs().1
    }

    /// The shape of the output.
    pub fn output_shape(&self) -> Shape {
        Shape::image(self.maps, self.output_height(), self.output_width())
    }

    /// Numbers in one input.
    pub fn input_len(&self) -> usize {
        self.height * self.width * self.maps
    }

    /// `x` as `[n, height, width, maps]`.
    pub(crate) fn input<'a, R>(&self, x: &'a [R]) -> ArrayView4<'a, R> {
        stacks(x, [self.height, self.width, self.maps])
    }

    /// `dx` as `[n, height, width, maps]`.
    pub(crate) fn input_mut<'a, R>(&self, dx: &'a mut [R]) -> ArrayViewMut4<'a, R> {
        stacks_mut(dx, [self.height, self.width, self.maps])
    }

    /// `y` or `dy` as `[n, output height, output width, maps]`.
    pub(crate) fn output<'a, R>(&self, y: &'a [R]) -> ArrayView4<'a, R> {
        stacks(y, [self.output_height(), self.output_width(), self.maps])
    }

    /// `y` as `[n, output height, output width, maps]`.
    pub(crate) fn output_mut<'a, R>(&self, y: &'a mut [R]) -> ArrayViewMut4<'a, R> {
        stacks_mut(y, [self.output_height(), self.output_width(), self.maps])
    }
}
