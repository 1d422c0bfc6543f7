//! Networks as data: what the layers are, before there are any weights.
//!
//! A [`Spec`] is one line of an architecture; a list of them is what experiments, records and model files hold.
//! [`Network::new`](crate::Network::new) turns the list into layers and works out every shape.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The function that turns a weighted input `z` into an activation `a`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// σ(z) = 1 / (1 + e⁻ᶻ)
    Sigmoid,
    /// tanh(z)
    Tanh,
    /// Rectified linear: max(0, z)
    Relu,
    /// z itself
    Linear,
}

impl Activation {
    /// Is f′(z) = 0 wherever f(z) = 0? Then a unit whose activation is zero passes no gradient on.
    pub fn is_dead_at_zero(self) -> bool {
        matches!(self, Activation::Sigmoid | Activation::Relu)
    }
}

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

/// A pair (down, across): kernel sizes, windows and strides.
pub type Pair = (usize, usize);

/// One layer, described. Sizes of the input are not part of it: they follow from the layer before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "layer", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Spec {
    /// Convolution, then pooling, then bias, then activation: the chapter's `ConvPoolLayer`.
    ConvPool {
        /// Feature maps that come out.
        filters: usize,
        /// The size of a filter.
        kernel: Pair,
        /// From one place of a filter to the next.
        stride: Pair,
        /// How a window is summed up.
        pooling: Pooling,
        /// The size of a pooling window.
        window: Pair,
        /// From one pooling window to the next.
        step: Pair,
        /// The activation function.
        activation: Activation,
    },
    /// Convolution, bias, activation.
    Conv {
        /// Feature maps that come out.
        filters: usize,
        /// The size of a filter.
        kernel: Pair,
        /// From one place of a filter to the next.
        stride: Pair,
        /// The activation function.
        activation: Activation,
    },
    /// Pooling on its own.
    Pool {
        /// How a window is summed up.
        pooling: Pooling,
        /// The size of a pooling window.
        window: Pair,
        /// From one pooling window to the next.
        step: Pair,
    },
    /// Every input to every neuron.
    FullyConnected {
        /// How many neurons.
        neurons: usize,
        /// The activation function.
        activation: Activation,
        /// The probability that an *input* is dropped while training.
        dropout: f64,
    },
    /// A fully-connected layer into softmax, with the log-likelihood cost: the last layer of every network here.
    Softmax {
        /// How many classes.
        classes: usize,
        /// The probability that an *input* is dropped while training.
        dropout: f64,
    },
}

impl Spec {
    /// The chapter's convolutional layer: stride 1, and max-pooling over windows that do not overlap.
    pub fn conv_pool(filters: usize, kernel: Pair, window: Pair, activation: Activation) -> Self {
        Spec::ConvPool { filters, kernel, stride: (1, 1), pooling: Pooling::Max, window, step: window, activation }
    }

    /// A convolution with stride 1.
    pub fn conv(filters: usize, kernel: Pair, activation: Activation) -> Self {
        Spec::Conv { filters, kernel, stride: (1, 1), activation }
    }

    /// Pooling over windows that do not overlap.
    pub fn pool(pooling: Pooling, window: Pair) -> Self {
        Spec::Pool { pooling, window, step: window }
    }

    /// A fully-connected layer without dropout.
    pub fn fully_connected(neurons: usize, activation: Activation) -> Self {
        Spec::FullyConnected { neurons, activation, dropout: 0.0 }
    }

    /// A softmax layer without dropout.
    pub fn softmax(classes: usize) -> Self {
        Spec::Softmax { classes, dropout: 0.0 }
    }

    /// The same layer with dropout on its inputs. Layers that have none (convolution, pooling) are returned as they are.
    pub fn with_dropout(mut self, p: f64) -> Self {
        if let Spec::FullyConnected { dropout, .. } | Spec::Softmax { dropout, .. } = &mut self {
            *dropout = p;
        }
        self
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Relu => "rectified linear",
            Activation::Linear => "linear",
        })
    }
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

/// "5×5", and "5×5 every 2×2" where the distance between windows is not `usual`.
pub(crate) fn window(size: Pair, stride: Pair, usual: Pair) -> String {
    let every = if stride == usual { String::new() } else { format!(" every {}×{}", stride.0, stride.1) };
    format!("{}×{}{every}", size.0, size.1)
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drop = |p: &f64| if *p > 0.0 { format!(", dropout {p}") } else { String::new() };
        match self {
            Spec::ConvPool { filters, kernel, stride, pooling, window: w, step, activation } => {
                let (kernel, w) = (window(*kernel, *stride, (1, 1)), window(*w, *step, *w));
                write!(f, "{filters} filters {kernel}, {pooling} {w}, {activation}")
            }
            Spec::Conv { filters, kernel, stride, activation } => {
                write!(f, "{filters} filters {}, {activation}", window(*kernel, *stride, (1, 1)))
            }
            Spec::Pool { pooling, window: w, step } => write!(f, "{pooling} {}", window(*w, *step, *w)),
            Spec::FullyConnected { neurons, activation, dropout } => {
                write!(f, "{neurons} neurons, {activation}{}", drop(dropout))
            }
            Spec::Softmax { classes, dropout } => write!(f, "{classes} classes, softmax{}", drop(dropout)),
        }
    }
}
