//! Where a run took place.

use std::process::Command;
use std::sync::LazyLock;
use std::time::Instant;

/// A clock for [`Trainer::with_clock`](network3::train::Trainer::with_clock): seconds since it was first looked at.
pub fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64()
}

/// The processor's own name for itself, or the architecture where it does not tell.
pub fn processor() -> String {
    let linux = || {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").ok()?;
        let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_string())
    };
    let macos = || output(Command::new("sysctl").args(["-n", "machdep.cpu.brand_string"]));
    linux().or_else(macos).unwrap_or_else(|| std::env::consts::ARCH.to_string())
}

/// The commit of this repository, with `-dirty` where the tree has changes; `None` outside a repository.
pub fn commit() -> Option<String> {
    // No tag ever matches `--exclude '*'`, so what git describes a commit with is always its hash.
    let describe = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*"];
    output(Command::new("git").args(["-C", env!("CARGO_MANIFEST_DIR")]).args(describe))
}

/// What a command prints, if it succeeds and prints something.
fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_string();
    (!text.is_empty()).then_some(text)
}
