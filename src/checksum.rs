//! Files that carry a SHA-256 of themselves, in which no flipped bit goes unnoticed.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How many digits a SHA-256 has.
pub const DIGITS: usize = 64;

/// What stands where the checksum belongs, until it is known.
pub fn placeholder() -> String {
    "0".repeat(DIGITS)
}

/// A checksum as one writes it.
pub fn hexadecimal(sum: Sha256) -> String {
    sum.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 of a file without the digits of the checksum itself, and where these stand: behind the first `before`.
/// `None` if there is no room for them.
pub fn of_the_rest(bytes: &[u8], before: &str) -> Option<(usize, String)> {
    let at = bytes.windows(before.len()).position(|piece| piece == before.as_bytes())? + before.len();
    let after = bytes.get(at + DIGITS..)?;
    Some((at, hexadecimal(Sha256::new_with_prefix(&bytes[..at]).chain_update(after))))
}

/// Puts the checksum where the placeholder stands. Is there one?
pub fn seal(bytes: &mut [u8], before: &str) -> bool {
    let Some((at, sum)) = of_the_rest(bytes, before) else { return false };
    bytes[at..at + DIGITS].copy_from_slice(sum.as_bytes());
    true
}
