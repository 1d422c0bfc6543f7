//! What a run is, and that none is lost to another.

#[path = "train/folder.rs"]
mod folder;
mod train;

use experiments::record::Record;
use flate2::{Compression, write::GzEncoder};
use folder::{contents, refused};
use network3::data::{
    digits,
    idx::{Images, labels_to_idx},
    mnist::FILES,
};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::Stdio,
};
use train::{ok, run, train};

/// Four files of drawn digits, their labels changed by a rule.
fn pictures(folder: &Path, label: fn(usize, u8) -> u8) {
    fs::create_dir_all(folder).unwrap();
    let splits = digits(240, 60, 60, 1).unwrap();
    for (set, names) in [(&splits.training, &FILES[..2]), (&splits.test, &FILES[2..])] {
        let pixels = (0..set.len()).flat_map(|i| set.image(i).to_vec()).collect();
        let labels: Vec<u8> = set.labels().iter().enumerate().map(|(i, &l)| label(i, l as u8)).collect();
        fs::write(folder.join(names[0]), Images { height: 28, width: 28, pixels }.to_idx().unwrap()).unwrap();
        fs::write(folder.join(names[1]), labels_to_idx(&labels).unwrap()).unwrap();
    }
}

#[test]
fn the_same_images_are_the_same_run_wherever_they_lie() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    pictures(&at("pictures"), |_, label| label);
    pictures(&at("copy"), |_, label| label);
    pictures(&at("others"), |_, label| 9 - label);
    for name in FILES {
        let file = at("copy").join(name);
        let mut gz = GzEncoder::new(vec![], Compression::default());
        gz.write_all(&fs::read(&file).unwrap()).unwrap();
        fs::write(file.with_extension("gz"), gz.finish().unwrap()).unwrap();
        fs::remove_file(file).unwrap();
    }
    let out = ok(folder.path(), "shallow --data pictures --epochs 1");
    assert!(!out.contains("the chapter"), "{out}");
    let absolute = at("pictures").display().to_string();
    for (k, spelled) in ["./pictures", "pictures/", "copy/../pictures", "copy", &absolute].into_iter().enumerate() {
        let epochs = k + 2;
        let out = ok(folder.path(), &format!("shallow --data {spelled} --epochs {epochs} --resume"));
        assert!(out.contains(&format!("{} epochs are done already", epochs - 1)), "{spelled}: {out}");
    }
    let record = Record::read(at("runs/shallow-1.json")).unwrap();
    assert_eq!((record.configuration.data, record.configuration.data_sha256.unwrap().len()), (absolute, 64));

    let err = refused(folder.path(), "shallow --data others --epochs 9 --resume");
    assert!(err.contains("is of another run: it learns from other images"), "{err}");
    // The other images under the old name are no other case.
    fs::rename(at("pictures"), at("moved")).unwrap();
    fs::rename(at("others"), at("pictures")).unwrap();
    let err = refused(folder.path(), "shallow --data pictures --epochs 9 --resume");
    assert!(err.contains("is of another run: it learns from other images"), "{err}");
}

/// Four files in the folder that MNIST_DIR names are not MNIST by lying there.
#[test]
fn mnist_is_what_has_its_checksum() {
    let folder = tempfile::tempdir().unwrap();
    pictures(&folder.path().join("pictures"), |_, label| label);
    let output = train(folder.path(), "shallow --epochs 1").env("MNIST_DIR", "pictures").output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && out.contains("pictures: 200 images") && !out.contains("MNIST"), "{out}");
    assert!(!out.contains("the chapter"), "{out}");
    let output = train(folder.path(), "shallow --epochs 1 --data mnist").env("MNIST_DIR", "pictures").output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("the images in pictures are not those of MNIST") && err.contains("--data pictures"), "{err}");
}

#[test]
fn no_run_replaces_another_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let few = "shallow --images 100";
    ok(folder.path(), &format!("{few} --epochs 3 --record copy.json"));
    let record = Record::read(at("copy.json")).unwrap();

    let err = refused(folder.path(), &format!("{few} --epochs 2"));
    assert!(err.contains("runs/shallow-1.safetensors: 3 epochs are done already, and 2 are asked for"), "{err}");
    for (other, differs) in [
        ("--eta 0.5", "eta is \"0.1\" there and \"0.5\" here"),
        ("--lambda 0.5", "lambda is 0.0 there and 0.5 here"),
        ("--momentum 0.5", "momentum is 0.0 there and 0.5 here"),
        ("--mini-batch-size 20", "mini_batch_size is 10 there and 20 here"),
        ("--faithful", "habits is {"),
    ] {
        for more in ["", " --resume"] {
            let err = refused(folder.path(), &format!("{few} --epochs 4 {other}{more}"));
            assert!(err.contains("runs/shallow-1.safetensors is of another run: ") && err.contains(differs), "{err}");
            assert!(err.contains("--replace trains anew") && err.contains("--folder DIR"), "{err}");
        }
    }
    // A record elsewhere is as safe, and so is one whose checkpoint is gone.
    let err = refused(folder.path(), &format!("{few} --seed 2 --record copy.json"));
    assert!(err.contains("copy.json is of another run: seed is 1 there and 2 here"), "{err}");
    fs::remove_file(at("runs/shallow-1.safetensors")).unwrap();
    let err = refused(folder.path(), &format!("{few} --eta 0.5"));
    assert!(err.contains("runs/shallow-1.json is of another run: eta is"), "{err}");
    let err = refused(folder.path(), &format!("{few} --epochs 2"));
    assert!(err.contains("runs/shallow-1.json has 3 epochs of this run, and would have 2"), "{err}");
    assert_eq!(Record::read(at("copy.json")).unwrap(), record);

    // Both ways out lead out.
    ok(folder.path(), &format!("{few} --epochs 1 --eta 0.5 --folder others"));
    assert_eq!(Record::read(at("others/shallow-1.json")).unwrap().configuration.eta, "0.5");
    ok(folder.path(), &format!("{few} --epochs 1 --eta 0.2 --replace"));
    assert_eq!(Record::read(at("runs/shallow-1.json")).unwrap().configuration.eta, "0.2");
    let names: Vec<_> = contents(&at("runs")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 2, "no lock is left: {names:?}");
}

/// To train it again makes the same run again: what there is stays until there is more of it.
#[test]
fn the_same_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = || fs::read(folder.path().join("runs/shallow-1.safetensors")).unwrap();
    ok(folder.path(), "shallow --images 500 --epochs 40");
    let before = checkpoint();
    let out = ok(folder.path(), "shallow --images 500 --epochs 40");
    assert!(out.contains("epoch  0") && out.contains("--resume would go on with it"), "{out}");
    assert!(checkpoint() == before);
    // Stopped on the way to more, it has lost nothing.
    let mut child = train(folder.path(), "shallow --images 500 --epochs 41").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("epoch  1")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(checkpoint() == before, "it was killed too late to test anything, or has replaced 40 epochs by fewer");
    // Jumbled images are another experiment: the two can be compared.
    ok(folder.path(), "shallow --images 500 --epochs 1 --jumble");
    assert_eq!(Record::read(folder.path().join("runs/shallow-jumbled-1.json")).unwrap().experiment, "shallow");
    let out = ok(folder.path(), "shallow --images 500 --epochs 41 --resume");
    assert!(out.contains("40 epochs are done already") && checkpoint() != before, "{out}");
}

/// All seeds are looked at before the first is trained; a summary is of all its runs.
#[test]
fn several_runs_replace_nothing_either() {
    let folder = tempfile::tempdir().unwrap();
    let few = "shallow --images 100 --epochs 1";
    ok(folder.path(), &format!("{few} --runs 2 --seed 4"));
    let err = refused(folder.path(), &format!("{few} --runs 3 --seed 3 --lambda 0.5"));
    assert!(err.contains("runs/shallow-4.safetensors is of another run: lambda is 0.0 there"), "{err}");
    let err = refused(folder.path(), &format!("{few} --runs 2 --seed 4 --eta 0.3 --resume"));
    assert!(err.contains("runs/shallow-4-summary.json sums up other runs: eta is"), "{err}");
    fs::remove_file(folder.path().join("runs/shallow-5.safetensors")).unwrap();
    let out = ok(folder.path(), &format!("{few} --runs 3 --seed 4 --resume"));
    assert!(out.contains("shallow, 3 runs"), "{out}");
    let err = refused(folder.path(), &format!("{few} --runs 2 --seed 4 --resume"));
    assert!(err.contains("seed 6 is among them there, and not here"), "{err}");
}

#[test]
fn two_at_once_are_one_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let mut first =
        train(folder.path(), "shallow --images 200 --epochs 100000").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(first.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("epoch  0")));
    for more in ["", " --resume", " --replace", " --eta 0.5"] {
        let (code, _, err) = run(folder.path(), &format!("shallow --images 200 --epochs 2{more}"));
        assert_eq!(code, 1);
        assert!(err.contains("another program is training runs/shallow-1 at the moment"), "{err}");
    }
    ok(folder.path(), "shallow --images 200 --epochs 1 --seed 2");
    first.kill().unwrap();
    first.wait().unwrap();
    let (_, _, err) = run(folder.path(), "shallow --images 200 --epochs 2");
    assert!(err.contains("epochs are done already"), "the lock of a dead program holds nobody up: {err}");
}

/// Two runs that end in one record: the second to come finds that the first was there.
#[test]
fn a_record_that_came_meanwhile_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let mut slow = train(folder.path(), "shallow --images 100 --epochs 400 --record one.json");
    let mut slow = slow.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(slow.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(out.any(|line| line.starts_with("epoch  0")));
    ok(folder.path(), "shallow --images 100 --epochs 1 --seed 2 --record one.json");
    assert!(out.by_ref().count() > 0, "it ended too early to test anything");
    let output = slow.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && err.contains("one.json is of another run: seed is 2 there and 1 here"),
        "{err}"
    );
    assert_eq!(Record::read(folder.path().join("one.json")).unwrap().seed, 2);
    assert_eq!(Record::read(folder.path().join("runs/shallow-1.json")).unwrap().epochs.len(), 400, "nothing is lost");
}

/// What is done is done, and what would replace another run is named; the others are trained.
#[test]
fn all_experiments() {
    let folder = tempfile::tempdir().unwrap();
    ok(folder.path(), "shallow --images 10 --epochs 1 --eta 0.7");
    let all = "--all --images 10 --epochs 1";
    let trained = |out: &str| out.lines().filter(|line| line.starts_with("best epoch")).count();
    for (times, expected) in [(1, 30), (2, 0)] {
        let (code, out, err) = run(folder.path(), all);
        assert_eq!(code, 1, "{err}");
        assert!(trained(&out) >= expected && (expected > 0 || trained(&out) == 0), "{times}: {out}");
        assert!(err.contains("error: shallow: runs/shallow-1.safetensors is of another run: eta is"), "{err}");
        assert!(err.ends_with("these did not finish: shallow\n"), "{err}");
        // Each says how many there are, and, once one is done, how long they will take.
        let said: Vec<_> = out.lines().filter(|line| line.contains(" to go, ")).collect();
        let timed = |line: &&&str| line.ends_with("at the speed of those that are done");
        let (first, rest) = (times == 1, said.len() - said.iter().filter(timed).count());
        assert_eq!((said.len() > expected, rest > 0), (true, first), "{said:?}");
        assert!(said[said.len() - 1].starts_with("——— 1 to go, about a minute "), "{said:?}");
    }
    fs::remove_file(folder.path().join("runs/shallow-1.safetensors")).unwrap();
    fs::remove_file(folder.path().join("runs/shallow-1.json")).unwrap();
    let out = ok(folder.path(), all);
    assert!(trained(&out) == 1 && out.contains("ensemble is done"), "{out}");
}

/// A habit that makes no difference to an experiment makes none: it has no dropout, and the last mini-batch is full.
/// Others do.
#[test]
fn one_habit_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let trained = |but: &str| {
        let out =
            ok(folder.path(), &format!("two-conv-relu --images 100 --epochs 1 --faithful --record one.json {but}"));
        let record = Record::read(folder.path().join("one.json")).unwrap();
        fs::remove_file(folder.path().join("one.json")).unwrap();
        (out, record.configuration.habits, (record.epochs[0].train_cost, record.epochs[0].norms.clone()))
    };
    let (_, faithful, as_it_is) = trained("");
    for (but, words, same) in [
        ("masks", "the chapter's habits but for masks", true),
        ("last-batch", "the chapter's habits but for last batch", true),
        ("initialisation", "the chapter's habits but for initialisation", false),
        ("ties", "the chapter's habits but for ties", false),
        ("order", "the chapter's habits but for order", false),
        ("order,ties,initialisation,masks", "today's habits but for last batch", false),
    ] {
        let (out, habits, what_came_of_it) = trained(&format!("--but {but}"));
        assert!(out.contains(words) && !out.contains("of another run"), "{but}: {out}");
        assert_eq!(habits.differences(faithful).len(), but.split(',').count(), "{but}");
        assert_eq!(what_came_of_it == as_it_is, same, "{but}");
    }
    assert!(folder.path().join("runs/two-conv-relu-but-order-1.json").is_file());
    let (code, _, err) = run(folder.path(), "shallow --but luck");
    assert!(code == 2 && err.contains("initialisation, ties, masks, order, last-batch"), "{err}");
}

/// Distorted images, a schedule of its own and momentum: what an experiment has is kept unless the command line says
/// otherwise, is in its record, and belongs to its checkpoint.
#[test]
fn beyond_the_chapter() {
    let folder = tempfile::tempdir().unwrap();
    let out = ok(folder.path(), "own-network --images 60 --epochs 1 --record one.json");
    assert!(out.contains("distorted anew in every epoch: elastic α = ") && out.contains("momentum 0.9"), "{out}");
    let own = experiments::find("own-network").unwrap();
    let configuration = Record::read(folder.path().join("one.json")).unwrap().configuration;
    assert_eq!(configuration.distortion, own.distortion);
    assert_eq!((configuration.eta, configuration.momentum), (own.hyper_parameters.eta.to_string(), 0.9));
    let out = ok(folder.path(), "own-network --images 60 --epochs 2 --resume --threads 1");
    assert!(out.contains("1 epochs are done already") && out.contains("epoch  1"), "{out}");
    let err = refused(folder.path(), "own-network --images 60 --epochs 2 --eta 0.01 --resume");
    assert!(err.contains("eta is \"0.02, falling to") && err.contains("and \"0.01\" here"), "{err}");

    // The same network without the distortion is another run.
    ok(folder.path(), "perceptron --images 60 --epochs 1");
    fs::rename(
        folder.path().join("runs/perceptron-1.safetensors"),
        folder.path().join("runs/perceptron-distorted-1.safetensors"),
    )
    .unwrap();
    let err = refused(folder.path(), "perceptron-distorted --images 60 --epochs 2 --resume");
    assert!(err.contains("is of another run: distortion is null there and {\"alpha\":"), "{err}");
}

/// Six epochs are not two.
#[test]
fn fewer_epochs_than_there_are() {
    let folder = tempfile::tempdir().unwrap();
    ok(folder.path(), "shallow --images 100 --epochs 6");
    let err = refused(folder.path(), "shallow --images 100 --epochs 2 --resume");
    assert!(err.contains("6 epochs are done already, and 2 are asked for"), "{err}");
    let record = Record::read(folder.path().join("runs/shallow-1.json")).unwrap();
    assert_eq!((record.epochs.len(), record.configuration.stopping.as_str()), (6, "after 6 epochs"));
    let out = ok(folder.path(), "shallow --images 100 --epochs 6 --resume");
    assert!(out.contains("6 epochs are done already") && out.contains("best epoch"), "{out}");
}

#[test]
fn what_may_go_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let warned = |args: &str, words: &str| {
        let (code, out, err) = run(folder.path(), &format!("{args} --images 200 --epochs 1 --replace"));
        assert!(code == 0 && err.starts_with("warning: ") && err.contains(words), "{args}: {out}{err}");
    };
    let more = std::thread::available_parallelism().unwrap().get() + 1;
    warned(&format!("shallow --threads {more}"), &format!("{more} threads on {} cores", more - 1));
    // So large a step kills every unit of the first layer.
    warned("two-conv-relu --eta 5", "no gradient comes through layer 1 ConvPool");
    let (_, out, _) = run(folder.path(), "two-conv-relu --eta 5 --images 200 --epochs 2 --replace");
    assert!(out.matches("  no gradient").count() == 2 && !out.contains("best so far"), "{out}");
    let sorted = folder.path().join("sorted");
    pictures(&sorted, |i, _| (i / 24) as u8); // 240 images, of ten classes: 24 each
    let (_, _, err) = run(folder.path(), "shallow --data sorted --epochs 1 --folder sorted-runs");
    assert!(err.contains("of class 9 there are images") && err.contains("sorted by class"), "{err}");
}
