//! Where a network is trained: on the processor, or on a device that speaks OpenCL.

use network3::{Error, Result};

/// A device, ready to be trained on.
#[cfg(feature = "opencl")]
pub use network3::opencl::Device;

/// Without the feature there is none.
#[cfg(not(feature = "opencl"))]
#[derive(Clone)]
pub enum Device {}

/// What `--device` asks for: nothing or `cpu`, `opencl`, `opencl:1`. None is the processor.
///
/// # Errors
/// When it is none of these, or there is no such device.
pub fn choose(wanted: Option<&str>) -> Result<Option<Device>> {
    let unknown = |name| Error::input(format!("there is no device {name:?}: it is cpu, opencl, or opencl:N"));
    let number = match wanted {
        None | Some("cpu") => return Ok(None),
        Some("opencl") => None,
        Some(name) => {
            let number = name.strip_prefix("opencl:").and_then(|number| number.parse().ok());
            Some(number.ok_or_else(|| unknown(name))?)
        }
    };
    open(number).map(Some)
}

#[cfg(feature = "opencl")]
fn open(number: Option<usize>) -> Result<Device> {
    network3::opencl::open(number)
}

#[cfg(not(feature = "opencl"))]
fn open(_: Option<usize>) -> Result<Device> {
    Err(missing())
}

/// How to get what is not there.
#[cfg(not(feature = "opencl"))]
fn missing() -> Error {
    Error::input(
        "this program was built without OpenCL: cargo run --release --features opencl --bin train -- …; \
         it needs an OpenCL loader to link with (on Debian `ocl-icd-opencl-dev`)",
    )
}

/// A line for each device.
///
/// # Errors
/// When there is none.
#[cfg(feature = "opencl")]
pub fn list() -> Result<()> {
    let devices = network3::opencl::devices()?;
    let lines: Vec<_> = devices.iter().enumerate().map(|(k, device)| format!("opencl:{k}  {device}")).collect();
    experiments::program::print(&lines.join("\n"))
}

/// There is none.
#[cfg(not(feature = "opencl"))]
pub fn list() -> Result<()> {
    Err(missing())
}
