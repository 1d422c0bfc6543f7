//! Figures over several runs: they show the runs that there are, and say which are missing.

mod made_up;

use experiments::record::Record;
use figures::{FIGURES, Sources};
use made_up::{folder, reaching, record, with_dead, write};
use network3::Habits;
use std::{collections::HashSet, fs, path::Path, process::Command};

fn drawn(name: &str, folder: &Path) -> String {
    let figure = FIGURES.iter().find(|figure| figure.name == name).unwrap();
    figure.draw(&Sources::new(folder)).unwrap()
}

#[test]
fn a_new_record_is_all_that_a_rung_needs() {
    let folder = folder();
    let before = drawn("rungs", folder.path());
    assert!(before.contains(">not run yet (99.46)<"), "{before}");
    write(folder.path(), "expanded-300", &record("expanded-300", 0.9951));
    let after = drawn("rungs", folder.path());
    assert!(after.contains(">99.51 (99.46)<") && !after.contains(">not run yet (99.46)<"), "{after}");
    assert_eq!(drawn("by-epoch", folder.path()).matches("\nexpanded-300\n").count(), 1);
}

/// The chapter reports the test accuracy of the run that is best on the validation images, not the best test accuracy.
#[test]
fn a_rung_is_reported_as_the_chapter_does() {
    let folder = folder();
    let mut best = record("one-conv", 0.9871);
    best.epochs.iter_mut().filter(|e| e.epoch == best.best.epoch).for_each(|e| e.validation_accuracy = 0.999);
    best.best.validation_accuracy = 0.999;
    write(folder.path(), "one-conv-2", &Record { seed: 2, ..best });
    assert!(drawn("rungs", folder.path()).contains(">98.71 (98.78)<"));
}

#[test]
fn runs_of_something_else_are_left_alone() {
    let folder = folder();
    let before = drawn("by-epoch", folder.path());
    write(folder.path(), "two-conv-relu-20-epochs", &record("two-conv-relu", 0.5));
    write(folder.path(), "two-conv-relux", &record("two-conv-relu", 0.5));
    assert_eq!(drawn("by-epoch", folder.path()), before);
    // A seed that has two records counts once.
    let once = drawn("rungs", folder.path());
    write(folder.path(), "two-conv-4", &Record { seed: 3, ..record("two-conv", 0.9905) });
    assert_eq!(drawn("rungs", folder.path()), once);
}

#[test]
fn a_habit_is_found_by_what_a_run_has() {
    let folder = folder();
    assert!(!drawn("habits", folder.path()).contains("other "), "made-up runs have all habits");
    let mut run = record("two-conv-relu", 0.995);
    run.configuration.habits.order = Habits::corrected().order;
    write(folder.path(), "two-conv-relu-shuffled", &run);
    run.configuration.habits = Habits::corrected();
    write(folder.path(), "two-conv-relu-corrected", &run);
    run.configuration.epochs = 3;
    run.configuration.stopping = "after 3 epochs".into();
    run.epochs.truncate(3);
    let mut run = reaching(run, 0.99);
    run.configuration.habits = Habits { ties: Habits::corrected().ties, ..Habits::faithful() };
    write(folder.path(), "two-conv-relu-short", &run);
    let svg = drawn("habits", folder.path());
    assert!(svg.contains(">other order<") && svg.contains(">none of them<"), "{svg}");
    assert!(!svg.contains("ties"), "a run of other length tells nothing about a habit: {svg}");
    assert!(svg.contains(">50<"), "{svg}");
}

/// What follows the dot of λ = 0.001 belongs to the name of a record.
#[test]
fn every_run_of_a_sweep_is_its_own() {
    let folder = folder();
    for (lambda, wrong) in [("0", 60), ("0.001", 70), ("0.00001", 90)] {
        let run = reaching(record(&format!("two-conv-relu-lambda-{lambda}"), 0.99), 1.0 - f64::from(wrong) / 1e4);
        write(folder.path(), &format!("two-conv-relu-lambda-{lambda}"), &run);
    }
    let svg = drawn("regularisation", folder.path());
    let heights: HashSet<&str> =
        svg.split("<circle ").skip(1).filter_map(|dot| dot.split("cy=\"").nth(1)?.split('"').next()).collect();
    // Three of the sweep, and the runs that λ = 0.1 and the sigmoid network have: each kind has the same accuracy
    // throughout.
    assert!(heights.len() >= 5, "{heights:?}");
}

#[test]
fn votes_are_put_together_from_the_members() {
    let folder = folder();
    let one = record("dropout-1000", 0.996);
    for (seed, kept) in [(1, 9), (2, 4), (3, 1)] {
        let member = reaching(Record { seed, ..one.clone() }, 1.0 - f64::from(kept) / 1e4);
        write(folder.path(), &format!("dropout-1000-{seed}"), &member);
    }
    let svg = drawn("votes", folder.path());
    // Five are misread by one network, three by two, and one by all three.
    let counts = svg.rsplit("so many images:").next().unwrap().split("</text>");
    let counts: Vec<_> =
        counts.filter_map(|text| text.rsplit('>').next()).map(str::trim).filter(|c| !c.is_empty()).collect();
    assert_eq!(counts, ["1", "5", "2", "3", "3", "1"]);
}

#[test]
fn without_any_run_the_error_says_how_to_make_one() {
    for (figure, made) in [
        ("votes", "dropout-1000 --faithful --record"),
        ("ensemble-mistakes", "ensemble --faithful --record"),
        ("rungs", "ensemble --faithful --record"),
        ("activations", "two-conv --faithful --record"),
        ("overfitting", "shallow --faithful --record"),
        ("habits", "two-conv-relu --faithful --record"),
        ("norms", "two-conv --faithful --record"),
        ("by-epoch", "--all --faithful"),
        ("regularisation", "two-conv-relu-lambda-0 --faithful --record"),
    ] {
        let folder = folder();
        for entry in fs::read_dir(folder.path().join("records")).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        let figure = FIGURES.iter().find(|f| f.name == figure).unwrap();
        let error = figure.draw(&Sources::new(folder.path())).unwrap_err().to_string();
        assert!(error.contains(made), "{}: {error}", figure.name);
    }
}

#[test]
fn one_line_says_what_has_not_been_run() {
    let folder = folder();
    let figures = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_figures"));
        let output = program.arg("--folder").arg(folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    figures(&[]);
    let said = figures(&["--check"]);
    let last = said.lines().last().unwrap();
    assert!(last.starts_with("not run yet, and in no figure: conv-only, ") && last.contains("dropout-300;"), "{said}");
    assert!(!last.contains("dropout-1000") && !last.contains("ensemble"), "they have records: {last}");
    assert!(last.contains("cargo run --release --bin train -- NAME --faithful --record"), "{said}");
    assert!(!figures(&["rungs", "--check"]).contains("not run"), "only where all figures are meant");
}

#[test]
fn a_second_layer_of_something_else_is_refused() {
    let folder = folder();
    let file = folder.path().join("models/two-conv-relu-corrected.safetensors");
    fs::write(
        &file,
        made_up::model(
            network3::Spec::fully_connected(5, network3::Activation::Relu),
            network3::Shape::image(1, 28, 28),
        ),
    )
    .unwrap();
    let second = FIGURES.iter().find(|figure| figure.name == "second-layer").unwrap();
    let error = second.draw(&Sources::new(folder.path())).unwrap_err().to_string();
    assert!(error.contains("its second layer is not made of filters"), "{error}");
    fs::write(&file, with_dead(&[])).unwrap();
    second.draw(&Sources::new(folder.path())).unwrap();
}
