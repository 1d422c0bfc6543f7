//! Convolution, in the sense of the book: cross-correlation, as in equation (125).
//!
//! Filter f looks at the same small window of every feature map, and slides it across the image:
//!
//! y\[n, i, j, f\] = Σₗ Σₘ Σ꜀ w\[f, l, m, c\] · x\[n, i·s + l, j·t + m, c\]
//!
//! for kernel rows l, kernel columns m, input maps c and stride (s, t). Shapes: x `[n, height, width, maps]`,
//! w `[filters, kernel height, kernel width, maps]`, y `[n, output height, output width, filters]`, where
//! output height = ⌊(height − kernel height) / s⌋ + 1. There is no bias: a layer adds it where it is cheapest, after
//! pooling.
//!
//! With *padding*, x stands for the input with zeros around it. In *groups*, the input's maps and the filters are dealt
//! out to several groups of equal size, and a filter sees the maps of its group alone: w is then
//! `[filters, kernel height, kernel width, maps / groups]`.
//!
//! # Backward
//!
//! A weight touches every output of its filter, so its gradient is a sum over all of them; an input touches every
//! output whose window it lies in. Both follow from the chain rule applied to the sum above, term by term:
//!
//! * ∂C/∂w\[f, l, m, c\] = Σₙ Σᵢ Σⱼ dy\[n, i, j, f\] · x\[n, i·s + l, j·t + m, c\]
//! * ∂C/∂x\[n, i·s + l, j·t + m, c\] gains dy\[n, i, j, f\] · w\[f, l, m, c\], for every i, j, f, l, m
//!
//! The second is the forward pass run the other way: a convolution with the kernel flipped.

pub mod backward;
pub mod dense;
pub mod forward;
pub mod ink;
pub mod margin;
pub mod reference;

use super::{Padding, Pair, Window, stacks, stacks_mut};
use crate::{Error, Result, Shape};
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
    /// The local receptive field: its size is the kernel's.
    pub window: Window,
    /// Groups of maps and filters that know nothing of each other.
    pub groups: usize,
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
        Conv::with_window(input, filters, Window::new(kernel, stride), 1)
    }

    /// The convolution of an input of that shape, with a margin of its own, and in groups.
    ///
    /// # Errors
    /// As [`Conv::new`], and when the groups do not divide maps and filters.
    ///
    /// ```
    /// use network3::{Shape, ops::{Conv, Padding, Window}};
    /// // AlexNet's first layer: 224 pixels become 55 with a margin of 1 and 2.
    /// let padding = Padding { top: 1, bottom: 2, left: 1, right: 2 };
    /// let window = Window { size: (11, 11), stride: (4, 4), padding };
    /// let conv = Conv::with_window(Shape::image(3, 224, 224), 96, window, 1).unwrap();
    /// assert_eq!(conv.output_shape(), Shape::image(96, 55, 55));
    /// ```
    pub fn with_window(input: Shape, filters: usize, window: Window, groups: usize) -> Result<Self> {
        let [maps, height, width] = window.check("convolution", input)?;
        if filters == 0 || groups == 0 {
            return Err(Error::input("convolution: filters and groups must be at least 1"));
        }
        if !maps.is_multiple_of(groups) || !filters.is_multiple_of(groups) {
            let expected = format!("maps and filters in {groups} equal groups");
            return Err(Error::shape("convolution", expected, format!("{maps} maps and {filters} filters")));
        }
        Ok(Conv { maps, height, width, filters, window, groups })
    }

    /// Height and width of the local receptive field.
    pub fn kernel(&self) -> Pair {
        self.window.size
    }

    /// How far the local receptive field moves: down, across.
    pub fn stride(&self) -> Pair {
        self.window.stride
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
        Shape::image(self.filters, self.output_height(), self.output_width())
    }

    /// Maps that a filter sees.
    pub fn group_maps(&self) -> usize {
        self.maps / self.groups
    }

    /// Filters in a group.
    pub fn group_filters(&self) -> usize {
        self.filters / self.groups
    }

    /// Weights of one filter: the size of its receptive field, over all maps that it sees.
    pub fn taps(&self) -> usize {
        self.kernel().0 * self.kernel().1 * self.group_maps()
    }

    /// Numbers in one input.
    pub fn input_len(&self) -> usize {
        self.height * self.width * self.maps
    }

    /// Numbers in one output.
    pub fn output_len(&self) -> usize {
        self.output_height() * self.output_width() * self.filters
    }

    /// The same convolution of an input that has its margin already.
    pub fn on_padded(&self) -> Conv {
        let Padding { top, bottom, left, right } = self.window.padding;
        let window = Window::new(self.kernel(), self.stride());
        Conv { height: self.height + top + bottom, width: self.width + left + right, window, ..*self }
    }

    /// Where the receptive field of output (i, j) begins, within one input. The operation is one without padding.
    pub(super) fn origin(&self, i: usize, j: usize) -> usize {
        (i * self.stride().0 * self.width + j * self.stride().1) * self.maps
    }

    /// A receptive field's weights as stretches of numbers that lie side by side in the input, too: where each begins,
    /// counted from the field's origin, and how long all of them are. Without groups a stretch is a row of the field;
    /// with groups, one of its units.
    pub(super) fn stretches(&self, group: usize) -> (impl Iterator<Item = usize> + Clone, usize) {
        let (row, (height, width)) = (self.width * self.maps, self.kernel());
        let (across, len) = if self.groups == 1 { (1, width * self.maps) } else { (width, self.group_maps()) };
        let first = group * self.group_maps();
        let begins = (0..height * across).map(move |k| k / across * row + k % across * self.maps + first);
        (begins, len)
    }

    /// `x` as `[n, height, width, maps]`.
    pub(super) fn input<'a, R>(&self, x: &'a [R]) -> ArrayView4<'a, R> {
        stacks(x, [self.height, self.width, self.maps])
    }

    /// `dx` as `[n, height, width, maps]`.
    pub(super) fn input_mut<'a, R>(&self, dx: &'a mut [R]) -> ArrayViewMut4<'a, R> {
        stacks_mut(dx, [self.height, self.width, self.maps])
    }

    /// `w` as `[filters, kernel height, kernel width, maps / groups]`.
    pub(super) fn weights<'a, R>(&self, w: &'a [R]) -> ArrayView4<'a, R> {
        stacks(w, [self.kernel().0, self.kernel().1, self.group_maps()])
    }

    /// `dw` as `[filters, kernel height, kernel width, maps / groups]`.
    pub(super) fn weights_mut<'a, R>(&self, dw: &'a mut [R]) -> ArrayViewMut4<'a, R> {
        stacks_mut(dw, [self.kernel().0, self.kernel().1, self.group_maps()])
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
