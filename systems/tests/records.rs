//! The records of systems that the book has.

use std::{collections::BTreeSet, path::Path};
use systems::{
    adversarial, deep_belief, execute, fooling, googlenet,
    kit::{Findings, Record},
    ksh, lrmd, q_learning, recurrent, street_view, turing, zeiler_fergus,
};

/// Reads the record of a system, which is checked by that, and returns what it is called.
fn read<T: Findings>(name: &'static str) -> &'static str {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../figures/records/{name}.json"));
    let record: Record<T> = Record::read(path).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(record.system, name);
    name
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
