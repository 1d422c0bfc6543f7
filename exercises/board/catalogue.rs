//! Which exercises there are: one for each solution.

use std::{fs, path::Path};

pub struct Exercise {
    /// `ex03_tanh`
    pub name: String,
    pub title: String,
    /// What there is to write, in order.
    pub functions: Vec<String>,
}

impl Exercise {
    /// All of them, in order.
    pub fn all(root: &Path) -> Result<Vec<Exercise>, String> {
        let folder = root.join("solutions");
        let files = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names
            .filter_map(|name| name.strip_suffix(".rs").map(String::from))
            .filter(|name| name.starts_with("ex"))
            .collect();
        names.sort();
        names.into_iter().map(|name| Exercise::read(root, name)).collect()
    }

    /// All of them, the easiest first; one that has no place in that order comes last.
    pub fn by_ease(root: &Path) -> Result<Vec<Exercise>, String> {
        let order = fs::read_to_string(root.join("judge/src/by_ease.txt")).unwrap_or_default();
        let place = |exercise: &Exercise| order.split_whitespace().position(|n| n == exercise.number());
        let mut all = Exercise::all(root)?;
        all.sort_by_key(|exercise| place(exercise).unwrap_or(usize::MAX));
        Ok(all)
    }

    fn read(root: &Path, name: String) -> Result<Exercise, String> {
        let path = root.join("solutions").join(&name).with_extension("rs");
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let title = text.lines().find_map(|line| line.strip_prefix("//! # ")).unwrap_or(&name).into();
        let begun = |line: &str| Some(line.strip_prefix("pub fn ")?.split(['(', '<']).next()?.to_string());
        Ok(Exercise { name, title, functions: text.lines().filter_map(begun).collect() })
    }

    /// The one that a reader calls `03`, `3`, `ex03`, `ex03_tanh` or `exercises/ex03_tanh.rs`.
    pub fn find(root: &Path, called: &str) -> Result<Exercise, String> {
        let all = Exercise::all(root)?;
        let plain = called.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
        let plain = plain.trim_end_matches(".rs");
        let number = plain.trim_start_matches("ex").parse::<u32>();
        let numbers: Vec<String> = all.iter().map(|exercise| exercise.number().into()).collect();
        let is = |exercise: &Exercise| {
            exercise.name == plain || number.as_ref().is_ok_and(|n| exercise.number().parse() == Ok(*n))
        };
        let none = || format!("there is no exercise {called}; there are {}", numbers.join(", "));
        all.into_iter().find(is).ok_or_else(none)
    }

    /// `03`
    pub fn number(&self) -> &str {
        self.name.get(2..4).unwrap_or_default()
    }

    /// What the reader writes, from the root.
    pub fn file(&self) -> String {
        format!("exercises/{}.rs", self.name)
    }

    pub fn solution(&self) -> String {
        format!("solutions/{}.rs", self.name)
    }

    /// The first function that the reader has not begun.
    pub fn next(&self, root: &Path) -> Option<&String> {
        let text = fs::read_to_string(root.join(self.file())).unwrap_or_default();
        self.functions.iter().find(|function| {
            let body = text.split_once(&format!("fn {function}(")).and_then(|(_, rest)| rest.split_once(" {\n"));
            body.is_some_and(|(_, body)| body.trim_start().starts_with("todo!()"))
        })
    }
}
