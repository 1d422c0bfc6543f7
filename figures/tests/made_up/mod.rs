//! Records and models that no run has made.

use experiments::{
    Experiment,
    record::{Configuration, Ladder, Misclassified, PICTURES, Picture, Rate, Record, Summary, Vote},
};
use network3::{
    Activation, Habits, Label, LayerNorms, Network, Shape, Spec, model_file,
    train::{Best, Epoch},
};
use std::{fs, path::Path};
use tempfile::TempDir;

/// A run of an experiment, or of a variation of it, whose accuracy climbs towards `limit`.
pub fn record(name: &str, limit: f64) -> Record {
    let named = |e: &Experiment| name == e.name || name.starts_with(&format!("{}-", e.name));
    let all = experiments::all().into_iter().chain(experiments::beyond());
    let experiment = all.filter(named).max_by_key(|e| e.name.len()).unwrap();
    let norms =
        |k: i32| LayerNorms { layer: format!("{k}"), weights: 3.0 * f64::from(k + 1), gradient: 0.1f64.powi(k) };
    let epoch = |epoch: usize| {
        let climbed = limit - 0.08 * 0.8f64.powi(epoch as i32);
        Epoch {
            epoch,
            eta: 0.03,
            train_cost: 0.1,
            train_accuracy: 0.99,
            validation_cost: 0.1,
            validation_accuracy: climbed + 0.001 * (epoch % 3) as f64,
            test_cost: 0.1,
            test_accuracy: ((climbed + 0.0005 * (epoch % 5) as f64) * 1e4).round() / 1e4,
            images_per_second: Some(5000.0),
            norms: (0..4).map(norms).collect(),
        }
    };
    let epochs: Vec<_> = (0..60).map(epoch).collect();
    let made = Record {
        experiment: experiment.name,
        configuration: Configuration {
            layers: experiment.layers,
            data: if name.ends_with("-jumbled") { "MNIST, jumbled".into() } else { "MNIST".into() },
            data_sha256: None,
            expanded: false,
            distortion: None,
            training_images: 50_000,
            validation_images: 10_000,
            test_images: 10_000,
            epochs: 60,
            mini_batch_size: 10,
            eta: "0.1".into(),
            lambda: 0.0,
            momentum: 0.0,
            habits: Habits::faithful(),
            stopping: "after 60 epochs".into(),
        },
        seed: 1,
        threads: 2,
        processor: "made up".into(),
        commit: None,
        best: Best::of(&epochs).unwrap(),
        epochs,
        misclassified: vec![],
    };
    reaching(made, limit)
}

/// The same run with this test accuracy at its best epoch, and as many mistakes.
pub fn reaching(mut run: Record, test_accuracy: f64) -> Record {
    let diagonal =
        |shift: usize| (0..784).map(|i| if i / 28 == (i + shift) % 28 { 200 } else { 0 }).collect::<Vec<_>>();
    let wrong = |i: usize| Misclassified {
        image: 7 * i,
        label: (i % 10) as Label,
        predicted: ((i + 1 + i % 7) % 10) as Label,
        picture: (i < PICTURES).then(|| Picture::new(28, &diagonal(i))),
    };
    let best = Best::of(&run.epochs).unwrap().epoch;
    run.epochs.iter_mut().filter(|epoch| epoch.epoch == best).for_each(|epoch| epoch.test_accuracy = test_accuracy);
    run.best = Best::of(&run.epochs).unwrap();
    run.misclassified = (0..((1.0 - test_accuracy) * 1e4).round() as usize).map(wrong).collect();
    run
}

/// Seven rungs, each some times as fast as the one before.
pub fn ladder() -> Ladder {
    let rung = |k: i32| {
        let median = 30.0 * 2.5f64.powi(k);
        let (name, step) = (format!("rung-{k}"), format!("idea {k} & <what> it is"));
        Rate { name, step, threads: 1, median, least: 0.7 * median, most: 1.2 * median }
    };
    Ladder {
        experiment: "two-conv-relu".into(),
        mini_batch_size: 10,
        data: "MNIST".into(),
        processor: "made up".into(),
        vectors: "plain".into(),
        commit: None,
        seconds: 5.0,
        windows: 5,
        rungs: (0..7).map(rung).collect(),
    }
}

/// A folder with all that the figures need.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("records")).unwrap();
    fs::create_dir(folder.path().join("models")).unwrap();
    let networks = [("shallow", 0.978), ("one-conv", 0.988), ("two-conv", 0.9905), ("two-conv-relu", 0.992)];
    let kinds = ["", "-2", "-3", "-10-epochs", "-jumbled", "-corrected"];
    for (name, limit) in
        networks.into_iter().flat_map(|(name, limit)| kinds.map(|kind| (format!("{name}{kind}"), limit)))
    {
        let name = &name;
        let seed = name.rsplit_once('-').and_then(|(_, seed)| seed.parse().ok()).unwrap_or(1);
        write(folder.path(), name, &Record { seed, ..record(name, limit) });
    }
    let others = [("two-conv-tanh", 0.99), ("expanded-100", 0.994)];
    let ten_deep = [("ten-deep", 0.97), ("ten-deep-normalised", 0.977), ("ten-deep-relu", 0.977)];
    for (name, limit) in others.into_iter().chain(ten_deep) {
        write(folder.path(), name, &record(name, limit));
    }
    let members: Vec<_> = (1..=3).map(|seed| Record { seed, ..record("dropout-1000", 0.996) }).collect();
    for member in &members {
        write(folder.path(), &format!("dropout-1000-{}", member.seed), member);
    }
    let misclassified = members[0].misclassified.clone();
    let vote_accuracy = 1.0 - misclassified.len() as f64 / 1e4;
    let ensemble = Vote { vote_accuracy, mean_accuracy: vote_accuracy - 1e-4, views: None, misclassified };
    let summary = Summary { ensemble: Some(ensemble), ..Summary::of(&members).unwrap() };
    summary.write(folder.path().join("records/ensemble-summary.json")).unwrap();
    ladder().write(folder.path().join("records/ladder.json")).unwrap();
    systems(folder.path());
    for name in ["two-conv-relu", "two-conv-relu-corrected"] {
        fs::write(folder.path().join("models").join(name).with_extension("safetensors"), with_dead(&[])).unwrap();
    }
    folder
}

/// Puts the records of systems there, as they are: each has a form of its own, and no made-up one would show more.
fn systems(folder: &Path) {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("records");
    for entry in fs::read_dir(book).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        if serde_json::from_slice::<serde_json::Value>(&bytes).unwrap().get("system").is_some() {
            fs::write(folder.join("records").join(path.file_name().unwrap()), bytes).unwrap();
        }
    }
}

/// Puts a record where the figures look for it.
pub fn write(folder: &Path, name: &str, record: &Record) {
    let json = serde_json::to_string_pretty(record).unwrap();
    fs::write(folder.join("records").join(name.to_string() + ".json"), json).unwrap();
}

/// A model file of two convolutional layers, in which these kernels of the first are dead and all others alive.
pub fn with_dead(dead: &[usize]) -> Vec<u8> {
    let conv = |filters| Spec::conv_pool(filters, (5, 5), (2, 2), Activation::Relu);
    let mut network = Network::new(Shape::image(1, 28, 28), &[conv(20), conv(40), Spec::softmax(10)]).unwrap();
    let first = network.layers_mut()[0].parameters_mut().unwrap();
    first.b.fill(0.1);
    dead.iter().for_each(|&kernel| first.b[kernel] = -100.0);
    model_file::to_bytes(&network).unwrap()
}

/// A model file whose first layer is this one.
pub fn model(first: Spec, input: Shape) -> Vec<u8> {
    let network = Network::new(input, &[first, Spec::softmax(10)]).unwrap().with_habits(Habits::faithful());
    model_file::to_bytes(&network).unwrap()
}
