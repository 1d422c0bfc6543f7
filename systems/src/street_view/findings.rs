//! What `systems street-view` finds out.

use super::numbers::PLACES;
use crate::kit::{Findings, check_shares};
use experiments::record::Picture;
use network3::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The findings of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreetView {
    /// Weights and biases of the network.
    pub parameters: usize,
    /// Numbers that it was trained on.
    pub numbers: u64,
    /// How long that took.
    pub training_seconds: f64,
    /// Numbers a second.
    pub rate: f64,
    /// How well it read in the course of training.
    pub moments: Vec<Moment>,
    /// How well it reads in the end.
    #[serde(flatten)]
    pub result: Outcome,
    /// Where each head looks.
    pub looks: Looks,
    /// Some of the test numbers.
    pub samples: Vec<Sample>,
}

/// A moment of training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// After so many numbers.
    pub numbers: u64,
    /// The mean joint cost since the last moment.
    pub cost: f64,
    /// The share of validation numbers that were read without a mistake.
    pub accuracy: f64,
}

/// What became of the test numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How many there were.
    pub tested: usize,
    /// The share that was read whole, without a mistake.
    pub accuracy: f64,
    /// The share whose length was right.
    pub length_accuracy: f64,
    /// The share of all digits that were right, at the places that there are.
    pub digit_accuracy: f64,
    /// By the length of the number.
    pub by_length: Vec<OfLength>,
    /// What is answered if only so many answers may be wrong.
    pub coverage: Vec<Coverage>,
    /// The share of answers that are right among the surest, from few to all.
    pub surest: Vec<Surest>,
    /// The probability that the network gave its reading, and how often it was right.
    pub reliability: Vec<Bin>,
}

/// Numbers of one length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfLength {
    /// Digits.
    pub length: usize,
    /// How many numbers.
    pub count: usize,
    /// The share that was read without a mistake.
    pub accuracy: f64,
}

/// An accuracy is wanted; so the network answers only where it is sure enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// What is wanted.
    pub wanted: f64,
    /// How sure it has to be, chosen on validation numbers.
    pub threshold: f64,
    /// The share of test numbers that are answered.
    pub answered: f64,
    /// The share of these that are right.
    pub accuracy: f64,
}

/// The surest answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Surest {
    /// This share of all.
    pub answered: f64,
    /// Right among them.
    pub accuracy: f64,
}

/// Readings with about the same probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// How many.
    pub count: usize,
    /// Their mean probability.
    pub said: f64,
    /// The share that is right.
    pub right: f64,
}

/// Where the heads of the five places look, in numbers of five digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    /// For each head, which part of its squared gradient lies in each pair of columns, in thousandths.
    pub by_columns: Vec<Vec<f64>>,
    /// For each head, which part lies in the columns of its own digit.
    pub own: Vec<f64>,
}

/// A number, and what was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Its image.
    pub picture: Picture,
    /// What it is.
    pub label: String,
    /// What was read.
    pub read: String,
    /// With which probability.
    pub probability: f64,
}

impl Findings for StreetView {
    fn check(&self) -> Result<()> {
        let Outcome { accuracy, length_accuracy, digit_accuracy, by_length, coverage, surest, reliability, .. } =
            &self.result;
        let shares = [accuracy, length_accuracy, digit_accuracy].into_iter();
        let shares = shares
            .chain(self.moments.iter().map(|m| &m.accuracy))
            .chain(by_length.iter().map(|l| &l.accuracy))
            .chain(coverage.iter().flat_map(|c| [&c.answered, &c.accuracy]))
            .chain(surest.iter().flat_map(|s| [&s.answered, &s.accuracy]))
            .chain(reliability.iter().flat_map(|b| [&b.said, &b.right]))
            .chain(&self.looks.own);
        check_shares(shares.copied())?;
        if accuracy > length_accuracy {
            return Err(Error::input("more numbers are right than have the right length"));
        }
        if by_length.len() != PLACES || by_length.iter().map(|l| l.count).sum::<usize>() != self.result.tested {
            return Err(Error::input("the lengths do not make up the test numbers"));
        }
        Ok(())
    }
}

/// A share in per cent, with one decimal.
fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cost {:.3}, {} of validation numbers read", self.cost, percent(self.accuracy))
    }
}

impl fmt::Display for StreetView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { tested, accuracy, length_accuracy, digit_accuracy, by_length, coverage, .. } = &self.result;
        let lengths: Vec<_> =
            by_length.iter().map(|l| format!("{} of length {}", percent(l.accuracy), l.length)).collect();
        writeln!(f, "of {tested} test numbers {} are read whole: {}", percent(*accuracy), lengths.join(", "))?;
        write!(f, "lengths {}, digits {}", percent(*length_accuracy), percent(*digit_accuracy))?;
        for Coverage { wanted, answered, accuracy, .. } in coverage {
            let (wanted, answered, accuracy) = (percent(*wanted), percent(*answered), percent(*accuracy));
            write!(f, "\nwhere {wanted} are to be right it answers {answered}, of which {accuracy} are")?;
        }
        Ok(())
    }
}
