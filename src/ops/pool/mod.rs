//! Pooling: one number for each window of a feature map.
//!
//! With W(i, j) the window of output (i, j), rows i·s … i·s + h − 1 and columns j·t … j·t + w − 1 of one map:
//!
//! | pooling | y\[i, j\] | ∂y\[i, j\]/∂x\[k\], for k in W(i, j) |
//! | --- | --- | --- |
//! | max | max x\[k\] | 1 for the winner, 0 for the others |
//! | L2 | √(Σ x\[k\]²) | x\[k\] / y\[i, j\], and 0 where y = 0 |
//! | mean | Σ x\[k\] / hw | 1 / hw |
//!
//! Window and step are apart, so windows may overlap; an input then collects from every window it lies in. What is left
//! over at the right and the bottom, where no whole window fits, is ignored. Shapes: x `[n, height, width, maps]`,
//! y `[n, ⌊(height − h)/s⌋ + 1, ⌊(width − w)/t⌋ + 1, maps]`.
//!
//! Two units of a window may share the maximum, and in the blank margins of a digit they do all the time. There the
//! derivative does not exist; [`Ties`] says what to take for it. The L2 pool has a kink too, where the whole window is 0.

pub mod reference;

use super::{stacks, stacks_mut};
use crate::{Error, Pair, Pooling, Result, Shape, Ties};
use ndarray::{ArrayView4, ArrayViewMut4};

/// The dimensions of a pooling operation, and its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Feature maps; each is pooled on its own.
    pub maps: usize,
    /// Height of the input.
    pub height: usize,
    /// Width of the input.
    pub width: usize,
    /// Height and width of a window.
    pub window: Pair,
    /// From one window to the next: down, across.
    pub step: Pair,
    /// What becomes of a window.
    pub pooling: Pooling,
    /// Who gets the gradient when several units share the maximum.
    pub ties: Ties,
}

impl Pool {
    /// Pooling of an input of that shape.
    ///
    /// # Errors
    /// When the input is not an image, when the window is larger than it, or when a dimension is zero.
    ///
    /// ```
    /// use network3::{Pooling, Shape, Ties, ops::Pool};
    /// let pool = Pool::new(Shape::image(20, 24, 24), Pooling::Max, (2, 2), (2, 2), Ties::First).unwrap();
    /// assert_eq!(pool.output_shape(), Shape::image(20, 12, 12));
    /// ```
    pub fn new(input: Shape, pooling: Pooling, window: Pair, step: Pair, ties: Ties) -> Result<Self> {
        let Shape::Image { maps, height, width } = input else {
            return Err(Error::shape("pooling", "an image (maps×height×width)", format!("a row of {input} units")));
        };
        if [window.0, window.1, step.0, step.1].contains(&0) {
            return Err(Error::input("pooling: window and step must be at least 1"));
        }
        if window.0 > height || window.1 > width {
            return Err(Error::shape("pooling", format!("an input of at least {}×{}", window.0, window.1), input));
        }
        Ok(Pool { maps, height, width, window, step, pooling, ties })
    }

    /// Height of the output.
    pub fn output_height(&self) -> usize {
        (self.height - self.window.0) / self.step.0 + 1
    }

    /// Width of the output.
    pub fn output_width(&self) -> usize {
        (self.width - self.window.1) / self.step.1 + 1
    }

    /// The shape of the output.
    pub fn output_shape(&self) -> Shape {
        Shape::image(self.maps, self.output_height(), self.output_width())
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
