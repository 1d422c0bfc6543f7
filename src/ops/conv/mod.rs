//! Convolution, in the sense of the book: cross-correlation, as in equation (125).
//!
//! Filter f looks at the same small window of every feature map, and slides it across the image:
//!
//! y\[n, i, j, f\] = Σₗ Σₘ Σ꜀ w\[f, l, m, c\] · x\[n, i·s + l, j·t + m, c\]
//!
//! for kernel rows l, kernel columns m, input maps c and stride (s, t). Shapes: x `[n, height, width, maps]`,
//! w `[filters, kernel height, kernel width, maps]`, y `[n, output height, output width, filters]`, where
//! output height = ⌊(height − kernel height) / s⌋ + 1. There is no padding, and no bias: a layer adds it where it is
//! cheapest, after pooling.
//!
//! # Backward
//!
//! A weight touches every output of its filter, so its gradient is a sum over all of them; an input touches every output
//! whose window it lies in. Both follow from the chain rule applied to the sum above, term by term:
//!
//! * ∂C/∂w\[f, l, m, c\] = Σₙ Σᵢ Σⱼ dy\[n, i, j, f\] · x\[n, i·s + l, j·t + m, c\]
//! * ∂C/∂x\[n, i·s + l, j·t + m, c\] gains dy\[n, i, j, f\] · w\[f, l, m, c\], for every i, j, f, l, m
//!
//! The second is the forward pass run the other way: a convolution with the kernel flipped.

pub mod fast;
pub mod hits;
pub mod reference;

use super::{stacks, stacks_mut};
use crate::{Error, Pair, Result, Shape};
use ndarray::{ArrayView4, ArrayViewMut4};

/// The dimensions of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Feature maps (or colour channels) of the input.
    pub maps: usize,
    /// Height of the input.
    pub height: usize,
    /// Width of the input.
    pub width: usize,
    /// Filters, each of which makes one feature map of the output.
    pub filters: usize,
    /// Height and width of the local receptive field.
    pub kernel: Pair,
    /// How far the local receptive field moves: down, across.
    pub stride: Pair,
}

impl Conv {
    /// The convolution of an input of that shape.
    ///
    /// # Errors
    /// When the input is not an image, when the kernel is larger than it, or when a dimension is zero.
    ///
    /// ```
    /// use network3::{Shape, ops::Conv};
    /// let conv = Conv::new(Shape::image(1, 28, 28), 20, (5, 5), (1, 1)).unwrap();
    /// assert_eq!(conv.output_shape(), Shape::image(20, 24, 24));
    /// assert_eq!(conv.taps() * conv.filters, 500); // and 20 biases make the chapter's 520
    /// let e = Conv::new(Shape::image(1, 4, 4), 20, (5, 5), (1, 1)).unwrap_err();
    /// assert_eq!(e.to_string(), "convolution: expected an input of at least 5×5, got 1×4×4");
    /// ```
    pub fn new(input: Shape, filters: usize, kernel: Pair, stride: Pair) -> Result<Self> {
        let Shape::Image { maps, height, width } = input else {
            return Err(Error::shape("convolution", "an image (maps×height×width)", format!("a row of {input} units")));
        };
        if [filters, kernel.0, kernel.1, stride.0, stride.1].contains(&0) {
            return Err(Error::input("convolution: filters, kernel and stride must be at least 1"));
        }
        if kernel.0 > height || kernel.1 > width {
            let expected = format!("an input of at least {}×{}", kernel.0, kernel.1);
            return Err(Error::shape("convolution", expected, input));
        }
        Ok(Conv { maps, height, width, filters, kernel, stride })
    }

    /// Height of the output.
    pub fn output_height(&self) -> usize {
        (self.height - self.kernel.0) / self.stride.0 + 1
    }

    /// Width of the output.
    pub fn output_width(&self) -> usize {
        (self.width - self.kernel.1) / self.stride.1 + 1
    }

    /// The shape of the output.
    pub fn output_shape(&self) -> Shape {
        Shape::image(self.filters, self.output_height(), self.output_width())
    }

    /// Weights of one filter: the size of its receptive field, over all maps.
    pub fn taps(&self) -> usize {
        self.kernel.0 * self.kernel.1 * self.maps
    }

    /// Where the receptive field of output (i, j) begins, within one input.
    pub(super) fn corner(&self, i: usize, j: usize) -> usize {
        (i * self.stride.0 * self.width + j * self.stride.1) * self.maps
    }

    /// Numbers in one input.
    pub fn input_len(&self) -> usize {
        self.height * self.width * self.maps
    }

    /// Numbers in one output.
    pub fn output_len(&self) -> usize {
        self.output_height() * self.output_width() * self.filters
    }

    /// `x` as `[n, height, width, maps]`.
    pub(super) fn input<'a, R>(&self, x: &'a [R]) -> ArrayView4<'a, R> {
        stacks(x, [self.height, self.width, self.maps])
    }

    /// `dx` as `[n, height, width, maps]`.
    pub(super) fn input_mut<'a, R>(&self, dx: &'a mut [R]) -> ArrayViewMut4<'a, R> {
        stacks_mut(dx, [self.height, self.width, self.maps])
    }

    /// `w` as `[filters, kernel height, kernel width, maps]`.
    pub(super) fn weights<'a, R>(&self, w: &'a [R]) -> ArrayView4<'a, R> {
        stacks(w, [self.kernel.0, self.kernel.1, self.maps])
    }

    /// `dw` as `[filters, kernel height, kernel width, maps]`.
    pub(super) fn weights_mut<'a, R>(&self, dw: &'a mut [R]) -> ArrayViewMut4<'a, R> {
        stacks_mut(dw, [self.kernel.0, self.kernel.1, self.maps])
    }

    /// `dy` as `[n, output height, output width, filters]`.
    pub(super) fn output<'a, R>(&self, dy: &'a [R]) -> ArrayView4<'a, R> {
        stacks(dy, [self.output_height(), self.output_width(), self.filters])
    }

    /// `y` as `[n, output height, output width, filters]`.
    pub(super) fn output_mut<'a, R>(&self, y: &'a mut [R]) -> ArrayViewMut4<'a, R> {
        stacks_mut(y, [self.output_height(), self.output_width(), self.filters])
    }
}
