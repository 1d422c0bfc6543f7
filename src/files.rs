//! Files that are either whole or not there.

use crate::{Error, Result};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{self, Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tempfile::NamedTempFile;

/// Where a write ends up.
enum Target {
    /// In an ordinary file, which is replaced.
    File(PathBuf),
    /// In a device, a pipe, or whatever else is there and is no ordinary file: it stays what it is.
    Stream,
}

/// Writes `bytes` to `path`, making its folder where there is none.
///
/// The bytes go to a temporary file in the same folder, which then takes the name: whoever opens `path`, and whenever
/// the power goes, finds the old file or the new one, never half of either. A link is followed, and stays a link. A
/// pipe or a device is not replaced but written into.
///
/// # Errors
/// When the operating system refuses, and when `path` is a folder or a whole disk; the message names the file.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |source| Error::io(format_args!("writing {}", path.display()), source);
    match target(path).map_err(failed)? {
        Target::Stream => {
            let mut stream = OpenOptions::new().append(true).open(path).map_err(failed)?;
            stream.write_all(bytes).map_err(failed)
        }
        Target::File(file) => {
            let _writing = pause();
            let mut temporary = temporary(&file).map_err(failed)?;
            temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all()).map_err(failed)?;
            temporary.persist(&file).map_err(|e| failed(e.error))?;
            Ok(())
        }
    }
}

/// Can [`write()`] write so many bytes there? Finds out by doing so, in a file that is gone again afterwards. Into a
/// pipe or a device nothing is written.
///
/// # Errors
/// When it cannot: the name is a folder's or too long, the folder takes no file, the disk has no room. The message
/// names the file.
pub fn check(path: &Path, bytes: usize) -> Result<()> {
    let name = path.display();
    if path.is_dir() || path.to_string_lossy().ends_with(path::is_separator) {
        return Err(Error::input(format!("{name} is a folder: give the name of a file")));
    }
    let refused = |e| Error::io(format_args!("{name} cannot be written"), e);
    let Target::File(file) = target(path).map_err(refused)? else { return Ok(()) };
    let into = folder(path).display();
    let no_file = |e| Error::io(format_args!("{name} cannot be written: no file can be made in {into}"), e);
    let no_room = |e| Error::io(format_args!("{name} cannot be written: there is no room for {bytes} bytes"), e);
    let _writing = pause();
    let mut temporary = temporary(&file).map_err(no_file)?;
    io::copy(&mut io::Read::take(io::repeat(0), bytes as u64), &mut temporary).map_err(no_room)?;
    Ok(())
}

/// Reads a whole file.
///
/// # Errors
/// When the operating system refuses; the message names the file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|source| Error::io(format_args!("reading {}", path.display()), source))
}

/// The ordinary file that [`write()`] would replace, by its full name, links followed; `None` where it would write into
/// something else, or fail. Two paths with the same answer are one file.
pub fn replaced(path: &Path) -> Option<PathBuf> {
    match target(path) {
        Ok(Target::File(file)) => Some(file),
        _ => None,
    }
}

/// Removes the temporary files that interrupted writes to `path` have left. Nobody must be writing to it.
pub fn remove_leftovers(path: &Path) {
    let Some(file) = replaced(path) else { return };
    let prefix = prefix(&file);
    for entry in fs::read_dir(folder(&file)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let middle = name.to_str().and_then(|name| name.strip_prefix(&prefix)?.strip_suffix(SUFFIX));
        if middle.is_some_and(|middle| middle.len() == RANDOM) {
            let _ = fs::remove_file(entry.path()); // one that cannot be removed does no harm but to take room
        }
    }
}

/// Waits until this program has no temporary file, and keeps it from making another until what is returned is dropped:
/// for whoever is about to end the program.
pub fn pause() -> MutexGuard<'static, ()> {
    static WRITING: Mutex<()> = Mutex::new(());
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// # Errors
/// When there is a folder or a disk, or the operating system does not tell what there is.
fn target(path: &Path) -> io::Result<Target> {
    // What stands there (`/dev/stdout`) is somebody's open file, even where it is an ordinary one.
    if ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder)) && path.exists() && !is_disk(path) {
        return Ok(Target::Stream);
    }
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(Target::File(fs::canonicalize(path)?)),
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) if is_disk(path) => Err(io::Error::other("it is a disk, and not a file on it")),
        Ok(_) => Ok(Target::Stream),
        // Where a file stands in the place of a folder, making the temporary file says so.
        Err(e) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&e.kind()) => {
            let mut file = path::absolute(path)?;
            // Links that lead to nothing yet. Forty of them are a loop to the operating system, too.
            for _ in 0..40 {
                let Ok(link) = fs::read_link(&file) else { break };
                file = folder(&file).join(link);
            }
            let into = fs::canonicalize(folder(&file)).unwrap_or_else(|_| folder(&file).into());
            Ok(Target::File(into.join(file.file_name().unwrap_or_default())))
        }
        Err(e) => Err(e),
    }
}

#[cfg(unix)]
fn is_disk(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| std::os::unix::fs::FileTypeExt::is_block_device(&found.file_type()))
}

#[cfg(not(unix))]
fn is_disk(_: &Path) -> bool {
    false
}

/// What temporary files end in, and how many random characters stand before it.
const SUFFIX: &str = ".tmp";
const RANDOM: usize = 6;

/// What the temporary files of a file begin with: `.two-conv-1.json.`. With what follows, it fits into the 255 bytes
/// that a name may have.
fn prefix(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let end = (0..=name.len().min(200)).rfind(|&end| name.is_char_boundary(end)).unwrap_or(0);
    format!(".{}.", &name[..end])
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// A new file beside `file`, which goes away by itself unless it is given a name.
fn temporary(file: &Path) -> io::Result<NamedTempFile> {
    fs::create_dir_all(folder(file))?;
    let prefix = prefix(file);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(SUFFIX).rand_bytes(RANDOM);
    #[cfg(unix)] // as other files are: temporary ones are readable by their owner alone
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(file))
}
