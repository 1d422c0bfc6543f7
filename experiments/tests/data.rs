//! Folders that one meets, given to the program: what it trains on, and what it says of what it cannot.

use network3::data::idx::{Images, labels_to_idx};
use std::fs;
use std::path::Path;
use std::process::Command;

/// `train shallow --data FOLDER` on 60 images and 12 to test with, whose labels go round from `first` to `last`, under
/// names that begin so: exit code, standard output, standard error.
fn train(prefix: &str, test: &str, first: u8, last: u8, side: usize) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: String, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    for (part, n) in [("train", 60), (test, 12)] {
        let labels: Vec<u8> = (0..n).map(|i| first + (i as u8) % (last + 1 - first)).collect();
        let pixels = (0..n * side * side).map(|k| (k * 37) as u8).collect();
        let images = Images { height: side, width: side, pixels };
        write(format!("{prefix}{part}-images-idx3-ubyte"), images.to_idx().unwrap());
        write(format!("{prefix}{part}-labels-idx1-ubyte"), labels_to_idx(&labels).unwrap());
    }
    let run = |here: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
        command.current_dir(here).env_remove("MNIST_DIR").args(["shallow", "--epochs", "1", "--data"]).arg(here);
        command.output().unwrap()
    };
    let output = run(folder.path());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn digits_under_the_names_of_emnist_are_trained_on() {
    let (code, out, err) = train("emnist-digits-", "test", 0, 9, 28);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("50 images to train with, 10 to validate, 12 to test"), "{out}");
}

#[test]
fn letters_are_told_apart_from_digits_before_anything_is_trained() {
    for (prefix, test) in [("emnist-letters-", "test"), ("", "t10k")] {
        let (code, out, err) = train(prefix, test, 1, 26, 28);
        assert_eq!((code, out.as_str()), (1, ""), "{err}");
        assert!(
            err.contains("has 27 classes") && err.contains("labels 10, 11, 12,") && err.contains("25, 26."),
            "{err}"
        );
        assert!(err.starts_with("error: ") && err.trim_end().lines().count() == 1, "{err}");
    }
}
