//! `cargo bench -p network3-systems`: how long a step of an LSTM takes on the tape, forward and backward.
//!
//! PyTorch's time for the same step comes from `systems/benches/lstm.py`.

use divan::{Bencher, counter::ItemsCount};
use network3::Threads;
use std::sync::Arc;
use systems::kit::rng;
use systems::recurrent::cell::{GateBiases, Kind, Layer};
use systems::tape::Tape;

fn main() {
    divan::main();
}

/// So many sequences of 20 moments, in an LSTM of 128 units with 128 inputs: the time of one moment is a twentieth.
#[divan::bench(args = [(32, 1), (32, 2), (128, 1)])]
fn lstm_20_moments(bencher: Bencher, (sequences, threads): (usize, usize)) {
    let threads = Arc::new(Threads::new(threads).expect("a few threads"));
    let (mut tape, mut random) = (Tape::fast(threads.clone()), rng(1, 0));
    let biases = GateBiases { input: 0.0, forget: 1.0 };
    let layer = Layer::new(&mut tape, (Kind::Lstm, 128, 128), biases, &mut random);
    let x: Vec<f32> = (0..20 * sequences * 128).map(|k| (k as f32).sin()).collect();
    bencher.counter(ItemsCount::new(20_u32)).bench_local(|| {
        threads.run(|| {
            tape.rewind();
            let x = tape.constant([20, sequences, 128], &x);
            let inputs = layer.inputs(&mut tape, x);
            let mut state = layer.begin(&mut tape, sequences);
            for t in 0..20 {
                let input = tape.slice(inputs, 0, t..t + 1);
                state = layer.step(&mut tape, input, state);
            }
            let cost = tape.total(state.h);
            tape.backward(cost);
        });
    });
}
