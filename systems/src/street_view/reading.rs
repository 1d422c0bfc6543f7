//! What the network's outputs mean: one softmax over lengths, and one for each place; their joint cost; and the number
//! that is read from them.
//!
//! The last layer is a single linear one, whose outputs are cut into groups:
//!
//! | outputs | what they are |
//! | --- | --- |
//! | 0 to 4 | the length L: one to five digits |
//! | 5 + 10i to 14 + 10i | the digit at place i, from the left |
//!
//! Given the image x, the network takes the places to be independent of each other, so that a number s of length L has
//! the probability
//!
//! P(s | x) = P(L | x) · Πᵢ P(sᵢ | x), &nbsp; i = 1 … L,
//!
//! and places beyond the length have no part in it. The cost of an example is −ln P(s | x). With a the probabilities of
//! a group and y the unit vector of what is right there, its gradient with respect to that group's outputs is a − y;
//! for the places beyond the length it is zero, and they learn nothing from this image.

use super::numbers::{Number, PLACES};
use network3::{Real, cost::surprise, data::DIGITS, ops::softmax};

/// How many outputs the last layer has.
pub const OUTPUTS: usize = PLACES + PLACES * DIGITS;

/// Weighted inputs of the last layer become probabilities, group by group.
fn probabilities<R: Real>(z: &mut [R]) {
    for z in z.chunks_exact_mut(OUTPUTS) {
        let (length, places) = z.split_at_mut(PLACES);
        softmax::forward(length, PLACES);
        softmax::forward(places, DIGITS);
    }
}

/// C = −(1/N) Σ ln P(s | x) over N examples with outputs `z`, in nats, and its gradient `dz`.
///
/// # Panics
/// When there are not [`OUTPUTS`] outputs for every number.
pub fn joint_cost<R: Real>(z: &[R], numbers: &[Number], dz: &mut [R]) -> f64 {
    dz.copy_from_slice(z);
    probabilities(dz);
    let (n, mut total) = (R::of(numbers.len() as f64), 0.0);
    for (a, number) in dz.chunks_exact_mut(OUTPUTS).zip(numbers) {
        let (length, places) = a.split_at_mut(PLACES);
        total += learn(length, number.length - 1, n);
        for (i, place) in places.chunks_exact_mut(DIGITS).enumerate() {
            match number.digits().get(i) {
                Some(&digit) => total += learn(place, usize::from(digit), n),
                None => place.fill(R::zero()),
            }
        }
    }
    total / numbers.len() as f64
}

/// Turns a group's probabilities into the gradient (a − y)/n, and returns −ln a of what is right.
fn learn<R: Real>(a: &mut [R], right: usize, n: R) -> f64 {
    let cost = surprise(a[right]);
    a[right] -= R::one();
    a.iter_mut().for_each(|a| *a /= n);
    cost
}

/// What was read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The most probable number.
    pub number: Number,
    /// Its probability, as the network has it.
    pub probability: f64,
    /// The most probable digit of every place, as if the number were that long.
    pub digits: [u16; PLACES],
}

/// The most probable number for every row of outputs.
///
/// It need not be looked for among all 111,110: whatever the length, the best digit of a place is the same. So five
/// lengths are compared.
pub fn read(z: &[f32]) -> Vec<Reading> {
    let mut a = z.to_vec();
    probabilities(&mut a);
    a.chunks_exact(OUTPUTS).map(read_one).collect()
}

/// The same for one row of probabilities.
fn read_one(a: &[f32]) -> Reading {
    let (lengths, places) = a.split_at(PLACES);
    let (mut digits, mut product) = ([0; PLACES], 1.0);
    let mut best = Reading { number: Number::default(), probability: -1.0, digits };
    for (i, (place, &length)) in places.chunks_exact(DIGITS).zip(lengths).enumerate() {
        let digit = softmax::argmax(place.into());
        digits[i] = digit as u16;
        product *= f64::from(place[digit]);
        let probability = f64::from(length) * product;
        if probability > best.probability {
            best = Reading { number: Number { length: i + 1, digits }, probability, digits };
        }
    }
    Reading { digits, ..best }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit;
    use ndarray::Array2;
    use network3::gradcheck::check;
    use rand::RngExt;

    fn number(digits: &[u16]) -> Number {
        let mut number = Number { length: digits.len(), ..Number::default() };
        number.digits[..digits.len()].copy_from_slice(digits);
        number
    }

    #[test]
    fn the_gradient_of_the_joint_cost() {
        let mut random = kit::rng(1, 0);
        let numbers = [number(&[3]), number(&[9, 0, 4, 4, 1]), number(&[0, 7])];
        let z = Array2::from_shape_simple_fn((3, OUTPUTS), || 4.0 * random.random::<f64>() - 2.0).into_dyn();
        let mut dz = z.clone();
        joint_cost(z.as_slice().unwrap(), &numbers, dz.as_slice_mut().unwrap());
        let cost =
            |t: &[ndarray::ArrayD<f64>]| joint_cost(t[0].as_slice().unwrap(), &numbers, &mut vec![0.0; t[0].len()]);
        let report = check(&[("z", z)], &[dz], cost).unwrap();
        assert!(report.passes(1e-7), "{report}");
    }

    #[test]
    fn what_is_read_is_the_most_probable_of_all_numbers() {
        let mut random = kit::rng(2, 0);
        for _ in 0..20 {
            let z: Vec<f32> = (0..OUTPUTS).map(|_| 3.0 * random.random::<f32>()).collect();
            let Reading { number: found, probability, .. } = read(&z)[0];
            // Up to three digits, all of them; a longer one only if it was found.
            let all = (1..=3u32).flat_map(|length| {
                (0..10_u32.pow(length))
                    .map(move |n| number(&(0..length).map(|i| (n / 10_u32.pow(i) % 10) as u16).collect::<Vec<_>>()))
            });
            for other in all.chain([found]) {
                let p = (-joint_cost(&z, &[other], &mut [0.0; OUTPUTS])).exp();
                assert!(p <= probability * (1.0 + 1e-5), "{other} has {p}, and {found} was read with {probability}");
                assert!(other != found || (p - probability).abs() < 1e-5 * p);
            }
        }
    }
}
