//! What came of it.

use crate::kit::{Findings, check_shares};
use experiments::record::Picture;
use network3::{Error, Label, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Everything that the record says. Shares are between 0 and 1, sizes of changes are root mean squares as parts of full
/// scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The networks: the one that is attacked, then others.
    pub readers: Vec<String>,
    /// How well they read the test images.
    pub accuracies: Vec<f64>,
    /// Answers flipped by Adam.
    pub adam: Attack,
    /// Answers flipped by L-BFGS.
    pub lbfgs: Attack,
    /// The share of answers that noise of the same size flips.
    pub noise: f64,
    /// The share of answers that the same changes flip, with their pixels in other places.
    pub shuffled: f64,
    /// What the other networks say to the images that fool the first.
    pub transfer: Vec<Transfer>,
    /// The single step along the sign of the gradient.
    pub sign: Vec<Sign>,
    /// Training against it.
    pub training: Training,
    /// One digit of each class.
    pub examples: Vec<Example>,
}

/// Answers that were to be flipped to a random other class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attack {
    /// Digits that were tried.
    pub digits: usize,
    /// Those that are taken for the other class.
    pub flipped: usize,
    /// The same, when pixels are rounded to bytes.
    pub flipped_in_bytes: usize,
    /// The mean size of a change.
    pub mean_rms: f64,
    /// The smallest change.
    pub least_rms: f64,
    /// The largest change.
    pub most_rms: f64,
    /// How long it took.
    pub seconds: f64,
}

/// Another network, on images that fool the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transfer {
    /// Which network.
    pub name: String,
    /// The share that it reads wrong.
    pub fooled: f64,
    /// The share that it takes for the same class as the first.
    pub agree: f64,
    /// The share that it reads wrong with noise of the same size.
    pub noise: f64,
    /// The share that it reads wrong when the change is twice as large.
    pub doubled: f64,
    /// The share that it reads wrong with noise of twice the size.
    pub doubled_noise: f64,
}

/// The single step, of one length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    /// How far a pixel moves.
    pub epsilon: f64,
    /// How large the change is.
    pub rms: f64,
    /// The share of mistakes of each network; the gradient is that of the first.
    pub errors: Vec<f64>,
    /// The mean probability that the first gives its answer.
    pub confidence: f64,
    /// The share of its mistakes after a step along random signs.
    pub random: f64,
}

/// Training against the single step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// How far a pixel moves.
    pub epsilon: f64,
    /// Mini-batches.
    pub steps: usize,
    /// The share of mistakes on the digits as they are, before.
    pub clean_before: f64,
    /// The share of mistakes after the step, before.
    pub before: f64,
    /// The share of mistakes on the digits as they are, afterwards.
    pub clean_after: f64,
    /// The share of mistakes after the step, afterwards: a step along the gradient that it has then.
    pub after: f64,
    /// How long training took.
    pub seconds: f64,
}

/// A digit, and what it is taken for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Its number among the test images.
    pub image: usize,
    /// What it is.
    pub label: Label,
    /// What it is taken for.
    pub target: usize,
    /// How large the change is.
    pub rms: f64,
    /// The digit.
    pub before: Picture,
    /// The change: 8 is none, f the largest.
    pub change: Picture,
    /// Both together.
    pub after: Picture,
}

impl Findings for Results {
    fn check(&self) -> Result<()> {
        let of_training =
            [self.training.clean_before, self.training.before, self.training.clean_after, self.training.after];
        let of_others = self.transfer.iter().flat_map(|t| [t.fooled, t.agree, t.noise, t.doubled, t.doubled_noise]);
        let of_steps = self.sign.iter().flat_map(|s| s.errors.iter().copied().chain([s.random, s.confidence]));
        let shares = self.accuracies.iter().copied().chain([self.noise, self.shuffled]).chain(of_training);
        check_shares(shares.chain(of_others).chain(of_steps))?;
        for attack in [&self.adam, &self.lbfgs] {
            if attack.flipped > attack.digits || attack.flipped_in_bytes > attack.digits {
                return Err(Error::input("more answers were flipped than there were"));
            }
        }
        let networks = self.readers.len();
        if self.accuracies.len() != networks || self.sign.iter().any(|s| s.errors.len() != networks) {
            return Err(Error::input("not every network has its numbers"));
        }
        Ok(())
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, attack) in [("Adam", &self.adam), ("L-BFGS", &self.lbfgs)] {
            let Attack { digits, flipped, flipped_in_bytes, mean_rms, seconds, .. } = attack;
            writeln!(
                f,
                "{name}: {flipped} of {digits} answers flipped to a random class, {flipped_in_bytes} in bytes; \
                 mean change {mean_rms:.4} of full scale, {seconds} s"
            )?;
        }
        let percent = |x: f64| 100.0 * x;
        let (noise, shuffled) = (percent(self.noise), percent(self.shuffled));
        writeln!(f, "noise of that size flips {noise:.2} %, the same changes shuffled {shuffled:.2} %")?;
        for t in &self.transfer {
            let [fooled, agree, noise] = [t.fooled, t.agree, t.noise].map(percent);
            let [doubled, doubled_noise] = [t.doubled, t.doubled_noise].map(percent);
            writeln!(
                f,
                "{}: fooled by {fooled:.1} % of them, to the same class by {agree:.1} %, by noise {noise:.2} %; \
                 by twice the change {doubled:.1} %, by twice the noise {doubled_noise:.2} %",
                t.name
            )?;
        }
        writeln!(f, "one step along the sign of the gradient, mistakes in per cent:")?;
        writeln!(f, "   ε    random signs   {}", self.readers.join("   "))?;
        for Sign { epsilon, errors, random, .. } in &self.sign {
            let errors: String = self
                .readers
                .iter()
                .zip(errors)
                .map(|(name, e)| {
                    let width = name.chars().count() + 3;
                    format!("{:>width$.1}", percent(*e))
                })
                .collect();
            writeln!(f, "{epsilon:5.3} {:>12.1} {errors}", percent(*random))?;
        }
        let Training { epsilon, clean_before, before, clean_after, after, .. } = self.training;
        write!(
            f,
            "trained against ε = {epsilon}: {:.1} % mistakes become {:.1} %, and without the step {:.2} % become {:.2} %",
            percent(before),
            percent(after),
            percent(clean_before),
            percent(clean_after)
        )
    }
}
