//! What every parser of this repository must do with any bytes.
//!
//! A [`Target`] is a parser with a law. No bytes make it panic, or ask for memory that they do not pay for; and what it
//! accepts, it has understood: written out again, it is the same. `cargo fuzz` calls the targets on nightly Rust (the
//! folder above), and a short run with [mutations](mutate) from a seed calls them on stable Rust (`tests/short.rs`).

pub mod mutate;
mod seeds;

use experiments::record::{Ladder, Record, Summary};
use experiments::{as_mnist::prepare, image_file::Grey};
use network3::data::{
    gz,
    idx::{Images, labels_to_idx, parse_labels},
    kind,
};
use network3::{Result, files, model_file, train::Checkpoint};
use std::io::Read;
use std::path::Path;

/// A parser, and what must hold.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called, here and as a target of cargo-fuzz.
    pub name: &'static str,
    /// Sound files, to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Does it accept these bytes? Panics where the law is broken.
    pub accepts: fn(&[u8]) -> bool,
}

/// Every target.
pub const TARGETS: [Target; 11] = [
    Target { name: "idx_images", seeds: seeds::images, accepts: idx_images },
    Target { name: "idx_labels", seeds: seeds::labels, accepts: idx_labels },
    Target { name: "gz", seeds: seeds::gz, accepts: gz_members },
    Target { name: "kind", seeds: seeds::kinds, accepts: kinds },
    Target { name: "picture", seeds: seeds::pictures, accepts: picture },
    Target { name: "model", seeds: seeds::models, accepts: model },
    Target { name: "checkpoint", seeds: seeds::checkpoints, accepts: checkpoint },
    Target { name: "record", seeds: seeds::records, accepts: record },
    Target { name: "summary", seeds: seeds::summaries, accepts: summary },
    Target { name: "ladder", seeds: seeds::ladders, accepts: ladder },
    Target { name: "stub", seeds: seeds::solutions, accepts: stub },
];

/// The target of that name.
///
/// # Panics
/// When there is none.
pub fn target(name: &str) -> Target {
    let found = TARGETS.into_iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("there is no target {name}"))
}

fn idx_images(bytes: &[u8]) -> bool {
    let Ok(images) = Images::parse(bytes) else { return false };
    assert_eq!(images.to_idx().expect("it was read"), bytes);
    assert_eq!(images.transposed().transposed(), images);
    true
}

fn idx_labels(bytes: &[u8]) -> bool {
    let Ok(labels) = parse_labels(bytes) else { return false };
    assert_eq!(labels_to_idx(&labels).expect("they were read"), bytes);
    true
}

/// No more comes out than was said beforehand, and what is no gz comes out as it is.
fn gz_members(bytes: &[u8]) -> bool {
    const ENOUGH: u64 = 4 << 20;
    let Ok((from, most)) = gz::read(bytes, bytes.len() as u64) else { return false };
    let mut out = vec![];
    let read = from.take(ENOUGH).read_to_end(&mut out);
    assert!(out.len() as u64 <= most, "{} bytes, and {most} are the most", out.len());
    if !bytes.starts_with(b"\x1f\x8b") {
        assert_eq!(out, bytes);
    }
    read.is_ok()
}

fn kinds(bytes: &[u8]) -> bool {
    kind::kind(bytes).is_some()
}

/// A picture becomes an image of any size, or shows nothing.
fn picture(bytes: &[u8]) -> bool {
    let Ok(grey) = Grey::parse(bytes) else { return false };
    assert_eq!(grey.pixels.len(), grey.width * grey.height());
    // Large ones take long, and are all alike.
    if grey.pixels.len() < 1 << 16 {
        for (height, width) in [(28, 28), (1, 1), (5, 40)] {
            if let Ok(prepared) = prepare(&grey, height, width) {
                assert_eq!(prepared.pixels.len(), height * width);
                assert_eq!(prepared.pixels.iter().max(), Some(&255), "there is ink");
            }
        }
    }
    true
}

fn model(bytes: &[u8]) -> bool {
    let Ok(network) = model_file::from_bytes(bytes) else { return false };
    let once = model_file::to_bytes(&network).expect("it was read");
    let again =
        model_file::from_bytes(&once).and_then(|network| model_file::to_bytes(&network)).expect("it was written");
    assert_eq!(once, again);
    true
}

fn checkpoint(bytes: &[u8]) -> bool {
    file(bytes, |path| Checkpoint::load(path), |checkpoint, path| checkpoint.save(path))
}

fn record(bytes: &[u8]) -> bool {
    file(bytes, |path| Record::read(path), |record, path| record.write(path))
}

fn summary(bytes: &[u8]) -> bool {
    file(bytes, |path| Summary::read(path), |summary, path| summary.write(path))
}

fn ladder(bytes: &[u8]) -> bool {
    file(bytes, |path| Ladder::read(path), |ladder, path| ladder.write(path))
}

/// A parser that wants a file: what it accepts can be written, and read again, and is then the same to the byte.
fn file<T>(bytes: &[u8], read: impl Fn(&Path) -> Result<T>, write: impl Fn(&T, &Path) -> Result<()>) -> bool {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let (given, once, again) = (folder.path().join("given"), folder.path().join("once"), folder.path().join("again"));
    std::fs::write(&given, bytes).expect("a temporary file");
    let Ok(value) = read(&given) else { return false };
    write(&value, &once).expect("what was read can be written");
    write(&read(&once).expect("what was written can be read"), &again).expect("what was read can be written");
    assert_eq!(files::read(&once).expect("it is there"), files::read(&again).expect("it is there"));
    true
}

/// A solution becomes a stub, which is Rust again.
fn stub(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    stubs::is_stub(text); // what a reader has made of it is a file, too
    let Ok(stub) = stubs::stub(text) else { return false };
    assert!(stubs::stub(&stub).is_ok(), "the stub is no Rust:\n{stub}");
    true
}
