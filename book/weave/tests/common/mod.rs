//! A small book in a folder of its own, with one of everything.

use serde_json::{Value, json};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

pub const PAGE: &str = "\
# A page

Some {{#result net.test_accuracy | percent 1}} of $x_{i}$, {{#ref figure dot}}, [below](#below), [(BP1)](#equation-BP1).

{{#code src/a.rs add}}

{{#figure dot}}

$$ a = b \\tag{BP1} $$

{{#output hello -- --world}}

## Below

{{#exercise 03}}

<!-- ignore: it never ends -->
```rust,ignore
loop {}
```

{{#hints}}

{{#reflections}}

{{#written}}

{{#cover}}

{{#wrong-answers}}
";

const FILES: [(&str, &str); 12] = [
    ("book.toml", ""),
    ("book/pages/SUMMARY.md", "# Title\n\n- [A page](page.md)\n- [A draft]()\n"),
    ("book/pages/page.md", PAGE),
    ("book/output/hello-world.txt", "hello\n"),
    ("src/book.rs", "#![cfg(doctest)]\n#[doc = include_str!(\"../book/pages/page.md\")]\nstruct Page;\n"),
    (
        "src/a.rs",
        "//! Sums.\n\nuse std::ops::Add;\n\n/// The sum.\npub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n\n\
         mod twice {\n    pub fn add() {}\n}\n\nstruct S;\nstruct T;\nimpl S {\n    fn f() {}\n}\nimpl Clone for S {\n    fn f() {}\n}\n\n\
         #[cfg(test)]\nmod tests {}\n",
    ),
    (
        "figures/dot.svg",
        "<svg width=\"99\" aria-labelledby=\"x\">\n<title>A dot.</title>\n<desc>A dot</desc>\n<g id=\"x\" font-size=\"11\"/>\n</svg>\n",
    ),
    ("figures/records/net.json", "{\"best\": {\"test_accuracy\": 0.98765}, \"epochs\": [{\"cost\": 0.1234567}]}"),
    (
        "exercises/ex03_tanh.rs",
        "//! # tanh\n//!\n//! Write $\\tanh$.\n\n/// tanh(z)\npub fn tanh(z: f64) -> f64 {\n    todo!()\n}\n",
    ),
    ("judge/src/ex03_tanh/hints.md", "## 1\n\nLook at $e^z$.\n\n## Signs\n\nLook again.\n"),
    ("judge/src/ex03_tanh/reflection.md", "It is odd, by (BP1).\n"),
    ("judge/golden/ex03/no_sign.txt", "tanh · odd\nexpected -1, got <1>\nlikely cause: |z|\n"),
];

/// The folder `name`, new, with the book in it.
pub fn book(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    for (file, text) in FILES {
        write(&folder, file, text);
    }
    folder
}

pub fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Runs weave there.
pub fn weave(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weave"));
    let command = command.args(args).current_dir(folder);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // weave may have said already what is wrong, and listen no more.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Weaves the one page as mdBook has it done: the page, or what is said of it.
pub fn build(folder: &Path) -> Result<String, String> {
    let page = fs::read_to_string(folder.join("book/pages/page.md")).unwrap();
    let chapter =
        json!({ "name": "A page", "content": page, "source_path": "page.md", "path": "page.md", "sub_items": [] });
    let draft = json!({ "name": "A draft", "content": "", "source_path": null, "path": null, "sub_items": [] });
    let book = json!({ "items": [{ "Chapter": chapter }, "Separator", { "Chapter": draft }] });
    let context =
        json!({ "root": folder, "config": { "output": { "html": { "git-repository-url": "https://x.y/z" } } } });
    let output = weave(folder, &[], &json!([context, book]).to_string());
    let said = String::from_utf8(output.stderr).unwrap();
    if !output.status.success() {
        return Err(said);
    }
    assert_eq!(said, "");
    let book: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(book["items"][2]["Chapter"], draft);
    Ok(book["items"][0]["Chapter"]["content"].as_str().unwrap().into())
}
