//! Networks saved and loaded.

mod corners;
pub mod wrong;

use crate::plugged::small_network;
use crate::{Check, Exercise, Random, Verdict, Wrong, number};
use ndarray::{ArrayD, Dimension, IxDyn};
use network3::{Activation, Habits, Learner, Spec, State, Step, data, train::evaluate};

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub to_bytes: fn(&State) -> Vec<u8>,
    pub from_bytes: fn(&[u8]) -> Result<State, String>,
    pub load: fn(&mut State, &[u8]) -> Result<(), String>,
}

/// The checks of these answers. A format is the reader's own, so `from_bytes` reads what the reader's `to_bytes` wrote.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex09_file_format",
        read_on: "how the library does it, in a format that other programs can read: `network3::model_file`",
        checks: vec![
            check("to_bytes", "different states, different bytes", different),
            check("from_bytes", "round trip", round_trip),
            check("from_bytes", "to the last bit", last_bit),
            check("from_bytes", "tensors that lie across", lie_across),
            check("from_bytes", "truncated", truncated),
            check("from_bytes", "something follows", something_follows),
            check("from_bytes", "a byte has been changed", changed),
            check("from_bytes", "noise", noise),
            check("from_bytes", "large and many", corners::large),
            check("from_bytes", "every byte", corners::every_byte),
            check("from_bytes", "a check sum that fits", corners::forged),
            check("load", "into a network of the same shape", same_shape),
            check("load", "wrong names and shapes", wrong_shape),
            check("load", "words that say which", corners::words),
            check("load", "a network that was trained", trained),
        ],
    }
    .otherwise(&[
        ("to_bytes", "does everything that tells one state from another get into the bytes?"),
        ("from_bytes", "is it read in the order, and in the sizes, in which it was written?"),
        ("load", "is everything compared first, and taken only then?"),
    ])
}

/// Tensors of made-up numbers.
fn state(seed: u64, tensors: &[(&str, &[usize])]) -> State {
    let mut random = Random::new(seed);
    let tensor =
        |&(name, shape): &(&str, &[usize])| (name.to_string(), random.array(IxDyn(shape)).mapv(|x: f64| x as f32));
    tensors.iter().map(tensor).collect()
}

fn small() -> State {
    state(9, &[("1.weights", &[2, 3]), ("1.biases", &[3])])
}

/// How they differ, in words; numbers are compared bit by bit.
fn difference(expected: &State, got: &State) -> Option<String> {
    if expected.len() != got.len() {
        return Some(format!("expected {} tensors, got {}", expected.len(), got.len()));
    }
    for (k, ((name, tensor), (got_name, got))) in expected.iter().zip(got).enumerate() {
        if name != got_name {
            return Some(format!("name of tensor {k}: expected {name:?}, got {got_name:?}"));
        }
        if tensor.shape() != got.shape() {
            return Some(format!("shape of {name:?}: expected {:?}, got {:?}", tensor.shape(), got.shape()));
        }
        for ((index, x), got) in tensor.indexed_iter().zip(got) {
            if x.to_bits() != got.to_bits() {
                let bits = format!("bits {:08x} and {:08x}", x.to_bits(), got.to_bits());
                return Some(format!("{name:?}{:?}: expected {x:?}, got {got:?} ({bits})", index.slice()));
            }
        }
    }
    None
}

/// Saved and loaded, a state should be what it was.
fn there_and_back(a: Answers, what: &str, state: &State, cause: &str) -> Verdict {
    let got = (a.from_bytes)(&(a.to_bytes)(state))
        .map_err(|e| Wrong::new(format!("{what}: what `to_bytes` wrote is refused by `from_bytes`: {e:?}")))?;
    match difference(state, &got) {
        None => Ok(()),
        Some(words) => Err(Wrong::new(format!("{what}, there and back: {words}")).because(cause)),
    }
}

fn different(a: Answers) -> Verdict {
    let original = small();
    let mut another_bit = original.clone();
    another_bit[1].1[2] = f32::from_bits(original[1].1[2].to_bits() ^ 1);
    let mut another_name = original.clone();
    another_name[0].0 = "2.weights".into();
    let mut another_order = original.clone();
    another_order.swap(0, 1);
    let reshaped = |shape: &[usize]| {
        let mut state = original.clone();
        state[0].1 =
            ArrayD::from_shape_vec(IxDyn(shape), original[0].1.iter().copied().collect()).expect("six numbers");
        state
    };
    let mut moved = original.clone();
    moved[0].0 = "1.weights1".into();
    moved[1].0 = ".biases".into();
    let others = [
        (another_bit, "the last bit of a number", "a number is not all there: four bytes each?"),
        (another_name, "the name of a tensor", "the names do not go into the file"),
        (another_order, "the order of the tensors", "the order does not go into the file"),
        (reshaped(&[3, 2]), "the shape of a tensor, 3×2 instead of 2×3", "the shape does not go into the file"),
        (reshaped(&[6]), "the shape of a tensor, 6 instead of 2×3", "the shape does not go into the file"),
        (moved, "where one name ends and the next begins", "how long a name is does not go into the file"),
        (original[..1].to_vec(), "the number of tensors", "not all tensors go into the file"),
        (vec![], "the number of tensors: none", "the tensors do not go into the file"),
    ];
    let bytes = (a.to_bytes)(&original);
    if bytes != (a.to_bytes)(&original) {
        return Err(
            Wrong::new("the same state gives different bytes").because("is there a random order in it, or the time?")
        );
    }
    for (other, what, cause) in others {
        if (a.to_bytes)(&other) == bytes {
            return Err(Wrong::new(format!("two states differ in {what}; the bytes are the same")).because(cause));
        }
    }
    Ok(())
}

fn round_trip(a: Answers) -> Verdict {
    let lost = "is it written and read in the same order, and counted in the same units?";
    there_and_back(a, "two tensors", &small(), lost)?;
    there_and_back(a, "a convolutional layer", &state(91, &[("0.w", &[4, 5, 3, 2]), ("0.b", &[4])]), lost)?;
    there_and_back(a, "no tensors at all", &vec![], "how many tensors there are must be in the file")?;
    let no_dimension = "a tensor without dimensions is one number: the product of no lengths is 1";
    there_and_back(a, "a tensor without dimensions", &state(92, &[("x", &[]), ("y", &[2])]), no_dimension)?;
    let empty = "a length may be 0, and the others still belong to the shape";
    there_and_back(a, "empty tensors", &state(93, &[("x", &[0]), ("y", &[3, 0, 2]), ("z", &[1])]), empty)?;
    let names = "how long is a name: in letters, or in bytes? And is there a sign that a name must not contain?";
    let odd = [("", [1]), ("δ", [2]), ("a b\nc\0d,\"e\":", [1])];
    let odd: Vec<_> = odd.iter().map(|(name, shape)| (*name, &shape[..])).collect();
    there_and_back(a, "odd names", &state(94, &odd), names)
}

fn last_bit(a: Answers) -> Verdict {
    let bits = [
        0,
        0x8000_0000,
        1,
        0x007f_ffff,
        0x7f80_0000,
        0xff80_0000,
        0x7fc0_0000,
        0xffc0_0001,
        0x7f7f_ffff,
        0x3dcc_cccd,
        0x3f80_0001,
    ];
    let tensor = ArrayD::from_shape_vec(IxDyn(&[11]), bits.map(f32::from_bits).to_vec()).expect("eleven numbers");
    let cause = "are the numbers written as text, rounded, or compared? `to_le_bytes` keeps all there is";
    there_and_back(a, "0, −0, tiny numbers, infinities, NaNs, 0.1", &vec![("x".into(), tensor)], cause)?;
    let cause = "not all numbers survive: are they written in fewer digits than they have?";
    there_and_back(a, "a thousand numbers", &state(95, &[("x", &[1000])]), cause)
}

fn lie_across(a: Answers) -> Verdict {
    let upright = state(96, &[("w", &[3, 4])]);
    let across: State = upright.iter().map(|(name, tensor)| (name.clone(), tensor.clone().reversed_axes())).collect();
    let cause =
        "a transposed array lies in memory as it did before: go through it in the order of its indices, with `iter`";
    there_and_back(a, "a transposed tensor", &across, cause)
}

/// The bytes of an answer, after a look that they can be read.
fn good_bytes(a: Answers, state: &State) -> Result<Vec<u8>, Wrong> {
    there_and_back(a, "two tensors", state, "nothing has been damaged yet: see the round trip")?;
    Ok((a.to_bytes)(state))
}

/// These bytes must be refused.
fn refused(a: Answers, bytes: &[u8], what: &str, cause: &str) -> Verdict {
    match (a.from_bytes)(bytes) {
        Err(words) if words.trim().is_empty() => {
            Err(Wrong::new(format!("{what}: the error says nothing"))
                .because("it should say what is wrong with the file"))
        }
        Err(_) => Ok(()),
        Ok(got) => {
            Err(Wrong::new(format!("{what}: expected an error, got a state of {} tensors", got.len())).because(cause))
        }
    }
}

fn truncated(a: Answers) -> Verdict {
    let bytes = good_bytes(a, &small())?;
    let cause = "what is missing must be noticed: compare how much there is with how much there should be";
    (0..bytes.len())
        .rev()
        .try_for_each(|n| refused(a, &bytes[..n], &format!("the first {n} of {} bytes", bytes.len()), cause))
}

fn something_follows(a: Answers) -> Verdict {
    let bytes = good_bytes(a, &small())?;
    let cause = "after the last tensor, is it checked that nothing is left?";
    for more in [&[0][..], &[0; 4], &[0; 8], &[7; 100], &bytes] {
        let what = format!("{} bytes, and {} more", bytes.len(), more.len());
        refused(a, &[&bytes, more].concat(), &what, cause)?;
    }
    Ok(())
}

fn changed(a: Answers) -> Verdict {
    let bytes = good_bytes(a, &small())?;
    let cause = "a byte that has been changed is a byte, too: only a check sum over all of them can tell";
    for at in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= change;
            refused(
                a,
                &damaged,
                &format!("byte {at} of {} is {} instead of {}", bytes.len(), damaged[at], bytes[at]),
                cause,
            )?;
        }
    }
    let swapped = (0..bytes.len() - 1).filter(|&at| bytes[at] != bytes[at + 1]);
    let cause = "a sum does not depend on the order of what is added up; a check sum should";
    for at in swapped {
        let mut damaged = bytes.clone();
        damaged.swap(at, at + 1);
        refused(a, &damaged, &format!("bytes {at} and {} of {} have changed places", at + 1, bytes.len()), cause)?;
    }
    Ok(())
}

fn noise(a: Answers) -> Verdict {
    let bytes = good_bytes(a, &small())?;
    let mut random = Random::new(97);
    let cause = "begin the file with something that no other file begins with, and look for it";
    for n in 0..300 {
        let noise: Vec<u8> = (0..n).map(|_| random.integer(0, 256) as u8).collect();
        refused(a, &noise, &format!("{n} bytes of noise"), cause)?;
        // The right beginning, and noise after it.
        let start = random.integer(0, bytes.len());
        refused(
            a,
            &[&bytes[..start], &noise].concat(),
            &format!("the first {start} bytes, then {n} bytes of noise"),
            cause,
        )?;
    }
    for byte in [0, 0xff] {
        refused(a, &[byte; 200], &format!("200 bytes, all of them {byte}"), cause)?;
    }
    Ok(())
}

/// `load`, its error as a wrong answer.
fn loaded(a: Answers, what: &str, state: &mut State, bytes: &[u8]) -> Verdict {
    (a.load)(state, bytes).map_err(|e| Wrong::new(format!("{what}: refused, {e:?}")))
}

fn same_shape(a: Answers) -> Verdict {
    let (saved, mut network) = (small(), state(98, &[("1.weights", &[2, 3]), ("1.biases", &[3])]));
    loaded(a, "a network of the same names and shapes", &mut network, &(a.to_bytes)(&saved))?;
    match difference(&saved, &network) {
        None => Ok(()),
        Some(words) => {
            Err(Wrong::new(format!("after loading: {words}")).because("does what has been read get into `state`?"))
        }
    }
}

fn wrong_shape(a: Answers) -> Verdict {
    let network = state(99, &[("1.weights", &[2, 3]), ("1.biases", &[3])]);
    let bytes = (a.to_bytes)(&small());
    loaded(a, "a network of the same names and shapes", &mut network.clone(), &bytes)?;
    let mut damaged = bytes.clone();
    damaged.pop();
    let others: [(&str, &[(&str, &[usize])]); 6] = [
        ("a shape is 3×2 instead of 2×3", &[("1.weights", &[3, 2]), ("1.biases", &[3])]),
        ("the second shape is 4 instead of 3", &[("1.weights", &[2, 3]), ("1.biases", &[4])]),
        ("the second name is \"2.biases\" instead of \"1.biases\"", &[("1.weights", &[2, 3]), ("2.biases", &[3])]),
        ("the order is another", &[("1.biases", &[3]), ("1.weights", &[2, 3])]),
        ("the second tensor is missing", &[("1.weights", &[2, 3])]),
        ("there is a third tensor", &[("1.weights", &[2, 3]), ("1.biases", &[3]), ("x", &[1])]),
    ];
    let others = others.map(|(what, tensors)| (what, (a.to_bytes)(&state(90, tensors))));
    for (what, bytes) in others.into_iter().chain([("the last byte is missing", damaged)]) {
        let mut after = network.clone();
        match (a.load)(&mut after, &bytes) {
            Ok(()) => {
                return Err(Wrong::new(format!("a file in which {what}: expected an error, got Ok")).because(
                    "is everything compared before it is taken: how many tensors, their names, their shapes?",
                ));
            }
            Err(words) if words.trim().is_empty() => {
                return Err(Wrong::new(format!("a file in which {what}: the error says nothing"))
                    .because("it should say what does not fit"));
            }
            Err(_) => {}
        }
        if let Some(words) = difference(&network, &after) {
            return Err(Wrong::new(format!("a file in which {what}: refused, but the network has changed. {words}"))
                .because("half a network has been loaded: compare everything first, and then take it"));
        }
    }
    Ok(())
}

fn trained(a: Answers) -> Verdict {
    let library = |e: network3::Error| Wrong::new(e.to_string());
    let splits = data::digits(200, 100, 1, 9).map_err(library)?;
    let layers = [Spec::conv_pool(2, (5, 5), (2, 2), Activation::Relu), Spec::softmax(10)];
    let network = |seed| Ok(small_network(splits.training.shape(), &layers).map_err(library)?.with_seed(seed));
    let (mut teacher, mut pupil) = (network(1)?, network(2)?);
    let set = data::TrainingSet::plain(&splits.training);
    let habits = Habits::corrected();
    let mut batches = data::Batches::new(set, 10, habits.order, habits.last_batch, 1).map_err(library)?;
    let step = Step { eta: 0.1, decay: 0.0, momentum: 0.0, iteration: 0 };
    while let Some(batch) = batches.next_batch() {
        teacher.train(&batch, &step).map_err(library)?;
    }
    let mut state = pupil.state();
    loaded(a, "a network that has learned, into a fresh one", &mut state, &(a.to_bytes)(&teacher.state()))?;
    pupil.restore(&state).map_err(library)?;
    let [expected, got] = [&mut teacher, &mut pupil].map(|network| evaluate(network, &splits.validation, 100));
    number("cost on the validation images, after loading", expected.map_err(library)?.cost, got.map_err(library)?.cost)
        .within(0.0)
        .verdict()
}
