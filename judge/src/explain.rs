//! Likely causes, held against everything that a check compares.
//!
//! A suspected cause that fits one case may fit by chance: 1 − z² is 1 − tanh² z where z is 0. So when a check fails,
//! it is run once more to its end, and a cause that another of its comparisons contradicts is not told.

use crate::{Verdict, Wrong};
use std::{
    any::Any,
    cell::RefCell,
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// What has been heard in the second run.
#[derive(Default)]
struct Heard {
    contradicted: HashSet<String>,
    /// The patterns of all comparisons that failed.
    patterns: Option<HashSet<String>>,
}

thread_local! {
    static HEARD: RefCell<Option<Heard>> = const { RefCell::new(None) };
}

/// Do comparisons go on, whatever comes out?
pub fn is_second_run() -> bool {
    HEARD.with_borrow(Option::is_some)
}

/// The suspects that agree with what was got, in their order. Those that do not are no cause of any failure in this
/// check.
pub fn suspects<'a>(suspects: impl IntoIterator<Item = (&'a str, bool)>) -> Vec<String> {
    let (agree, others): (Vec<_>, Vec<_>) = suspects.into_iter().partition(|(_, agrees)| *agrees);
    HEARD.with_borrow_mut(|heard| {
        // The same words may stand for several mistakes.
        let words =
            others.iter().map(|(words, _)| *words).filter(|words| !agree.iter().any(|(other, _)| other == words));
        if let Some(heard) = heard {
            heard.contradicted.extend(words.map(String::from));
        }
    });
    agree.into_iter().map(|(words, _)| words.into()).collect()
}

/// The patterns in a comparison that failed: each is a cause only if all that fail have it.
pub fn patterns(found: &[String]) {
    HEARD.with_borrow_mut(|heard| {
        if let Some(heard) = heard {
            let found: HashSet<String> = found.iter().cloned().collect();
            heard.patterns = Some(match heard.patterns.take() {
                Some(before) => before.intersection(&found).cloned().collect(),
                None => found,
            });
        }
    });
}

/// Runs a check to its end, and returns the first cause that nothing in it contradicts: a suspect, else a pattern.
pub fn first_that_stands(wrong: &Wrong, check: impl FnOnce() -> Verdict) -> Option<String> {
    HEARD.set(Some(Heard::default()));
    // It may come to a case that the answer panics at, and has been heard until then.
    let _: Result<_, Box<dyn Any + Send>> = catch_unwind(AssertUnwindSafe(check));
    let Heard { contradicted, patterns } = HEARD.take().unwrap_or_default();
    let suspect = wrong.suspects.iter().find(|words| !contradicted.contains(*words));
    let everywhere = |words: &&String| patterns.as_ref().is_none_or(|patterns| patterns.contains(*words));
    suspect.or_else(|| wrong.patterns.iter().find(everywhere)).cloned()
}
