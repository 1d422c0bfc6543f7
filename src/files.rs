//! Files that are either whole or not there.

use crate::{Error, Result};
use std::{io::Write, path::Path};

/// Writes `bytes` to `path`, making its folder where there is none.
///
/// The bytes go to a temporary file in the same folder, which then takes the name: whoever opens `path`, and whenever
/// the power goes, finds the old file or the new one, never half of either.
///
/// # Errors
/// When the operating system refuses; the message names the file.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |source| Error::io(format_args!("writing {}", path.display()), source);
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)] // as other files are: temporary ones are readable by their owner alone
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

/// Reads a whole file.
///
/// # Errors
/// When the operating system refuses; the message names the file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| Error::io(format_args!("reading {}", path.display()), source))
}
