//! The training driver, over the smallest thing that can be trained.
#![cfg(feature = "files")]

mod common;

use common::{Regression, hyper_parameters, small, trainer};
use ndarray::{Array2, arr1};
use network3::{
    Activation, Error, Habits, LastBatch, LayerNorms, Learner, Network, Result, Shape, Spec, State, Step,
    data::{Dataset, Examples, Splits},
    train::{Best, Epoch, HyperParameters, Schedule, Stopping, Trainer, evaluate},
};
use quickcheck::quickcheck;

/// A history of which only the validation accuracies matter.
fn history(validation: &[u8]) -> Vec<Epoch> {
    let epoch = |(epoch, &percent): (usize, &u8)| Epoch {
        epoch,
        eta: 0.1,
        train_cost: 1.0,
        train_accuracy: 0.5,
        validation_cost: 1.0,
        validation_accuracy: f64::from(percent) / 100.0,
        test_cost: 1.0,
        test_accuracy: epoch as f64,
        images_per_second: Some(1.0),
        norms: vec![],
    };
    validation.iter().enumerate().map(epoch).collect()
}

#[test]
fn learns() {
    let splits = small();
    let mut learner = Regression::new(784);
    let mut trainer = trainer(&splits, hyper_parameters(8));
    let mut seen = 0;
    while !trainer.is_over() {
        trainer.epoch(&mut learner, &mut |mini_batch| seen += mini_batch.images).unwrap();
    }
    assert_eq!(seen, 8 * 200);
    let history = trainer.history();
    assert!(
        (history[0].train_cost - 10f64.ln()).abs() < 0.5,
        "the first costs are near ln 10: {}",
        history[0].train_cost
    );
    assert!(history[7].train_cost < history[0].train_cost / 2.0);
    assert!(history[7].validation_accuracy > 0.5);
    assert!(history[7].norms[0].weights > history[0].norms[0].weights);
}

#[test]
fn impossible_hyper_parameters() {
    let splits = small();
    let ok = hyper_parameters(1);
    let cases = [
        (HyperParameters { mini_batch_size: 0, ..ok.clone() }, "mini-batch of 0"),
        (HyperParameters { mini_batch_size: 201, ..ok.clone() }, "larger than the training data, 200 images"),
        (HyperParameters { stopping: Stopping::Epochs(0), ..ok.clone() }, "zero epochs"),
        (HyperParameters { stopping: Stopping::NoImprovement { patience: 0, at_most: 5 }, ..ok.clone() }, "0 epochs"),
        (HyperParameters { eta: Schedule::Constant(-0.1), ..ok.clone() }, "positive number, not -0.1"),
        (HyperParameters { eta: Schedule::Constant(f64::NAN), ..ok.clone() }, "positive number, not NaN"),
        (HyperParameters { eta: Schedule::Geometric { from: 0.1, to: 0.0, epochs: 3 }, ..ok.clone() }, "not 0"),
        (
            HyperParameters { eta: Schedule::HalveOnStall { from: 0.1, patience: 0 }, ..ok.clone() },
            "at least one epoch",
        ),
        (HyperParameters { lambda: -1.0, ..ok.clone() }, "λ must be"),
        (HyperParameters { lambda: f64::INFINITY, ..ok.clone() }, "λ must be"),
        (HyperParameters { momentum: 1.0, ..ok.clone() }, "less than 1"),
    ];
    for (hyper, message) in cases {
        let e = Trainer::new(&splits, hyper.clone()).unwrap_err();
        assert!(e.is_input() && e.to_string().contains(message), "{hyper:?}: {e}");
    }
    // What would be left out altogether must not be asked about.
    let sixty = Trainer::new(&splits, HyperParameters { mini_batch_size: 60, ..ok.clone() }).unwrap();
    assert!(sixty.with_habits(Habits::faithful()).unwrap_err().to_string().contains("validation data, 50 images"));
    assert!(Trainer::new(&splits, HyperParameters { mini_batch_size: 200, ..ok }).unwrap().expanded().is_ok());
}

/// Gives the costs it is told to give; is right about the images whose label is below `right`.
struct Puppet {
    costs: Vec<f64>,
    right: Vec<u8>,
    steps: Vec<Step>,
    untold: Vec<f64>,
}

impl Puppet {
    fn new(costs: Vec<f64>, right: Vec<u8>) -> Self {
        Puppet { costs, right, steps: vec![], untold: vec![] }
    }
}

impl Learner for Puppet {
    fn input(&self) -> Shape {
        Shape::image(1, 1, 1)
    }
    fn train(&mut self, examples: &Examples, step: &Step) -> Result<()> {
        self.steps.push(*step);
        let cost = self.costs[self.steps.len() - 1];
        self.untold.extend(vec![cost; examples.len()]);
        if cost == -1.0 { Err(Error::diverged("layer 3 (FullyConnected): overflow")) } else { Ok(()) }
    }
    fn mean_cost(&mut self) -> Result<f64> {
        let costs = std::mem::take(&mut self.untold);
        Ok(costs.iter().sum::<f64>() / costs.len() as f64)
    }
    fn probabilities(&mut self, examples: &Examples) -> Result<Array2<f32>> {
        let (mut x, right) = (vec![], self.right[self.steps.len() - 1]);
        examples.gather(&mut x, &mut vec![]);
        let one = |image: usize, class| {
            let label = (x[image] * 256.0) as u8;
            let answer = if label < right { label } else { (label + 1) % 10 };
            if class == usize::from(answer) { 1.0 } else { 0.0 }
        };
        Ok(Array2::from_shape_fn((examples.len(), 10), |(image, class)| one(image, class)))
    }
    fn norms(&mut self, _: &Examples, _: &Step) -> Result<Vec<LayerNorms>> {
        let norm = |layer: &str, gradient| LayerNorms { layer: layer.into(), weights: 1.0, gradient };
        Ok(vec![norm("0 ConvPool", 1.0), norm("1 Softmax", f64::NAN)])
    }
    fn state(&self) -> State {
        vec![("step".into(), arr1(&[self.steps.len() as f32]).into_dyn())]
    }
    fn restore(&mut self, _: &State) -> Result<()> {
        Ok(())
    }
}

/// Ten images of one pixel; each says which digit it is.
fn ten() -> Splits {
    let set = || Dataset::new(Shape::image(1, 1, 1), 10, (0..10).collect(), (0..10).collect()).unwrap();
    Splits { name: "ten".into(), training: set(), validation: set(), test: set() }
}

fn plain(mini_batch_size: usize, epochs: usize) -> HyperParameters {
    HyperParameters::new(0.1).with_epochs(epochs).with_mini_batch_size(mini_batch_size).with_lambda(2.0)
}

fn faithful(splits: &Splits, hyper_parameters: HyperParameters, last_batch: LastBatch) -> Trainer<'_> {
    let habits = Habits { last_batch, ..Habits::faithful() };
    Trainer::new(splits, hyper_parameters).unwrap().with_habits(habits).unwrap()
}

/// Images with more classes than the network knows, and images of another size: an error each, and no panic.
#[test]
fn what_does_not_fit_is_an_error() {
    let splits = ten();
    let mut network = Network::new(Shape::image(1, 1, 1), &[Spec::softmax(9)]).unwrap();
    let e = Trainer::new(&splits, plain(5, 1)).unwrap().epoch(&mut network, &mut |_| {}).unwrap_err();
    assert!(e.is_input() && e.to_string().contains("label 9: this network knows classes below 9"), "{e}");
    let e = evaluate(&mut network, &splits.test, 10).unwrap_err();
    assert!(e.is_input() && e.to_string().contains("image 9 is of class 9, and the network knows 9 classes"), "{e}");
    let mut network = Network::new(Shape::image(1, 2, 1), &[Spec::softmax(10)]).unwrap();
    let e = evaluate(&mut network, &splits.test, 10).unwrap_err();
    assert!(e.is_shape() && e.to_string().contains("1×2×1 (2 numbers), got 1×1×1"), "{e}");
}

/// Two hundred classes, three colours.
#[test]
fn classes_and_colours_belong_to_the_data() {
    let shape = Shape::image(3, 4, 4);
    let set = || {
        let pixels = (0..400 * 48).map(|k| (k / 48 % 200 * (k % 48 + 1) % 251) as u8).collect();
        Dataset::new(shape, 200, pixels, (0..400).map(|k| k % 200).collect()).unwrap()
    };
    let splits = Splits { name: "made up".into(), training: set(), validation: set(), test: set() };
    let layers = [Spec::conv(20, (3, 3), Activation::Relu), Spec::softmax(200)];
    let mut network = Network::new(shape, &layers).unwrap();
    let mut trainer = Trainer::new(&splits, HyperParameters::new(0.1).with_epochs(20)).unwrap().expanded().unwrap();
    while !trainer.is_over() {
        trainer.epoch(&mut network, &mut |_| {}).unwrap();
    }
    assert!(trainer.best().unwrap().test_accuracy > 0.5, "{:?}", trainer.best());
}

/// A rate is known to whoever brings a clock.
#[test]
fn a_clock() {
    let splits = ten();
    let mut puppet = Puppet::new(vec![1.0; 2], vec![10; 2]);
    let mut trainer = faithful(&splits, plain(10, 2), LastBatch::Used);
    assert_eq!(trainer.epoch(&mut puppet, &mut |_| {}).unwrap().images_per_second, None);
    static SECONDS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let mut trainer = trainer.with_clock(|| f64::from(SECONDS.fetch_add(4, std::sync::atomic::Ordering::Relaxed)));
    assert_eq!(trainer.epoch(&mut puppet, &mut |_| {}).unwrap().images_per_second, Some(10.0 / 4.0));
}

#[test]
fn diverging() {
    let splits = ten();
    for (cost, message) in [
        (f64::NAN, "epoch 1: the cost is NaN, and layer 1 Softmax is not finite; try a smaller learning rate"),
        (f64::INFINITY, "epoch 1: the cost is inf, and layer 1 Softmax"),
        (-1.0, "epoch 1, mini-batch 1: layer 3 (FullyConnected): overflow; try a smaller learning rate"),
    ] {
        let mut puppet = Puppet::new(vec![2.0, 2.0, 2.0, cost], vec![10; 4]);
        let mut trainer = faithful(&splits, plain(5, 3), LastBatch::Dropped);
        trainer.epoch(&mut puppet, &mut |_| {}).unwrap();
        let e = trainer.epoch(&mut puppet, &mut |_| {}).unwrap_err();
        assert!(e.is_diverged() && e.to_string().contains(message), "{e}");
        assert_eq!(trainer.history().len(), 1);
    }
}

/// Whether η or λ is to blame for numbers without bound.
#[test]
fn the_advice_fits_the_cause() {
    let splits = small();
    let failure = |hyper: HyperParameters| {
        let layers = [Spec::fully_connected(10, Activation::Relu), Spec::softmax(10)];
        let mut network = Network::new(Shape::image(1, 28, 28), &layers).unwrap();
        let mut trainer = Trainer::new(&splits, hyper.with_epochs(100)).unwrap();
        let mut failure = None;
        while failure.is_none() && !trainer.is_over() {
            failure = trainer.epoch(&mut network, &mut |_| {}).err();
        }
        let failure = failure.expect("it diverges");
        assert!(failure.is_diverged(), "{failure}");
        failure.to_string()
    };
    // Twenty mini-batches: 0.1 · 1000 / 20 = 5.
    let e = failure(HyperParameters::new(0.1).with_lambda(1000.0));
    assert!(e.ends_with("try a smaller λ: each step takes 5.0 times its own size away from every weight"), "{e}");
    let e = failure(HyperParameters::new(1e20).with_lambda(1e-30));
    assert!(e.ends_with("try a smaller learning rate"), "{e}");
}

/// A layer of rectified linear units that are zero for every image stands still, and says so.
#[test]
fn a_dead_network_is_told() {
    let splits = small();
    let layers = [Spec::conv_pool(3, (9, 9), (4, 4), Activation::Relu), Spec::softmax(10)];
    let after_one_epoch = |bias: f32| {
        let mut network = Network::new(Shape::image(1, 28, 28), &layers).unwrap();
        network.layers_mut()[0].parameters_mut().unwrap().b.fill(bias);
        let mut trainer = Trainer::new(&splits, plain(10, 1)).unwrap();
        trainer.epoch(&mut network, &mut |_| {}).unwrap().clone()
    };
    assert_eq!(after_one_epoch(-100.0).without_gradient(), Some("1 ConvPool"));
    assert_eq!(after_one_epoch(0.0).without_gradient(), None);
    // No gradient because there is nothing left to learn is no fault.
    let learned = Epoch { train_accuracy: 1.0, ..after_one_epoch(-100.0) };
    assert_eq!(learned.without_gradient(), None);
}

#[test]
fn the_last_of_the_best_epochs_counts_and_its_state_is_kept() {
    let splits = ten();
    let mut puppet = Puppet::new(vec![1.0; 4], vec![3, 8, 8, 5]);
    let mut trainer = faithful(&splits, plain(10, 4), LastBatch::Dropped);
    while !trainer.is_over() {
        trainer.epoch(&mut puppet, &mut |_| {}).unwrap();
    }
    assert_eq!(trainer.best(), Some(Best { epoch: 2, validation_accuracy: 0.8, test_accuracy: 0.8 }));
    assert_eq!(trainer.best_state()[0].1, arr1(&[3.0]).into_dyn());
}

#[test]
fn partial_mini_batches() {
    let splits = ten();
    for (last_batch, steps, decay, accuracy) in
        [(LastBatch::Dropped, 3, 2.0 / 3.0, 1.0), (LastBatch::Used, 4, 0.5, 0.9)]
    {
        // 3 + 3 + 3 images at a cost of 1, and one, if it is used, of 11; wrong about the tenth image alone.
        let mut puppet = Puppet::new(vec![1.0, 1.0, 1.0, 11.0], vec![9; 4]);
        let mut trainer = faithful(&splits, plain(3, 1), last_batch);
        let epoch = trainer.epoch(&mut puppet, &mut |_| {}).unwrap().clone();
        assert_eq!(puppet.steps.len(), steps);
        assert_eq!(puppet.steps[1], Step { eta: 0.1, decay, momentum: 0.0, iteration: 1 });
        assert_eq!([epoch.train_accuracy, epoch.validation_accuracy, epoch.test_accuracy], [accuracy; 3]);
        assert_eq!(epoch.train_cost, if steps == 4 { 2.0 } else { 1.0 });
    }
}

#[test]
fn evaluation() {
    let splits = ten();
    let mut puppet = Puppet::new(vec![], vec![7]);
    puppet.steps.push(Step { eta: 0.0, decay: 0.0, momentum: 0.0, iteration: 0 });
    let e = evaluate(&mut puppet, &splits.test, 8).unwrap();
    assert_eq!(e.classes, [0, 1, 2, 3, 4, 5, 6, 8]);
    assert_eq!(e.accuracy, 7.0 / 8.0);
    assert!((e.cost - 87.3 / 8.0).abs() < 0.1, "{}", e.cost);
    // All probabilities equal: the first class wins, as with numpy's argmax.
    let mut indifferent = Regression::new(1);
    let e = evaluate(&mut indifferent, &splits.test, 10).unwrap();
    assert_eq!((e.accuracy, e.classes), (0.1, vec![0; 10]));
    assert!((e.cost - 10f64.ln()).abs() < 1e-6);
    // A network that has left the numbers says so.
    indifferent
        .restore(&vec![
            ("w".into(), arr1(&[f32::NAN; 20]).into_dyn()),
            ("velocity".into(), arr1(&[0.0; 20]).into_dyn()),
        ])
        .unwrap();
    assert!(evaluate(&mut indifferent, &splits.test, 10).unwrap_err().is_diverged());
}

#[test]
fn halving() {
    let eta = |validation: &[u8]| Schedule::HalveOnStall { from: 0.128, patience: 2 }.eta(&history(validation));
    assert_eq!(eta(&[]), 0.128);
    assert_eq!(eta(&[50, 50]), 0.128);
    assert_eq!(eta(&[50, 50, 40]), 0.064, "to equal the best is no improvement");
    assert_eq!(eta(&[50, 50, 40, 50]), 0.064, "and it gets two more epochs");
    assert_eq!(eta(&[50, 50, 40, 50, 50]), 0.032);
    assert_eq!(eta(&[50, 50, 40, 60, 50]), 0.064);
    assert_eq!(eta(&[50; 101]), 0.001, "1/128, and no further");
}

quickcheck! {
    fn halving_follows_the_definition(validation: Vec<u8>, patience: u8) -> bool {
        let patience = usize::from(patience % 5) + 1;
        // The definition, told differently: walk through the epochs and remember when patience was last renewed.
        let (mut eta, mut renewed) = (1.0f64, 0);
        for (i, &accuracy) in validation.iter().enumerate() {
            let improved = validation[..i].iter().all(|&before| before < accuracy);
            if improved {
                renewed = i;
            } else if i - renewed == patience {
                (eta, renewed) = (f64::max(eta / 2.0, 1.0 / 128.0), i);
            }
        }
        Schedule::HalveOnStall { from: 1.0, patience }.eta(&history(&validation)) == eta
    }

    fn geometric_falls_by_one_factor(epochs: u8, from: u8, to: u8) -> bool {
        let (epochs, from, to) = (usize::from(epochs % 50) + 2, f64::from(from) + 1.0, f64::from(to) + 1.0);
        let schedule = Schedule::Geometric { from, to, epochs };
        let etas: Vec<_> = (0..epochs + 3).map(|n| schedule.eta(&history(&vec![0; n]))).collect();
        let factor = etas[1] / etas[0];
        etas[0] == from
            && etas[epochs - 1..].iter().all(|&eta| eta == to)
            && etas[..epochs].windows(2).all(|pair| (pair[1] / pair[0] - factor).abs() < 1e-9)
    }

    fn stopping_follows_the_definition(validation: Vec<u8>, patience: u8, at_most: u8) -> bool {
        let (patience, at_most) = (usize::from(patience % 8) + 1, usize::from(at_most) + 1);
        let n = validation.len();
        let (before, last) = validation.split_at(n.saturating_sub(patience));
        let stalled = n > patience && last.iter().max() <= before.iter().max();
        Stopping::NoImprovement { patience, at_most }.is_over(&history(&validation)) == (stalled || n >= at_most)
            && Stopping::Epochs(at_most).is_over(&history(&validation)) == (n >= at_most)
    }

    fn best_is_the_last_of_equals(validation: Vec<u8>) -> bool {
        match Best::of(&history(&validation)) {
            None => validation.is_empty(),
            Some(best) => {
                validation.iter().all(|&v| v <= validation[best.epoch])
                    && validation[best.epoch + 1..].iter().all(|&v| v < validation[best.epoch])
                    && best.test_accuracy == best.epoch as f64
            }
        }
    }

    fn schedules_and_rules_survive_json(from: u16, to: u16, n: usize, kind: u8) -> bool {
        let (from, to) = (f64::from(from) / 7.0, f64::from(to) / 3.0);
        let schedule = match kind % 3 {
            0 => Schedule::Constant(from),
            1 => Schedule::Geometric { from, to, epochs: n },
            _ => Schedule::HalveOnStall { from, patience: n },
        };
        let stopping = if kind.is_multiple_of(2) { Stopping::Epochs(n) } else { Stopping::NoImprovement { patience: n, at_most: n } };
        let there_and_back = serde_json::from_str(&serde_json::to_string(&(schedule, stopping)).unwrap()).unwrap();
        (schedule, stopping) == there_and_back
    }
}
