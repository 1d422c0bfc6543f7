//! Programs: an operation's dimensions as `#define`s, and its kernels below them.

use super::errors::short;
use crate::ops::{Activation, Affine, Conv, Pool, Pooling, Ties, Window};
use crate::{Error, Result};
use ocl::core::{self, Context, DeviceId};
use std::ffi::CString;
use std::fmt::{self, Write};

/// A program that was built for a device.
pub struct Program(pub(super) core::Program);

impl Program {
    /// # Errors
    /// When it does not build: with the compiler's log.
    pub(super) fn build(context: &Context, device: DeviceId, name: &str, text: &str) -> Result<Self> {
        let failed = |e: core::Error| {
            let log = match &e {
                core::Error::ProgramBuild(log) => log.to_string().replace('#', "").trim().to_string(),
                e => short(e),
            };
            Error::input(format!("{name} cannot build a kernel: {log}"))
        };
        let text = CString::new(text).map_err(|e| Error::input(format!("a kernel's text is none ({e})")))?;
        let program = core::create_program_with_source(context, &[text]).map_err(failed)?;
        // Weights that only decay become subnormal, which processors are slow to multiply (ops/update.rs)
        let options = c"-cl-std=CL1.2 -cl-denorms-are-zero".into();
        core::build_program(&program, Some(&[device]), &options, None, None).map_err(failed)?;
        Ok(Program(program))
    }
}

/// Constants that a kernel is compiled with.
///
/// ```
/// use network3::{Shape, opencl::Defines, ops::Conv};
/// let conv = Conv::new(Shape::image(1, 28, 28), 20, (5, 5), (1, 1))?;
/// let defines = Defines::default().conv(&conv).to_string();
/// assert!(defines.contains("#define FILTERS 20\n") && defines.contains("#define KERNEL_HEIGHT 5\n"));
/// # Ok::<(), network3::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Defines(String);

impl fmt::Display for Defines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Defines {
    /// One more: `#define NAME value`.
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "#define {name} {value}");
        self
    }

    fn all<const N: usize>(self, values: [(&str, usize); N]) -> Self {
        values.into_iter().fold(self, |defines, (name, value)| defines.with(name, value))
    }

    /// The dimensions of a convolution.
    pub fn conv(self, op: &Conv) -> Self {
        self.all([
            ("MAPS", op.maps),
            ("HEIGHT", op.height),
            ("WIDTH", op.width),
            ("FILTERS", op.filters),
            ("KERNEL_HEIGHT", op.kernel().0),
            ("KERNEL_WIDTH", op.kernel().1),
            ("STRIDE_DOWN", op.stride().0),
            ("STRIDE_ACROSS", op.stride().1),
            ("PADDED_HEIGHT", op.on_padded().height),
            ("PADDED_WIDTH", op.on_padded().width),
            ("TOP", op.window.padding.top),
            ("LEFT", op.window.padding.left),
            ("GROUP_MAPS", op.group_maps()),
            ("GROUP_FILTERS", op.group_filters()),
            ("TAPS", op.taps()),
            ("OUTPUT_HEIGHT", op.output_height()),
            ("OUTPUT_WIDTH", op.output_width()),
        ])
    }

    /// The dimensions of pooling.
    pub fn pool(self, op: &Pool) -> Self {
        let outputs = op.outputs();
        let sizes = [("MAPS", op.maps), ("HEIGHT", op.height), ("WIDTH", op.width)];
        self.all(sizes).pool_window(&op.window, outputs, op.pooling, op.ties)
    }

    /// The windows of pooling, and what is made of them.
    pub fn pool_window(self, window: &Window, outputs: (usize, usize), pooling: Pooling, ties: Ties) -> Self {
        let sizes = [
            ("POOL_HEIGHT", window.size.0),
            ("POOL_WIDTH", window.size.1),
            ("POOL_DOWN", window.stride.0),
            ("POOL_ACROSS", window.stride.1),
            ("POOL_TOP", window.padding.top),
            ("POOL_LEFT", window.padding.left),
            ("POOLED_HEIGHT", outputs.0),
            ("POOLED_WIDTH", outputs.1),
            ("MAX", 0),
            ("L2", 1),
            ("MEAN", 2),
        ];
        let pooling = match pooling {
            Pooling::Max => "MAX",
            Pooling::L2 => "L2",
            Pooling::Mean => "MEAN",
        };
        self.all(sizes).with("POOLING", pooling).with("ALL_TIES", u8::from(ties == Ties::All))
    }

    /// The dimensions of a fully-connected layer.
    pub fn affine(self, op: &Affine) -> Self {
        self.all([("INPUTS", op.inputs), ("OUTPUTS", op.outputs)])
    }

    /// An activation function.
    pub fn activation(self, f: Activation) -> Self {
        let functions = self.all([("SIGMOID", 0), ("TANH", 1), ("RELU", 2), ("LINEAR", 3)]);
        functions.with(
            "ACTIVATION",
            match f {
                Activation::Sigmoid => "SIGMOID",
                Activation::Tanh => "TANH",
                Activation::Relu => "RELU",
                Activation::Linear => "LINEAR",
            },
        )
    }
}
