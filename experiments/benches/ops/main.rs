//! `cargo bench`: how long every operation takes in each backend, and a training step of the chapter's networks and of
//! some kinds of layer that it has not, and what share of the machine's peak that is.
//!
//! The peak is measured, too: multiply-adds on registers, as many side by side as it takes. Only useful operations
//! count, and they are counted on the very numbers that the benchmark uses: see `Call::operations`. The numbers come
//! from networks that have learned the built-in digits for a while, because speed depends on how many pixels are blank
//! and how many units are off.
//!
//! Divan runs everything, long enough and often enough, and prints medians as it goes (`cargo bench -- --help`); a
//! table with the shares comes at the end.

mod calls;

use calls::{Call, Recorder, Way, Which};
use divan::{Bencher, black_box, counter::ItemsCount};
use experiments::{Experiment, machine};
use network3::cpu::simd::{F32x8, Kernel, Level};
use network3::data::{self, Dataset, Examples, TrainingSet};
use network3::train::Schedule;
use network3::{Activation, Cost, Learner, Network, Pooling, Spec, Step};
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

/// What is trained: the chapter's smallest network, its main one and its largest.
const NETWORKS: [&str; 3] = ["shallow", "two-conv-relu", "dropout-1000"];
/// And two of them with momentum.
const WITH_MOMENTUM: [&str; 2] = ["two-conv-relu, momentum", "dropout-1000, momentum"];
/// And layers that the chapter has not, with 20 filters each, before a softmax layer.
const LAYERS: [&str; 4] = ["conv then pool", "conv alone", "pool 3×3 every 2", "conv 3×3 twice"];
/// Images in a mini-batch, where nothing else is said.
const BATCH: usize = 10;
/// How many images there are. A network has seen each of them once before anything is measured.
const IMAGES: usize = 2_560;
const NO_PANIC: &str = "nothing has panicked with it";

fn main() {
    divan::main();
    let rows = std::mem::take(&mut *TABLE.lock().expect(NO_PANIC));
    if !rows.is_empty() {
        print(&rows);
    }
}

static DIGITS: LazyLock<Dataset> = LazyLock::new(|| data::digits(IMAGES, 1, 1, 1).expect("images to draw").training);

/// So many digits, from this one on.
fn examples(first: usize, count: usize, f: impl FnOnce(&Examples)) {
    let which: Vec<u32> = (first as u32..).take(count).collect();
    f(&Examples::new(TrainingSet::plain(&DIGITS), &which).expect("there are so many digits"));
}

/// The experiment of that name: one of the chapter's, with momentum or without, or one with another kind of layer.
fn find(name: &str) -> Experiment {
    let chapters = |name| experiments::find(name).expect("one of the chapter's");
    if let Some(name) = name.strip_suffix(", momentum") {
        let mut experiment = chapters(name);
        let hyper = &mut experiment.hyper_parameters;
        // With momentum μ, steps of η come to η / (1 − μ).
        hyper.eta = Schedule::Constant(0.1 * hyper.eta.start());
        hyper.momentum = 0.9;
        return experiment;
    }
    let conv = |kernel| Spec::conv(20, kernel, Activation::Relu);
    let layers = match name {
        "conv then pool" => vec![conv((5, 5)), Spec::pool(Pooling::Max, (2, 2))],
        "conv alone" => vec![conv((5, 5))],
        "pool 3×3 every 2" => vec![conv((5, 5)), Spec::pool(Pooling::Max, (3, 3)).every(2, 2)],
        "conv 3×3 twice" => vec![conv((3, 3)), conv((3, 3))],
        _ => return chapters(name),
    };
    let layers = [&layers[..], &[Spec::softmax(data::DIGITS)]].concat();
    Experiment { layers, ..chapters("two-conv-relu") }
}

/// A network in training.
struct Training {
    network: Network<f32>,
    batch: usize,
    step: Step,
}

impl Training {
    /// A network that has been trained for a while.
    fn new(experiment: &str, batch: usize) -> Self {
        let experiment = find(experiment);
        let (hyper, shape) = (&experiment.hyper_parameters, DIGITS.shape());
        let network = Network::reference(shape, &experiment.layers, Cost::LogLikelihood).expect("it fits");
        let network = network.with_threads(1).expect("one thread starts");
        let decay = hyper.lambda / (IMAGES / batch) as f64;
        let step = Step { eta: hyper.eta.eta(&[]), decay, momentum: hyper.momentum, iteration: 0 };
        let mut training = Training { network, batch, step };
        (0..IMAGES / batch).for_each(|_| training.step());
        training
    }

    /// Trains the next mini-batch.
    fn step(&mut self) {
        let first = self.step.iteration as usize % (IMAGES / self.batch) * self.batch;
        examples(first, self.batch, |batch| self.network.train(batch, &self.step).expect("it does not diverge"));
        self.step.iteration += 1;
    }

    /// Trains the next mini-batch, and writes down what that takes.
    fn observe(mut self) -> (Self, Vec<Call>) {
        let calls = Arc::new(Mutex::new(vec![]));
        self.network = self.network.with_backend(Recorder::new(calls.clone()));
        self.step();
        let calls = std::mem::take(&mut *calls.lock().expect(NO_PANIC));
        (self, calls)
    }

    /// Goes on with the fast backend.
    fn on(self, threads: usize) -> Self {
        Training { network: self.network.with_threads(threads).expect("threads start"), ..self }
    }
}

/// The operations of all networks, each once, by name.
static CALLS: LazyLock<Vec<(String, Call)>> = LazyLock::new(|| {
    let mut calls: Vec<(String, Call)> = vec![];
    for experiment in NETWORKS.iter().chain(&WITH_MOMENTUM) {
        for call in Training::new(experiment, BATCH).observe().1 {
            let inner = call.is_fused().then(|| call.convolution()).flatten();
            for call in inner.into_iter().chain([call]) {
                if calls.iter().all(|(name, _)| *name != call.to_string()) {
                    calls.push((call.to_string(), call));
                }
            }
        }
    }
    // How many gradients are zero depends on what comes after the layer: so these have names of their own.
    for experiment in LAYERS {
        let observed = Training::new(experiment, BATCH).observe().1.into_iter();
        let layers = observed.filter(|call| !matches!(call, Call::Affine { .. }));
        calls.extend(layers.map(|call| (format!("{experiment}: {call}"), call)));
    }
    calls
});

/// One line of the table.
struct Row {
    what: String,
    threads: usize,
    images: usize,
    /// Operations that count.
    operations: usize,
    median: Duration,
}

static TABLE: Mutex<Vec<Row>> = Mutex::new(vec![]);

/// Has divan run something over and over. Returns the median time.
fn median(bencher: Bencher, images: usize, mut run: impl FnMut()) -> Duration {
    let mut times = vec![];
    bencher.counter(ItemsCount::new(images)).bench_local(|| {
        let begin = Instant::now();
        run();
        times.push(begin.elapsed());
    });
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A line for the table, unless nothing was measured.
fn add(row: Row) {
    if row.median > Duration::ZERO {
        TABLE.lock().expect(NO_PANIC).push(row);
    }
}

/// One operation, one way, in one backend.
#[derive(Clone, Copy)]
struct Operation(&'static (String, Call), Way, Which);

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {}", self.0.0, self.1, self.2)
    }
}

fn operations() -> impl Iterator<Item = Operation> {
    let ways = CALLS.iter().flat_map(|call| [Way::Forward, Way::Backward].map(|way| (call, way)));
    // Momentum makes no difference on the way forward.
    let ways = ways.filter(|((_, call), way)| *way == Way::Backward || !call.has_momentum());
    ways.flat_map(|(call, way)| Which::ALL.map(|which| Operation(call, way, which)))
}

#[divan::bench(args = operations(), max_time = 0.25)]
fn operation(bencher: Bencher, operation: Operation) {
    let Operation((_, call), way, which) = operation;
    let median = median(bencher, BATCH, call.again(way, which.backend()));
    let operations = call.operations(way);
    add(Row { what: operation.to_string(), threads: 1, images: BATCH, operations, median });
}

/// A network, so many images at a time, on so many threads.
#[derive(Clone, Copy)]
struct Case(&'static str, usize, usize);

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Case(experiment, batch, threads) = self;
        write!(f, "{experiment}, {batch} at a time, {threads} thread{}", if *threads == 1 { "" } else { "s" })
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let networks = NETWORKS.map(|network| (network, BATCH)).into_iter().chain([("two-conv-relu", 128)]);
    let others = WITH_MOMENTUM.iter().chain(&LAYERS).map(|&network| (network, BATCH));
    networks.chain(others).flat_map(|(network, batch)| [1, 2].map(|threads| Case(network, batch, threads)))
}

/// Mini-batches in one measurement: threads are handed a loop, not one mini-batch after the other.
const LOOP: usize = 10;

#[divan::bench(args = cases(), max_time = 1.5)]
fn train(bencher: Bencher, case: Case) {
    let Case(experiment, batch, threads) = case;
    // While it trains more units go off: what counts is the mean of what counted before and after.
    let (before, calls) = Training::new(experiment, batch).observe();
    let mut training = before.on(threads);
    let pool = training.network.threads();
    let median = median(bencher, LOOP * batch, || pool.run(|| (0..LOOP).for_each(|_| training.step())));
    let (_, after) = training.observe();
    let both = |call: &Call| call.operations(Way::Forward) + call.operations(Way::Backward);
    let operations = LOOP * calls.iter().chain(&after).map(both).sum::<usize>() / 2;
    add(Row { what: format!("train {case}"), threads, images: LOOP * batch, operations, median });
}

#[divan::bench(args = [Case("two-conv-relu", 100, 1), Case("two-conv-relu", 100, 2)], max_time = 1)]
fn classify(bencher: Bencher, case: Case) {
    let Case(experiment, batch, threads) = case;
    let (training, calls) = Training::new(experiment, batch).observe();
    let mut network = training.on(threads).network;
    let pool = network.threads();
    let images = LOOP * batch;
    let median = median(bencher, images, || {
        pool.run(|| {
            for first in (0..images).step_by(batch) {
                examples(first, batch, |batch| {
                    black_box(network.probabilities(batch).expect("images of the right size"));
                });
            }
        });
    });
    let operations = LOOP * calls.iter().map(|call| call.operations(Way::Forward)).sum::<usize>();
    add(Row { what: format!("classify {case}"), threads, images, operations, median });
}

/// Sums side by side: as many as a processor has multiply-adds under way at any time, and no more than it has registers
/// for.
const SUMS: usize = 10;

/// Nothing but multiply-adds.
struct MultiplyAdd {
    rounds: usize,
}

impl Kernel for MultiplyAdd {
    type Output = f32;

    #[inline(always)]
    fn run<V: F32x8>(self) -> f32 {
        let (mut sums, x, y) =
            ([V::splat(black_box(1.0)); SUMS], V::splat(black_box(0.9999)), V::splat(black_box(1e-3)));
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = sum.mul_add(x, y);
            }
        }
        let mut all = V::splat(0.0);
        for sum in sums {
            all = all.add(sum);
        }
        all.array()[0]
    }
}

/// The most operations a second that so many threads have come to at once, in a few attempts.
fn peak(threads: usize) -> f64 {
    const ROUNDS: usize = 500_000;
    let attempt = |_| {
        let begin = Instant::now();
        std::thread::scope(|scope| {
            (0..threads)
                .for_each(|_| _ = scope.spawn(|| black_box(Level::detect().run(MultiplyAdd { rounds: ROUNDS }))));
        });
        (threads * ROUNDS * SUMS * 8 * 2) as f64 / begin.elapsed().as_secs_f64()
    };
    (0..20).map(attempt).fold(0.0, f64::max)
}

fn print(rows: &[Row]) {
    let peaks = [peak(1), peak(2)];
    println!("\n{}, {}; peak of multiply-add in vectors of eight:", machine::processor(), Level::detect());
    println!("{:.0} GFLOP/s on one thread, {:.0} on two\n", peaks[0] / 1e9, peaks[1] / 1e9);
    println!(
        "Useful operations, counted on the data used, of each multiplication and its addition two: all of a convolution's"
    );
    println!(
        "forward pass; of its gradients those of winners whose unit is on; of a fully-connected layer those of inputs"
    );
    println!(
        "that are not zero. Mini-batches of {BATCH} where nothing else is said; built-in digits, trained networks.\n"
    );
    println!("{:<82} {:>9} {:>10} {:>8} {:>7}", "", "µs", "images/s", "GFLOP/s", "of peak");
    for Row { what, threads, images, operations, median } in rows {
        let seconds = median.as_secs_f64();
        let (us, images, rate) = (seconds * 1e6, *images as f64 / seconds, *operations as f64 / seconds);
        let share = match operations {
            0 => String::new(),
            _ => format!("{:8.2} {:5.1} %", rate / 1e9, 100.0 * rate / peaks[threads - 1]),
        };
        println!("{what:<82} {us:>9.1} {images:>10.0} {share}");
    }
}
