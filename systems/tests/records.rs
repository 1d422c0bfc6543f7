//! The records of systems that the book has.

use std::{collections::BTreeSet, path::Path};
use systems::{
    adversarial, deep_belief, execute, fooling, googlenet,
    kit::{Findings, Record},
    ksh, lrmd, q_learning, recurrent, street_view, turing, zeiler_fergus,
};

/// Reads the record of a system with seed 1, which is checked by that, and returns what it is called.
fn read<T: Findings>(name: &'static str) -> &'static str {
    read_seed::<T>(name, name, 1);
    name
}

/// Reads the record in a file of this name.
fn read_seed<T: Findings>(file: &str, name: &str, seed: u64) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../figures/records/{file}.json"));
    let record: Record<T> = Record::read(path).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((record.system.as_str(), record.seed), (name, seed), "{file}");
    record.findings
}

#[test]
fn every_system_has_a_record_that_can_be() {
    let read = [
        read::<ksh::Found>("ksh"),
        read::<googlenet::Found>("googlenet"),
        read::<lrmd::findings::Lrmd>("lrmd"),
        read::<zeiler_fergus::record::Results>("zeiler-fergus"),
        read::<adversarial::record::Results>("adversarial"),
        read::<fooling::record::Results>("fooling"),
        read::<street_view::findings::StreetView>("street-view"),
        read::<recurrent::Recurrent>("recurrent"),
        read::<execute::Execute>("execute"),
        read::<turing::Turing>("turing"),
        read::<deep_belief::Found>("deep-belief"),
        read::<q_learning::Found>("q-learning"),
    ];
    let listed: BTreeSet<_> = systems::ALL.iter().map(|about| about.name).collect();
    assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), listed);
}

#[test]
fn other_seeds_have_records_too() {
    for seed in [2, 3] {
        read_seed::<lrmd::findings::Lrmd>(&format!("lrmd-{seed}"), "lrmd", seed);
    }
}

/// What the page on LRMD says of its pictures.
#[test]
fn best_stimuli_are_answered_to_more_strongly_than_any_digit() {
    let classes = read_seed::<lrmd::findings::Lrmd>("lrmd", "lrmd", 1).classes;
    assert!(classes.iter().all(|class| class.stimulated > class.strongest), "{classes:?}");
}
