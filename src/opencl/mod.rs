//! The same network on a device that speaks OpenCL: a graphics processor, or, with PoCL, the processor.
//!
//! ```no_run
//! use network3::{Activation, Network, Spec, data, opencl, train::{HyperParameters, Trainer}};
//!
//! let splits = data::digits(1000, 200, 200, 1)?;
//! let layers = [Spec::conv_pool(8, (5, 5), (2, 2), Activation::Relu), Spec::softmax(10)];
//! let network = Network::new(splits.training.shape(), &layers)?;
//! let mut network = opencl::DeviceNetwork::new(network, &opencl::open(None)?)?;
//! let mut trainer = Trainer::new(&splits, HyperParameters::new(0.1))?;
//! while !trainer.is_over() {
//!     trainer.epoch(&mut network, &mut |_| {})?;
//! }
//! let network = network.into_host()?; // with what was learned, to be saved or asked
//! # Ok::<(), network3::Error>(())
//! ```
//!
//! | to read | what it is |
//! | --- | --- |
//! | [`devices`], [`open`] | which devices there are, and how one is chosen |
//! | [`Queue`] | a device at work: buffers, launches, reads and writes, all counted; the one file with `unsafe` in it |
//! | [`Defines`] | an operation's dimensions as constants, in the names of its struct |
//! | [`OpenCl`] | a [`Backend`](crate::ops::Backend) that copies there and back: what the laws of `tests/` are run on |
//! | [`DeviceNetwork`] | a [`Learner`](crate::Learner) whose data, parameters and signals stay on the device |
//! | [`side_by_side`] | several of them, trained by the same launches |
//!
//! The kernels stand beside the definitions that they are held to: `ops/conv/conv.cl` beside `ops/conv/reference.rs`.
//! The plain ones say the same in the same words; the tiled ones ([`Kernels`]) are what one waits less for.
//!
//! # Same seed, same bits
//!
//! Every number is computed by one work-item, or by the work-items of a group that add up in one fixed order; nothing
//! is added to by several in whatever order they come. So one device gives the same bits each time. Another one may
//! round otherwise.

mod affine;
mod backend;
mod batch_norm;
mod conv;
mod data;
mod device;
mod errors;
mod network;
mod networks;
mod parameters;
mod pointwise;
mod pool;
mod program;
mod queue;
mod row;
mod side_by_side;
mod stage;
mod target;

pub use backend::OpenCl;
pub use device::{Description, Device, Kind, devices, open};
pub use network::DeviceNetwork;
pub use program::{Defines, Program};
pub use queue::{Arg, Buffer, Counts, Kernel, Mailbox, Queue};
pub use side_by_side::{Neighbour, side_by_side};

/// Which kernels compute convolutions and fully-connected layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels {
    /// Those that mirror the definitions: a work-item for each number.
    Plain,
    /// Those that fetch less often than they multiply. Where an operation has none, the plain ones are used.
    Tiled {
        /// How many work-items share a sum.
        lanes: usize,
    },
}

impl Kernels {
    /// The fastest for a device. A processor's core does best with a sum of its own; of a graphics processor's small
    /// cores, 32 work side by side at the least on most that are made.
    pub fn best(device: &Description) -> Self {
        Kernels::Tiled { lanes: if device.kind == Kind::Cpu { 1 } else { device.work_group.clamp(1, 32) } }
    }
}

/// What a kernel has to do: so many networks side by side, each with so many examples of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Load {
    networks: usize,
    examples: usize,
}

impl Load {
    /// One network.
    fn one(examples: usize) -> Self {
        Load { networks: 1, examples }
    }

    /// All examples.
    fn all(self) -> usize {
        self.networks * self.examples
    }

    /// The examples of a network, as a kernel's argument.
    fn arg(self) -> Arg<'static> {
        Arg::Int(self.examples as i32)
    }
}

/// The kernels' texts.
mod sources {
    pub const ACTIVATION: &str = include_str!("../ops/activation/activation.cl");
    pub const AFFINE: &str = include_str!("../ops/affine/affine.cl");
    pub const BATCH_NORM: &str = include_str!("../ops/batch_norm/batch_norm.cl");
    pub const CONCAT: &str = include_str!("../ops/concat.cl");
    pub const CONV: &str = include_str!("../ops/conv/conv.cl");
    pub const CONV_POOL: &str = include_str!("../ops/conv_pool/conv_pool.cl");
    pub const COST: &str = include_str!("../cost.cl");
    pub const EXAMPLES: &str = include_str!("../data/examples.cl");
    pub const DROPOUT: &str = include_str!("../ops/dropout.cl");
    pub const NORMALISE: &str = include_str!("../ops/normalise/normalise.cl");
    pub const POOL: &str = include_str!("../ops/pool/pool.cl");
    pub const SOFTMAX: &str = include_str!("../ops/softmax.cl");
    pub const UPDATE: &str = include_str!("../ops/update.cl");
}
