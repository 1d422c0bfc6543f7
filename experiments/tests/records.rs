//! The chapter's experiments as data, and what runs leave behind.

use experiments::{
    LAMBDAS, all, find,
    record::{Configuration, Misclassified, Record, Summary},
    sweep,
};
use network3::{
    Activation, Habits, Network, Shape, Spec,
    data::digits,
    train::{Best, Schedule},
};
use std::collections::HashSet;

#[test]
fn the_chapters_numbers() {
    let accuracies = [
        ("shallow", 97.80),
        ("one-conv", 98.78),
        ("two-conv", 99.06),
        ("two-conv-relu", 99.23),
        ("expanded-100", 99.37),
        ("expanded-300", 99.46),
        ("expanded-1000", 99.43),
        ("expanded-two-fc-100", 99.43),
        ("expanded-two-fc-300", 99.48),
        ("expanded-two-fc-1000", 99.47),
        ("dropout-1000", 99.60),
        ("ensemble", 99.67),
    ];
    for experiment in all() {
        let expected = accuracies
            .iter()
            .find(|(name, _)| *name == experiment.name)
            .map(|(_, accuracy): &(_, f64)| accuracy / 100.0);
        assert_eq!(
            experiment.chapter.map(|a| (a * 1e4).round()),
            expected.map(|a| (a * 1e4).round()),
            "{}",
            experiment.name
        );

        let (hyper, dropout) =
            (&experiment.hyper_parameters, experiment.name.starts_with("dropout") || experiment.networks == 5);
        let relu =
            experiment.layers.iter().any(|layer| matches!(layer, Spec::ConvPool { activation: Activation::Relu, .. }));
        assert_eq!(hyper.mini_batch_size, 10);
        assert_eq!(hyper.momentum, 0.0);
        assert_eq!(hyper.eta, Schedule::Constant(if relu { 0.03 } else { 0.1 }), "{}", experiment.name);
        assert_eq!(hyper.stopping.at_most(), if dropout { 40 } else { 60 }, "{}", experiment.name);
        assert_eq!(experiment.expanded, dropout || experiment.name.starts_with("expanded"), "{}", experiment.name);
        if !experiment.name.contains("lambda") {
            assert_eq!(hyper.lambda, if relu && !dropout { 0.1 } else { 0.0 }, "{}", experiment.name);
        }
        let dropped = |layer: &Spec| match *layer {
            Spec::FullyConnected { dropout, .. } | Spec::Softmax { dropout, .. } => dropout,
            _ => 0.0,
        };
        let expected = if dropout { 3.0 * 0.5 } else { 0.0 };
        assert_eq!(experiment.layers.iter().map(dropped).sum::<f64>(), expected, "{}", experiment.name);
    }
}

#[test]
fn names() {
    let all = all();
    let names: HashSet<_> = all.iter().map(|experiment| experiment.name.clone()).collect();
    assert_eq!(names.len(), all.len(), "every name is there once");
    assert!(all.iter().all(|experiment| find(&experiment.name).unwrap() == *experiment));
    for name in ["two-conv", "two-conv-relu"] {
        let sweep = sweep(name);
        assert_eq!(sweep.iter().map(|experiment| experiment.hyper_parameters.lambda).collect::<Vec<_>>(), LAMBDAS);
        assert!(sweep.iter().all(|experiment| names.contains(&experiment.name)));
        let own = sweep.iter().find(|experiment| experiment.name == name).unwrap();
        assert_eq!(
            (&own.layers, &own.hyper_parameters),
            (&find(name).unwrap().layers, &find(name).unwrap().hyper_parameters)
        );
    }
    let ensemble = find("ensemble").unwrap();
    let member = find(&ensemble.member().name).unwrap();
    assert_eq!((member.layers, member.hyper_parameters), (ensemble.layers, ensemble.hyper_parameters));
}

#[test]
fn every_network_can_be_built() {
    for experiment in all() {
        let network = Network::new(Shape::image(1, 28, 28), &experiment.layers);
        assert!(network.is_ok(), "{}: {}", experiment.name, network.err().unwrap());
    }
}

#[test]
fn costs() {
    // 784·100 + 100·10 multiplications for 50,000 images in 60 epochs.
    assert_eq!(find("shallow").unwrap().cost(), 79_400.0 * 3e6);
    // 20·24·24·25 + 40·8·8·500 + 640·100 + 1000.
    assert_eq!(find("two-conv").unwrap().cost(), (288_000.0 + 1_280_000.0 + 65_000.0) * 3e6);
    let order = ["shallow", "one-conv", "two-conv", "expanded-100", "expanded-300", "dropout-1000", "ensemble"];
    assert!(order.map(|name| find(name).unwrap().cost()).is_sorted());
}

fn record(seed: u64, validation: f64, test: f64) -> Record {
    let experiment = find("two-conv-relu").unwrap();
    let splits = digits(30, 10, 10, 1).unwrap();
    Record {
        configuration: Configuration::new(&experiment, &splits, Habits::faithful()),
        experiment: experiment.name,
        seed,
        threads: 2,
        processor: "a processor".into(),
        commit: None,
        epochs: vec![],
        best: Best { epoch: 3, validation_accuracy: validation, test_accuracy: test },
        misclassified: Misclassified::all(&splits.test, &[0; 10]),
    }
}

#[test]
fn there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/record.json");
    let record = record(1, 0.1 + 0.2, 1.0 / 3.0);
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
fn a_resumed_run_may_differ_in_when_to_stop_alone() {
    let record = record(1, 0.5, 0.5);
    let identity = record.configuration.identity(1).unwrap();
    let longer = Configuration { epochs: 99, stopping: "after 99 epochs".into(), ..record.configuration.clone() };
    assert_eq!(longer.identity(1).unwrap(), identity);
    assert_ne!(longer.identity(2).unwrap(), identity);
    let other = Configuration { habits: Habits::corrected(), ..record.configuration };
    assert_ne!(other.identity(1).unwrap(), identity);
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
    let records = [record(1, 0.90, 0.80), record(2, 0.95, 0.83), record(3, 0.95, 0.86)];
    let summary = Summary::of(&records).unwrap();
    assert!((summary.mean_test_accuracy - 0.83).abs() < 1e-12);
    assert!((summary.test_accuracy_deviation - 0.03).abs() < 1e-12);
    assert_eq!((summary.best.seed, summary.best.best.test_accuracy), (3, 0.86));
    assert_eq!(Summary::of(&records[..1]).unwrap().test_accuracy_deviation, 0.0);
    assert!(Summary::of(&[]).unwrap_err().is_input());
}
