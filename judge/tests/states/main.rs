//! What `cargo test` says of answers of every kind.

use std::{
    process::{Command, Output},
    time::Instant,
};

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
    fails("wrong", &["\nopen: exercises/ex90_states.rs\n", "\nhint: cargo run --bin exercises -- hint 90 wrong\n"]);
    fails("wrong", &["\nprinted:\n    on the way"]);
}

#[test]
fn panics_are_reported_with_their_place() {
    fails("panics", &["first: it panicked at judge/tests/states/made_up.rs:", ": of its own accord"]);
    fails("panics_in_a_thread", &["index out of bounds: the len is 2 but the index is 2"]);
}

#[test]
fn what_never_ends_is_stopped() {
    let late = "first: it did not finish in 2 seconds (our solution takes 0.000), and was stopped\nlikely cause: a loop that never ends";
    fails("loops", &[late]);
    fails("prints_for_ever", &[late, "again again", "\n    […]\n"]);
    let (_, message) = judge("prints_for_ever");
    assert!(message.len() < 6000, "{} bytes are too much to print", message.len());
}

#[test]
fn what_waits_for_ever_is_stopped() {
    let start = Instant::now();
    let waited =
        "first: it waited for 2 seconds without doing anything, and was stopped\nlikely cause: it waits for what never";
    fails("sleeps", &[waited]);
    #[cfg(unix)]
    fails("stops", &[waited]);
    #[cfg(unix)]
    fails("holds_the_pipe", &["first: expected 1, got 7\n"]);
    let seconds = start.elapsed().as_secs();
    assert!(seconds < 60, "{seconds} seconds, where what is waited for would take ten minutes");
}

#[test]
fn what_takes_as_long_as_the_solution_is_not_stopped() {
    assert_eq!(judge("slow_like_the_solution").0, "ok");
}

#[test]
fn only_todo_is_not_started() {
    fails("says_not_started", &["first: it panicked at judge/tests/states/made_up.rs:", ": not yet implemented"]);
}

#[test]
fn an_answer_cannot_speak_for_the_judge() {
    for function in ["says_verdicts", "panics_with_verdicts"] {
        let (ok, said) = made_up(&["--exact", &format!("ex90::{function}")]);
        assert!(!ok && !said.contains('\x1b') && !said.contains('\u{8}'), "{said:?}");
        assert_eq!(said.lines().filter(|line| line.starts_with("test ex")).count(), 1, "{said}");
        assert!(said.contains("\n    test ex05::train ... ok\n"), "{said}");
    }
    let (_, message) = judge("says_much");
    assert!(message.contains("much much […] (50000000 bytes in all)\n") && message.len() < 2000, "{}", message.len());
}

#[test]
fn the_board_reads_what_no_answer_can_write() {
    let file = tempfile::NamedTempFile::new().unwrap();
    made_up(&["says_verdicts", "ex91", "not_started", "--outcomes", file.path().to_str().unwrap()]);
    let outcomes = std::fs::read_to_string(file.path()).unwrap();
    let expected = "ex90::not_started not-started\nex90::says_not_started wrong\nex90::says_verdicts wrong\nex91::one right\nex91::two right\n";
    assert_eq!(outcomes, expected);
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
    let count = |outcome: &str| {
        said.lines().filter(|line| line.starts_with("test ex") && line.contains(&format!(" ... {outcome}"))).count()
    };
    assert_eq!(["ok", "ignored, ", "FAILED", "BROKEN CHECK"].map(count), [4, 3, 17, 2], "{said}");
    let counts = said.find("\ntest result: FAILED. 4 passed; 19 failed; 3 ignored; 0 measured; 0 filtered out;");
    let done = said.find("\nex91: done. Read on: the next chapter\n");
    assert!(counts.is_some() && counts < done && !said.contains("ex90: done"), "{said}");
    assert!(
        said.ends_with(
            "\n1 of 2 exercises done, 4 of 26 functions. Next: ex90::not_started, exercises/ex90_states.rs\n"
        )
    );
}

#[test]
fn names_select() {
    let both = (true, "ex91::one: test\nex91::two: test\n".to_string());
    for name in ["ex91", "EX91", "91", "ex91_done", "exercises/ex91_done.rs"] {
        assert_eq!(made_up(&["--list", name]), both, "{name}");
    }
    let (ok, said) = made_up(&["ex91", "--skip", "two", "-q"]);
    assert!(ok && said.contains("\nrunning 1 test\n.\ntest result: ok. 1 passed;"), "{said}");
    assert!(!said.contains("Read on"), "an exercise is done when all of it has been judged");
    assert!(said.ends_with("\nex91: 1 of 2 right. All of it: cargo judge 91\n"), "{said}");
}

#[test]
fn what_there_is_not_is_never_green_and_empty() {
    for name in ["ex99", "ex91_tanh", "ex91::three", "rihgt"] {
        assert_eq!(made_up(&[name]), (false, String::new()), "{name}");
    }
    // It may be meant for the tests of the library, which take the same words.
    let (ok, said) = made_up(&["parity"]);
    assert!(ok && said.ends_with("\nNo function of an exercise is called parity.\n"), "{said}");
}

#[test]
fn done_is_the_last_word() {
    let (_, said) = made_up(&["ex91"]);
    let last = said.split_once("finished in ").and_then(|(_, rest)| rest.split_once("\n\n")).unwrap().1;
    let reward = "ex91: done. Read on: the next chapter\n  What it shows: cargo run --bin exercises -- reflection 91\n  What is next:  cargo run --bin exercises\n";
    assert_eq!(last, reward);
}
