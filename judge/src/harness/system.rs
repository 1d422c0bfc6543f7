//! What only the operating system knows of processes.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

/// How much time the processors have spent on this process: unlike the time of day, it does not run faster on a busy
/// machine.
pub fn processor_time() -> Duration {
    cpu_time::ProcessTime::now().as_duration()
}

/// Makes the processes that this command will start a group, so that they can be ended together.
pub fn in_a_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Ends a process and all that it has started.
pub fn kill_group(child: &mut Child) {
    // The shell has a command for it; a call would be unsafe code.
    #[cfg(unix)]
    let _ = Command::new("sh").args(["-c", &format!("kill -KILL -{}", child.id())]).stderr(Stdio::null()).status();
    let _ = child.kill();
}

/// The process that started this one; another number when that has ended.
pub fn parent() -> u32 {
    #[cfg(unix)]
    return std::os::unix::process::parent_id();
    #[cfg(not(unix))]
    0
}

/// How much memory this process holds, in bytes, where the system tells.
pub fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(1024 * kilobytes.trim().trim_end_matches(" kB").parse::<u64>().ok()?)
}
