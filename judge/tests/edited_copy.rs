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
        // The same lints, which the package inherits, and the same profile, so that dependencies are built already; no
        // need for speed in what has to be built again.
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
        said(&mut command)
    }

    fn test(&self) -> Said {
        self.cargo(&["test", "--test", "judge"])
    }

    fn board(&self) -> Said {
        self.cargo(&["run", "--bin", "exercises"])
    }

    /// The exercises' program as it has been built, called in this folder of the copy, and not by cargo.
    fn program(&self, folder: &str, arguments: &[&str]) -> Said {
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("debug/exercises");
        let mut command = Command::new(program.with_extension(std::env::consts::EXE_EXTENSION));
        said(command.args(arguments).current_dir(self.0.path().join(folder)).env_remove("CARGO_MANIFEST_DIR"))
    }
}

fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { ok: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
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
    // The path begins with 03, and a terminal has eighty columns.
    assert!(board.ok && board.out.starts_with("03  tanh"), "{}\n{}", board.out, board.err);
    assert!(board.out.ends_with("\nNext: tanh, in exercises/ex03_tanh.rs\n"), "{}", board.out);
    assert!(
        board.out.contains(&format!("\n0 of 25 exercises done, 0 of {functions} functions right\n")),
        "{}",
        board.out
    );
    let widest = board.out.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|widest| widest <= 80) && !board.out.contains('\x1b'), "{widest:?}: {}", board.out);

    nextest(&copy, functions);

    copy.write_tanh("f64::tanh(z)");
    let right = copy.test();
    assert_eq!((right.ok, right.outcome("ex03::tanh"), right.count("ignored, ")), (true, "ok", functions - 1));

    copy.write_tanh("2.0 * z");
    let wrong = copy.test();
    assert_eq!((wrong.ok, wrong.outcome("ex03::tanh"), wrong.count("ignored, ")), (false, "FAILED", functions - 1));
    let line = 1 + fs::read_to_string(copy.file()).unwrap().lines().position(|l| l.contains("fn tanh(")).unwrap();
    assert!(wrong.out.contains(&format!("\nopen: exercises/ex03_tanh.rs:{line}\n")), "{}", wrong.out);
    let board = copy.board();
    assert!(board.ok && board.out.contains("\nWrong: tanh of exercise 03. Why: cargo judge 03\n"), "{}", board.out);

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

    changed_functions(&copy, functions);
    done(&copy);

    copy.write_tanh("1 + y");
    let board = copy.board();
    assert!(!board.ok && board.out.is_empty());
    assert!(board.err.contains("cannot find value `y`"), "the compiler's words are shown: {}", board.err);
    assert!(board.err.contains("error: exercises/ex03_tanh.rs does not compile; see above"), "{}", board.err);
    // Hints do not wait until it compiles.
    let hint = copy.cargo(&["run", "--bin", "exercises", "hint", "03"]);
    assert!(hint.ok && hint.out.starts_with("03  tanh: tanh_prime, hint 1 of 3\n"), "{}\n{}", hint.out, hint.err);
    hints(&copy);

    fs::remove_file(copy.file()).unwrap();
    let board = copy.board();
    assert!(
        board.err.contains("exercises/ex03_tanh.rs is missing; `git checkout exercises/ex03_tanh.rs` brings it back")
    );
}

/// cargo-nextest asks for a list of all tests and for one of those that are ignored, and skips the latter.
fn nextest(copy: &Copy, functions: usize) {
    let list = |more: &[&str]| {
        let said = copy.cargo(&[&["test", "--test", "judge", "--", "--list", "--format", "terse"], more].concat());
        said.out.lines().filter(|line| line.ends_with(": test")).count()
    };
    assert_eq!([list(&[]), list(&["--ignored"])], [functions, functions]);
    copy.write_tanh("z");
    assert_eq!([list(&[]), list(&["--ignored"])], [functions, functions - 1]);
}

/// A function that has another name, or takes something else, is named with its place, and stops nothing.
fn changed_functions(copy: &Copy, functions: usize) {
    copy.write_tanh("f64::tanh(z)");
    let text = fs::read_to_string(copy.file()).unwrap();
    let renamed = text.replace("pub fn tanh_prime(", "pub fn tanh_slope(");
    let line = 1 + text.lines().position(|line| line.contains("pub fn learning_rates(")).unwrap();
    let other = renamed.replace("learning_rates(eta: f64,", "learning_rates(eta: f32,");
    fs::write(copy.file(), other + "\n#[test]\nfn mine() {\n    assert_eq!(tanh(0.0), 0.0);\n}\n").unwrap();
    let said = copy.test();
    assert_eq!((said.ok, said.outcome("ex03::tanh"), said.count("ignored, ")), (false, "ok", functions - 3));
    assert_eq!([said.outcome("ex03::tanh_prime"), said.outcome("ex03::learning_rates")], ["FAILED", "FAILED"]);
    let words = "there is no function `tanh_prime` in exercises/ex03_tanh.rs; `tanh_slope`, in line ";
    assert!(said.out.contains(words), "{}", said.out);
    let place =
        format!("exercises/ex03_tanh.rs:{line}: `learning_rates` takes or returns something else than it should");
    assert!(said.out.contains(&place), "{}", said.out);
    // A test of the reader's own.
    let own = copy.cargo(&["test", "--test", "by_reader", "ex03"]);
    assert!(own.ok && own.out.contains("test ex03_tanh::mine ... ok"), "{}\n{}", own.out, own.err);
}

/// What an exercise shows is told to whoever has done it.
fn done(copy: &Copy) {
    let reflection = copy.program("exercises", &["reflection", "3"]);
    assert!(!reflection.ok && reflection.out.is_empty(), "{}", reflection.out);
    assert!(
        reflection.err.contains("\nerror: exercise 03 is not done, 1 of 5 functions are right"),
        "{}",
        reflection.err
    );
    fs::copy(copy.0.path().join("solutions/ex03_tanh.rs"), copy.file()).unwrap();
    let reflection = copy.cargo(&["run", "--bin", "exercises", "reflection", "03"]);
    assert!(reflection.ok && reflection.out.starts_with("03  tanh: what it shows\n\nSo what"), "{}", reflection.err);
    assert!(!reflection.out.contains(['$', '{', '\\']) && reflection.out.contains("16 η"), "{}", reflection.out);
    let board = copy.board();
    assert!(board.out.contains("\n1 of 25 exercises done, 5 of "), "{}", board.out);
}

/// Hints are those of the folder that they are asked for in, wherever the program was built, and nobody is refused one.
fn hints(copy: &Copy) {
    let other = Copy::new().unwrap();
    let path = other.0.path().join("judge/src/ex03_tanh/hints.md");
    fs::write(&path, "## 1\n\nFor all.\n\n`tanh`: For $\\tanh$ alone.\n\n`tanh_prime`: Not.\n\n## 2\n\n## 3\n")
        .unwrap();
    let hint = other.program("exercises", &["hint", "ex03", "tanh"]);
    assert_eq!(hint.out, "03  tanh: tanh, hint 1 of 3\n\nFor all.\n\nFor tanh alone.\n", "{}", hint.err);
    assert_eq!(fs::read_to_string(other.0.path().join("runs/hints.txt")).unwrap(), "03::tanh 1\n");
    // A counter that cannot be written.
    let runs = copy.0.path().join("runs");
    fs::remove_dir_all(&runs).unwrap();
    fs::write(&runs, "").unwrap();
    let hint = copy.program("", &["hint", "13", "2"]);
    assert!(
        hint.ok && hint.out.contains("forward, hint 2 of 3\n\n") && hint.out.contains("(Not noted down"),
        "{}",
        hint.out
    );
    let outside = copy.program("..", &["hint", "13"]);
    assert!(!outside.ok && outside.err.contains("is not in the repository"), "{}", outside.err);
}
