//! What a layer has learned, on the device.

use super::Device;
use super::queue::Buffer;
use super::target::{Target, Targets};
use crate::layer::Parameters;
use crate::learner::Step;
use crate::{Error, Result};
use ndarray::ArrayD;

/// Weights and biases, their velocities if there are any, and their gradients if anybody has asked for them: those of
/// every network side by side, one after the other.
pub struct Learned {
    /// Which layer they are of, for messages.
    name: String,
    /// How many weights and biases a network has here.
    len: [usize; 2],
    value: [Buffer<f32>; 2],
    gradient: Option<[Buffer<f32>; 2]>,
    velocity: Option<[Buffer<f32>; 2]>,
    /// Running moments, of batch normalisation only.
    moments: Option<[Buffer<f32>; 2]>,
}

/// Weights and biases by their names in a state.
const NAMES: [&str; 2] = ["w", "b"];
const VELOCITIES: [&str; 2] = ["velocity.w", "velocity.b"];
const MOMENTS: [&str; 2] = ["mean", "variance"];

fn flat(a: &ArrayD<f32>) -> Result<&[f32]> {
    a.as_slice().ok_or_else(|| Error::input("parameters are not in row-major order"))
}

impl Learned {
    /// The same numbers as on the host, where each network has some.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn new(device: &Device, name: String, all: &[&Parameters<f32>]) -> Result<Self> {
        let len = all.first().map_or([0; 2], |p| [p.w.len(), p.b.len()]);
        let room = |what: &str, len| device.buffer(&format!("the {what} of layer {name}"), all.len() * len);
        let value = [room("weights", len[0])?, room("biases", len[1])?];
        let moments = all.iter().find_map(|p| p.moments());
        let moments =
            moments.map(|(mean, variance)| Ok([room("means", mean.len())?, room("variances", variance.len())?]));
        let moments = moments.transpose()?;
        let mut learned = Learned { name, len, value, gradient: None, velocity: None, moments };
        for (k, p) in all.iter().enumerate() {
            learned.load(device, k, p)?;
        }
        Ok(learned)
    }

    /// Weights and biases.
    pub fn values(&self) -> [&Buffer<f32>; 2] {
        self.value.each_ref()
    }

    /// Running means and variances.
    ///
    /// # Errors
    /// When the layer has none.
    pub fn moments(&self) -> Result<[&Buffer<f32>; 2]> {
        let none = || Error::input(format!("layer {} has no running moments", self.name));
        self.moments.as_ref().map(|moments| moments.each_ref()).ok_or_else(none)
    }

    /// Takes the host's numbers of network k.
    ///
    /// # Errors
    /// When the device is lost, or has no room for velocities.
    pub fn load(&mut self, device: &Device, k: usize, p: &Parameters<f32>) -> Result<()> {
        for (name, a) in p.state() {
            if let (None, Some(_)) = (&self.velocity, VELOCITIES.iter().find(|v| **v == name)) {
                self.velocity = Some(self.zeros(device, "velocities")?);
            }
            device.write(self.find(name)?, k * a.len(), flat(a)?)?;
        }
        Ok(())
    }

    /// Gives the host its numbers of network k.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn save(&self, device: &Device, k: usize, p: &mut Parameters<f32>) -> Result<()> {
        let names = NAMES.iter().chain(self.velocity.iter().flat_map(|_| &VELOCITIES));
        let names = names.chain(self.moments.iter().flat_map(|_| &MOMENTS));
        for name in names {
            let to = p.state_mut(name).and_then(ArrayD::as_slice_mut);
            let to = to.ok_or_else(|| Error::input("parameters are not in row-major order"))?;
            device.read(self.find(name)?, k * to.len(), to)?;
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Result<&Buffer<f32>> {
        let k = |names: [&str; 2]| names.iter().position(|n| *n == name);
        let velocity = self.velocity.as_ref().zip(k(VELOCITIES)).map(|(velocity, k)| &velocity[k]);
        let moment = self.moments.as_ref().zip(k(MOMENTS)).map(|(moments, k)| &moments[k]);
        let missing = || Error::input(format!("layer {} has no tensor {name:?}", self.name));
        k(NAMES).map(|k| &self.value[k]).or(velocity).or(moment).ok_or_else(missing)
    }

    /// As many zeros as there are numbers.
    fn zeros(&self, device: &Device, what: &str) -> Result<[Buffer<f32>; 2]> {
        let zeros = |a: &Buffer<f32>| {
            let buffer = device.buffer(&format!("the {what} of layer {}", self.name), a.len())?;
            device.clear(&buffer)?;
            Ok::<_, Error>(buffer)
        };
        let [w, b] = &self.value;
        Ok([zeros(w)?, zeros(b)?])
    }

    /// For a backward pass: with a step that follows at once, or with gradients that are added up, from zero.
    ///
    /// # Errors
    /// When the device has no room for them.
    pub fn targets(&mut self, device: &Device, step: Option<&Step>) -> Result<Targets<'_>> {
        let momentum = step.is_some_and(|step| step.momentum != 0.0);
        if momentum && self.velocity.is_none() {
            self.velocity = Some(self.zeros(device, "velocities")?);
        }
        if step.is_none() {
            self.gradient = Some(self.zeros(device, "gradients")?);
        }
        let target = |k: usize| match (step, &self.velocity, &self.gradient) {
            (Some(step), velocity, _) => {
                let decay = if k == 0 { step.decay as f32 } else { 0.0 };
                let (eta, mu) = (step.eta as f32, step.momentum as f32);
                let w = &self.value[k];
                match velocity {
                    Some(v) if momentum => Target { target: &v[k], w, rule: [mu, -eta, -(eta * decay), 1.0] },
                    _ => Target { target: w, w, rule: [1.0 - eta * decay, -eta, 0.0, 0.0] },
                }
            }
            (None, _, Some(gradient)) => Target { target: &gradient[k], w: &self.value[k], rule: [1.0, 1.0, 0.0, 0.0] },
            (None, _, None) => Target { target: &self.value[k], w: &self.value[k], rule: [1.0, 0.0, 0.0, 0.0] },
        };
        Ok(Targets { w: target(0), b: target(1) })
    }

    /// The gradient of the weights of network k, if it has been asked for: ‖∂C/∂w‖.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn gradient_norm(&self, device: &Device, k: usize) -> Result<Option<f64>> {
        let Some([dw, _]) = &self.gradient else { return Ok(None) };
        let mut numbers = vec![0.0; self.len[0]];
        device.read(dw, k * numbers.len(), &mut numbers)?;
        Ok(Some(numbers.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()))
    }
}
