//! A network that lives on a device.

use super::networks::Networks;
use super::{Device, Kernels};
use crate::data::Examples;
use crate::learner::{LayerNorms, Learner, State, Step};
use crate::network::check_examples;
use crate::{Error, Network, Pass, Result, Shape};
use ndarray::Array2;

/// A [`Network`] whose data, parameters, velocities, signals and gradients stay on a device.
///
/// A step of training tells the device which examples to take, and what to do: nothing comes back before somebody asks
/// for the mean cost, at the end of an epoch. On the way the host does not wait.
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
pub struct DeviceNetwork(Networks);

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
        Ok(DeviceNetwork(Networks::new(vec![network], device, kernels)?))
    }

    /// The network on the host, with what was learned on the device.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn into_host(mut self) -> Result<Network<f32>> {
        self.0.copy_back(0)?;
        let DeviceNetwork(networks) = self;
        networks.into_hosts().pop().ok_or_else(|| Error::input("there is no network"))
    }

    /// The same, to be looked at.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn host(&mut self) -> Result<&Network<f32>> {
        self.0.copy_back(0)?;
        Ok(self.0.host(0))
    }

    /// Where it lives.
    pub fn device(&self) -> &Device {
        self.0.device()
    }
}

impl Learner for DeviceNetwork {
    fn input(&self) -> Shape {
        self.0.host(0).input()
    }

    fn train(&mut self, examples: &Examples, step: &Step) -> Result<()> {
        check_examples(self.0.host(0), examples, true)?;
        self.0.train(examples, step)
    }

    /// Here the host waits for the device, and takes the parameters, too: [`state`](Learner::state) has them then.
    fn mean_cost(&mut self) -> Result<f64> {
        self.0.copy_back(0)?;
        self.0.mean_cost(0)
    }

    fn probabilities(&mut self, examples: &Examples) -> Result<Array2<f32>> {
        check_examples(self.0.host(0), examples, false)?;
        self.0.run(examples, Pass::Evaluate, None)?;
        let mut a = Array2::zeros((examples.len(), self.0.classes()));
        a.as_slice_mut().map_or(Ok(()), |a| self.0.read_output(a))?;
        Ok(a)
    }

    fn norms(&mut self, examples: &Examples, step: &Step) -> Result<Vec<LayerNorms>> {
        check_examples(self.0.host(0), examples, true)?;
        self.0.copy_back(0)?;
        if let Some(layer) = self.0.host(0).broken() {
            return Err(Error::diverged(format!("layer {layer} has left the finite numbers")));
        }
        self.0.norms(examples, step)
    }

    fn state(&self) -> State {
        self.0.host(0).state()
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        self.0.restore(0, state)
    }
}
