//! Results of several runs, beside the chapter's and others', in pages and in README.md; and numbers that are typed.

mod common;

use common::{PAGE, book, build, weave, write};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A small book with a list of experiments, of which `a` has two runs, `b` none and `five` a vote.
fn with_runs(name: &str) -> PathBuf {
    let folder = book(name);
    let experiment =
        |name: &str, chapter: Value| json!({ "name": name, "chapter": chapter, "epochs": 2, "lambda": 0.1 });
    let list = json!([experiment("a", json!(0.98)), experiment("b", json!(null)), experiment("five", json!(0.99))]);
    write(&folder, "book/output/train-list-json.txt", &list.to_string());
    write(&folder, "figures/records/a.json", &run(1, 0.97, 0.981).to_string());
    write(&folder, "figures/records/a-2.json", &run(2, 0.96, 0.985).to_string());
    let configuration = run(1, 0.0, 0.0)["configuration"].clone();
    let vote = json!({ "configuration": configuration, "ensemble": { "vote_accuracy": 0.989 }, "runs": [{ "seed": 1 }, { "seed": 2 }] });
    write(&folder, "figures/records/five-summary.json", &vote.to_string());
    write(
        &folder,
        "book/cited.json",
        "{\"them\": {\"value\": 0.991, \"from\": \"a paper\"}, \"hearsay\": {\"value\": 1, \"from\": \" \"}}",
    );
    folder
}

fn run(seed: u64, validation: f64, test: f64) -> Value {
    json!({
        "configuration": {
            "data": "MNIST", "epochs": 2, "lambda": 0.1, "training_images": 600, "test_images": 1000, "expanded": true,
            "habits": { "initialisation": "fan-out", "order": "fixed" },
        },
        "seed": seed, "processor": "A_B", "threads": seed,
        "epochs": [{ "images_per_second": 100.0 * seed as f64 }, { "images_per_second": 50.0 }],
        "best": { "validation_accuracy": validation, "test_accuracy": test },
    })
}

/// What becomes of a page that says this instead of its first directive.
fn woven(folder: &Path, text: &str) -> Result<String, String> {
    // Nothing but the table and results ask for the list; where they do not, its file would be left over.
    let asks = if text.contains("{{#") { text.to_string() } else { format!("{text}\n\n{{{{#table a}}}}") };
    write(
        folder,
        "book/pages/page.md",
        &PAGE.replace("Some {{#result net.test_accuracy | percent 1}} of", &format!("{asks}\n\nOf")),
    );
    build(folder)
}

#[test]
fn a_table_with_the_chapters_way_and_the_range() {
    let folder = with_runs("table");
    let page = woven(&folder, "{{#table a b five}}").unwrap();
    for row in [
        "| experiment | Nielsen | ours | least | mean | most | runs |",
        // The run with the better validation accuracy has the worse test accuracy: that is what is reported.
        "| `a` | 98.00 | 98.10 | 98.10 | 98.30 | 98.50 | 2 |",
        "| `b` | – | – | – | – | – | – |",
        "| `five` | 99.00 | 98.90 | – | – | – | – |",
    ] {
        assert!(page.contains(&format!("{row}\n")), "{row}\nin\n{page}");
    }
    assert!(
        page.contains(
            "Not run yet: <code>b</code>; <code>cargo run --bin train -- NAME --faithful --record figures/records/NAME.json</code> makes a record."
        ),
        "{page}"
    );
    let page = woven(&folder, "{{#table a | short}}").unwrap();
    assert!(page.contains("| `a` | 98.00 | 98.10 | +0.10 |\n") && !page.contains("Least"), "{page}");

    // A run more, and nothing else is changed.
    write(&folder, "figures/records/b-1.json", &run(1, 0.9, 0.9).to_string());
    assert!(woven(&folder, "{{#table b}}").unwrap().contains("| `b` | – | 90.00 |  |  |  | 1 |\n"));
}

#[test]
fn only_what_can_be_compared_stands_beside_the_chapter() {
    let changes: [(&str, Value, &str); 4] = [
        ("/configuration/epochs", json!(3), "its epochs are 3, and would have to be 2"),
        ("/configuration/data", json!("digits"), "its images are \"digits\", and would have to be \"MNIST\""),
        ("/configuration/lambda", json!(0), "its λ is 0, and would have to be 0.1"),
        ("/configuration/habits/order", json!("shuffled"), "its order is \"shuffled\", and would have to be \"fixed\""),
    ];
    for (k, (place, value, said)) in changes.into_iter().enumerate() {
        let folder = with_runs(&format!("comparable-{k}"));
        let mut other = run(3, 0.9, 0.9);
        *other.pointer_mut(place).unwrap() = value;
        write(&folder, "figures/records/a-3.json", &other.to_string());
        let error = woven(&folder, "{{#table a}}").unwrap_err();
        assert!(
            error.contains(&format!("figures/records/a-3.json is no run of a: {said}; give it another name")),
            "{error}"
        );
        // Under another name nobody takes it for one.
        fs::rename(folder.join("figures/records/a-3.json"), folder.join("figures/records/a-other.json")).unwrap();
        woven(&folder, "{{#table a}}").unwrap();
    }
}

/// What goes beyond the chapter has today's habits, and no column for Nielsen.
#[test]
fn a_table_of_what_goes_beyond_the_chapter() {
    let folder = with_runs("beyond");
    let mut list: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("book/output/train-list-json.txt")).unwrap()).unwrap();
    let further = json!({ "name": "further", "chapter": null, "epochs": 2, "lambda": 0.1, "beyond": true });
    list.as_array_mut().unwrap().push(further);
    write(&folder, "book/output/train-list-json.txt", &list.to_string());
    let table = "{{#table further}} \n\n{{#run further}}\n\n{{#result runs.all.count}} runs of the chapter";
    let page = woven(&folder, table).unwrap();
    assert!(page.contains("<code>cargo run --bin train -- NAME --record figures/records/NAME.json</code>"), "{page}");
    assert!(page.contains("\ncargo run --bin train -- further\n") && page.contains("2 runs of the chapter"), "{page}");
    let mut record = run(1, 0.97, 0.981);
    write(&folder, "figures/records/further.json", &record.to_string());
    let error = woven(&folder, table).unwrap_err();
    assert!(error.contains("its initialisation is \"fan-out\", and would have to be \"fan-in\""), "{error}");
    record["configuration"]["habits"] = json!({ "initialisation": "fan-in", "order": "shuffled" });
    write(&folder, "figures/records/further.json", &record.to_string());
    let page = woven(&folder, table).unwrap();
    assert!(page.contains("| experiment | ours | least | mean | most | runs |\n"), "{page}");
    assert!(page.contains("| `further` | 98.10 |  |  |  | 1 |\n"), "{page}");
    assert!(page.contains("2 runs of the chapter"), "{page}");
    let page = woven(&folder, "{{#table a further | short}}").unwrap();
    assert!(page.contains("| `further` | – | 98.10 | – |\n"), "{page}");
}

#[test]
fn numbers_over_runs_and_of_others() {
    let folder = with_runs("numbers");
    let says = |directive: &str| {
        let page = woven(&folder, &format!("Here {{{{#{directive}}}}} is, {{{{#result chapter.a}}}}."))?;
        Ok(page.split("Here ").nth(1).unwrap().split(" is,").next().unwrap().to_string())
    };
    let expected = [
        ("result runs.a.mean | percent 1", "98.3\u{a0}%"),
        ("result runs.a.most_wrong", "19"),
        ("result runs.a.least_wrong", "15"),
        ("result runs.a.wrong", "19"),
        ("result runs.five.wrong", "11"),
        ("result runs.a.count", "2"),
        // 3,000 images an epoch, at 200 and at 50 a second.
        ("result runs.a.seconds | duration", "75 seconds"),
        ("result runs.all.count", "2"),
        ("result runs.all.seconds | duration", "2 minutes"),
        ("result cited.them | percent 1", "99.1\u{a0}%"),
        ("given 90 %", "90\u{a0}%"),
    ];
    for (directive, said) in expected {
        assert_eq!(says(directive), Ok::<_, String>(said.into()), "{directive}");
    }
    let refused = [
        ("result runs.b.mean", "no run of b is recorded yet; `train -- b --faithful --record` makes one"),
        ("result runs.c.mean", "no experiment is called `c.mean`"),
        ("result cited.the", "book/cited.json has no `the`; did you mean `them`?"),
        ("result cited.hearsay", "book/cited.json does not say where `hearsay` is from: \"from\""),
        ("given", "{{#given}} which number? {{#given 90 %}}"),
    ];
    for (directive, said) in refused {
        let error = says(directive).unwrap_err();
        assert!(error.contains(said), "{directive}: {error}");
    }
}

#[test]
fn how_to_run_it() {
    let folder = with_runs("run");
    let page = woven(&folder, "{{#run a b --seed 2}}").unwrap();
    assert!(
        page.contains(
            "`a`, the quickest of our runs, trained for 75 seconds (A&#95;B, 2 threads); of `b` we have no run yet."
        ),
        "{page}"
    );
    let commands =
        "```sh\ncargo run --bin train -- a --faithful --seed 2\ncargo run --bin train -- b --faithful --seed 2\n```";
    assert!(page.contains(commands), "{page}");
    // An ensemble has networks, those of `a` here, and each takes as long as the quickest of them: twice 75 seconds
    let page = woven(&folder, "{{#run five}}").unwrap();
    assert!(
        page.contains(
            "`five`, each of the 2 networks as long as the quickest, trained for 2 minutes (A&#95;B, 2 threads)."
        ),
        "{page}"
    );
    // With a habit given up, it is that run which tells the time.
    write(&folder, "figures/records/a-but-order.json", &run(4, 0.97, 0.98).to_string());
    let page = woven(&folder, "{{#run a --but order}}").unwrap();
    assert!(
        page.contains("`a` trained for 68 seconds (A&#95;B, 4 threads).")
            && page.contains("a --faithful --but order\n"),
        "{page}"
    );
    let page = woven(&folder, "{{#run a b --but ties}}").unwrap();
    assert!(page.contains("With us, of `a` and `b` we have no run yet."), "{page}");
    assert!(woven(&folder, "{{#run c}}").unwrap_err().contains("no experiment is called `c`"));
}

#[test]
fn a_typed_measurement_keeps_the_book_from_being_built() {
    let folder = with_runs("typed");
    let error = woven(&folder, "It took\nfour hours.").unwrap_err();
    assert!(
        error.starts_with("error: book/pages/page.md:4: a time is typed here, “four hours”, and nobody will notice"),
        "{error}"
    );
    for typed in
        ["98.2 % of", "77 mistakes", "1,400 images a second", "<summary>3 minutes</summary>", "[2 errors](#below)"]
    {
        assert!(woven(&folder, typed).unwrap_err().contains("is typed here"), "{typed}");
    }
    for fine in ["`98.2 %`", "{{#given 98.2 %}} {{#table a}}", "28×28 images", "sixty epochs", "in 1998 images"] {
        let said = woven(&folder, &fine.replace(" {{#table", "\n\n{{#table"));
        assert!(!said.clone().is_err_and(|e| e.contains("is typed")), "{fine}: {said:?}");
    }
}

#[test]
fn a_readme_is_kept_true() {
    let folder = with_runs("readme");
    let readme = |text: &str, what: &str| {
        write(&folder, "README.md", text);
        let output = weave(&folder, &["readme", what], "");
        (
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
            fs::read_to_string(folder.join("README.md")).unwrap(),
        )
    };
    let stale = "# R\n\nIt reads <!-- {{#result runs.a.mean | percent}} -->7 %<!-- / --> of them.\n\n<!-- {{#table a | short}} --><!-- / -->\n\n\
                 <!-- {{#figure dot}} --><!-- / -->\n";
    let (said, same) = readme(stale, "--check");
    let line = "error: README.md:3: this is stale, and would now be `It reads <!-- {{#result runs.a.mean | percent}} -->98.30\u{a0}%<!-- / --> of them.`; \
                `cargo run -p weave -- readme --write` renews it\n";
    assert_eq!((said.as_str(), same.as_str()), (line, stale), "checking writes nothing");
    let (said, now) = readme(stale, "--write");
    assert_eq!(said, "README.md: written\n");
    assert!(
        now.contains("-->98.30\u{a0}%<!-- / --> of them.\n\n<!-- {{#table a | short}} -->\n| experiment |"),
        "{now}"
    );
    assert!(now.contains("| `a` | 98.00 | 98.10 | +0.10 |\n"), "{now}");
    assert!(now.contains("<!-- {{#figure dot}} -->\n![A dot](figures/dot.svg)\n<!-- / -->"), "{now}");
    assert_eq!(readme(&now, "--check").0, "README.md: up to date\n");
    assert_eq!(readme(&now, "--write"), ("README.md: up to date\n".into(), now));

    let refused = [
        ("It takes 5 minutes.\n", "error: README.md:1: a time is typed here, “5 minutes”"),
        ("<!-- {{#result net.x}} -->\n", "error: README.md:1: this is never closed: <!-- / --> ends what is woven"),
        ("\n<!-- {{#result net.x}} -->1<!-- / -->\n", "error: README.md:2: net has no `x`"),
        (
            "<!-- {{#code src/a.rs}} -->1<!-- / -->\n",
            "error: README.md:1: README.md can have result, given, table and figure, not {{#code}}",
        ),
    ];
    for (text, said) in refused {
        for what in ["--check", "--write"] {
            let (error, same) = readme(text, what);
            assert!(error.starts_with(said), "{error}");
            assert_eq!(same, text, "nothing is written");
        }
    }
}
