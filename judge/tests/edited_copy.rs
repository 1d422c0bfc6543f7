//! A reader's evening: a copy of the exercises is edited, and `cargo test` and the board are asked what they say.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// What is said on stdout and stderr, and whether the program was content.
struct Said {
    ok: bool,
    out: String,
    err: String,
}

impl Said {
    /// The line of the judge about a function.
    #[track_caller]
    fn outcome(&self, function: &str) -> &str {
        let start = format!("test {function} ... ");
        let all = || panic!("nothing about {function}:\n{}\n{}", self.out, self.err);
        self.out.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_else(all)
    }

    /// How many functions came out so.
    fn count(&self, outcome: &str) -> usize {
        self.out.lines().filter(|line| line.starts_with("test ") && line.contains(&format!(" ... {outcome}"))).count()
    }
}

/// A copy of the repository, as far as the exercises go: they are stubs, and everything else is where it was.
struct Copy(tempfile::TempDir);

impl Copy {
    fn new() -> io::Result<Copy> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let copy = Copy(tempfile::tempdir()?);
        let at = |name: &str| copy.0.path().join(name);
        for folder in ["exercises", "solutions", "judge/src"] {
            copy_folder(&root.join(folder), &at(folder))?;
        }
        for solution in fs::read_dir(root.join("solutions"))? {
            let solution = solution?.path();
            let name = solution.file_name().unwrap().to_str().unwrap();
            if name.starts_with("ex") {
                fs::write(at("exercises").join(name), stubs::stub(&fs::read_to_string(&solution)?).unwrap())?;
            }
        }
        let manifest = fs::read_to_string(root.join("exercises/Cargo.toml"))?;
        let manifest = manifest.replace("path = \"..", &format!("path = \"{}", root.display()));
        // Under the same name, cargo would take what it built of the copy for what it built of the original.
        let manifest = manifest.replacen("name = \"exercises\"", "name = \"edited-copy\"", 1);
        fs::write(at("exercises/Cargo.toml"), manifest)?;
        // The same lints, which the package inherits, and the same profile, so that dependencies are built already; no need for speed in what has to be built again.
        let workspace = fs::read_to_string(root.join("Cargo.toml"))?;
        let at_heading = |heading: &str| workspace.find(heading).unwrap();
        let lints = &workspace[at_heading("[workspace.lints.rust]")..at_heading("[lints]")];
        let profiles = &workspace[at_heading("[profile.dev]")..];
        let slow =
            ["network3", "judge", "solutions"].map(|name| format!("[profile.dev.package.{name}]\nopt-level = 0\n"));
        let workspace = format!(
            "[workspace]\nmembers = [\"exercises\"]\nresolver = \"3\"\n\n{lints}\n{profiles}\n{}",
            slow.concat()
        );
        fs::write(at("Cargo.toml"), workspace)?;
        fs::copy(root.join("Cargo.lock"), at("Cargo.lock"))?;
        Ok(copy)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("exercises/ex03_tanh.rs")
    }

    /// Puts a body in the place of the `todo!()` of `tanh`, and keeps the rest.
    fn write_tanh(&self, body: &str) {
        let solution = fs::read_to_string(self.0.path().join("solutions/ex03_tanh.rs")).unwrap();
        let stub = stubs::stub(&solution).unwrap();
        let head = "pub fn tanh(z: f64) -> f64 {\n    ";
        let edited = stub.replace(&format!("{head}todo!()"), &format!("{head}{body}"));
        assert_ne!(stub, edited, "exercise 03 has another tanh");
        fs::write(self.file(), edited).unwrap();
    }

    fn cargo(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(self.0.path()).env("CARGO_NET_OFFLINE", "true");
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { ok: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn test(&self) -> Said {
        self.cargo(&["test", "--test", "judge"])
    }

    fn board(&self) -> Said {
        self.cargo(&["run", "--bin", "exercises"])
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        // What is copied is new, and so it is built.
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?
        } else {
            fs::write(to, fs::read(entry.path())?)?
        }
    }
    Ok(())
}

#[test]
fn an_evening() {
    let copy = Copy::new().unwrap();

    let fresh = copy.test();
    assert!(fresh.ok && !fresh.err.contains("warning"), "{}\n{}", fresh.out, fresh.err);
    let functions = fresh.count("");
    // Some need another function first: a reader's own format is read by who wrote it.
    let waiting = fresh.count("ignored, not started: exercises/ex") + fresh.count("ignored, needs `");
    assert_eq!(waiting, functions, "{}", fresh.out);
    assert!(fresh.out.contains("\ntest result: ok. 0 passed; 0 failed; "));
    let board = copy.board();
    assert!(board.ok && board.out.contains("\nNext: open exercises/ex"), "{}\n{}", board.out, board.err);

    copy.write_tanh("f64::tanh(z)");
    let right = copy.test();
    assert_eq!((right.ok, right.outcome("ex03::tanh"), right.count("ignored, ")), (true, "ok", functions - 1));

    copy.write_tanh("2.0 * z");
    let wrong = copy.test();
    assert_eq!((wrong.ok, wrong.outcome("ex03::tanh"), wrong.count("ignored, ")), (false, "FAILED", functions - 1));
    let line = 1 + fs::read_to_string(copy.file()).unwrap().lines().position(|l| l.contains("fn tanh(")).unwrap();
    assert!(wrong.out.contains(&format!("\nopen: exercises/ex03_tanh.rs:{line}\n")), "{}", wrong.out);
    let board = copy.board();
    assert!(
        board.ok && board.out.contains("✗ tanh") && board.out.contains("\nWhat is wrong: cargo test -p exercises ex03"),
        "{}",
        board.out
    );

    // The panic begins in another crate; the line is the reader's.
    copy.write_tanh("ndarray::arr1(&[z])[1]");
    let panics = copy.test();
    assert_eq!((panics.outcome("ex03::tanh"), panics.count("ignored, ")), ("FAILED", functions - 1));
    assert!(panics.out.contains(&format!("it panicked at exercises/ex03_tanh.rs:{}: ", line + 1)), "{}", panics.out);

    copy.write_tanh("tanh(z + 1.0) + 1.0");
    let overflows = copy.test();
    assert_eq!((overflows.outcome("ex03::tanh"), overflows.count("ignored, ")), ("FAILED", functions - 1));
    assert!(overflows.out.contains("the stack overflowed"), "{}", overflows.out);

    copy.write_tanh("loop {}");
    let loops = copy.test();
    assert_eq!((loops.outcome("ex03::tanh"), loops.count("ignored, ")), ("FAILED", functions - 1));
    assert!(loops.out.contains("it did not finish in 10 seconds"), "{}", loops.out);

    copy.write_tanh("1 + y");
    let board = copy.board();
    assert!(!board.ok && board.out.is_empty());
    assert!(board.err.contains("cannot find value `y`"), "the compiler's words are shown: {}", board.err);
    assert!(board.err.contains("error: exercises/ex03_tanh.rs does not compile; see above"), "{}", board.err);
    // Hints do not wait until it compiles.
    let hint = copy.cargo(&["run", "--bin", "exercises", "hint", "03"]);
    assert!(hint.ok && hint.out.starts_with("03 ") && hint.out.contains("hint 1 of 3"), "{}\n{}", hint.out, hint.err);

    fs::remove_file(copy.file()).unwrap();
    let board = copy.board();
    assert!(
        board.err.contains("exercises/ex03_tanh.rs is missing; `git checkout exercises/ex03_tanh.rs` brings it back")
    );
}
