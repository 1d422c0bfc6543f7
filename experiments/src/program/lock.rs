//! Files that no two programs may write at a time.

use network3::{Error, Result};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// A file that says to other programs: this run is being trained. The operating system forgets it when the program
/// ends, however that comes about.
pub struct Lock {
    path: PathBuf,
    _file: File,
}

/// Where there are locks of this program.
static HELD: Mutex<Vec<PathBuf>> = Mutex::new(vec![]);

impl Lock {
    /// Takes possession of what this file stands for.
    ///
    /// # Errors
    /// When another program has it, or the file cannot be made.
    pub fn take(path: PathBuf) -> Result<Self> {
        let failed = |e| Error::io(format_args!("locking {}", path.display()), e);
        loop {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                // Some file systems on a network have no locks.
                Err(TryLockError::Error(e)) if e.kind() == std::io::ErrorKind::Unsupported => {}
                Err(TryLockError::Error(e)) => return Err(failed(e)),
                Err(TryLockError::WouldBlock) => {
                    let run = path.with_extension("");
                    let message = format!("another program is training {} at the moment", run.display());
                    return Err(
                        Error::input(message).advice("wait until it has ended, or give this run another --folder")
                    );
                }
            }
            // Whoever had it may have removed it between the two.
            if is_still(&file, &path) {
                HELD.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
                return Ok(Lock { path, _file: file });
            }
        }
    }

    /// Removes the files of all locks of this program, which is about to end.
    #[cfg(unix)]
    pub fn release_all() {
        for path in HELD.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        HELD.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| *path != self.path);
        // As long as it is locked: so nobody else's is removed. An empty file that stays does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

/// Is the open file the one of that name?
#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(open), Ok(named)) = (file.metadata(), fs::metadata(path)) else { return false };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// As well as can be told.
#[cfg(not(unix))]
fn is_still(_: &File, path: &Path) -> bool {
    path.exists()
}
