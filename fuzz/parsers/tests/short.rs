//! Every target on mutants of its seeds, on stable Rust: a second or so for each. `FUZZ_MUTANTS` says how many, and
//! `FUZZ_SEED` which; `--nocapture` shows how many are accepted.

use parsers::{TARGETS, Target, mutate::mutant, target};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Seeds are accepted; mutants are accepted or not, and break no law.
fn hold(name: &str, mutants: u64) {
    let Target { seeds, accepts, .. } = target(name);
    let seeds = seeds();
    assert!(!seeds.is_empty(), "no seeds");
    seeds.iter().enumerate().for_each(|(i, seed)| assert!(accepts(seed), "seed {i} is not accepted"));
    let (mutants, from) = (number("FUZZ_MUTANTS", mutants), number("FUZZ_SEED", 1));
    let mut accepted = 0;
    for number in 0..mutants {
        let bytes = mutant(&seeds, from, number);
        match catch_unwind(AssertUnwindSafe(|| accepts(&bytes))) {
            Ok(accepts) => accepted += u64::from(accepts),
            Err(_) => {
                let file = std::env::temp_dir().join(format!("{name}-{from}-{number}"));
                let kept = std::fs::write(&file, &bytes)
                    .map_or("it could not be kept".into(), |()| file.display().to_string());
                panic!("{name}: mutant {number} of seed {from} breaks the law: {kept}");
            }
        }
    }
    println!("{name}: {mutants} mutants, {accepted} accepted");
    assert!(accepted < mutants, "every mutant is accepted: the mutations change nothing");
}

macro_rules! targets {
    ($($name:ident $mutants:literal)*) => {
        $(#[test] fn $name() { hold(stringify!($name), $mutants) })*

        /// No target is forgotten, here or among those of cargo-fuzz.
        #[test]
        fn every_target_is_called() {
            let names = TARGETS.map(|target| target.name);
            assert_eq!(names[..], [$(stringify!($name)),*][..]);
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../");
            let manifest = std::fs::read_to_string(format!("{folder}Cargo.toml")).unwrap();
            for name in names {
                let file = std::fs::read_to_string(format!("{folder}fuzz_targets/{name}.rs")).unwrap();
                assert!(file.contains(&format!("\"{name}\"")) && manifest.contains(&format!("name = \"{name}\"")), "{name}");
            }
        }
    };
}

targets! {
    idx_images 20000
    idx_labels 20000
    gz 5000
    kind 20000
    picture 3000
    model 1500
    checkpoint 3000
    record 1500
    summary 1500
    ladder 3000
    stub 200
}

#[test]
fn a_mutant_is_the_same_for_the_same_seed_and_number() {
    let seeds = (target("ladder").seeds)();
    assert_eq!(mutant(&seeds, 1, 7), mutant(&seeds, 1, 7));
    let all: std::collections::HashSet<_> = (0..100).map(|number| mutant(&seeds, 1, number)).collect();
    assert!(all.len() > 90, "only {} of 100 differ", all.len());
    assert_ne!(mutant(&seeds, 1, 7), mutant(&seeds, 2, 7));
}
