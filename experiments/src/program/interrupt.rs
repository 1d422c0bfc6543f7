//! Ctrl-C, at a moment when no file is half written.

use network3::Result;

/// From now on, SIGINT and SIGTERM end the program once no temporary file of it is there, and the locks that it holds
/// are gone.
///
/// # Errors
/// When the operating system refuses.
#[cfg(unix)]
pub fn watch() -> Result<()> {
    use super::Lock;
    use network3::{Error, files};
    use signal_hook::{
        consts::{SIGINT, SIGTERM},
        iterator::Signals,
        low_level::emulate_default_handler,
    };

    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(|e| Error::io("waiting for Ctrl-C", e))?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            let _no_file_is_being_written = files::pause();
            Lock::release_all();
            // It ends the program as the signal would have, or, if that is refused, by `abort`.
            let _ = emulate_default_handler(signal);
        }
    });
    Ok(())
}

/// Elsewhere the next run removes what was left.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn watch() -> Result<()> {
    Ok(())
}
