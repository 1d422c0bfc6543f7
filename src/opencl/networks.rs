//! Networks side by side on a device: one, or several of the same layers, which each launch computes together.

use super::data::{Batch, DataSets};
use super::parameters::Learned;
use super::pointwise::{Costs, OutputKernels};
use super::row::{Row, Run};
use super::stage::Builder;
use super::{Device, Kernels, Load};
use crate::cost::Start;
use crate::data::Examples;
use crate::learner::{LayerNorms, Learner, State, Step};
use crate::network::{layer_name, plan};
use crate::{Cost, Error, Network, Pass, Result};

/// Networks that have the same layers, on a device.
pub struct Networks {
    /// What they are, and their parameters as they were when they were last copied.
    hosts: Vec<Network<f32>>,
    /// Whose parameters on the device have changed since.
    changed: Vec<bool>,
    device: Device,
    row: Row,
    output: OutputKernels,
    data: DataSets,
    memory: Option<Memory>,
    /// The costs of each network that nobody has asked for yet and that are no longer on the device, and of how many
    /// examples all of them are.
    untold: Vec<(f64, usize)>,
}

/// Memory for mini-batches of up to so many examples.
struct Memory {
    examples: usize,
    batch: Batch,
    costs: Costs,
}

impl Networks {
    /// Moves networks to a device. All have the layers of the first.
    ///
    /// # Errors
    /// When there is none, when one of them is made otherwise than the first, when the device has no room, or cannot
    /// build a kernel.
    pub fn new(hosts: Vec<Network<f32>>, device: &Device, kernels: Kernels) -> Result<Self> {
        let first = hosts.first().ok_or_else(|| Error::input("there is no network to be put on a device"))?;
        let made = |n: &Network<f32>| (n.input(), n.specs().to_vec(), n.trained_for(), *n.habits());
        if let Some(k) = hosts.iter().position(|network| made(network) != made(first)) {
            let message = "networks side by side must have the same layers and habits, and only their seeds may differ";
            return Err(Error::input(format!("{message}: number {} is not made as the first", k + 1)));
        }
        let plans = plan(first.input(), first.specs(), first.trained_for(), first.habits())?;
        let parameters = hosts.iter().map(|network| network.parameters().into_iter()).collect();
        let seeds: Vec<u64> = hosts.iter().map(Network::seed).collect();
        let mut builder = Builder { device, kernels, habits: *first.habits(), parameters };
        let row = Row::new(&mut builder, first.input(), &plans, &seeds, &[])?;
        drop(builder);
        Ok(Networks {
            changed: vec![false; hosts.len()],
            untold: vec![(0.0, 0); hosts.len()],
            device: device.clone(),
            row,
            output: OutputKernels::new(device)?,
            data: DataSets::new(device),
            memory: None,
            hosts,
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.hosts.len()
    }

    /// Network k as it was when it was last copied.
    pub fn host(&self, k: usize) -> &Network<f32> {
        &self.hosts[k]
    }

    /// The networks as they were when they were last copied.
    pub fn into_hosts(self) -> Vec<Network<f32>> {
        self.hosts
    }

    /// Where they live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.row.output_shape().len()
    }

    /// Copies the parameters of network k to the host, if they have changed.
    ///
    /// # Errors
    /// When the device is lost; and so for all of these.
    pub fn copy_back(&mut self, k: usize) -> Result<()> {
        if !std::mem::take(&mut self.changed[k]) {
            return Ok(());
        }
        let mut learned: Vec<&Learned> = vec![];
        self.row.learned(&mut |l| learned.push(l));
        for (learned, (_, p)) in learned.into_iter().zip(self.hosts[k].parameters_mut()) {
            learned.save(&self.device, k, p)?;
        }
        Ok(())
    }

    /// Gives network k back a state.
    pub fn restore(&mut self, k: usize, state: &State) -> Result<()> {
        self.copy_back(k)?;
        self.hosts[k].restore(state)?;
        let mut learned: Vec<&mut Learned> = vec![];
        self.row.learned_mut(&mut |l| learned.push(l));
        for (learned, (_, _, p)) in learned.into_iter().zip(self.hosts[k].parameters()) {
            learned.load(&self.device, k, p)?;
        }
        Ok(())
    }

    /// A step for every network, on as many examples of its own: `examples` are those of the first, then those of the
    /// second, …
    pub fn train(&mut self, examples: &Examples, step: &Step) -> Result<()> {
        self.changed.fill(true);
        self.run(examples, Pass::Train { iteration: step.iteration }, Some(Some(step)))?;
        let each = examples.len() / self.count();
        self.untold.iter_mut().for_each(|(_, n)| *n += each);
        Ok(())
    }

    /// The mean cost of the examples of network k since it was last asked for. The host waits for the device.
    pub fn mean_cost(&mut self, k: usize) -> Result<f64> {
        self.collect()?;
        let (total, n) = std::mem::take(&mut self.untold[k]);
        Ok(total / n as f64)
    }

    /// The probabilities that the last pass has come to.
    pub fn read_output(&self, a: &mut [f32]) -> Result<()> {
        self.row.output().map_or(Ok(()), |[output, _]| self.device.read(output, 0, a))
    }

    /// The norms of the weights and of their gradients, of the first network.
    pub fn norms(&mut self, examples: &Examples, step: &Step) -> Result<Vec<LayerNorms>> {
        // Whoever asks for the mean cost means that of training.
        self.collect()?;
        self.run(examples, Pass::Train { iteration: step.iteration }, Some(None))?;
        self.memory.as_ref().map_or(Ok(vec![]), |memory| memory.costs.collect(&self.device))?;
        let mut gradients = vec![];
        self.row.learned(&mut |learned| gradients.push(learned.gradient_norm(&self.device, 0)));
        let mut norms = vec![];
        for ((path, name, p), gradient) in self.hosts[0].parameters().into_iter().zip(gradients) {
            let weights = p.w.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
            norms.extend(gradient?.map(|gradient| LayerNorms { layer: layer_name(&path, name), weights, gradient }));
        }
        Ok(norms)
    }

    /// Sends examples forward; and where they are trained, back, with a step or with gradients that are added up.
    pub fn run(&mut self, examples: &Examples, pass: Pass, back: Option<Option<&Step>>) -> Result<()> {
        let load = Load { networks: self.count(), examples: examples.len() / self.count() };
        self.make_room(load)?;
        let Some(Memory { batch, costs, .. }) = &self.memory else { return Ok(()) };
        self.data.gather(examples, batch)?;
        let run = Run { device: &self.device, load, pass, batch, costs };
        self.row.forward(&run, &batch.x)?;
        let (Some(step), Some([a, d])) = (back, self.row.output()) else { return Ok(()) };
        let (size, cost) = ((load, self.classes()), self.hosts[0].trained_for());
        self.output.cost(size, (cost, 1.0), &batch.labels, [a, d], costs)?;
        let start = match cost {
            Cost::LogLikelihood => Start::WeightedInput,
            Cost::Quadratic => Start::Output,
        };
        self.row.backward(&run, &batch.x, start, step)
    }

    /// Makes room for so many examples at a time.
    fn make_room(&mut self, load: Load) -> Result<()> {
        if self.memory.as_ref().is_some_and(|memory| memory.examples >= load.examples) {
            return Ok(());
        }
        self.collect()?;
        self.memory = None;
        self.row.make_room(&self.device, load.all())?;
        let batch = Batch::new(&self.device, load.all(), self.hosts[0].input().len())?;
        self.memory = Some(Memory { examples: load.examples, batch, costs: Costs::new(&self.device, load)? });
        Ok(())
    }

    /// Takes the costs from the device.
    fn collect(&mut self) -> Result<()> {
        if let Some(memory) = self.memory.as_ref().filter(|_| self.untold.iter().any(|(_, n)| *n > 0)) {
            let costs = memory.costs.collect(&self.device)?;
            self.untold.iter_mut().zip(costs).for_each(|((total, _), cost)| *total += cost);
        }
        Ok(())
    }
}
