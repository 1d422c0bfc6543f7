//! Several networks trained by the same launches.

use super::networks::Networks;
use super::{Device, DeviceNetwork, Kernels};
use crate::data::{Examples, TrainingSet};
use crate::learner::{LayerNorms, Learner, State, Step};
use crate::network::check_examples;
use crate::{Error, Network, Result, Shape};
use ndarray::Array2;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Puts networks side by side on a device: each launch of training then computes all of them, so that five networks
/// wait for launches no longer than one does. They have the same layers and habits; their seeds differ. What each
/// computes is, to the bit, what it would compute alone.
///
/// Each is a [`Learner`] for a thread of its own: a step of training waits until all of them have asked for theirs, and
/// a network that is dropped is waited for no longer. Questions about one of them are answered by a copy, without
/// waiting.
///
/// ```
/// use network3::{Network, Spec, data, opencl, train::{HyperParameters, Stopping, Trainer}};
///
/// let splits = data::digits(300, 100, 100, 1)?;
/// let Ok(device) = opencl::open(None) else { return Ok(()) };
/// let network = |seed| Ok(Network::new(splits.training.shape(), &[Spec::softmax(10)])?.with_seed(seed));
/// let networks = [1, 2, 3].into_iter().map(network).collect::<network3::Result<Vec<_>>>()?;
/// let train = |mut network: opencl::Neighbour| {
///     let parameters = HyperParameters { stopping: Stopping::Epochs(1), ..HyperParameters::new(0.1) };
///     let mut trainer = Trainer::new(&splits, parameters)?;
///     while !trainer.is_over() {
///         trainer.epoch(&mut network, &mut |_| {})?;
///     }
///     network.into_host()
/// };
/// std::thread::scope(|scope| {
///     let threads: Vec<_> = opencl::side_by_side(networks, &device)?
///         .into_iter()
///         .map(|network| scope.spawn(|| train(network)))
///         .collect();
///     for thread in threads {
///         thread.join().unwrap()?;
///     }
///     Ok(())
/// })
/// # as network3::Result<()>
/// ```
///
/// # Errors
/// When there is no network, when they are not made alike, when the device has no room, or cannot build a kernel.
pub fn side_by_side(networks: Vec<Network<f32>>, device: &Device) -> Result<Vec<Neighbour>> {
    let kernels = Kernels::best(device.description());
    let copies = networks.iter().map(copy).collect::<Result<_>>()?;
    let asked = networks.iter().map(|_| Asked::Nothing).collect();
    let together = Together { networks: Networks::new(copies, device, kernels)?, asked, round: 0, failed: None };
    let meeting = Arc::new(Meeting { together: Mutex::new(together), changed: Condvar::new() });
    let neighbour = |(k, network)| {
        let alone = DeviceNetwork::with_kernels(network, device, kernels)?;
        Ok(Neighbour { alone, behind: false, seat: Seat { k, meeting: Arc::clone(&meeting) } })
    };
    networks.into_iter().enumerate().map(neighbour).collect()
}

/// A network with the same parameters, which nobody will compute on the host.
fn copy(network: &Network<f32>) -> Result<Network<f32>> {
    let copy = Network::reference(network.input(), network.specs(), network.trained_for())?;
    let mut copy = copy.with_habits(*network.habits()).with_seed(network.seed());
    copy.restore(&network.state())?;
    Ok(copy)
}

/// One of several networks [`side_by_side`].
pub struct Neighbour {
    /// The copy that answers questions.
    alone: DeviceNetwork,
    /// Has the network been trained since it was copied?
    behind: bool,
    seat: Seat,
}

/// A network's place among the others.
struct Seat {
    k: usize,
    meeting: Arc<Meeting>,
}

/// Where the networks meet for a step.
struct Meeting {
    together: Mutex<Together>,
    /// A step was made, or a network has left.
    changed: Condvar,
}

struct Together {
    networks: Networks,
    /// What each has asked for.
    asked: Vec<Asked>,
    /// How many steps have been made.
    round: u64,
    /// Why there will not be another.
    failed: Option<String>,
}

/// What a network waits for.
enum Asked {
    /// For nothing at the moment.
    Nothing,
    /// For a step, on these examples of a set of images that is known by its identity.
    Step { step: Step, set: (usize, bool), which: Vec<u32> },
    /// It has left, and will never ask again.
    Left,
}

impl Meeting {
    fn lock(&self) -> MutexGuard<'_, Together> {
        self.together.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Together {
    /// Makes the step that all who are still there wait for: those who have left take part with the examples of
    /// another.
    fn step(&mut self, set: TrainingSet) -> Result<()> {
        let mut asked = self.asked.iter().filter_map(|asked| match asked {
            Asked::Step { step, set, which } => Some((step, set, which)),
            _ => None,
        });
        let Some(first) = asked.next() else { return Ok(()) };
        if !asked.all(|(step, set, which)| (step, set, which.len()) == (first.0, first.1, first.2.len())) {
            return Err(Error::input(
                "networks side by side take the same steps: one data set, one size of mini-batches, one learning rate",
            ));
        }
        let which = self.asked.iter().flat_map(|asked| match asked {
            Asked::Step { which, .. } => which,
            _ => first.2,
        });
        let (which, step): (Vec<u32>, Step) = (which.copied().collect(), *first.0);
        self.networks.train(&Examples::new(set, &which)?, &step)
    }
}

impl Neighbour {
    /// The network on the host, with what was learned on the device.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn into_host(mut self) -> Result<Network<f32>> {
        self.catch_up()?;
        self.alone.into_host()
    }

    /// Brings the copy up to date.
    fn catch_up(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.behind) {
            return Ok(());
        }
        let (k, mut together) = (self.seat.k, self.seat.meeting.lock());
        together.networks.copy_back(k)?;
        self.alone.restore(&together.networks.host(k).state())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.meeting.lock().asked[self.k] = Asked::Left;
        self.meeting.changed.notify_all();
    }
}

impl Learner for Neighbour {
    fn input(&self) -> Shape {
        self.alone.input()
    }

    /// Waits until all networks have asked for a step; whoever comes last makes it for all.
    fn train(&mut self, examples: &Examples, step: &Step) -> Result<()> {
        let Seat { k, meeting } = &self.seat;
        let mut together = meeting.lock();
        check_examples(together.networks.host(*k), examples, true)?;
        if examples.set().is_distorted() {
            return Err(Error::input(
                "networks side by side share their images, and each would have distorted ones of its own: train one after the other",
            ));
        }
        let (images, which) = (examples.set().images(), examples.which().to_vec());
        let set = (Arc::as_ptr(images.identity()) as usize, examples.set().is_expanded());
        together.asked[*k] = Asked::Step { step: *step, set, which };
        let round = together.round;
        while together.round == round && together.failed.is_none() {
            if together.asked.iter().any(|asked| matches!(asked, Asked::Nothing)) {
                together = meeting.changed.wait(together).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            together.failed = together.step(examples.set()).err().map(|e| e.to_string());
            together.round += 1;
            let served = together.asked.iter_mut().filter(|asked| matches!(asked, Asked::Step { .. }));
            served.for_each(|asked| *asked = Asked::Nothing);
            meeting.changed.notify_all();
        }
        self.behind = true;
        together.failed.as_ref().map_or(Ok(()), |message| Err(Error::input(message)))
    }

    /// Here the host waits for the device, and takes the parameters, too: [`state`](Learner::state) has them then.
    fn mean_cost(&mut self) -> Result<f64> {
        self.catch_up()?;
        self.seat.meeting.lock().networks.mean_cost(self.seat.k)
    }

    fn probabilities(&mut self, examples: &Examples) -> Result<Array2<f32>> {
        self.catch_up()?;
        self.alone.probabilities(examples)
    }

    fn norms(&mut self, examples: &Examples, step: &Step) -> Result<Vec<LayerNorms>> {
        self.catch_up()?;
        self.alone.norms(examples, step)
    }

    fn state(&self) -> State {
        self.alone.state()
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        self.behind = false;
        self.alone.restore(state)?;
        self.seat.meeting.lock().networks.restore(self.seat.k, state)
    }
}
