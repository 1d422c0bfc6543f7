//! Files that may be compressed with gzip.

use super::idx::damaged;
use crate::{Error, Result};
use flate2::bufread::GzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// No data set that this program reads is larger than this, uncompressed: 1 GiB.
const LARGEST: u64 = 1 << 30;

/// What a gz begins with.
const MAGIC: &[u8] = b"\x1f\x8b";

/// Opens a file that may be gz: returns its uncompressed bytes, and how many they can be at most. What the file is
/// called does not matter: a gz begins with the bytes 1f 8b.
///
/// # Errors
/// When the operating system refuses, when a gz is damaged right at its beginning, and for a gz within a gz; the
/// message does not name the file, the caller does.
pub fn open(path: &Path) -> Result<(Box<dyn Read>, u64)> {
    let file = File::open(path).map_err(|e| Error::io("opening", e))?;
    let size = file.metadata().map_err(|e| Error::io("opening", e))?.len();
    read(BufReader::with_capacity(1 << 16, file), size)
}

/// The same for anything that has `size` bytes.
///
/// # Errors
/// As [`open`].
pub fn read<'a>(mut from: impl BufRead + 'a, size: u64) -> Result<(Box<dyn Read + 'a>, u64)> {
    if !starts_with_magic(&mut from)? {
        return Ok((Box::new(from), size));
    }
    let mut inside = BufReader::with_capacity(1 << 16, Members { member: Some(GzDecoder::new(from)) });
    if starts_with_magic(&mut inside)? {
        return Err(Error::input("compressed twice: a gz within a gz; `gunzip` it once, and it will be read"));
    }
    // One byte of deflate stands for 1032 at most, so a small file that promises much is lying.
    Ok((Box::new(inside), LARGEST.min(size.saturating_mul(1032))))
}

fn starts_with_magic(from: &mut impl BufRead) -> Result<bool> {
    Ok(from.fill_buf().map_err(damaged)?.starts_with(MAGIC))
}

/// The members of a gz, one after the other: a gz may have several, and be padded with zeros, as `gzip` has it.
struct Members<R> {
    /// The one at hand; `None` when all have been read, or one is damaged.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut member) = self.member.take() else { return Ok(0) };
        loop {
            match member.read(buffer) {
                Ok(0) if !buffer.is_empty() => {
                    let mut from = member.into_inner();
                    if !next(&mut from)? {
                        return Ok(0);
                    }
                    member = GzDecoder::new(from);
                }
                result => {
                    self.member = Some(member);
                    return result;
                }
            }
        }
    }
}

/// Passes over zeros. Does another member begin there?
fn next(from: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = from.fill_buf()?;
        match bytes.iter().position(|&b| b != 0) {
            _ if bytes.is_empty() => return Ok(false),
            Some(0) => break,
            zeros => {
                let zeros = zeros.unwrap_or(bytes.len());
                from.consume(zeros);
            }
        }
    }
    if from.fill_buf()?.starts_with(&MAGIC[..1]) {
        return Ok(true);
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "after the gz there are bytes that do not belong to it"))
}
