//! Bytes changed at random: the same for the same seed and number.

use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Numbers at which parsers stumble, as text.
const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1",
    "255",
    "256",
    "65536",
    "2147483648",
    "4294967295",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "-1e308",
    "1e999",
    "null",
];

/// Numbers at which parsers stumble, in 32 bits.
const WORDS: [u32; 9] = [0, 1, 0x7f, 0x80, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/// No mutant is longer: parsers must be asked often rather than much.
const LONGEST: usize = 1 << 20;

/// Mutant `number` of these seeds: one of them after one to eight changes.
///
/// # Panics
/// When there are no seeds.
pub fn mutant(seeds: &[Vec<u8>], seed: u64, number: u64) -> Vec<u8> {
    let base = Xoshiro256PlusPlus::seed_from_u64(seed).next_u64();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(base.wrapping_add(number));
    let mut bytes = seeds[random.random_range(0..seeds.len())].clone();
    // Few changes more often than many: a file that is nearly right gets furthest.
    let changes = 1 + random.random_range(0..8) * random.random_range(0..2);
    (0..changes).for_each(|_| change(&mut bytes, seeds, &mut random));
    bytes.truncate(LONGEST);
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Xoshiro256PlusPlus) {
    if bytes.is_empty() {
        bytes.push(random.random());
        return;
    }
    // Headers are short, and what they say matters most: half of the changes are among the first 64 bytes.
    let head = if random.random() { bytes.len().min(64) } else { bytes.len() };
    let at = random.random_range(0..head);
    let some = random.random_range(1..=16).min(bytes.len() - at);
    match random.random_range(0..10) {
        0 => bytes[at] ^= 1 << random.random_range(0..8),
        1 => bytes[at] = [0, 1, b'"', b'0', 0x7f, 0x80, 0xff][random.random_range(0..7)],
        2 => bytes[at] = random.random(),
        3 => {
            let word = WORDS[random.random_range(0..WORDS.len())];
            let word = if random.random() { word.to_be_bytes() } else { word.to_le_bytes() };
            bytes.iter_mut().skip(at).zip(word).for_each(|(byte, new)| *byte = new);
        }
        4 => drop(bytes.drain(at..at + some)),
        5 => {
            let piece = bytes[at..at + some].to_vec();
            let to = random.random_range(0..=bytes.len());
            bytes.splice(to..to, piece);
        }
        6 => bytes.truncate(at),
        7 => {
            let other = &seeds[random.random_range(0..seeds.len())];
            let from = random.random_range(0..=other.len());
            bytes.truncate(at);
            bytes.extend(&other[from..]);
        }
        8 => {
            let with = random.random_range(0..bytes.len());
            bytes.swap(at, with);
        }
        _ => replace_number(bytes, random),
    }
}

/// Another number in the place of one that stands there as text.
fn replace_number(bytes: &mut Vec<u8>, random: &mut Xoshiro256PlusPlus) {
    let is_number = |b: &u8| b.is_ascii_digit() || b"+-.e".contains(b);
    let from = random.random_range(0..bytes.len());
    let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit).map(|k| from + k) else { return };
    let end = bytes[start..].iter().position(|b| !is_number(b)).map_or(bytes.len(), |k| start + k);
    bytes.splice(start..end, NUMBERS[random.random_range(0..NUMBERS.len())].bytes());
}
