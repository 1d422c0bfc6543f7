//! Everything that can be wrong with a book is said, with file and line, and keeps it from being built.

mod common;

use common::{PAGE, book, build, write};
use std::fs;

/// A book whose page says `new` where `old` was.
fn broken(name: &str, old: &str, new: &str) -> String {
    assert!(PAGE.contains(old), "{old}");
    let folder = book(name);
    write(&folder, "book/pages/page.md", &PAGE.replacen(old, new, 1));
    build(&folder).expect_err(new)
}

/// A book in which another file says something else, or is not there.
fn broken_file(name: &str, file: &str, text: Option<&str>) -> String {
    let folder = book(name);
    match text {
        Some(text) => write(&folder, file, text),
        None => fs::remove_file(folder.join(file)).unwrap(),
    }
    build(&folder).expect_err(file)
}

/// Is this all that is said? What follows "…" is the parser's own.
fn is(error: &str, said: &str) -> bool {
    let said = format!("error: {said}");
    match said.strip_suffix('…') {
        Some(beginning) => error.starts_with(beginning) && error.trim_end().lines().count() == said.lines().count(),
        None => error == said + "\n",
    }
}

#[test]
fn on_the_page() {
    let cases = [
        // Code.
        ("src/a.rs add", "src/a.rs ad", "5: src/a.rs has no item `ad`; did you mean `add`?"),
        ("src/a.rs add", "src/b.rs add", "5: there is no file src/b.rs; did you mean `a.rs`?"),
        (
            "src/a.rs add",
            "src/a.rs S::f",
            "5: src/a.rs has 2 items `S::f`; say which: `impl S::f` in line 17, `impl Clone for S::f` in line 20",
        ),
        (
            "src/a.rs add",
            "src/a.rs tests",
            "5: src/a.rs has no item `tests`; there is `S`, `S::f`, `T`, `add`, `impl Clone for S`, `impl S`, `twice`, `twice::add`",
        ),
        ("src/a.rs add", "src/a.rs add | region r", "5: src/a.rs has no line `// region: r` in `add`"),
        (
            "src/a.rs add",
            "src/a.rs add | doc",
            "5: {{#code}} knows no option `doc`; it has `| no doc`, `| docs`, `| region`",
        ),
        ("{{#code src", "See {{#code src", "5: {{#code}} needs a line of its own, without indent"),
        ("{{#code src/a.rs add}}", "{{#code src/a.rs", "5: {{# without }} on the same line"),
        ("{{#code", "{{#cod", "5: weave knows no {{#cod}}; did you mean `code`?"),
        // Numbers.
        ("net.test", "nett.test", "3: there is no record figures/records/nett.json; did you mean `net`?"),
        (
            "net.test_accuracy",
            "net.best.test_acuracy",
            "3: net.best has no `test_acuracy`; did you mean `test_accuracy`?",
        ),
        (
            "net.test_accuracy | percent 1",
            "net.epochs.0.cost",
            "3: net.epochs.0.cost: 0.1234567 has many decimals: say how to show it, `| round 3` or `| percent 2`",
        ),
        (
            "net.test_accuracy",
            "network.net.parameters",
            "3: no output of `train -- --list --json` is kept; `cargo run -p weave -- output --write` runs it and keeps it",
        ),
        // Figures.
        (
            "{{#figure dot}}",
            "{{#figure dott}}",
            "3: no page has figure dot; did you mean `dott`?\nerror: book/pages/page.md:7: there is no figure figures/dott.svg (`cargo run --bin figures` draws all there are); did you mean `dot`?",
        ),
        (
            "{{#figure dot}}",
            "{{#figure dot}}\n\n{{#figure dot}}",
            "9: figure dot stands in book/pages/page.md already: {{#ref figure dot}} leads there",
        ),
        ("{{#ref figure dot}}", "{{#ref figure dt}}", "3: no page has figure dt; did you mean `dot`?"),
        (
            "{{#ref figure dot}}",
            "{{#ref table dot}}",
            "3: a reference is {{#ref figure NAME}} or {{#ref exercise NN}}, not to `table`",
        ),
        // Exercises.
        (
            "{{#exercise 03}}",
            "{{#exercise 04}}",
            "15: there is no exercises/ex04_*.rs; did you mean `03`?\nerror: book/pages/page.md:22: there is no exercises/ex04_*.rs; did you mean `03`?\nerror: book/pages/page.md:24: there is no exercises/ex04_*.rs; did you mean `03`?",
        ),
        (
            "{{#wrong-answers}}",
            "{{#verdict ex03/nosign}}",
            "30: there is no file judge/golden/ex03/nosign.txt; did you mean `no_sign.txt`?",
        ),
        // Output.
        (
            "{{#output hello -- --world}}",
            "{{#output hello -- --world}}\n\n{{#output hello -- --word}}",
            "13: no output of `hello -- --word` is kept; `cargo run -p weave -- output --write` runs it and keeps it",
        ),
        // Formulas.
        (
            "$x_{i}$",
            "$x_{i$",
            "3: a $ that makes no formula: is one missing, or a brace, or is there a space inside it? A dollar is \\$",
        ),
        ("$x_{i}$", "$\\nonsense$", "3: the formula `\\nonsense` is no LaTeX: …"),
        ("$x_{i}$", "$x \\tag{1}$", "3: only a formula in $$…$$ can have a \\tag"),
        // Rust that is not run.
        (
            "<!-- ignore: it never ends -->\n",
            "",
            "17: an `ignore` that nobody explains: put <!-- ignore: why --> right above, or let it run",
        ),
        (
            "<!-- ignore: it never ends -->\n```rust,ignore",
            "```",
            "17: a fence without a language: `cargo test` would take it for Rust; write ```text or ```rust",
        ),
        (
            "Some",
            "    some\n\nSome",
            "3: code by indent: `cargo test` would take it for Rust; write it between ```text and ```",
        ),
        // Links.
        (
            "(#below)",
            "(#bellow)",
            "3: the link to `#bellow` is broken: book/pages/page.md has no anchor `bellow`; did you mean `below`?",
        ),
        (
            "(#equation-BP1)",
            "(#equation-BP2)",
            "3: the link to `#equation-BP2` is broken: book/pages/page.md has no anchor `equation-BP2`; did you mean `equation-BP1`?",
        ),
        (
            "(#below)",
            "(pagge.md)",
            "3: the link to `pagge.md` is broken: there is no page book/pages/pagge.md; did you mean `book/pages/page.md`?",
        ),
        (
            "(#below)",
            "(../../src/a.rs)",
            "3: the link to `../../src/a.rs` is broken: there is no file src/a.rs in the book",
        ),
        ("[(BP1)](#equation-BP1)", "(BP1)", "3: the equation (BP1) is named without a link: [(BP1)](#equation-BP1)"),
        ("{{#hints}}", "{{#reflection 04}}", "22: no page has exercise 04"),
        ("(#below)", "[nowhere]", "3: no [nowhere]: stands anywhere on this page; write where the link leads"),
        (
            "## Below",
            "## Below $x$",
            "3: the link to `#below` is broken: book/pages/page.md has no anchor `below`; there is `a-page`, `below-x`, `dot-x`, `equation-BP1`, `exercise-03`, `figure-dot`, `hints-03`, `reflection-03`, `wrong-03`, `wrong-03-no_sign`\nerror: book/pages/page.md:13: a heading with a formula or a number in it needs an anchor of its own: # Heading {#anchor}",
        ),
    ];
    let differ = cases.into_iter().enumerate().filter_map(|(case, (old, new, said))| {
        let error = broken(&format!("page-{case}"), old, new);
        let said = format!("book/pages/page.md:{said}");
        (!is(&error, &said)).then(|| format!("{new}\n{error}not\nerror: {said}"))
    });
    let differ: Vec<_> = differ.collect();
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
}

#[test]
fn beside_the_page() {
    let cases = [
        (
            "figures/dot.svg",
            None,
            "book/pages/page.md:7: there is no figure figures/dot.svg (`cargo run --bin figures` draws all there are)",
        ),
        (
            "figures/dot.svg",
            Some("<svg width=\"9\"><title>T</title></svg>"),
            "book/pages/page.md:7: figures/dot.svg has no <desc>: that is its text alternative",
        ),
        (
            "figures/dot.svg",
            Some("<svg width=\"760\"><title>T</title><desc>D</desc><text font-size=\"14\"/></svg>"),
            "book/pages/page.md:7: figures/dot.svg is too wide for a phone: at 350 pixels of its 760 units, words of 14 units are 6.4 pixels high, and 11 can be read",
        ),
        (
            "figures/records/net.json",
            Some("{"),
            "book/pages/page.md:3: figures/records/net.json: EOF while parsing an object at line 1 column 1",
        ),
        ("src/a.rs", Some("\nfn add( {}"), "book/pages/page.md:5: src/a.rs:2: …"),
        (
            "src/book.rs",
            Some(""),
            "src/book.rs:1: `cargo test` does not know book/pages/page.md: add #[doc = include_str!(\"../book/pages/page.md\")]",
        ),
        ("book/pages/stray.md", Some(""), "book/pages/stray.md:1: SUMMARY.md does not list this page"),
        ("book/output/old.txt", Some(""), "book/output/old.txt:1: no page shows this output: remove the file"),
        (
            "book/output/hello-world.txt",
            None,
            "book/pages/page.md:11: no output of `hello -- --world` is kept; `cargo run -p weave -- output --write` runs it and keeps it",
        ),
        (
            "exercises/ex03_more.rs",
            Some(""),
            "book/pages/page.md:15: exercises has more than one file ex03_*.rs\nerror: book/pages/page.md:22: exercises has more than one file ex03_*.rs\nerror: book/pages/page.md:24: exercises has more than one file ex03_*.rs\nerror: book/pages/page.md:30: exercises has more than one file ex03_*.rs",
        ),
        (
            "exercises/ex03_tanh.rs",
            Some("//! tanh"),
            "book/pages/page.md:15: exercises/ex03_tanh.rs has to begin with its title: `//! # …`\nerror: book/pages/page.md:22: exercises/ex03_tanh.rs has to begin with its title: `//! # …`\nerror: book/pages/page.md:24: exercises/ex03_tanh.rs has to begin with its title: `//! # …`\nerror: book/pages/page.md:30: exercises/ex03_tanh.rs has to begin with its title: `//! # …`",
        ),
        (
            "exercises/ex03_tanh.rs",
            Some("//! # tanh\n//!\n//! $\\tan_$"),
            "exercises/ex03_tanh.rs:3: the formula `\\tan_` is no LaTeX: …",
        ),
        (
            "judge/src/ex03_tanh/hints.md",
            None,
            "book/pages/page.md:15: there is no file judge/src/ex03_tanh/hints.md; there is `reflection.md`\nerror: book/pages/page.md:22: there is no file judge/src/ex03_tanh/hints.md; there is `reflection.md`\nerror: book/pages/page.md:24: there is no file judge/src/ex03_tanh/hints.md; there is `reflection.md`",
        ),
        (
            "judge/src/ex03_tanh/hints.md",
            Some("Look."),
            "book/pages/page.md:22: judge/src/ex03_tanh/hints.md has no hints: each begins with a line `## 1`",
        ),
        (
            "judge/src/ex03_tanh/hints.md",
            Some("## 1\n\n## 2\n\n$\\nonsense$"),
            "judge/src/ex03_tanh/hints.md:5: the formula `\\nonsense` is no LaTeX: …",
        ),
        (
            "judge/golden/ex03/no_sign.txt",
            Some("tanh · odd\n"),
            "book/pages/page.md:30: judge/golden/ex03/no_sign.txt has to say in its first line which check it is, and then what that says",
        ),
    ];
    let differ = cases.into_iter().enumerate().filter_map(|(case, (file, text, said))| {
        let error = broken_file(&format!("file-{case}"), file, text);
        (!is(&error, said)).then(|| format!("{file}\n{error}not\nerror: {said}"))
    });
    let differ: Vec<_> = differ.collect();
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
}
