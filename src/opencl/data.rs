//! Data sets on the device: written once, and from then on a mini-batch is a list of numbers. Only distorted images are
//! made on the host, and sent.

use super::queue::{Arg, Buffer, Kernel, Mailbox};
use super::{Defines, Device, sources};
use crate::data::{Dataset, Examples, Identity, Label};
use crate::{Result, Shape};
use std::sync::{Arc, Weak};

/// The data sets that a network has met.
pub struct DataSets {
    device: Device,
    sets: Vec<OnDevice>,
    mailbox: Mailbox<u32>,
    distorted: Distorted,
}

/// Distorted images on their way to the device, and their labels.
#[derive(Default)]
struct Distorted {
    x: Vec<f32>,
    labels: Vec<Label>,
    mailboxes: (Mailbox<f32>, Mailbox<Label>),
}

/// A data set on the device.
struct OnDevice {
    /// Which it is; and whether the host still has it.
    identity: Weak<Identity>,
    pixels: Buffer<u8>,
    labels: Buffer<u16>,
    gather: Kernel,
}

/// A mini-batch on the device.
pub struct Batch {
    /// The numbers of its examples.
    which: Buffer<u32>,
    /// Their intensities.
    pub x: Buffer<f32>,
    /// Their labels.
    pub labels: Buffer<u16>,
}

impl Batch {
    /// Room for `n` examples of so many numbers.
    ///
    /// # Errors
    /// When the device has none.
    pub fn new(device: &Device, n: usize, len: usize) -> Result<Self> {
        let (which, labels) = (device.buffer("the numbers of examples", n)?, device.buffer("labels", n)?);
        Ok(Batch { which, x: device.buffer("a mini-batch", n * len)?, labels })
    }
}

impl DataSets {
    /// None so far.
    pub fn new(device: &Device) -> Self {
        DataSets { device: device.clone(), sets: vec![], mailbox: Mailbox::default(), distorted: Distorted::default() }
    }

    /// Has the device gather examples. Of a data set that it has, it is told no more than their numbers; distorted
    /// images are other ones in every epoch, and sent as they are.
    ///
    /// # Errors
    /// When the device has no room for the data set.
    pub fn gather(&mut self, examples: &Examples, batch: &Batch) -> Result<()> {
        if examples.set().is_distorted() {
            let Distorted { x, labels, mailboxes } = &mut self.distorted;
            examples.gather(x, labels);
            self.device.post(&mut mailboxes.0, &batch.x, x)?;
            return self.device.post(&mut mailboxes.1, &batch.labels, labels);
        }
        let images = examples.set().images();
        let k = match self.sets.iter().position(|set| set.identity.as_ptr() == Arc::as_ptr(images.identity())) {
            Some(k) => k,
            None => {
                self.sets.retain(|set| set.identity.strong_count() > 0);
                self.sets.push(OnDevice::new(&self.device, images)?);
                self.sets.len() - 1
            }
        };
        let set = &self.sets[k];
        self.device.post(&mut self.mailbox, &batch.which, examples.which())?;
        let expanded = Arg::Int(examples.set().is_expanded().into());
        let args = [expanded, set.pixels.arg(), set.labels.arg(), batch.which.arg(), batch.x.arg(), batch.labels.arg()];
        self.device.launch(&set.gather, [images.shape().len(), examples.len(), 1], None, &args)
    }
}

impl OnDevice {
    fn new(device: &Device, images: &Dataset) -> Result<Self> {
        let [maps, height, width] = match images.shape() {
            Shape::Image { maps, height, width } => [maps, height, width],
            Shape::Flat(n) => [1, 1, n],
        };
        let defines = Defines::default().with("MAPS", maps).with("HEIGHT", height).with("WIDTH", width);
        let gather = device.kernel(&*device.program(&defines, &[sources::EXAMPLES])?, "gather")?;
        Ok(OnDevice {
            identity: Arc::downgrade(images.identity()),
            pixels: device.buffer_of("the pixels of a data set", images.pixels())?,
            labels: device.buffer_of("the labels of a data set", images.labels())?,
            gather,
        })
    }
}
