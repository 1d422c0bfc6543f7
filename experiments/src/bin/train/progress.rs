//! What one sees while a network learns: on a terminal a bar, elsewhere a line now and then.

use crate::{say, warn};
use indicatif::{ProgressBar, ProgressStyle};
use network3::{
    thousands,
    train::{Best, Epoch, MiniBatch},
};
use std::time::{Duration, Instant};

/// How long a program without a terminal may say nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// Follows one run.
pub struct Progress {
    bar: ProgressBar,
    /// Which of several runs it is, at the head of each line.
    whose: String,
    /// Does another one speak for it between two epochs?
    silent: bool,
    epochs: usize,
    images_per_epoch: usize,
    /// When something was last said.
    said: Instant,
    /// When the epoch began.
    began: Instant,
    /// Its images so far.
    images: usize,
    /// Has the reader been told that nothing is learned?
    told: bool,
}

impl Progress {
    /// What stands above the lines of all epochs.
    pub fn head(whose: &str) {
        say!("\n{whose}{:8}  {:>6}  training  validation     test  images/s", "", "cost");
    }

    /// `done` epochs of `epochs` lie behind.
    pub fn new(done: usize, epochs: usize, images_per_epoch: usize) -> Self {
        let style = "epoch {msg}  {bar:14}  {per_sec}, {eta} left";
        let style = ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
        let style = style.with_key("per_sec", |state: &indicatif::ProgressState, w: &mut dyn std::fmt::Write| {
            let _ = write!(w, "{} images/s", thousands(state.per_sec() as usize));
        });
        let bar =
            ProgressBar::new(epochs.saturating_mul(images_per_epoch) as u64).with_style(style.progress_chars("━╸ "));
        bar.set_position((done * images_per_epoch) as u64);
        bar.reset_eta();
        let now = Instant::now();
        let (whose, silent) = (String::new(), false);
        Progress { bar, whose, silent, epochs, images_per_epoch, said: now, began: now, images: 0, told: false }
    }

    /// The same for one of several runs at a time, of which the first has the bar.
    #[cfg(feature = "opencl")]
    pub fn among_others(mut self, seed: u64, first: bool) -> Self {
        self.whose = format!("seed {seed}  ");
        self.silent = !first;
        if self.silent {
            self.bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        }
        self
    }

    /// A mini-batch is done.
    pub fn mini_batch(&mut self, done: &MiniBatch) {
        if done.index == 0 {
            (self.began, self.images) = (Instant::now(), 0);
            self.bar.set_message(format!("{} ({} of {})", done.epoch, done.epoch + 1, self.epochs));
        }
        self.images += done.images;
        self.bar.inc(done.images as u64);
        if self.bar.is_hidden() && !self.silent && self.said.elapsed() > SILENCE {
            self.said = Instant::now();
            let (images, of) = (thousands(self.images), thousands(self.images_per_epoch));
            let rate = thousands((self.images as f64 / self.began.elapsed().as_secs_f64()) as usize);
            eprintln!("epoch {}: {images} of {of} images, {rate} images/s", done.epoch);
        }
    }

    /// An epoch is done.
    pub fn epoch(&mut self, epoch: &Epoch, best: Option<Best>) {
        self.said = Instant::now();
        let star = match epoch.without_gradient() {
            Some(_) => "  no gradient",
            None if best.is_some_and(|best| best.epoch == epoch.epoch) => "  best so far",
            None => "",
        };
        let percents = [epoch.train_accuracy, epoch.validation_accuracy, epoch.test_accuracy].map(percent);
        let ([training, validation, test], rate) =
            (percents, epoch.images_per_second.map_or("–".to_string(), |rate| thousands(rate as usize)));
        self.bar.suspend(|| {
            let (Epoch { epoch, train_cost: cost, .. }, whose) = (epoch, &self.whose);
            say!("{whose}epoch {epoch:>2}  {cost:.4}  {training:>8}  {validation:>10}  {test:>7}  {rate:>8}{star}");
        });
        if let Some(layer) = epoch.without_gradient().filter(|_| !self.told) {
            self.told = true;
            self.bar.suspend(|| {
                warn(format_args!(
                    "{}no gradient comes through layer {layer}: its units, or those after it, are zero for every image (dead) and \
                     will learn nothing more; begin again with a smaller η",
                    self.whose
                ));
            });
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// An accuracy as one reads it: 99.23 %
pub fn percent(fraction: f64) -> String {
    format!("{:.2} %", 100.0 * fraction)
}
