//! The program `train`, from outside.

mod train;

use experiments::record::{Record, Summary};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};
use train::{ok, run, train};

/// A record without what depends on the clock and on the number of threads.
fn timeless(path: &Path) -> Record {
    let mut record = Record::read(path).unwrap();
    record.threads = 0;
    record.epochs.iter_mut().for_each(|epoch| epoch.images_per_second = None);
    record
}

#[test]
fn killed_and_resumed_ends_where_a_straight_run_does() {
    let (straight, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = "shallow --images 500 --epochs 20 --corrected --momentum 0.5 --halve-after 2 --seed 3 --save model";
    ok(straight.path(), &format!("{run} --threads 1"));

    let mut child = train(killed.path(), &format!("{run} --threads 2")).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.take_while(|line| !line.starts_with("epoch  1")).count() > 0);
    child.kill().unwrap(); // SIGKILL, in the third epoch or soon after
    child.wait().unwrap();
    assert!(!killed.path().join("model").exists(), "it was killed too late to test anything");

    let out = ok(killed.path(), &format!("{run} --threads 2 --resume"));
    assert!(out.contains("epochs are done already") && !out.contains("epoch  1 ") && out.contains("epoch 19"), "{out}");
    let file = |name| (straight.path().join(name), killed.path().join(name));
    let (a, b) = file("runs/shallow-3.json");
    assert_eq!(timeless(&a), timeless(&b));
    let (a, b) = file("model");
    assert!(std::fs::read(a).unwrap() == std::fs::read(b).unwrap(), "the models differ");

    // A finished run goes on when it is asked for more; another run is refused, and told why.
    let out = ok(killed.path(), &format!("{run} --resume --epochs 22").replace("--epochs 20", ""));
    assert!(out.contains("20 epochs are done already") && out.contains("epoch 21"), "{out}");
    let (code, _, err) = train::run(killed.path(), &format!("{run} --resume --lambda 0.5"));
    assert_eq!(code, 1);
    assert!(err.contains("lambda is 0.0 there and 0.5 here"), "{err}");
    std::fs::write(killed.path().join("runs/shallow-3.safetensors"), "not one").unwrap();
    let (code, _, err) = train::run(killed.path(), &format!("{run} --resume"));
    assert_eq!(code, 1);
    assert!(err.contains("shallow-3.safetensors is no checkpoint"), "{err}");
}

#[test]
fn several_runs() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let out =
        ok(folder.path(), "shallow --images 100 --epochs 2 --runs 2 --seed 5 --record a/b.json --save m.safetensors");
    assert!(out.contains("shallow, 2 runs") && out.contains("seed 6"), "{out}");
    assert!(at("m-5.safetensors").exists() && at("m-6.safetensors").exists());
    let records: Vec<_> = ["a/b-5.json", "a/b-6.json"].iter().map(|name| Record::read(at(name)).unwrap()).collect();
    assert_eq!(records[0].configuration, records[1].configuration);
    assert_ne!(records[0].epochs, records[1].epochs);
    let summary = Summary::read(at("a/b-summary.json")).unwrap();
    assert_eq!(summary, Summary::of(&records).unwrap());
    assert_eq!(summary.runs.iter().map(|run| run.seed).collect::<Vec<_>>(), [5, 6]);
    assert!(std::fs::read_to_string(at("a/b-5.json")).unwrap().ends_with("}\n"));
    let left: Vec<_> = std::fs::read_dir(at("a")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "nothing temporary is left: {left:?}");
}

#[test]
fn the_tour_and_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let out = ok(folder.path(), "--images 200 --epochs 1");
    for words in ["built-in digits", "--fetch", "shallow", "two-conv-relu", "% right", "--list"] {
        assert!(out.contains(words), "no {words}: {out}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a tour leaves nothing behind");
    let out = ok(folder.path(), "--list");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "wider than a terminal: {out}");
    assert!(out.lines().count() < 24, "longer than a terminal: {out}");
    assert!(out.lines().any(|line| line.starts_with("dropout-1000 ") && line.contains("99.60 %")), "{out}");
    let json: serde_json::Value = serde_json::from_str(&ok(folder.path(), "--list --json")).unwrap();
    let one_conv = json.as_array().unwrap().iter().find(|experiment| experiment["name"] == "one-conv").unwrap();
    assert_eq!((&one_conv["chapter"], &one_conv["layers"][0]["parameters"]), (&0.9878.into(), &520.into()));
    assert_eq!((&one_conv["layers"][0]["output"], &one_conv["parameters"]), (&"20×12×12".into(), &289630.into()));
}

#[test]
fn jumbled_images() {
    let folder = tempfile::tempdir().unwrap();
    let out = ok(folder.path(), "shallow --images 100 --epochs 1 --jumble --record record.json");
    assert!(out.contains("built-in digits, jumbled: 100 images"), "{out}");
    let record = std::fs::read_to_string(folder.path().join("record.json")).unwrap();
    assert!(record.contains("\"data\": \"built-in digits, jumbled\""), "{record}");
}

#[test]
fn bad_input() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let long = format!("shallow --record {}", "x".repeat(256));
    for (args, code, message) in [
        ("shalow", 1, "did you mean shallow?"),
        ("shallow --epochs 0", 1, "zero epochs"),
        ("shallow --mini-batch-size 0", 1, "mini-batch of 0"),
        ("shallow --mini-batch-size 101", 1, "larger than the training data, 100 images"),
        ("shallow --eta -1", 1, "not -1"),
        ("shallow --eta nan", 1, "not NaN"),
        ("shallow --momentum 1", 1, "less than 1"),
        ("shallow --stop-after 0", 1, "at least one"),
        ("shallow --images 0", 1, "--images 0"),
        ("--images 0", 1, "--images 0"),
        ("shallow --data mnist", 1, "--fetch"),
        ("shallow --data nowhere", 1, "nowhere is no folder"),
        ("shallow --data folder", 1, "no train-images-idx3-ubyte"),
        ("shallow --record file/a.json", 1, "file/a.json cannot be written"),
        ("shallow --save folder", 1, "folder is a folder"),
        (&long, 1, "cannot be written"),
        ("shallow --save new/", 1, "new/ is a folder"),
        ("shallow --save ./runs/shallow-1.safetensors", 1, "two things"),
        ("shallow --save both --record both", 1, "two things"),
        ("--all --record file", 1, "no file can be made in file"),
        ("--resume", 1, "need an experiment"),
        ("--replace", 1, "need an experiment"),
        ("shallow --images 18446744073709551615", 1, "at most 1000000 built-in digits"),
        ("shallow --images 4000000000", 1, "at most 1000000 built-in digits"),
        ("shallow --epochs 18446744073709551615", 1, "--epochs 18446744073709551615 is too much"),
        ("shallow --stop-after 1000001", 1, "at most 1000000"),
        ("shallow --halve-after 1000001", 1, "at most 1000000"),
        ("shallow --runs 18446744073709551615", 1, "at most 10000"),
        ("shallow --runs 2 --seed 18446744073709551615", 1, "leaves no seeds"),
        ("shallow --mini-batch-size 18446744073709551615", 1, "larger than the training data"),
        ("shallow --eta 1e308", 1, "no weight can follow a learning rate of 1e308"),
        ("shallow --eta 1e-320", 1, "no weight can follow a learning rate of 1e-320"),
        ("shallow --eta 1e20", 1, "try a smaller learning rate"),
        ("shallow --lambda 1e308", 1, "try a smaller λ"),
        ("shallow --eta x", 2, "invalid value"),
        ("shallow --threads 0", 2, "--threads"),
        ("shallow --threads 1025", 2, "--threads"),
        ("shallow --faithful --corrected", 2, "cannot be used with"),
        ("--all shallow", 2, "cannot be used with"),
        ("--bogus", 2, "--bogus"),
    ] {
        let small = if args.contains("--images") { "" } else { " --images 100" };
        let (got, _, err) = run(folder.path(), &format!("{args}{small}"));
        assert_eq!(got, code, "{args}: {err}");
        assert!(err.starts_with("error: ") && err.contains(message), "{args}: {err}");
        assert!(code == 2 || err.trim_end().lines().count() == 1, "one message: {err}");
        assert!(!err.contains("panicked"), "{args}: {err}");
    }
    // Where checkpoints cannot be kept, it says so before it trains.
    std::fs::remove_dir_all(folder.path().join("runs")).unwrap();
    std::fs::write(folder.path().join("runs"), "in the way").unwrap();
    let (code, out, err) = run(folder.path(), "shallow --images 100");
    assert_eq!(code, 1);
    assert!(err.contains("runs/shallow-1.safetensors cannot be written") && !out.contains("epoch  0"), "{err}");
}
