//! What a mini-batch asks of a device. A program of its own: nobody else may use the device meanwhile.
#![cfg(feature = "opencl")]

use network3::data::{Examples, TrainingSet, digits};
use network3::opencl::{self, DeviceNetwork};
use network3::{Activation, Learner, Network, Spec, Step};

/// Inside an epoch the host never waits for the device, and tells it of a mini-batch of ten little more than ten
/// numbers.
#[test]
fn what_a_mini_batch_takes() {
    let device = match opencl::open(None) {
        Ok(device) => device,
        Err(e) => return println!("skipped: no OpenCL device ({e})"),
    };
    let conv = |filters| Spec::conv_pool(filters, (5, 5), (2, 2), Activation::Relu);
    let two_conv = [conv(20), conv(40), Spec::fully_connected(100, Activation::Relu), Spec::softmax(10)];
    let splits = digits(100, 20, 20, 1).unwrap();
    let network = || Network::new(splits.training.shape(), &two_conv).unwrap();
    let mut learner = DeviceNetwork::new(network(), &device).unwrap();
    let which: Vec<u32> = (0..10).collect();
    let set = TrainingSet::expanded(&splits.training);
    let mut step = |iteration| {
        let step = Step { eta: 0.03, decay: 0.0, momentum: 0.9, iteration };
        learner.train(&Examples::new(set, &which).unwrap(), &step).unwrap();
    };
    step(0); // the first one writes the data set
    let before = device.counts();
    (1..=5).for_each(&mut step);
    let counts = device.counts() - before;
    println!("{} launches and {} bytes for each of five mini-batches", counts.launches / 5, counts.written / 5);
    assert!(counts.launches <= 5 * 30 && counts.written <= 5 * 256, "{counts:?}");
    assert_eq!((counts.read, counts.waits), (0, 0));
    assert!(learner.mean_cost().unwrap().is_finite());

    // Five networks side by side take as many launches as one, and ten numbers for each.
    let neighbours = opencl::side_by_side((1..=5).map(|seed| network().with_seed(seed)).collect(), &device).unwrap();
    let five_steps = |mut neighbour: opencl::Neighbour| {
        for iteration in 0..6 {
            let step = Step { eta: 0.03, decay: 0.0, momentum: 0.9, iteration };
            neighbour.train(&Examples::new(set, &which).unwrap(), &step).unwrap();
        }
    };
    let before = device.counts();
    std::thread::scope(|scope| neighbours.into_iter().for_each(|n| _ = scope.spawn(|| five_steps(n))));
    let together = device.counts() - before;
    assert_eq!(together.launches, counts.launches / 5 * 6);
    let data = splits.training.len() * (28 * 28 + 2);
    assert_eq!(together.written, data as u64 + 6 * 5 * 4 * which.len() as u64);
}
