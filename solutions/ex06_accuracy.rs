//! # Accuracy on any data set
//!
//! The chapter's network can say how often it is right on the three data sets that it was handed at the start, and on
//! no other. In this exercise you write the function that answers for any images: your own handwriting, the hundred
//! that were misclassified, a single one.
//!
//! A network is here what it looks like from outside: a function from a mini-batch `[images, pixels]` to the
//! probabilities of the classes `[images, classes]`, as many rows as went in. Mini-batches are there to save memory, so
//! the function must not be given more rows than asked for, and never none. But how the images were cut into
//! mini-batches is nobody's business: the answer must not depend on it.

use ndarray::Array2;

/// The class that each row of `[images, classes]` finds most probable, the first of equals.
pub fn classes(probabilities: &Array2<f64>) -> Vec<usize> {
    let most_probable = |row: ndarray::ArrayView1<f64>| {
        row.iter().enumerate().fold(0, |best, (class, &p)| if p > row[best] { class } else { best })
    };
    probabilities.rows().into_iter().map(most_probable).collect()
}

/// The fraction of the images, the rows of `x`, whose most probable class is their label. `network` sees them in
/// mini-batches of `mini_batch_size` rows, the last of which may be smaller.
///
/// # Errors
/// When there are no images, when there are more or fewer labels than images, and when `mini_batch_size` is 0; in words
/// that say which. The network is not called then.
pub fn accuracy(
    network: &mut dyn FnMut(&Array2<f64>) -> Array2<f64>,
    x: &Array2<f64>,
    labels: &[usize],
    mini_batch_size: usize,
) -> Result<f64, String> {
    use ndarray::Axis;
    if mini_batch_size == 0 {
        return Err("a mini-batch needs at least one image".into());
    }
    if x.nrows() != labels.len() {
        return Err(format!("{} images, but {} labels", x.nrows(), labels.len()));
    }
    if labels.is_empty() {
        return Err("no images: of nothing there is no accuracy".into());
    }
    let mini_batches = x.axis_chunks_iter(Axis(0), mini_batch_size).zip(labels.chunks(mini_batch_size));
    let right = |(x, labels): (ndarray::ArrayView2<f64>, &[usize])| {
        let found = classes(&network(&x.to_owned()));
        found.iter().zip(labels).filter(|(found, label)| found == label).count()
    };
    let right: usize = mini_batches.map(right).sum();
    Ok(right as f64 / labels.len() as f64)
}
