//! What all systems have in common: options, random numbers, records, progress, and going on where a run was stopped.

mod keeper;
pub mod limit;
mod progress;
mod record;
mod setting;

pub use keeper::{Keeper, Kept, restore};
pub use progress::Progress;
pub use record::{Findings, Record, round};
pub use setting::{Common, Setting, rng};
