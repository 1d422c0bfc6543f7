//! Several runs: seeds of one experiment, an ensemble, or all experiments there are.

#[cfg(feature = "opencl")]
use crate::together;
use crate::{
    Args, device,
    keep::{self, Claim},
    left::{self, Pace},
    progress::percent,
    run::{Plan, Run, beside},
    say,
};
use experiments::{
    Experiment, machine,
    record::{Configuration, Misclassified, Outcome, Record, Summary, Vote},
};
use network3::{
    Error, Label, Network, Result,
    data::Splits,
    ensemble::{self, Verdicts, Views},
    files,
};
use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
};

/// One experiment, as often as asked for.
pub fn run(args: &Args, experiment: &Experiment) -> Result<()> {
    run_on(args, experiment, &args.splits()?, args.record.clone())
}

fn run_on(args: &Args, experiment: &Experiment, splits: &Splits, record: Option<PathBuf>) -> Result<()> {
    let runs = args.runs.map_or(experiment.networks, |runs| runs.get());
    let (member, device) = (experiment.member(), device::choose(args.device.as_deref())?);
    let configuration = Configuration::new(&member, splits, args.habits());
    let plan = |seed: u64| {
        // With several runs, each file has its seed in its name.
        let named =
            |file: &Option<PathBuf>| file.as_deref().map(|file| if runs > 1 { add(file, seed) } else { file.into() });
        Plan {
            experiment: &member,
            name: args.called(&member),
            habits: args.habits(),
            seed,
            threads: args.threads(),
            device: device.clone(),
            verbose: args.verbose,
            resume: args.resume || args.all,
            replace: args.replace,
            folder: &args.folder,
            save: named(&args.save),
            record: named(&record),
        }
    };
    let plans: Vec<_> = (0..runs as u64).map(|run| plan(args.seed.wrapping_add(run))).collect();
    let several = runs > 1 || experiment.networks > 1;
    let beside = record.as_deref().map(|file| add(file, "summary"));
    let summaries = [Some(kept_summary(args, experiment)), beside].into_iter().flatten().filter(|_| several);
    let summaries: Vec<_> = summaries.collect();
    // All is looked at before anything is trained.
    for file in &summaries {
        may_replace(args, file, &configuration, &plans)?;
    }
    let claims = plans.iter().map(|plan| plan.claim(&configuration)).collect::<Result<Vec<_>>>()?;

    let (records, mut networks): (Vec<_>, Vec<_>) = all(&plans, splits, &configuration, claims)?.into_iter().unzip();
    if several {
        let mut summary = Summary { experiment: experiment.name.clone(), ..Summary::of(&records)? };
        if experiment.networks > 1 {
            let glance = Some(vote(&mut networks, splits, None)?);
            (summary.ensemble, summary.ensemble_at_a_glance) = match experiment.views {
                None => (glance, None),
                views => (Some(vote(&mut networks, splits, views)?), glance),
            };
        }
        let as_in_chapter = runs == experiment.networks;
        report(&summary, experiment.chapter_beside(splits, args.habits()).filter(|_| as_in_chapter));
        for file in summaries {
            summary.write(file)?;
        }
    }
    Ok(())
}

/// All of these runs: on a device at a time, if that can be, or else one after the other.
fn all(plans: &[Plan], splits: &Splits, configuration: &Configuration, claims: Vec<Claim>) -> Result<Vec<Run>> {
    #[cfg(feature = "opencl")]
    if let Some(device) = together::device(plans, &claims) {
        return together::run(plans, device, splits, configuration, claims);
    }
    plans.iter().zip(claims).map(|(plan, claim)| plan.run(splits, configuration.clone(), claim)).collect()
}

/// May the summary of these runs be written there?
///
/// # Errors
/// When no file can be made there, or it is the summary of other runs.
fn may_replace(args: &Args, file: &Path, configuration: &Configuration, plans: &[Plan]) -> Result<()> {
    files::check(file, 0)?;
    let Ok(there) = Summary::read(file) else { return Ok(()) };
    let is_covered = |run: &Outcome| plans.iter().any(|plan| plan.seed == run.seed);
    let differences = configuration.differences(&there.configuration)?;
    let why = match there.runs.iter().find(|run| !is_covered(run)) {
        _ if args.replace => return Ok(()),
        _ if !differences.is_empty() => keep::in_words(&differences),
        Some(run) => format!("seed {} is among them there, and not here", run.seed),
        None => return Ok(()),
    };
    let message = format!("{} sums up other runs: {why}", file.display());
    Err(Error::input(message).advice(keep::ways_out(&args.folder)))
}

/// All experiments that are not finished yet, the quick ones first. One that fails does not keep the others from
/// running.
pub fn run_all(args: &Args) -> Result<()> {
    // What would keep every one of them from finishing is said once.
    for folder in [Some(&args.folder), args.record.as_ref()].into_iter().flatten() {
        files::check(&folder.join("shallow.json"), 0)?;
    }
    let splits = args.splits()?;
    let mut experiments = experiments::all().into_iter().map(|one| args.adapt(one)).collect::<Result<Vec<_>>>()?;
    experiments.sort_by(|a, b| a.cost().total_cmp(&b.cost()));
    let (mut pace, mut failed, mut waiting) = (Pace::default(), vec![], VecDeque::new());
    for experiment in experiments {
        match finished(args, &experiment, &splits) {
            Some(seconds) => {
                say!("{} is done", experiment.name);
                pace.add(experiment.cost(), seconds);
            }
            None => waiting.push_back((left::work(args, &experiment), experiment)),
        }
    }
    while let Some((work, experiment)) = waiting.pop_front() {
        let all = work + waiting.iter().map(|(work, _)| work).sum::<f64>();
        let time = pace.time_for(all).map_or("for how long is known after the first".into(), |time| {
            format!("about {time} at the speed of those that are done")
        });
        say!("\n——— {} to go, {time}", waiting.len() + 1);
        let (start, name) = (machine::seconds(), experiment.name.clone());
        let record = args.record.as_ref().map(|folder| folder.join(format!("{}.json", args.called(&experiment))));
        match run_on(args, &experiment, &splits, record) {
            Ok(()) => pace.add(work, machine::seconds() - start),
            Err(e) => {
                eprintln!("error: {name}: {e}");
                failed.push(name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Error::input(format!("these did not finish: {}", failed.join(", ")))) }
}

/// If there is a record of just this, in the folder of all runs: how many seconds it took.
fn finished(args: &Args, experiment: &Experiment, splits: &Splits) -> Option<f64> {
    let wanted = Configuration::new(experiment, splits, args.habits());
    let is_it = |there: &Configuration| {
        there.stopping == wanted.stopping && wanted.differences(there).is_ok_and(|differences| differences.is_empty())
    };
    let member = experiment.member();
    let record = |seed: u64| Record::read(args.kept(&member, seed, "json")).ok();
    if args.runs.is_some() || experiment.networks > 1 {
        let runs = args.runs.map_or(experiment.networks, |runs| runs.get());
        let summary = Summary::read(kept_summary(args, experiment)).ok()?;
        let done = is_it(&summary.configuration) && summary.runs.len() == runs;
        let seconds = summary.runs.iter().filter_map(|run| record(run.seed)).map(|record| left::seconds(&record));
        return done.then(|| seconds.sum());
    }
    record(args.seed).filter(|record| is_it(&record.configuration)).map(|record| left::seconds(&record))
}

fn vote(networks: &mut [Network<f32>], splits: &Splits, views: Option<Views>) -> Result<Vote> {
    let Verdicts { vote, mean } = match views {
        None => ensemble::classify(networks, &splits.test)?,
        Some(views) => ensemble::classify_views(networks, &splits.test, &views)?,
    };
    let accuracy = |classes: &[Label]| {
        let right = classes.iter().zip(splits.test.labels()).filter(|(class, label)| class == label).count();
        right as f64 / splits.test.len() as f64
    };
    Ok(Vote {
        vote_accuracy: accuracy(&vote),
        mean_accuracy: accuracy(&mean),
        views,
        misclassified: Misclassified::all(&splits.test, &vote),
    })
}

fn report(summary: &Summary, chapter: Option<f64>) {
    let Summary {
        experiment,
        runs,
        mean_test_accuracy: mean,
        test_accuracy_deviation: deviation,
        best,
        ensemble,
        ensemble_at_a_glance,
        ..
    } = summary;
    say!("\n{experiment}, {} runs", runs.len());
    for run in runs {
        let (validation, test) = (percent(run.best.validation_accuracy), percent(run.best.test_accuracy));
        say!("  seed {:<4} best epoch {:<3} validation {validation}   test {test}", run.seed, run.best.epoch);
    }
    say!("  test accuracy: mean {}, standard deviation {}", percent(*mean), percent(*deviation));
    say!("  best on validation: seed {}, test {}", best.seed, percent(best.best.test_accuracy));
    let of =
        |vote: &Vote| (percent(vote.vote_accuracy), percent(vote.mean_accuracy), vote.views.map(|views| views.looks));
    for (vote, mean, views) in [ensemble_at_a_glance, ensemble].into_iter().flatten().map(of) {
        let looks = views.map_or("together".into(), |looks| format!("with {looks} looks at each image"));
        say!("  {looks}: {vote} by vote{}, {mean} by mean probability", beside(chapter));
    }
}

/// `runs/two-conv-1-summary.json`
fn kept_summary(args: &Args, experiment: &Experiment) -> PathBuf {
    args.folder.join(format!("{}-{}-summary.json", args.called(experiment), args.seed))
}

/// `two-conv.json` becomes `two-conv-7.json`.
fn add(file: &Path, what: impl std::fmt::Display) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    match file.extension() {
        Some(extension) => file.with_file_name(format!("{stem}-{what}.{}", extension.to_string_lossy())),
        None => file.with_file_name(format!("{stem}-{what}")),
    }
}
