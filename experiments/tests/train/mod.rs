//! The program `train`, started from outside.

use std::{path::Path, process::Command};

/// `train`, in a folder of its own, where there is no MNIST.
pub fn train(folder: &Path, args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
    command.current_dir(folder).env_remove("MNIST_DIR").args(args.split_whitespace());
    command
}

/// Exit code, standard output, standard error.
pub fn run(folder: &Path, args: &str) -> (i32, String, String) {
    let output = train(folder, args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

pub fn ok(folder: &Path, args: &str) -> String {
    let (code, out, err) = run(folder, args);
    let errors: Vec<_> = err.lines().filter(|line| !line.starts_with("warning: ")).collect();
    assert_eq!((code, errors), (0, vec![]), "{args}\n{out}");
    out
}
