//! The built-in digits: the same for ever, and neither too easy nor too hard.

use network3::data::{Batches, Dataset, digit, digits};
use network3::{Label, LastBatch};

#[test]
fn a_drawing_depends_on_seed_and_number_alone() {
    let (small, large) = (digits(30, 5, 5, 9).unwrap(), digits(50, 20, 10, 9).unwrap());
    assert_eq!(small.training, large.training.slice(0..30).unwrap());
    assert_eq!(small.validation, large.validation.slice(0..5).unwrap());
    assert_eq!(small.test, large.test.slice(0..5).unwrap());
    assert_ne!(small.training.slice(0..5).unwrap(), small.test);
    assert_ne!(small.training, digits(30, 5, 5, 10).unwrap().training);
    assert_eq!(small.name, "built-in digits");
    assert!(digits(1, 0, 1, 1).is_err());
}

/// Records name a seed and no files, so the drawings of a seed must never change.
#[test]
fn the_drawings_of_a_seed_never_change() {
    let sum = |(image, label): ([u8; 784], Label)| {
        image.iter().fold(u64::from(label), |h, &p| h * 31 % 1_000_003 + u64::from(p))
    };
    assert_eq!([0, 1, 1000].map(|number| sum(digit(1, number))), [242689, 783809, 751956]);
}

#[test]
fn there_is_ink_on_paper_and_every_class_is_there() {
    let set = digits(2000, 1, 1, 3).unwrap().training;
    for i in 0..set.len() {
        let ink = set.image(i).iter().filter(|&&p| p > 128).count();
        assert!((12..400).contains(&ink), "{ink} black pixels in image {i}");
        assert!(set.image(i).iter().any(|&p| p > 200), "image {i} is pale");
    }
    for class in 0..10 {
        let count = set.labels().iter().filter(|&&l| l == class).count();
        assert!((140..260).contains(&count), "{count} of class {class}");
    }
}

/// As hard as MNIST for a linear classifier, which gets about 88 % of MNIST after as many images.
#[test]
fn a_linear_classifier_gets_most_and_far_from_all() {
    let digits = digits(5000, 1, 2000, 1).unwrap();
    let mut softmax = (vec![[0f32; 785]; 10], 0.02);
    for _ in 0..8 {
        let mut batches = Batches::sequential(&digits.training, 1, LastBatch::Used).unwrap();
        let (mut x, mut labels) = (vec![], vec![]);
        while let Some(batch) = batches.next_batch() {
            batch.gather(&mut x, &mut labels);
            let x = &x[..];
            let z = linear(&softmax.0, x);
            let sum: f32 = z.iter().map(|z| z.exp()).sum();
            for (class, weights) in softmax.0.iter_mut().enumerate() {
                let error = z[class].exp() / sum - f32::from(usize::from(labels[0]) == class);
                weights.iter_mut().zip(x.iter().chain(&[1.0])).for_each(|(w, x)| *w -= softmax.1 * error * x);
            }
        }
        softmax.1 *= 0.8;
    }
    let right = accuracy(&digits.test, |x| {
        let z = linear(&softmax.0, &x.iter().map(|&p| f32::from(p) / 256.0).collect::<Vec<f32>>());
        (0..10).max_by(|&a, &b| z[a].total_cmp(&z[b])).unwrap() as Label
    });
    assert!((0.80..0.93).contains(&right), "{right}");
}

fn linear(weights: &[[f32; 785]], x: &[f32]) -> Vec<f32> {
    weights.iter().map(|w| w.iter().zip(x.iter().chain(&[1.0])).map(|(w, x)| w * x).sum()).collect()
}

fn accuracy(test: &Dataset, classify: impl Fn(&[u8]) -> Label) -> f64 {
    let right = (0..test.len()).filter(|&i| classify(test.image(i)) == test.labels()[i]).count();
    right as f64 / test.len() as f64
}

/// Drawings of one class resemble each other: it can be learned.
#[test]
fn the_nearest_neighbour_is_mostly_of_the_same_class() {
    let digits = digits(5000, 1, 300, 1).unwrap();
    let right = accuracy(&digits.test, |x| {
        let distance = |&i: &usize| {
            let square = |(&a, &b): (&u8, &u8)| (i32::from(a) - i32::from(b)).pow(2);
            x.iter().zip(digits.training.image(i)).map(square).sum::<i32>()
        };
        digits.training.labels()[(0..digits.training.len()).min_by_key(distance).unwrap()]
    });
    assert!((0.88..0.98).contains(&right), "{right}");
}
