//! weave keeps *Deep Nets by Hand* true to the code.
//!
//! A page is Markdown with directives: `{{#code src/shape.rs Shape}}`. `page` finds them, `book` puts in what they ask
//! for, and each kind has a module of its own. The README says what there is and what it looks like.

pub mod book;
mod code;
mod contents;
pub mod coverage;
mod exercise;
mod figure;
mod fit;
mod html;
mod kernel;
mod links;
mod math;
mod near;
mod numbers;
pub mod output;
mod page;
mod practice;
pub mod readme;
mod record;
mod runs;
mod source;

use serde_json::Value;
use source::Source;
use std::{cell::RefCell, collections::HashMap, fmt, fs, path::PathBuf, rc::Rc};

/// Where the pages are.
const PAGES: &str = "book/pages";

/// The folder that holds `book.toml`, and with it everything that a page may show.
pub struct Project {
    root: PathBuf,
    /// Where the repository can be looked at, when `book.toml` says so.
    repository: Option<String>,
    /// Files that were read already: most are asked for again and again.
    sources: Cache<Source>,
    json: Cache<Value>,
}

type Cache<T> = RefCell<HashMap<String, Rc<T>>>;

impl Project {
    /// The project in the folder `root`. Nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Project { root: root.into(), repository: None, sources: Cache::default(), json: Cache::default() }
    }

    /// A source file, taken apart.
    fn source(&self, path: &str) -> Result<Rc<Source>, String> {
        self.cached(&self.sources, path, |text| Source::parse(path, text))
    }

    fn json(&self, path: &str) -> Result<Rc<Value>, String> {
        self.cached(&self.json, path, |text| serde_json::from_str(text).map_err(|e| format!("{path}: {e}")))
    }

    fn cached<T>(
        &self,
        cache: &Cache<T>,
        path: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Rc<T>, String> {
        if let Some(known) = cache.borrow().get(path) {
            return Ok(known.clone());
        }
        let new = Rc::new(parse(&self.read(path)?)?);
        cache.borrow_mut().insert(path.into(), new.clone());
        Ok(new)
    }

    /// The text of a file; `path` counts from the root.
    fn read(&self, path: &str) -> Result<String, String> {
        fs::read_to_string(self.root.join(path)).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => format!("there is no file {path}{}", near::files(self, path)),
            _ => format!("{path}: {e}"),
        })
    }

    /// The names in a folder, sorted; none where there is no such folder.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// All files below a folder whose names end so, sorted; paths count from the root.
    fn files(&self, folder: &str, extensions: &[&str]) -> Vec<String> {
        let mut files = vec![];
        for name in self.names(folder) {
            let path = format!("{folder}/{name}");
            if self.root.join(&path).is_dir() {
                files.extend(self.files(&path, extensions));
            } else if extensions.iter().any(|extension| path.ends_with(extension)) {
                files.push(path);
            }
        }
        files
    }
}

/// Something that keeps the book from being built, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, from the root of the project.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, and what would be right.
    pub message: String,
}

impl Problem {
    fn new(file: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Problem { file: file.into(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Why weave gives up.
#[derive(Debug)]
pub enum Failure {
    /// The book is not right. All that is wrong is said at once.
    Problems(Vec<Problem>),
    /// Something beside the book: what mdBook passes in, or the command line.
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Problems(problems) => {
                let lines: Vec<_> = problems.iter().map(|problem| format!("error: {problem}")).collect();
                f.write_str(&lines.join("\n"))
            }
            Failure::Other(message) => write!(f, "error: {message}"),
        }
    }
}
