//! Where a run took place.

use std::path::Path;
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
    commit_of(Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// The same for the repository that this folder lies in. It changes nothing there, and waits for nobody: without
/// optional locks, git does not write down what it finds out about files on the way.
pub fn commit_of(folder: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        output(Command::new("git").arg("--no-optional-locks").arg("-C").arg(folder).args(arguments))
    };
    let commit = git(&["rev-parse", "--verify", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"]);
    Some(if changes.is_some() { commit + "-dirty" } else { commit })
}

/// What a command prints, if it succeeds and prints something.
fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_string();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Asking which commit it is, is no business of the repository's.
    #[test]
    fn the_commit_is_named_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(commit_of(folder.path()), None);
        let git = |arguments: &[&str]| {
            let mut git = Command::new("git");
            git.arg("-C").arg(folder.path()).args(["-c", "user.name=a", "-c", "user.email=a@b.c"]).args(arguments);
            git.output().is_ok_and(|output| output.status.success())
        };
        if !git(&["init", "-q"]) {
            return; // there is no git here
        }
        let file = folder.path().join("file");
        fs::write(&file, "one").unwrap();
        assert!(git(&["add", "file"]) && git(&["commit", "-q", "-m", "one"]));
        let commit = commit_of(folder.path()).unwrap();
        assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{commit}");
        // Touched and not changed: git would like to note that.
        let index = folder.path().join(".git/index");
        let before = fs::read(&index).unwrap();
        fs::remove_file(&file).unwrap();
        fs::write(&file, "one").unwrap();
        assert_eq!(commit_of(folder.path()).as_ref(), Some(&commit));
        assert!(fs::read(&index).unwrap() == before, "it has written the index");
        fs::write(&file, "two").unwrap();
        assert_eq!(commit_of(folder.path()), Some(commit + "-dirty"));
    }
}
