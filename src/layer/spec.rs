//! Networks as data: what the layers are, before there are any weights.
//!
//! A [`Spec`] is one line of an architecture; a list of them is what experiments, records and model files hold.
//! [`Network::new`](crate::Network::new) turns the list into layers and works out every shape.

use crate::ops::{Activation, Padding, Pair, Pooling, Window, describe};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One layer, described. Sizes of the input are not part of it: they follow from the layer before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "layer", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Spec {
    /// Convolution, then pooling, then bias, then activation: the chapter's `ConvPoolLayer`.
    ConvPool {
        /// How many filters: maps of the output.
        filters: usize,
        /// Height and width of the local receptive field.
        kernel: Pair,
        /// How far it moves: down, across.
        stride: Pair,
        /// The margin around the input.
        #[serde(default, skip_serializing_if = "Padding::is_none")]
        padding: Padding,
        /// Groups of maps and filters that know nothing of each other.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        groups: usize,
        /// How a window is summed up.
        pooling: Pooling,
        /// Height and width of a pooling window.
        window: Pair,
        /// From one window to the next: down, across.
        step: Pair,
        /// What comes last.
        activation: Activation,
    },
    /// Convolution, bias, activation. A filter sees the maps of its group; with one group, all maps.
    Conv {
        /// How many filters: maps of the output.
        filters: usize,
        /// Height and width of the local receptive field.
        kernel: Pair,
        /// How far it moves: down, across.
        stride: Pair,
        /// The margin around the input.
        #[serde(default, skip_serializing_if = "Padding::is_none")]
        padding: Padding,
        /// Groups of maps and filters that know nothing of each other.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        groups: usize,
        /// What comes last.
        activation: Activation,
    },
    /// Pooling on its own; `step` is the distance between windows.
    Pool {
        /// How a window is summed up.
        pooling: Pooling,
        /// Height and width of a pooling window.
        window: Pair,
        /// From one window to the next: down, across.
        step: Pair,
        /// The margin around the input.
        #[serde(default, skip_serializing_if = "Padding::is_none")]
        padding: Padding,
    },
    /// Local response normalisation: see [`ops::normalise`](crate::ops::normalise).
    Normalise {
        /// How many maps a unit is compared with, its own included.
        size: usize,
        /// What the divisor is without any activity.
        k: f64,
        /// The weight of a neighbour.
        alpha: f64,
        /// The exponent.
        beta: f64,
    },
    /// Batch normalisation of each map, or of each unit of a flat signal: see
    /// [`ops::batch_norm`](crate::ops::batch_norm).
    BatchNorm,
    /// Rows of layers side by side, each with the same input; their maps together are the output (an inception module).
    Branches {
        /// The branches.
        rows: Vec<Vec<Spec>>,
    },
    /// A classifier on the way: it passes its input on as it is, and adds `weight` times its own log-likelihood cost to
    /// the cost that is trained. Its layers end with softmax; once trained, they are not asked.
    SideClassifier {
        /// What its cost is multiplied by.
        weight: f64,
        /// Its layers.
        layers: Vec<Spec>,
    },
    /// Every input to every neuron; `dropout` is the probability that an *input* is dropped while training.
    FullyConnected {
        /// How many neurons.
        neurons: usize,
        /// What comes last.
        activation: Activation,
        /// The probability that an input is dropped while training.
        dropout: f64,
    },
    /// A fully-connected layer into softmax: the last layer of a network with the log-likelihood cost.
    Softmax {
        /// How many classes.
        classes: usize,
        /// The probability that an input is dropped while training.
        dropout: f64,
    },
}

fn one() -> usize {
    1
}

fn is_one(groups: &usize) -> bool {
    *groups == 1
}

impl Spec {
    /// The chapter's convolutional layer: stride 1, and max-pooling over windows that do not overlap.
    pub fn conv_pool(filters: usize, kernel: Pair, window: Pair, activation: Activation) -> Self {
        Spec::ConvPool {
            filters,
            kernel,
            stride: (1, 1),
            padding: Padding::NONE,
            groups: 1,
            pooling: Pooling::Max,
            window,
            step: window,
            activation,
        }
    }

    /// A convolution with stride 1.
    pub fn conv(filters: usize, kernel: Pair, activation: Activation) -> Self {
        Spec::Conv { filters, kernel, stride: (1, 1), padding: Padding::NONE, groups: 1, activation }
    }

    /// Pooling over windows that do not overlap.
    pub fn pool(pooling: Pooling, window: Pair) -> Self {
        Spec::Pool { pooling, window, step: window, padding: Padding::NONE }
    }

    /// A fully-connected layer without dropout.
    pub fn fully_connected(neurons: usize, activation: Activation) -> Self {
        Spec::FullyConnected { neurons, activation, dropout: 0.0 }
    }

    /// A softmax layer without dropout.
    pub fn softmax(classes: usize) -> Self {
        Spec::Softmax { classes, dropout: 0.0 }
    }

    /// The same layer with dropout on its inputs. Layers that have none (convolution, pooling) are returned as they
    /// are.
    pub fn with_dropout(mut self, p: f64) -> Self {
        if let Spec::FullyConnected { dropout, .. } | Spec::Softmax { dropout, .. } = &mut self {
            *dropout = p;
        }
        self
    }

    /// The same layer with another distance from window to window: the stride of a convolution, the step of pooling on
    /// its own. Other layers are returned as they are.
    pub fn every(mut self, down: usize, across: usize) -> Self {
        if let Spec::Conv { stride, .. } | Spec::ConvPool { stride, .. } | Spec::Pool { step: stride, .. } = &mut self {
            *stride = (down, across);
        }
        self
    }

    /// The same layer with a margin around its input. Layers without windows are returned as they are.
    ///
    /// ```
    /// use network3::{Activation, Spec, ops::Padding};
    /// let spec = Spec::conv(64, (7, 7), Activation::Relu).every(2, 2).padded(Padding::all(3));
    /// assert_eq!(spec.to_string(), "64 filters 7×7 every 2×2 in a margin of 3, rectified linear");
    /// ```
    pub fn padded(mut self, margin: Padding) -> Self {
        if let Spec::Conv { padding, .. } | Spec::ConvPool { padding, .. } | Spec::Pool { padding, .. } = &mut self {
            *padding = margin;
        }
        self
    }

    /// The same convolution in groups. Other layers are returned as they are.
    pub fn grouped(mut self, n: usize) -> Self {
        if let Spec::Conv { groups, .. } | Spec::ConvPool { groups, .. } = &mut self {
            *groups = n;
        }
        self
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drop = |p: &f64| if *p > 0.0 { format!(", dropout {p}") } else { String::new() };
        let filters = |n: &usize, &size: &Pair, &stride: &Pair, &padding: &Padding, groups: &usize| {
            let grouped = if *groups == 1 { String::new() } else { format!(" in {groups} groups") };
            format!("{n} filters {}{grouped}", describe(Window { size, stride, padding }, (1, 1)))
        };
        let lengths = |rows: &[Vec<Spec>]| rows.iter().map(|row| row.len().to_string()).collect::<Vec<_>>().join(", ");
        match self {
            Spec::ConvPool { filters: n, kernel, stride, padding, groups, pooling, window, step, activation } => {
                let (filters, window) =
                    (filters(n, kernel, stride, padding, groups), describe(Window::new(*window, *step), *window));
                write!(f, "{filters}, {pooling} {window}, {activation}")
            }
            Spec::Conv { filters: n, kernel, stride, padding, groups, activation } => {
                write!(f, "{}, {activation}", filters(n, kernel, stride, padding, groups))
            }
            Spec::Pool { pooling, window, step, padding } => {
                let (size, stride, padding) = (*window, *step, *padding);
                write!(f, "{pooling} {}", describe(Window { size, stride, padding }, size))
            }
            Spec::Normalise { size, .. } => write!(f, "local response normalisation over {size} maps"),
            Spec::BatchNorm => f.write_str("batch normalisation"),
            Spec::Branches { rows } => write!(f, "{} branches of {} layers", rows.len(), lengths(rows)),
            Spec::SideClassifier { weight, layers } => {
                write!(f, "side classifier of {} layers, {weight}", layers.len())
            }
            Spec::FullyConnected { neurons, activation, dropout } => {
                write!(f, "{neurons} neurons, {activation}{}", drop(dropout))
            }
            Spec::Softmax { classes, dropout } => write!(f, "{classes} classes, softmax{}", drop(dropout)),
        }
    }
}
