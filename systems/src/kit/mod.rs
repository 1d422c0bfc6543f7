//! What all systems have in common: options, random numbers, records, progress, and going on where a run was stopped.

mod clock;
mod keeper;
pub mod limit;
mod progress;
mod reader;
mod record;
mod setting;
mod side_by_side;

pub use clock::Clock;
pub use keeper::{Keeper, Kept, restore};
pub use progress::Progress;
#[cfg(test)]
pub(crate) use reader::small;
pub use reader::{
    DARKEST, Reader, accuracy, bytes, gather, intensities, labels, log_odds, log_odds_gradient, network, networks,
    probability, read_by_all, readers, rms, signed_bytes, train, without_softmax,
};
pub use record::{Findings, Record, check_shares, round};
pub use setting::{Common, Setting, rng};
pub use side_by_side::side_by_side;
