//! What a run is, and that none is lost to another.

mod train;

use experiments::record::Record;
use flate2::{Compression, write::GzEncoder};
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

/// All files below a folder with their contents.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect();
    files.sort();
    files
}

/// The message with which a run is refused, having changed nothing in the folder `runs`.
fn refused(folder: &Path, args: &str) -> String {
    let before = contents(&folder.join("runs"));
    let (code, out, err) = run(folder, args);
    assert_eq!(code, 1, "{args}: {out}{err}");
    assert!(!out.contains("epoch  "), "it trained before it refused: {out}");
    assert!(contents(&folder.join("runs")) == before, "{args} changed something: {err}");
    err
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
            assert!(err.contains("--replace trains anew") && err.contains("--folder NAME"), "{err}");
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

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{FileTypeExt, symlink};
    use std::process::Command;

    #[test]
    fn records_and_networks_go_into_pipes_and_through_links() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("store")).unwrap();
        fs::write(at("store/model"), "old").unwrap();
        symlink("store/model", at("link")).unwrap();
        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let mut child = train(folder.path(), "shallow --images 50 --epochs 1 --record pipe --save link");
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let record = fs::read(at("pipe")).unwrap();
        assert!(child.wait().unwrap().success());
        assert!(record == fs::read(at("runs/shallow-1.json")).unwrap());
        assert!(fs::metadata(at("pipe")).unwrap().file_type().is_fifo() && at("link").is_symlink());
        assert!(network3::model_file::load(at("store/model")).is_ok());

        let out = run(folder.path(), "shallow --images 50 --epochs 1 --seed 2 --record /dev/null --save /dev/null");
        assert_eq!(out.0, 0, "{}", out.2);
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        // A link to a checkpoint is that checkpoint.
        symlink("runs/shallow-1.safetensors", at("other")).unwrap();
        let err = refused(folder.path(), "shallow --images 50 --epochs 2 --resume --save other");
        assert!(err.contains("two things would be written to other"), "{err}");
        let err = refused(folder.path(), "shallow --images 50 --epochs 2 --seed 2 --resume --save other");
        assert!(err.contains("other holds a run that is not finished"), "{err}");
    }

    /// Ctrl-C leaves the files of the run and nothing else, whenever it comes.
    #[test]
    fn interruptions_leave_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join("runs");
        for k in 0..12 {
            let run = "shallow --images 50 --epochs 100000 --resume";
            let mut child = train(folder.path(), run).stdout(Stdio::piped()).spawn().unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
            assert!(lines.any(|line| line.starts_with("epoch")), "it has begun");
            std::thread::sleep(std::time::Duration::from_millis(7 * k % 50));
            let signal = if k % 2 == 0 { "-INT" } else { "-TERM" };
            assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
            drop(lines);
            use std::os::unix::process::ExitStatusExt;
            assert_eq!(child.wait().unwrap().signal(), Some(if k % 2 == 0 { 2 } else { 15 }));
            let names: Vec<_> = contents(&runs).into_iter().map(|(name, _)| name).collect();
            assert!(names.len() == 1 && names[0].ends_with("runs/shallow-1.safetensors"), "{names:?}");
        }
        // What a program left that was killed outright goes with the next run.
        fs::write(runs.join(".shallow-1.safetensors.a1B2c3.tmp"), "half").unwrap();
        let err = run(folder.path(), "shallow --images 50 --eta 0.5").2;
        assert!(err.contains("is of another run"), "{err}");
        assert_eq!(contents(&runs).len(), 1);
    }

    /// Found out before the first epoch, and not after it.
    #[test]
    fn a_checkpoint_must_have_room() {
        let folder = tempfile::tempdir().unwrap();
        let limited = |blocks: usize| {
            // Files may have so many blocks, of 512 or 1024 bytes; what is written beyond is an error, and no signal.
            let script = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" shallow --images 50 --epochs 1");
            let mut shell = Command::new("sh");
            shell.args(["-c", &script, env!("CARGO_BIN_EXE_train")]).current_dir(folder.path()).env_remove("MNIST_DIR");
            let output = shell.output().unwrap();
            (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
        };
        // 79,510 numbers of four bytes, twice.
        let (code, out, err) = limited(500);
        assert_eq!(code, Some(1), "{out}{err}");
        assert!(
            err.contains("runs/shallow-1.safetensors cannot be written: there is no room for 645296 bytes"),
            "{err}"
        );
        assert!(!out.contains("epoch  0"), "{out}");
        assert_eq!(limited(5000).0, Some(0));
    }

    #[test]
    fn a_list_that_cannot_be_written_is_a_failure() {
        if !Path::new("/dev/full").exists() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        for list in ["--list", "--list --json"] {
            let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let output = train(folder.path(), list).stdout(full).output().unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success() && err.starts_with("error: writing the list: "), "{list}: {err}");
            // Who has read enough, and closes the pipe, is no failure.
            let mut child = train(folder.path(), list).stdout(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            assert!(child.wait().unwrap().success());
        }
    }
}
