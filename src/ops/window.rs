//! Windows that slide over an image: size, stride and padding, for convolution and pooling alike.
//!
//! A window of h × w units moves down by s and across by t units at a time, over an input that has a margin around it:
//! p units above, q below, and the same at both sides. So there are ⌊(height + p + q − h) / s⌋ + 1 rows of windows, and
//! window (i, j) begins at row i·s − p and column j·t − p′ of the input. What is left over below and at the right,
//! where no whole window fits, is ignored.

use crate::{Error, Result, Shape};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range};

/// A pair (down, across): kernel sizes, windows and strides.
pub type Pair = (usize, usize);

/// How wide the margin around an image is, each side for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Padding {
    /// Rows above the image.
    pub top: usize,
    /// Rows below it.
    pub bottom: usize,
    /// Columns to the left of it.
    pub left: usize,
    /// Columns to the right of it.
    pub right: usize,
}

impl Padding {
    /// No margin.
    pub const NONE: Padding = Padding::all(0);

    /// A margin of `n` units on all four sides.
    pub const fn all(n: usize) -> Self {
        Padding { top: n, bottom: n, left: n, right: n }
    }

    /// Is there no margin at all?
    pub fn is_none(&self) -> bool {
        *self == Padding::NONE
    }
}

/// A window that slides over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Height and width.
    pub size: Pair,
    /// From one window to the next: down, across.
    pub stride: Pair,
    /// The margin that is put around the image first.
    pub padding: Padding,
}

impl Window {
    /// A window without padding.
    pub const fn new(size: Pair, stride: Pair) -> Self {
        Window { size, stride, padding: Padding::NONE }
    }

    /// The same window with a margin below and at the right, just wide enough that every unit of an image of
    /// `height` × `width` lies in a window. (Caffe's pooling rounds up like this, and so GoogLeNet's does.)
    ///
    /// ```
    /// use network3::ops::Window;
    /// let pool = Window::new((3, 3), (2, 2)).covering((112, 112));
    /// assert_eq!((pool.padding.bottom, pool.outputs((112, 112))), (1, (56, 56)));
    /// ```
    pub fn covering(mut self, (height, width): Pair) -> Self {
        let missing = |n: usize, size: usize, stride: usize| {
            n.saturating_sub(size).next_multiple_of(stride) - n.saturating_sub(size)
        };
        self.padding.bottom += missing(height + self.padding.top + self.padding.bottom, self.size.0, self.stride.0);
        self.padding.right += missing(width + self.padding.left + self.padding.right, self.size.1, self.stride.1);
        self
    }

    /// The dimensions (maps, height, width) of an input that this window fits onto.
    ///
    /// # Errors
    /// When the input is no image, when the window does not fit onto it with its margin, when a size or stride is zero,
    /// and when the margin is so wide that a window would see nothing else. `what` names the operation.
    pub(super) fn check(&self, what: &str, input: Shape) -> Result<[usize; 3]> {
        let Shape::Image { maps, height, width } = input else {
            return Err(Error::shape(what, "an image (maps×height×width)", format!("a row of {input} units")));
        };
        let (size, Padding { top, bottom, left, right }) = (self.size, self.padding);
        if [size.0, size.1, self.stride.0, self.stride.1].contains(&0) {
            return Err(Error::input(format!("{what}: window and stride must be at least 1")));
        }
        if top.max(bottom) >= size.0 || left.max(right) >= size.1 {
            let margin = format!("a margin narrower than the window of {}×{}", size.0, size.1);
            return Err(Error::shape(what, margin, format!("{top}, {bottom}, {left}, {right}")));
        }
        let with_margin = |n: usize, before, after| n.saturating_add(before).saturating_add(after);
        if size.0 > with_margin(height, top, bottom) || size.1 > with_margin(width, left, right) {
            return Err(Error::shape(what, format!("an input of at least {}×{}", size.0, size.1), input));
        }
        Ok([maps, height, width])
    }

    /// Rows and columns of windows on an image of `height` × `width`.
    pub fn outputs(&self, (height, width): Pair) -> Pair {
        let Padding { top, bottom, left, right } = self.padding;
        (
            (height + top + bottom - self.size.0) / self.stride.0 + 1,
            (width + left + right - self.size.1) / self.stride.1 + 1,
        )
    }

    /// Rows and columns of the image that window (i, j) sees: the window less what lies in the margin.
    pub fn inside(&self, (i, j): Pair, (height, width): Pair) -> (Range<usize>, Range<usize>) {
        let inside = |begin: usize, size: usize, margin: usize, n: usize| {
            begin.saturating_sub(margin)..(begin + size).saturating_sub(margin).min(n)
        };
        (
            inside(i * self.stride.0, self.size.0, self.padding.top, height),
            inside(j * self.stride.1, self.size.1, self.padding.left, width),
        )
    }

    /// Is it a window of one unit that visits every unit once?
    pub fn is_identity(&self) -> bool {
        *self == Window::new((1, 1), (1, 1))
    }
}

/// "5×5", and "5×5 every 2×2" where the stride is not `usual`, and then the margin where there is one.
pub(crate) fn describe(window: Window, usual: Pair) -> impl fmt::Display {
    let Window { size, stride, padding: Padding { top, bottom, left, right } } = window;
    let every = if stride == usual { String::new() } else { format!(" every {}×{}", stride.0, stride.1) };
    let margin = match () {
        () if window.padding.is_none() => String::new(),
        () if window.padding == Padding::all(top) => format!(" in a margin of {top}"),
        () => format!(" in a margin of {top}, {bottom}, {left}, {right}"),
    };
    format!("{}×{}{every}{margin}", size.0, size.1)
}
