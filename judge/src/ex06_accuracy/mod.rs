//! How often a network is right.

mod corners;
pub mod wrong;

use crate::plugged::small_network;
use crate::{Check, Exercise, Random, Verdict, Wrong, compare, number};
use ndarray::{Array1, Array2, Axis};
use network3::{
    Activation, Pass, Spec, data,
    train::{HyperParameters, Trainer, evaluate},
};
use solutions::ex06_accuracy as solution;

/// The probabilities of a mini-batch.
pub type Classifier<'a> = &'a mut dyn FnMut(&Array2<f64>) -> Array2<f64>;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub classes: fn(&Array2<f64>) -> Vec<usize>,
    pub accuracy: fn(Classifier, &Array2<f64>, &[usize], usize) -> Result<f64, String>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex06_accuracy",
        read_on: "the library's own, which computes the cost on the way: `network3::train::evaluate`",
        checks: vec![
            check("classes", "the largest probability", largest),
            check("classes", "ties", ties),
            check("classes", "zeros and near equals", corners::classes),
            check("accuracy", "whole mini-batches", whole),
            check("accuracy", "the last mini-batch is smaller", partial),
            check("accuracy", "errors", errors),
            check("accuracy", "each mini-batch", corners::mini_batches),
            check("accuracy", "words that say which", corners::words),
            check("accuracy", "size and order do not matter", size_and_order),
            check("accuracy", "a real network", real_network),
        ],
    }
    .otherwise(&[
        ("classes", "is each row looked at on its own, and is it the place of the largest number that is kept, not the number?"),
        ("accuracy", "are right ones counted and divided by all images, and do labels and images stay together when they are cut into mini-batches?"),
    ])
}

fn numbers(classes: &[usize]) -> Array1<f64> {
    classes.iter().map(|&class| class as f64).collect()
}

fn largest(a: Answers) -> Verdict {
    let p: Array2<f64> = Random::new(6).array((12, 10)).mapv(|x: f64| (x + 1.0) / 10.0);
    let by = |pick: &dyn Fn(&[f64]) -> usize| -> Array1<f64> {
        p.rows().into_iter().map(|row| pick(&row.to_vec()) as f64).collect()
    };
    let smallest = |row: &[f64]| (0..10).min_by(|&i, &j| row[i].total_cmp(&row[j])).unwrap_or(0);
    let over_half = |row: &[f64]| row.iter().position(|&p| p > 0.5).unwrap_or(0);
    compare("classes", &numbers(&solution::classes(&p)), &numbers(&(a.classes)(&p)))
        .suspect(&by(&smallest), "the smallest probability instead of the largest")
        .suspect(&by(&over_half), "the most probable class need not have more than half of the probability")
        .suspect(&numbers(&solution::classes(&p)).mapv(|class| class + 1.0), "classes are counted from 0")
        .verdict()
}

fn ties(a: Answers) -> Verdict {
    let mut p: Array2<f64> = Array2::from_elem((4, 5), 0.1);
    // A tie of all, and ties of two: at the beginning, in the middle, at the end.
    for (row, class) in [(1, 0), (1, 2), (2, 1), (2, 3), (3, 3), (3, 4)] {
        p[[row, class]] = 0.35;
    }
    let last: Vec<_> =
        p.rows().into_iter().map(|row| (0..5).max_by(|&i, &j| row[i].total_cmp(&row[j])).unwrap_or(0)).collect();
    compare("classes of rows where several are equally probable", &numbers(&[0, 0, 1, 3]), &numbers(&(a.classes)(&p)))
        .suspect(&numbers(&last), "the last of equals: it should be the first. (`max_by` returns the last.)")
        .verdict()
}

/// Made-up images with labels, some of which the network below finds.
fn made_up(images: usize) -> (Array2<f64>, Vec<usize>) {
    let mut random = Random::new(61);
    let x: Array2<f64> = random.array((images, 6));
    let right = classify(&x);
    let label = |(i, class): (usize, usize)| if i % 3 == 0 || i + 2 >= images { class } else { (class + 1) % 4 };
    let labels = solution::classes(&right).into_iter().enumerate().map(label).collect();
    (x, labels)
}

/// A network of one layer, 6 inputs and 4 classes, that looks at every image on its own.
fn classify(x: &Array2<f64>) -> Array2<f64> {
    let w: Array2<f64> = Random::new(62).array((6, 4));
    let e = x.dot(&w).mapv(f64::exp);
    let sums = e.sum_axis(Axis(1)).insert_axis(Axis(1));
    e / sums
}

/// How right an answer finds `classify`. The mini-batches that it made must be as they should be.
fn judged(a: Answers, x: &Array2<f64>, labels: &[usize], size: usize) -> Result<f64, Wrong> {
    let mut sizes = vec![];
    let mut network = |x: &Array2<f64>| {
        sizes.push(x.nrows());
        classify(x)
    };
    let told = format!("{} images in mini-batches of {size}", x.nrows());
    let accuracy = (a.accuracy)(&mut network, x, labels, size);
    let accuracy = accuracy.map_err(|e| Wrong::new(format!("{told}: expected an accuracy, got the error {e:?}")))?;
    if let Some(n) = sizes.iter().find(|n| **n == 0 || **n > size) {
        let cause =
            if *n == 0 { "the last mini-batch is empty: leave it out" } else { "is x cut into mini-batches at all?" };
        return Err(Wrong::new(format!("{told}: the network was given {n} images at once")).because(cause));
    }
    Ok(accuracy)
}

fn whole(a: Answers) -> Verdict {
    let (x, labels) = made_up(12);
    let expected = solution::accuracy(&mut classify, &x, &labels, 4).unwrap_or(f64::NAN);
    number("accuracy on 12 images in mini-batches of 4", expected, judged(a, &x, &labels, 4)?)
        .suspect_number(expected * 12.0, "this is how many are right: divide by the number of images")
        .suspect_number(1.0 - expected, "this is the fraction that is wrong")
        .suspect_number(100.0 * expected, "this is a percentage; what is wanted is a fraction")
        .suspect_number(expected * 3.0, "divided by the mini-batch size instead of the number of images")
        .suspect_number(expected * 4.0, "divided by the number of mini-batches instead of the number of images")
        .suspect_number(0.0, "nothing is right: are whole numbers divided before they become f64?")
        .verdict()
}

fn partial(a: Answers) -> Verdict {
    let (x, labels) = made_up(14);
    let right: Vec<f64> =
        solution::classes(&classify(&x)).iter().zip(&labels).map(|(c, l)| f64::from(u8::from(c == l))).collect();
    let mean = |right: &[f64]| right.iter().sum::<f64>() / right.len() as f64;
    let means: Vec<f64> = right.chunks(4).map(mean).collect();
    number("accuracy on 14 images in mini-batches of 4", mean(&right), judged(a, &x, &labels, 4)?)
        .suspect_number(mean(&right[..12]), "the last two images are left out: they make a mini-batch, if a small one")
        .suspect_number(
            right[..12].iter().sum::<f64>() / 14.0,
            "the last two images are counted as wrong: they are never classified",
        )
        .suspect_number(mean(&means), "the mean of the mini-batches' accuracies: the small one weighs too much in it")
        .suspect_number(right.iter().sum::<f64>() / 16.0, "divided by the images of four full mini-batches")
        .verdict()
}

fn errors(a: Answers) -> Verdict {
    let (x, labels) = made_up(6);
    let none = Array2::zeros((0, 6));
    number("accuracy on 6 images in mini-batches of 10", 4.0 / 6.0, judged(a, &x, &labels, 10)?)
        .suspect_number(0.0, "the only mini-batch is smaller than 10, and has been left out")
        .verdict()?;
    let cases: [(&str, &Array2<f64>, &[usize], usize); 4] = [
        ("no images", &none, &[], 10),
        ("6 images and 5 labels", &x, &labels[..5], 10),
        ("no images and 6 labels", &none, &labels, 10),
        ("mini-batches of 0 images", &x, &labels, 0),
    ];
    for (what, x, labels, size) in cases {
        let mut called = false;
        let mut network = |x: &Array2<f64>| {
            called = true;
            classify(x)
        };
        match (a.accuracy)(&mut network, x, labels, size) {
            Err(words) if words.trim().is_empty() => {
                return Err(
                    Wrong::new(format!("{what}: the error says nothing")).because("it should say what is wrong")
                );
            }
            Err(_) if called => {
                let wrong = Wrong::new(format!("{what}: an error, but the network has been called before"));
                return Err(wrong.because("look at the arguments first"));
            }
            Err(_) => {}
            Ok(got) => {
                let cause = match what {
                    _ if got.is_nan() => "zero divided by zero: of nothing there is no accuracy",
                    "6 images and 5 labels" => "`zip` ends with the shorter of the two, and says nothing",
                    _ => "this case needs a line of its own at the beginning",
                };
                return Err(Wrong::new(format!("{what}: expected an error, got {got}")).because(cause));
            }
        }
    }
    Ok(())
}

fn size_and_order(a: Answers) -> Verdict {
    let (x, labels) = made_up(11);
    let expected = solution::accuracy(&mut classify, &x, &labels, 11).unwrap_or(f64::NAN);
    for size in 1..=12 {
        number(&format!("accuracy on 11 images in mini-batches of {size}"), expected, judged(a, &x, &labels, size)?)
            .verdict()?;
    }
    let order: Vec<usize> = (0..11).map(|i| (i * 4 + 3) % 11).collect();
    let shuffled: Vec<usize> = order.iter().map(|&i| labels[i]).collect();
    number(
        "accuracy on the same images in another order",
        expected,
        judged(a, &x.select(Axis(0), &order), &shuffled, 4)?,
    )
    .verdict()
}

fn real_network(a: Answers) -> Verdict {
    let library = |e: network3::Error| Wrong::new(e.to_string());
    let splits = data::digits(400, 123, 1, 6).map_err(library)?;
    let layers = [Spec::fully_connected(20, Activation::Sigmoid), Spec::softmax(10)];
    let mut network = small_network(splits.training.shape(), &layers).map_err(library)?;
    let hyper_parameters = HyperParameters::new(0.5).with_epochs(2);
    let mut trainer = Trainer::new(&splits, hyper_parameters).map_err(library)?;
    while !trainer.is_over() {
        trainer.epoch(&mut network, &mut |_| {}).map_err(library)?;
    }
    let images = &splits.validation;
    let expected = evaluate(&mut network, images, images.len()).map_err(library)?.accuracy;
    let x = Array2::from_shape_fn((images.len(), 28 * 28), |(i, pixel)| f64::from(images.image(i)[pixel]) / 256.0);
    let labels: Vec<usize> = images.labels().iter().map(|&label| usize::from(label)).collect();
    let mut classify = |x: &Array2<f64>| {
        let x: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        network.forward(&x, Pass::Evaluate).mapv(f64::from)
    };
    match (a.accuracy)(&mut classify, &x, &labels, 10) {
        Ok(got) => number("accuracy of a network that has learned a little, on 123 digits", expected, got).verdict(),
        Err(e) => {
            Err(Wrong::new(format!("123 digits in mini-batches of 10: expected an accuracy, got the error {e:?}")))
        }
    }
}
