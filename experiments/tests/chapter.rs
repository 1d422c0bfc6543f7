//! The chapter's experiments as data.

use experiments::{Experiment, LAMBDAS, all, beyond, find, sweep};
use network3::{
    Activation, Habits, Network, Shape, Spec,
    data::{Distortion, Splits, digits, mnist},
    train::{Schedule, Stopping},
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
    let mut all = all();
    all.extend(beyond());
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
    for ensemble in all.iter().filter(|experiment| experiment.networks > 1) {
        let member = find(&ensemble.member().name).unwrap();
        assert_eq!(ensemble.member(), Experiment { shows: ensemble.shows, ..member });
    }
    assert!(all.iter().all(|experiment| (experiment.networks > 1) == experiment.ensemble_of.is_some()));
}

#[test]
fn every_network_can_be_built() {
    for experiment in all().into_iter().chain(beyond()) {
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

/// Distortions are possible, a schedule ends with its run, and nothing is set beside the chapter.
#[test]
fn what_goes_beyond_the_chapter() {
    for Experiment { name, hyper_parameters: hyper, distortion, chapter, .. } in beyond() {
        assert!(distortion.is_none_or(|distortion| distortion.check().is_ok()), "{name}");
        if let Schedule::Geometric { epochs, .. } = hyper.eta {
            assert_eq!(epochs, hyper.stopping.at_most(), "{name}");
        }
        assert_eq!(chapter, None, "{name}");
    }
}

/// The chapter's figure belongs to the chapter's settings and data alone, and to a member of the ensemble its own.
#[test]
fn the_chapters_figure_stands_beside_the_chapters_run() {
    let ensemble = find("ensemble").unwrap();
    assert_eq!((ensemble.chapter, ensemble.member().chapter), (Some(0.9967), Some(0.996)));
    let (digits, faithful) = (digits(30, 10, 10, 1).unwrap(), Habits::faithful());
    let named = Splits { name: "MNIST".into(), ..digits };
    assert_eq!(find("shallow").unwrap().chapter_beside(&named, faithful), None, "the name makes no MNIST");
    let Some(folder) = mnist::find().unwrap() else { return };
    let mut splits = mnist::load_dir(&folder).unwrap();
    let shallow = find("shallow").unwrap();
    assert_eq!(shallow.chapter_beside(&splits, faithful), Some(0.978));
    assert_eq!(ensemble.chapter_beside(&splits, faithful), Some(0.9967));
    assert_eq!(ensemble.member().chapter_beside(&splits, faithful), Some(0.996));
    assert_eq!(shallow.chapter_beside(&splits, Habits::corrected()), None);
    let changed = |change: &dyn Fn(&mut Experiment)| {
        let mut changed = shallow.clone();
        change(&mut changed);
        changed.chapter_beside(&splits, faithful)
    };
    assert_eq!(changed(&|e| e.hyper_parameters.stopping = Stopping::Epochs(59)), None);
    assert_eq!(changed(&|e| e.hyper_parameters.lambda = 0.1), None);
    assert_eq!(changed(&|e| e.hyper_parameters.eta = Schedule::Constant(0.2)), None);
    assert_eq!(changed(&|e| e.expanded = true), None);
    assert_eq!(changed(&|e| e.distortion = Some(Distortion::NONE)), None);
    splits.training.split_off(49_999).unwrap();
    assert_eq!(shallow.chapter_beside(&splits, faithful), None, "all of MNIST");
}
