//! What lies in the folder `runs` before and after.

use crate::train::run;
use std::{fs, path::Path};

/// All files below a folder with their contents.
pub fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect();
    files.sort();
    files
}

/// The message with which a run is refused, having changed nothing in the folder `runs`.
pub fn refused(folder: &Path, args: &str) -> String {
    let before = contents(&folder.join("runs"));
    let (code, out, err) = run(folder, args);
    assert_eq!(code, 1, "{args}: {out}{err}");
    assert!(!out.contains("epoch  "), "it trained before it refused: {out}");
    assert!(contents(&folder.join("runs")) == before, "{args} changed something: {err}");
    err
}
