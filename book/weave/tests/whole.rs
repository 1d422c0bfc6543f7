//! A book in which nothing is wrong, and the commands.

mod common;

use common::{PAGE, book, build, weave, write};

#[test]
fn everything_is_in_its_place() {
    let page = build(&book("whole")).unwrap();
    let parts = [
        "Some 98.8\u{a0}% of <math display=\"inline\"><msub><mi>x</mi>",
        "</math>\u{2060}, [Figure\u{a0}1](#figure-dot)",
        "<p class=\"place\"><a href=\"https://x.y/z/blob/main/src/a.rs\"><code>src&#47;a.rs</code></a>; <code>add</code>, \
         <a href=\"https://x.y/z/blob/main/src/a.rs#L5-L8\">lines 5–8</a></p>\n\n\
         ```rust\n/// The sum.\npub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n```",
        "<figure id=\"figure-dot\">",
        "<svg width=\"99\" aria-label=\"A dot\">\n<g id=\"dot-x\" font-size=\"11\"/>\n</svg>",
        "<strong>Figure 1.</strong> A dot.",
        "<span class=\"equation\" id=\"equation-BP1\"><math display=\"block\">",
        "```console\n$ cargo run --bin hello -- --world\nhello\n```",
        "### Exercise 3: tanh {#exercise-03}\n\nWrite <math",
        "```rust\n/// tanh(z)\npub fn tanh(z: f64) -> f64;\n```",
        "Open `exercises/ex03_tanh.rs`, write what is missing, and run `cargo judge 03`. \
         If you are stuck, there are [hints](#hints-03). When it is right, read [what it shows](#reflection-03).",
        "### Exercise 3: tanh {#hints-03}\n\n[To the exercise](#exercise-03)",
        "<details class=\"hint\">\n<summary>Hint 1</summary>\n\nLook at <math",
        "<summary>Hint 2: Signs</summary>\n\nLook again.\n\n</details>",
        "### What Exercise 3 shows: tanh {#reflection-03}\n\n[To the exercise](#exercise-03)\n\nIt is odd, by [(BP1)](#equation-BP1).",
        "**Written so far: 1 of 2 chapters.**\n\n* [A page](page.md)\n* A draft (to come)\n",
        "<p class=\"title\">Title</p>\n<p>Contents</p>\n<ul>\n<li style=\"--depth: 1\">A page</li>\n<li class=\"draft\" style=\"--depth: 1\">A draft</li>\n</ul>",
        "### Exercise 3: tanh {#wrong-03}\n\n<div class=\"wrong-answer\" id=\"wrong-03-no_sign\">\n\
         <p><strong>no sign</strong>, caught by <em>tanh · odd</em></p>\n\n```text\nexpected -1, got <1>\nlikely cause: |z|\n```",
    ];
    let mut rest = page.as_str();
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("no\n{part}\nin\n{rest}"));
        rest = &rest[at + part.len()..];
    }
    assert!(!page.contains("{{#"), "{page}");
    let folder = book("verdict");
    write(&folder, "book/pages/page.md", &PAGE.replace("{{#wrong-answers}}", "{{#verdict ex03/no_sign}}"));
    let verdict = "```text\nexpected -1, got <1>\nlikely cause: |z|\n```";
    assert!(build(&folder).unwrap().contains(verdict));
}

/// A reflection that stands where the text goes on from it stands nowhere else, and is where the exercise leads.
#[test]
fn a_reflection_in_the_text() {
    let folder = book("reflection");
    write(&folder, "book/pages/page.md", &PAGE.replace("## Below", "## Below\n\n{{#reflection 03}}"));
    let page = build(&folder).unwrap();
    assert_eq!(page.matches("It is odd,").count(), 1, "{page}");
    assert!(page.find("It is odd,") < page.find("{#exercise-03}"), "{page}");
    assert!(page.contains("{#way-to-reflection-03}\n\nIt stands [in the text](#reflection-03)."), "{page}");
}

/// The book must not break while an exercise is being written.
#[test]
fn a_stub_in_the_middle_of_an_edit() {
    let folder = book("edit");
    let before = build(&folder).unwrap();
    write(
        &folder,
        "solutions/ex03_tanh.rs",
        "//! # tanh\n//!\n//! Write $\\tanh$.\n\n/// tanh(z)\npub fn tanh(z: f64) -> f64 {\n    z.tanh()\n}\n",
    );
    write(&folder, "exercises/ex03_tanh.rs", "//! # tanh\n\npub fn tanh(z: f64) -> f64 {\n    if z <\n");
    assert_eq!(build(&folder).unwrap(), before);
}

#[test]
fn all_of_a_file_and_parts_of_it() {
    let folder = book("parts");
    let source = "//! Doc.\n\nuse std::fmt;\n\n/// Long.\nfn long() {\n    start();\n    // region: middle\n    middle();\n\n    more();\n    // endregion: middle\n}\n\n\
                  impl<R> Display for X<R> {\n    /// F.\n    fn f() {}\n}\n\n#[cfg(test)]\nmod tests {\n}\n";
    write(&folder, "src/a.rs", source);
    let code = |directive: &str| {
        write(&folder, "book/pages/page.md", &PAGE.replace("{{#code src/a.rs add}}", directive));
        let page = build(&folder).unwrap();
        page.split("```rust\n").nth(1).unwrap().split("\n```").next().unwrap().to_string()
    };
    assert_eq!(code("{{#code src/a.rs long | region middle}}"), "middle();\n\nmore();");
    assert_eq!(
        code("{{#code src/a.rs X::f, long | no doc}}"),
        "fn f() {}\n\nfn long() {\n    start();\n    middle();\n\n    more();\n}"
    );
    assert_eq!(
        code("{{#code src/a.rs impl Display for X}}"),
        "impl<R> Display for X<R> {\n    /// F.\n    fn f() {}\n}"
    );
    assert_eq!(code("{{#code src/a.rs impl Display for X::f | no doc}}"), "fn f() {}");
    let whole = code("{{#code src/a.rs}}");
    assert!(
        whole.starts_with("//! Doc.") && whole.ends_with("    fn f() {}\n}") && !whole.contains("region"),
        "{whole}"
    );
}

#[test]
fn coverage() {
    let folder = book("coverage");
    let text = |args: &[&str]| {
        let output = weave(&folder, args, "");
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        (output.status.success(), out + &err)
    };
    let (ok, report) = text(&["coverage"]);
    assert!(ok && report.contains("src/a.rs") && !report.contains("src/book.rs"), "{report}");
    // Shown: four lines of `add`, and the import with them.
    assert!(report.contains("all of src   29.4 %    12 of   17 lines missing"), "{report}");
    let (ok, missing) = text(&["coverage", "--missing", "src/a.rs"]);
    assert!(ok && missing.starts_with("    1  //! Sums.\n   10  mod twice {\n"), "{missing}");
    assert_eq!(
        text(&["coverage", "--missing", "src/b.rs"]),
        (false, "error: src/b.rs:1: no such file is counted; did you mean `src/a.rs`?\n".into())
    );
    assert!(text(&["coverage", "--require", "29"]).0);
    let (ok, said) = text(&["coverage", "--require", "30"]);
    assert!(
        !ok && said.starts_with("error: book/pages:1: the pages show 29.4 % of src, and 30 % are required"),
        "{said}"
    );
}

#[test]
fn output_is_compared_and_written() {
    let folder = book("output");
    write(&folder, "Cargo.toml", "[package]\nname = \"hello\"\nedition = \"2024\"\n[workspace]\n");
    write(&folder, "Cargo.lock", "version = 4\n\n[[package]]\nname = \"hello\"\nversion = \"0.0.0\"\n");
    write(&folder, "src/main.rs", "fn main() {\n    println!(\"hello\");\n    println!(\"world\");\n}\n");
    let run = |args: &[&str]| {
        let output = weave(&folder, args, "");
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    let stale = "error: book/pages/page.md:11: book/output/hello-world.txt, the output of `hello -- --world`, is stale: line 2 is nothing, \
                 and would now be `world`; `cargo run -p weave -- output --write` renews it\n";
    assert_eq!(run(&["output", "--check"]), stale);
    write(&folder, "book/output/old.txt", "");
    assert_eq!(run(&["output", "--write"]), "book/output/hello-world.txt: written\nbook/output/old.txt: removed\n");
    assert_eq!(run(&["output", "--check"]), "book/output/hello-world.txt: up to date\n");
}

#[test]
fn the_command_line() {
    let folder = book("command-line");
    assert!(weave(&folder, &["supports", "html"], "").status.success());
    assert!(!weave(&folder, &["supports", "epub"], "").status.success());
    let said = String::from_utf8(weave(&folder, &["covrage"], "").stderr).unwrap();
    assert!(said.starts_with("error: this is not a command of weave. There are:\n\nweave "), "{said}");
    let said = String::from_utf8(weave(&folder, &[], "{}").stderr).unwrap();
    assert_eq!(said, "error: mdBook passes in a list of context and book, and this is another\n");
}
