//! The cost of a classifier, softmax included.

use super::{Operation, Rule, Workshop};
use crate::tape::gradient::with_gradient;
use crate::tape::{Node, Shape, Tape, Var};
use network3::{Real, cost::surprise};
use std::ops::Range;

#[derive(Clone)]
pub struct LogLikelihood {
    z: Var,
    /// Where they stand in the list of labels.
    labels: Range<usize>,
}

impl<R: Real> Tape<R> {
    /// The mean of −ln softmax(z)\[label\] over the rows of z that have a label: the log-likelihood cost of a softmax
    /// layer.
    ///
    /// # Panics
    /// When there are not as many labels as rows, or a label is none of the classes.
    pub fn log_likelihood(&mut self, z: Var, labels: &[Option<usize>]) -> Var {
        let [p, q, classes] = self.shape(z);
        assert_eq!(labels.len(), p * q, "a label, or none, for each row of {:?}", self.shape(z));
        assert!(labels.iter().flatten().all(|&label| label < classes), "labels below {classes}");
        let list = &mut self.workshop.labels;
        let first = list.len();
        list.extend(labels);
        let rule = LogLikelihood { z, labels: first..list.len() };
        self.push(Operation::LogLikelihood(rule), &[z], [1, 1, 1])
    }
}

impl LogLikelihood {
    /// softmax(z), row by row, in scratch memory.
    fn probabilities<R: Real>(&self, before: &[Node<R>], workshop: &mut Workshop<R>) {
        let z = &before[self.z.0];
        workshop.scratch.clear();
        workshop.scratch.extend(&z.value);
        workshop.backend.softmax(&mut workshop.scratch, z.shape[2]);
    }
}

impl<R: Real> Rule<R> for LogLikelihood {
    fn forward(&self, before: &[Node<R>], y: &mut [R], _: Shape, workshop: &mut Workshop<R>) {
        self.probabilities(before, workshop);
        let labels = &workshop.labels[self.labels.clone()];
        let rows = workshop.scratch.chunks_exact(before[self.z.0].shape[2]).zip(labels);
        let cost: f64 = rows.filter_map(|(a, label)| label.map(|label| surprise(a[label]))).sum();
        y[0] = R::of(cost / labelled(labels));
    }

    /// dz = dy · (a − \[label\]) / rows, with a = softmax(z)
    fn backward(&self, before: &mut [Node<R>], node: &mut Node<R>, workshop: &mut Workshop<R>) {
        self.probabilities(before, workshop);
        let labels = &workshop.labels[self.labels.clone()];
        let scale = node.gradient[0] / R::of(labelled(labels));
        with_gradient(before, self.z, |_, dz, [_, _, classes]| {
            let rows = dz.sums().chunks_exact_mut(classes).zip(workshop.scratch.chunks_exact(classes)).zip(labels);
            for ((dz, a), label) in rows {
                let Some(label) = *label else { continue };
                dz.iter_mut().zip(a).for_each(|(dz, &a)| *dz += scale * a);
                dz[label] -= scale;
            }
        });
    }
}

/// Rows with a label, at least one.
fn labelled(labels: &[Option<usize>]) -> f64 {
    labels.iter().flatten().count().max(1) as f64
}
