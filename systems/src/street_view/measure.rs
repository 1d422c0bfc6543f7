//! How well numbers are read, how well the network knows, and where it looks.

use super::{
    findings::{Bin, Coverage, Looks, OfLength, Outcome, Sample, Surest},
    numbers::{Composer, HEIGHT, Number, PLACES, WIDTH},
    reading::{OUTPUTS, Reading, joint_cost, read},
};
use crate::kit::round;
use experiments::record::Picture;
use network3::{Learner, Network, Pass, Threads};

/// Numbers that are read at once.
const CHUNK: usize = 100;
/// Accuracies that are asked for.
const WANTED: [f64; 2] = [0.98, 0.99];
/// Points of the curve of coverage.
const POINTS: usize = 40;
/// Bins of probability: so many readings each.
const BINS: usize = 10;
/// Numbers of five digits at which one looks for where the heads look.
const LOOKED_AT: usize = 200;
/// Test numbers in the record: so many as they come, and so many misread ones.
const SAMPLES: (usize, usize) = (10, 8);

/// What one number is, and what was read.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Where it stands among all.
    pub index: usize,
    /// What it is.
    pub number: Number,
    /// What was read.
    pub reading: Reading,
}

impl Answer {
    /// Is the whole number right?
    pub fn is_right(&self) -> bool {
        self.reading.number.digits() == self.number.digits()
    }
}

/// Reads the first so many numbers.
pub fn read_all(network: &mut Network<f32>, composer: &Composer, count: usize) -> Vec<Answer> {
    let threads = network.threads();
    let mut answers = Vec::with_capacity(count);
    while answers.len() < count {
        let (first, n) = (answers.len(), CHUNK.min(count - answers.len()));
        let (mut x, mut numbers) = (vec![0.0; n * HEIGHT * WIDTH], vec![Number::default(); n]);
        threads.run(|| {
            composer.write(&threads, first as u64, &mut x, &mut numbers);
            let z = network.forward(&x, Pass::Evaluate);
            let readings = read(z.as_slice().unwrap_or_default());
            let both = numbers.iter().zip(readings).enumerate();
            answers.extend(both.map(|(k, (&number, reading))| Answer { index: first + k, number, reading }));
        });
    }
    answers
}

/// The share of answers of which something is so.
fn share<'a>(answers: impl IntoIterator<Item = &'a Answer>, so: impl Fn(&Answer) -> bool) -> f64 {
    let (mut count, mut all) = (0, 0);
    for answer in answers {
        all += 1;
        count += usize::from(so(answer));
    }
    round(f64::from(count as u32) / f64::from(all.max(1)), 4)
}

/// Everything that is measured: thresholds are chosen by some answers, and tried on others.
pub fn results(chosen: &[Answer], tested: &[Answer]) -> Outcome {
    let by_length = (1..=PLACES).map(|length| {
        let of_length: Vec<_> = tested.iter().filter(|a| a.number.length == length).copied().collect();
        OfLength { length, count: of_length.len(), accuracy: share(&of_length, Answer::is_right) }
    });
    let (mut right, mut digits) = (0, 0);
    for Answer { number, reading, .. } in tested {
        digits += number.length;
        right += number.digits().iter().zip(reading.digits).filter(|(digit, read)| *digit == read).count();
    }
    let sorted = surest_first(tested);
    let surest = (1..=POINTS).map(|k| {
        let first = &sorted[..tested.len() * k / POINTS];
        Surest { answered: round(k as f64 / POINTS as f64, 3), accuracy: share(first, Answer::is_right) }
    });
    Outcome {
        tested: tested.len(),
        accuracy: share(tested, Answer::is_right),
        length_accuracy: share(tested, |a| a.reading.number.length == a.number.length),
        digit_accuracy: round(right as f64 / digits as f64, 4),
        by_length: by_length.collect(),
        coverage: WANTED.map(|wanted| coverage(wanted, chosen, tested)).to_vec(),
        surest: surest.collect(),
        reliability: sorted.rchunks(tested.len().div_ceil(BINS)).map(bin).collect(),
    }
}

/// Answers, the surest first.
fn surest_first(answers: &[Answer]) -> Vec<Answer> {
    let mut sorted = answers.to_vec();
    sorted.sort_by(|a, b| b.reading.probability.total_cmp(&a.reading.probability));
    sorted
}

/// The lowest threshold with which the chosen answers are as accurate as wanted; and what it does on those that are
/// tested.
fn coverage(wanted: f64, chosen: &[Answer], tested: &[Answer]) -> Coverage {
    // No probability is above 1: so, where nothing is accurate enough, nothing is answered.
    let (mut right, mut threshold) = (0, 2.0);
    for (k, answer) in surest_first(chosen).iter().enumerate() {
        right += usize::from(answer.is_right());
        if right as f64 >= wanted * (k + 1) as f64 {
            threshold = answer.reading.probability;
        }
    }
    let answered: Vec<_> = tested.iter().filter(|a| a.reading.probability >= threshold).copied().collect();
    let accuracy = share(&answered, Answer::is_right);
    let answered = round(answered.len() as f64 / tested.len() as f64, 4);
    Coverage { wanted, threshold: round(threshold, 4), answered, accuracy }
}

/// Readings with about the same probability.
fn bin(answers: &[Answer]) -> Bin {
    let said = answers.iter().map(|a| a.reading.probability).sum::<f64>() / answers.len() as f64;
    Bin { count: answers.len(), said: round(said, 4), right: share(answers, Answer::is_right) }
}

/// The columns of a digit in a number of five: the middle of where it may begin, and the width of a crop.
fn columns(place: usize) -> std::ops::Range<usize> {
    3 + 19 * place..3 + 19 * place + 22
}

/// Where each head looks: the squared gradient of ln P(sᵢ | x) with respect to the pixels, by columns, over some
/// numbers of five digits.
pub fn looks(network: &mut Network<f32>, composer: &Composer) -> Looks {
    let threads = network.threads();
    threads.run(|| look(network, composer, &threads))
}

/// The same, on one of the threads.
fn look(network: &mut Network<f32>, composer: &Composer, threads: &Threads) -> Looks {
    let mut by_column = vec![[0.0; WIDTH]; PLACES];
    let (mut x, mut number, mut seen) = (vec![0.0; HEIGHT * WIDTH], [Number::default()], 0);
    for index in 0.. {
        if seen == LOOKED_AT {
            break;
        }
        composer.write(threads, index, &mut x, &mut number);
        if number[0].length < PLACES {
            continue;
        }
        seen += 1;
        let z = network.forward(&x, Pass::Evaluate).to_owned();
        let mut dz = vec![0.0; OUTPUTS];
        joint_cost(z.as_slice().unwrap_or_default(), &number, &mut dz);
        for (place, by_column) in by_column.iter_mut().enumerate() {
            // Of all heads' gradients this one's alone
            let group = PLACES + 10 * place..PLACES + 10 * (place + 1);
            let one: Vec<f32> = dz.iter().enumerate().map(|(j, &d)| if group.contains(&j) { d } else { 0.0 }).collect();
            let dx = network.backward(&x, &one, None);
            let total: f64 = dx.iter().map(|&d| f64::from(d).powi(2)).sum::<f64>().max(f64::MIN_POSITIVE);
            for row in dx.chunks_exact(WIDTH) {
                by_column.iter_mut().zip(row).for_each(|(sum, &d)| *sum += f64::from(d).powi(2) / total);
            }
        }
    }
    let part = |columns: &[f64]| columns.iter().sum::<f64>() / LOOKED_AT as f64;
    let pairs = |columns: &[f64; WIDTH]| columns.chunks(2).map(|pair| round(1000.0 * part(pair), 1)).collect();
    let own = by_column.iter().enumerate().map(|(place, by_column)| round(part(&by_column[columns(place)]), 3));
    Looks { own: own.collect(), by_columns: by_column.iter().map(pairs).collect() }
}

/// Some test numbers with what was read: the first ones, and the first misread ones.
pub fn samples(composer: &Composer, answers: &[Answer]) -> Vec<Sample> {
    let (plain, misread) = SAMPLES;
    let wrong = answers.iter().skip(plain).filter(|answer| !answer.is_right()).take(misread);
    let sample = |answer: &Answer| {
        let (mut x, mut number) = (vec![0.0; HEIGHT * WIDTH], [Number::default()]);
        composer.write(&Threads::one(), answer.index as u64, &mut x, &mut number);
        let bytes: Vec<u8> = x.iter().map(|p| (255.0 * p.clamp(0.0, 1.0)).round() as u8).collect();
        Sample {
            picture: Picture::new(WIDTH, &bytes),
            label: answer.number.to_string(),
            read: answer.reading.number.to_string(),
            probability: round(answer.reading.probability, 3),
        }
    };
    answers.iter().take(plain).chain(wrong).map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer with that probability, right or wrong.
    fn answer(probability: f64, right: bool) -> Answer {
        let number = Number { length: 1, digits: [3, 0, 0, 0, 0] };
        let read = if right { number } else { Number { length: 2, ..number } };
        Answer { index: 0, number, reading: Reading { number: read, probability, digits: read.digits } }
    }

    #[test]
    fn what_is_answered_is_as_accurate_as_wanted() {
        let answers: Vec<_> = [(0.9, true), (0.8, true), (0.7, false), (0.6, true), (0.5, false), (0.4, false)]
            .map(|(p, right)| answer(p, right))
            .to_vec();
        // With 0.6 as the threshold three of four are right; with 0.8 both are.
        let Coverage { threshold, answered, accuracy, .. } = coverage(0.75, &answers, &answers);
        assert_eq!((threshold, answered, accuracy), (0.6, 0.6667, 0.75));
        assert_eq!(coverage(0.98, &answers, &answers).threshold, 0.8);
        let wrong = vec![answer(0.9, false)];
        assert_eq!(coverage(0.98, &wrong, &answers).answered, 0.0);
    }

    #[test]
    fn shares_add_up() {
        let answers: Vec<_> = (0..100).map(|k| answer(f64::from(k) / 100.0, k >= 20)).collect();
        let Outcome { accuracy, length_accuracy, digit_accuracy, by_length, surest, reliability, .. } =
            results(&answers, &answers);
        assert_eq!((accuracy, length_accuracy, digit_accuracy), (0.8, 0.8, 1.0));
        assert_eq!((by_length[0].count, by_length[1].count), (100, 0));
        assert_eq!((surest[19].accuracy, surest[39].accuracy), (1.0, 0.8));
        assert_eq!(reliability.len(), BINS);
        assert!(reliability[0].right == 0.0 && reliability[9].right == 1.0);
    }
}
