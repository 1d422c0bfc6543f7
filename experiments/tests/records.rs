//! What runs leave behind: there and back, summed up, and checked.

use experiments::{
    find,
    record::{Configuration, Ladder, Misclassified, Rate, Record, Summary, Vote},
};
use network3::{
    Habits, LayerNorms,
    data::{Distortion, digits},
    ensemble::Views,
    train::{Best, Epoch},
};
use std::path::Path;

/// A run of four epochs, of which the last was the best; of ten test images, as many are wrong as `test` says.
fn record(seed: u64, validation: f64, test: f64) -> Record {
    let experiment = find("two-conv-relu").unwrap();
    let splits = digits(30, 10, 10, 1).unwrap();
    let epoch = |epoch: usize| Epoch {
        epoch,
        eta: 0.03,
        train_cost: 0.1,
        train_accuracy: 0.9,
        validation_cost: 0.1,
        validation_accuracy: validation / (4 - epoch) as f64,
        test_cost: 0.1,
        test_accuracy: test,
        images_per_second: Some(1000.0),
        norms: vec![LayerNorms { layer: "1 ConvPool".into(), weights: 1.0, gradient: 0.1 }],
    };
    let epochs: Vec<_> = (0..4).map(epoch).collect();
    let labels = splits.test.labels();
    let wrong = ((1.0 - test) * 10.0).round() as usize;
    let classes: Vec<_> = (0..10).map(|i| if i < wrong { (labels[i] + 1) % 10 } else { labels[i] }).collect();
    Record {
        configuration: Configuration::new(&experiment, &splits, Habits::faithful()),
        experiment: experiment.name,
        seed,
        threads: 2,
        processor: "a processor".into(),
        commit: None,
        best: Best::of(&epochs).unwrap(),
        epochs,
        misclassified: Misclassified::all(&splits.test, &classes),
    }
}

/// Writes something as a record and reads it back: the message that it is refused with.
fn refused<T: serde::Serialize, R: std::fmt::Debug>(record: &T, read: fn(&Path) -> network3::Result<R>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.json");
    std::fs::write(&path, serde_json::to_string(record).unwrap()).unwrap();
    let e = read(&path).unwrap_err();
    let message = e.to_string();
    assert!(e.is_input() && message.contains("record.json is not a record of a run, or damaged: "), "{message}");
    message
}

#[test]
fn there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/record.json");
    let record = record(1, 0.1 + 0.2, 0.7);
    record.write(&path).unwrap();
    assert_eq!(Record::read(&path).unwrap(), record);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("{\n  \"experiment\": \"two-conv-relu\",\n  \"configuration\": {\n") && text.ends_with("}\n")
    );

    for damaged in ["", "{", "[]", &text[..text.len() / 2], &text.replace("\"seed\": 1", "\"seed\": \"one\"")] {
        std::fs::write(&path, damaged).unwrap();
        let e = Record::read(&path).unwrap_err();
        assert!(e.is_input() && e.to_string().contains("record.json is not a record"), "{e}");
    }
    assert!(Record::read(folder.path().join("none.json")).unwrap_err().is_io());
}

#[test]
fn numbers_that_no_run_can_have_left_are_refused() {
    let check = |change: &dyn Fn(&mut Record), why: &str| {
        let mut record = record(1, 0.9, 0.7);
        change(&mut record);
        let message = refused(&record, |path| Record::read(path));
        assert!(message.contains(why), "{message}, not {why}");
    };
    check(&|r| r.best.validation_accuracy = -1e308, "the best epoch is not epoch 3");
    check(&|r| r.best.epoch = 1, "the best epoch is not epoch 1");
    check(&|r| r.epochs.clear(), "there is no epoch");
    check(&|r| r.epochs.swap(0, 1), "epochs are missing, or not in order");
    check(&|r| r.epochs[2].test_accuracy = -1e308, "epoch 2: the test accuracy");
    check(&|r| r.epochs[2].train_cost = 1e300, "epoch 2: the training cost");
    check(&|r| r.epochs[1].norms[0].gradient = -1.0, "epoch 1: a norm");
    check(&|r| r.configuration.epochs = 3, "it has 4 epochs, and was to stop after 3");
    check(&|r| r.configuration.test_images = usize::MAX, "images to test with");
    check(&|r| r.configuration.training_images = 0, "0 images to train with");
    check(&|r| r.configuration.mini_batch_size = 0, "mini-batches have 0 images");
    check(&|r| r.configuration.lambda = -0.5, "λ is -0.5");
    check(&|r| r.configuration.momentum = 1.0, "the momentum is 1");
    check(&|r| r.configuration.layers.clear(), "no layer");
    check(&|r| r.configuration.data_sha256 = Some("abc".into()), "no SHA-256");
    check(&|r| r.misclassified.truncate(1), "1 images are misclassified, not 3");
    check(&|r| r.misclassified[2].image = 10, "image 10 of 10");
    check(&|r| r.misclassified.swap(0, 1), "not in order");
    check(&|r| r.misclassified[0].predicted = r.misclassified[0].label, "taken for what it is");
}

#[test]
fn summaries_and_ladders_are_checked_too() {
    let records = [record(1, 0.90, 0.80), record(2, 0.95, 0.90)];
    let check = |change: &dyn Fn(&mut Summary), why: &str| {
        let mut summary = Summary::of(&records).unwrap();
        let misclassified = records[0].misclassified.clone();
        summary.ensemble = Some(Vote { vote_accuracy: 0.8, mean_accuracy: 0.8, views: None, misclassified });
        change(&mut summary);
        let message = refused(&summary, |path| Summary::read(path));
        assert!(message.contains(why), "{message}, not {why}");
    };
    check(&|s| s.runs[0].best.test_accuracy = 1.5, "seed 1 has an accuracy outside of 0 to 1");
    check(&|s| s.runs[0].best.epoch = 99, "the best epoch of seed 1 is 99, of 60");
    check(&|s| s.runs[0].seed = 2, "seed 2 is there 2 times");
    check(&|s| s.runs.clear(), "the best run is not that of seed 2");
    check(&|s| s.best = s.runs[0], "the best run is not that of seed 1");
    check(&|s| s.mean_test_accuracy = 0.9, "the mean test accuracy is 0.85");
    check(&|s| s.test_accuracy_deviation = 0.0, "the standard deviation is 0.07");
    check(&|s| s.ensemble.as_mut().unwrap().mean_accuracy = 1e300, "the ensemble has an accuracy outside");
    check(&|s| s.ensemble.as_mut().unwrap().misclassified.clear(), "0 images are misclassified, not 2");
    let blind = Views { looks: 0, distortion: Distortion::NONE };
    check(&|s| s.ensemble.as_mut().unwrap().views = Some(blind), "an image is looked at once at least");
    let glance = |s: &mut Summary| {
        s.ensemble_at_a_glance = s.ensemble.clone();
        s.ensemble.as_mut().unwrap().views = Some(Views { looks: 2, ..blind });
    };
    check(
        &|s| {
            glance(s);
            s.ensemble_at_a_glance.as_mut().unwrap().vote_accuracy = 0.9;
        },
        "2 images are misclassified, not 1",
    );
    check(&|s| s.ensemble_at_a_glance = s.ensemble.clone(), "stands only beside one of several looks");

    let rung = Rate { name: "loops".into(), step: "loops".into(), threads: 1, least: 9.0, median: 10.0, most: 11.0 };
    let ladder = Ladder {
        experiment: "two-conv-relu".into(),
        mini_batch_size: 10,
        data: "MNIST".into(),
        processor: "a processor".into(),
        vectors: "plain".into(),
        commit: None,
        seconds: 10.0,
        windows: 5,
        rungs: vec![rung],
    };
    let check = |change: &dyn Fn(&mut Ladder), why: &str| {
        let mut ladder = ladder.clone();
        change(&mut ladder);
        let message = refused(&ladder, |path| Ladder::read(path));
        assert!(message.contains(why), "{message}, not {why}");
    };
    check(&|l| l.rungs.clear(), "it has no rungs");
    check(&|l| l.rungs[0].most = 1e300, "rung loops has a rate that cannot be");
    check(&|l| l.rungs[0].least = 0.0, "a rate that cannot be");
    check(&|l| l.rungs[0].least = 10.5, "a rate that cannot be");
    check(&|l| l.rungs[0].threads = 0, "no thread");
    check(&|l| l.windows = 0, "it has measured nothing");
    check(&|l| l.seconds = -1.0, "-1.0 seconds");
}

fn is_of_a_system(path: &Path) -> bool {
    let record: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    record["system"].is_string()
}

/// All that the book has passes, and all of it was made before records said which images they had.
#[test]
fn the_records_of_the_book_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../figures/records");
    let (mut runs, mut summaries, mut ladders) = (0, 0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.file_stem().unwrap().to_str().unwrap() {
            "ladder" => ladders += usize::from(Ladder::read(path).is_ok()),
            "device" | "peers" => {} // programs of their own write them, and the book alone reads them
            _ if is_of_a_system(&path) => {} // `systems` has a test that reads each
            name if name.ends_with("-summary") => summaries += Summary::read(path).unwrap().runs.len(),
            _ => runs += usize::from(!Record::read(path).unwrap().epochs.is_empty()),
        }
    }
    assert!(
        runs > 30 && summaries > 0 && ladders == 1,
        "{runs} runs, {summaries} of them summed up, {ladders} ladders"
    );
}

/// What the page on rectified linear units says of the weakest λ: in single precision 1 − ηλ/5000 is 1, so nothing
/// decays.
#[test]
fn a_weight_decay_that_rounds_to_nothing_changes_nothing() {
    let epochs = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../figures/records/{name}.json"));
        let epochs = Record::read(path).unwrap().epochs;
        epochs.into_iter().map(|epoch| (epoch.train_cost, epoch.test_accuracy)).collect::<Vec<_>>()
    };
    for (network, weak, stronger) in [
        ("two-conv-relu", ["0", "0.00001", "0.0001"], "two-conv-relu-lambda-0.01"),
        ("two-conv", ["0.00001", "0.0001", "0.001"], "two-conv-lambda-0.01"),
    ] {
        let [first, second, third] = weak.map(|lambda| epochs(&format!("{network}-lambda-{lambda}")));
        assert!(first == second && second == third, "{network}");
        assert!(first != epochs(stronger), "{network}");
    }
}

#[test]
fn a_resumed_run_may_differ_in_when_to_stop_and_in_what_its_folder_is_called() {
    let record = record(1, 0.5, 0.5);
    let identity = record.configuration.identity(1).unwrap();
    let changed = |change: &dyn Fn(&mut Configuration)| {
        let mut changed = record.configuration.clone();
        change(&mut changed);
        (changed.identity(1).unwrap() == identity, changed.differences(&record.configuration).unwrap())
    };
    let same = (true, vec![]);
    assert_eq!(changed(&|c| (c.epochs, c.stopping) = (99, "after 99 epochs".into())), same);
    assert_eq!(changed(&|c| c.data = "./elsewhere/".into()), same);
    assert_ne!(record.configuration.identity(2).unwrap(), identity);
    assert!(!changed(&|c| c.habits = Habits::corrected()).0);
    let (same, differences) = changed(&|c| c.eta = "0.5".into());
    assert_eq!((same, differences), (false, vec!["eta is \"0.03\" there and \"0.5\" here".to_string()]));
    let (same, differences) = changed(&|c| c.data_sha256 = Some("0".repeat(64)));
    assert!(!same && differences[0].starts_with("data_sha256 is \""), "{differences:?}");

    // A record from before there were checksums is of this run if its images have the same name.
    let older = Configuration { data_sha256: None, ..record.configuration.clone() };
    assert_eq!(record.configuration.differences(&older).unwrap(), [""; 0]);
    let elsewhere = Configuration { data: "MNIST".into(), ..older };
    let differences = record.configuration.differences(&elsewhere).unwrap();
    assert_eq!(differences, ["data is \"MNIST\" there and \"built-in digits\" here"]);
}

#[test]
fn misclassified_images() {
    let images = digits(1, 1, 10, 1).unwrap().test;
    let mut classes = images.labels().to_vec();
    assert_eq!(Misclassified::all(&images, &classes), []);
    classes[4] = (classes[4] + 1) % 10;
    let wrong = Misclassified::all(&images, &classes);
    assert_eq!(
        (wrong.len(), wrong[0].image, wrong[0].label, wrong[0].predicted),
        (1, 4, images.labels()[4], classes[4])
    );
}

#[test]
fn summaries() {
    let records = [record(1, 0.90, 0.70), record(2, 0.95, 0.80), record(3, 0.95, 0.90)];
    let summary = Summary::of(&records).unwrap();
    assert!((summary.mean_test_accuracy - 0.80).abs() < 1e-12);
    assert!((summary.test_accuracy_deviation - 0.10).abs() < 1e-12);
    assert_eq!((summary.best.seed, summary.best.best.test_accuracy), (3, 0.90));
    assert_eq!(Summary::of(&records[..1]).unwrap().test_accuracy_deviation, 0.0);
    assert!(Summary::of(&[]).unwrap_err().is_input());
}
