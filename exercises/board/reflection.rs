//! What an exercise shows, for whoever has done it.

use crate::{
    catalogue::Exercise,
    judged::{self, State},
    text,
};
use std::{fs, path::Path};

/// The reflection, if all functions of the exercise are right.
pub fn show(root: &Path, exercise: Exercise) -> Result<String, String> {
    let outcomes = judged::outcomes(root, std::slice::from_ref(&exercise))?;
    let (number, all) = (exercise.number(), outcomes.len());
    let right = outcomes.iter().filter(|(_, state)| *state == State::Right).count();
    if right < all || all == 0 {
        return Err(format!(
            "exercise {number} is not done, {right} of {all} functions are right: its reflection would give the answer away \
             (`cargo judge {number}` says what is missing)"
        ));
    }
    let path = root.join("judge/src").join(&exercise.name).join("reflection.md");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut said = format!("{number}  {}: what it shows\n\n{}", exercise.title, text::wrapped(&text, text::width()));
    if said.contains("[…]") {
        said += "\n\n[…] is a number that was measured; the book has it, under \"What the exercises show\".";
    }
    Ok(said)
}
