//! What `systems lrmd` finds out.

use crate::kit::{Findings, check_shares};
use experiments::record::Picture;
use network3::{Error, Result, data::DIGITS};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The findings of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lrmd {
    /// Images that it learned from, without their labels.
    pub images: usize,
    /// Weights of the network.
    pub parameters: usize,
    /// Units of all stages, among which the best is looked for.
    pub units: usize,
    /// How long all stages learned.
    pub training_seconds: f64,
    /// The stages.
    pub stages: Vec<OfStage>,
    /// Images that units and thresholds are chosen by, and as many others that accuracies are measured on.
    pub measured: usize,
    /// The mean of the ten classes' best units.
    pub mean: f64,
    /// The same of the network as it was before it had learned anything.
    pub mean_random: f64,
    /// The same of 1,000 digits as templates.
    pub mean_template: f64,
    /// The same of 1,000 digits as templates, less the mean digit.
    pub mean_centred: f64,
    /// The ten classes.
    pub classes: Vec<OfClass>,
    /// How the best unit for a 1 answers to ones, and to others.
    pub histogram: Vec<Bar>,
}

/// A stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OfStage {
    /// How many windows there are.
    pub places: usize,
    /// Numbers that a window has.
    pub inputs: usize,
    /// Filters of each window.
    pub filters: usize,
    /// The mean cost of a grid in the first twentieth of learning, and in the last.
    pub cost: (f64, f64),
    /// How long it learned.
    pub seconds: f64,
    /// The mean over classes of the best unit in this stage, after learning and before.
    pub mean: f64,
    /// Before.
    pub mean_random: f64,
}

/// A class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfClass {
    /// Which digit.
    pub class: usize,
    /// The stage of the best unit, counted from 1.
    pub stage: usize,
    /// Its number there.
    pub unit: usize,
    /// Its balanced accuracy.
    pub accuracy: f64,
    /// That of the best unit of the network with random weights.
    pub random: f64,
    /// That of the best template.
    pub template: f64,
    /// What the unit answers to its best stimulus.
    pub stimulated: f64,
    /// The strongest answer to a digit.
    pub strongest: f64,
    /// The best stimulus.
    pub stimulus: Picture,
    /// The digits that it answers to most.
    pub digits: Vec<Picture>,
    /// What they are.
    pub labels: Vec<u16>,
}

/// Answers between two values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// The middle.
    pub answer: f64,
    /// The share of ones that get it.
    pub ones: f64,
    /// The share of others.
    pub others: f64,
}

impl Findings for Lrmd {
    fn check(&self) -> Result<()> {
        let means = [self.mean, self.mean_random, self.mean_template, self.mean_centred];
        let accuracies = self.classes.iter().flat_map(|c| [c.accuracy, c.random, c.template]);
        let shares = self.histogram.iter().flat_map(|bar| [bar.ones, bar.others]);
        check_shares(means.into_iter().chain(accuracies).chain(shares))?;
        if self.classes.len() != DIGITS {
            return Err(Error::input(format!("there are ten digits, and not {}", self.classes.len())));
        }
        Ok(())
    }
}

impl fmt::Display for Lrmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "class  best unit             random  template")?;
        for OfClass { class, stage, unit, accuracy, random, template, .. } in &self.classes {
            writeln!(f, "{class:>5}  {accuracy:.3} (stage {stage}, {unit:>3})  {random:.3}   {template:.3}")?;
        }
        write!(f, " mean  {:.3}                 {:.3}   {:.3}", self.mean, self.mean_random, self.mean_template)?;
        writeln!(f, " (less the mean digit {:.3})", self.mean_centred)?;
        for (k, stage) in self.stages.iter().enumerate() {
            writeln!(f, "stage {}: best units {:.3}, before learning {:.3}", k + 1, stage.mean, stage.mean_random)?;
        }
        Ok(())
    }
}
