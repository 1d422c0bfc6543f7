//! What came of it.

use crate::kit::{Findings, check_shares};
use experiments::record::Picture as Grey;
use network3::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Everything that the record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The network that is fooled, and another one that is asked, too.
    pub readers: [String; 2],
    /// The probability that every image was to reach.
    pub sure: f64,
    /// The probability at which the other network counts as sure.
    pub also_sure: f64,
    /// The ways.
    pub ways: Vec<Way>,
    /// What becomes of the gradient of ln a_c.
    pub stalled: Stalled,
    /// How far a real digit is from the nearest training digit, on average: root mean square, as a part of full scale.
    pub a_digit: f64,
}

/// One way to fool a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Way {
    /// What it is called.
    pub name: String,
    /// In how many classes the network is as sure as it was to be.
    pub reached: usize,
    /// How sure it is where it is least so.
    pub least: f64,
    /// How many generations or steps it took.
    pub effort: usize,
    /// Which of both.
    pub unit: String,
    /// How long it took.
    pub seconds: f64,
    /// How many images the other network takes for the same class.
    pub agree: usize,
    /// Of how many it is sure.
    pub also_sure: usize,
    /// How far an image is from the nearest training digit, on average.
    pub nearest: f64,
    /// The images.
    pub pictures: Vec<Picture>,
}

/// An image, and what it is taken for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// The class.
    pub class: usize,
    /// Its probability.
    pub probability: f64,
    /// The image.
    pub picture: Grey,
}

/// A climb that follows ln a_c.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stalled {
    /// How many steps there were.
    pub steps: usize,
    /// How many classes arrived.
    pub reached: usize,
    /// The probability of the class that came least far.
    pub least: f64,
}

impl Findings for Results {
    fn check(&self) -> Result<()> {
        for Way { name, reached, agree, also_sure, pictures, least, .. } in &self.ways {
            if [reached, agree, also_sure].iter().any(|&&n| n > pictures.len()) {
                return Err(Error::input(format!("{name}: more classes than there are")));
            }
            let probabilities = pictures.iter().map(|p| p.probability).chain([*least]);
            check_shares(probabilities).map_err(|e| e.context(name))?;
        }
        Ok(())
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Way { name, reached, least, effort, unit, seconds, agree, also_sure, nearest, pictures } in &self.ways {
            let (all, sure, also) = (pictures.len(), 100.0 * self.sure, 100.0 * self.also_sure);
            writeln!(
                f,
                "{name}: {reached} of {all} classes at {sure:.2} %, the least at {least:.6}, after {effort} {unit} \
                 and {seconds} s; another network agrees on {agree}, on {also_sure} with {also:.0} %; \
                 the nearest digit is {nearest:.3} away"
            )?;
        }
        let Stalled { steps, reached, least } = self.stalled;
        writeln!(f, "up ln a instead: {reached} classes after {steps} steps, the least at {least:.4}")?;
        write!(f, "a real digit is {:.3} away from the nearest", self.a_digit)
    }
}
