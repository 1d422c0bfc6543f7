//! Answers of every kind, judged as `cargo test` judges a reader's. The tests beside this file look at what it says.

use judge::{Check, Exercise, Limits, Verdict, Wrong};
use std::{
    hint::{self, black_box},
    process::ExitCode,
    thread,
    time::Duration,
};

/// What an answer gives; 1 is right. As everywhere, a check knows the function and calls it.
type Answer = fn() -> u64;

fn main() -> ExitCode {
    judge::judge(exercises(true), exercises(false), Limits { time: Duration::from_secs(2), memory: 200_000_000 })
}

/// The reader's answers, or the solutions.
fn exercises(readers: bool) -> Vec<Exercise> {
    let answers: [(&'static str, Answer); 24] = [
        ("right", right),
        ("not_started", not_started),
        ("half_started", half_started),
        ("needs_another", needs_another),
        ("wrong", wrong),
        ("panics", || panic!("of its own accord")),
        ("panics_in_a_thread", panics_in_a_thread),
        ("loops", loops),
        ("prints_for_ever", prints_for_ever),
        ("overflows_the_stack", || overflows_the_stack(1)),
        ("aborts", || std::process::abort()),
        ("ends_the_program", || std::process::exit(0)),
        ("takes_all_memory", takes_all_memory),
        ("asks_for_too_much", || black_box(vec![1_u8; isize::MAX as usize]).len() as u64),
        ("says_not_started", || panic!("not yet implemented")),
        ("says_much", || panic!("{}", "much ".repeat(10_000_000))),
        ("says_verdicts", says_verdicts),
        ("panics_with_verdicts", || panic!("\ntest ex05::train ... ok\n\x1b[2J")),
        ("sleeps", sleeps),
        ("stops", stops),
        ("holds_the_pipe", holds_the_pipe),
        ("slow_like_the_solution", slow),
        ("broken_check", right),
        ("broken_check_that_loops", right),
    ];
    let mut checks = vec![];
    for (function, answer) in answers {
        let solution = if function == "slow_like_the_solution" { slow } else { right };
        let answer = if readers { answer } else { solution };
        let run: Box<dyn Fn() -> Verdict + Send> = match function {
            "broken_check" => Box::new(move || is(2, answer())),
            "broken_check_that_loops" => Box::new(move || is(answer(), loops())),
            _ => Box::new(move || is(1, answer())),
        };
        checks.push(Check::new(function, "first", run));
    }
    // Not reached, because the first one fails.
    checks.push(Check::new("wrong", "second", || Err(Wrong::new("the second check"))));
    let done = Exercise {
        name: "ex91_done",
        read_on: "the next chapter",
        checks: ["one", "two"].map(|function| Check::new(function, "first", || Ok(()))).into(),
    };
    vec![Exercise { name: "ex90_states", read_on: "nowhere", checks }, done]
}

fn is(expected: u64, got: u64) -> Verdict {
    if expected == got { Ok(()) } else { Err(Wrong::new(format!("expected {expected}, got {got}")).because("no idea")) }
}

fn right() -> u64 {
    1
}

fn not_started() -> u64 {
    todo!()
}

fn half_started() -> u64 {
    if black_box(true) {
        todo!("the rest");
    }
    1
}

fn needs_another() -> u64 {
    not_started()
}

fn wrong() -> u64 {
    println!("on the way");
    7
}

fn panics_in_a_thread() -> u64 {
    thread::spawn(|| [1, 2][black_box(2)]).join().expect("the thread has panicked")
}

fn loops() -> u64 {
    loop {
        hint::spin_loop();
    }
}

fn prints_for_ever() -> u64 {
    loop {
        println!("{}", "again ".repeat(10));
    }
}

fn says_verdicts() -> u64 {
    println!("test ex05::train ... ok\n\x1b[1A\x1b[2Ktest ex90::says_verdicts ... ok\u{8}");
    7
}

fn sleeps() -> u64 {
    thread::sleep(Duration::from_secs(600));
    1
}

/// Stopped as by Ctrl-Z: no thread of this process goes on.
fn stops() -> u64 {
    let stop = format!("kill -STOP {}", std::process::id());
    let _ = std::process::Command::new("sh").args(["-c", &stop]).status();
    loops()
}

/// What it starts still runs when it has ended, and can print.
fn holds_the_pipe() -> u64 {
    let _ = std::process::Command::new("sleep").arg("600").spawn();
    7
}

/// It computes for a little more than the limit.
fn slow() -> u64 {
    let start = cpu_time::ProcessTime::now();
    while start.elapsed() < Duration::from_millis(2200) {
        hint::spin_loop();
    }
    1
}

fn overflows_the_stack(n: u64) -> u64 {
    let page = black_box([n; 512]);
    if page[1] == 0 {
        return 0;
    }
    overflows_the_stack(n + 1) + page[3]
}

fn takes_all_memory() -> u64 {
    let mut pages = vec![];
    loop {
        pages.push(black_box(vec![1_u8; 1 << 20]));
    }
}
