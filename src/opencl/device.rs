//! Which devices there are, and how one is chosen.

use super::errors::short;
use super::queue::Queue;
use crate::{Error, Result};
use ocl::core::{self, DeviceId, DeviceInfo, DeviceInfoResult, DeviceType, PlatformInfo};
use std::fmt;

/// What a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A graphics processor: many small cores, which want thousands of work-items.
    Gpu,
    /// A processor that speaks OpenCL, as with PoCL: a few large cores.
    Cpu,
    /// Something else.
    Other,
}

/// A device, and what we need to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Who made the driver: "NVIDIA CUDA", "Portable Computing Language".
    pub platform: String,
    /// What the device is called.
    pub name: String,
    /// The version of its driver.
    pub driver: String,
    /// What it is.
    pub kind: Kind,
    /// How many cores it has, as OpenCL counts them.
    pub compute_units: usize,
    /// Its memory, in bytes.
    pub memory: u64,
    /// The largest single buffer, in bytes.
    pub largest_buffer: u64,
    /// What the work-items of a group may share, in bytes.
    pub local_memory: usize,
    /// Work-items in a group, at most.
    pub work_group: usize,
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Description { platform, name, compute_units, memory, .. } = self;
        let gib = *memory as f64 / f64::from(1 << 30);
        write!(f, "{name} ({platform}): {compute_units} compute units, {gib:.1} GiB")
    }
}

/// An OpenCL device that is ready to compute: shared by everything that runs on it.
pub type Device = std::sync::Arc<Queue>;

/// All devices of all platforms: `opencl:0`, `opencl:1`, …
///
/// # Errors
/// When there is no platform, that is no driver; and when no platform has a device.
pub fn devices() -> Result<Vec<Description>> {
    Ok(found()?.into_iter().map(|(_, description)| description).collect())
}

/// A device by its number in [`devices`]; without one, the first graphics processor, or else the first of all.
///
/// # Errors
/// When there is no such device, or when it cannot be used.
///
/// ```
/// use network3::opencl;
/// match opencl::open(None) {
///     Ok(device) => println!("{}", device.description()),
///     Err(e) => println!("skipped: no OpenCL device ({e})"),
/// }
/// ```
pub fn open(number: Option<usize>) -> Result<Device> {
    let mut found = found()?;
    let gpu = || found.iter().position(|(_, description)| description.kind == Kind::Gpu).unwrap_or(0);
    let number = number.unwrap_or_else(gpu);
    if number >= found.len() {
        let (n, last) = (found.len(), found.len() - 1);
        let there =
            if n == 1 { "there is one, opencl:0".into() } else { format!("there are opencl:0 to opencl:{last}") };
        return Err(Error::input(format!("there is no device opencl:{number}: {there}")));
    }
    let (id, description) = found.swap_remove(number);
    Ok(std::sync::Arc::new(Queue::new(id, description)?))
}

/// Every device with its description.
fn found() -> Result<Vec<(DeviceId, Description)>> {
    let no_platform = "there is no OpenCL platform: install your graphics processor's driver, or PoCL \
        (on Debian `pocl-opencl-icd`), which computes on the processor";
    let platforms = core::get_platform_ids().unwrap_or_default();
    if platforms.is_empty() {
        return Err(Error::input(no_platform));
    }
    let mut found = vec![];
    for platform in platforms {
        let name = core::get_platform_info(platform, PlatformInfo::Name).map(|name| name.to_string());
        let name = name.unwrap_or_else(|_| "unknown platform".into());
        // A platform without a device says so with an error.
        for id in core::get_device_ids(platform, Some(DeviceType::ALL), None).unwrap_or_default() {
            found.push((id, describe(id, name.clone())?));
        }
    }
    if found.is_empty() {
        return Err(Error::input(
            "there is an OpenCL platform, but it has no device: is the driver that of this machine?",
        ));
    }
    Ok(found)
}

fn describe(id: DeviceId, platform: String) -> Result<Description> {
    let ask = |what| {
        let failed = |e| Error::input(format!("a device of {platform} does not answer ({})", short(&e)));
        core::get_device_info(id, what).map_err(failed)
    };
    let number = |what| -> Result<u64> {
        Ok(match ask(what)? {
            DeviceInfoResult::MaxComputeUnits(n) => n.into(),
            DeviceInfoResult::GlobalMemSize(n) | DeviceInfoResult::LocalMemSize(n) => n,
            DeviceInfoResult::MaxMemAllocSize(n) => n,
            DeviceInfoResult::MaxWorkGroupSize(n) => n as u64,
            _ => 0,
        })
    };
    let kind = match ask(DeviceInfo::Type)? {
        DeviceInfoResult::Type(kind) if kind.contains(DeviceType::GPU) => Kind::Gpu,
        DeviceInfoResult::Type(kind) if kind.contains(DeviceType::CPU) => Kind::Cpu,
        _ => Kind::Other,
    };
    Ok(Description {
        name: ask(DeviceInfo::Name)?.to_string().trim().into(),
        driver: ask(DeviceInfo::DriverVersion)?.to_string(),
        kind,
        compute_units: number(DeviceInfo::MaxComputeUnits)? as usize,
        memory: number(DeviceInfo::GlobalMemSize)?,
        largest_buffer: number(DeviceInfo::MaxMemAllocSize)?,
        local_memory: number(DeviceInfo::LocalMemSize)? as usize,
        work_group: number(DeviceInfo::MaxWorkGroupSize)? as usize,
        platform,
    })
}
