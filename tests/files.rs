//! Files that are written whole or not at all, and what is no ordinary file.
#![cfg(feature = "files")]

use network3::files;
use std::{fs, path::Path};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_made_and_replaced_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/file");
    for contents in ["first", "second, longer", ""] {
        files::write(&path, contents.as_bytes()).unwrap();
        assert_eq!(files::read(&path).unwrap(), contents.as_bytes());
        assert_eq!(names(path.parent().unwrap()), ["file"]);
    }
    // As long a name as there can be: what is written beside it on the way has a shorter one.
    let long = folder.path().join("ü".repeat(127));
    files::check(&long, 0).unwrap();
    files::write(&long, b"x").unwrap();
    let e = files::check(&folder.path().join("x".repeat(256)), 0).unwrap_err();
    assert!(e.is_io() && e.to_string().contains("cannot be written"), "{e}");
}

#[test]
fn checking_leaves_everything_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "old").unwrap();
    files::check(&path, 100_000).unwrap();
    assert_eq!((names(folder.path()), files::read(&path).unwrap()), (vec!["file".into()], b"old".to_vec()));
    for (path, why) in [(folder.path().to_path_buf(), "is a folder"), (path.join("below"), "cannot be written")] {
        let e = files::check(&path, 0).unwrap_err().to_string();
        assert!(e.contains(why) && e.contains(path.to_str().unwrap()), "{e}");
        assert!(files::write(&path, b"new").is_err());
    }
    assert_eq!(files::read(&path).unwrap(), b"old");
}

#[test]
fn leftovers_of_this_file_go_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let others = [".a.json.abcdef", ".a.json.abcdefg.tmp", ".b.json.abcdef.tmp", "a.json", "a.json.tmp"];
    for name in others.iter().chain(&[".a.json.Ab3dE6.tmp", ".a.json.123456.tmp"]) {
        fs::write(folder.path().join(name), name).unwrap();
    }
    files::remove_leftovers(&folder.path().join("a.json"));
    assert_eq!(names(folder.path()), others);
    files::remove_leftovers(&folder.path().join("nowhere/a.json"));
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{FileTypeExt, symlink};
    use std::process::Command;

    #[test]
    fn links_are_followed_and_stay_links() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("store")).unwrap();
        fs::write(at("store/old"), "old").unwrap();
        for (link, to) in [("to-old", "store/old"), ("to-new", "store/new"), ("far", "to-new"), ("folder", "store")] {
            symlink(to, at(link)).unwrap();
        }
        for (link, file) in [("to-old", "store/old"), ("far", "store/new"), ("folder/x", "store/x")] {
            assert_eq!(files::replaced(&at(link)), files::replaced(&at(file)));
            files::write(&at(link), link.as_bytes()).unwrap();
            assert_eq!(fs::read(at(file)).unwrap(), link.as_bytes());
        }
        assert!(["to-old", "to-new", "far", "folder"].iter().all(|link| at(link).is_symlink()));
        assert_eq!(names(&at("store")), ["new", "old", "x"]);
        symlink("loop", at("loop")).unwrap();
        assert!(files::check(&at("loop"), 0).is_err() && files::write(&at("loop"), b"x").is_err());
    }

    #[test]
    fn pipes_and_devices_are_written_into() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        files::check(&pipe, 1000).unwrap(); // which would wait for a reader if it opened the pipe
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        files::write(&pipe, b"a record").unwrap();
        assert_eq!(reader.join().unwrap(), b"a record");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());

        files::check(Path::new("/dev/null"), 1000).unwrap();
        files::write(Path::new("/dev/null"), b"gone").unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        assert_eq!(files::replaced(Path::new("/dev/null")), None);
        if Path::new("/dev/full").exists() {
            assert!(files::write(Path::new("/dev/full"), b"much").unwrap_err().is_io());
        }
    }
}
