//! A file format: exercise 09.

use super::rare;
use crate::{WrongAnswer, ex09_file_format as ex09};
use network3::State;
use solutions::ex09_file_format as file;

const FILE: ex09::Answers = ex09::Answers { to_bytes: file::to_bytes, from_bytes: file::from_bytes, load: file::load };

/// As many bytes as a check sum that is in a hurry looks at.
const SEEN: usize = 4096;

pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        rare(
            "names-of-255",
            "The length of a name goes into one byte.",
            ("from_bytes", "large and many"),
            ex09::exercise(ex09::Answers {
                to_bytes: |state| {
                    let short = |name: &str| name.chars().take(255).collect::<String>();
                    let cut: State = state.iter().map(|(name, tensor)| (short(name), tensor.clone())).collect();
                    file::to_bytes(&cut)
                },
                ..FILE
            }),
        ),
        rare(
            "blind-check-sum",
            "The check sum goes over the first four kilobytes.",
            ("from_bytes", "every byte"),
            ex09::exercise(ex09::Answers {
                to_bytes: |state| {
                    let bytes = file::to_bytes(state);
                    let content = &bytes[..bytes.len() - 8];
                    [content, &fnv(&content[..content.len().min(SEEN)])].concat()
                },
                from_bytes: read_blindly,
                load: |state, bytes| {
                    let loaded = file::to_bytes(&read_blindly(bytes)?);
                    file::load(state, &loaded)
                },
            }),
        ),
        rare(
            "signature-not-looked-at",
            "A check sum that fits is taken for a signature.",
            ("from_bytes", "a check sum that fits"),
            ex09::exercise(ex09::Answers {
                from_bytes: |bytes| {
                    let Some((content, sum)) = bytes.split_last_chunk::<8>() else { return Err("too short".into()) };
                    let signature = file::to_bytes(&vec![])[..20].to_vec();
                    if fnv(content) != *sum || content.len() < signature.len() {
                        return Err("damaged".into());
                    }
                    let content = [&signature, &content[signature.len()..]].concat();
                    file::from_bytes(&[&content[..], &fnv(&content)].concat())
                },
                ..FILE
            }),
        ),
        rare(
            "same-words",
            "Whatever does not fit, the message is the same.",
            ("load", "words that say which"),
            ex09::exercise(ex09::Answers {
                load: |state, bytes| file::load(state, bytes).map_err(|_| "does not fit".into()),
                ..FILE
            }),
        ),
    ]
}

/// The check sum of the solution.
fn fnv(bytes: &[u8]) -> [u8; 8] {
    let add = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, add).to_le_bytes()
}

fn read_blindly(bytes: &[u8]) -> Result<State, String> {
    let Some((content, sum)) = bytes.split_last_chunk::<8>() else { return Err("too short".into()) };
    if fnv(&content[..content.len().min(SEEN)]) != *sum {
        return Err("damaged".into());
    }
    file::from_bytes(&[content, &fnv(content)].concat())
}
