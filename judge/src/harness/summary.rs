//! What comes last: how far the reader is, and where to go from there.

use super::parent::{Outcome, Trial};
use crate::Exercise;
use std::fmt::Write;

/// Exercises in an order from short to long: one may well take another.
const BY_EASE: &str = include_str!("../by_ease.txt");

/// How it stands with what has been judged.
pub fn summary(answers: &[Exercise], outcomes: &[(&Trial, &Outcome)]) -> String {
    let judged: Vec<State> = answers.iter().filter_map(|exercise| State::of(exercise, outcomes)).collect();
    match &judged[..] {
        [] => String::new(),
        [one] => one.alone(),
        many => together(many),
    }
}

/// How an exercise stands, of which at least one function has been judged.
struct State<'a> {
    exercise: &'a Exercise,
    /// How many functions it has.
    functions: usize,
    judged: usize,
    right: usize,
    /// The first that is not right.
    next: Option<&'a Trial>,
}

impl<'a> State<'a> {
    fn of(exercise: &'a Exercise, outcomes: &[(&'a Trial, &'a Outcome)]) -> Option<Self> {
        let of = outcomes.iter().filter(|(trial, _)| trial.exercise == exercise.name);
        let (right, others): (Vec<_>, Vec<_>) = of.partition(|(_, outcome)| matches!(outcome, Outcome::Right));
        let judged = right.len() + others.len();
        let next = others.first().map(|(trial, _)| *trial);
        let functions = Trial::of(exercise).len();
        (judged > 0).then_some(State { exercise, functions, judged, right: right.len(), next })
    }

    fn number(&self) -> &str {
        &self.exercise.name[2..4]
    }

    fn is_done(&self) -> bool {
        self.right == self.functions
    }

    fn alone(&self) -> String {
        let (name, number) = (&self.exercise.name[..4], self.number());
        if self.judged < self.functions {
            let is = if self.right == self.judged { "right" } else { "judged" };
            return format!("{name}: {} of {} {is}. All of it: cargo judge {number}\n", self.judged, self.functions);
        }
        match self.next {
            Some(next) => {
                let (right, all) = (self.right, self.functions);
                format!("{name}: {right} of {all} done. Next: {}, {}\n", next.function, next.place())
            }
            None => {
                let reflection = format!("  What it shows: cargo run --bin exercises -- reflection {number}\n");
                self.done() + &reflection + "  What is next:  cargo run --bin exercises\n"
            }
        }
    }

    fn done(&self) -> String {
        format!("{}: done. Read on: {}\n", &self.exercise.name[..4], self.exercise.read_on)
    }
}

fn together(states: &[State]) -> String {
    let done: Vec<String> = states.iter().filter(|state| state.is_done()).map(State::done).collect();
    let sum = |of: fn(&State) -> usize| states.iter().map(of).sum::<usize>();
    let mut text = done.concat();
    let counts = (done.len(), states.len(), sum(|state| state.right), sum(|state| state.judged));
    let _ = write!(text, "{} of {} exercises done, {} of {} functions.", counts.0, counts.1, counts.2, counts.3);
    // What has been begun comes before what is new.
    let begun = states.iter().find(|state| state.right > 0 && state.next.is_some());
    let easiest = || BY_EASE.split_whitespace().find_map(|n| states.iter().find(|s| s.number() == n && !s.is_done()));
    if let Some(next) = begun.or_else(easiest).and_then(|state| state.next) {
        let _ = write!(text, " Next: {}, {}", next.name(), next.place());
    }
    text + "\n"
}
