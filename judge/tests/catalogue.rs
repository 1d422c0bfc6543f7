//! The checks, checked: solutions pass, and every wrong answer is caught by the check that is there to catch it, with a
//! message that is kept in `judge/golden`. `GOLDEN=write cargo test -p judge` writes the messages anew.

use cpu_time::ThreadTime;
use judge::{Check, Verdict, Wrong};
use std::{collections::BTreeSet, env, fs, panic::AssertUnwindSafe, path::Path};

// The hints' program, as far as it turns pages of the book into text.
#[path = "../../exercises/board/catalogue.rs"]
#[allow(dead_code)]
mod catalogue;
#[path = "../../exercises/board/formula.rs"]
mod formula;
#[path = "../../exercises/board/hints.rs"]
#[allow(dead_code)]
mod hints;
#[path = "../../exercises/board/text.rs"]
#[allow(dead_code)]
mod text;

#[test]
fn solutions_pass_within_five_seconds() {
    for exercise in judge::plug!(solutions) {
        let seconds = || {
            // Of the processor: other tests run at the same time.
            let start = ThreadTime::now();
            for check in &exercise.checks {
                assert_eq!(run(check), Ok(()), "{}: {} · {}", exercise.name, check.function, check.name);
            }
            start.elapsed().as_secs_f64()
        };
        let seconds = seconds();
        assert!(seconds < 5.0, "{} takes {seconds:.1} seconds, more than five", exercise.name);
    }
}

#[test]
fn wrong_answers_are_caught() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let (mut written, mut errors) = (vec![], vec![]);
    for wrong in judge::wrong_answers() {
        let name = format!("{}/{}", &wrong.exercise.name[..4], wrong.name);
        let failed = wrong.exercise.checks.iter().find_map(|check| Some((check, run(check).err()?)));
        let Some((check, message)) = failed else {
            errors.push(format!("{name} is caught by no check"));
            continue;
        };
        if (check.function, check.name) != wrong.caught_by {
            errors.push(format!("{name} is caught by another check, {} · {}: {message}", check.function, check.name));
        }
        if message.cause().is_none() {
            errors.push(format!("{name} is caught without a likely cause: {message}"));
        }
        let text = format!("{} · {}\n{message}\n", check.function, check.name);
        let path = golden.join(&name).with_extension("txt");
        if env::var("GOLDEN").is_ok_and(|what| what == "write") {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            errors.push(format!("{name}: the message is not the one in judge/golden:\n{text}"));
        }
        written.push(path);
    }
    assert!(errors.is_empty(), "{}", errors.join("\n\n"));
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

/// What there is to write in an exercise.
fn functions(name: &str) -> Vec<String> {
    let exercise = judge::plug!(solutions).into_iter().find(|exercise| exercise.name == name);
    let mut functions: Vec<String> = vec![];
    for check in exercise.iter().flat_map(|exercise| &exercise.checks) {
        if !functions.iter().any(|function| function == check.function) {
            functions.push(check.function.into());
        }
    }
    functions
}

/// The modules of all exercises.
fn names() -> Vec<&'static str> {
    judge::plug!(solutions).iter().map(|exercise| exercise.name).collect()
}

#[test]
fn all_are_there() {
    let numbers: Vec<String> = names().iter().map(|name| name[2..4].into()).collect();
    let all: Vec<String> = (1..=25).map(|number| format!("{number:02}")).collect();
    assert_eq!(numbers, all, "exercises in `plug!`, in order");
    // Each solution is plugged in.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let files =
        fs::read_dir(root.join("solutions")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = files.filter(|file| file.starts_with("ex")).collect();
    assert_eq!(files, names().iter().map(|name| format!("{name}.rs")).collect());
}

#[test]
fn every_exercise_has_all_its_parts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |path: String| fs::read_to_string(root.join(&path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let placeholder = |text: &str| text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).count() < 5;
    for name in names() {
        let hints = read(format!("judge/src/{name}/hints.md"));
        let sections: Vec<_> = hints.split("## ").skip(1).filter_map(|section| section.split_once('\n')).collect();
        let titles: Vec<_> = sections.iter().map(|(title, _)| *title).collect();
        assert_eq!(titles, ["1", "2", "3"], "judge/src/{name}/hints.md: three sections, ## 1 to ## 3");
        for (title, hint) in sections {
            assert!(!placeholder(hint), "judge/src/{name}/hints.md: hint {title} says nothing");
            let functions = functions(name);
            for function in &functions {
                let said = hints::of_function(hint, &functions, function);
                assert!(!placeholder(&said), "judge/src/{name}/hints.md: hint {title} says nothing of {function}");
                let said = text::wrapped(&said, 60);
                assert!(!said.contains(['$', '\\']), "judge/src/{name}/hints.md: not for a terminal: {said}");
                let wide =
                    said.lines().find(|line| textwrap::core::display_width(line) > 60 && !line.starts_with("    "));
                assert_eq!(wide, None, "judge/src/{name}/hints.md, hint {title}");
            }
        }
        let reflection = read(format!("judge/src/{name}/reflection.md"));
        assert!(!placeholder(&reflection), "judge/src/{name}/reflection.md says nothing");
        let said = text::wrapped(&reflection, 80);
        assert!(!said.contains(['$', '\\']) && !said.contains("{{"), "judge/src/{name}/reflection.md: {said}");
        let order = read("judge/src/by_ease.txt".into());
        assert!(order.split_whitespace().any(|n| n == &name[2..4]), "judge/src/by_ease.txt does not have {name}");
        // The reader's file is only known to be there: what it holds is the reader's.
        read(format!("exercises/{name}.rs"));
        for file in ["exercises/judge.rs", "exercises/by_reader.rs"] {
            assert!(read(file.into()).contains(&format!("\nmod {name};\n")), "{file} has no `mod {name};`");
        }
        let wrong = judge::wrong_answers().iter().filter(|wrong| wrong.exercise.name == name).count();
        assert!(wrong >= 3, "{name} has {wrong} wrong answers; three at least are wanted");
        let trivial = judge::trivial_answers().iter().filter(|exercise| exercise.name == name).count();
        assert!(trivial >= 2, "{name} has {trivial} trivial answers; zero and the input returned, say, are wanted");
    }
}

#[test]
fn no_wrong_answer_is_left_without_a_word() {
    for exercise in judge::plug!(solutions) {
        for check in &exercise.checks {
            assert!(check.otherwise.is_some(), "{}: {} has no words in `otherwise`", exercise.name, check.function);
        }
    }
}

#[test]
fn every_function_is_judged() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for exercise in judge::plug!(solutions) {
        let solution = fs::read_to_string(root.join("solutions").join(exercise.name).with_extension("rs")).unwrap();
        let stub = stubs::stub(&solution).unwrap();
        let named = |function: &str| function.rsplit("::").next().unwrap().to_string();
        let judged: BTreeSet<String> = exercise.checks.iter().map(|check| named(check.function)).collect();
        // A function of a stub is a line that begins so, and everything there is to write is one.
        let begun = |line: &str| Some(line.trim_start().strip_prefix("pub fn ")?.split(['(', '<']).next()?.to_string());
        let written: BTreeSet<String> = stub.lines().filter_map(begun).collect();
        assert_eq!(judged, written, "{}: functions that are judged, and functions that there are", exercise.name);
    }
}

/// A panic is a wrong answer, too.
fn run(check: &Check) -> Verdict {
    std::panic::catch_unwind(AssertUnwindSafe(|| check.judge())).unwrap_or_else(|panic| {
        let message =
            panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()));
        Err(Wrong::new(format!("panicked: {}", message.unwrap_or_default())).because("it panicked"))
    })
}
