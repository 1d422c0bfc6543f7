//! The nearest neighbour: what can be read off the pixels themselves.

use super::pictures::{CROP, Pictures};
use super::views::View;
use crate::kit::round;
use network3::{Label, Pieces, Threads};

/// The fraction of `pictures` whose nearest training picture shows the same number: the one with the least Σ (x − x′)²
/// over the pixels in the middle.
pub fn by_pixels(training: &Pictures, pictures: &Pictures, mean: &[f32], threads: &Threads) -> f64 {
    let len = CROP * CROP * 3;
    let all = |pictures: &Pictures| {
        let mut x = vec![0.0; pictures.len() * len];
        x.chunks_exact_mut(len).enumerate().for_each(|(k, x)| View::MIDDLE.write(pictures, k, mean, x));
        x
    };
    accuracy((&all(training), training.labels()), (&all(pictures), pictures.labels()), len, threads)
}

/// The same with nothing but the mean colour of each picture.
pub fn by_colour(training: &Pictures, pictures: &Pictures, threads: &Threads) -> f64 {
    let mean = |pictures: &Pictures| -> Vec<f32> {
        let colours = (0..pictures.len()).flat_map(|k| {
            let pixels = pictures.picture(k);
            let mean = |c: usize| pixels.iter().skip(c).step_by(3).map(|&p| f32::from(p)).sum::<f32>();
            [0, 1, 2].map(|c| mean(c) / (pixels.len() / 3) as f32)
        });
        colours.collect()
    };
    accuracy((&mean(training), training.labels()), (&mean(pictures), pictures.labels()), 3, threads)
}

/// Pictures of a group: with one other, they stay in a core's own cache.
const TOGETHER: usize = 50;

/// Points with labels, one after the other.
type Points<'a> = (&'a [f32], &'a [Label]);

fn accuracy((known, names): Points, (asked, labels): Points, len: usize, threads: &Threads) -> f64 {
    // ‖x − x′‖² = ‖x‖² − 2 x·x′ + ‖x′‖², and the first is the same for all x′.
    let squares: Vec<f32> = known.chunks_exact(len).map(|x| dot(x, x)).collect();
    // The nearest so far: its distance and its label. Pictures are asked in groups, for each of which all known ones
    // are read once.
    let mut nearest = vec![(f32::INFINITY, Label::MAX); labels.len()];
    threads.for_each(Pieces(&mut nearest, TOGETHER), |k, nearest| {
        for ((other, square), &name) in known.chunks_exact(len).zip(&squares).zip(names) {
            for (x, nearest) in asked[k * TOGETHER * len..].chunks_exact(len).zip(&mut *nearest) {
                let distance = square - 2.0 * dot(x, other);
                if distance < nearest.0 {
                    *nearest = (distance, name);
                }
            }
        }
    });
    let right = nearest.iter().zip(labels).map(|((_, name), label)| name == label).collect::<Vec<bool>>();
    round(right.iter().filter(|&&right| right).count() as f64 / labels.len() as f64, 4)
}

/// Σ a b, in sixteen sums side by side, which become vectors.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    let mut sums = [0.0; 16];
    for (a, b) in a.iter().zip(b) {
        (0..16).for_each(|k| sums[k] += a[k] * b[k]);
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_counts() {
        let (known, asked) = ([0.0, 0.0, 3.0, 3.0, 0.0, 9.0], [2.0, 2.0, 1.0, 5.0, 0.5, 0.0]);
        let threads = Threads::new(1).unwrap();
        // (2, 2) is next to (3, 3), (1, 5) too, and (½, 0) to (0, 0).
        assert_eq!(accuracy((&known, &[7, 8, 9]), (&asked, &[8, 8, 7]), 2, &threads), 1.0);
        assert_eq!(accuracy((&known, &[7, 8, 9]), (&asked, &[8, 9, 9]), 2, &threads), round(1.0 / 3.0, 4));
    }
}
