//! States that are easily overlooked, and damage to every byte.

use super::{Answers, good_bytes, refused, small, state, there_and_back};
use crate::{Verdict, Wrong};
use ndarray::{ArrayD, IxDyn};
use std::collections::BTreeSet;

/// Counts and lengths that one or two bytes cannot hold, and NaN of every kind.
pub fn large(a: Answers) -> Verdict {
    let why = "a count or a length may need more than one byte, or two";
    let (name, long) = ("n".repeat(300), "δ".repeat(40_000));
    there_and_back(a, "names of 300 and of 80,000 bytes", &state(901, &[(&name, &[2]), (&long, &[1])]), why)?;
    there_and_back(
        a,
        "a tensor of 70,000 numbers, and one of 300×1",
        &state(902, &[("x", &[70_000]), ("y", &[300, 1])]),
        why,
    )?;
    there_and_back(a, "a tensor of 300 dimensions", &state(903, &[("x", &[1; 300])]), why)?;
    let names: Vec<String> = (0..70_000).map(|k| k.to_string()).collect();
    let many: Vec<(&str, &[usize])> = names.iter().map(|name| (&**name, &[][..])).collect();
    there_and_back(a, "70,000 tensors", &state(904, &many), why)?;
    there_and_back(
        a,
        "empty tensors with large lengths",
        &state(905, &[("x", &[0, 70_000, 3]), ("y", &[70_000, 0])]),
        why,
    )?;
    let bits = [0x7f80_0001, 0xff80_0001, 0x7fbf_ffff, 0xffff_ffff, 0x7fc0_1234, 0x8000_0001].map(f32::from_bits);
    let nans = ArrayD::from_shape_vec(IxDyn(&[6]), bits.to_vec()).expect("six numbers");
    there_and_back(a, "NaN of all kinds", &vec![("x".into(), nans)], "an `f32` has four bytes, whatever it holds")
}

/// Every other value of every byte, and all pairs of neighbours, in states of several kinds.
pub fn every_byte(a: Answers) -> Verdict {
    let why = "a check sum has to see every byte: names, lengths, counts and its own, too";
    for state in [small(), vec![], state(906, &[("", &[]), ("a", &[0]), ("b", &[1, 2])])] {
        let bytes = good_bytes(a, &state)?;
        for at in 0..bytes.len() {
            for change in 1..=255 {
                let mut damaged = bytes.clone();
                damaged[at] ^= change;
                refused(
                    a,
                    &damaged,
                    &format!("byte {at} of {} is {} instead of {}", bytes.len(), damaged[at], bytes[at]),
                    why,
                )?;
            }
            refused(a, &bytes[..at], &format!("the first {at} of {} bytes", bytes.len()), why)?;
        }
    }
    // Far from the beginning.
    let bytes = good_bytes(a, &state(907, &[("x", &[3000])]))?;
    for at in (0..bytes.len()).step_by(37) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        refused(
            a,
            &damaged,
            &format!("byte {at} of {} is {} instead of {}", bytes.len(), damaged[at], bytes[at]),
            why,
        )?;
    }
    Ok(())
}

/// The message says what does not fit.
pub fn words(a: Answers) -> Verdict {
    let network = small();
    let files: [(&str, &[(&str, &[usize])]); 3] = [
        ("another name", &[("1.weights", &[2, 3]), ("2.biases", &[3])]),
        ("another shape", &[("1.weights", &[2, 3]), ("1.biases", &[4])]),
        ("a tensor too many", &[("1.weights", &[2, 3]), ("1.biases", &[3]), ("x", &[1])]),
    ];
    let mut said = vec![];
    for (what, tensors) in files {
        match (a.load)(&mut network.clone(), &(a.to_bytes)(&state(908, tensors))) {
            Ok(()) => {
                return Err(Wrong::new(format!("a file with {what}: expected an error, got Ok"))
                    .because("compare everything before it is taken"));
            }
            Err(words) => said.push(words),
        }
    }
    if said.iter().collect::<BTreeSet<_>>().len() == said.len() {
        return Ok(());
    }
    Err(Wrong::new(format!("another name, another shape, and a tensor too many: {said:?}"))
        .because("the message should say which of these it is"))
}
