//! Training images distorted on the fly.

use network3::data::{Batches, Dataset, Distortion, Examples, TrainingSet, digits};
use network3::{Label, LastBatch, Order, Shape, Threads};
use quickcheck::QuickCheck;

const STRONG: Distortion =
    Distortion { alpha: 34.0, sigma: 4.0, rotation: 15.0, shear: 0.2, scaling: 0.15, shift: 2.0 };

/// Images of any shape, with every byte in them.
fn images(n: usize, maps: usize, height: usize, width: usize) -> Dataset {
    let pixels = (0..n * maps * height * width).map(|i| (i * 37 % 256) as u8).collect();
    let labels = (0..n).map(|i| (i % 10) as Label).collect();
    Dataset::new(Shape::image(maps, height, width), 10, pixels, labels).unwrap()
}

fn example(set: TrainingSet, k: usize) -> Vec<f32> {
    let mut x = vec![f32::NAN; set.images().shape().len()];
    assert_eq!(set.write(k, &mut x), set.images().labels()[k]);
    x
}

#[test]
fn none_at_all_changes_no_bit() {
    fn property(maps: u8, height: u8, width: u8, seed: u64, epoch: u8) -> bool {
        let images = images(2, usize::from(maps % 3) + 1, usize::from(height % 30) + 1, usize::from(width % 30) + 1);
        let plain = TrainingSet::plain(&images);
        let set = TrainingSet::distorted(&images, Distortion::NONE).unwrap().in_epoch(seed, epoch.into());
        (0..2).all(|k| example(set, k) == example(plain, k))
    }
    QuickCheck::new().quickcheck(property as fn(u8, u8, u8, u64, u8) -> bool);
}

/// Whatever is drawn, each new pixel lies between the least and the greatest of the old ones and paper.
#[test]
fn no_pixel_is_darker_than_before() {
    fn property(maps: u8, height: u8, width: u8, seed: u64) -> bool {
        let images = images(1, usize::from(maps % 3) + 1, usize::from(height % 30) + 1, usize::from(width % 30) + 1);
        let most = example(TrainingSet::plain(&images), 0).into_iter().fold(0.0, f32::max);
        let set = TrainingSet::distorted(&images, STRONG).unwrap().in_epoch(seed, 0);
        example(set, 0).iter().all(|x| (0.0..=most + 1e-6).contains(x))
    }
    QuickCheck::new().quickcheck(property as fn(u8, u8, u8, u64) -> bool);
}

/// The field by its definition, in f64, from fields that the library draws with one thing at a time.
#[test]
fn affine_fields_are_affine_and_within_their_limits() {
    let (height, width) = (20, 31);
    let one = |distortion: Distortion, number| {
        let [down, right] = distortion.field((height, width), 5, number);
        let at = |i: usize, j: usize| (f64::from(down[i * width + j]), f64::from(right[i * width + j]));
        let corners = [at(0, 0), at(0, width - 1), at(height - 1, 0), at(height - 1, width - 1)];
        // What is affine is at the centre what the corners are on average.
        let mean = corners.iter().fold((0.0, 0.0), |(a, b), (down, right)| (a + down / 4.0, b + right / 4.0));
        let middle = ((at(9, 15).0 + at(10, 15).0) / 2.0, (at(9, 15).1 + at(10, 15).1) / 2.0);
        assert!((mean.0 - middle.0).abs() < 1e-4 && (mean.1 - middle.1).abs() < 1e-4, "{mean:?}, {middle:?}");
        (mean, corners)
    };
    let (mut turned, mut moved) = (0.0f64, 0.0f64);
    for number in 0..200 {
        let ((down, right), _) = one(Distortion { shift: 2.0, ..Distortion::NONE }, number);
        assert!(down.abs() <= 2.0 && right.abs() <= 2.0);
        moved = moved.max(down.abs()).max(right.abs());

        // Turning keeps every distance from the centre.
        let (_, corners) = one(Distortion { rotation: 15.0, ..Distortion::NONE }, number);
        let (u, v) = (-9.5, -15.0);
        let (x, y) = (u + corners[0].0, v + corners[0].1);
        assert!((x.hypot(y) - u.hypot(v)).abs() < 1e-4);
        let angle = ((u * y - v * x) / (u * u + v * v)).asin().to_degrees();
        assert!(angle.abs() <= 15.0 + 1e-4, "{angle}");
        turned = turned.max(angle.abs());

        // Leaning moves nothing down, and stretching nothing that is at the centre.
        let (_, corners) = one(Distortion { shear: 0.2, ..Distortion::NONE }, number);
        assert!(corners.iter().all(|(down, right)| *down == 0.0 && right.abs() <= 0.2 * 9.5 + 1e-5));
        assert!((corners[0].1 + corners[3].1).abs() < 1e-5, "what is above goes the other way");
        let ((down, right), corners) = one(Distortion { scaling: 0.1, ..Distortion::NONE }, number);
        assert!(down.abs() < 1e-5 && right.abs() < 1e-5);
        assert!(corners.iter().all(|(down, right)| down.abs() <= 0.95 + 1e-5 && right.abs() <= 1.5 + 1e-5));
    }
    assert!(turned > 14.0 && moved > 1.9, "limits are reached: {turned}, {moved}");
}

/// Smoothed by its definition: every neighbour with the weight exp(−(di² + dj²)/2σ²), and nothing beyond the edge.
#[test]
fn elastic_fields_are_smooth_and_go_nowhere_on_average() {
    let (height, width, fields) = (28, 28, 300);
    let bent = Distortion { alpha: 34.0, sigma: 4.0, ..Distortion::NONE };
    // A narrow Gaussian leaves the noise almost as it is, so the same noise can be smoothed here.
    let noise = Distortion { alpha: 1.0, sigma: 0.1, ..Distortion::NONE };
    let (noise, smooth) = (noise.field((height, width), 1, 0), bent.field((height, width), 1, 0));
    let g: Vec<f64> = (0..=12).map(|k| (-f64::from(k * k) / 32.0).exp()).collect();
    let sum = 2.0 * g.iter().sum::<f64>() - g[0];
    let weight = |a: usize, b: usize| g.get(a.abs_diff(b)).map_or(0.0, |g| g / sum);
    for (noise, smooth) in noise.iter().zip(&smooth) {
        for (i, j) in [(0, 0), (3, 27), (14, 14), (27, 9)] {
            let terms = (0..height * width).map(|k| weight(i, k / width) * weight(j, k % width) * f64::from(noise[k]));
            let (want, got) = (34.0 * terms.sum::<f64>(), f64::from(smooth[i * width + j]));
            assert!((want - got).abs() < 1e-4, "({i}, {j}): {got}, and not {want}");
        }
    }

    let (mut mean, mut square, mut step) = (0.0, 0.0, 0.0f64);
    for number in 0..fields {
        for half in bent.field((height, width), 7, number) {
            let n = (2 * fields as usize * half.len()) as f64;
            mean += half.iter().map(|&d| f64::from(d)).sum::<f64>() / n;
            square += half.iter().map(|&d| f64::from(d).powi(2)).sum::<f64>() / n;
            let steps = half.windows(2).enumerate().filter(|(k, _)| (k + 1) % width > 0);
            step = steps.fold(step, |step, (_, two)| step.max(f64::from(two[1] - two[0]).abs()));
        }
    }
    // Far from the edge the variance is α²/3 · (Σ g²)², a standard deviation of 1.4 pixels; near it, less.
    assert!(mean.abs() < 0.05, "the mean displacement is {mean} pixels");
    assert!((0.9..1.5).contains(&square.sqrt()), "its root mean square is {}", square.sqrt());
    assert!(step < 1.5, "neighbours go nearly the same way, not {step} pixels apart");
}

/// A pixel's way is a function of seed, epoch and example: not of what was asked before, nor of how many threads ask.
#[test]
fn the_same_for_any_number_of_threads() {
    let digits = digits(40, 1, 1, 1).unwrap().training;
    let set = TrainingSet::distorted(&digits, STRONG).unwrap().in_epoch(3, 2);
    let which: Vec<u32> = (0..40).rev().collect();
    let gathered = |threads: usize| {
        let (threads, mut x, mut labels) = (Threads::new(threads).unwrap(), vec![], vec![]);
        Examples::new(set, &which).unwrap().gather_on(&threads, &mut x, &mut labels);
        (x, labels)
    };
    let one = gathered(1);
    assert_eq!(one.0[..784], example(set, 39));
    for threads in 2..=4 {
        assert_eq!(gathered(threads), one, "{threads} threads");
    }
    for other in [set.in_epoch(3, 3), set.in_epoch(4, 2)] {
        assert_ne!(example(other, 39), example(set, 39));
    }
    assert_eq!(example(set.in_epoch(9, 9).in_epoch(3, 2), 39), example(set, 39));
    let mut batches = Batches::new(set, 10, Order::Shuffled, LastBatch::Used, 3).unwrap();
    batches.start(2);
    let batch = batches.next_batch().unwrap();
    let (mut x, mut labels) = (vec![], vec![]);
    batch.gather(&mut x, &mut labels);
    assert_eq!(x[..784], example(set, batch.which()[0] as usize), "mini-batches know their epoch and seed");
}

/// A run that was resumed sees what it would have seen, and the number of threads makes no difference.
#[cfg(feature = "files")] // which bring checkpoints
#[test]
fn a_run_is_the_same_resumed_and_on_other_threads() {
    use network3::{
        Learner, Network, Spec,
        train::{HyperParameters, Trainer},
    };
    let splits = digits(60, 20, 20, 1).unwrap();
    let run = |threads: usize, stop: usize| {
        let mut network = Network::new(splits.training.shape(), &[Spec::softmax(10)]).unwrap();
        network = network.with_threads(threads).unwrap();
        let trainer = || {
            let trainer = Trainer::new(&splits, HyperParameters::new(0.1).with_epochs(4)).unwrap();
            trainer.distorted(STRONG).unwrap().with_seed(5).unwrap()
        };
        let mut first = trainer();
        (0..stop).for_each(|_| _ = first.epoch(&mut network, &mut |_| {}).unwrap());
        let mut second = trainer();
        second.resume(first.checkpoint(&network, Default::default()), &mut network).unwrap();
        while !second.is_over() {
            second.epoch(&mut network, &mut |_| {}).unwrap();
        }
        (second.history().to_vec(), network.state())
    };
    let one = run(1, 4);
    assert_eq!(run(2, 1), one);
    assert_eq!(run(3, 2), one);
}

#[test]
fn what_is_impossible_is_refused() {
    let digits = digits(5, 1, 1, 1).unwrap().training;
    let refused = |distortion| TrainingSet::distorted(&digits, distortion).unwrap_err().to_string();
    let none = Distortion::NONE;
    for (distortion, says) in [
        (Distortion { alpha: -1.0, ..none }, "α is between 0 and 1000, and not -1"),
        (Distortion { sigma: f64::NAN, ..none }, "σ is between 0 and 1000, and not NaN"),
        (Distortion { rotation: 91.0, ..none }, "rotation is between 0 and 90, and not 91"),
        (Distortion { shear: f64::INFINITY, ..none }, "shear is between 0 and 1000, and not inf"),
        (Distortion { scaling: 1.0, ..none }, "scaling is between 0 and 0.9, and not 1"),
        (Distortion { shift: 1e9, ..none }, "shift is between 0 and 1000"),
        (Distortion { alpha: 1.0, sigma: 0.0, ..none }, "σ = 0 smooths nothing"),
    ] {
        let message = refused(distortion);
        assert!(message.contains(says), "{message}");
    }
    let row = Dataset::new(Shape::Flat(4), 10, vec![0; 4], vec![1]).unwrap();
    let message = TrainingSet::distorted(&row, STRONG).unwrap_err().to_string();
    assert!(message.contains("are no image"), "{message}");
    // As far as it may go, nothing is left to be seen, and nothing else goes wrong.
    let most = Distortion { alpha: 1000.0, sigma: 1000.0, rotation: 90.0, shear: 1000.0, scaling: 0.9, shift: 1000.0 };
    let set = TrainingSet::distorted(&digits, most).unwrap();
    assert!((0..5).all(|k| example(set, k).iter().all(|x| (0.0..=1.0).contains(x))));
}
