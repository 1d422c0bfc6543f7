//! The habits of `network3.py` that its chapter does not discuss, each a named option.
//!
//! Figures set beside the chapter's are made with [`Habits::faithful`]; [`Habits::corrected`] is what one would do
//! today.

use crate::ops::Ties;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One choice per habit.
///
/// ```
/// use network3::{Habits, Ties};
/// let habits = Habits { ties: Ties::First, ..Habits::faithful() };
/// assert_ne!(habits, Habits::faithful());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Habits {
    /// How weights and biases begin.
    pub initialisation: Initialisation,
    /// Who gets the gradient when units of a max-pooling window share the maximum.
    pub ties: Ties,
    /// Where dropout masks come from.
    pub masks: Masks,
    /// In which order the training images come.
    pub order: Order,
    /// What happens to the images that do not fill a mini-batch.
    pub last_batch: LastBatch,
}

/// How weights and biases begin. The softmax layer begins at zero either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initialisation {
    /// Weights normal with variance 1/n_out (for a convolution, n_out = filters · kernel area / window area), biases
    /// normal with variance 1. The chapter's author calls the n_out a mistake, in a note added later.
    FanOut,
    /// Weights normal with variance 1/n_in, or 2/n_in before rectified linear units and in convolutions; biases 0.
    FanIn,
}

/// Where dropout masks come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Masks {
    /// Every layer of every network draws the same stream, whatever the seed.
    Shared,
    /// Every layer draws a stream of its own, from the seed.
    Independent,
}

/// In which order the training images come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// As they lie in the file, in every epoch; an expanded set is shuffled once, before the first.
    Fixed,
    /// Shuffled anew for every epoch, from the seed.
    Shuffled,
}

/// What happens to the images left over when the mini-batch size does not divide the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastBatch {
    /// They are left out, in training and in evaluation.
    Dropped,
    /// They make a smaller mini-batch.
    Used,
}

impl Habits {
    /// As `network3.py` has them.
    pub const fn faithful() -> Self {
        Habits {
            initialisation: Initialisation::FanOut,
            ties: Ties::All,
            masks: Masks::Shared,
            order: Order::Fixed,
            last_batch: LastBatch::Dropped,
        }
    }

    /// As one would have them today.
    pub const fn corrected() -> Self {
        Habits {
            initialisation: Initialisation::FanIn,
            ties: Ties::First,
            masks: Masks::Independent,
            order: Order::Shuffled,
            last_batch: LastBatch::Used,
        }
    }

    /// The habits that differ, by name.
    ///
    /// ```
    /// use network3::{Habits, Ties};
    /// let habits = Habits { ties: Ties::First, ..Habits::faithful() };
    /// assert_eq!(habits.differences(Habits::faithful()), ["ties"]);
    /// assert_eq!(habits.to_string(), "the chapter's habits but for ties");
    /// ```
    pub fn differences(self, other: Self) -> Vec<&'static str> {
        let differ = [
            (self.initialisation != other.initialisation, "initialisation"),
            (self.ties != other.ties, "ties"),
            (self.masks != other.masks, "masks"),
            (self.order != other.order, "order"),
            (self.last_batch != other.last_batch, "last batch"),
        ];
        differ.into_iter().filter_map(|(differs, habit)| differs.then_some(habit)).collect()
    }
}

impl fmt::Display for Habits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = [(Habits::faithful(), "the chapter's habits"), (Habits::corrected(), "today's habits")];
        let [faithful, today] = known.map(|(habits, name)| (self.differences(habits), name));
        let (differences, name) = if today.0.len() < faithful.0.len() { today } else { faithful };
        f.write_str(name)?;
        if differences.is_empty() { Ok(()) } else { write!(f, " but for {}", differences.join(", ")) }
    }
}
