//! Tries mutants, each in a process of its own.

use mutants::Mutant;
use std::{
    collections::HashMap,
    fs,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A mutant that takes more than this has lost its way.
const MEMORY: u64 = 2_000_000_000;

/// Which check caught each of them, if any did; `None` for those that were not tried before the end.
pub fn run(
    program: &Path,
    mutants: &[(usize, Mutant)],
    jobs: usize,
    end: Option<Instant>,
    verbose: bool,
) -> Result<Vec<Option<Option<String>>>, String> {
    // How long the originals take, one after the other.
    let mut limits: HashMap<&str, Duration> = HashMap::new();
    for (_, mutant) in mutants {
        if !limits.contains_key(&*mutant.exercise) {
            let start = Instant::now();
            if let Some(check) = judge(program, 0, mutant, Duration::from_secs(600))? {
                return Err(format!("{}: the solution does not pass {check}", mutant.exercise));
            }
            limits.insert(&mutant.exercise, 5 * start.elapsed() + Duration::from_secs(3));
        }
    }
    let outcomes: Mutex<Vec<Option<Option<String>>>> = Mutex::new(vec![None; mutants.len()]);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let work = || -> Result<(), String> {
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some((number, mutant)) = mutants.get(i) else { return Ok(()) };
                if end.is_some_and(|end| Instant::now() > end) {
                    return Ok(());
                }
                let outcome = judge(program, *number, mutant, limits[&*mutant.exercise])?;
                if verbose {
                    eprintln!("{}: {}", mutant.name, outcome.as_deref().unwrap_or("not caught"));
                }
                outcomes.lock().expect("no worker panics")[i] = Some(outcome);
            }
        };
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("no worker panics"))
    })?;
    Ok(outcomes.into_inner().expect("no worker panics"))
}

/// The check that catches a mutant; a process that comes to no end, or to a bad one, has been caught, too.
fn judge(program: &Path, number: usize, mutant: &Mutant, limit: Duration) -> Result<Option<String>, String> {
    let child = Command::new(program)
        .args([&number.to_string(), &mutant.exercise, &mutant.function])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.map_err(|e| format!("{}: {e}", program.display()))?;
    let end = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            break status;
        }
        let late = Instant::now() > end;
        if late || memory(&child) > MEMORY {
            let _ = child.kill();
            let _ = child.wait();
            return Ok(Some(if late { "no end" } else { "too much memory" }.into()));
        }
        thread::sleep(Duration::from_millis(5));
    };
    if status.success() {
        return Ok(None);
    }
    let mut said = String::new();
    let _ = child.stdout.take().map(|mut out| out.read_to_string(&mut said));
    Ok(Some(if said.is_empty() { status.to_string() } else { said.trim().into() }))
}

/// How much memory a process holds, where the system tells.
fn memory(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    kilobytes
        .and_then(|text| text.trim().trim_end_matches(" kB").parse().ok())
        .map_or(0, |kilobytes: u64| 1024 * kilobytes)
}
