//! Several runs: seeds of one experiment, an ensemble, or all experiments there are.

use crate::{
    Args, device, images,
    progress::percent,
    run::{FOLDER, Plan, check_writable},
    say,
};
use experiments::{
    Experiment,
    record::{Configuration, Misclassified, Record, Summary, Vote},
};
use network3::{
    Error, Label, Network, Result,
    data::Splits,
    ensemble::{self, Verdicts},
};
use std::path::{Path, PathBuf};

/// One experiment, as often as asked for.
pub fn run(args: &Args, experiment: &Experiment) -> Result<()> {
    run_on(args, experiment, &images::load(args)?, args.record.clone())
}

fn run_on(args: &Args, experiment: &Experiment, splits: &Splits, record: Option<PathBuf>) -> Result<()> {
    let runs = args.runs.map_or(experiment.networks, |runs| runs.get());
    let (member, device) = (experiment.member(), device::choose(args.device.as_deref())?);
    let (mut records, mut networks) = (vec![], vec![]);
    for seed in (0..runs as u64).map(|run| args.seed.wrapping_add(run)) {
        // With several runs, each file has its seed in its name.
        let named =
            |file: &Option<PathBuf>| file.as_deref().map(|file| if runs > 1 { add(file, seed) } else { file.into() });
        let (save, record) = (named(&args.save), named(&record));
        let (habits, threads) = (args.habits(), args.threads());
        let (resume, device, verbose) = (args.resume || args.all, device.clone(), args.verbose);
        let plan = Plan { experiment: &member, habits, seed, threads, device, verbose, resume, save, record };
        let (one, network) = plan.run(splits)?;
        records.push(one);
        if experiment.networks > 1 {
            networks.push(network);
        }
    }
    if runs > 1 || experiment.networks > 1 {
        let mut summary = Summary { experiment: experiment.name.clone(), ..Summary::of(&records)? };
        if !networks.is_empty() {
            summary.ensemble = Some(vote(networks, splits)?);
        }
        report(&summary);
        let beside = record.map(|file| add(&file, "summary"));
        for file in [Some(kept_summary(experiment, args.seed)), beside].into_iter().flatten() {
            summary.write(file)?;
        }
    }
    Ok(())
}

/// All experiments that are not finished yet, the quick ones first. One that fails does not keep the others from running.
pub fn run_all(args: &Args) -> Result<()> {
    // What would keep every one of them from finishing is said once.
    for folder in [Some(Path::new(FOLDER)), args.record.as_deref()].into_iter().flatten() {
        check_writable(&folder.join("shallow.json"))?;
    }
    let splits = images::load(args)?;
    let mut experiments = experiments::all();
    experiments.sort_by(|a, b| a.cost().total_cmp(&b.cost()));
    let mut failed = vec![];
    for experiment in experiments {
        let experiment = args.adapt(experiment)?;
        if is_finished(args, &experiment, &splits) {
            say!("{} is done", experiment.name);
            continue;
        }
        say!("\n———");
        let record = args.record.as_ref().map(|folder| folder.join(format!("{}.json", experiment.name)));
        if let Err(e) = run_on(args, &experiment, &splits, record) {
            eprintln!("error: {}: {e}", experiment.name);
            failed.push(experiment.name);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Error::input(format!("these did not finish: {}", failed.join(", ")))) }
}

/// Is there a record of just this, in the folder `runs`?
fn is_finished(args: &Args, experiment: &Experiment, splits: &Splits) -> bool {
    let wanted = Configuration::new(experiment, splits, args.habits());
    if args.runs.is_some() || experiment.networks > 1 {
        let runs = args.runs.map_or(experiment.networks, |runs| runs.get());
        let is_it = |summary: Summary| summary.configuration == wanted && summary.runs.len() == runs;
        return Summary::read(kept_summary(experiment, args.seed)).is_ok_and(is_it);
    }
    let record = Path::new(FOLDER).join(format!("{}-{}.json", experiment.name, args.seed));
    Record::read(record).is_ok_and(|record| record.configuration == wanted)
}

fn vote(mut networks: Vec<Network<f32>>, splits: &Splits) -> Result<Vote> {
    let Verdicts { vote, mean } = ensemble::classify(&mut networks, &splits.test)?;
    let accuracy = |classes: &[Label]| {
        let right = classes.iter().zip(splits.test.labels()).filter(|(class, label)| class == label).count();
        right as f64 / splits.test.len() as f64
    };
    Ok(Vote {
        vote_accuracy: accuracy(&vote),
        mean_accuracy: accuracy(&mean),
        misclassified: Misclassified::all(&splits.test, &vote),
    })
}

fn report(summary: &Summary) {
    let Summary {
        experiment, runs, mean_test_accuracy: mean, test_accuracy_deviation: deviation, best, ensemble, ..
    } = summary;
    say!("\n{experiment}, {} runs", runs.len());
    for run in runs {
        let (validation, test) = (percent(run.best.validation_accuracy), percent(run.best.test_accuracy));
        say!("  seed {:<4} best epoch {:<3} validation {validation}   test {test}", run.seed, run.best.epoch);
    }
    say!("  test accuracy: mean {}, standard deviation {}", percent(*mean), percent(*deviation));
    say!("  best on validation: seed {}, test {}", best.seed, percent(best.best.test_accuracy));
    if let Some(Vote { vote_accuracy, mean_accuracy, .. }) = ensemble {
        say!("  together: {} by vote, {} by mean probability", percent(*vote_accuracy), percent(*mean_accuracy));
    }
}

/// `runs/two-conv-1-summary.json`
fn kept_summary(experiment: &Experiment, seed: u64) -> PathBuf {
    Path::new(FOLDER).join(format!("{}-{seed}-summary.json", experiment.name))
}

/// `two-conv.json` becomes `two-conv-7.json`.
fn add(file: &Path, what: impl std::fmt::Display) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    match file.extension() {
        Some(extension) => file.with_file_name(format!("{stem}-{what}.{}", extension.to_string_lossy())),
        None => file.with_file_name(format!("{stem}-{what}")),
    }
}
