//! What `cargo test` says of answers of every kind.

use std::process::{Command, Output};

/// What the program with the made-up answers says to these arguments.
fn made_up(arguments: &[&str]) -> (bool, String) {
    let program = env!("CARGO_BIN_EXE_made_up");
    let Output { status, stdout, .. } = Command::new(program).args(arguments).output().unwrap();
    (status.success(), String::from_utf8(stdout).unwrap())
}

/// Judges one function: its outcome, the message of its failure, if any.
fn judge(function: &str) -> (String, String) {
    let (_, said) = made_up(&["--exact", &format!("ex90::{function}")]);
    let outcome = said.lines().find_map(|line| line.split_once(" ... ")).unwrap_or_else(|| panic!("{said}")).1;
    let message = said.split_once(" ----\n").and_then(|(_, rest)| rest.split_once("\n\n")).unwrap_or_default().0;
    (outcome.into(), message.into())
}

/// The function fails, with all of this in its message.
#[track_caller]
fn fails(function: &str, with: &[&str]) {
    let (outcome, message) = judge(function);
    assert_eq!(outcome, "FAILED", "{message}");
    with.iter()
        .for_each(|text| assert!(message.contains(text), "{function} has no \"{text}\" in its message:\n{message}"));
}

#[test]
fn right_answers_pass() {
    assert_eq!(judge("right"), ("ok".into(), "".into()));
}

#[test]
fn what_is_not_started_is_ignored() {
    let here = "judge/tests/states/made_up.rs";
    let reason = |function: &str, start: &str| {
        let (outcome, message) = judge(function);
        assert!(
            outcome.starts_with(&format!("ignored, {start}: {here}:")) && message.is_empty(),
            "{outcome}\n{message}"
        );
    };
    reason("not_started", "not started");
    reason("half_started", "not started");
    reason("needs_another", "needs `not_started`, not started");
}

#[test]
fn wrong_answers_fail_with_a_message() {
    fails("wrong", &["first: expected 1, got 7\nlikely cause: no idea\n"]);
    fails("wrong", &["\nopen: exercises/ex90_states.rs\n", "\nhint: cargo run --bin exercises -- hint 90\n"]);
    fails("wrong", &["\nprinted:\non the way"]);
}

#[test]
fn panics_are_reported_with_their_place() {
    fails("panics", &["first: it panicked at judge/tests/states/made_up.rs:", ": of its own accord"]);
    fails("panics_in_a_thread", &["index out of bounds: the len is 2 but the index is 2"]);
}

#[test]
fn what_never_ends_is_stopped() {
    let late = "first: it did not finish in 2 seconds, and was stopped\nlikely cause: a loop that never ends";
    fails("loops", &[late]);
    fails("prints_for_ever", &[late, "again again", "\n[…]\n"]);
    let (_, message) = judge("prints_for_ever");
    assert!(message.len() < 6000, "{} bytes are too much to print", message.len());
}

#[test]
fn what_ends_the_program_is_reported() {
    fails("overflows_the_stack", &["first: the stack overflowed\nlikely cause: a function that calls itself"]);
    fails("aborts", &["first: it ended the program ("]);
    fails("ends_the_program", &["first: it ended the program ("]);
    fails("asks_for_too_much", &["first: it asked for more memory than there is"]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_takes_all_memory_is_stopped() {
    fails("takes_all_memory", &["first: it took more than 200 MB of memory, and was stopped"]);
}

#[test]
fn a_broken_check_is_our_mistake() {
    let (outcome, message) = judge("broken_check");
    assert_eq!(outcome, "BROKEN CHECK");
    assert!(
        message.starts_with("This check of ex90::broken_check is broken: that is our mistake, not yours."),
        "{message}"
    );
    assert!(message.ends_with("first, with your answer: expected 2, got 1\nlikely cause: no idea\nfirst, with our solution: expected 2, got 1\nlikely cause: no idea"), "{message}");
    assert_eq!(judge("broken_check_that_loops").0, "BROKEN CHECK");
}

#[test]
fn none_takes_the_others_down() {
    let (ok, said) = made_up(&["--test-threads", "4"]);
    assert!(!ok);
    let count = |outcome: &str| said.lines().filter(|line| line.contains(&format!(" ... {outcome}"))).count();
    assert_eq!(["ok", "ignored, ", "FAILED", "BROKEN CHECK"].map(count), [3, 3, 10, 2], "{said}");
    let done = said.find("\nex91: done. Read on: the next chapter\n").unwrap_or_else(|| panic!("{said}"));
    let summary =
        said.find("\ntest result: FAILED. 3 passed; 12 failed; 3 ignored; 0 measured; 0 filtered out;").unwrap();
    assert!(done < summary && !said.contains("ex90: done"));
}

#[test]
fn names_select() {
    assert_eq!(made_up(&["--list", "ex91"]), (true, "ex91::one: test\nex91::two: test\n".into()));
    assert_eq!(made_up(&["--list", "--ignored"]), (true, String::new()));
    let (ok, said) = made_up(&["ex91", "--skip", "two", "-q"]);
    assert!(ok && said.contains("\nrunning 1 test\n.\ntest result: ok. 1 passed;"), "{said}");
    assert!(!said.contains("Read on"), "an exercise is done when all of it has been judged");
}
