//! Mutation testing of the checks.
//!
//! A *mutant* is a solution with one small change: another operator, a bound that is off by one, a statement left out.
//! A mutant that no check catches is a gap in the checks, unless it computes the same as before: then it is
//! *equivalent*.
//!
//! All mutants are compiled into one program (*mutant schemata*): where something may be changed there stands a `match`
//! that picks the original or one of its mutants at run time. So one build is enough for some thousand mutants.

mod change;
mod methods;
mod schemata;

pub use change::{Change, changes};
pub use schemata::{Mutant, Schemata};
