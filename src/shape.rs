//! Shapes with named dimensions.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The shape of one example as it passes between layers: a stack of feature maps, or a plain row of units.
///
/// In memory the maps are innermost (height, width, maps), so that everything that one local receptive field sees
/// lies close together. In print the book's order is kept: 20×12×12 are twenty maps of 12 by 12.
///
/// ```
/// use network3::Shape;
/// let maps = Shape::image(20, 12, 12);
/// assert_eq!(maps.len(), 2880);
/// assert_eq!(maps.to_string(), "20×12×12");
/// assert_eq!(Shape::Flat(100).to_string(), "100");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// Feature maps, or colour channels, of one size.
    Image {
        /// How many maps.
        maps: usize,
        /// Units of a map from top to bottom.
        height: usize,
        /// Units of a map from left to right.
        width: usize,
    },
    /// A row of units without spatial structure.
    Flat(usize),
}

impl Shape {
    /// `maps` feature maps of `height` × `width`.
    pub const fn image(maps: usize, height: usize, width: usize) -> Self {
        Shape::Image { maps, height, width }
    }

    /// How many numbers one example has.
    #[allow(clippy::len_without_is_empty)] // no shape is empty: layers refuse to be built on one
    pub const fn len(self) -> usize {
        match self {
            Shape::Image { maps, height, width } => maps * height * width,
            Shape::Flat(n) => n,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Image { maps, height, width } => write!(f, "{maps}×{height}×{width}"),
            Shape::Flat(n) => write!(f, "{n}"),
        }
    }
}
