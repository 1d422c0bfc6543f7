//! Which images they are, by their content.
#![cfg(feature = "files")]

use network3::data::{
    Label, MNIST_SHA256, Splits, digits,
    idx::{Images, labels_to_idx},
    mnist::{FILES, find, load_dir},
};
use std::{collections::HashSet, fs, path::Path};

/// Twelve images to train with and four to test with, all of that shape, in a folder that is new.
fn folder(at: &Path, height: usize, width: usize, change: impl Fn(&mut [Vec<u8>; 4])) -> Splits {
    fs::create_dir_all(at).unwrap();
    let images = |n: usize| {
        let pixels = (0..n * height * width).map(|i| (i * i % 251) as u8).collect();
        Images { height, width, pixels }.to_idx().unwrap()
    };
    let labels = |n: usize| labels_to_idx(&(0..n).map(|i| (i % 10) as u8).collect::<Vec<_>>()).unwrap();
    let mut files = [images(12), labels(12), images(4), labels(4)];
    change(&mut files);
    FILES.iter().zip(files).for_each(|(name, bytes)| fs::write(at.join(name), bytes).unwrap());
    load_dir(at).unwrap()
}

/// The name of the folder, and how it is spelled, change nothing; any pixel, any label and the shape do.
#[test]
fn the_same_images_have_the_same_checksum_and_no_others_have_it() {
    let here = tempfile::tempdir().unwrap();
    let at = |name: &str| here.path().join(name);
    let splits = folder(&at("a"), 3, 4, |_| {});
    for same in [folder(&at("b"), 3, 4, |_| {}), load_dir(&at("a/../b/")).unwrap(), load_dir(&at("./a")).unwrap()] {
        assert_ne!(same.name, splits.name);
        assert_eq!(same.sha256(), splits.sha256());
    }
    let mut sums = HashSet::from([splits.sha256()]);
    assert!(splits.sha256().len() == 64 && splits.sha256().bytes().all(|b| b.is_ascii_hexdigit()));
    for file in 0..4 {
        // The first and the last of each: an IDX file begins with what it holds, in 16 bytes or 8.
        for last in [false, true] {
            let other = folder(&at("c"), 3, 4, |files| {
                let at = if last { files[file].len() - 1 } else { [16, 8][file % 2] };
                files[file][at] ^= 1;
            });
            assert!(sums.insert(other.sha256()), "file {file}, {last}");
        }
    }
    assert!(sums.insert(folder(&at("turned"), 4, 3, |_| {}).sha256()), "the same bytes in another shape");
    let drawn = digits(20, 5, 5, 1).unwrap();
    let split_otherwise = Splits { validation: drawn.test.clone(), test: drawn.validation.clone(), ..drawn.clone() };
    assert!(sums.insert(drawn.sha256()) && sums.insert(split_otherwise.sha256()));
    // It is computed once, but not for images that have changed since.
    let mut fewer = drawn.clone();
    assert_eq!((fewer.sha256(), drawn.sha256(), drawn.sha256()), (drawn.sha256(), fewer.sha256(), fewer.sha256()));
    fewer.training.split_off(19).unwrap();
    assert!(sums.insert(fewer.sha256()), "one image less to train with");
    fewer.test.split_off(4).unwrap();
    assert!(sums.insert(fewer.sha256()), "and one less to test with");
}

/// Where MNIST itself is at hand: it is MNIST, and with one label changed it is not.
#[test]
fn the_real_thing() {
    let Some(folder) = find().unwrap() else { return };
    let splits = load_dir(&folder).unwrap();
    assert_eq!((splits.name.as_str(), splits.sha256().as_str()), ("MNIST", MNIST_SHA256));
    let here = tempfile::tempdir().unwrap();
    let write = |set: &[&network3::data::Dataset], names: &[&str], change: Label| {
        let pixels = set.iter().flat_map(|set| (0..set.len()).flat_map(|i| set.image(i).to_vec())).collect();
        let mut labels: Vec<u8> = set.iter().flat_map(|set| set.labels().iter().map(|&label| label as u8)).collect();
        labels[0] ^= change as u8;
        fs::write(here.path().join(names[0]), Images { height: 28, width: 28, pixels }.to_idx().unwrap()).unwrap();
        fs::write(here.path().join(names[1]), labels_to_idx(&labels).unwrap()).unwrap();
    };
    write(&[&splits.training, &splits.validation], &FILES[..2], 0);
    write(&[&splits.test], &FILES[2..], 0);
    assert_eq!(load_dir(here.path()).unwrap().name, "MNIST");
    write(&[&splits.test], &FILES[2..], 1);
    assert_eq!(load_dir(here.path()).unwrap().name, here.path().display().to_string());
}
