//! One habit at a time.

use clap::ValueEnum;
use network3::Habits;

/// A habit of `network3.py`, by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Habit {
    /// How weights and biases begin
    Initialisation,
    /// Who gets the gradient of equal maxima
    Ties,
    /// Where dropout masks come from
    Masks,
    /// In which order images come
    Order,
    /// What happens to images that do not fill a mini-batch
    LastBatch,
}

impl Habit {
    /// These habits, with this one as `other` has it.
    pub fn changed(self, habits: Habits, other: Habits) -> Habits {
        match self {
            Habit::Initialisation => Habits { initialisation: other.initialisation, ..habits },
            Habit::Ties => Habits { ties: other.ties, ..habits },
            Habit::Masks => Habits { masks: other.masks, ..habits },
            Habit::Order => Habits { order: other.order, ..habits },
            Habit::LastBatch => Habits { last_batch: other.last_batch, ..habits },
        }
    }

    /// As it is written on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map_or(String::new(), |value| value.get_name().to_string())
    }
}
