//! The checks, checked: solutions pass, and every wrong answer is caught by the check that is there to catch it, with a
//! message that is kept in `judge/golden`. `GOLDEN=write cargo test -p judge` writes the messages anew.

use judge::{Check, Verdict, Wrong};
use std::{env, fs, panic::AssertUnwindSafe, path::Path};

#[test]
fn solutions_pass() {
    for exercise in judge::plug!(solutions) {
        for check in exercise.checks {
            let verdict = run(&check);
            assert_eq!(verdict, Ok(()), "{}: {} · {}", exercise.name, check.function, check.name);
        }
    }
}

#[test]
fn wrong_answers_are_caught() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut written = vec![];
    for wrong in judge::wrong_answers() {
        let name = format!("{}/{}", &wrong.exercise.name[..4], wrong.name);
        let failed = wrong.exercise.checks.iter().find_map(|check| Some((check, run(check).err()?)));
        let (check, message) = failed.unwrap_or_else(|| panic!("{name} is caught by no check"));
        assert_eq!((check.function, check.name), wrong.caught_by, "{name} is caught by another check: {message}");
        assert!(message.cause.is_some(), "{name} is caught without a likely cause: {message}");
        let text = format!("{} · {}\n{message}\n", check.function, check.name);
        let path = golden.join(&name).with_extension("txt");
        if env::var("GOLDEN").is_ok_and(|what| what == "write") {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let known = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(text, known, "{name}: the message is not the one in judge/golden");
        written.push(path);
    }
    for folder in fs::read_dir(&golden).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let file = file.unwrap().path();
            assert!(written.contains(&file), "{}: no wrong answer of that name", file.display());
        }
    }
}

#[test]
fn no_trivial_answer_passes_a_check() {
    for exercise in judge::trivial_answers() {
        for check in exercise.checks {
            assert!(
                run(&check).is_err(),
                "{}: a trivial answer passes {} · {}",
                exercise.name,
                check.function,
                check.name
            );
        }
    }
}

/// A panic is a wrong answer, too.
fn run(check: &Check) -> Verdict {
    std::panic::catch_unwind(AssertUnwindSafe(|| (check.run)())).unwrap_or_else(|panic| {
        let message =
            panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()));
        Err(Wrong::new(format!("panicked: {}", message.unwrap_or_default())).because("it panicked"))
    })
}
