//! The list of equivalent mutants.

use std::{fs, path::Path};

/// Mutants that compute the same as the original, by name, each with a reason.
pub struct Equivalent(Vec<String>);

impl Equivalent {
    /// Reads names at the beginnings of lines; the indented lines below one are the reason that it must have.
    pub fn read(path: &Path) -> Result<Self, String> {
        let explain = |what: &str| format!("{}: {what}", path.display());
        let text = fs::read_to_string(path).map_err(|e| explain(&e.to_string()))?;
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        let mut names: Vec<String> = vec![];
        for (k, line) in lines.iter().enumerate() {
            if line.starts_with(' ') {
                continue;
            }
            // Names that share a reason stand below each other.
            if !lines[k..].iter().any(|line| line.starts_with(' ')) {
                return Err(explain(&format!("no reason is given for {line}")));
            }
            if names.iter().any(|name| name == line) {
                return Err(explain(&format!("{line} is there twice")));
            }
            names.push((*line).into());
        }
        Ok(Equivalent(names))
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
