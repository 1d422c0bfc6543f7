//! Pipes, links, full disks, interruptions.
#![cfg(unix)]

#[path = "train/folder.rs"]
mod folder;
mod train;

use folder::{contents, refused};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::{
        fs::{FileTypeExt, symlink},
        process::ExitStatusExt,
    },
    path::Path,
    process::{Command, Stdio},
};
use train::{ok, run, train};

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

    ok(folder.path(), "shallow --images 50 --epochs 1 --seed 2 --record /dev/null --save /dev/null");
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
    assert!(err.contains("runs/shallow-1.safetensors cannot be written: there is no room for 645296 bytes"), "{err}");
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
