//! Every figure, drawn from made-up records and a made-up model: same bytes each time, well-formed, described, and
//! checked.

mod made_up;

use experiments::record::{Ladder, Misclassified, Record};
use figures::{FIGURES, Sources};
use made_up::{folder, ladder, model, record, with_dead};
use network3::{Activation, Shape, Spec, train::Best};
use serde_json::Value;
use std::{
    collections::HashSet,
    fs,
    path::Path,
    process::{Command, Output},
};

fn figures(folder: &Path, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_figures"));
    program.arg("--folder").arg(folder).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Panics unless every tag is closed in order, every attribute is quoted and given once, and every `&` begins an
/// entity. Returns the ids.
fn parse(svg: &str) -> Vec<String> {
    let (mut open, mut ids) = (vec![], vec![]);
    for piece in svg.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("<{piece} does not end"));
        for rest in piece.split('&').skip(1) {
            assert!(["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|e| rest.starts_with(e)), "&{rest}");
        }
        assert!(!text.contains('>'), "{text}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed out of order");
            continue;
        }
        let (name, mut attributes) = tag.trim_end_matches('/').split_once(' ').unwrap_or((tag, ""));
        let mut seen = HashSet::new();
        while let Some((key, rest)) = attributes.trim().split_once("=\"") {
            assert!(seen.insert(key), "{key} twice in <{tag}>");
            let (value, rest) = rest.split_once('"').unwrap_or_else(|| panic!("<{tag}> has an open quote"));
            if key == "id" {
                ids.push(value.to_owned());
            }
            attributes = rest;
        }
        assert_eq!(attributes.trim(), "", "in <{tag}>");
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert_eq!(open, [""; 0], "left open");
    ids
}

#[test]
fn every_figure_is_well_formed_described_small_and_the_same_each_time() {
    let folder = folder();
    let sources = Sources::new(folder.path());
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    for figure in FIGURES {
        let svg = figure.draw(&sources).unwrap();
        assert_eq!(svg, figure.draw(&sources).unwrap(), "{} is drawn differently each time", figure.name);
        for id in parse(&svg) {
            assert!(ids.insert(id.clone()), "two figures use the id {id}");
        }
        assert!(names.insert(figure.name), "two figures are called {}", figure.name);
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "), "{svg:.100}");
        let labelled = format!("role=\"img\" aria-labelledby=\"{0}-title {0}-desc\"", figure.name);
        assert!(svg.contains(&labelled));
        assert!(svg.contains(&format!("<title id=\"{}-title\">{}</title>", figure.name, figure.caption)));
        assert!(svg.contains(&format!("<desc id=\"{}-desc\">{}</desc>", figure.name, figure.alt)));
        assert!(!figure.caption.chars().any(|c| c.is_ascii_digit()), "{}: numbers belong to records", figure.name);
        assert!(svg.len() < 150_000, "{}: {} bytes", figure.name, svg.len());
    }
}

#[test]
fn figures_need_no_font_and_no_file_of_their_own() {
    let folder = folder();
    for figure in FIGURES {
        let svg = figure.draw(&Sources::new(folder.path())).unwrap();
        for family in svg.split("font-family=\"").skip(1) {
            assert!(family.starts_with("sans-serif\""), "{}: {family:.30}", figure.name);
        }
        assert!(svg.contains("<text "), "{}: words are text", figure.name);
        for reference in ["@font-face", "@import", "url(", "href", "<image"] {
            assert!(!svg.contains(reference), "{} refers to something else: {reference}", figure.name);
        }
        let colours_of_one_theme = ["\"#000000\"", "\"black\"", "\"#FFFFFF\""];
        assert!(!colours_of_one_theme.iter().any(|c| svg.contains(c)), "{}", figure.name);
    }
}

#[test]
fn check_catches_one_changed_byte() {
    let folder = folder();
    let drawn = figures(folder.path(), &[]);
    assert!(drawn.status.success(), "{}", stderr(&drawn));
    assert!(figures(folder.path(), &["--check"]).status.success());

    let path = folder.path().join("mistakes.svg");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let checked = figures(folder.path(), &["--check"]);
    assert_eq!(checked.status.code(), Some(1));
    let said = stdout(&checked);
    assert!(said.contains("mistakes: out of date"), "{said}");
    assert_eq!(said.matches("up to date").count(), FIGURES.len() - 1, "{said}");
    assert_eq!(fs::read(&path).unwrap(), bytes, "checking writes nothing");

    fs::remove_file(&path).unwrap();
    let checked = figures(folder.path(), &["mistakes", "--check"]);
    assert_eq!((checked.status.code(), stdout(&checked).as_str()), (Some(1), "mistakes: missing\n"));
    assert!(!path.exists(), "checking writes nothing");

    assert!(stdout(&figures(folder.path(), &[])).contains("mistakes: drawn"));
    assert!(figures(folder.path(), &["--check"]).status.success());
}

#[test]
fn what_is_missing_is_named_with_the_command_that_makes_it() {
    let folder = folder();
    fs::remove_file(folder.path().join("records/one-conv.json")).unwrap();
    fs::remove_file(folder.path().join("models/two-conv-relu.safetensors")).unwrap();
    fs::remove_file(folder.path().join("records/ladder.json")).unwrap();
    let output = figures(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("--bin train -- one-conv --faithful --record"), "{said}");
    assert!(said.contains("--bin train -- two-conv-relu --faithful --save"), "{said}");
    assert!(said.contains("--example ladder -- --record"), "{said}");
    assert!(stdout(&output).contains("misclassified: drawn"), "the others are drawn");
    assert!(!folder.path().join("mistakes.svg").exists());
}

#[test]
fn damaged_sources_are_errors_that_name_the_file() {
    let refused = |file: &str, contents: &[u8], figure: &str, why: &str| {
        let folder = folder();
        fs::write(folder.path().join(file), contents).unwrap();
        let output = figures(folder.path(), &[figure]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(file) && said.contains(why), "{said}");
    };
    let file = "models/two-conv-relu.safetensors";
    let relu = Activation::Relu;
    refused(file, b"no model", "filters", "not a safetensors file");
    let full = model(Spec::fully_connected(10, relu), Shape::image(1, 28, 28));
    refused(file, &full, "filters", "not made of filters over one map");
    let colour = model(Spec::conv(4, (5, 5), relu), Shape::image(3, 28, 28));
    refused(file, &colour, "filters", "not made of filters over one map");
    let unpooled = model(Spec::conv(4, (5, 5), relu), Shape::image(1, 28, 28));
    refused(file, &unpooled, "responses", "does not begin with convolution and pooling");
    let large = model(Spec::conv_pool(4, (5, 5), (2, 2), relu), Shape::image(1, 32, 32));
    refused(file, &large, "responses", "does not begin with convolution and pooling of 1×28×28");
    refused("records/shallow.json", b"{", "mistakes", "is not a record");

    let refused_ladder = |change: fn(&mut Ladder), why: &str| {
        let mut ladder = ladder();
        change(&mut ladder);
        refused("records/ladder.json", serde_json::to_string(&ladder).unwrap().as_bytes(), "ladder", why);
    };
    refused_ladder(|ladder| ladder.rungs.clear(), "it has no rungs");
    refused_ladder(|ladder| ladder.rungs[3].least = 0.0, "a rate that cannot be");
    refused_ladder(|ladder| ladder.rungs[6].most = 1e300, "a rate that cannot be");

    let refused_run = |file: &str, change: fn(&mut Record), why: &str| {
        let mut run = record("two-conv-relu", 0.99);
        change(&mut run);
        let json = serde_json::to_string(&run).unwrap();
        refused(&format!("records/{file}.json"), json.as_bytes(), "mistakes", why);
    };
    refused_run("two-conv-relu", |run| run.best.validation_accuracy = -1e308, "the best epoch is not epoch");
    refused_run("two-conv-relu", |run| run.epochs[30].test_accuracy = -1e308, "epoch 30: the test accuracy is");
    // A record of another run under this name.
    refused_run("two-conv", |_| {}, "it is the record of two-conv-relu, and not of two-conv");
    refused_run(
        "shallow-2",
        |run| run.experiment = "shallow".into(),
        "it is the record of shallow, and not of shallow",
    );
    refused_run("two-conv-relu", |run| run.configuration.data = "MNIST, jumbled".into(), "learned from MNIST, jumbled");

    let mut run = serde_json::to_value(record("two-conv-relu", 0.99)).unwrap();
    run["misclassified"][0]["picture"] = "00ff/0x".into();
    refused("records/two-conv-relu.json", run.to_string().as_bytes(), "misclassified", "not with 'x'");
}

/// All paths to a number in some JSON: `/epochs/3/eta`.
fn numbers(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(path),
        Value::Array(all) => all.iter().enumerate().for_each(|(k, v)| numbers(v, format!("{path}/{k}"), found)),
        Value::Object(all) => all.iter().for_each(|(k, v)| numbers(v, format!("{path}/{k}"), found)),
        _ => {}
    }
}

/// Whatever a number of a record is: it is refused, or drawn, small and soon.
#[test]
fn no_number_of_a_record_keeps_a_figure_from_being_drawn_or_refused() {
    let folder = folder();
    let mut run = record("two-conv-relu", 0.99);
    run.epochs.truncate(2);
    run.best = Best::of(&run.epochs).unwrap();
    let wrong = ((1.0 - run.best.test_accuracy) * 1e4).round() as usize;
    run.misclassified = (0..wrong).map(|i| Misclassified { image: i, label: 1, predicted: 2, picture: None }).collect();
    let run = serde_json::to_value(&run).unwrap();
    let (mut refused, mut drawn) = (0, 0);
    let ladder = serde_json::to_value(ladder()).unwrap();
    for (file, whole, figures) in
        [("two-conv-relu", run, &["mistakes", "misclassified"][..]), ("ladder", ladder, &["ladder"])]
    {
        let mut places = vec![];
        numbers(&whole, String::new(), &mut places);
        places.retain(|place| !place.starts_with("/misclassified/") || place.starts_with("/misclassified/7/"));
        for place in places {
            for number in [-1e308, -1.0, -0.0, 1e-308, 0.5, 1.0, 1e15, 1e308]
                .map(Value::from)
                .into_iter()
                .chain([u64::MAX.into()])
            {
                let mut changed = whole.clone();
                *changed.pointer_mut(&place).unwrap() = number;
                fs::write(folder.path().join(format!("records/{file}.json")), changed.to_string()).unwrap();
                for figure in FIGURES.iter().filter(|figure| figures.contains(&figure.name)) {
                    match figure.draw(&Sources::new(folder.path())) {
                        Ok(svg) => {
                            assert!(svg.len() < 150_000, "{place}");
                            drawn += 1;
                        }
                        Err(e) => {
                            let e = e.to_string();
                            let told =
                                ["is not a record of a run, or damaged", "is of no use"].iter().any(|w| e.contains(w));
                            assert!(told && e.contains(file), "{place}: {e}");
                            refused += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(refused > 500 && drawn > 100, "{refused} refused, {drawn} drawn");
}

#[test]
fn the_ladder_has_every_rung_in_order_with_its_figure() {
    let mut ladder = ladder();
    (ladder.rungs[1].median, ladder.rungs[1].most) = (12_345.0, 13_000.0);
    let folder = folder();
    ladder.write(folder.path().join("records/ladder.json")).unwrap();
    let figure = FIGURES.iter().find(|figure| figure.name == "ladder").unwrap();
    let svg = figure.draw(&Sources::new(folder.path())).unwrap();
    let at = |words: &str| svg.find(words).unwrap_or_else(|| panic!("no {words:?} in {svg}"));
    assert!((0..6).all(|k| at(&format!(">rung-{k}: ")) < at(&format!(">rung-{}: ", k + 1))));
    assert!(at(">12,300  ×411.5<") > 0);

    // One rung alone: there is still something to draw.
    ladder.rungs.truncate(1);
    ladder.write(folder.path().join("records/ladder.json")).unwrap();
    parse(&figure.draw(&Sources::new(folder.path())).unwrap());
}

#[test]
fn dead_kernels_are_counted_and_crossed_out() {
    let folder = folder();
    fs::write(folder.path().join("models/two-conv-relu.safetensors"), with_dead(&[3, 11])).unwrap();
    let figure = FIGURES.iter().find(|figure| figure.name == "filters").unwrap();
    let svg = figure.draw(&Sources::new(folder.path())).unwrap();
    assert!(svg.contains(": 2 of 20 dead, ") && svg.contains(": 0 of 20 dead, "), "{svg}");
    assert_eq!(svg.matches("stroke-width=\"2\"").count(), 2, "two crosses");
}

#[test]
fn a_run_without_mistakes_and_one_that_has_just_begun_can_be_drawn() {
    let folder = folder();
    let mut run = record("two-conv-relu", 0.99);
    run.misclassified.clear();
    run.epochs.truncate(1);
    run.epochs[0].test_accuracy = 1.0;
    run.best = Best::of(&run.epochs).unwrap();
    fs::write(folder.path().join("records/two-conv-relu.json"), serde_json::to_string(&run).unwrap()).unwrap();
    let drawn = figures(folder.path(), &[]);
    assert!(drawn.status.success(), "{}", stderr(&drawn));
    assert!(
        fs::read_to_string(folder.path().join("misclassified.svg")).unwrap().contains(": 0 of 10,000 are misread<")
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_left_as_it_was() {
    let folder = folder();
    let path = folder.path().join("digits.svg");
    fs::create_dir(&path).unwrap(); // stands in the way
    let output = figures(folder.path(), &["digits"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("digits.svg"), "{}", stderr(&output));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "no temporary file is left");
}

#[test]
fn arguments() {
    let folder = folder();
    let list = stdout(&figures(folder.path(), &["--list"]));
    assert_eq!(list.lines().count(), FIGURES.len(), "{list}");
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let mut program = Command::new(env!("CARGO_BIN_EXE_figures"));
        assert_eq!(program.arg("--list").stdout(full).output().unwrap().status.code(), Some(1));
    }
    let wrong = figures(folder.path(), &["digit"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("misclassified"), "the names are listed: {}", stderr(&wrong));
}
