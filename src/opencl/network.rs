//! A network that lives on a device.

use super::data::{Batch, DataSets};
use super::parameters::Learned;
use super::pointwise::OutputKernels;
use super::queue::Buffer;
use super::row::{Row, Run};
use super::stage::Builder;
use super::{Device, Kernels};
use crate::cost::Start;
use crate::data::Examples;
use crate::learner::{LayerNorms, Learner, State, Step};
use crate::network::{check_examples, layer_name, plan};
use crate::{Cost, Error, Network, Pass, Result, Shape};
use ndarray::Array2;

/// A [`Network`] whose data, parameters, velocities, signals and gradients stay on a device.
///
/// A step of training tells the device which examples to take, and what to do: nothing comes back before somebody asks for the
/// mean cost, at the end of an epoch. On the way the host does not wait.
///
/// ```
/// use network3::{Network, Shape, Spec, opencl};
/// let network = Network::new(Shape::image(1, 28, 28), &[Spec::softmax(10)])?;
/// if let Ok(device) = opencl::open(None) {
///     let network = opencl::DeviceNetwork::new(network, &device)?;
///     assert_eq!(network.into_host()?.parameter_count(), 7850);
/// }
/// # Ok::<(), network3::Error>(())
/// ```
pub struct DeviceNetwork {
    /// What it is, and its parameters as they were when they were last copied.
    host: Network<f32>,
    /// Have the device's parameters changed since?
    changed: bool,
    device: Device,
    row: Row,
    output: OutputKernels,
    data: DataSets,
    memory: Option<Memory>,
    /// The costs that nobody has asked for yet and that are no longer on the device, and of how many examples all of them are.
    untold: (f64, usize),
}

/// Memory for mini-batches of up to so many examples.
struct Memory {
    examples: usize,
    batch: Batch,
    /// A sum for each place in a mini-batch, and what rounding has taken from it.
    costs: Buffer<f32>,
}

impl DeviceNetwork {
    /// Moves a network to a device, where the kernels that are fastest there compute it.
    ///
    /// # Errors
    /// When the device has no room for it, or cannot build a kernel.
    pub fn new(network: Network<f32>, device: &Device) -> Result<Self> {
        let kernels = Kernels::best(device.description());
        DeviceNetwork::with_kernels(network, device, kernels)
    }

    /// The same with these kernels.
    ///
    /// # Errors
    /// As [`DeviceNetwork::new`].
    pub fn with_kernels(network: Network<f32>, device: &Device, kernels: Kernels) -> Result<Self> {
        let plans = plan(network.input(), network.specs(), network.trained_for(), network.habits())?;
        let parameters = Box::new(network.parameters().into_iter());
        let mut builder = Builder { device, kernels, habits: *network.habits(), parameters };
        let row = Row::new(&mut builder, network.input(), &plans, network.seed(), &[])?;
        drop(builder);
        Ok(DeviceNetwork {
            host: network,
            changed: false,
            device: device.clone(),
            row,
            output: OutputKernels::new(device)?,
            data: DataSets::new(device),
            memory: None,
            untold: (0.0, 0),
        })
    }

    /// The network on the host, with what was learned on the device.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn into_host(mut self) -> Result<Network<f32>> {
        self.copy_back()?;
        Ok(self.host)
    }

    /// The same, to be looked at.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn host(&mut self) -> Result<&Network<f32>> {
        self.copy_back()?;
        Ok(&self.host)
    }

    /// Where it lives.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Copies the parameters to the host, if they have changed.
    fn copy_back(&mut self) -> Result<()> {
        if !self.changed {
            return Ok(());
        }
        let mut learned: Vec<&Learned> = vec![];
        self.row.learned(&mut |l| learned.push(l));
        for (learned, (_, p)) in learned.into_iter().zip(self.host.parameters_mut()) {
            learned.save(&self.device, p)?;
        }
        self.changed = false;
        Ok(())
    }

    /// Makes room for `n` examples at a time.
    fn make_room(&mut self, n: usize) -> Result<()> {
        if self.memory.as_ref().is_some_and(|memory| memory.examples >= n) {
            return Ok(());
        }
        self.collect()?;
        self.memory = None;
        self.row.make_room(&self.device, n)?;
        let batch = Batch::new(&self.device, n, self.host.input().len())?;
        let costs = self.device.buffer("the costs of a mini-batch", 2 * n)?;
        self.device.clear(&costs)?;
        self.memory = Some(Memory { examples: n, batch, costs });
        Ok(())
    }

    /// Takes the costs from the device.
    fn collect(&mut self) -> Result<()> {
        let Some(Memory { examples, costs, .. }) = self.memory.as_ref().filter(|_| self.untold.1 > 0) else {
            return Ok(());
        };
        let mut sums = vec![0.0; 2 * examples];
        self.device.read(costs, &mut sums)?;
        self.device.clear(costs)?;
        self.untold.0 += sums.into_iter().map(f64::from).sum::<f64>();
        Ok(())
    }

    /// Sends examples forward; and where they are trained, back, with a step or with gradients that are added up.
    fn run(&mut self, examples: &Examples, pass: Pass, back: Option<Option<&Step>>) -> Result<()> {
        self.make_room(examples.len())?;
        let Some(Memory { batch, costs, .. }) = &self.memory else { return Ok(()) };
        self.data.gather(examples, batch)?;
        let run = Run { device: &self.device, n: examples.len(), pass, batch, costs };
        self.row.forward(&run, &batch.x)?;
        let (Some(step), Some([a, d])) = (back, self.row.output()) else { return Ok(()) };
        let (size, cost) = ((run.n, self.row.output_shape().len()), self.host.trained_for());
        self.output.cost(size, (cost, 1.0), &batch.labels, [a, d, costs])?;
        let start = match cost {
            Cost::LogLikelihood => Start::WeightedInput,
            Cost::Quadratic => Start::Output,
        };
        self.row.backward(&run, &batch.x, start, step)
    }
}

impl Learner for DeviceNetwork {
    fn input(&self) -> Shape {
        self.host.input()
    }

    fn train(&mut self, examples: &Examples, step: &Step) -> Result<()> {
        check_examples(&self.host, examples, true)?;
        self.changed = true;
        self.run(examples, Pass::Train { iteration: step.iteration }, Some(Some(step)))?;
        self.untold.1 += examples.len();
        Ok(())
    }

    /// Here the host waits for the device, and takes the parameters, too: [`state`](Learner::state) has them then.
    fn mean_cost(&mut self) -> Result<f64> {
        self.collect()?;
        self.copy_back()?;
        let (total, n) = std::mem::take(&mut self.untold);
        Ok(total / n as f64)
    }

    fn probabilities(&mut self, examples: &Examples) -> Result<Array2<f32>> {
        check_examples(&self.host, examples, false)?;
        self.run(examples, Pass::Evaluate, None)?;
        let mut a = Array2::zeros((examples.len(), self.row.output_shape().len()));
        if let (Some([output, _]), Some(a)) = (self.row.output(), a.as_slice_mut()) {
            self.device.read(output, a)?;
        }
        Ok(a)
    }

    fn norms(&mut self, examples: &Examples, step: &Step) -> Result<Vec<LayerNorms>> {
        check_examples(&self.host, examples, true)?;
        self.copy_back()?;
        if let Some(layer) = self.host.broken() {
            return Err(Error::diverged(format!("layer {layer} has left the finite numbers")));
        }
        // Whoever asks for the mean cost means that of training.
        self.collect()?;
        self.run(examples, Pass::Train { iteration: step.iteration }, Some(None))?;
        self.memory.as_ref().map_or(Ok(()), |memory| self.device.clear(&memory.costs))?;
        let mut gradients = vec![];
        self.row.learned(&mut |learned| gradients.push(learned.gradient_norm(&self.device)));
        let mut norms = vec![];
        for ((path, name, p), gradient) in self.host.parameters().into_iter().zip(gradients) {
            let weights = p.w.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
            norms.extend(gradient?.map(|gradient| LayerNorms { layer: layer_name(&path, name), weights, gradient }));
        }
        Ok(norms)
    }

    fn state(&self) -> State {
        self.host.state()
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        self.copy_back()?;
        self.host.restore(state)?;
        let mut learned: Vec<&mut Learned> = vec![];
        self.row.learned_mut(&mut |l| learned.push(l));
        for (learned, (_, _, p)) in learned.into_iter().zip(self.host.parameters()) {
            learned.load(&self.device, p)?;
        }
        Ok(())
    }
}
