//! `{{#table …}}`, `{{#run …}}` and `{{#result runs.…}}`: what all runs of an experiment came to, beside Nielsen's
//! chapter.

use crate::{Project, html, output, page::Directive, record};
use serde_json::{Value, json};
use std::rc::Rc;

/// Images of an expanded training set, for each that is not moved: the image itself, and four neighbours.
const EXPANDED: f64 = 5.0;

/// The runs of one experiment that have a record: `NAME.json`, and `NAME-2.json` and so on for other seeds.
pub struct Runs {
    records: Vec<Rc<Value>>,
    /// The vote of an ensemble, whose networks are runs of another experiment.
    vote: Option<Rc<Value>>,
    /// Those runs.
    members: Vec<Rc<Value>>,
}

impl Runs {
    /// All runs of the experiment, each seed once, by their seeds; there may be none.
    ///
    /// # Errors
    /// When a record cannot be read, or is no run of this experiment as the chapter has it: those have names of their
    /// own.
    pub fn of(project: &Project, name: &str) -> Result<Self, String> {
        let experiment = record::experiment(project, name)?;
        let mut runs = Runs { records: vec![], vote: None, members: vec![] };
        for file in project.names(record::FOLDER) {
            let Some(rest) = file.strip_suffix(".json").and_then(|file| file.strip_prefix(name)) else { continue };
            let path = format!("{}/{file}", record::FOLDER);
            let seed = rest.strip_prefix('-').filter(|seed| seed.chars().all(|c| c.is_ascii_digit()));
            if rest.is_empty() || seed.is_some() {
                let record = project.json(&path)?;
                comparable(&record, &experiment).map_err(|why| format!("{path} is no run of {name}: {why}"))?;
                runs.records.push(record);
            } else if rest == "-summary" {
                runs.vote = Some(project.json(&path)?).filter(|summary| summary["ensemble"].is_object());
            }
        }
        if let Some(vote) = &runs.vote {
            for file in project.names(record::FOLDER).iter().filter(|file| file.ends_with(".json")) {
                let record = project.json(&format!("{}/{file}", record::FOLDER))?;
                let seeds = vote["runs"].as_array().into_iter().flatten().map(|run| &run["seed"]);
                let one_of_them = seeds.clone().any(|seed| *seed == record["seed"]);
                if one_of_them && settings(&record) == settings(vote) {
                    runs.members.push(record);
                }
            }
        }
        runs.records.sort_by_key(|record| record["seed"].as_u64());
        runs.records.dedup_by_key(|record| record["seed"].as_u64());
        Ok(runs)
    }

    /// The run with some of the habits given up, `NAME-but-HABITS.json`, if it has a record.
    ///
    /// # Errors
    /// When the record cannot be read.
    fn with_other_habits(project: &Project, name: &str, habits: &str) -> Result<Self, String> {
        let file = format!("{name}-but-{habits}.json");
        let there = project.names(record::FOLDER).contains(&file);
        let record = there.then(|| project.json(&format!("{}/{file}", record::FOLDER))).transpose()?;
        Ok(Runs { records: record.into_iter().collect(), vote: None, members: vec![] })
    }

    fn test_accuracies(&self) -> Vec<f64> {
        self.records.iter().filter_map(|record| record["best"]["test_accuracy"].as_f64()).collect()
    }

    /// What the chapter reports of several runs: the test accuracy of the one that is best on the validation images,
    /// the last of equals. An ensemble has its vote.
    fn reported(&self) -> Option<f64> {
        if let Some(vote) = &self.vote {
            return vote["ensemble"]["vote_accuracy"].as_f64();
        }
        let validation = |record: &&Rc<Value>| record["best"]["validation_accuracy"].as_f64().unwrap_or(0.0);
        let best = self.records.iter().max_by(|a, b| validation(a).total_cmp(&validation(b)));
        best.and_then(|record| record["best"]["test_accuracy"].as_f64())
    }

    /// Seconds of training of the quickest run: on the others the machine had more to do beside. Of an ensemble, that
    /// of its networks, as often as it has networks.
    fn seconds(&self) -> Option<f64> {
        let networks = self.members.len().max(1) as f64;
        self.quickest().and_then(|record| seconds(record)).map(|seconds| networks * seconds)
    }

    /// The run that took the least time; of an ensemble, among those of its networks.
    fn quickest(&self) -> Option<&Rc<Value>> {
        let of = |record: &Rc<Value>| seconds(record).unwrap_or(f64::INFINITY);
        let runs = if self.members.is_empty() { &self.records } else { &self.members };
        runs.iter().min_by(|a, b| of(a).total_cmp(&of(b)))
    }

    /// What `{{#result runs.NAME.…}}` can ask for.
    pub fn value(&self) -> Value {
        let all = self.test_accuracies();
        let (least, most) = (all.iter().copied().reduce(f64::min), all.iter().copied().reduce(f64::max));
        let images =
            self.records.first().or(self.vote.as_ref()).and_then(|r| r["configuration"]["test_images"].as_f64());
        let wrong = |accuracy: Option<f64>| Some(((1.0 - accuracy?) * images?).round() as u64);
        json!({
            "count": all.len(), "least": least, "most": most, "mean": mean(&all), "test_accuracy": self.reported(),
            "wrong": wrong(self.reported()), "most_wrong": wrong(least), "least_wrong": wrong(most), "seconds": self.seconds(),
        })
    }
}

fn mean(all: &[f64]) -> Option<f64> {
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

/// How long the training of one run took, evaluation left out; a record that says its time itself is believed.
fn seconds(record: &Value) -> Option<f64> {
    if let Some(seconds) = record["seconds"].as_f64() {
        return Some(seconds);
    }
    let configuration = &record["configuration"];
    let times = if configuration["expanded"] == true { EXPANDED } else { 1.0 };
    let images = configuration["training_images"].as_f64()? * times;
    record["epochs"].as_array()?.iter().map(|epoch| Some(images / epoch["images_per_second"].as_f64()?)).sum()
}

/// What was asked for. The sum of the images is left out: older records do not have it.
fn settings(record: &Value) -> Value {
    let mut configuration = record["configuration"].clone();
    configuration.as_object_mut().map(|settings| settings.remove("data_sha256"));
    configuration
}

/// Only what has the chapter's data, epochs and habits stands beside the chapter's figures.
fn comparable(record: &Value, experiment: &Value) -> Result<(), String> {
    let configuration = &record["configuration"];
    // What goes beyond the chapter has no figure of the chapter to stand beside, and no old habits.
    let (initialisation, order) = if is_beyond(experiment) { ("fan-in", "shuffled") } else { ("fan-out", "fixed") };
    let differ = [
        (&configuration["data"], json!("MNIST"), "its images are"),
        (&configuration["epochs"], experiment["epochs"].clone(), "its epochs are"),
        (&configuration["lambda"], experiment["lambda"].clone(), "its λ is"),
        (&configuration["habits"]["initialisation"], json!(initialisation), "its initialisation is"),
        (&configuration["habits"]["order"], json!(order), "its order is"),
    ];
    match differ.iter().find(|(has, wants, _)| has != &wants) {
        None => Ok(()),
        Some((has, wants, what)) => Err(format!("{what} {has}, and would have to be {wants}; give it another name")),
    }
}

/// Does an experiment go beyond the chapter? Then it is trained with today's habits.
fn is_beyond(experiment: &Value) -> bool {
    experiment["beyond"] == true
}

/// How to train it as it is to be compared.
fn command(name: &str, beyond: bool) -> String {
    format!("cargo run --bin train -- {name}{}", if beyond { "" } else { " --faithful" })
}

/// The sum over all experiments of the chapter: how many runs are recorded, and how long they would take one after the
/// other, each as long as the quickest of its experiment.
pub fn total(project: &Project) -> Result<Value, String> {
    let (mut count, mut time) = (0, 0.0);
    for name in record::experiments(project)? {
        if is_beyond(&record::experiment(project, &name)?) {
            continue;
        }
        let runs = Runs::of(project, &name)?;
        count += runs.records.len();
        time += runs.seconds().unwrap_or(0.0) * runs.records.len() as f64;
    }
    Ok(json!({ "count": count, "seconds": time }))
}

/// `{{#table shallow one-conv}}`: results beside the chapter's; with `| short`, no more than that.
pub fn table(project: &Project, directive: &Directive) -> Result<String, String> {
    directive.only(&["short"])?;
    let names: Vec<_> = directive.argument.split_whitespace().collect();
    if names.is_empty() {
        return Err("{{#table}} of which experiments? {{#table shallow one-conv}}".into());
    }
    let short = directive.option("short").is_some();
    let (mut rows, mut missing, mut data) = (vec![], vec![], vec![]);
    let experiments = names.iter().map(|name| record::experiment(project, name)).collect::<Result<Vec<_>, _>>()?;
    // Beyond the chapter there is no column for it.
    let beyond = experiments.iter().all(is_beyond);
    for (name, experiment) in names.into_iter().zip(experiments) {
        let runs = Runs::of(project, name)?;
        let chapter = experiment["chapter"].as_f64();
        let all = runs.test_accuracies();
        let ours = runs.reported();
        if ours.is_none() {
            missing.push(format!("<code>{name}</code>"));
        }
        for record in runs.records.iter().chain(&runs.vote) {
            let from = record["configuration"]["data"].as_str().unwrap_or("unknown images").to_string();
            if !data.contains(&from) {
                data.push(from);
            }
        }
        let mut cells = vec![format!("`{name}`"), percent(chapter), percent(ours)];
        if beyond {
            cells.remove(1);
        }
        if short {
            cells.push(difference(ours, chapter));
        } else {
            let (least, most) = (all.iter().copied().reduce(f64::min), all.iter().copied().reduce(f64::max));
            cells.extend(match all.len() {
                // One run has no range
                1 => [(); 3].map(|()| String::new()),
                _ => [percent(least), percent(mean(&all)), percent(most)],
            });
            cells.push(if all.is_empty() { "–".into() } else { all.len().to_string() });
        }
        rows.push(format!("| {} |", cells.join(" | ")));
    }
    let mut columns = vec!["experiment", "Nielsen", "ours"];
    if beyond {
        columns.remove(1);
    }
    columns.extend(if short { &["difference"][..] } else { &["least", "mean", "most", "runs"] });
    let head = format!("| {} |\n| --- |{}", columns.join(" | "), " ---: |".repeat(columns.len() - 1));
    // A block of HTML, in which Markdown finds nothing to do.
    let mut note = "Test accuracy, per cent. <em>Ours</em>: of our runs the one with the best validation accuracy, as in Nielsen’s \
                    chapter; of an ensemble, its vote."
        .to_string();
    if !short {
        note += " <em>Least, mean, most</em>: of all our runs.";
    }
    if !data.is_empty() {
        note += &format!(" All on {}; the records are in <code>{}</code>.", data.join(" and "), record::FOLDER);
    }
    if !missing.is_empty() {
        let command = format!("{} --record {}/NAME.json", command("NAME", beyond), record::FOLDER);
        note += &format!(" Not run yet: {}; <code>{command}</code> makes a record.", missing.join(", "));
    }
    Ok(format!("{head}\n{}\n\n<p class=\"note\">{note}</p>", rows.join("\n")))
}

fn percent(accuracy: Option<f64>) -> String {
    accuracy.map_or("–".into(), |accuracy| format!("{:.2}", 100.0 * accuracy))
}

/// In percentage points.
fn difference(ours: Option<f64>, chapter: Option<f64>) -> String {
    let (Some(ours), Some(chapter)) = (ours, chapter) else { return "–".into() };
    let difference = format!("{:+.2}", 100.0 * (ours - chapter));
    if difference.ends_with("0.00") { "0.00".into() } else { difference.replace('-', "−") }
}

/// `{{#run one-conv}}`: how to run it, and how long that takes. Words from `--` on belong to the command.
pub fn run(project: &Project, directive: &Directive) -> Result<String, String> {
    directive.only(&[])?;
    let words: Vec<_> = directive.argument.split_whitespace().collect();
    let flags = words.iter().position(|word| word.starts_with("--")).unwrap_or(words.len());
    let (names, flags) = words.split_at(flags);
    if names.is_empty() {
        return Err("{{#run}} which experiment? {{#run one-conv}}".into());
    }
    let (mut commands, mut times, mut missing) = (vec![], vec![], vec![]);
    for name in names {
        let command = command(name, is_beyond(&record::experiment(project, name)?));
        commands.push([&[command.as_str()], flags].concat().join(" "));
        let runs = match flags {
            ["--but", habits] => Runs::with_other_habits(project, name, habits)?,
            _ => Runs::of(project, name)?,
        };
        let some = runs.quickest();
        times.push(match (runs.seconds(), some.and_then(|record| record["processor"].as_str())) {
            (Some(seconds), Some(processor)) => {
                let of = match (runs.records.len(), runs.members.len()) {
                    (0, networks) => format!(", each of the {networks} networks as long as the quickest,"),
                    (1, _) => String::new(),
                    _ => ", the quickest of our runs,".to_string(),
                };
                let threads = match some.and_then(|record| record["threads"].as_u64()) {
                    Some(1) => ", one thread".to_string(),
                    Some(threads) => format!(", {threads} threads"),
                    None => String::new(),
                };
                format!("`{name}`{of} trained for {} ({}{threads})", duration(seconds), html::inert(processor))
            }
            _ => {
                missing.push(format!("`{name}`"));
                continue;
            }
        });
    }
    if let Some((last, others)) = missing.split_last() {
        let others = others.join(", ");
        times.push(if others.is_empty() {
            format!("of {last} we have no run yet")
        } else {
            format!("of {others} and {last} we have no run yet")
        });
    }
    let times = times.join("; ");
    Ok(format!(
        "<div class=\"run\">\n\n**Run it yourself.** With us, {times}.\n\n{}\n\n</div>",
        html::fenced("sh", &commands.join("\n"))
    ))
}

/// 14 seconds, 12 minutes, 5.2 hours: two digits say enough.
pub fn duration(seconds: f64) -> String {
    let (minutes, hours) = (seconds / 60.0, seconds / 3600.0);
    match seconds {
        s if s < 90.0 => format!("{s:.0} seconds"),
        _ if minutes < 90.0 => format!("{minutes:.0} minutes"),
        _ if hours < 10.0 => format!("{hours:.1} hours"),
        _ if hours < 48.0 => format!("{hours:.0} hours"),
        _ => format!("{:.0} days", hours / 24.0),
    }
}

/// What [`Runs`] needs to be known of the chapter's experiments.
pub fn needs_experiments(directive: &Directive) -> bool {
    let roots = ["chapter.", "network.", "runs."];
    match directive.name {
        "table" | "run" => true,
        "result" => roots.iter().any(|root| directive.argument.starts_with(root)),
        _ => false,
    }
}

/// The experiments as `train` lists them, or the command that keeps the list.
pub fn listed(project: &Project) -> Result<Rc<Value>, String> {
    output::kept(project, record::EXPERIMENTS)?;
    project.json(&output::file(record::EXPERIMENTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let said = [14.2, 89.0, 91.0, 5000.0, 6000.0, 40_000.0, 700_000.0].map(duration);
        assert_eq!(said, ["14 seconds", "89 seconds", "2 minutes", "83 minutes", "1.7 hours", "11 hours", "8 days"]);
    }

    #[test]
    fn differences_have_a_sign_unless_they_are_nothing() {
        let of = |ours, chapter| difference(Some(ours), Some(chapter));
        assert_eq!((of(0.9906, 0.9904).as_str(), of(0.9904, 0.9906).as_str()), ("+0.02", "−0.02"));
        assert_eq!((of(0.990_001, 0.99).as_str(), of(0.989_999, 0.99).as_str()), ("0.00", "0.00"));
        assert_eq!(difference(None, Some(0.9)), "–");
    }

    #[test]
    fn the_time_of_a_run() {
        let mut record = json!({ "configuration": { "training_images": 100, "expanded": true },
            "epochs": [{ "images_per_second": 50.0 }, { "images_per_second": 10.0 }] });
        assert_eq!(seconds(&record), Some(60.0));
        record["configuration"]["expanded"] = false.into();
        assert_eq!(seconds(&record), Some(12.0));
        record["seconds"] = 7.5.into();
        assert_eq!(seconds(&record), Some(7.5));
        record["seconds"] = Value::Null;
        record["epochs"][0]["images_per_second"] = Value::Null;
        assert_eq!(seconds(&record), None, "no clock, no time");
    }
}
