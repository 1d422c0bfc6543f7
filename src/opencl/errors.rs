//! What can go wrong with a device, in a sentence each.

use super::device::Description;
use crate::Error;
use ocl::core::{self, Status};

/// There is no room for so many bytes of that.
pub fn full(device: &Description, what: &str, bytes: u64) -> Error {
    let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let Description { name, memory, .. } = device;
    let message = format!("{name} has no room for {what}: {} of its {}", mib(bytes), mib(*memory));
    Error::input(message).advice("try smaller mini-batches or a smaller network")
}

/// A command failed, at that buffer or in that kernel.
pub fn lost(name: &str, what: &str, e: &core::Error) -> Error {
    match e.api_status() {
        Some(Status::CL_MEM_OBJECT_ALLOCATION_FAILURE | Status::CL_OUT_OF_HOST_MEMORY) => {
            Error::input(format!("{name} has run out of memory at {what}; try smaller mini-batches"))
        }
        _ => Error::input(format!("{name} was lost at {what} ({}); --resume goes on from the last epoch", short(e))),
    }
}

/// What OpenCL says, in few words: the name of its status.
pub fn short(e: &core::Error) -> String {
    match e.api_status() {
        Some(status) => format!("{status:?}"),
        None => e.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opencl::Kind;

    #[test]
    fn no_room() {
        let (platform, name, driver) = ("P".into(), "A device".into(), "1".into());
        let (memory, largest_buffer) = (1 << 30, 1 << 28);
        let (kind, compute_units, local_memory, work_group) = (Kind::Gpu, 1, 1 << 15, 256);
        let device = Description {
            platform,
            name,
            driver,
            kind,
            compute_units,
            memory,
            largest_buffer,
            local_memory,
            work_group,
        };
        let e = full(&device, "the outputs of layer 1", 3 << 29).to_string();
        assert_eq!(
            e,
            "A device has no room for the outputs of layer 1: 1536.0 MiB of its 1024.0 MiB; \
             try smaller mini-batches or a smaller network"
        );
    }
}
