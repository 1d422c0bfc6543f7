//! Writes the crate with all mutants and has it built.

use crate::folder;
use mutants::{Mutant, Schemata};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The program with all mutants, and those that compiled, by their numbers.
pub struct Built {
    pub program: PathBuf,
    pub mutants: Vec<(usize, Mutant)>,
    /// How many do not compile: another type, say.
    pub dropped: usize,
}

/// An exercise with its file in the generated crate.
struct Module {
    name: String,
    first: usize,
    schemata: Schemata,
}

/// Builds the program. Mutants that do not compile are taken out, until the rest does.
pub fn build(root: &Path) -> Result<Built, String> {
    let folder = folder(root);
    let source = folder.join("src");
    fs::create_dir_all(&source).map_err(|e| format!("{}: {e}", source.display()))?;
    let mut modules = modules(root)?;
    let names: Vec<_> = modules.iter().map(|module| format!("mod {};\n", module.name)).collect();
    write(&source.join("main.rs"), &(include_str!("program.rs.txt").to_string() + &names.concat()))?;
    write(&folder.join("Cargo.toml"), &manifest(root)?)?;
    let lock = fs::read_to_string(root.join("Cargo.lock")).map_err(|e| format!("Cargo.lock: {e}"))?;
    write(&folder.join("Cargo.lock"), &lock)?;
    // Borrows are checked when all types are right, and so on: some rounds are needed.
    for _ in 0..20 {
        for module in &mut modules {
            write(&source.join(&module.name).with_extension("rs"), &module.schemata.generate())?;
        }
        let errors = check(root, &folder)?;
        if errors.is_empty() {
            return finish(root, &folder, modules);
        }
        let mut any = false;
        for (file, line) in &errors {
            let module = modules.iter_mut().find(|module| file.ends_with(&format!("{}.rs", module.name)));
            any |= module.is_some_and(|module| module.schemata.drop_line(*line));
        }
        if !any {
            let concerned =
                |module: &&mut Module| errors.iter().any(|(file, _)| file.ends_with(&format!("{}.rs", module.name)));
            for module in modules.iter_mut().filter(concerned) {
                any |= module.schemata.drop_assignments();
            }
        }
        if !any {
            return Err(format!(
                "the generated crate does not compile, see `cargo check` in {}: {errors:?}",
                folder.display()
            ));
        }
    }
    Err(format!("the generated crate in {} does not come to compile", folder.display()))
}

fn modules(root: &Path) -> Result<Vec<Module>, String> {
    let solutions = root.join("solutions");
    let entries = fs::read_dir(&solutions).map_err(|e| format!("{}: {e}", solutions.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.strip_suffix(".rs").map(String::from))
        .filter(|name| name.starts_with("ex"))
        .collect();
    names.sort();
    let mut first = 1;
    let mut modules = vec![];
    for name in names {
        let path = solutions.join(&name).with_extension("rs");
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let schemata = Schemata::new(&name, &text, first).map_err(|e| format!("{}: {e}", path.display()))?;
        let next = first + schemata.mutants.len();
        modules.push(Module { name, first, schemata });
        first = next;
    }
    Ok(modules)
}

/// The exercises' own, with another name, and the workspace's profile: what they need is built already.
fn manifest(root: &Path) -> Result<String, String> {
    let read = |file: &str| fs::read_to_string(root.join(file)).map_err(|e| format!("{file}: {e}"));
    let (solutions, workspace) = (read("solutions/Cargo.toml")?, read("Cargo.toml")?);
    let dependencies = solutions.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let dependencies = dependencies.ok_or("solutions/Cargo.toml has no [dependencies]")?;
    let dependencies = dependencies.replace("path = \"..", &format!("path = \"{}", root.display()));
    let profile = workspace.split("[profile.dev]").nth(1).and_then(|rest| rest.split("\n[").next());
    let profile = profile.ok_or("Cargo.toml has no [profile.dev]")?;
    Ok(format!(
        "[workspace]\n\n[package]\nname = \"mutated\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]{dependencies}\n\
         judge = {{ path = \"{}\" }}\n\n[profile.dev]{profile}\n\
         # Built once and run for some minutes: the branches into mutants need no speed.\n\
         [profile.dev.package.mutated]\nopt-level = 1\n",
        root.join("judge").display()
    ))
}

fn cargo(root: &Path, folder: &Path, what: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(what).current_dir(folder).env("CARGO_TARGET_DIR", root.join("target"));
    command
}

/// Where the compiler sees errors: files and lines.
fn check(root: &Path, folder: &Path) -> Result<Vec<(String, usize)>, String> {
    let output = cargo(root, folder, &["build", "--message-format", "json"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cannot run cargo: {e}"))?;
    let mut errors = vec![];
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let message = &message["message"];
        if message["level"] != "error" {
            continue;
        }
        let spans = message["spans"].as_array().into_iter().flatten().filter(|span| span["is_primary"] == true);
        errors.extend(spans.filter_map(|span| {
            Some((span["file_name"].as_str()?.to_string(), usize::try_from(span["line_start"].as_u64()?).ok()?))
        }));
    }
    match errors.is_empty() && !output.status.success() {
        true => Err(format!("the generated crate in {} cannot be built", folder.display())),
        false => Ok(errors),
    }
}

fn finish(root: &Path, folder: &Path, modules: Vec<Module>) -> Result<Built, String> {
    let program = root.join("target/debug").join(format!("mutated{}", env::consts::EXE_SUFFIX));
    if !program.is_file() {
        return Err(format!("{}: not there, though {} has been built", program.display(), folder.display()));
    }
    let mut mutants = vec![];
    let mut dropped = 0;
    for Module { first, schemata, .. } in modules {
        for (k, mutant) in schemata.mutants.iter().enumerate() {
            if schemata.stands(k) { mutants.push((first + k, mutant.clone())) } else { dropped += 1 }
        }
    }
    Ok(Built { program, mutants, dropped })
}

/// Writes what is new: cargo goes by the time of a file.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
