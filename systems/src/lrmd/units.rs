//! How well a single unit tells a class from all others.
//!
//! A unit says "yes" where its answer is above a threshold. Of the images of the class it should say it to all, of the
//! others to none; its *balanced accuracy* is the mean of the two shares that are right, so that a unit which always
//! says the same has one half. Unit and threshold are chosen on some images, and the accuracy that is told is measured
//! on others.

use network3::{Label, data::DIGITS};
use std::ops::Range;

/// Answers of some units to some images.
#[derive(Clone, Debug)]
pub struct Answers<'a> {
    /// How many units there are.
    pub units: usize,
    /// Those that the best is looked for among.
    pub among: Range<usize>,
    /// `[n, units]`
    pub values: &'a [f32],
    /// The classes of the images.
    pub labels: &'a [Label],
}

/// The unit that tells a class best.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Detector {
    /// Which it is.
    pub unit: usize,
    /// It says "yes" above this.
    pub threshold: f32,
    /// Its balanced accuracy.
    pub accuracy: f64,
}

impl Answers<'_> {
    /// The answers of one unit.
    pub fn of(&self, unit: usize) -> impl Iterator<Item = f32> {
        self.values.iter().skip(unit).step_by(self.units).copied()
    }

    /// For each class the best unit and its best threshold.
    pub fn best(&self) -> [Detector; DIGITS] {
        let mut best = [Detector::default(); DIGITS];
        for unit in self.among.clone() {
            let mut sorted: Vec<(f32, Label)> = self.of(unit).zip(self.labels.iter().copied()).collect();
            sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut class = [0; DIGITS];
            self.labels.iter().for_each(|&label| class[usize::from(label)] += 1);
            let mut said = [0; DIGITS];
            for (k, pair) in sorted.windows(2).enumerate() {
                said[usize::from(pair[0].1)] += 1;
                // Images with the same answer are on the same side of any threshold.
                if pair[0].0 == pair[1].0 {
                    continue;
                }
                for (label, best) in best.iter_mut().enumerate() {
                    let accuracy =
                        balanced(said[label], class[label], k + 1 - said[label], sorted.len() - class[label]);
                    if accuracy > best.accuracy {
                        *best = Detector { unit, threshold: (pair[0].0 + pair[1].0) / 2.0, accuracy };
                    }
                }
            }
        }
        best
    }

    /// The balanced accuracy of a detector of this class.
    pub fn accuracy(&self, class: Label, detector: &Detector) -> f64 {
        let [mut said, mut all] = [[0; 2]; 2];
        for (value, &label) in self.of(detector.unit).zip(self.labels) {
            let other = usize::from(label != class);
            all[other] += 1;
            said[other] += usize::from(value > detector.threshold);
        }
        balanced(said[0], all[0], said[1], all[1])
    }
}

/// `yes` of `class` images are answered rightly, and `wrong` of `others` are not.
fn balanced(yes: usize, class: usize, wrong: usize, others: usize) -> f64 {
    let share = |k: usize, n: usize| k as f64 / n.max(1) as f64;
    (share(yes, class) + 1.0 - share(wrong, others)) / 2.0
}

/// For each class: the best unit by the `chosen` answers, and its accuracy by the `tested` ones.
pub fn detectors(chosen: &Answers, tested: &Answers) -> [Detector; DIGITS] {
    let mut best = chosen.best();
    for (class, best) in best.iter_mut().enumerate() {
        best.accuracy = tested.accuracy(class as Label, best);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_unit_and_threshold_are_found() {
        // Unit 0 is high for class 3, with one mistake on either side; unit 1 always says the same.
        let labels = [3, 3, 3, 1, 1, 1, 1, 2];
        let values: Vec<f32> = [0.9, 0.8, 0.1, 0.85, 0.2, 0.1, 0.0, 0.3].iter().flat_map(|&v| [v, 7.0]).collect();
        let answers = Answers { units: 2, among: 0..2, values: &values, labels: &labels };
        let best = answers.best()[3];
        assert_eq!(best.unit, 0);
        let expected = (2.0 / 3.0 + 4.0 / 5.0) / 2.0;
        assert!((best.accuracy - expected).abs() < 1e-12 && (0.3..0.8).contains(&best.threshold), "{best:?}");
        assert!((answers.accuracy(3, &best) - expected).abs() < 1e-12);
        let same = Detector { unit: 1, threshold: 5.0, accuracy: 0.0 };
        assert_eq!(answers.accuracy(3, &same), 0.5);
    }

    #[test]
    fn equal_answers_are_not_taken_apart() {
        let (labels, values) = ([0, 1, 0, 1], [1.0; 4]);
        let answers = Answers { units: 1, among: 0..1, values: &values, labels: &labels };
        assert_eq!(answers.best()[0], Detector::default());
    }
}
