//! What goes wrong when right answers are counted.

use super::{Answers, Classifier, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::{Array2, Axis, s};
use solutions::ex06_accuracy as solution;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers = Answers { classes: solution::classes, accuracy: solution::accuracy };

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "last-of-equals",
            mistake: "`max_by` returns the last of equals; the first is wanted.",
            caught_by: ("classes", "ties"),
            exercise: exercise(Answers { classes: last_of_equals, ..RIGHT }),
        },
        WrongAnswer {
            name: "last-batch-dropped",
            mistake: "Only whole mini-batches are classified, as in `network3.py`.",
            caught_by: ("accuracy", "the last mini-batch is smaller"),
            exercise: exercise(Answers { accuracy: drop_last, ..RIGHT }),
        },
        WrongAnswer {
            name: "mean-of-means",
            mistake: "The mean of the mini-batches' accuracies, in which an image of the last one weighs more.",
            caught_by: ("accuracy", "the last mini-batch is smaller"),
            exercise: exercise(Answers { accuracy: mean_of_means, ..RIGHT }),
        },
        WrongAnswer {
            name: "nothing-by-nothing",
            mistake: "Without images, zero is divided by zero.",
            caught_by: ("accuracy", "errors"),
            exercise: exercise(Answers { accuracy: nothing_by_nothing, ..RIGHT }),
        },
        WrongAnswer {
            name: "labels-cut-off",
            mistake: "Images and labels are zipped, and what is left over is ignored.",
            caught_by: ("accuracy", "errors"),
            exercise: exercise(Answers { accuracy: zip_silently, ..RIGHT }),
        },
        WrongAnswer {
            name: "all-at-once",
            mistake: "All images go to the network in one piece, whatever the size of a mini-batch.",
            caught_by: ("accuracy", "whole mini-batches"),
            exercise: exercise(Answers {
                accuracy: |network, x, labels, size| solution::accuracy(network, x, labels, size.saturating_mul(1000)),
                ..RIGHT
            }),
        },
    ]
}

fn last_of_equals(probabilities: &Array2<f64>) -> Vec<usize> {
    let last = |row: ndarray::ArrayView1<f64>| (0..row.len()).max_by(|&i, &j| row[i].total_cmp(&row[j])).unwrap_or(0);
    probabilities.rows().into_iter().map(last).collect()
}

fn drop_last(network: Classifier, x: &Array2<f64>, labels: &[usize], size: usize) -> Result<f64, String> {
    if size == 0 || x.nrows() != labels.len() || labels.len() < size {
        return Err("not even one mini-batch".into());
    }
    let whole = labels.len() / size * size;
    solution::accuracy(network, &x.slice(s![..whole, ..]).to_owned(), &labels[..whole], size)
}

fn mean_of_means(network: Classifier, x: &Array2<f64>, labels: &[usize], size: usize) -> Result<f64, String> {
    solution::accuracy(&mut |x| Array2::zeros((x.nrows(), 1)), x, labels, size)?; // for its errors
    let batches = x.axis_chunks_iter(Axis(0), size).zip(labels.chunks(size));
    let means: Result<Vec<f64>, String> =
        batches.map(|(x, labels)| solution::accuracy(network, &x.to_owned(), labels, size)).collect();
    let means = means?;
    Ok(means.iter().sum::<f64>() / means.len() as f64)
}

fn nothing_by_nothing(network: Classifier, x: &Array2<f64>, labels: &[usize], size: usize) -> Result<f64, String> {
    if x.is_empty() && labels.is_empty() { Ok(f64::NAN) } else { solution::accuracy(network, x, labels, size) }
}

fn zip_silently(network: Classifier, x: &Array2<f64>, labels: &[usize], size: usize) -> Result<f64, String> {
    let n = x.nrows().min(labels.len());
    solution::accuracy(network, &x.slice(s![..n, ..]).to_owned(), &labels[..n], size)
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    [
        Answers { classes: |p| vec![0; p.nrows()], accuracy: |_, _, _, _| Ok(0.0) },
        Answers { classes: |_| vec![], accuracy: |_, _, _, _| Err("no".into()) },
        Answers { classes: |p| vec![7; p.nrows()], accuracy: |_, _, _, _| Ok(1.0) },
    ]
    .map(exercise)
    .into()
}
