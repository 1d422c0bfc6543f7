//! # Without the fully-connected layer
//!
//! The first convolutional network of the chapter, `one-conv` in the list of experiments, has three layers: twenty
//! filters of 5×5 with max-pooling over 2×2, a hundred fully-connected sigmoid neurons, and softmax over ten classes.
//! Does it need the one in the middle? Leave it out and see.
//!
//! First describe the network that is left. Then work out by hand how many numbers a network of its kind has to learn,
//! and how many multiplications it makes for an image. Do the same for the network that has all three layers, and
//! compare: what does the layer cost, and in which coin?
//!
//! From the library you may use [`Spec`], with its functions for the usual layers. Sizes have the same names
//! everywhere:
//!
//! | name | in the chapter | what it is |
//! | --- | --- | --- |
//! | `side` | 28 | height and width of an image, which has a single map |
//! | `filters` | 20 | how many filters there are |
//! | `kernel` | 5 | height and width of a filter |
//! | `window` | 2 | height and width of a pooling window; what is left over at the edges is ignored |
//! | `classes` | 10 | how many classes softmax tells apart |

use network3::Spec;

/// The layers of `one-conv`, without the fully-connected one. What is left stays as it was: sigmoid neurons,
/// max-pooling.
pub fn layers() -> Vec<Spec> {
    todo!()
}

/// How many weights and biases there are: 29,330 for the sizes of the chapter.
pub fn parameters(side: usize, filters: usize, kernel: usize, window: usize, classes: usize) -> usize {
    todo!()
}

/// How often a weight is multiplied with a unit, for one image: in the convolution, and in the softmax layer.
/// All places where the kernel fits are computed, also those that no pooling window takes.
pub fn multiplications(side: usize, filters: usize, kernel: usize, window: usize, classes: usize) -> (usize, usize) {
    todo!()
}
