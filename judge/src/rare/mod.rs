//! Wrong answers that are right nearly always: for odd sizes, for numbers of the usual size, as long as nothing is
//! equal.
//!
//! Each stands for a kind of mistake that once passed. The common ones are beside the checks of their exercises.

mod files;
mod images;
mod layers;
mod networks;
mod runs;
mod survey;

use crate::{Exercise, WrongAnswer};

/// All of them.
pub fn wrong() -> Vec<WrongAnswer> {
    [images::wrong(), runs::wrong(), files::wrong(), layers::wrong(), networks::wrong(), survey::wrong()]
        .into_iter()
        .flatten()
        .collect()
}

fn rare(
    name: &'static str,
    mistake: &'static str,
    caught_by: (&'static str, &'static str),
    exercise: Exercise,
) -> WrongAnswer {
    WrongAnswer { name, mistake, caught_by, exercise }
}
