//! Folders with four files like MNIST's: what is read, and what is said of a wrong one.
#![cfg(feature = "files")]

use flate2::{Compression, write::GzEncoder};
use network3::data::idx::{Images, labels_to_idx};
use network3::data::mnist::{FILES, file_in, find, load_dir};
use network3::data::{Dataset, MNIST_SHA256};
use network3::train::evaluate;
use network3::{Label, Network, Result, Shape, Spec};
use quickcheck::QuickCheck;
use std::fmt::Debug;
use std::path::Path;
use std::{fs, io::Write};
use tempfile::TempDir;

fn message<T: Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    assert!(error.is_input() || error.is_shape(), "{error}");
    error.to_string()
}

fn be(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn images(n: usize, width: usize) -> Vec<u8> {
    let pixels = (0..n * 3 * width).map(|i| i as u8).collect();
    Images { height: 3, width, pixels }.to_idx().unwrap()
}

fn labels(n: usize) -> Vec<u8> {
    labels_to_idx(&(0..n).map(|i| (i % 10) as u8).collect::<Vec<u8>>()).unwrap()
}

/// A folder with 13 training and 4 test images, plain, one of the files replaced.
fn folder(replaced: usize, by: Vec<u8>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut files = [images(13, 4), labels(13), images(4, 4), labels(4)];
    files[replaced] = by;
    FILES.iter().zip(files).for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
    folder
}

#[test]
fn splits_are_the_file_in_order_plain_or_compressed_under_any_of_the_names() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    write("train-images-idx3-ubyte.gz", gz(&images(31, 4)));
    write("train-labels.idx1-ubyte", labels(31));
    write("t10k-images.idx3-ubyte.gz", images(4, 4)); // the name lies, and it does not matter
    write("t10k-labels-idx1-ubyte", gz(&labels(4)));
    let splits = load_dir(folder.path()).unwrap();
    assert_eq!(splits.name, folder.path().to_str().unwrap());
    let pixels: Vec<u8> = (0..31 * 12).map(|i| i as u8).collect();
    let set = |pixels: &[u8], labels: std::ops::Range<Label>| {
        Dataset::new(Shape::image(1, 3, 4), 10, pixels.to_vec(), labels.map(|i| i % 10).collect()).unwrap()
    };
    assert_eq!(splits.training, set(&pixels[..300], 0..25));
    assert_eq!(splits.validation, set(&pixels[300..], 25..31));
    assert_eq!(splits.test, set(&pixels[..48], 0..4));
}

#[test]
fn letters_are_more_than_ten_classes() {
    let folder = folder(3, labels_to_idx(&[3, 25, 0, 9]).unwrap());
    let splits = load_dir(folder.path()).unwrap();
    let classes = [&splits.training, &splits.validation, &splits.test].map(|set| set.classes());
    assert_eq!((classes, splits.test.labels()), ([26; 3], &[3, 25, 0, 9][..]));
}

#[test]
fn faults_name_the_file() {
    let mut flipped = gz(&images(13, 4));
    let middle = flipped.len() - 6; // the check sum
    flipped[middle] ^= 1;
    let cut = gz(&images(13, 4));
    let bomb = gz(&[be(&[0x0803, 1 << 10, 28, 28]), vec![0; 1000]].concat());
    for (replaced, by, parts) in [
        (0, images(12, 4), vec![FILES[0], FILES[1], "expected 12 labels", "got 13"]),
        (0, images(13, 5), vec![FILES[0], FILES[2], "1×3×5", "1×3×4"]),
        (0, images(1, 4), vec![FILES[1], "expected 1 labels"]),
        (1, images(13, 4), vec![FILES[1], "expected an IDX file of labels"]),
        (2, labels(4), vec![FILES[2], "expected an IDX file of images"]),
        (0, cut[..cut.len() / 2].to_vec(), vec![FILES[0], "cut off"]),
        (0, cut[..5].to_vec(), vec![FILES[0], "cut off"]),
        (0, cut[..cut.len() - 4].to_vec(), vec![FILES[0], "cut off"]),
        (0, flipped, vec![FILES[0], "damaged"]),
        (0, [cut.clone(), b"and something more".to_vec()].concat(), vec![FILES[0], "damaged"]),
        (0, gz(&[images(13, 4), vec![0]].concat()), vec![FILES[0], "too long"]),
        (0, bomb, vec![FILES[0], "promises 1024×28×28 bytes, more than the file can hold"]),
        (3, b"\x1f\x8bnot a gz at all".to_vec(), vec![FILES[3], "damaged"]),
        (3, vec![], vec![FILES[3], "empty"]),
    ] {
        let message = message(load_dir(folder(replaced, by).path()));
        assert!(parts.iter().all(|part| message.contains(part)), "{parts:?} are not all in {message:?}");
    }
    let empty = tempfile::tempdir().unwrap();
    let message = message(load_dir(empty.path()));
    assert!(FILES.iter().all(|name| message.contains(name)), "{message}");
}

#[test]
fn one_training_image_is_too_few_to_split() {
    let folder = folder(0, images(1, 4));
    fs::write(folder.path().join(FILES[1]), labels(1)).unwrap();
    assert!(message(load_dir(folder.path())).contains("cannot split 1 images"));
}

/// A gz carries a check sum: damage shows, or (a time stamp in the header) does no harm.
#[test]
fn damaged_gz_is_refused_or_read_right() {
    fn property(cut: usize, flips: Vec<(usize, u8)>) -> bool {
        let mut bytes = gz(&images(13, 4));
        for (i, flip) in flips {
            let i = i % bytes.len();
            bytes[i] ^= flip;
        }
        bytes.truncate(bytes.len() - cut % 8);
        let sound = load_dir(folder(0, images(13, 4)).path()).unwrap();
        load_dir(folder(0, bytes).path()).map_or(true, |damaged| damaged.training == sound.training)
    }
    QuickCheck::new().tests(200).quickcheck(property as fn(usize, Vec<(usize, u8)>) -> bool);
}

/// Where MNIST itself is at hand.
#[test]
fn the_real_thing() {
    let Some(folder) = find().unwrap() else { return };
    let splits = load_dir(&folder).unwrap();
    assert_eq!([&splits.training, &splits.validation, &splits.test].map(|set| set.len()), [50_000, 10_000, 10_000]);
    assert_eq!((splits.name.as_str(), splits.sha256().as_str()), ("MNIST", MNIST_SHA256));
    assert_eq!(splits.training.labels()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(splits.test.labels()[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
}

/// What is wrong with a folder in which the training images are these bytes.
fn images_are(bytes: Vec<u8>) -> String {
    message(load_dir(folder(0, bytes).path()))
}

/// 13 images of 3×4, with another header.
fn headed(header: &[u32]) -> Vec<u8> {
    [be(header), images(13, 4)[16..].to_vec()].concat()
}

#[test]
fn each_wrong_file_is_called_what_it_is() {
    let sound = images(13, 4);
    let little = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let text: Vec<u8> = sound.iter().flat_map(|&b| if b == 10 { vec![13, 10] } else { vec![b] }).collect();
    // In 156 pixels there is one line feed; in these there are many.
    let feeds = Images { height: 3, width: 4, pixels: vec![10; 13 * 12] }.to_idx().unwrap();
    let feeds: Vec<u8> = feeds.iter().flat_map(|&b| if b == 10 { vec![13, 10] } else { vec![b] }).collect();
    for (bytes, part) in [
        (vec![], "the file is empty"),
        (gz(&[]), "the file is empty"),
        (vec![0, 0, 8], "cut off"),
        (b"<!DOCTYPE HTML PUBLIC>\n<html><head><title>403".to_vec(), "got a web page"),
        (gz(b"<html>"), "got a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0".to_vec(), "Git LFS"),
        (b"PK\x03\x04\x14\0".to_vec(), "got a zip archive"),
        (b"label,pixel0\n5,0\n".to_vec(), "CSV"),
        (gz(&gz(&sound)), "compressed twice"),
        (headed(&[0x0d03, 13, 3, 4]), "32-bit floating-point numbers in 3 dimension"),
        (headed(&[0x0802, 13, 12]), "unsigned bytes in 2 dimension"),
        (headed(&[0x0804, 13, 3, 4]), "unsigned bytes in 4 dimension"),
        ([little(&[0x0803, 13, 3, 4]), sound[16..].to_vec()].concat(), "least significant byte first"),
        ([be(&[0x0803]), little(&[13, 3, 4]), sound[16..].to_vec()].concat(), "least significant byte first, 13×3×4"),
        (headed(&[0x0803, 60_000, 3, 4]), "promises 60000×3×4 bytes, more than the file can hold"),
        (headed(&[0x0803, 12, 3, 4]), "too long"),
        (text, "too long"),
        (feeds, "transferred as text"),
        ([gz(&sound), b"\r\nthe end\r\n".to_vec()].concat(), "after the gz there are bytes"),
    ] {
        let message = images_are(bytes);
        assert!(message.contains(part) && message.contains(FILES[0]), "{part:?} is not in {message:?}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    // QMNIST's labels, of which each is eight integers.
    let message = message(load_dir(folder(1, [be(&[0x0c02, 13, 8]), vec![0; 13 * 32]].concat()).path()));
    assert!(message.contains("32-bit integers in 2 dimension(s); only unsigned bytes in 1"), "{message}");
}

#[test]
fn a_gz_may_be_padded_and_have_members() {
    let (sound, bytes) = (load_dir(folder(0, images(13, 4)).path()).unwrap(), images(13, 4));
    for gz in [
        [gz(&bytes), vec![0; 512]].concat(),
        [gz(&bytes), vec![0; 100_000]].concat(),
        [gz(&bytes[..50]), gz(&bytes[50..])].concat(),
        [gz(&bytes[..50]), vec![0; 3], gz(&[]), gz(&bytes[50..]), vec![0]].concat(),
    ] {
        assert_eq!(load_dir(folder(0, gz).path()).unwrap().training, sound.training);
    }
}

/// Writes the four files under these names.
fn named(folder: &Path, names: [&str; 4]) {
    for (name, bytes) in names.iter().zip([images(13, 4), labels(13), images(4, 4), labels(4)]) {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
    }
}

#[test]
fn names_and_folders_of_others() {
    let sound = load_dir(folder(0, images(13, 4)).path()).unwrap();
    for within in ["raw", "MNIST/raw", "gzip"] {
        let here = tempfile::tempdir().unwrap();
        named(&here.path().join(within), FILES);
        assert_eq!(load_dir(here.path()).unwrap().training, sound.training, "{within}");
    }
    let here = tempfile::tempdir().unwrap();
    named(here.path(), FILES.map(|name| format!("{name}/{name}")).each_ref().map(String::as_str));
    assert_eq!(load_dir(here.path()).unwrap().training, sound.training);

    // EMNIST has its pictures column by column.
    let emnist = |split: &str| FILES.map(|name| format!("emnist-{split}-{}", name.replace("t10k", "test")));
    let here = tempfile::tempdir().unwrap();
    named(here.path(), emnist("letters").each_ref().map(String::as_str));
    let upright = load_dir(here.path()).unwrap().training;
    assert_eq!(upright.shape(), Shape::image(1, 4, 3));
    let column: Vec<u8> = (0..4).map(|y| upright.image(5)[3 * y + 1]).collect();
    assert_eq!(column, sound.training.image(5)[4..8], "the second column is what the file has as the second row");
    // Of two it does not guess.
    named(here.path(), emnist("digits").each_ref().map(String::as_str));
    let message = message(load_dir(here.path()));
    assert!(message.contains("several data sets (emnist-digits, emnist-letters)"), "{message}");
    named(here.path(), FILES);
    assert_eq!(load_dir(here.path()).unwrap().training, sound.training);
}

#[test]
fn an_empty_file_hides_no_full_one() {
    let sound = load_dir(folder(0, images(13, 4)).path()).unwrap();
    let here = folder(0, vec![]);
    fs::write(here.path().join(format!("{}.gz", FILES[0])), gz(&images(13, 4))).unwrap();
    assert_eq!(load_dir(here.path()).unwrap().training, sound.training);
    assert_eq!(file_in(here.path(), FILES[0]), Some(here.path().join(format!("{}.gz", FILES[0]))));
}

#[test]
fn a_folder_of_the_name_of_a_file_is_called_one() {
    let here = folder(0, images(13, 4));
    fs::remove_file(here.path().join(FILES[1])).unwrap();
    fs::create_dir(here.path().join(FILES[1])).unwrap();
    let message = message(load_dir(here.path()));
    assert!(message.contains("train-labels-idx1-ubyte is a folder there"), "{message}");
    assert!(!message.contains(FILES[0]), "{message}");
}

/// As many pixels are not the same picture.
#[test]
fn pictures_of_another_shape_are_refused_though_their_pixels_are_as_many() {
    let network = || Network::new(Shape::image(1, 3, 4), &[Spec::softmax(10)]).unwrap();
    let set = |shape| Dataset::new(shape, 10, vec![0; 12], vec![1]).unwrap();
    let asked = |shape| evaluate(&mut network(), &set(shape), 1);
    let message = message(asked(Shape::image(1, 4, 3)));
    assert!(message.contains("expected images of 1×3×4 (12 numbers), got 1×4×3"), "{message}");
    assert!(asked(Shape::image(3, 2, 2)).is_err());
    assert!(asked(Shape::image(1, 3, 4)).is_ok() && asked(Shape::Flat(12)).is_ok());
    let message = self::message(load_dir(
        folder(2, Images { height: 4, width: 3, pixels: vec![0; 48] }.to_idx().unwrap()).path(),
    ));
    assert!(message.contains("1×3×4") && message.contains("1×4×3"), "{message}");
}
