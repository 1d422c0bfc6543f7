//! `cargo bench`: how long every operation takes in each voice, and a training step of the chapter's networks, and what share
//! of the machine's peak that is.
//!
//! The peak is measured, too: multiply-adds on registers, as many side by side as it takes. Only useful operations count, and
//! they are counted on the very numbers that the benchmark uses: see `Call::operations`. The numbers come from
//! networks that have learned the built-in digits for a while, because speed depends on how many pixels are blank and
//! how many units are off.
//!
//! Divan runs everything, long enough and often enough, and prints medians as it goes (`cargo bench -- --help`); a table with
//! the shares comes at the end.

mod calls;

use calls::{Call, Notes, Speaker, Way};
use divan::{Bencher, black_box, counter::ItemsCount};
use experiments::machine;
use ndarray::{Array2, Axis, s};
use network3::data::{self, Batch, Dataset};
use network3::simd::{F32x8, Kernel, Level};
use network3::train::{Learner, Step};
use network3::{Habits, Network};
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

/// What is trained: the chapter's smallest network, its main one and its largest.
const NETWORKS: [&str; 3] = ["shallow", "two-conv-relu", "dropout-1000"];
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

static DIGITS: LazyLock<(Array2<f32>, Dataset)> = LazyLock::new(|| {
    let digits = data::digits(IMAGES, 1, 1, 1).expect("images to draw").training;
    let pixels = digits.shape().len();
    (Array2::from_shape_fn((IMAGES, pixels), |(i, k)| f32::from(digits.image(i)[k]) / 256.0), digits)
});

/// One of the chapter's networks, in training.
struct Training {
    network: Network<f32>,
    batch: usize,
    step: Step,
}

impl Training {
    /// A network that has been trained for a while.
    fn new(experiment: &str, batch: usize) -> Self {
        let experiment = experiments::find(experiment).expect("one of the chapter's");
        let (hyper, shape) = (&experiment.hyper_parameters, DIGITS.1.shape());
        let network = Network::fast(shape, &experiment.layers, Habits::corrected(), 1, 1).expect("it fits");
        let decay = hyper.lambda / (IMAGES / batch) as f64;
        let step = Step { eta: hyper.eta.eta(&[]), decay, momentum: hyper.momentum, iteration: 0 };
        let mut training = Training { network, batch, step };
        (0..IMAGES / batch).for_each(|_| training.step());
        training
    }

    /// Trains the next mini-batch.
    fn step(&mut self) {
        let first = self.step.iteration as usize % (IMAGES / self.batch) * self.batch;
        let rows = first..first + self.batch;
        let batch = Batch { x: DIGITS.0.slice(s![rows.clone(), ..]), labels: &DIGITS.1.labels()[rows] };
        self.network.train(&batch, &self.step).expect("it does not diverge");
        self.step.iteration += 1;
    }

    /// Trains the next mini-batch, and writes down what that takes.
    fn observe(mut self) -> (Self, Vec<Call>) {
        let calls = Arc::new(Mutex::new(vec![]));
        self.network = self.network.with_voice(Notes::new(calls.clone()));
        self.step();
        let calls = std::mem::take(&mut *calls.lock().expect(NO_PANIC));
        (self, calls)
    }

    /// Goes on with the fast voice.
    fn on(mut self, threads: usize) -> Self {
        self.network.set_threads(threads).expect("threads start");
        self
    }
}

/// The operations of the three networks, each shape once.
static CALLS: LazyLock<Vec<Call>> = LazyLock::new(|| {
    let mut calls: Vec<Call> = vec![];
    for experiment in NETWORKS {
        for call in Training::new(experiment, BATCH).observe().1 {
            for call in call.convolution().into_iter().chain([call]) {
                if calls.iter().all(|other| other.to_string() != call.to_string()) {
                    calls.push(call);
                }
            }
        }
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

/// One operation, one way, in one voice.
#[derive(Clone, Copy)]
struct Operation(&'static Call, Way, Speaker);

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {}", self.0, self.1, self.2)
    }
}

fn operations() -> impl Iterator<Item = Operation> {
    let ways = CALLS.iter().flat_map(|call| [Way::Forward, Way::Backward].map(|way| (call, way)));
    ways.flat_map(|(call, way)| Speaker::ALL.map(|speaker| Operation(call, way, speaker)))
}

#[divan::bench(args = operations(), max_time = 0.25)]
fn operation(bencher: Bencher, operation: Operation) {
    let Operation(call, way, speaker) = operation;
    let median = median(bencher, BATCH, call.again(way, speaker.voice()));
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
    networks.flat_map(|(network, batch)| [1, 2].map(|threads| Case(network, batch, threads)))
}

/// Mini-batches in one measurement: threads are handed a loop, not one mini-batch after the other.
const LOOP: usize = 10;

#[divan::bench(args = cases(), max_time = 1.5)]
fn train(bencher: Bencher, case: Case) {
    let Case(experiment, batch, threads) = case;
    // While it trains more units go off: what counts is the mean of what counted before and after.
    let (before, calls) = Training::new(experiment, batch).observe();
    let mut training = before.on(threads);
    let pool = training.network.threads().clone();
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
    let pool = network.threads().clone();
    let images = LOOP * batch;
    let x = DIGITS.0.slice(s![..images, ..]);
    let median = median(bencher, images, || {
        pool.run(|| {
            for x in x.axis_chunks_iter(Axis(0), batch) {
                black_box(network.probabilities(x).expect("images of the right size"));
            }
        });
    });
    let operations = LOOP * calls.iter().map(|call| call.operations(Way::Forward)).sum::<usize>();
    add(Row { what: format!("classify {case}"), threads, images, operations, median });
}

/// Sums side by side: as many as a processor has multiply-adds under way at any time, and no more than it has registers for.
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
    println!("{:<66} {:>9} {:>10} {:>8} {:>7}", "", "µs", "images/s", "GFLOP/s", "of peak");
    for Row { what, threads, images, operations, median } in rows {
        let seconds = median.as_secs_f64();
        let (us, images, rate) = (seconds * 1e6, *images as f64 / seconds, *operations as f64 / seconds);
        let share = match operations {
            0 => String::new(),
            _ => format!("{:8.2} {:5.1} %", rate / 1e9, 100.0 * rate / peaks[threads - 1]),
        };
        println!("{what:<66} {us:>9.1} {images:>10.0} {share}");
    }
}
