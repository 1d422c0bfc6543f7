//! Four files like MNIST's, found in a folder under the names that they go by.

use super::mnist::FILES;
use crate::{Error, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the files are looked for: in the folder itself, and where torchvision and the archive of EMNIST put them in
/// it.
const WITHIN: [&str; 4] = ["", "raw", "MNIST/raw", "gzip"];

/// Four files that belong together.
#[derive(Debug)]
pub(super) struct Located {
    /// In the order of [`FILES`].
    pub paths: [PathBuf; 4],
    /// Do pictures lie on their side? EMNIST has each column by column, and all others row by row.
    pub on_their_side: bool,
}

/// The four files in a folder.
///
/// # Errors
/// When there is no such folder, when files are missing from it (the message names them), and when it holds several
/// data sets.
pub(super) fn locate(folder: &Path) -> Result<Located> {
    if !folder.is_dir() {
        return Err(Error::input(format!("there is no folder {}", folder.display())));
    }
    let mut found = WITHIN.iter().map(|within| locate_in(&folder.join(within)));
    let first = found.next().expect("there is one");
    match first {
        Err(Trouble::Missing(message)) => {
            // Only a folder that has some of them has more to say than the first.
            let other = found.find(|other| !matches!(other, Err(Trouble::Missing(_))));
            match other {
                Some(Ok(located)) => Ok(located),
                Some(Err(Trouble::Several(message))) => Err(Error::input(message)),
                _ => Err(Error::input(message)),
            }
        }
        Err(Trouble::Several(message)) => Err(Error::input(message)),
        Ok(located) => Ok(located),
    }
}

/// Why four files are not found.
enum Trouble {
    Missing(String),
    Several(String),
}

fn locate_in(folder: &Path) -> Result<Located, Trouble> {
    let prefixes = prefixes(folder);
    let prefix = match prefixes.first().map(String::as_str) {
        None | Some("") => "",
        Some(prefix) if prefixes.len() == 1 => prefix,
        Some(_) => {
            let names: Vec<&str> = prefixes.iter().map(|prefix| prefix.trim_end_matches('-')).collect();
            let message = format!(
                "{} holds several data sets ({}): put the four files of one into a folder of its own",
                folder.display(),
                names.join(", ")
            );
            return Err(Trouble::Several(message));
        }
    };
    let paths = FILES.map(|name| {
        // What MNIST calls t10k is called test elsewhere.
        let names = [format!("{prefix}{name}"), format!("{prefix}{}", name.replace("t10k", "test"))];
        names.iter().find_map(|name| find(folder, name)).ok_or(names)
    });
    let missing: Vec<&str> = paths.iter().filter_map(|path| Some(path.as_ref().err()?[0].as_str())).collect();
    if missing.is_empty() {
        return Ok(Located {
            paths: paths.map(|path| path.unwrap_or_default()),
            on_their_side: prefix.starts_with("emnist"),
        });
    }
    let mut message = format!("no {} (or the same with .gz) in {}", missing.join(", "), folder.display());
    if let Some(name) = missing.iter().find(|name| folder.join(name).is_dir()) {
        message += &format!("; {name} is a folder there, and the file is not in it either");
    }
    Err(Trouble::Missing(message))
}

/// One of the files in a folder or where [`WITHIN`] says, as it would be read: a name like those of [`FILES`], without
/// `.gz`.
pub(super) fn file(folder: &Path, name: &str) -> Option<PathBuf> {
    WITHIN.iter().find_map(|within| find(&folder.join(within), name))
}

/// A file under one of the spellings of its name, or, as some archives have it, in a folder of that name. An empty one
/// is taken only when there is no other.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let dotted = name.replace("-idx", ".idx");
    let spellings = [name.to_string(), format!("{name}.gz"), format!("{dotted}.gz"), dotted];
    let paths = spellings.iter().flat_map(|spelling| [folder.join(spelling), folder.join(spelling).join(spelling)]);
    let files: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    let full = files.iter().find(|path| fs::metadata(path).is_ok_and(|file| file.len() > 0));
    full.or(files.first()).cloned()
}

/// What stands before the name of the training images, for each data set in a folder: nothing for MNIST,
/// `emnist-letters-`.
fn prefixes(folder: &Path) -> BTreeSet<String> {
    let names =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let prefix = |name: String| {
        let name = name.strip_suffix(".gz").unwrap_or(&name).replace(".idx", "-idx");
        name.strip_suffix(FILES[0]).map(String::from)
    };
    names.filter_map(prefix).collect()
}
