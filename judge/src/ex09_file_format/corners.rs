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
    // Far from the beginning, and close to the end.
    let bytes = good_bytes(a, &state(907, &[("x", &[20_000])]))?;
    let end = bytes.len();
    for at in (0..end).step_by(797).chain([65_535, 65_536, 65_537]).chain(end - 24..end) {
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

/// The check sum that the last hint suggests.
fn fnv(bytes: &[u8]) -> [u8; 8] {
    let add = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, add).to_le_bytes()
}

/// Bytes that nobody has damaged by accident: they are wrong, and their check sum fits. Whoever has another check sum
/// than the one that the hints suggest is not tried here.
pub fn forged(a: Answers) -> Verdict {
    let why = "a check sum that fits is no proof: the signature, all lengths and the end have to be right, too";
    for state in [small(), vec![], state(909, &[("", &[]), ("a", &[0]), ("b", &[1, 2])])] {
        let bytes = good_bytes(a, &state)?;
        let Some((content, sum)) = bytes.split_last_chunk() else { return Ok(()) };
        if fnv(content) != *sum {
            return Ok(());
        }
        let mut forgeries = vec![[content, &[0]].concat(), [content, content].concat()];
        forgeries.extend((0..content.len()).map(|n| content[..n].to_vec()));
        for at in 0..content.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut other = content.to_vec();
                other[at] = value;
                forgeries.push(other);
            }
        }
        for forged in forgeries.iter().filter(|forged| *forged != content) {
            let bytes = [&forged[..], &fnv(forged)].concat();
            if let Ok(got) = (a.from_bytes)(&bytes)
                && (a.to_bytes)(&got) != bytes
            {
                let at =
                    forged.iter().zip(content).position(|(f, c)| f != c).unwrap_or(content.len().min(forged.len()));
                let what = format!(
                    "{} bytes, the first wrong one is number {at}, with a check sum that fits: taken, though `to_bytes` would \
                     make others of what they hold",
                    bytes.len()
                );
                return Err(Wrong::new(what).because(why));
            }
        }
    }
    Ok(())
}
