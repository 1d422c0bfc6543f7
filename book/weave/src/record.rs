//! `{{#result …}}`: numbers of runs, of the chapter, of other sources, and of the networks themselves.

use crate::{Project, html, near, page::Directive, runs};
use serde_json::Value;
use std::rc::Rc;

/// Where the records are.
pub const FOLDER: &str = "figures/records";

/// Numbers from other places than our runs and the chapter's list of experiments, each with where it is from.
const CITED: &str = "book/cited.json";

/// What `train -- --list --json` says of all experiments.
pub const EXPERIMENTS: &str = "train -- --list --json";

/// `{{#result two-conv-relu.test_accuracy | percent 2}}`
pub fn result(project: &Project, directive: &Directive) -> Result<String, String> {
    directive.only(&["percent", "round", "thousands", "duration"])?;
    let path = directive.argument;
    let value = value(project, path)?;
    show(&value, directive).map_err(|e| format!("{path}: {e}"))
}

fn value(project: &Project, path: &str) -> Result<Value, String> {
    let split = |path: &str| path.split_once('.').map(|(a, b)| (a.to_string(), b.to_string()));
    match split(path) {
        Some((root, name)) if root == "chapter" => match follow(&experiment(project, &name)?, "chapter", &name)? {
            Value::Null => Err(format!("the chapter reports no accuracy for {name}")),
            accuracy => Ok(accuracy),
        },
        Some((root, rest)) if root == "network" => {
            let (name, inside) = experiment_name(project, &rest)?;
            follow(&experiment(project, name)?, inside, name)
        }
        Some((root, rest)) if root == "runs" => {
            let (name, inside) = match rest.strip_prefix("all.") {
                Some(inside) => ("all", inside),
                None => experiment_name(project, &rest)?,
            };
            let value = if name == "all" { runs::total(project)? } else { runs::Runs::of(project, name)?.value() };
            match follow(&value, inside, name)? {
                Value::Null => {
                    Err(format!("no run of {name} is recorded yet; `train -- {name} --faithful --record` makes one"))
                }
                number => Ok(number),
            }
        }
        Some((root, name)) if root == "cited" => cited(project, &name),
        _ => {
            let (name, inside) = record_name(project, path)?;
            let record = record(project, name)?;
            let long = shortcut(&record, inside);
            follow(&record, long.as_deref().unwrap_or(inside), name)
        }
    }
}

/// The longest beginning of the path that is a record: names may have dots in them.
fn record_name<'a>(project: &Project, path: &'a str) -> Result<(&'a str, &'a str), String> {
    let records = project.names(FOLDER);
    let records: Vec<_> = records.iter().filter_map(|file| file.strip_suffix(".json")).collect();
    let found = longest(&records, path).map(|name| (&path[..name.len()], path[name.len()..].trim_start_matches('.')));
    found.ok_or_else(|| {
        let name = path.split('.').next().unwrap_or(path);
        format!("there is no record {FOLDER}/{name}.json{}", near::suggest(name, records.iter().copied()))
    })
}

/// The longest of the names that the path begins with.
fn longest<'a>(names: &[&'a str], path: &str) -> Option<&'a str> {
    let begins = |name: &&&str| path.strip_prefix(**name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    names.iter().filter(begins).max_by_key(|name| name.len()).copied()
}

fn record(project: &Project, name: &str) -> Result<Rc<Value>, String> {
    project.json(&format!("{FOLDER}/{name}.json"))
}

/// A number of another source, which has to be named.
fn cited(project: &Project, name: &str) -> Result<Value, String> {
    let all = project.json(CITED)?;
    let all = all.as_object().ok_or(format!("{CITED} is no table of numbers"))?;
    let names = all.keys().map(String::as_str);
    let one = all.get(name).ok_or_else(|| format!("{CITED} has no `{name}`{}", near::suggest(name, names)))?;
    match one["from"].as_str() {
        Some(from) if !from.trim().is_empty() => Ok(one["value"].clone()),
        _ => Err(format!("{CITED} does not say where `{name}` is from: \"from\"")),
    }
}

/// The experiment that a path begins with, and the rest of the path.
fn experiment_name<'a>(project: &Project, path: &'a str) -> Result<(&'a str, &'a str), String> {
    let names = experiments(project)?;
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    match longest(&names, path) {
        Some(name) => Ok((&path[..name.len()], path[name.len()..].trim_start_matches('.'))),
        None => Err(format!("no experiment is called `{path}`{}", near::suggest(path, names.iter().copied()))),
    }
}

/// The names of all experiments, in the order of the chapter.
pub fn experiments(project: &Project) -> Result<Vec<String>, String> {
    let all = runs::listed(project)?;
    let all = all.as_array().map_or(&[][..], Vec::as_slice);
    Ok(all.iter().filter_map(|experiment| experiment["name"].as_str().map(str::to_string)).collect())
}

/// What is known of an experiment before it is run.
pub fn experiment(project: &Project, name: &str) -> Result<Value, String> {
    let (name, _) = experiment_name(project, name)?;
    let all = runs::listed(project)?;
    let found = all.as_array().into_iter().flatten().find(|experiment| experiment["name"] == name);
    Ok(found.cloned().unwrap_or(Value::Null))
}

/// What is asked for most has a short name. A record of one run and a summary of several differ here.
fn shortcut(record: &Value, path: &str) -> Option<String> {
    let best = if record["best"].get("best").is_some() { "best.best" } else { "best" };
    let votes = record["ensemble"].is_object();
    Some(match path {
        "test_accuracy" if votes => "ensemble.vote_accuracy".into(),
        "test_accuracy" | "validation_accuracy" => format!("{best}.{path}"),
        "best_epoch" => format!("{best}.epoch"),
        "wrong" if votes => "ensemble.misclassified.count".into(),
        "wrong" => "misclassified.count".into(),
        _ => return None,
    })
}

/// Walks down a dotted path.
fn follow(value: &Value, path: &str, name: &str) -> Result<Value, String> {
    let (path, count) = path.strip_suffix(".count").map_or((path, false), |list| (list, true));
    let mut here = value;
    let mut walked = name.to_string();
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let next = match here {
            Value::Array(list) if step == "last" => list.last(),
            Value::Array(list) => match step.parse::<usize>() {
                Ok(i) => list.get(i),
                Err(_) => list.iter().find(|item| item["name"] == step),
            },
            _ => here.get(step),
        };
        here = next.ok_or_else(|| format!("{walked} has no `{step}`{}", choice(here, step)))?;
        walked += ".";
        walked += step;
    }
    match (count, here) {
        (false, _) => Ok(here.clone()),
        (true, Value::Array(list)) => Ok(list.len().into()),
        (true, _) => Err(format!("{walked} is no list, and has no count")),
    }
}

/// Where one can go from here.
fn choice(here: &Value, step: &str) -> String {
    match here {
        Value::Array(list) => format!("; it is a list: 0 to {}, last, count", list.len().saturating_sub(1)),
        Value::Object(fields) => near::suggest(step, fields.keys().map(String::as_str)),
        _ => String::new(),
    }
}

/// The value as it stands in the text.
fn show(value: &Value, directive: &Directive) -> Result<String, String> {
    let number = value.as_f64().ok_or_else(|| match value {
        Value::String(text) if directive.options.is_empty() => Ok(html::inert(text)),
        Value::String(_) => Err("this is text, and has nothing to round".to_string()),
        Value::Object(fields) => {
            let fields: Vec<_> = fields.keys().map(String::as_str).collect();
            Err(format!("this is not one number: go on with one of {}", fields.join(", ")))
        }
        Value::Array(_) => Err("this is a list: go on with 0, last or count".into()),
        other => Err(format!("this is {other}, not a number")),
    });
    let number = match number {
        Ok(number) => number,
        Err(said) => return said,
    };
    let decimals = |default: &str, option: &str| {
        let digits = if option.is_empty() { default } else { option };
        digits.parse::<usize>().map_err(|_| format!("`{option}` is no number of decimals"))
    };
    let text = if directive.option("duration").is_some() {
        runs::duration(number)
    } else if let Some(option) = directive.option("percent") {
        format!("{:.*}\u{a0}%", decimals("2", option)?, 100.0 * number)
    } else if let Some(option) = directive.option("round") {
        format!("{number:.*}", decimals("0", option)?)
    } else {
        value.to_string()
    };
    if directive.options.is_empty() && text.split_once('.').is_some_and(|(_, decimals)| decimals.len() > 4) {
        return Err(format!("{text} has many decimals: say how to show it, `| round 3` or `| percent 2`"));
    }
    let text = if directive.option("thousands").is_some() { thousands(&text) } else { text };
    Ok(text.replace('-', "−"))
}

/// 30000.5 becomes 30,000.5.
fn thousands(text: &str) -> String {
    let start = text.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let end = text[start..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |end| start + end);
    let digits = end - start;
    let mut out = text[..start].to_string();
    for (i, c) in text[start..end].chars().enumerate() {
        if i > 0 && (digits - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out + &text[end..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(value: Value, options: &str) -> Result<String, String> {
        show(&value, &Directive::new(&format!("result x {options}"), false))
    }

    #[test]
    fn numbers_as_the_text_wants_them() {
        assert_eq!(shown(json!(0.98765), "| percent 2"), Ok("98.77\u{a0}%".into()));
        assert_eq!(shown(json!(0.98765), "| percent"), Ok("98.77\u{a0}%".into()));
        assert_eq!(shown(json!(-1.25), "| round 1"), Ok("−1.2".into()));
        assert_eq!(shown(json!(1234567.0), "| round 1 | thousands"), Ok("1,234,567.0".into()));
        assert_eq!(shown(json!(123456), "| thousands"), Ok("123,456".into()));
        assert_eq!(shown(json!(0.99), ""), Ok("0.99".into()));
        assert_eq!(shown(json!("after 60 epochs"), ""), Ok("after 60 epochs".into()));
        assert_eq!(shown(json!(null), "").unwrap_err(), "this is null, not a number");
        assert_eq!(shown(json!(1), "| round x").unwrap_err(), "`x` is no number of decimals");
        assert!(shown(json!(0.123456), "").unwrap_err().contains("has many decimals"));
    }

    #[test]
    fn paths() {
        let value = json!({"epochs": [{"cost": 1}, {"cost": 2, "name": "b"}]});
        let known = [("epochs.0.cost", 1), ("epochs.last.cost", 2), ("epochs.b.cost", 2), ("epochs.count", 2)];
        for (path, expected) in known {
            assert_eq!(follow(&value, path, "r"), Ok(json!(expected)), "{path}");
        }
        assert_eq!(follow(&value, "epochs.0.count", "r").unwrap_err(), "r.epochs.0 is no list, and has no count");
        assert_eq!(follow(&value, "epochs.0.csot", "r").unwrap_err(), "r.epochs.0 has no `csot`; there is `cost`");
        assert_eq!(
            follow(&value, "epochs.2", "r").unwrap_err(),
            "r.epochs has no `2`; it is a list: 0 to 1, last, count"
        );
    }

    #[test]
    fn one_run_and_several() {
        let one = json!({"best": {"epoch": 3}});
        let several = json!({"best": {"best": {"epoch": 3}}, "ensemble": {"vote_accuracy": 0.5}});
        assert_eq!(shortcut(&one, "test_accuracy").as_deref(), Some("best.test_accuracy"));
        assert_eq!(shortcut(&several, "test_accuracy").as_deref(), Some("ensemble.vote_accuracy"));
        assert_eq!(shortcut(&several, "best_epoch").as_deref(), Some("best.best.epoch"));
        assert_eq!(shortcut(&one, "seed"), None);
    }
}
