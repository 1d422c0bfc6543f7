//! Sizes and numbers that are easily overlooked.

use super::Answers;
use crate::{Random, Verdict, Wrong, number};
use ndarray::{Array2, array, s};
use solutions::ex06_accuracy as solution;
use std::collections::BTreeSet;

pub fn classes(a: Answers) -> Verdict {
    let random = &mut Random::new(601);
    let near =
        array![[0.2, 0.3, 0.3 + 1e-15], [0.0, 0.0, 0.0], [1e-300, 2e-300, 0.0], [0.3, 0.3, 0.3], [0.0, 0.5, 0.5]];
    let cases = [
        near,
        random.array((40, 4)).mapv(|x: f64| ((x + 1.0) * 2.0).floor()),
        random.array((3, 1)),
        random.array((2, 200)),
        Array2::zeros((0, 3)),
    ];
    cases.iter().try_for_each(|p| {
        let (expected, got) = (solution::classes(p), (a.classes)(p));
        if expected == got {
            return Ok(());
        }
        let row = expected.iter().zip(&got).position(|(e, g)| e != g).unwrap_or(0);
        let row = p.rows().into_iter().nth(row).map(|row| row.to_string()).unwrap_or_default();
        Err(Wrong::new(format!(
            "classes: expected {expected:?}, got {got:?}; the first row that is wrong, or missing: {row}"
        ))
        .because("probabilities may be zero, equal or nearly so, and there may be one class only: the first of equals"))
    })
}

/// Sizes, order and rows of the mini-batches; labels that no class has; a network that cannot decide.
pub fn mini_batches(a: Answers) -> Verdict {
    for (images, size) in [(10, 4), (9, 3), (7, 1), (5, 8), (1, 1), (11, usize::MAX), (257, 256)] {
        let x = Array2::from_shape_fn((images, 2), |(i, j)| (10 * i + j) as f64);
        let labels: Vec<usize> = (0..images).map(|i| if i % 4 == 3 { 99 } else { i % 3 }).collect();
        let (mut sizes, mut seen) = (vec![], vec![]);
        let mut network = |x: &Array2<f64>| {
            sizes.push(x.nrows());
            seen.extend(x.column(0).iter().map(|&x| x as usize / 10));
            // Classes 0 and 1 are equal for every other image.
            Array2::from_shape_fn((x.nrows(), 3), |(i, c)| {
                [[0.4, 0.4, 0.2], [0.1, 0.3, 0.6]][x[[i, 0]] as usize / 10 % 2][c]
            })
        };
        let told = format!("{images} images in mini-batches of {size}");
        let got = (a.accuracy)(&mut network, &x, &labels, size)
            .map_err(|e| Wrong::new(format!("{told}: expected an accuracy, got the error {e:?}")))?;
        let mut expected_sizes = vec![size.min(images); images / size.min(images)];
        expected_sizes.extend((!images.is_multiple_of(size.min(images))).then_some(images % size.min(images)));
        if sizes != expected_sizes {
            return Err(Wrong::new(format!("{told}: expected mini-batches of {expected_sizes:?}, got {sizes:?}"))
                .because("all mini-batches have the size that was asked for; only the last may be smaller"));
        }
        seen.sort();
        if seen != (0..images).collect::<Vec<_>>() {
            return Err(Wrong::new(format!("{told}: the network has not seen each image once"))
                .because("is each row in one mini-batch?"));
        }
        let right = (0..images).filter(|i| labels[*i] == [0, 2][i % 2]).count();
        number(
            &format!("{told}, some with labels that are no class, some between two classes: accuracy"),
            right as f64 / images as f64,
            got,
        )
        .within(1e-12)
        .verdict()
        .map_err(|wrong| {
            wrong.or_because("the first of equals is the answer; a label that is no class is never right")
        })?;
    }
    Ok(())
}

/// The words say which error it is.
pub fn words(a: Answers) -> Verdict {
    let x = Array2::from_shape_fn((4, 2), |(i, j)| (i + j) as f64);
    let none = x.slice(s![..0, ..]).to_owned();
    let cases: [(&str, &Array2<f64>, &[usize], usize); 4] = [
        ("no images", &none, &[], 3),
        ("fewer labels than images", &x, &[0; 3], 3),
        ("more labels than images", &x, &[0; 5], 3),
        ("mini-batches of 0", &x, &[0; 4], 0),
    ];
    let mut said: Vec<(&str, String)> = vec![];
    for (what, x, labels, size) in cases {
        let mut called = false;
        let mut network = |x: &Array2<f64>| {
            called = true;
            Array2::zeros((x.nrows(), 2))
        };
        let got = (a.accuracy)(&mut network, x, labels, size);
        match got {
            Ok(got) => {
                return Err(Wrong::new(format!("{what}: expected an error, got {got}"))
                    .because("there are as many labels as images, no more and no fewer"));
            }
            Err(_) if called => {
                return Err(
                    Wrong::new(format!("{what}: the network has been called")).because("look at the arguments first")
                );
            }
            Err(words) => said.push((what, words)),
        }
    }
    let kinds: BTreeSet<&str> = [0, 1, 3].map(|k| &*said[k].1).into();
    if kinds.len() == 3 {
        return Ok(());
    }
    Err(Wrong::new(format!("the same words for different errors: {said:?}"))
        .because("the words should say which of the three it is"))
}
