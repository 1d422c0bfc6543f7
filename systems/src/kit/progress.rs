//! What one sees while a system runs: on a terminal a bar, elsewhere a line now and then.

use experiments::say;
use indicatif::{ProgressBar, ProgressStyle};
use network3::thousands;
use std::time::{Duration, Instant};

/// How long a program without a terminal may say nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// Follows a part of a run that has a known number of steps.
pub struct Progress {
    bar: ProgressBar,
    what: String,
    said: Instant,
}

impl Progress {
    /// `what` goes on for so many steps, of which `done` lie behind.
    pub fn new(what: &str, done: u64, steps: u64) -> Self {
        let style = ProgressStyle::with_template("{msg}  {bar:14}  {human_pos} of {human_len}, {eta} left");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(steps).with_style(style.progress_chars("━╸ ")).with_message(what.to_string());
        bar.set_position(done);
        bar.reset_eta();
        Progress { bar, what: what.to_string(), said: Instant::now() }
    }

    /// So many steps are done, of all.
    pub fn at(&mut self, done: u64) {
        self.bar.set_position(done);
        if self.bar.is_hidden() && self.said.elapsed() > SILENCE {
            self.said = Instant::now();
            let [done, all] = [done, self.bar.length().unwrap_or(done)].map(|n| thousands(n as usize));
            eprintln!("{}: {done} of {all}", self.what);
        }
    }

    /// One step more is done.
    pub fn step(&mut self) {
        self.at(self.bar.position() + 1);
    }

    /// A line that stays.
    pub fn say(&mut self, line: impl std::fmt::Display) {
        self.said = Instant::now();
        self.bar.suspend(|| say!("{line}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
